"""The tables of tyre sets, of when they were on a vehicle, and of their tread."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.wire import structure, unstructure
from fleetcore.storage.inserting import insert_one
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .tyre_model import Fitting, TreadCheck, TreadDepth, Tyre, TyreKind, TyreSet

__all__ = ["SqlFittingStore", "SqlTreadStore", "SqlTyreStore", "fittings", "treads", "tyre_sets"]

tyre_sets = fleet_table(
    "maintenance_tyre_sets",
    Column("vehicle_id", Id, nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("brand", String(200), nullable=False),
    Column("model", String(200), nullable=False),
    Column("size", String(200), nullable=False),
    Column("dot", String(4), nullable=False),
    Column("tyres", Json, nullable=False),  # said and replaced with the set, never alone
    Column("purchased_on", Date),
    Column("cost_minor", BigInteger),
    Column("cost_currency", String(3)),
    Column("storage_place", String(200), nullable=False),
    Column("limit_tenths_mm", Integer, nullable=False),
    Column("retired_on", Date),
    Column("notes", Text, nullable=False),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
)
Index("ix_maintenance_tyre_sets_vehicle", tyre_sets.c.fleet_id, tyre_sets.c.vehicle_id)

fittings = fleet_table(
    "maintenance_tyre_fittings",
    Column("set_id", Id, nullable=False),
    Column("vehicle_id", Id, nullable=False),
    Column("mounted_on", Date, nullable=False),
    Column("mounted_at", Instant, nullable=False),
    Column("mounted_odometer_m", BigInteger),
    Column("mounted_reading_id", Id),
    Column("unmounted_on", Date),
    Column("unmounted_at", Instant),
    Column("unmounted_odometer_m", BigInteger),
    Column("unmounted_reading_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "set_id"], ["maintenance_tyre_sets.fleet_id", "maintenance_tyre_sets.id"]),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "mounted_reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
    ForeignKeyConstraint(["fleet_id", "unmounted_reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
)
_is_on = fittings.c.unmounted_on.is_(None)
for _of in ("set", "vehicle"):  # one set on a vehicle, and one vehicle under a set, whatever races
    Index(
        f"uq_maintenance_tyre_fittings_on_{_of}",
        *(fittings.c.fleet_id, fittings.c[f"{_of}_id"]),
        unique=True,
        sqlite_where=_is_on,
        postgresql_where=_is_on,
    )
Index("ix_maintenance_tyre_fittings_set", fittings.c.fleet_id, fittings.c.set_id)
Index("ix_maintenance_tyre_fittings_vehicle", fittings.c.fleet_id, fittings.c.vehicle_id)

treads = fleet_table(
    "maintenance_treads",
    Column("set_id", Id, nullable=False),
    Column("measured_on", Date, nullable=False),
    Column("depths", Json, nullable=False),
    Column("new_tyres", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    ForeignKeyConstraint(["fleet_id", "set_id"], ["maintenance_tyre_sets.fleet_id", "maintenance_tyre_sets.id"]),
)
Index("ix_maintenance_treads_set", treads.c.fleet_id, treads.c.set_id)

DERIVED = {"kind", "tyres", "cost", "limit_mm", "mounted_on"}
SAME = tuple(a.name for a in attrs.fields(TyreSet) if a.name not in DERIVED)
FITTING_SAME = tuple(a.name for a in attrs.fields(Fitting) if not a.name.endswith("odometer"))


def _to_row(tyre_set: TyreSet) -> dict[str, Any]:
    cost = tyre_set.cost
    return {
        **{name: getattr(tyre_set, name) for name in SAME},
        "kind": str(tyre_set.kind),
        "tyres": unstructure(list(tyre_set.tyres)),
        "cost_minor": None if cost is None else cost.minor,
        "cost_currency": None if cost is None else cost.currency,
        "limit_tenths_mm": int(tyre_set.limit_mm * 10),
    }


def _from_row(row: RowMapping) -> TyreSet:
    return TyreSet(
        **{name: row[name] for name in SAME},
        kind=TyreKind(row["kind"]),
        tyres=tuple(structure(tyre, Tyre) for tyre in row["tyres"]),
        cost=None if row["cost_minor"] is None else Money(row["cost_minor"], row["cost_currency"]),
        limit_mm=Decimal(row["limit_tenths_mm"]) / 10,
        mounted_on=row["is_on"],
    )


def _fitting_row(fitting: Fitting) -> dict[str, Any]:
    shown = {"mounted_odometer_m": fitting.mounted_odometer, "unmounted_odometer_m": fitting.unmounted_odometer}
    return {
        **{name: getattr(fitting, name) for name in FITTING_SAME},
        **{column: None if value is None else value.metres for column, value in shown.items()},
    }


def _fitting(row: RowMapping) -> Fitting:
    values = {name: row[name] for name in FITTING_SAME}
    for name in ("mounted_odometer", "unmounted_odometer"):
        metres = row[f"{name}_m"]
        values[name] = None if metres is None else Distance(metres)
    return Fitting(**values)


def _tread_row(check: TreadCheck) -> dict[str, Any]:
    return {
        "id": check.id,
        "set_id": check.set_id,
        "measured_on": check.on,
        "depths": [[depth.number, int(depth.depth_mm * 10)] for depth in check.depths],
        "new_tyres": list(check.new_tyres),
        "created_at": check.created_at,
        "created_by": check.created_by,
    }


def _tread(row: RowMapping) -> TreadCheck:
    return TreadCheck(
        id=row["id"],
        set_id=row["set_id"],
        on=row["measured_on"],
        depths=tuple(TreadDepth(number=number, depth_mm=Decimal(tenths) / 10) for number, tenths in row["depths"]),
        new_tyres=tuple(row["new_tyres"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


class _SetRows(Rows[TyreSet]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a tyre set with this id exists already")


class _FittingRows(Rows[Fitting]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - ids are made here
        """Say that tyres are on already."""
        return Conflict("these tyres or others were mounted by someone else meanwhile: read them again, then repeat")


SET_ROWS = _SetRows("tyre set", tyre_sets, _to_row, _from_row)
FITTING_ROWS = _FittingRows("tyre fitting", fittings, _fitting_row, _fitting)
_in_fleet = tyre_sets.c.fleet_id == bindparam("in_fleet")
_vehicle_now = (
    select(fittings.c.vehicle_id)
    .where(fittings.c.fleet_id == tyre_sets.c.fleet_id, fittings.c.set_id == tyre_sets.c.id, _is_on)
    .scalar_subquery()
    .label("is_on")
)
_in_sight = _in_fleet & tyre_sets.c.deleted_at.is_(None) & of_living_vehicle(tyre_sets)
_by_id = select(tyre_sets, _vehicle_now).where(_in_sight, tyre_sets.c.id == bindparam("by_id"))
_by_id_locked = _by_id.with_for_update(of=tyre_sets)
_by_name = select(tyre_sets, _vehicle_now).where(_in_sight).order_by(func.lower(tyre_sets.c.name), tyre_sets.c.id)
_fitting_in_fleet = fittings.c.fleet_id == bindparam("in_fleet")
_by_time = (fittings.c.mounted_on, fittings.c.mounted_at, fittings.c.id)
_fittings_of_set = (
    select(fittings).where(_fitting_in_fleet, fittings.c.set_id == bindparam("of_set")).order_by(*_by_time)
)
_fittings_of_vehicle = (
    select(fittings)
    .where(
        _fitting_in_fleet,
        fittings.c.vehicle_id == bindparam("of_vehicle"),
        fittings.c.set_id.in_(select(tyre_sets.c.id).where(_in_fleet, tyre_sets.c.deleted_at.is_(None))),
    )
    .order_by(*_by_time)
)
_tread_in_fleet = treads.c.fleet_id == bindparam("in_fleet")
_treads_of_set = (
    select(treads)
    .where(_tread_in_fleet, treads.c.set_id == bindparam("of_set"))
    .order_by(treads.c.measured_on, treads.c.created_at, treads.c.id)
)
_tread_by_id = select(treads).where(_tread_in_fleet, treads.c.id == bindparam("by_id"))
_remove_tread = delete(treads).where(_tread_in_fleet, treads.c.id == bindparam("by_id"))
_sets_of_vehicle = select(tyre_sets.c.id).where(_in_fleet, tyre_sets.c.vehicle_id == bindparam("of_vehicle"))
_purges = (
    delete(treads).where(_tread_in_fleet, treads.c.set_id.in_(_sets_of_vehicle)),
    delete(fittings).where(
        _fitting_in_fleet,
        or_(fittings.c.vehicle_id == bindparam("of_vehicle"), fittings.c.set_id.in_(_sets_of_vehicle)),
    ),
    delete(tyre_sets).where(_in_fleet, tyre_sets.c.vehicle_id == bindparam("of_vehicle")),
)


@attrs.frozen
class SqlTyreStore:
    """The tyre sets of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, tyre_set: TyreSet) -> None:
        """Store *tyre_set*."""
        SET_ROWS.add(self.connection, self.fleet_id, tyre_set)

    def get(self, set_id: UUID, *, lock: bool = False) -> TyreSet:
        """Return the set; *lock* holds it until commit."""
        statement = _by_id_locked if lock else _by_id
        row = self.connection.execute(statement, {"in_fleet": self.fleet_id, "by_id": set_id}).mappings().first()
        if row is None:
            raise NotFound("tyre set", set_id)
        return _from_row(row)

    def replace(self, tyre_set: TyreSet, *, old_version: int) -> None:
        """Write *tyre_set* over its *old_version*."""
        SET_ROWS.replace(self.connection, self.fleet_id, tyre_set, old_version=old_version)

    def all(self, vehicle_id: UUID | None, *, retired: bool) -> Sequence[TyreSet]:
        """Return the sets of a vehicle, or of all, by name."""
        is_retired = tyre_sets.c.retired_on.is_not(None)
        statement = _by_name.where(is_retired if retired else ~is_retired)
        if vehicle_id is not None:
            statement = statement.where(tyre_sets.c.vehicle_id == vehicle_id)
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every set of a vehicle, and every stretch on it."""
        for statement in _purges:
            self.connection.execute(statement, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})


@attrs.frozen
class SqlFittingStore:
    """When the tyre sets of one fleet were on vehicles, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, fitting: Fitting) -> None:
        """Store *fitting*."""
        FITTING_ROWS.add(self.connection, self.fleet_id, fitting)

    def get(self, fitting_id: UUID) -> Fitting:
        """Return the stretch."""
        return FITTING_ROWS.get(self.connection, self.fleet_id, fitting_id)

    def replace(self, fitting: Fitting, *, old_version: int) -> None:
        """Write *fitting* over its *old_version*."""
        FITTING_ROWS.replace(self.connection, self.fleet_id, fitting, old_version=old_version)

    def remove(self, fitting_id: UUID) -> None:
        """Erase the stretch."""
        FITTING_ROWS.remove(self.connection, self.fleet_id, fitting_id)

    def of_set(self, set_id: UUID) -> Sequence[Fitting]:
        """Return the stretches of a set, oldest first."""
        rows = self.connection.execute(_fittings_of_set, {"in_fleet": self.fleet_id, "of_set": set_id}).mappings()
        return [_fitting(row) for row in rows]

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Fitting]:
        """Return the stretches on a vehicle, oldest first."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        return [_fitting(row) for row in self.connection.execute(_fittings_of_vehicle, keys).mappings()]


@attrs.frozen
class SqlTreadStore:
    """The measurements of tread of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, check: TreadCheck) -> None:
        """Store *check*."""
        try:
            insert_one(self.connection, treads, {"fleet_id": self.fleet_id, **_tread_row(check)})
        except IntegrityError as error:
            raise Conflict("a measurement with this id exists already") from error

    def get(self, check_id: UUID) -> TreadCheck:
        """Return the measurement."""
        keys = {"in_fleet": self.fleet_id, "by_id": check_id}
        if (row := self.connection.execute(_tread_by_id, keys).mappings().first()) is None:
            raise NotFound("measurement of tread", check_id)
        return _tread(row)

    def remove(self, check_id: UUID) -> None:
        """Erase the measurement."""
        self.connection.execute(_remove_tread, {"in_fleet": self.fleet_id, "by_id": check_id})

    def of_set(self, set_id: UUID) -> Sequence[TreadCheck]:
        """Return the measurements of a set, oldest first."""
        rows = self.connection.execute(_treads_of_set, {"in_fleet": self.fleet_id, "of_set": set_id}).mappings()
        return [_tread(row) for row in rows]
