"""Record, edit, delete and restore expenses: the fact, its odometer reading and its cost, together or not at all."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.attachments.reach import attachment_problems, follow_record
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.days import Calendar
from fleetcore.kernel.errors import Conflict, NotFound, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.when import require_aware
from fleetcore.ledger.model import Posting, cost_lines
from fleetcore.ledger.service import post, repost, reverse
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of, require_whole_fleet
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.instants import fitting_instant
from fleetcore.vehicles.meters import ReadingNote, note_reading, withdraw_reading

from .categories import unknown_category, used_category
from .events import ExpenseDeleted, ExpenseEdited, ExpenseRecorded, ExpenseRestored
from .model import (
    Category,
    DeleteExpense,
    EditExpense,
    Expense,
    ExpenseFields,
    GetExpense,
    ListExpenses,
    RecordExpense,
    RestoreExpense,
    category_key,
)
from .ports import EXPENSES
from .rules import day_of, expense_problems

__all__ = [
    "SOURCE",
    "delete_expense",
    "edit_expense",
    "get_expense",
    "list_expenses",
    "record_expense",
    "restore_expense",
]

READ, WRITE = "expenses.read", "expenses.write"
SOURCE = "expenses.expense"
Told = TypeVar("Told", ExpenseRecorded, ExpenseEdited, ExpenseRestored)
DERIVED = {"spent_on", "at", "category", "accept_odometer_jump"}
KEPT = tuple(a.name for a in attrs.fields(ExpenseFields) if a.name not in DERIVED)
TOLD = tuple(a.name for a in attrs.fields(ExpenseRecorded) if a.name not in {"expense_id", "expense_version"})


def calendar_of(uow: UnitOfWork) -> Calendar:
    """Return the fleet's calendar at the instant of the unit of work."""
    return Calendar(now=uow.now, timezone=fleet_of(uow).timezone)


def accepted_fields(command: ExpenseFields, category: Category, timezone: str) -> dict[str, Any]:
    """Return the fields of the fact that *command*, in which nothing is wrong, asks for."""
    return {
        **{name: getattr(command, name) for name in KEPT},
        "spent_on": day_of(command, timezone),
        "at": None if command.at is None else require_aware(command.at),
        "category": category.key,
    }


def posting_of(expense: Expense, category: Category) -> Posting:
    """Return the journal entry that *expense* asks for: a cost, or an income where money came back.

    Its description is the category alone: the journal cannot forget what people write in titles.
    """
    is_cost = expense.amount.minor >= 0
    account = category.account_code if is_cost else category.income_account_code
    return Posting(
        entry_date=expense.spent_on,
        description=expense.category,
        source=SOURCE,
        source_id=expense.id,
        source_version=expense.version,
        lines=cost_lines(account, expense.amount, expense.vehicle_id),
    )


def told(kind: type[Told], expense: Expense) -> Told:
    """Return the event of *kind* about *expense*."""
    return kind(
        expense_id=expense.id, expense_version=expense.version, **{name: getattr(expense, name) for name in TOLD}
    )


def enter(uow: UnitOfWork, vehicle_id: UUID | None, permission: str) -> None:
    """Make sure the actor may record on the vehicle, or for the fleet where there is none; locks the vehicle.

    Raises Forbidden, NotFound.
    """
    if vehicle_id is None:
        require_whole_fleet(uow, permission)
    else:
        vehicle_for(uow, vehicle_id, permission, lock=True)


def see(uow: UnitOfWork, what: str, record: Any) -> None:
    """Make sure the actor may read a record; raises NotFound: what one may not see does not exist."""
    if record.vehicle_id is not None:
        vehicle_of(uow, what, record, READ)
    elif uow.actor.require(READ) is not Scope.ALL:
        raise NotFound(what, record.id)
    if not may_touch(uow, READ, record.created_by):
        raise NotFound(what, record.id)


def checked(uow: UnitOfWork, command: ExpenseFields, before: Expense | None = None) -> tuple[dict[str, Any], Category]:
    """Return the fields and the category that *command* asks for; raises Rejected with every problem."""
    calendar = calendar_of(uow)
    problems = list(expense_problems(command, calendar))
    known = () if before is None else before.attachment_ids
    problems += attachment_problems(uow, command.attachment_ids, command.vehicle_id, known)
    category = used_category(uow, command.category)
    if category is None:
        raise Rejected([*problems, *unknown_category(uow, command.category)])
    reject_if_any(problems)
    return accepted_fields(command, category, calendar.timezone), category


def _category_of(uow: UnitOfWork, expense: Expense) -> Category:
    if (category := used_category(uow, expense.category)) is None:
        raise Rejected(unknown_category(uow, expense.category))
    return category


def _note_odometer(uow: UnitOfWork, expense: Expense, *, accept_jump: bool) -> Expense:
    """Return *expense* with the reading it implies noted, if it has an odometer."""
    if expense.odometer is None or expense.vehicle_id is None:
        return expense
    note = ReadingNote(
        vehicle_id=expense.vehicle_id,
        value=expense.odometer.metres,
        at=expense.at
        or fitting_instant(uow, expense.vehicle_id, expense.odometer.metres, expense.spent_on, calendar_of(uow)),
        source=SOURCE,
        source_id=expense.id,
        accept_jump=accept_jump,
    )
    return attrs.evolve(expense, reading_id=note_reading(uow, note).id)


def touchable(uow: UnitOfWork, expense: Expense) -> Expense:
    """Return *expense* when the actor may change it, its vehicle locked. Raises NotFound, Forbidden."""
    if expense.vehicle_id is None:
        enter(uow, None, WRITE)
    else:
        vehicle_of(uow, "expense", expense, WRITE, lock=True)
    require_change(uow, "expense", expense, read=READ, write=WRITE, done="this expense was recorded")
    return expense


def _require_version(expense: Expense, version: int) -> None:
    if expense.version != version:
        raise Conflict(
            f"the expense {expense.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )


@operation("expenses.record", permission=WRITE)
def record_expense(uow: UnitOfWork, command: RecordExpense) -> Expense:
    """Record an expense, or an income as a negative amount: check it, note its odometer, book it.

    Without a vehicle it needs the whole fleet. Raises Forbidden, NotFound for the vehicle, Conflict for a
    taken id, Rejected with every problem; the code ``odometer.jump`` asks for *accept_odometer_jump*.
    """
    enter(uow, command.vehicle_id, WRITE)
    fields, category = checked(uow, command)
    user = uow.actor.user_id
    expense = Expense(
        id=command.id or uow.new_id(),
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **fields,
    )
    expense = _note_odometer(uow, expense, accept_jump=command.accept_odometer_jump)
    uow[EXPENSES].add(expense)
    post(uow, posting_of(expense, category))
    uow.record_change(SOURCE, expense.id, None, expense)
    uow.emit(told(ExpenseRecorded, expense))
    return expense


@operation("expenses.edit", permission=WRITE)
def edit_expense(uow: UnitOfWork, command: EditExpense) -> Expense:
    """Replace what was said of an expense; its odometer reading and its journal entry follow.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem.
    """
    before = touchable(uow, uow[EXPENSES].get(command.id))
    _require_version(before, command.version)
    enter(uow, command.vehicle_id, WRITE)
    fields, category = checked(uow, command, before)
    after: Expense = attrs.evolve(before, **fields, **_next_version(uow, before))
    if _reading_facts(before) != _reading_facts(after):
        if before.reading_id is not None:
            withdraw_reading(uow, before.reading_id)
        after = _note_odometer(uow, attrs.evolve(after, reading_id=None), accept_jump=command.accept_odometer_jump)
    uow[EXPENSES].replace(after, old_version=before.version)
    repost(uow, posting_of(after, category))
    follow_record(uow, SOURCE, after.id, old_vehicle_id=before.vehicle_id, vehicle_id=after.vehicle_id)
    uow.record_change(SOURCE, after.id, before, after)
    uow.emit(told(ExpenseEdited, after))
    return after


def _reading_facts(expense: Expense) -> tuple[object, ...]:
    return (expense.vehicle_id, expense.spent_on, expense.at, expense.odometer)


def _next_version(uow: UnitOfWork, before: Expense) -> dict[str, Any]:
    return {"updated_at": uow.now, "updated_by": uow.actor.user_id, "version": before.version + 1}


@operation("expenses.delete", permission=WRITE)
def delete_expense(uow: UnitOfWork, command: DeleteExpense) -> Expense:
    """Delete an expense: its reading is voided, its journal entry reversed; it can be restored.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version.
    """
    before = touchable(uow, uow[EXPENSES].get(command.id))
    _require_version(before, command.version)
    if before.reading_id is not None:
        withdraw_reading(uow, before.reading_id)
    after: Expense = attrs.evolve(before, deleted_at=uow.now, reading_id=None, **_next_version(uow, before))
    uow[EXPENSES].replace(after, old_version=before.version)
    reverse(uow, SOURCE, before.id)
    uow.record_change(SOURCE, before.id, before, None)
    uow.emit(ExpenseDeleted(expense_id=after.id, vehicle_id=after.vehicle_id, expense_version=after.version))
    return after


@operation("expenses.restore", permission=WRITE)
def restore_expense(uow: UnitOfWork, command: RestoreExpense) -> Expense:
    """Bring a deleted expense back, with its reading and its cost. Raises NotFound, Forbidden, Rejected."""
    before = touchable(uow, uow[EXPENSES].get(command.id, deleted=True))
    after: Expense = attrs.evolve(before, deleted_at=None, **_next_version(uow, before))
    after = _note_odometer(uow, after, accept_jump=True)
    uow[EXPENSES].replace(after, old_version=before.version)
    repost(uow, posting_of(after, _category_of(uow, after)))
    uow.record_change(SOURCE, after.id, None, after)
    uow.emit(told(ExpenseRestored, after))
    return after


@query("expenses.get", permission=READ)
def get_expense(uow: UnitOfWork, command: GetExpense) -> Expense:
    """Return one expense. Raises NotFound."""
    expense = uow[EXPENSES].get(command.id)
    see(uow, "expense", expense)
    return expense


SORTS = {"spent_on": attrgetter("spent_on"), "amount": attrgetter("amount.minor")}


@query("expenses.list", permission=READ)
def list_expenses(uow: UnitOfWork, command: ListExpenses) -> Page[Expense]:
    """List expenses, newest first, of one vehicle or of all that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    if command.category is not None:
        command = attrs.evolve(command, category=category_key(command.category))
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    after = decode_cursor(command)
    rows = uow[EXPENSES].page(command, reachable_vehicles(uow, READ), own, after, limit + 1)
    return page_of(rows, limit, position_by(command.sort, SORTS), command)
