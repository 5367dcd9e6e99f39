"""What is told after an expense, a category or a recurring expense changed; personal words stay out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import Period

__all__ = [
    "EVENTS",
    "CategoryAdded",
    "CategoryEdited",
    "CategoryRemoved",
    "ExpenseDeleted",
    "ExpenseEdited",
    "ExpenseRecorded",
    "ExpenseRestored",
    "RecurringAdded",
    "RecurringEdited",
    "RecurringStopped",
]


@frozen(kw_only=True)
class _ExpenseTold(Event):
    """What both the first and every later version of an expense tell."""

    expense_id: UUID
    vehicle_id: UUID | None
    spent_on: date
    category: str
    amount: Money
    odometer: Distance | None
    recurring_id: UUID | None
    expense_version: int


@event("expenses.expense_recorded", key="expense_id")
@frozen(kw_only=True)
class ExpenseRecorded(_ExpenseTold):
    """An expense was recorded, by a person or by its schedule."""


@event("expenses.expense_edited", key="expense_id")
@frozen(kw_only=True)
class ExpenseEdited(_ExpenseTold):
    """An expense was changed; the payload is how it is now."""


@event("expenses.expense_deleted", key="expense_id")
@frozen(kw_only=True)
class ExpenseDeleted(Event):
    """An expense was deleted."""

    expense_id: UUID
    vehicle_id: UUID | None
    expense_version: int


@event("expenses.expense_restored", key="expense_id")
@frozen(kw_only=True)
class ExpenseRestored(_ExpenseTold):
    """A deleted expense came back."""


@frozen(kw_only=True)
class _CategoryTold(Event):
    """What a category tells."""

    category_id: UUID
    category_key: str


@event("expenses.category_added", key="category_id")
@frozen(kw_only=True)
class CategoryAdded(_CategoryTold):
    """The fleet got a category of its own."""


@event("expenses.category_edited", key="category_id")
@frozen(kw_only=True)
class CategoryEdited(_CategoryTold):
    """A category got another name."""


@event("expenses.category_removed", key="category_id")
@frozen(kw_only=True)
class CategoryRemoved(_CategoryTold):
    """A category that no expense used was removed."""


@frozen(kw_only=True)
class _RecurringTold(Event):
    """What a recurring expense tells."""

    recurring_id: UUID
    vehicle_id: UUID | None
    category: str
    amount: Money
    period: Period
    every: int
    starts_on: date
    ends_on: date | None
    next_on: date | None
    recurring_version: int


@event("expenses.recurring_added", key="recurring_id")
@frozen(kw_only=True)
class RecurringAdded(_RecurringTold):
    """A recurring expense was set up."""


@event("expenses.recurring_edited", key="recurring_id")
@frozen(kw_only=True)
class RecurringEdited(_RecurringTold):
    """A recurring expense was changed; what it recorded before stays."""


@event("expenses.recurring_stopped", key="recurring_id")
@frozen(kw_only=True)
class RecurringStopped(_RecurringTold):
    """A recurring expense was given its last day."""


EVENTS: tuple[type[Event], ...] = (
    ExpenseRecorded,
    ExpenseEdited,
    ExpenseDeleted,
    ExpenseRestored,
    CategoryAdded,
    CategoryEdited,
    CategoryRemoved,
    RecurringAdded,
    RecurringEdited,
    RecurringStopped,
)
