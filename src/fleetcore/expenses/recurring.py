"""Keep recurring expenses, and record each of their occurrences once, on its due day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import LONGEST_LEAD, local_date
from fleetcore.kernel.work import Found, JobKind, Payload
from fleetcore.ledger.service import post_many
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import reachable_vehicles, require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.model import Vehicle, VehicleState
from fleetcore.vehicles.ports import VEHICLES

from .categories import known_categories, unknown_category, used_category
from .events import ExpenseRecorded, RecurringAdded, RecurringEdited, RecurringStopped
from .model import (
    AddRecurring,
    EditRecurring,
    Expense,
    GetRecurring,
    ListRecurring,
    Recurring,
    RecurringFields,
    RecurringRun,
    RunRecurring,
    StopRecurring,
    category_key,
)
from .ports import EXPENSES, RECURRING
from .rules import Due, due_occurrences, next_due, recurring_problems, rescheduled
from .service import SOURCE, calendar_of, enter, posting_of, see, told

__all__ = [
    "RECORD_DUE",
    "add_recurring",
    "edit_recurring",
    "get_recurring",
    "list_recurring",
    "run_recurring",
    "stop_recurring",
]

READ, WRITE = "expenses.read", "expenses.write"
ENTITY = "expenses.recurring"
Told = TypeVar("Told", RecurringAdded, RecurringEdited, RecurringStopped)
FIELDS = tuple(a.name for a in attrs.fields(RecurringFields))
TOLD = tuple(a.name for a in attrs.fields(RecurringAdded) if a.name not in {"recurring_id", "recurring_version"})
TAKEN_OVER = ("vehicle_id", "category", "amount", "title", "place", "notes", "tags")


def _told(kind: type[Told], recurring: Recurring) -> Told:
    return kind(
        recurring_id=recurring.id,
        recurring_version=recurring.version,
        **{name: getattr(recurring, name) for name in TOLD},
    )


def _checked(uow: UnitOfWork, command: RecurringFields) -> dict[str, Any]:
    """Return the fields that *command* asks for; raises Rejected with every problem."""
    problems = list(recurring_problems(command))
    if used_category(uow, command.category) is None:
        problems += unknown_category(uow, command.category)
    reject_if_any(problems)
    return {name: getattr(command, name) for name in FIELDS} | {"category": category_key(command.category)}


def _current(uow: UnitOfWork, recurring_id: UUID, version: int) -> Recurring:
    recurring = uow[RECURRING].get(recurring_id, lock=True)
    if recurring.vehicle_id is None:
        enter(uow, None, WRITE)
    else:
        vehicle_of(uow, "recurring expense", recurring, WRITE)
    done = "this recurring expense was set up"
    require_change(uow, "recurring expense", recurring, read=READ, write=WRITE, done=done)
    if recurring.version != version:
        raise Conflict(
            f"the recurring expense {recurring.id} was changed by someone else meanwhile: "
            "read it again, then repeat your change"
        )
    return recurring


def _save(uow: UnitOfWork, before: Recurring, **changes: Any) -> Recurring:
    after: Recurring = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    after = attrs.evolve(after, next_on=next_due(after, after.next_index))
    uow[RECURRING].replace(after, old_version=before.version)
    uow.record_change(ENTITY, after.id, before, after)
    return after


@operation("expenses.add_recurring", permission=WRITE)
def add_recurring(uow: UnitOfWork, command: AddRecurring) -> Recurring:
    """Set up a recurring expense; the next run records what has fallen due since its first day.

    Without a vehicle it needs the whole fleet. Raises Forbidden, NotFound for the vehicle, Conflict for a
    taken id, Rejected with every problem.
    """
    _enter(uow, command.vehicle_id)
    fields, user = _checked(uow, command), uow.actor.user_id
    recurring = Recurring(
        id=command.id or uow.new_id(),
        next_on=next_due(command, 0),
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **fields,
    )
    uow[RECURRING].add(recurring)
    uow.record_change(ENTITY, recurring.id, None, recurring)
    uow.emit(_told(RecurringAdded, recurring))
    return recurring


@operation("expenses.edit_recurring", permission=WRITE)
def edit_recurring(uow: UnitOfWork, command: EditRecurring) -> Recurring:
    """Replace what was said of a recurring expense; what it recorded before stays as it is.

    A new schedule goes on after the newest day that was recorded, so that no day is recorded twice.
    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem.
    """
    before = _current(uow, command.id, command.version)
    _enter(uow, command.vehicle_id)
    fields = _checked(uow, command)
    after = _save(uow, before, **fields, next_index=rescheduled(before, command))
    uow.emit(_told(RecurringEdited, after))
    return after


def _enter(uow: UnitOfWork, vehicle_id: UUID | None) -> None:
    if vehicle_id is None:
        enter(uow, None, WRITE)
    else:
        vehicle_for(uow, vehicle_id, WRITE)


@operation("expenses.stop_recurring", permission=WRITE)
def stop_recurring(uow: UnitOfWork, command: StopRecurring) -> Recurring:
    """Let a recurring expense end with a day, today if none is named; what it recorded stays.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version.
    """
    before = _current(uow, command.id, command.version)
    last_on = command.last_on or calendar_of(uow).today
    after = _save(uow, before, ends_on=min(last_on, before.ends_on or last_on))
    uow.emit(_told(RecurringStopped, after))
    return after


@query("expenses.get_recurring", permission=READ)
def get_recurring(uow: UnitOfWork, command: GetRecurring) -> Recurring:
    """Return one recurring expense. Raises NotFound."""
    recurring = uow[RECURRING].get(command.id)
    see(uow, "recurring expense", recurring)
    return recurring


@query("expenses.list_recurring", permission=READ)
def list_recurring(uow: UnitOfWork, command: ListRecurring) -> Page[Recurring]:
    """List recurring expenses, newest first, that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    after = decode_cursor(command)
    rows = uow[RECURRING].page(command, reachable_vehicles(uow, READ), own, after, limit + 1)
    return page_of(rows, limit, lambda recurring: Position(recurring.created_at, recurring.id), command)


@operation("expenses.run_recurring", permission=WRITE)
def run_recurring(uow: UnitOfWork, command: RunRecurring) -> RecurringRun:  # noqa: ARG001 - there is nothing to choose
    """Record what has fallen due up to today and is not recorded yet, each on its due day, exactly once.

    Also after years, and when several runs race. A removed or decommissioned vehicle waits; from the day it
    was sold a vehicle costs nothing more. What someone deleted is not recorded again.
    """
    today = calendar_of(uow).today
    own = uow.actor.user_id if uow.actor.scope(WRITE) is Scope.OWN else None
    due = uow[RECURRING].due(today, reachable_vehicles(uow, WRITE), own)
    vehicles: dict[UUID | None, Vehicle | None] = {None: None}
    made: list[Expense] = []
    for recurring in due:
        if recurring.vehicle_id not in vehicles:
            vehicles[recurring.vehicle_id] = _vehicle_of(uow, recurring)
        made += _make(uow, recurring, vehicles[recurring.vehicle_id], today)
    if made:
        _store(uow, made)
    return RecurringRun(ran_on=today, expenses=tuple(made))


def _vehicle_of(uow: UnitOfWork, recurring: Recurring) -> Vehicle | None:
    return None if recurring.vehicle_id is None else uow[VEHICLES].get(recurring.vehicle_id)


def _make(uow: UnitOfWork, recurring: Recurring, vehicle: Vehicle | None, today: date) -> list[Expense]:
    """Return the expenses that *recurring* is due for, and remember how far it has come."""
    if vehicle is not None and vehicle.state is VehicleState.DECOMMISSIONED:
        return []
    dues = list(due_occurrences(recurring, today, None if vehicle is None else vehicle.sold_on))
    if dues:
        newest = dues[-1]
        uow[RECURRING].advance(
            attrs.evolve(
                recurring,
                next_on=next_due(recurring, newest.index + 1),
                next_index=newest.index + 1,
                next_occurrence=newest.occurrence + 1,
                last_on=newest.on,
            )
        )
    return [_expense(uow, recurring, due) for due in dues]


def _expense(uow: UnitOfWork, recurring: Recurring, due: Due) -> Expense:
    """Return one occurrence as an expense of whoever set it up."""
    return Expense(
        id=uow.new_id(),
        spent_on=due.on,
        recurring_id=recurring.id,
        occurrence=due.occurrence,
        created_at=uow.now,
        created_by=recurring.created_by,
        updated_at=uow.now,
        updated_by=uow.actor.user_id,
        **{name: getattr(recurring, name) for name in TAKEN_OVER},
    )


def _store(uow: UnitOfWork, made: list[Expense]) -> None:
    categories = known_categories(uow)
    uow[EXPENSES].add_many(made)
    post_many(uow, [posting_of(expense, categories[expense.category]) for expense in made])
    for expense in made:
        uow.record_change(SOURCE, expense.id, None, expense)
        uow.emit(told(ExpenseRecorded, expense))


def find_due(uow: UnitOfWork, now: datetime) -> Iterator[Found]:
    """Yield each fleet in which something has fallen due by its own calendar."""
    for fleet_id, timezone, on in uow[RECURRING].due_anywhere((now + LONGEST_LEAD).date()):
        if on <= local_date(now, timezone):
            yield Found(fleet_id=fleet_id, dedupe_key="")


def record_due(uow: UnitOfWork, _payload: Payload) -> None:
    """Record what has fallen due in the fleet."""
    run_recurring(uow, RunRecurring())


RECORD_DUE = JobKind(name="expenses.run_recurring", run=record_due, every=timedelta(hours=1), find=find_due)
