"""The usual service: FastAPI, pydantic models, SQLAlchemy's ORM in asyncio, a JWT checked on every request.

Started by ``uvicorn --workers 2``; ``PEER_DATABASE`` is its database and ``PEER_SECRET`` the key of its tokens.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from .tables import Fill, Vehicle

engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
SECRET = os.environ["PEER_SECRET"]
app = FastAPI()


class VehicleOut(BaseModel):
    """A vehicle as answered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    make: str
    model: str
    variant: str
    year: int | None
    vin: str | None
    plate: str | None
    colour: str
    carriers: list[str]
    tank_capacity_ml: int | None
    battery_capacity_wh: int | None
    passenger_capacity: int | None
    load_limit_g: int | None
    purchased_on: date | None
    purchase_price_minor: int | None
    purchase_currency: str | None
    sold_on: date | None
    sale_price_minor: int | None
    sale_currency: str | None
    distance_unit: str | None
    volume_unit: str | None
    tags: list[str]
    custom_fields: dict[str, Any]
    notes: str
    state: str
    deleted_at: datetime | None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int


class FillIn(BaseModel):
    """A fill as sent."""

    vehicle_id: UUID
    at: datetime
    odometer_m: int | None = Field(default=None, ge=0)
    trip_m: int | None = Field(default=None, ge=0)
    carrier: str = "petrol"
    quantity_kind: str = "volume"
    quantity: int = Field(gt=0)
    total_minor: int = Field(ge=0)
    unit_price_micros: int = Field(ge=0)
    currency: str = Field(min_length=3, max_length=3)
    is_full: bool = True
    missed_previous: bool = False
    grade: str = ""
    station_id: UUID | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    start_soc_percent: int | None = None
    end_soc_percent: int | None = None
    charge_place: str | None = None
    current: str | None = None
    excluded_m: int | None = None
    notes: str = ""
    tags: list[str] = []
    attachment_ids: list[UUID] = []
    driver_id: UUID | None = None


class FillOut(FillIn):
    """A fill as answered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    import_id: UUID | None
    reading_id: UUID | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int


class Page(BaseModel):
    """A page of fills."""

    items: list[FillOut]
    next: str | None


class User(BaseModel):
    """Who asks."""

    id: UUID
    fleet_id: UUID


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as made:
        yield made


async def current_user(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> User:
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(401, "not signed in") from None
    return User(id=claims["sub"], fleet_id=claims["fid"])


Session = Annotated[AsyncSession, Depends(session)]
Current = Annotated[User, Depends(current_user)]


@app.get("/vehicles/{vehicle_id}")
async def get_vehicle(vehicle_id: UUID, db: Session, user: Current) -> VehicleOut:
    statement = select(Vehicle).where(Vehicle.fleet_id == user.fleet_id, Vehicle.id == vehicle_id)
    vehicle = (await db.execute(statement)).scalar_one_or_none()
    if vehicle is None:
        raise HTTPException(404, "no such vehicle")
    return VehicleOut.model_validate(vehicle)


@app.get("/fuel")
async def list_fills(db: Session, user: Current, limit: int = 50) -> Page:
    statement = (
        select(Fill)
        .where(Fill.fleet_id == user.fleet_id, Fill.deleted_at.is_(None))
        .order_by(Fill.at.desc(), Fill.id.desc())
        .limit(limit + 1)
    )
    rows = (await db.execute(statement)).scalars().all()
    items = [FillOut.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next=str(items[-1].id) if len(rows) > limit else None)


@app.post("/fuel", status_code=201)
async def add_fill(sent: FillIn, db: Session, user: Current) -> FillOut:
    now = datetime.now(UTC)
    said = sent.model_dump() | {"attachment_ids": [str(each) for each in sent.attachment_ids]}
    who = {"created_by": user.id, "updated_by": user.id, "created_at": now, "updated_at": now}
    fill = Fill(id=uuid4(), fleet_id=user.fleet_id, version=1, **who, **said)
    db.add(fill)
    await db.commit()
    return FillOut.model_validate(fill)
