"""The table of vehicles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
import orjson
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import DistanceUnit, Energy, Mass, Volume, VolumeUnit
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .carriers import Carrier
from .model import ListVehicles, PageVehicles, Vehicle, VehicleState

__all__ = ["SqlVehicleStore", "vehicles"]

vehicles = fleet_table(
    "vehicles_vehicles",
    Column("name", String(200), nullable=False),
    Column("make", String(200), nullable=False),
    Column("model", String(200), nullable=False),
    Column("variant", String(200), nullable=False),
    Column("year", Integer),
    Column("vin", String(17)),
    Column("plate", String(200)),
    Column("plate_key", String(200)),
    Column("colour", String(200), nullable=False),
    Column("carriers", Json, nullable=False),
    Column("tank_capacity_ml", BigInteger),
    Column("battery_capacity_wh", BigInteger),
    Column("passenger_capacity", Integer),
    Column("load_limit_g", BigInteger),
    Column("purchased_on", Date),
    Column("purchase_price_minor", BigInteger),
    Column("purchase_currency", String(3)),
    Column("sold_on", Date),
    Column("sale_price_minor", BigInteger),
    Column("sale_currency", String(3)),
    Column("distance_unit", String(10)),
    Column("volume_unit", String(10)),
    Column("tags", Json, nullable=False),
    Column("custom_fields", Json, nullable=False),
    Column("notes", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("passenger_capacity >= 0", name="passenger_capacity"),
    CheckConstraint("load_limit_g >= 0", name="load_limit"),
)
_living = vehicles.c.deleted_at.is_(None)
Index(
    "uq_vehicles_living_vin",
    vehicles.c.fleet_id,
    vehicles.c.vin,
    unique=True,
    sqlite_where=_living,
    postgresql_where=_living,
)
Index(
    "uq_vehicles_living_plate",
    vehicles.c.fleet_id,
    vehicles.c.plate_key,
    unique=True,
    sqlite_where=_living,
    postgresql_where=_living,
)
Index("ix_vehicles_vehicles_name", vehicles.c.fleet_id, vehicles.c.name, vehicles.c.id)


def _money_columns(prefix: str, price_name: str, price: Money | None) -> dict[str, Any]:
    return {price_name: price and price.minor, f"{prefix}_currency": price and price.currency}


PLAIN = (
    *("id", "name", "make", "model", "variant", "year", "vin", "plate", "colour", "passenger_capacity", "notes"),
    *("purchased_on", "sold_on", "deleted_at", "created_at", "created_by", "updated_at", "updated_by", "version"),
)


def _vehicle_to_row(vehicle: Vehicle) -> dict[str, Any]:
    return {
        **{name: getattr(vehicle, name) for name in PLAIN},
        "plate_key": vehicle.plate and "".join(c for c in vehicle.plate.casefold() if c.isalnum()),
        "carriers": [str(carrier) for carrier in vehicle.carriers],
        "tank_capacity_ml": vehicle.tank_capacity and vehicle.tank_capacity.millilitres,
        "battery_capacity_wh": vehicle.battery_capacity and vehicle.battery_capacity.watt_hours,
        "load_limit_g": vehicle.load_limit and vehicle.load_limit.grams,
        **_money_columns("purchase", "purchase_price_minor", vehicle.purchase_price),
        **_money_columns("sale", "sale_price_minor", vehicle.sale_price),
        "distance_unit": vehicle.distance_unit and str(vehicle.distance_unit),
        "volume_unit": vehicle.volume_unit and str(vehicle.volume_unit),
        "tags": list(vehicle.tags),
        "custom_fields": vehicle.custom_fields,
        "state": str(vehicle.state),
    }


def _price(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


CARRIERS = {carrier.value: carrier for carrier in Carrier}
STATES = {state.value: state for state in VehicleState}


def _vehicle_from_row(row: RowMapping) -> Vehicle:
    """Return the vehicle of *row*, which has the columns of the table in their order: by name takes twice as long."""
    values: Any = row.values()
    # fmt: off
    (
        _, vehicle_id, name, make, model, variant, year, vin, plate, _, colour, carriers, tank, battery,
        passengers, load, purchased_on, purchase, purchase_currency, sold_on, sale, sale_currency, distance_unit,
        volume_unit, tags, custom_fields, notes, state, deleted_at, created_at, created_by, updated_at, updated_by,
        version,
    ) = values
    # fmt: on
    return Vehicle(
        id=vehicle_id,
        name=name,
        make=make,
        model=model,
        variant=variant,
        year=year,
        vin=vin,
        plate=plate,
        colour=colour,
        carriers=tuple(CARRIERS[carrier] for carrier in carriers),
        tank_capacity=None if tank is None else Volume(tank),
        battery_capacity=None if battery is None else Energy(battery),
        passenger_capacity=passengers,
        load_limit=None if load is None else Mass(load),
        purchased_on=purchased_on,
        purchase_price=_price(purchase, purchase_currency),
        sold_on=sold_on,
        sale_price=_price(sale, sale_currency),
        distance_unit=distance_unit and DistanceUnit(distance_unit),
        volume_unit=volume_unit and VolumeUnit(volume_unit),
        tags=tuple(tags),
        custom_fields=custom_fields,
        notes=notes,
        state=STATES[state],
        deleted_at=deleted_at,
        created_at=created_at,
        created_by=created_by,
        updated_at=updated_at,
        updated_by=updated_by,
        version=version,
    )


class _VehicleRows(Rows[Vehicle]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the VIN, the plate or the id is taken."""
        text = str(error.orig)
        if "plate" in text:  # before the VIN, whose letters are in the word "living" of both indexes
            return Conflict("another vehicle of this fleet has this plate")
        if "vin" in text:
            return Conflict("another vehicle of this fleet has this VIN")
        return Conflict("a vehicle with this id exists already")


VEHICLE_ROWS = _VehicleRows("vehicle", vehicles, _vehicle_to_row, _vehicle_from_row)
_vehicles_by_name = (
    select(vehicles).where(vehicles.c.fleet_id == bindparam("in_fleet")).order_by(vehicles.c.name, vehicles.c.id)
)

ORDERING = Ordering(
    select(vehicles).where(vehicles.c.fleet_id == bindparam("in_fleet"), vehicles.c.name != ""),
    vehicles.c.id,
    {"name": vehicles.c.name, "created_at": vehicles.c.created_at},
)


def _holds(column: Any, value: str) -> ColumnElement[bool]:
    """Return the condition that the list in *column*, kept as JSON, holds *value*."""
    text = cast(column, Text)
    return func.replace(text, orjson.dumps(value).decode(), "") != text  # LIKE would pass over case on SQLite


@attrs.frozen
class SqlVehicleStore:
    """The vehicles of one fleet in a database."""

    connection: Connection
    fleet_id: UUID
    known: dict[Any, Any] | None = None  # what was read, in a snapshot

    def remembering(self) -> SqlVehicleStore:
        """Return a store that asks nothing twice, for a snapshot."""
        return attrs.evolve(self, known={})

    def add(self, vehicle: Vehicle) -> None:
        """Store *vehicle*."""
        VEHICLE_ROWS.add(self.connection, self.fleet_id, vehicle)

    def get(self, vehicle_id: UUID, *, lock: bool = False) -> Vehicle:
        """Return the vehicle, removed or not."""
        if self.known is None or lock:
            return VEHICLE_ROWS.get(self.connection, self.fleet_id, vehicle_id, lock=lock)
        if vehicle_id not in self.known:
            self.known[vehicle_id] = VEHICLE_ROWS.get(self.connection, self.fleet_id, vehicle_id)
        vehicle: Vehicle = self.known[vehicle_id]
        return vehicle

    def replace(self, vehicle: Vehicle, *, old_version: int) -> None:
        """Write *vehicle* over its *old_version*."""
        VEHICLE_ROWS.replace(self.connection, self.fleet_id, vehicle, old_version=old_version)

    def list(self, question: ListVehicles) -> Sequence[Vehicle]:
        """Return the vehicles that match, by name and id."""
        if self.known is None:
            return self._listed(question)
        if question not in self.known:
            self.known[question] = self._listed(question)
        found: Sequence[Vehicle] = self.known[question]
        return found

    def _listed(self, question: ListVehicles) -> Sequence[Vehicle]:
        statement = _vehicles_by_name.where(vehicles.c.name != "")
        statement = statement.where(~_living if question.removed else _living)
        if question.state is not None:
            statement = statement.where(vehicles.c.state == str(question.state))
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return [v for v in map(_vehicle_from_row, rows) if question.tag is None or question.tag in v.tags]

    def page(
        self, question: PageVehicles, vehicle_ids: frozenset[UUID] | None, after: Position | None, limit: int
    ) -> Sequence[Vehicle]:
        """Return up to *limit* vehicles in the order asked for."""
        named = (vehicles.c.name, vehicles.c.make, vehicles.c.model, vehicles.c.plate, vehicles.c.vin, vehicles.c.notes)
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            ~_living if question.removed else _living,
            None if vehicle_ids is None else vehicles.c.id.in_(vehicle_ids),
            None if question.state is None else vehicles.c.state == str(question.state),
            None if question.carrier is None else _holds(vehicles.c.carriers, str(question.carrier)),
            None if question.tag is None else _holds(vehicles.c.tags, question.tag),
            with_text(question.text, *named),
        )
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return [_vehicle_from_row(row) for row in rows]

    def count(self) -> int:
        """Return how many vehicles the fleet has, without removed ones."""
        statement = select(func.count()).select_from(vehicles).where(vehicles.c.fleet_id == self.fleet_id, _living)
        return self.connection.execute(statement).scalar_one()

    def removed_before(self, instant: datetime) -> Sequence[Vehicle]:
        """Return the vehicles removed before *instant* and not yet purged."""
        statement = _vehicles_by_name.where(vehicles.c.deleted_at <= instant, vehicles.c.name != "")
        return [
            _vehicle_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        ]
