"""The tables of the peers: the columns that fleetcore keeps of a vehicle and of a fill, mapped by SQLAlchemy's ORM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON

__all__ = ["Fill", "Vehicle", "fill_tables"]


class Base(DeclarativeBase):
    """What the tables share."""

    type_annotation_map = {datetime: DateTime(timezone=True), list[Any]: JSON, dict[str, Any]: JSON}


class Vehicle(Base):
    """A vehicle."""

    __tablename__ = "vehicles"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fleet_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    make: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200))
    variant: Mapped[str] = mapped_column(String(200))
    year: Mapped[int | None]
    vin: Mapped[str | None] = mapped_column(String(17))
    plate: Mapped[str | None] = mapped_column(String(200))
    colour: Mapped[str] = mapped_column(String(200))
    carriers: Mapped[list[Any]]
    tank_capacity_ml: Mapped[int | None]
    battery_capacity_wh: Mapped[int | None]
    passenger_capacity: Mapped[int | None]
    load_limit_g: Mapped[int | None]
    purchased_on: Mapped[date | None]
    purchase_price_minor: Mapped[int | None]
    purchase_currency: Mapped[str | None]
    sold_on: Mapped[date | None]
    sale_price_minor: Mapped[int | None]
    sale_currency: Mapped[str | None]
    distance_unit: Mapped[str | None]
    volume_unit: Mapped[str | None]
    tags: Mapped[list[Any]]
    custom_fields: Mapped[dict[str, Any]]
    notes: Mapped[str]
    state: Mapped[str]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID]
    version: Mapped[int]


class Fill(Base):
    """A fill."""

    __tablename__ = "fills"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fleet_id: Mapped[UUID]
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    at: Mapped[datetime]
    odometer_m: Mapped[int | None]
    trip_m: Mapped[int | None]
    carrier: Mapped[str]
    quantity_kind: Mapped[str]
    quantity: Mapped[int]
    total_minor: Mapped[int]
    unit_price_micros: Mapped[int]
    currency: Mapped[str]
    is_full: Mapped[bool]
    missed_previous: Mapped[bool]
    grade: Mapped[str]
    station_id: Mapped[UUID | None]
    place: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    start_soc_percent: Mapped[int | None]
    end_soc_percent: Mapped[int | None]
    charge_place: Mapped[str | None]
    current: Mapped[str | None]
    excluded_m: Mapped[int | None]
    notes: Mapped[str]
    tags: Mapped[list[Any]]
    attachment_ids: Mapped[list[Any]]
    driver_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
    reading_id: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[UUID]
    updated_by: Mapped[UUID]
    version: Mapped[int]

    __table_args__ = (
        Index("ix_fills_vehicle", "fleet_id", "vehicle_id", "at", "id"),
        Index("ix_fills_at", "fleet_id", "at", "id"),
    )


def fill_tables(url: str, vehicles: Iterable[Mapping[str, Any]], fills: Iterable[Mapping[str, Any]]) -> None:
    """Create the tables in the empty database at *url* and write rows of fleetcore's tables into them."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for model, rows in ((Vehicle, vehicles), (Fill, fills)):
            names = set(model.__table__.c.keys())
            connection.execute(insert(model), [{name: row[name] for name in names} for row in rows])
    engine.dispose()
