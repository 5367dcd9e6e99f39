"""Expenses, categories, recurring expenses, and what one can ask to be done with them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.sorting import sort_field
from fleetcore.kernel.when import Period

__all__ = [
    "BUILT_IN_CATEGORIES",
    "AddCategory",
    "AddRecurring",
    "Category",
    "DeleteExpense",
    "EditCategory",
    "EditExpense",
    "EditRecurring",
    "Expense",
    "ExpenseFields",
    "GetExpense",
    "GetRecurring",
    "ListCategories",
    "ListExpenses",
    "ListRecurring",
    "RecordExpense",
    "Recurring",
    "RecurringFields",
    "RecurringRun",
    "RemoveCategory",
    "RestoreExpense",
    "RunRecurring",
    "StopRecurring",
    "category_key",
]


@frozen(kw_only=True)
class Category:
    """What an expense is for: *key* is the stable word, *name* what people read.

    The built-in ones have no id, no author and version 0; they cannot be changed.
    """

    key: str
    name: str
    account_code: str
    income_account_code: str
    id: UUID | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: UUID | None = None
    updated_by: UUID | None = None
    version: int = 0

    @property
    def is_built_in(self) -> bool:
        """Whether every fleet has this category."""
        return self.id is None


_WORDS = (
    *("parking", "toll", "wash", "fine", "tax", "loan", "lease", "accessory", "insurance", "registration"),
    *("service", "repair", "maintenance", "tyres", "inspection", "other"),
)
BUILT_IN_CATEGORIES = MappingProxyType(
    {
        word: Category(
            key=word,
            name=word.capitalize(),
            account_code=f"expenses.{word}",
            income_account_code="income.other" if word == "other" else "income.refund",
        )
        for word in _WORDS
    }
)
"""The categories that every fleet has; the ledger's chart has an account for each."""


def category_key(name: str) -> str:
    """Return the stable word for a category's *name*: lower case, in any script, words joined by underscores."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return "_".join(kept.split())


@frozen(kw_only=True)
class ExpenseFields:
    """What a person says about an expense.

    *spent_on* is a day of the fleet's calendar; *at* is the instant where it is known, and enough alone.
    Without *vehicle_id* it is an expense of the fleet. A negative *amount* is a refund or another income.
    """

    vehicle_id: UUID | None = None
    spent_on: date | None = None
    at: datetime | None = None
    category: str
    amount: Money
    title: str = ""
    odometer: Distance | None = None
    place: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class RecordExpense(ExpenseFields):
    """Record an expense; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditExpense(ExpenseFields):
    """Replace everything that was said about expense *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class DeleteExpense:
    """Delete expense *id*, as long as it still has *version*; it can be restored."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RestoreExpense:
    """Bring a deleted expense back."""

    id: UUID


@frozen(kw_only=True)
class Expense:
    """An expense as accepted.

    *import_id* names the import that brought it, *reading_id* the odometer reading that it owns,
    *recurring_id* and *occurrence* the recurring expense that made it and which of its records this is.
    """

    id: UUID
    vehicle_id: UUID | None = None
    spent_on: date
    at: datetime | None = None
    category: str
    amount: Money
    title: str = ""
    odometer: Distance | None = None
    place: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    import_id: UUID | None = None
    reading_id: UUID | None = None
    recurring_id: UUID | None = None
    occurrence: int | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetExpense:
    """Ask for one expense."""

    id: UUID


@frozen(kw_only=True)
class ListExpenses:
    """Ask for expenses, newest first; *since* and *until* are both included.

    With *deleted*, ask for the deleted ones, which can be restored.
    """

    vehicle_id: UUID | None = None
    category: str | None = None
    recurring_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    deleted: bool = False
    text: str = ""
    sort: str = sort_field("-spent_on", "spent_on", "amount")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class AddCategory:
    """Add a category of the fleet's own; without *account_code* it gets an account of its own."""

    name: str
    account_code: str | None = None


@frozen(kw_only=True)
class EditCategory:
    """Give an own category another name, as long as it still has *version*; its key stays."""

    key: str
    name: str
    version: int


@frozen(kw_only=True)
class RemoveCategory:
    """Remove an own category that no expense uses, as long as it still has *version*."""

    key: str
    version: int


@frozen(kw_only=True)
class ListCategories:
    """Ask for all categories: the built-in ones, then the fleet's own by name."""


@frozen(kw_only=True)
class RecurringFields:
    """What a person says about a recurring expense: the expense, and when it falls due.

    It is due on *starts_on* and again after each *every* periods, up to and including *ends_on*.
    """

    vehicle_id: UUID | None = None
    category: str
    amount: Money
    title: str = ""
    place: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    period: Period
    every: int = 1
    starts_on: date
    ends_on: date | None = None


@frozen(kw_only=True)
class AddRecurring(RecurringFields):
    """Add a recurring expense; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditRecurring(RecurringFields):
    """Replace everything that was said about recurring expense *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class StopRecurring:
    """Let recurring expense *id* end with *last_on*, or today; what fell due until then is still recorded."""

    id: UUID
    version: int
    last_on: date | None = None


@frozen(kw_only=True)
class Recurring(RecurringFields):
    """A recurring expense, and how far its records have been made.

    *next_on* is when the next one falls due (None: never again), *next_index* its place in the schedule,
    *next_occurrence* the number it will carry, *last_on* the due day of the newest one made.
    """

    id: UUID
    next_on: date | None = None
    next_index: int = 0
    next_occurrence: int = 0
    last_on: date | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetRecurring:
    """Ask for one recurring expense."""

    id: UUID


@frozen(kw_only=True)
class ListRecurring:
    """Ask for recurring expenses, newest first; those that have ended only with *include_ended*."""

    vehicle_id: UUID | None = None
    include_ended: bool = False
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class RunRecurring:
    """Record every recurring expense that has fallen due up to today and is not recorded yet."""


@frozen(kw_only=True)
class RecurringRun:
    """What a run recorded, by its day."""

    ran_on: date
    expenses: tuple[Expense, ...] = ()
