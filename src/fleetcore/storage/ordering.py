"""Lists in the order that is asked for, continued behind the last row of a page by key and never by counting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, func, literal, or_, tuple_

from fleetcore.kernel.paging import Position
from fleetcore.kernel.sorting import is_backwards, sorted_by

from .types import Id

__all__ = ["Ordering", "narrowed", "with_text"]


class Ordering:
    """The rows of a selection sorted by any of *columns*, which are never null; *key* decides between equals."""

    def __init__(self, selection: Select[Any], key: Any, columns: Mapping[str, Any]) -> None:
        self._columns = columns
        self._key = key
        self._sorted: dict[str, Select[Any]] = {}
        for name, column in columns.items():
            self._sorted[name] = selection.order_by(column, key)
            self._sorted[f"-{name}"] = selection.order_by(column.desc(), key.desc())

    def page(self, sort: str, after: Position | None) -> Select[Any]:
        """Return the sorted rows; with *after* only those behind that position."""
        statement = self._sorted[sort]
        return statement if after is None else statement.where(self.behind(sort, after))

    def behind(self, sort: str, after: Position) -> ColumnElement[bool]:
        """Return the condition of the rows behind a position."""
        column = self._columns[sorted_by(sort)]
        value = after.at.date() if isinstance(column.type, Date) else after.at
        rows, last = tuple_(column, self._key), tuple_(literal(value, column.type), literal(after.id, Id))
        return rows < last if is_backwards(sort) else rows > last


def narrowed(statement: Select[Any], *conditions: ColumnElement[bool] | None) -> Select[Any]:
    """Return *statement* with those of the *conditions* that there are."""
    for condition in conditions:
        if condition is not None:
            statement = statement.where(condition)
    return statement


def with_text(text: str, *columns: Any) -> ColumnElement[bool] | None:
    """Return the condition that one of *columns* holds *text*, in whatever case; None for no text.

    SQLite tells upper from lower case beyond ASCII.
    """
    if not text.strip():
        return None
    return or_(*(func.lower(column).contains(text.strip().lower(), autoescape=True) for column in columns))
