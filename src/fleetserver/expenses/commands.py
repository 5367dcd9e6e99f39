"""``fleet expenses``: record, list, edit and remove what vehicles cost besides fuel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from fleetcore.expenses.model import (
    DeleteExpense,
    EditExpense,
    Expense,
    ExpenseFields,
    GetExpense,
    ListExpenses,
    RecordExpense,
    RestoreExpense,
)
from fleetcore.expenses.service import (
    delete_expense,
    edit_expense,
    get_expense,
    list_expenses,
    record_expense,
    restore_expense,
)
from fleetcore.kernel.wire import unstructure
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    all_option,
    clear_option,
    clearable,
    emptied,
    limit_option,
    rows_wanted,
    said,
    vehicle_option,
    with_options,
)
from fleetserver.cli.tables import Column, table
from fleetserver.presentation.typed import Typed

from .categories import categories
from .recurring import recurring

__all__ = ["expenses"]

NONE_YET = (
    "No expenses yet. Record one: fleet expenses add --vehicle Golf --category parking --amount 4.50\n"
    "or one that comes again and again: fleet expenses recurring add --help"
)
COLUMNS = (
    Column("Day"),
    Column("Vehicle", flexible=True, drop=3),
    Column("Category"),
    Column("Amount", right=True),
    Column("What", flexible=True),
    Column("Odometer", right=True, drop=2),
    Column("Place", flexible=True, drop=1),
    Column("Id"),
)
FIELD_OPTIONS = with_options(
    click.option("--date", "on", metavar="TIME", help="When: a day, or a day and a time. Default: today."),
    click.option("--currency", metavar="CODE", help="The currency. Default: the fleet's."),
    click.option("--title", help="What it was, in a few words."),
    click.option("--odometer", metavar="N", help="What the odometer showed."),
    click.option("--place", help="Where."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--notes", help="Anything else."),
    click.option("--accept-jump", is_flag=True, help="Take the odometer though its neighbours contradict it."),
)


@click.group("expenses", cls=FleetGroup)
def expenses() -> None:
    """Record what vehicles cost besides fuel, once or again and again."""


expenses.add_command(categories)
expenses.add_command(recurring)


def _fields(typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an expense that *options* give."""
    on = options["on"]
    has_time = on is not None and ":" in on
    found = given(
        at=typed.instant("--date", on) if has_time else None,
        spent_on=typed.day("--date", on) if not has_time else None,
        amount=typed.money("--amount", options["amount"], options["currency"] and options["currency"].upper()),
        odometer=typed.distance("--odometer", options["odometer"]),
        tags=options["tags"] or None,
        **{name: options[name] for name in ("category", "title", "place", "notes")},
    )
    typed.check()
    return {**found, "accept_odometer_jump": options["accept_jump"]}


def _json(expense: Expense, vehicle: Vehicle | None) -> dict[str, Any]:
    return {**unstructure(expense), "vehicle": vehicle.name if vehicle else None}


def _sentence(session: Session, expense: Expense, vehicle: Vehicle | None) -> str:
    whose = vehicle.name if vehicle else session.display.fleet_name
    return f"{whose}, {expense.spent_on}, {expense.category}, {session.display.money(expense.amount)}"


@expenses.command("add")
@vehicle_option()
@click.option("--category", required=True, help="What for: `fleet expenses categories list`.")
@click.option("--amount", required=True, metavar="AMOUNT", help="How much; below zero it came back.")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, vehicle: str | None, **options: Any) -> None:
    """Record an expense; without a vehicle it is one of the fleet.

    fleet expenses add --vehicle Golf --category parking --amount 4.50 --date yesterday
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    options["on"] = options["on"] or "today"
    fields = _fields(typed_for(session, chosen), options)
    command = RecordExpense(vehicle_id=chosen.id if chosen else None, **fields)
    expense = session.run(record_expense, command)
    session.done(_json(expense, chosen), f"Recorded: {_sentence(session, expense, chosen)} ({short_id(expense.id)}).")


@expenses.command("list")
@vehicle_option()
@click.option("--category", help="Only of this category.")
@click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
@click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")
@click.option("--removed", is_flag=True, help="Those that were removed and can be restored.")
@narrowed_by(ListExpenses)
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session, *, vehicle: str | None, category: str | None, since: str | None, until: str | None,
    removed: bool, limit: int | None, show_all: bool, narrowed: dict[str, Any],
) -> None:  # fmt: skip
    """List expenses, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()

    def asked(cursor: str | None, most: int) -> ListExpenses:
        return ListExpenses(
            vehicle_id=chosen.id if chosen else None,
            category=category,
            since=first,
            until=last,
            deleted=removed,
            **narrowed,
            cursor=cursor,
            limit=most,
        )

    found, more = some_of(
        lambda cursor, most: session.read(list_expenses, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No expenses of this kind." if vehicle or category or since or until or removed else NONE_YET
            return
        yield from table(COLUMNS, [_row(session, each, names, chosen is not None) for each in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"expenses": [_json(each, _of(names, each)) for each in found]}, human)


def _of(names: dict[UUID, Vehicle], expense: Expense) -> Vehicle | None:
    return names.get(expense.vehicle_id) if expense.vehicle_id else None


def _row(session: Session, expense: Expense, names: dict[UUID, Vehicle], one_vehicle: bool) -> list[str]:
    vehicle = _of(names, expense)
    return [
        str(expense.spent_on),
        "" if one_vehicle or vehicle is None else vehicle.name,
        expense.category,
        session.display.money(expense.amount),
        expense.title or expense.notes,
        session.display.distance(expense.odometer, vehicle),
        expense.place,
        short_id(expense.id),
    ]


def _find(session: Session, text: str, *, removed: bool = False) -> Expense:
    def candidates() -> Iterator[Expense]:
        return everything(
            lambda cursor, most: session.read(list_expenses, ListExpenses(deleted=removed, cursor=cursor, limit=most))
        )

    def get(key: UUID) -> Expense:
        if removed:
            return next(each for each in candidates() if each.id == key)
        return session.read(get_expense, GetExpense(id=key))

    return pick(text, "expense", get, candidates)


@expenses.command("edit")
@click.argument("expense_id", metavar="ID")
@vehicle_option()
@click.option("--category", help="What for.")
@click.option("--amount", metavar="AMOUNT", help="How much.")
@FIELD_OPTIONS
@clear_option([name for name in clearable(ExpenseFields) if name not in {"accept_odometer_jump", "spent_on", "at"}])
@pass_session
def edit(session: Session, /, expense_id: str, vehicle: str | None, cleared: tuple[str, ...], **options: Any) -> None:
    """Change what is said of the expense ID; what is not given stays."""
    expense = _find(session, expense_id)
    names = vehicles_by_id(session)
    chosen = find_vehicle(session, vehicle) if vehicle else _of(names, expense)
    new = _fields(typed_for(session, chosen), options)
    before = {**said(expense, ExpenseFields), "vehicle_id": chosen.id if chosen else None}
    if "spent_on" in new or "at" in new:  # the one follows from the other
        before |= {"spent_on": None, "at": None}
    fields = {**before, **emptied(ExpenseFields, cleared), **new}
    after = session.run(edit_expense, EditExpense(id=expense.id, version=expense.version, **fields))
    session.done(_json(after, _of(names, after)), f"Changed: {_sentence(session, after, _of(names, after))}.")


@expenses.command("remove")
@click.argument("expense_id", metavar="ID")
@pass_session
def remove(session: Session, expense_id: str) -> None:
    """Remove the expense ID, with its entry in the books; restore brings it back."""
    expense = _find(session, expense_id)
    after = session.run(delete_expense, DeleteExpense(id=expense.id, version=expense.version))
    session.done(
        after, f"Removed {after.category} of {after.spent_on}. Back: fleet expenses restore {short_id(after.id)}"
    )


@expenses.command("restore")
@click.argument("expense_id", metavar="ID")
@pass_session
def restore(session: Session, expense_id: str) -> None:
    """Bring the removed expense ID back."""
    expense = _find(session, expense_id, removed=True)
    after = session.run(restore_expense, RestoreExpense(id=expense.id))
    session.done(after, f"{after.category} of {after.spent_on} is back.")
