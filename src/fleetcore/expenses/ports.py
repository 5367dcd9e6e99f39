"""Where expenses, categories and recurring expenses are kept, and what they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .model import Category, Expense, ListExpenses, ListRecurring, Recurring

__all__ = ["CATEGORIES", "EXPENSES", "EXPENSE_TIMELINE", "RECURRING", "CategoryStore", "ExpenseStore", "RecurringStore"]


class ExpenseStore(Protocol):
    """The expenses of one fleet; those of removed vehicles are out of sight, deleted ones too."""

    def add(self, expense: Expense) -> None:
        """Store *expense*; a taken id raises Conflict."""
        ...

    def add_many(self, expenses: Iterable[Expense]) -> None:
        """Store many expenses in bulk."""
        ...

    def get(self, expense_id: UUID, *, deleted: bool = False) -> Expense:
        """Return the expense; raises NotFound. Deleted ones only with *deleted*."""
        ...

    def replace(self, expense: Expense, *, old_version: int) -> None:
        """Write *expense* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(
        self,
        question: ListExpenses,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Expense]:
        """Return up to *limit* expenses, newest first.

        None as *vehicle_ids* means every vehicle, and the expenses of the fleet without one.
        """
        ...

    def of_import(self, import_id: UUID) -> Iterator[tuple[UUID, UUID | None, UUID | None]]:
        """Yield (expense id, vehicle id, reading id) of what an import brought, deleted ones too."""
        ...

    def remove(self, expense_ids: Iterable[UUID]) -> None:
        """Erase expenses, deleted ones too."""
        ...

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought; returns how many rows."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every expense of a vehicle."""
        ...


class CategoryStore(Protocol):
    """The fleet's own categories."""

    def add(self, category: Category) -> None:
        """Store *category*; a taken key raises Conflict."""
        ...

    def find(self, key: str, *, lock: bool = False) -> Category | None:
        """Return the category, or None; it cannot be removed before commit. *lock* keeps its users out too."""
        ...

    def all(self) -> Sequence[Category]:
        """Return every own category by name."""
        ...

    def replace(self, category: Category, *, old_version: int) -> None:
        """Write *category* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, category: Category) -> None:
        """Erase *category*."""
        ...

    def is_used(self, key: str) -> bool:
        """Say whether an expense, deleted or not, or a recurring expense names the category."""
        ...


class RecurringStore(Protocol):
    """The recurring expenses of one fleet; those of removed vehicles are out of sight."""

    def add(self, recurring: Recurring) -> None:
        """Store *recurring*; a taken id raises Conflict."""
        ...

    def get(self, recurring_id: UUID, *, lock: bool = False) -> Recurring:
        """Return the recurring expense; raises NotFound. *lock* keeps runs and other writers out until commit."""
        ...

    def replace(self, recurring: Recurring, *, old_version: int) -> None:
        """Write *recurring* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def advance(self, recurring: Recurring) -> None:
        """Write how far *recurring* has been made; that is no new version of what people said."""
        ...

    def page(
        self,
        question: ListRecurring,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Recurring]:
        """Return up to *limit* recurring expenses, newest first; None as *vehicle_ids* means every one."""
        ...

    def due(self, today: date, vehicle_ids: frozenset[UUID] | None, created_by: UUID | None) -> Sequence[Recurring]:
        """Return those whose next occurrence has fallen due, locked until commit, in the order of their ids."""
        ...

    def due_anywhere(self, latest: date) -> Sequence[tuple[UUID, str, date]]:
        """Return (fleet, its time zone, earliest day) of what falls due up to *latest* in any fleet and can be made."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every recurring expense of a vehicle; expenses elsewhere that it made forget it."""
        ...


EXPENSES: StoreKey[ExpenseStore] = StoreKey("expenses.expenses")
CATEGORIES: StoreKey[CategoryStore] = StoreKey("expenses.categories")
RECURRING: StoreKey[RecurringStore] = StoreKey("expenses.recurring")
EXPENSE_TIMELINE: StoreKey[TimelineStore] = StoreKey("expenses.timeline")
