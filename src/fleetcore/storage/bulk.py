"""Many rows at once: one unnest statement per thousand on PostgreSQL, executemany on SQLite.

COPY would be faster on PostgreSQL, but it is refused on tables with row-level security.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

__all__ = ["insert_many"]

BATCH_ROWS = 1000
_REFRESH_STATISTICS = "SELECT fleetcore_refresh_statistics(%s::text[])"


def insert_many(connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> int:
    """Insert *rows*, each a sequence in the order of *columns*; returns how many there were."""
    statement, binders = _prepared(connection.dialect, table, columns)
    total = 0
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        total += len(batch)
        by_column = [
            list(values) if bind is None else [None if value is None else bind(value) for value in values]
            for bind, values in zip(binders, zip(*batch, strict=True), strict=True)
        ]
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(statement, tuple(by_column))
            if len(batch) == BATCH_ROWS:  # else the planner is blind: see migrations.statistics
                connection.exec_driver_sql(_REFRESH_STATISTICS, ([table.name],))
        else:
            connection.exec_driver_sql(statement, list(zip(*by_column, strict=True)))
    return total


@lru_cache(maxsize=128)
def _prepared(
    dialect: Any, table: Table, columns: tuple[str, ...]
) -> tuple[str, tuple[Callable[[Any], Any] | None, ...]]:
    types = [table.c[name].type for name in columns]
    names = ", ".join(map(dialect.identifier_preparer.quote, columns))
    if dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{kind.compile(dialect)}[]" for kind in types)
        statement = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables
    else:
        marks = ", ".join("?" for _ in columns)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    return statement, tuple(kind.dialect_impl(dialect).bind_processor(dialect) for kind in types)
