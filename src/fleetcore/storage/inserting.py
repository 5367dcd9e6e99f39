"""One row by one prepared statement, straight to the driver: what every recorded fact does several times.

SQLAlchemy's own insert costs twice as much: it wraps every parameter, and asks for the keys that we made ourselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

from .driving import driven, is_watched
from .types import Id, Instant

__all__ = ["binder_of", "insert_one"]

Binder = Callable[[Any], Any]


def insert_one(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert *row*, column name to value; raises SQLAlchemy's IntegrityError like any statement."""
    statement, binders = _statement(connection.dialect, table, tuple(row))
    values = [
        value if bind is None or value is None else bind(value)
        for bind, value in zip(binders, row.values(), strict=True)
    ]
    if is_watched(connection.dispatch):
        connection.exec_driver_sql(statement, tuple(values))
        return
    with driven(connection, statement, values):
        pass


@lru_cache(maxsize=256)
def _statement(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[Binder | None, ...]]:
    names = ", ".join(map(dialect.identifier_preparer.quote, columns))
    marks = ", ".join(["?" if dialect.name == "sqlite" else "%s"] * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    return statement, tuple(binder_of(table.c[name].type, dialect) for name in columns)


def binder_of(kind: Any, dialect: Dialect) -> Binder | None:
    """Return what turns a value of *kind* into the driver's; None where the driver takes it as it is."""
    if dialect.name == "postgresql" and isinstance(kind, Id | Instant):
        return None
    found: Binder | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found
