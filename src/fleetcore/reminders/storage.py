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
    Select,
    String,
    Text,
    Update,
    bindparam,
    column,
    delete,
    func,
    literal,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Completion, ListReminders, Reminder
from .ports import Sight
from .storage_completions import (
    ANSWER_COLUMNS,
    ANSWERS,
    INSERT_ANSWER,
    MOVED,
    RECORDS_DONE,
    RELEASE,
    REMOVE_ANSWER,
    REPLACE_ANSWER,
    answer_from_row,
    answer_row,
    completions,
)
from .storage_rows import MOVED_ON, SETTLED_KEYS, STANDING, STANDING_KEYS, from_row, plain, to_row

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
Index("ix_reminders_reminders_at", reminders.c.fleet_id, reminders.c.created_at, reminders.c.id)
_of_source = reminders.c.source_id.is_not(None)
Index(
    "uq_reminders_reminders_source",
    *(reminders.c.fleet_id, reminders.c.source, reminders.c.source_id),
    unique=True,
    sqlite_where=_of_source,
    postgresql_where=_of_source,
)


class _ReminderRows(Rows[Reminder]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a reminder with this id exists already")


REMINDER_ROWS = _ReminderRows("reminder", reminders, to_row, from_row)
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
ORDERING = Ordering(
    select(reminders).where(_in_sight),
    reminders.c.id,
    {"created_at": reminders.c.created_at, "due_on": func.coalesce(reminders.c.due_on, literal(date.max, Date))},
)
_open = select(reminders).where(_in_sight, _kept, ~reminders.c.is_finished, ~reminders.c.is_silent)
_of_vehicle = _in_fleet & (reminders.c.vehicle_id == bindparam("of_vehicle"))
_unfinished = (
    select(reminders).where(_of_vehicle, _kept, ~reminders.c.is_finished).order_by(reminders.c.id).with_for_update()
)
_answered_now = reminders.c.id.in_(bindparam("named", expanding=True, type_=Id))
_metered = reminders.c.every_m.is_not(None) | reminders.c.every_engine_tenths.is_not(None)
_with_answers = (
    select(reminders, *(column.label(f"answer_{column.name}") for column in completions.c))
    .select_from(
        reminders.outerjoin(
            completions,
            (completions.c.fleet_id == reminders.c.fleet_id)
            & (completions.c.reminder_id == reminders.c.id)
            & (_answered_now | _metered),
        )
    )
    .where(_of_vehicle, (_kept & ~reminders.c.is_finished) | _answered_now)
    .order_by(reminders.c.id)
    .with_for_update(of=reminders)
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
_settle = (
    update(reminders)
    .where(_in_fleet, reminders.c.id == bindparam("by_id"))
    .values({name: bindparam(f"new_{name}") for name in (*STANDING, *MOVED_ON)})
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
        return from_row(row)

    def replace(self, reminder: Reminder, *, old_version: int) -> None:
        """Write the reminder over its *old_version*."""
        REMINDER_ROWS.replace(self.connection, self.fleet_id, reminder, old_version=old_version)

    def advance(self, changed: Sequence[Reminder]) -> None:
        """Write where the reminders stand."""
        self._write(_advance, STANDING_KEYS, changed)

    def _write(self, statement: Update, columns: Sequence[tuple[str, str]], changed: Sequence[Reminder]) -> None:
        rows = []
        for fact in changed:
            standing = {key: plain(getattr(fact, name)) for key, name in columns}
            rows.append({"in_fleet": self.fleet_id, "by_id": fact.id, **standing})
        if rows:
            self.connection.execute(statement, rows if len(rows) > 1 else rows[0])

    def with_answers(self, vehicle_id: UUID, named: frozenset[UUID]) -> Sequence[tuple[Reminder, Sequence[Completion]]]:
        """Return the unfinished reminders of a vehicle and the *named* ones, locked, with their answers."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "named": list(named)}
        found: dict[UUID, tuple[Reminder, list[Completion]]] = {}
        for row in self.connection.execute(_with_answers, keys).mappings():
            if (reminder_id := row["id"]) not in found:
                found[reminder_id] = (from_row(row), [])
            if row["answer_id"] is not None:
                found[reminder_id][1].append(answer_from_row({name: row[f"answer_{name}"] for name in ANSWER_COLUMNS}))
        return list(found.values())

    def settle(
        self, changed: Sequence[Reminder], record_id: UUID, stale: Sequence[UUID], answers: Sequence[Completion]
    ) -> None:
        """Write the reminders as they are now; *answers* come in the place of the record's former ones."""
        if stale:
            keys = {"in_fleet": self.fleet_id, "named": list(stale), "of_record": record_id}
            self.connection.execute(RELEASE, keys)
        if answers:
            rows = [{"fleet_id": self.fleet_id, **answer_row(answer)} for answer in answers]
            self.connection.execute(INSERT_ANSWER, rows)
        self._write(_settle, SETTLED_KEYS, changed)

    def page(
        self,
        question: ListReminders,
        sight: Sight,
        after: Position | None,
        limit: int,
    ) -> Sequence[Reminder]:
        """Return up to *limit* reminders in the order asked for."""
        statement = _narrowed(ORDERING.page(question.sort, after).limit(limit), sight)
        statement = statement.where(reminders.c.deleted_at.is_not(None) if question.deleted else _kept)
        if question.vehicle_id is not None:
            statement = statement.where(reminders.c.vehicle_id == question.vehicle_id)
        if not question.include_finished and not question.deleted:
            statement = statement.where(~reminders.c.is_finished)
        return self._found(narrowed(statement, with_text(question.text, reminders.c.title, reminders.c.notes)))

    def of_source(self, source: str, source_id: UUID) -> Reminder | None:
        """Return the reminder that a record brought, locked, deleted or not."""
        keys = {"in_fleet": self.fleet_id, "by_source": source, "by_source_id": source_id}
        row = self.connection.execute(_by_source, keys).mappings().first()
        return None if row is None else from_row(row)

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
        return [from_row(row) for row in rows]

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

    def remove_completion(self, completion_id: UUID) -> None:
        """Erase the completion."""
        self.connection.execute(REMOVE_ANSWER, {"in_fleet": self.fleet_id, "by_id": completion_id})

    def replace_completions(self, changed: Sequence[Completion]) -> None:
        """Write the completions over those with their ids."""
        rows = []
        for completion in changed:
            row = answer_row(completion)
            keys = {"in_fleet": self.fleet_id, "by_id": completion.id}
            rows.append(keys | {f"new_{name}": row[name] for name in MOVED})
        if rows:
            self.connection.execute(REPLACE_ANSWER, rows if len(rows) > 1 else rows[0])

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every reminder of a vehicle."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        self.connection.execute(_purge_answers, keys)
        self.connection.execute(_purge, keys)
