"""The table of readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from operator import attrgetter
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKeyConstraint,
    Index,
    RowMapping,
    String,
    Text,
    and_,
    bindparam,
    exists,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.inserting import insert_one
from fleetcore.storage.paging import older_than
from fleetcore.storage.types import Id, Instant, fleet_table

from .odometer import Mark, Neighbours
from .ports import RECENT, RecentReadings
from .readings import Meter, Reading, ReadingKind

__all__ = ["SqlReadingStore", "readings"]

ALL_TIME = datetime(9999, 12, 31, tzinfo=UTC)

readings = fleet_table(
    "vehicles_readings",
    Column("vehicle_id", Id, nullable=False),
    Column("meter", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("value_before", BigInteger),
    Column("at", Instant, nullable=False),
    Column("source", String(40), nullable=False),
    Column("source_id", Id),
    Column("voids", Id),
    Column("is_override", Boolean(create_constraint=False), nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Id, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "voids"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
    in_fleet=False,  # its vehicle, or its parent, is in the fleet already
)
Index(
    "ix_vehicles_readings_at",
    readings.c.fleet_id,
    readings.c.vehicle_id,
    readings.c.meter,
    readings.c.at,
    readings.c.value,
)
_is_void = readings.c.voids.is_not(None)
Index(
    "uq_vehicles_readings_voids",
    readings.c.fleet_id,
    readings.c.voids,
    unique=True,
    sqlite_where=_is_void,
    postgresql_where=_is_void,
)

_is_replacement = readings.c.kind == literal_column("'replacement'")
Index(
    "ix_vehicles_readings_replacements",
    readings.c.fleet_id,
    readings.c.vehicle_id,
    sqlite_where=_is_replacement,
    postgresql_where=_is_replacement,
)

READ_BY_HAND = readings.c.source == literal_column("'manual'")
Index(
    "ix_vehicles_readings_by_hand",
    *(readings.c[name] for name in ("fleet_id", "vehicle_id", "at", "id")),
    sqlite_where=READ_BY_HAND,
    postgresql_where=READ_BY_HAND,
)

# Written into the statement: as parameters, PostgreSQL's planner takes them for anything, and reads the whole table.
_VOID: ColumnElement[str] = literal_column("'void'")
_ONE: ColumnElement[int] = literal_column("1")
_void = readings.alias("void")
_live = and_(
    readings.c.kind != _VOID,
    ~exists().where(_void.c.fleet_id == readings.c.fleet_id, _void.c.voids == readings.c.id),
)
ONLY_LIVE = _live
_of_meter = and_(
    readings.c.fleet_id == bindparam("in_fleet"),
    readings.c.vehicle_id == bindparam("of_vehicle"),
    readings.c.meter == bindparam("of_meter"),
)


def _of_vehicle_meter(meter: Meter) -> ColumnElement[bool]:
    return and_(
        readings.c.fleet_id == bindparam("in_fleet"),
        readings.c.vehicle_id == bindparam("of_vehicle"),
        readings.c.meter == literal_column(f"'{meter}'"),
    )


_instant = bindparam("around", type_=Instant)
_mark = select(readings.c.value, readings.c.value_before, readings.c.at).where(_of_meter, _live)
_before = _mark.where(readings.c.at < _instant).order_by(readings.c.at.desc(), readings.c.value.desc())
_after = _mark.where(readings.c.at > _instant).order_by(readings.c.at, readings.c.value)
_neighbours = union_all(_before.limit(_ONE).subquery("b").select(), _after.limit(_ONE).subquery("a").select())
_around_both = union_all(
    *(
        statement.with_only_columns(
            literal_column(f"'{meter}'").label("of"), readings.c.value, readings.c.value_before, readings.c.at
        )
        .limit(_ONE)
        .subquery(f"{side}_{meter}")
        .select()
        for meter in Meter
        for side, statement in (
            (
                "b",
                select(readings)
                .where(_of_vehicle_meter(meter), _live, readings.c.at < _instant)
                .order_by(readings.c.at.desc(), readings.c.value.desc()),
            ),
            (
                "a",
                select(readings)
                .where(_of_vehicle_meter(meter), _live, readings.c.at > _instant)
                .order_by(readings.c.at, readings.c.value),
            ),
        )
    )
)
_live_line = select(readings).where(_of_meter, _live).order_by(readings.c.at, readings.c.value)
_by_id = select(readings).where(readings.c.fleet_id == bindparam("in_fleet"), readings.c.id == bindparam("by_id"))
_voided = select(literal(1)).where(readings.c.fleet_id == bindparam("in_fleet"), readings.c.voids == bindparam("by_id"))
_newest_of = {
    meter: select(readings)
    .where(readings.c.fleet_id == bindparam("in_fleet"), readings.c.vehicle_id == bindparam("of_vehicle"))
    .where(readings.c.meter == str(meter), _live)
    .order_by(readings.c.at.desc(), readings.c.value.desc())
    .limit(_ONE)
    .subquery(str(meter))
    .select()
    for meter in Meter
}
_newest = union_all(*_newest_of.values())
_REPLACED: ColumnElement[str] = literal_column("'replacement'")
_of_vehicle = and_(readings.c.fleet_id == bindparam("in_fleet"), readings.c.vehicle_id == bindparam("of_vehicle"))
_point = select(readings.c.meter, readings.c.at, readings.c.value, readings.c.value_before)
_recent_of = [
    _point.where(_of_vehicle, readings.c.meter == literal_column(f"'{meter}'"), readings.c.at < _instant, _live)
    .order_by(readings.c.at.desc(), readings.c.value.desc())
    .limit(literal_column(str(RECENT)))
    .subquery(str(meter))
    .select()
    for meter in Meter
]
_replaced = select(_REPLACED, readings.c.at, readings.c.value, readings.c.value_before).where(
    _of_vehicle, readings.c.kind == _REPLACED, readings.c.at < _instant, _live
)
_recent = union_all(*_recent_of, _replaced)
READING_COLUMNS = tuple(attribute.name for attribute in attrs.fields(Reading))
_values = attrgetter(*READING_COLUMNS)


def _reading_from_row(row: RowMapping) -> Reading:
    values = {name: row[name] for name in READING_COLUMNS}
    return Reading(
        **{
            **values,
            "meter": Meter(row["meter"]),
            "kind": ReadingKind(row["kind"]),
            "is_override": bool(row["is_override"]),
        }
    )


def _conflict(error: IntegrityError) -> Conflict:
    if "foreign key" in str(error.orig).lower():
        return Conflict("there is no such vehicle or reading in this fleet")
    return Conflict("a reading with this id exists already, or the reading is voided already")


@attrs.frozen
class SqlReadingStore:
    """The append-only readings of one fleet in a database."""

    connection: Connection
    fleet_id: UUID
    known: dict[tuple[UUID, ...], Sequence[Reading]] | None = None  # replacements that were read, in a snapshot

    def remembering(self) -> SqlReadingStore:
        """Return a store that asks for no replacement twice, for a snapshot."""
        return attrs.evolve(self, known={})

    def add(self, facts: Iterable[Reading]) -> None:
        """Append *facts*: one by a prepared statement, many in bulk."""
        columns = ("fleet_id", *READING_COLUMNS)
        rows = ((self.fleet_id, *_values(fact)) for fact in facts)
        first = list(islice(rows, 2))
        if len(first) == 1:
            try:
                insert_one(self.connection, readings, dict(zip(columns, first[0], strict=True)))
            except IntegrityError as error:
                raise _conflict(error) from error
        elif first:
            insert_many(self.connection, readings, columns, chain(first, rows))

    def get(self, reading_id: UUID) -> Reading:
        """Return the reading, voided or not."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": reading_id}).mappings().first()
        if row is None:
            raise NotFound("reading", reading_id)
        return _reading_from_row(row)

    def is_voided(self, reading_id: UUID) -> bool:
        """Say whether a void names the reading."""
        return self.connection.execute(_voided, {"in_fleet": self.fleet_id, "by_id": reading_id}).first() is not None

    def neighbours(self, vehicle_id: UUID, meter: Meter, at: datetime) -> Neighbours:
        """Return the live readings next to *at* in time."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "of_meter": str(meter), "around": at}
        found = [Mark(*row) for row in self.connection.execute(_neighbours, keys)]
        before = next((mark for mark in found if mark.at < at), None)
        return Neighbours(before, next((mark for mark in found if mark.at > at), None))

    def neighbours_of_both(self, vehicle_id: UUID, at: datetime) -> dict[Meter, Neighbours]:
        """Return the live readings of each meter next to *at* in time."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "around": at}
        found = [(of, Mark(*rest)) for of, *rest in self.connection.execute(_around_both, keys)]
        return {
            meter: Neighbours(
                next((mark for of, mark in found if of == meter and mark.at < at), None),
                next((mark for of, mark in found if of == meter and mark.at > at), None),
            )
            for meter in Meter
        }

    def live(self, vehicle_id: UUID, meter: Meter) -> Sequence[Reading]:
        """Return every live reading, oldest first."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "of_meter": str(meter)}
        return [_reading_from_row(row) for row in self.connection.execute(_live_line, keys).mappings()]

    def replacements(self, vehicle_ids: Iterable[UUID] | None = None) -> Sequence[Reading]:
        """Return the live replacements, oldest first."""
        if self.known is None or vehicle_ids is None:
            return self._replacements(vehicle_ids)
        key = tuple(vehicle_ids)
        if key not in self.known:
            self.known[key] = self._replacements(key)
        return self.known[key]

    def _replacements(self, vehicle_ids: Iterable[UUID] | None) -> Sequence[Reading]:
        statement = select(readings).where(
            readings.c.fleet_id == self.fleet_id, readings.c.kind == "replacement", _live
        )
        if vehicle_ids is not None:
            statement = statement.where(readings.c.vehicle_id.in_(list(vehicle_ids)))
        rows = self.connection.execute(statement.order_by(readings.c.at, readings.c.id)).mappings()
        return [_reading_from_row(row) for row in rows]

    def page(
        self, vehicle_id: UUID, meter: Meter, after: Position | None, limit: int, *, with_voided: bool
    ) -> Sequence[Reading]:
        """Return up to *limit* readings, newest first."""
        statement = select(readings).where(_of_meter).order_by(readings.c.at.desc(), readings.c.id.desc()).limit(limit)
        if not with_voided:
            statement = statement.where(_live)
        if after is not None:
            statement = statement.where(older_than(readings.c.at, readings.c.id, after))
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "of_meter": str(meter)}
        return [_reading_from_row(row) for row in self.connection.execute(statement, keys).mappings()]

    def newest(self, vehicle_id: UUID) -> dict[Meter, Reading]:
        """Return the newest live reading of each meter."""
        rows = self.connection.execute(_newest, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}).mappings()
        return {reading.meter: reading for reading in map(_reading_from_row, rows)}

    def recent(self, vehicle_id: UUID, until: datetime | None = None) -> RecentReadings:
        """Return the newest live readings of each meter."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "around": until or ALL_TIME}
        found: dict[str, list[tuple[datetime, int]]] = {"odometer": [], "engine_hours": [], "replacement": []}
        for part, at, value, value_before in self.connection.execute(_recent, keys):
            found[part].append((at, value_before - value if part == "replacement" else value))
        shown, hours, replaced = (sorted(points) for points in found.values())
        return RecentReadings(odometer=shown, engine_hours=hours, replacements=replaced)
