"""The table of trips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    bindparam,
    delete,
    or_,
    select,
)

from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.kernel.when import Span
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import ListTrips, Trip, purpose_key
from .ports import ImportedTrip
from .rules import Stretch

__all__ = ["SqlTripStore", "trips"]

trips = fleet_table(
    "trips_trips",
    Column("vehicle_id", Id, nullable=False),
    Column("driver_id", Id),
    Column("driver_name", String(200), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("start_odometer_m", BigInteger),
    Column("end_odometer_m", BigInteger),
    Column("distance_m", BigInteger),
    Column("start_place", String(200), nullable=False),
    Column("start_latitude", Float),
    Column("start_longitude", Float),
    Column("end_place", String(200), nullable=False),
    Column("end_latitude", Float),
    Column("end_longitude", Float),
    Column("purpose", String(40), nullable=False),
    Column("client", String(200), nullable=False),
    Column("passengers", Integer, nullable=False),
    Column("fuel_used_ml", BigInteger),
    Column("tolls_minor", BigInteger),
    Column("tolls_currency", String(3)),
    Column("parking_minor", BigInteger),
    Column("parking_currency", String(3)),
    Column("notes", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("attachment_ids", Json, nullable=False),
    Column("import_id", Id),
    Column("start_reading_id", Id),
    Column("end_reading_id", Id),
    Column("finished_at", Instant),
    Column("edits", Integer, nullable=False),
    Column("edited_at", Instant),
    Column("changed_after_closing", Boolean, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "start_reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
    ForeignKeyConstraint(["fleet_id", "end_reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
)
_time_order = (trips.c.started_at, trips.c.id)
Index("ix_trips_trips_vehicle", trips.c.fleet_id, trips.c.vehicle_id, *_time_order)
Index("ix_trips_trips_started", trips.c.fleet_id, *_time_order)
_imported = trips.c.import_id.is_not(None)
Index(
    "ix_trips_trips_import",
    *(trips.c.fleet_id, trips.c.import_id),
    sqlite_where=_imported,
    postgresql_where=_imported,
)

COLUMNS = tuple(column.name for column in trips.c)
SAME = tuple(name for name in (a.name for a in attrs.fields(Trip)) if name in COLUMNS and name != "attachment_ids")


def _to_row(trip: Trip) -> dict[str, Any]:
    return {
        **{name: getattr(trip, name) for name in SAME},
        "start_odometer_m": _metres(trip.start_odometer),
        "end_odometer_m": _metres(trip.end_odometer),
        "distance_m": _metres(trip.distance),
        "fuel_used_ml": None if trip.fuel_used is None else trip.fuel_used.millilitres,
        "tolls_minor": None if trip.tolls is None else trip.tolls.minor,
        "tolls_currency": None if trip.tolls is None else trip.tolls.currency,
        "parking_minor": None if trip.parking is None else trip.parking.minor,
        "parking_currency": None if trip.parking is None else trip.parking.currency,
        "tags": list(trip.tags),
        "attachment_ids": list(trip.attachment_ids),
    }


def _metres(distance: Distance | None) -> int | None:
    return None if distance is None else distance.metres


def _distance(metres: int | None) -> Distance | None:
    return None if metres is None else Distance(metres)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def _from_row(row: RowMapping) -> Trip:
    return Trip(
        **{name: row[name] for name in SAME if name != "tags"},
        start_odometer=_distance(row["start_odometer_m"]),
        end_odometer=_distance(row["end_odometer_m"]),
        distance=_distance(row["distance_m"]),
        fuel_used=None if row["fuel_used_ml"] is None else Volume(row["fuel_used_ml"]),
        tolls=_money(row["tolls_minor"], row["tolls_currency"]),
        parking=_money(row["parking_minor"], row["parking_currency"]),
        tags=tuple(row["tags"]),
        attachment_ids=tuple(UUID(text) for text in row["attachment_ids"]),
    )


TRIP_ROWS = Rows("trip", trips, _to_row, _from_row)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
OVERLAPS_TOLD_MAX = 10
ROWS_AT_ONCE = 500
VEHICLES_AT_ONCE = 500
_in_fleet = trips.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & of_living_vehicle(trips)
_kept = trips.c.deleted_at.is_(None)
_of_vehicle = _in_fleet & (trips.c.vehicle_id == bindparam("of_vehicle"))
_by_id = select(trips).where(_in_sight, trips.c.id == bindparam("by_id"))
_running = select(trips).where(_of_vehicle, _kept, trips.c.ended_at.is_(None))
_times = select(trips.c.started_at, trips.c.ended_at)
_overlapping = (
    _times.where(
        _of_vehicle,
        _kept,
        trips.c.started_at < bindparam("until", type_=Instant),
        or_(trips.c.ended_at.is_(None), trips.c.ended_at > bindparam("since", type_=Instant)),
    )
    .order_by(trips.c.started_at)
    .limit(OVERLAPS_TOLD_MAX)
)
_overlapping_others = _overlapping.where(trips.c.id != bindparam("besides", type_=Id))
_stretches = _times.where(_of_vehicle, _kept).order_by(trips.c.started_at)
_before = (
    select(trips)
    .where(
        _of_vehicle,
        _kept,
        trips.c.end_odometer_m.is_not(None),
        trips.c.started_at < bindparam("since", type_=Instant),
    )
    .order_by(trips.c.started_at.desc(), trips.c.id.desc())
    .limit(1)
)
_within = (
    select(trips)
    .where(
        _in_sight,
        trips.c.vehicle_id.in_(bindparam("of_vehicles", type_=Id, expanding=True)),
        trips.c.ended_at.is_not(None),
        trips.c.started_at >= bindparam("since", type_=Instant),
        trips.c.started_at < bindparam("until", type_=Instant),
    )
    .order_by(trips.c.vehicle_id, *_time_order)
)
_within_kept, _within_deleted = _within.where(_kept), _within.where(~_kept)
ORDERING = Ordering(select(trips).where(_in_sight), trips.c.id, {"started_at": trips.c.started_at})
_of_import = _in_fleet & (trips.c.import_id == bindparam("of_import"))
_import_rows = select(
    trips.c.id, trips.c.vehicle_id, trips.c.started_at, trips.c.start_reading_id, trips.c.end_reading_id
).where(_of_import)
_remove_import = delete(trips).where(_of_import)
_purge = delete(trips).where(_of_vehicle)


@attrs.frozen
class SqlTripStore:
    """The trips of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, trip: Trip) -> None:
        """Store *trip*."""
        TRIP_ROWS.add(self.connection, self.fleet_id, trip)

    def add_many(self, facts: Iterable[Trip]) -> None:
        """Store many trips in bulk."""
        rows = ({"fleet_id": self.fleet_id, **_to_row(fact)} for fact in facts)
        insert_many(self.connection, trips, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))

    def get(self, trip_id: UUID, *, deleted: bool = False) -> Trip:
        """Return the trip."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": trip_id}).mappings().first()
        if row is None or (row["deleted_at"] is None) is deleted:
            raise NotFound("deleted trip" if deleted else "trip", trip_id)
        return _from_row(row)

    def replace(self, trip: Trip, *, old_version: int) -> None:
        """Write *trip* over its *old_version*."""
        TRIP_ROWS.replace(self.connection, self.fleet_id, trip, old_version=old_version)

    def running(self, vehicle_id: UUID) -> Trip | None:
        """Return the running trip of the vehicle, or None."""
        row = self.connection.execute(_running, self._keys(vehicle_id)).mappings().first()
        return None if row is None else _from_row(row)

    def overlapping(self, vehicle_id: UUID, stretch: Stretch, besides: UUID | None = None) -> Sequence[Stretch]:
        """Return the stretches that overlap with *stretch*."""
        keys = self._keys(vehicle_id) | {"since": stretch.start, "until": stretch.end or LATEST}
        if besides is None:
            rows = self.connection.execute(_overlapping, keys)
        else:
            rows = self.connection.execute(_overlapping_others, keys | {"besides": besides})
        return [Stretch(start, end) for start, end in rows]

    def stretches(self, vehicle_id: UUID) -> Sequence[Stretch]:
        """Return the stretches of every trip of the vehicle, oldest first."""
        return [Stretch(start, end) for start, end in self.connection.execute(_stretches, self._keys(vehicle_id))]

    def last_before(self, vehicle_id: UUID, span: Span) -> Trip | None:
        """Return the last trip with an odometer at its end that began before *span*, or None."""
        keys = self._keys(vehicle_id) | {"since": span.since or EARLIEST}
        row = self.connection.execute(_before, keys).mappings().first()
        return None if row is None else _from_row(row)

    def within(self, vehicle_ids: Sequence[UUID], span: Span, *, deleted: bool = False) -> Iterator[Trip]:
        """Yield the ended trips of the vehicles that begin within *span*, by vehicle and time."""
        statement = _within_deleted if deleted else _within_kept
        keys = {"in_fleet": self.fleet_id, "since": span.since or EARLIEST, "until": span.until or LATEST}
        for start in range(0, len(vehicle_ids), VEHICLES_AT_ONCE):
            chosen = list(vehicle_ids[start : start + VEHICLES_AT_ONCE])
            found = self.connection.execute(statement, keys | {"of_vehicles": chosen}).mappings()
            for part in found.partitions(ROWS_AT_ONCE):
                yield from map(_from_row, part)

    def page(
        self,
        question: ListTrips,
        vehicle_ids: frozenset[UUID] | None,
        after: Position | None,
        limit: int,
        *,
        span: Span,
        own: UUID | None,
    ) -> Sequence[Trip]:
        """Return up to *limit* trips in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            ~_kept if question.deleted else _kept,
            None if question.vehicle_id is None else trips.c.vehicle_id == question.vehicle_id,
            None if question.driver_id is None else trips.c.driver_id == question.driver_id,
            None if question.purpose is None else trips.c.purpose == purpose_key(question.purpose),
            None if not question.running else trips.c.ended_at.is_(None),
            None if span.since is None else trips.c.started_at >= span.since,
            None if span.until is None else trips.c.started_at < span.until,
            None if vehicle_ids is None else trips.c.vehicle_id.in_(vehicle_ids),
            None if own is None else or_(trips.c.created_by == own, trips.c.driver_id == own),
            with_text(question.text, trips.c.start_place, trips.c.end_place, trips.c.client, trips.c.notes),
        )
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def of_import(self, import_id: UUID) -> Sequence[ImportedTrip]:
        """Return what an import brought, deleted ones too."""
        rows = self.connection.execute(_import_rows, {"in_fleet": self.fleet_id, "of_import": import_id})
        return [ImportedTrip(*row) for row in rows]

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought."""
        keys = {"in_fleet": self.fleet_id, "of_import": import_id}
        return self.connection.execute(_remove_import, keys).rowcount

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every trip of a vehicle."""
        self.connection.execute(_purge, self._keys(vehicle_id))

    def _keys(self, vehicle_id: UUID) -> dict[str, Any]:
        return {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
