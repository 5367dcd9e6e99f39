"""The table of expenses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    String,
    Text,
    bindparam,
    delete,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Expense, ListExpenses
from .storage_recurring import recurring  # noqa: F401 - declares the table that the foreign key names

__all__ = ["SqlExpenseStore", "expenses"]

expenses = fleet_table(
    "expenses_expenses",
    Column("vehicle_id", Id),
    Column("spent_on", Date, nullable=False),
    Column("at", Instant),
    Column("category", String(100), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("title", String(200), nullable=False),
    Column("odometer_m", BigInteger),
    Column("place", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("attachment_ids", Json, nullable=False),
    Column("import_id", Id),
    Column("reading_id", Id),
    Column("recurring_id", Id),
    Column("occurrence", Integer),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
    ForeignKeyConstraint(["fleet_id", "recurring_id"], ["expenses_recurring.fleet_id", "expenses_recurring.id"]),
)
_day_order = (expenses.c.spent_on, expenses.c.id)
Index("ix_expenses_expenses_vehicle", expenses.c.fleet_id, expenses.c.vehicle_id, *_day_order)
Index("ix_expenses_expenses_day", expenses.c.fleet_id, *_day_order)
Index("ix_expenses_expenses_amount", expenses.c.fleet_id, expenses.c.amount_minor, expenses.c.id)
Index("ix_expenses_expenses_category", expenses.c.fleet_id, expenses.c.category, *_day_order)
_imported = expenses.c.import_id.is_not(None)
Index(
    "ix_expenses_expenses_import",
    *(expenses.c.fleet_id, expenses.c.import_id),
    sqlite_where=_imported,
    postgresql_where=_imported,
)
_recurring = expenses.c.recurring_id.is_not(None)
Index(
    "uq_expenses_expenses_occurrence",
    *(expenses.c.fleet_id, expenses.c.recurring_id, expenses.c.occurrence),
    unique=True,
    sqlite_where=_recurring,
    postgresql_where=_recurring,
)

IDS_AT_ONCE = 1000
COLUMNS = tuple(column.name for column in expenses.c)


def _to_row(expense: Expense) -> dict[str, Any]:
    return dict(zip(COLUMNS[1:], _values(expense), strict=True))


def _values(expense: Expense) -> tuple[Any, ...]:
    """Return the values of a row behind ``fleet_id``, in the order of the columns: the import's hot path."""
    return (
        expense.id,
        expense.vehicle_id,
        expense.spent_on,
        expense.at,
        expense.category,
        expense.amount.minor,
        expense.amount.currency,
        expense.title,
        None if expense.odometer is None else expense.odometer.metres,
        expense.place,
        expense.notes,
        list(expense.tags),
        list(expense.attachment_ids),
        expense.import_id,
        expense.reading_id,
        expense.recurring_id,
        expense.occurrence,
        expense.deleted_at,
        expense.created_at,
        expense.updated_at,
        expense.created_by,
        expense.updated_by,
        expense.version,
    )


SAME = (
    *("id", "vehicle_id", "spent_on", "at", "category", "title", "place", "notes", "import_id", "reading_id"),
    *("recurring_id", "occurrence", "deleted_at", "created_at", "updated_at", "created_by", "updated_by", "version"),
)


def _from_row(row: RowMapping) -> Expense:
    metres = row["odometer_m"]
    return Expense(
        **{name: row[name] for name in SAME},
        amount=Money(row["amount_minor"], row["currency"]),
        odometer=None if metres is None else Distance(metres),
        tags=tuple(row["tags"]),
        attachment_ids=tuple(UUID(text) for text in row["attachment_ids"]),
    )


class _ExpenseRows(Rows[Expense]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the id or the occurrence is taken."""
        if "occurrence" in str(error.orig):
            return Conflict("this occurrence of the recurring expense is recorded already")
        return Conflict("an expense with this id exists already")


EXPENSE_ROWS = _ExpenseRows("expense", expenses, _to_row, _from_row)
_in_fleet = expenses.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & or_(expenses.c.vehicle_id.is_(None), of_living_vehicle(expenses))
_kept = expenses.c.deleted_at.is_(None)
_by_id = select(expenses).where(_in_sight, expenses.c.id == bindparam("by_id"))
ORDERING = Ordering(
    select(expenses).where(_in_sight),
    expenses.c.id,
    {"spent_on": expenses.c.spent_on, "amount": expenses.c.amount_minor},
)
_of_import = _in_fleet & (expenses.c.import_id == bindparam("of_import"))
_import_rows = select(expenses.c.id, expenses.c.vehicle_id, expenses.c.reading_id).where(_of_import)
_remove = delete(expenses).where(_in_fleet, expenses.c.id.in_(bindparam("by_ids", type_=Id, expanding=True)))
_remove_import = delete(expenses).where(_of_import)
_purge = delete(expenses).where(_in_fleet, expenses.c.vehicle_id == bindparam("of_vehicle"))


@attrs.frozen
class SqlExpenseStore:
    """The expenses of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, expense: Expense) -> None:
        """Store *expense*."""
        EXPENSE_ROWS.add(self.connection, self.fleet_id, expense)

    def add_many(self, facts: Iterable[Expense]) -> None:
        """Store many expenses in bulk."""
        insert_many(self.connection, expenses, COLUMNS, ((self.fleet_id, *_values(fact)) for fact in facts))

    def get(self, expense_id: UUID, *, deleted: bool = False) -> Expense:
        """Return the expense."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": expense_id}).mappings().first()
        if row is None or (row["deleted_at"] is None) is deleted:
            raise NotFound("deleted expense" if deleted else "expense", expense_id)
        return _from_row(row)

    def replace(self, expense: Expense, *, old_version: int) -> None:
        """Write *expense* over its *old_version*."""
        EXPENSE_ROWS.replace(self.connection, self.fleet_id, expense, old_version=old_version)

    def page(
        self,
        question: ListExpenses,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Expense]:
        """Return up to *limit* expenses in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            ~_kept if question.deleted else _kept,
            None if question.vehicle_id is None else expenses.c.vehicle_id == question.vehicle_id,
            None if vehicle_ids is None else expenses.c.vehicle_id.in_(vehicle_ids),
            None if created_by is None else expenses.c.created_by == created_by,
            None if question.category is None else expenses.c.category == question.category,
            None if question.recurring_id is None else expenses.c.recurring_id == question.recurring_id,
            None if question.since is None else expenses.c.spent_on >= question.since,
            None if question.until is None else expenses.c.spent_on <= question.until,
            with_text(question.text, expenses.c.title, expenses.c.place, expenses.c.notes),
        )
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def of_import(self, import_id: UUID) -> Iterator[tuple[UUID, UUID | None, UUID | None]]:
        """Yield (expense id, vehicle id, reading id) of what an import brought."""
        rows = self.connection.execute(_import_rows, {"in_fleet": self.fleet_id, "of_import": import_id})
        return ((expense_id, vehicle_id, reading_id) for expense_id, vehicle_id, reading_id in rows)

    def remove(self, expense_ids: Iterable[UUID]) -> None:
        """Erase expenses."""
        ids = list(expense_ids)
        for start in range(0, len(ids), IDS_AT_ONCE):
            batch = ids[start : start + IDS_AT_ONCE]
            self.connection.execute(_remove, {"in_fleet": self.fleet_id, "by_ids": batch})

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought."""
        keys = {"in_fleet": self.fleet_id, "of_import": import_id}
        return self.connection.execute(_remove_import, keys).rowcount

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every expense of a vehicle."""
        self.connection.execute(_purge, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})
