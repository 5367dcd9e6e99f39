"""The table of recurring expenses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
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
    Select,
    String,
    Text,
    bindparam,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.when import Period
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table
from fleetcore.vehicles.model import VehicleState

from .model import ListRecurring, Recurring

__all__ = ["SqlRecurringStore", "recurring"]

recurring = fleet_table(
    "expenses_recurring",
    Column("vehicle_id", Id),
    Column("category", String(100), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("title", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("period", String(10), nullable=False),
    Column("every", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("next_on", Date),
    Column("next_index", Integer, nullable=False),
    Column("next_occurrence", Integer, nullable=False),
    Column("last_on", Date),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
)
_running = recurring.c.next_on.is_not(None)
Index(
    "ix_expenses_recurring_next",
    *(recurring.c.fleet_id, recurring.c.next_on),
    sqlite_where=_running,
    postgresql_where=_running,
)
Index(  # what has fallen due in any fleet: the periodic work asks it
    "ix_expenses_recurring_due",
    *(recurring.c.next_on, recurring.c.fleet_id),
    sqlite_where=_running,
    postgresql_where=_running,
)
Index("ix_expenses_recurring_vehicle", recurring.c.fleet_id, recurring.c.vehicle_id)
Index("ix_expenses_recurring_category", recurring.c.fleet_id, recurring.c.category)

PLAIN = tuple(a.name for a in attrs.fields(Recurring) if a.name not in {"amount", "tags", "period"})
_expenses = table(
    "expenses_expenses", column("fleet_id", Id), column("recurring_id", Id), column("occurrence", Integer)
)


def _to_row(fact: Recurring) -> dict[str, Any]:
    return {
        **{name: getattr(fact, name) for name in PLAIN},
        "amount_minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "tags": list(fact.tags),
        "period": fact.period.value,
    }


def _from_row(row: RowMapping) -> Recurring:
    return Recurring(
        **{name: row[name] for name in PLAIN},
        amount=Money(row["amount_minor"], row["currency"]),
        tags=tuple(row["tags"]),
        period=Period(row["period"]),
    )


class _RecurringRows(Rows[Recurring]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a recurring expense with this id exists already")


RECURRING_ROWS = _RecurringRows("recurring expense", recurring, _to_row, _from_row)
_in_fleet = recurring.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & or_(recurring.c.vehicle_id.is_(None), of_living_vehicle(recurring))
_by_id = select(recurring).where(_in_sight, recurring.c.id == bindparam("by_id"))
_by_id_locked = _by_id.with_for_update()
_newest_first = select(recurring).where(_in_sight).order_by(recurring.c.created_at.desc(), recurring.c.id.desc())
_due = (
    select(recurring)
    .where(_in_sight, recurring.c.next_on <= bindparam("today"))
    .order_by(recurring.c.id)
    .with_for_update()
)
_fleets = table("people_fleets", column("fleet_id", Id), column("timezone"))
_stopped = table("vehicles_vehicles", column("fleet_id", Id), column("id", Id), column("state"), column("deleted_at"))
_waits = exists().where(
    _stopped.c.fleet_id == recurring.c.fleet_id,
    _stopped.c.id == recurring.c.vehicle_id,
    or_(_stopped.c.deleted_at.is_not(None), _stopped.c.state == VehicleState.DECOMMISSIONED.value),
)
_due_anywhere = (
    select(recurring.c.fleet_id, _fleets.c.timezone, func.min(recurring.c.next_on))
    .join_from(recurring, _fleets, _fleets.c.fleet_id == recurring.c.fleet_id)
    .where(recurring.c.next_on <= bindparam("latest"), ~_waits)
    .group_by(recurring.c.fleet_id, _fleets.c.timezone)
)
_advance = (
    update(recurring)
    .where(_in_fleet, recurring.c.id == bindparam("by_id"))
    .values({name: bindparam(f"new_{name}") for name in ("next_on", "next_index", "next_occurrence", "last_on")})
)
_of_vehicle = _in_fleet & (recurring.c.vehicle_id == bindparam("of_vehicle"))
_forget = (
    update(_expenses)
    .where(
        _expenses.c.fleet_id == bindparam("in_fleet"),
        _expenses.c.recurring_id.in_(select(recurring.c.id).where(_of_vehicle)),
    )
    .values(recurring_id=None, occurrence=None)
)
_purge = delete(recurring).where(_of_vehicle)


def _narrowed(statement: Select[Any], vehicle_ids: frozenset[UUID] | None, created_by: UUID | None) -> Select[Any]:
    if vehicle_ids is not None:
        statement = statement.where(recurring.c.vehicle_id.in_(vehicle_ids))
    if created_by is not None:
        statement = statement.where(recurring.c.created_by == created_by)
    return statement


@attrs.frozen
class SqlRecurringStore:
    """The recurring expenses of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, fact: Recurring) -> None:
        """Store the recurring expense."""
        RECURRING_ROWS.add(self.connection, self.fleet_id, fact)

    def get(self, recurring_id: UUID, *, lock: bool = False) -> Recurring:
        """Return the recurring expense."""
        keys = {"in_fleet": self.fleet_id, "by_id": recurring_id}
        row = self.connection.execute(_by_id_locked if lock else _by_id, keys).mappings().first()
        if row is None:
            raise NotFound("recurring expense", recurring_id)
        return _from_row(row)

    def replace(self, fact: Recurring, *, old_version: int) -> None:
        """Write the recurring expense over its *old_version*."""
        RECURRING_ROWS.replace(self.connection, self.fleet_id, fact, old_version=old_version)

    def advance(self, fact: Recurring) -> None:
        """Write how far it has been made."""
        self.connection.execute(
            _advance,
            {
                "in_fleet": self.fleet_id,
                "by_id": fact.id,
                "new_next_on": fact.next_on,
                "new_next_index": fact.next_index,
                "new_next_occurrence": fact.next_occurrence,
                "new_last_on": fact.last_on,
            },
        )

    def page(
        self,
        question: ListRecurring,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Recurring]:
        """Return up to *limit* recurring expenses, newest first."""
        statement = _narrowed(_newest_first.limit(limit), vehicle_ids, created_by)
        if question.vehicle_id is not None:
            statement = statement.where(recurring.c.vehicle_id == question.vehicle_id)
        if not question.include_ended:
            statement = statement.where(_running)
        if after is not None:
            statement = statement.where(older_than(recurring.c.created_at, recurring.c.id, after))
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def due(self, today: date, vehicle_ids: frozenset[UUID] | None, created_by: UUID | None) -> Sequence[Recurring]:
        """Return those whose next occurrence has fallen due, locked until commit."""
        statement = _narrowed(_due, vehicle_ids, created_by)
        keys = {"in_fleet": self.fleet_id, "today": today}
        return [_from_row(row) for row in self.connection.execute(statement, keys).mappings()]

    def due_anywhere(self, latest: date) -> Sequence[tuple[UUID, str, date]]:
        """Return (fleet, its time zone, earliest day) of what falls due up to *latest* in any fleet."""
        rows = self.connection.execute(_due_anywhere, {"latest": latest})
        return [(fleet_id, timezone, on) for fleet_id, timezone, on in rows]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every recurring expense of a vehicle; expenses elsewhere that it made forget it."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        self.connection.execute(_forget, keys)
        self.connection.execute(_purge, keys)
