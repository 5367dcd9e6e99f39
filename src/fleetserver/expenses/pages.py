"""Pages of expenses."""

from __future__ import annotations

from collections.abc import Mapping

from fleetcore.expenses.categories import list_categories
from fleetcore.expenses.model import Expense, ListCategories
from fleetcore.expenses.service import (
    delete_expense,
    edit_expense,
    get_expense,
    list_expenses,
    record_expense,
    restore_expense,
)
from fleetcore.kernel.when import local_date
from fleetcore.vehicles.model import Vehicle
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Column, Desk, Records, Words, vehicle_field
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    categories = desk.visit.answer(list_categories, ListCategories())
    more = _("Odometer, place, notes and more")
    return (
        vehicle_field(desk, is_required=False),
        Field(
            name="category",
            label=_("What for"),
            kind=Kind.CHOICE,
            is_required=True,
            choices=tuple(Choice(each.key, _(each.name) if each.is_built_in else each.name) for each in categories),
        ),
        Field(name="amount", label=_("Amount"), kind=Kind.MONEY, is_required=True, hint=_("With a minus: money back.")),
        Field(name="spent_on", label=_("Day"), kind=Kind.DAY, beside=True),
        Field(name="title", label=_("Title")),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, group=more),
        Field(name="place", label=_("Place"), group=more, beside=True),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
    )


def _category(visit: Visit, expense: Expense, _vehicle: Vehicle | None) -> str:
    return visit.language.text(expense.category.capitalize())


def _today(desk: Desk) -> Mapping[str, str]:
    return {"spent_on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"}


PAGES = Records(
    path="/expenses",
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
).routes()
