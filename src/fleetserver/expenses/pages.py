"""Pages of expenses, and of those that come again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fleetcore.expenses.categories import list_categories
from fleetcore.expenses.model import Expense, ListCategories, Recurring
from fleetcore.expenses.recurring import add_recurring, edit_recurring, get_recurring, list_recurring, stop_recurring
from fleetcore.expenses.service import (
    delete_expense,
    edit_expense,
    get_expense,
    list_expenses,
    record_expense,
    restore_expense,
)
from fleetcore.kernel.when import Period, local_date
from fleetcore.vehicles.model import Vehicle
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Action, Column, Desk, Filter, Records, Words, vehicle_field
from fleetserver.pages.steps import Step
from fleetserver.pages.undoing import undo_of_edit
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]


def _categories(desk: Desk) -> tuple[Choice, ...]:
    _ = desk.visit.language.text
    found = desk.visit.answer(list_categories, ListCategories())
    return tuple(Choice(each.key, _(each.name) if each.is_built_in else each.name) for each in found)


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more = _("Odometer, place, notes and more")
    return (
        vehicle_field(desk, is_required=False),
        Field(
            name="category",
            label=_("What for"),
            kind=Kind.CHOICE,
            is_required=True,
            choices=_categories(desk),
        ),
        Field(name="amount", label=_("Amount"), kind=Kind.MONEY, is_required=True, hint=_("With a minus: money back.")),
        Field(name="spent_on", label=_("Day"), kind=Kind.DAY, beside=True),
        Field(name="title", label=_("Title")),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, group=more),
        Field(name="place", label=_("Place"), group=more, beside=True),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
        Field(
            name="accept_odometer_jump",
            label=_("The odometer is right, although it jumps"),
            kind=Kind.CHECK,
            group=more,
        ),
    )


def _category(visit: Visit, expense: Expense, _vehicle: Vehicle | None) -> str:
    return visit.language.text(expense.category.capitalize())


def _today(desk: Desk) -> Mapping[str, str]:
    return {"spent_on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"}


EXPENSES = Records(
    entity="expenses.expense",
    path="/expenses",
    waits_offline=True,
    words=Words(
        one="Expense",
        many="Expenses",
        add="Add an expense",
        save="Save expense",
        empty="Parking, tax, a wash: what is not fuel and not a service goes here.",
    ),
    columns=(
        Column(title="Day", text=lambda visit, expense, _vehicle: visit.day(expense.spent_on)),
        Column(title="What for", text=_category),
        Column(title="Title", text=lambda _visit, expense, _vehicle: expense.title),
        Column(title="Amount", text=lambda visit, expense, _vehicle: visit.money(expense.amount), is_number=True),
    ),
    fields=_fields,
    list=list_expenses,
    get=get_expense,
    record=record_expense,
    edit=edit_expense,
    delete=delete_expense,
    restore=restore_expense,
    starts_with=_today,
    title=lambda visit, expense: expense.title or _category(visit, expense, None),
    list_template="expenses/list.html",
    filters=(Filter(name="category", label="What for", choices=_categories),),
)


def _recurring_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more = _("Place, notes and more")
    periods = tuple(Choice(each.value, _(each.value.capitalize())) for each in Period)
    return (
        vehicle_field(desk, is_required=False),
        Field(name="category", label=_("What for"), kind=Kind.CHOICE, is_required=True, choices=_categories(desk)),
        Field(name="amount", label=_("Amount"), kind=Kind.MONEY, is_required=True, beside=True),
        Field(name="title", label=_("Title")),
        Field(name="every", label=_("Every"), kind=Kind.WHOLE, is_required=True),
        Field(name="period", label=_("of these"), kind=Kind.CHOICE, choices=periods, is_required=True, beside=True),
        Field(name="starts_on", label=_("First on"), kind=Kind.DAY, is_required=True),
        Field(name="ends_on", label=_("Last on"), kind=Kind.DAY, beside=True),
        Field(name="place", label=_("Place"), group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
    )


def _recurring_starts(desk: Desk) -> Mapping[str, str]:
    return {"starts_on": _today(desk)["spent_on"], "every": "1", "period": "month"}


def _recurring_actions(visit: Visit, recurring: Recurring) -> Sequence[Action]:
    if recurring.next_on is None or not visit.may("expenses.write"):
        return ()
    return (Action(to=f"/recurring/{recurring.id}/stop", label=visit.language.text("Let it end"), icon="x"),)


def _next(visit: Visit, recurring: Recurring, _vehicle: Vehicle | None) -> str:
    return visit.day(recurring.next_on) if recurring.next_on is not None else visit.language.text("ended")


RECURRING = Records(
    path="/recurring",
    words=Words(
        one="Recurring expense",
        many="Recurring expenses",
        add="Add a recurring expense",
        save="Save recurring expense",
        empty="Tax, garage rent, car wash card: said once, written down by itself on each day that it falls due.",
    ),
    columns=(
        Column(
            title="Title", text=lambda visit, one, _vehicle: one.title or visit.language.text(one.category.capitalize())
        ),
        Column(title="Next", text=_next),
        Column(title="Amount", text=lambda visit, one, _vehicle: visit.money(one.amount), is_number=True),
    ),
    fields=_recurring_fields,
    list=list_recurring,
    get=get_recurring,
    record=add_recurring,
    edit=edit_recurring,
    starts_with=_recurring_starts,
    actions=_recurring_actions,
    title=lambda visit, one: one.title or visit.language.text(one.category.capitalize()),
    needs_vehicle=False,
    lands="list",
    filters=(
        Filter(
            name="include_ended",
            label="Also",
            choices=lambda desk: (Choice("1", desk.visit.language.text("with those that have ended")),),
            read=lambda said: said == "1",
        ),
    ),
)
STOP = Step(
    path="/recurring/{id}/stop",
    name="Let it end",
    save="Let it end",
    intro="What fell due until then is still written down.",
    get=get_recurring,
    operation=stop_recurring,
    fields=lambda desk: (
        Field(
            name="last_on",
            label=desk.visit.language.text("Last on"),
            kind=Kind.DAY,
            hint=desk.visit.language.text("Left empty: today."),
        ),
    ),
    lands=lambda record, _answer: f"/recurring/{record.id}",
    undo=lambda record, answer: undo_of_edit(edit_recurring, record, answer),
)
PAGES = (*EXPENSES.routes(), *RECURRING.routes(), *STOP.routes())
