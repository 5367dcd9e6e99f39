"""The tables of reminders and their completions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Text,
    bindparam,
    column,
    delete,
    func,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Completion, Gauge, ListReminders, Metric, Reminder, Urgency
from .ports import Sight
from .storage_completions import (
    ANSWERS,
    INSERT_ANSWER,
    MOVED,
    RECORDS_DONE,
    REPLACE_ANSWER,
    answer_from_row,
    answer_row,
    completions,
)

__all__ = ["SqlReminderStore", "completions", "reminders"]

reminders = fleet_table(
    "reminders_reminders",
    Column("vehicle_id", Id),
    Column("source", String(40)),
    Column("source_id", Id),
    Column("person_id", Id),
    Column("title", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("expected_minor", BigInteger),
    Column("expected_currency", String(3)),
    Column("every_m", BigInteger),
    Column("every_months", Integer),
    Column("every_days", Integer),
    Column("every_engine_tenths", BigInteger),
    Column("first_on", Date),
    Column("at_odometer_m", BigInteger),
    Column("at_engine_tenths", BigInteger),
    Column("is_fixed", Boolean(create_constraint=False), nullable=False),
    Column("soon_days", Integer, nullable=False),
    Column("very_soon_days", Integer, nullable=False),
    Column("soon_m", BigInteger, nullable=False),
    Column("very_soon_m", BigInteger, nullable=False),
    Column("soon_engine_tenths", BigInteger, nullable=False),
    Column("very_soon_engine_tenths", BigInteger, nullable=False),
    Column("origin_on", Date, nullable=False),
    Column("origin_total_m", BigInteger),
    Column("origin_engine_tenths", BigInteger),
    Column("said_offset_m", BigInteger, nullable=False),
    Column("meter_offset_m", BigInteger, nullable=False),
    Column("due_on", Date),
    Column("due_odometer_m", BigInteger),
    Column("due_engine_tenths", BigInteger),
    Column("occurrence", Integer, nullable=False),
    Column("is_finished", Boolean(create_constraint=False), nullable=False),
    Column("is_silent", Boolean(create_constraint=False), nullable=False),
    Column("last_done_on", Date),
    Column("snoozed_until", Date),
    Column("odometer_gauge", Json),
    Column("hours_gauge", Json),
    Column("urgency", String(20), nullable=False),
    Column("metric", String(20), nullable=False),
    Column("projected_on", Date),
    Column("looked_on", Date, nullable=False),
    Column("next_look_on", Date),
    Column("moves", Integer, nullable=False, server_default="0"),
    Column("moved_at", Instant),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["person_id"], ["people_users.id"]),
)
_waiting = reminders.c.next_look_on.is_not(None)
Index(
    "ix_reminders_reminders_next_look",
    *(reminders.c.fleet_id, reminders.c.next_look_on),
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index(  # what is to be looked at in any fleet: the periodic work asks it
    "ix_reminders_reminders_due",
    *(reminders.c.next_look_on, reminders.c.fleet_id),
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index("ix_reminders_reminders_vehicle", reminders.c.fleet_id, reminders.c.vehicle_id)
_of_source = reminders.c.source_id.is_not(None)
Index(
    "uq_reminders_reminders_source",
    *(reminders.c.fleet_id, reminders.c.source, reminders.c.source_id),
    unique=True,
    sqlite_where=_of_source,
    postgresql_where=_of_source,
)

# Facts name what they mean, columns the unit they count.
COLUMNS = {
    "every": "every_m",
    "on": "first_on",
    "at_odometer": "at_odometer_m",
    "soon_distance": "soon_m",
    "very_soon_distance": "very_soon_m",
    "due_odometer": "due_odometer_m",
    **{
        name: name.replace("hours", "tenths")
        for name in ("every_engine_hours", "at_engine_hours", "soon_engine_hours", "very_soon_engine_hours")
    },
    "origin_engine_hours": "origin_engine_tenths",
    "due_engine_hours": "due_engine_tenths",
}
NAMES = tuple(a.name for a in attrs.fields(Reminder) if a.name != "expected_cost")
STANDING = (
    *("origin_total_m", "origin_engine_tenths", "meter_offset_m", "due_odometer_m", "due_engine_tenths"),
    *("is_silent", "snoozed_until", "odometer_gauge", "hours_gauge", "urgency", "metric", "projected_on"),
    *("looked_on", "next_look_on", "moves", "moved_at"),
)
NAMES_OF_COLUMNS = {column: name for name, column in COLUMNS.items()}
STANDING_KEYS = tuple((f"new_{column}", NAMES_OF_COLUMNS.get(column, column)) for column in STANDING)


def _plain(value: Any) -> Any:
    match value:
        case Distance():
            return value.metres
        case EngineHours():
            return value.tenths
        case Gauge():
            return list(attrs.astuple(value))
        case Urgency() | Metric():
            return value.value
        case _:
            return value


def _to_row(fact: Reminder) -> dict[str, Any]:
    row = {COLUMNS.get(name, name): _plain(getattr(fact, name)) for name in NAMES}
    cost = fact.expected_cost
    row |= {"expected_minor": cost and cost.minor, "expected_currency": cost and cost.currency}
    return row


def _measure(kind: type[Any], value: int | None) -> Any:
    return None if value is None else kind(value)


def _from_row(row: RowMapping) -> Reminder:
    values = {name: row[COLUMNS.get(name, name)] for name in NAMES}
    for name in COLUMNS.keys() - {"on"}:
        values[name] = _measure(EngineHours if name.endswith("hours") else Distance, values[name])
    for name in ("odometer_gauge", "hours_gauge"):
        values[name] = None if values[name] is None else Gauge(*values[name])
    for name in ("is_fixed", "is_finished", "is_silent"):
        values[name] = bool(values[name])
    if row["expected_currency"] is not None:
        values["expected_cost"] = Money(row["expected_minor"], row["expected_currency"])
    values |= {"urgency": Urgency(values["urgency"]), "metric": Metric(values["metric"])}
    return Reminder(**values)


class _ReminderRows(Rows[Reminder]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a reminder with this id exists already")


REMINDER_ROWS = _ReminderRows("reminder", reminders, _to_row, _from_row)
_in_fleet = reminders.c.fleet_id == bindparam("in_fleet")
_kept = reminders.c.deleted_at.is_(None)
_in_sight = _in_fleet & (reminders.c.vehicle_id.is_(None) | of_living_vehicle(reminders))
_by_id = {
    is_deleted: select(reminders).where(
        _in_sight, reminders.c.id == bindparam("by_id"), reminders.c.deleted_at.is_not(None) if is_deleted else _kept
    )
    for is_deleted in (False, True)
}
_by_id_locked = {is_deleted: statement.with_for_update() for is_deleted, statement in _by_id.items()}
_by_source = (
    select(reminders)
    .where(
        _in_fleet,
        reminders.c.source == bindparam("by_source"),
        reminders.c.source_id == bindparam("by_source_id", type_=Id),
    )
    .with_for_update()
)
_newest_first = select(reminders).where(_in_sight).order_by(reminders.c.created_at.desc(), reminders.c.id.desc())
_open = select(reminders).where(_in_sight, _kept, ~reminders.c.is_finished, ~reminders.c.is_silent)
_of_vehicle = _in_fleet & (reminders.c.vehicle_id == bindparam("of_vehicle"))
_unfinished = (
    select(reminders).where(_of_vehicle, _kept, ~reminders.c.is_finished).order_by(reminders.c.id).with_for_update()
)
_claim = (
    select(reminders)
    .where(_in_fleet, reminders.c.next_look_on <= bindparam("today"))
    .order_by(reminders.c.next_look_on)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_fleets = table("people_fleets", column("fleet_id", Id), column("timezone"))
_waiting_anywhere = (
    select(reminders.c.fleet_id, _fleets.c.timezone, reminders.c.next_look_on, func.count())
    .join_from(reminders, _fleets, _fleets.c.fleet_id == reminders.c.fleet_id)
    .where(reminders.c.next_look_on <= bindparam("latest"))
    .group_by(reminders.c.fleet_id, _fleets.c.timezone, reminders.c.next_look_on)
)
_advance = (
    update(reminders)
    .where(_in_fleet, reminders.c.id == bindparam("by_id"))
    .values({name: bindparam(f"new_{name}") for name in STANDING})
)
_purge_answers = delete(completions).where(
    completions.c.fleet_id == bindparam("in_fleet"),
    completions.c.reminder_id.in_(select(reminders.c.id).where(_of_vehicle)),
)
_purge = delete(reminders).where(_of_vehicle)


def _narrowed(statement: Select[Any], sight: Sight) -> Select[Any]:
    if sight.vehicle_ids is not None:
        about_them = reminders.c.person_id == sight.user_id
        statement = statement.where(reminders.c.vehicle_id.in_(sight.vehicle_ids) | about_them)
    if sight.own_only:
        statement = statement.where(
            (reminders.c.created_by == sight.user_id) | (reminders.c.person_id == sight.user_id)
        )
    return statement


@attrs.frozen
class SqlReminderStore:
    """The reminders of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, reminder: Reminder) -> None:
        """Store the reminder."""
        REMINDER_ROWS.add(self.connection, self.fleet_id, reminder)

    def get(self, reminder_id: UUID, *, lock: bool = False, deleted: bool = False) -> Reminder:
        """Return the reminder."""
        statement = (_by_id_locked if lock else _by_id)[deleted]
        keys = {"in_fleet": self.fleet_id, "by_id": reminder_id}
        if (row := self.connection.execute(statement, keys).mappings().first()) is None:
            raise NotFound("deleted reminder" if deleted else "reminder", reminder_id)
        return _from_row(row)

    def replace(self, reminder: Reminder, *, old_version: int) -> None:
        """Write the reminder over its *old_version*."""
        REMINDER_ROWS.replace(self.connection, self.fleet_id, reminder, old_version=old_version)

    def advance(self, changed: Sequence[Reminder]) -> None:
        """Write where the reminders stand."""
        rows = []
        for fact in changed:
            standing = {key: _plain(getattr(fact, name)) for key, name in STANDING_KEYS}
            rows.append({"in_fleet": self.fleet_id, "by_id": fact.id, **standing})
        if rows:
            self.connection.execute(_advance, rows if len(rows) > 1 else rows[0])

    def page(
        self,
        question: ListReminders,
        sight: Sight,
        after: Position | None,
        limit: int,
    ) -> Sequence[Reminder]:
        """Return up to *limit* reminders, newest first."""
        statement = _narrowed(_newest_first.limit(limit), sight)
        statement = statement.where(reminders.c.deleted_at.is_not(None) if question.deleted else _kept)
        if question.vehicle_id is not None:
            statement = statement.where(reminders.c.vehicle_id == question.vehicle_id)
        if not question.include_finished and not question.deleted:
            statement = statement.where(~reminders.c.is_finished)
        if after is not None:
            statement = statement.where(older_than(reminders.c.created_at, reminders.c.id, after))
        return self._found(statement)

    def of_source(self, source: str, source_id: UUID) -> Reminder | None:
        """Return the reminder that a record brought, locked, deleted or not."""
        keys = {"in_fleet": self.fleet_id, "by_source": source, "by_source_id": source_id}
        row = self.connection.execute(_by_source, keys).mappings().first()
        return None if row is None else _from_row(row)

    def open(self, sight: Sight, vehicle_id: UUID | None) -> Sequence[Reminder]:
        """Return the reminders that are neither finished, deleted nor silent."""
        statement = _narrowed(_open, sight)
        if vehicle_id is not None:
            statement = statement.where(reminders.c.vehicle_id == vehicle_id)
        return self._found(statement)

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Reminder]:
        """Return the unfinished reminders of a vehicle, locked until commit."""
        return self._found(_unfinished, of_vehicle=vehicle_id)

    def claim(self, today: date, limit: int) -> Sequence[Reminder]:
        """Return up to *limit* reminders to look at, locked."""
        return self._found(_claim, today=today, most=limit)

    def waiting_anywhere(self, latest: date) -> Sequence[tuple[UUID, str, date, int]]:
        """Return (fleet, its time zone, day, how many) of what is to be looked at up to *latest* in any fleet."""
        rows = self.connection.execute(_waiting_anywhere, {"latest": latest})
        return [(fleet_id, timezone, on, count) for fleet_id, timezone, on, count in rows]

    def _found(self, statement: Select[Any], **keys: Any) -> list[Reminder]:
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id, **keys}).mappings()
        return [_from_row(row) for row in rows]

    def completions(self, reminder_id: UUID) -> Sequence[Completion]:
        """Return how the reminder was answered."""
        keys = {"in_fleet": self.fleet_id, "of_reminder": reminder_id}
        return [answer_from_row(row) for row in self.connection.execute(ANSWERS, keys).mappings()]

    def records_done(self) -> Sequence[tuple[UUID, UUID]]:
        """Return (reminder id, record id) of every time that a record did the work, oldest first."""
        return [(row[0], row[1]) for row in self.connection.execute(RECORDS_DONE, {"in_fleet": self.fleet_id})]

    def add_completion(self, completion: Completion) -> None:
        """Store the completion."""
        self.connection.execute(INSERT_ANSWER, {"fleet_id": self.fleet_id, **answer_row(completion)})

    def replace_completion(self, completion: Completion) -> None:
        """Write the completion over the one with its id."""
        row = answer_row(completion)
        keys = {"in_fleet": self.fleet_id, "by_id": completion.id}
        self.connection.execute(REPLACE_ANSWER, keys | {f"new_{name}": row[name] for name in MOVED})

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every reminder of a vehicle."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        self.connection.execute(_purge_answers, keys)
        self.connection.execute(_purge, keys)
