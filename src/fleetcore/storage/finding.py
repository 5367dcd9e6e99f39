"""One row by its key: what most requests ask, some of them several times."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Float, Table
from sqlalchemy.engine import Dialect

from .driving import driven
from .inserting import binder_of
from .types import Id

__all__ = ["find_row"]

Reader = Callable[[Any], Any]


def find_row(connection: Connection, table: Table, fleet_id: UUID, row_id: UUID) -> dict[str, Any] | None:
    """Return the row of *table* with that id, column name to value, or None; raises SQLAlchemy's DBAPIError."""
    dialect = connection.dialect
    statement, names, readers, bind = _statement(dialect, table)
    keys = (fleet_id, row_id) if bind is None else (bind(fleet_id), bind(row_id))
    with driven(connection, statement, keys) as cursor:
        row = cursor.fetchone()
    if row is None:
        return None
    found = dict(zip(names, row, strict=True))
    for name, read in readers:
        found[name] = read(found[name])
    return found


@lru_cache(maxsize=256)
def _statement(
    dialect: Dialect, table: Table
) -> tuple[str, tuple[str, ...], tuple[tuple[str, Reader], ...], Reader | None]:
    """Return the statement, the names of its columns, what reads them where it is needed, and what binds a key."""
    names = tuple(column.name for column in table.c)
    mark = "?" if dialect.name == "sqlite" else "%s"
    columns = ", ".join(map(dialect.identifier_preparer.quote, names))
    statement = f"SELECT {columns} FROM {table.name} WHERE fleet_id = {mark} AND id = {mark}"  # noqa: S608 - names of our own tables
    read_by = ((column.name, _reader(column.type, dialect)) for column in table.c)
    readers = tuple((name, read) for name, read in read_by if read is not None)
    return statement, names, readers, binder_of(Id(), dialect)


def _reader(kind: Any, dialect: Dialect) -> Reader | None:
    """Return what turns the driver's value into one of *kind*; None where it is one already, as floats are."""
    if isinstance(kind, Float):
        return None
    found: Reader | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found
