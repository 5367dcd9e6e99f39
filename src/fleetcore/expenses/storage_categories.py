"""The table of the fleets' own categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    String,
    bindparam,
    column,
    literal,
    select,
    table,
    union_all,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import Category

__all__ = ["SqlCategoryStore", "categories"]

categories = fleet_table(
    "expenses_categories",
    Column("key", String(100), nullable=False),
    Column("name", String(100), nullable=False),
    Column("account_code", String(80), nullable=False),
    Column("income_account_code", String(80), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("uq_expenses_categories_key", categories.c.fleet_id, categories.c.key, unique=True)

FIELDS = tuple(attribute.name for attribute in attrs.fields(Category))
_users = tuple(
    table(name, column("fleet_id", Id), column("category", String))
    for name in ("expenses_expenses", "expenses_recurring")
)


def _to_row(category: Category) -> dict[str, Any]:
    return {name: getattr(category, name) for name in FIELDS}


def _from_row(row: RowMapping) -> Category:
    return Category(**{name: row[name] for name in FIELDS})


class _CategoryRows(Rows[Category]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the name is taken."""
        return Conflict("a category of this name exists already")


CATEGORY_ROWS = _CategoryRows("category", categories, _to_row, _from_row)
_in_fleet = categories.c.fleet_id == bindparam("in_fleet")
_by_key = select(categories).where(_in_fleet, categories.c.key == bindparam("by_key"))
_by_key_shared = _by_key.with_for_update(read=True)
_by_key_locked = _by_key.with_for_update()
_by_name = select(categories).where(_in_fleet).order_by(categories.c.name, categories.c.id)
_used = union_all(
    *(
        select(literal(1)).where(user.c.fleet_id == bindparam("in_fleet"), user.c.category == bindparam("by_key"))
        for user in _users
    )
).limit(1)


@attrs.frozen
class SqlCategoryStore:
    """The own categories of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, category: Category) -> None:
        """Store *category*."""
        CATEGORY_ROWS.add(self.connection, self.fleet_id, category)

    def find(self, key: str, *, lock: bool = False) -> Category | None:
        """Return the category, or None."""
        statement = _by_key_locked if lock else _by_key_shared
        row = self.connection.execute(statement, {"in_fleet": self.fleet_id, "by_key": key}).mappings().first()
        return None if row is None else _from_row(row)

    def all(self) -> Sequence[Category]:
        """Return every own category by name."""
        return [_from_row(row) for row in self.connection.execute(_by_name, {"in_fleet": self.fleet_id}).mappings()]

    def replace(self, category: Category, *, old_version: int) -> None:
        """Write *category* over its *old_version*."""
        CATEGORY_ROWS.replace(self.connection, self.fleet_id, category, old_version=old_version)

    def remove(self, category: Category) -> None:
        """Erase *category*."""
        assert category.id is not None  # noqa: S101 - own categories have ids; tells the type checker
        CATEGORY_ROWS.remove(self.connection, self.fleet_id, category.id)

    def is_used(self, key: str) -> bool:
        """Say whether an expense or a recurring expense names the category."""
        return self.connection.execute(_used, {"in_fleet": self.fleet_id, "by_key": key}).first() is not None
