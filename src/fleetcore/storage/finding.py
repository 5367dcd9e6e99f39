"""One row by its key, straight from the driver: what most requests ask, some of them several times.

SQLAlchemy's own way wraps the parameters, the result, each of its columns and the row: for a single row that costs as
much as the driver. Where somebody listens to statements, theirs is the way all the same, for they would hear nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Float, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from .inserting import binder_of
from .types import Id

__all__ = ["find_row", "is_watched"]

Reader = Callable[[Any], Any]


def is_watched(dispatch: Any) -> bool:
    """Say whether somebody listens to the statements of a connection or engine, by its *dispatch*."""
    return bool(dispatch.before_cursor_execute or dispatch.after_cursor_execute)


def find_row(connection: Connection, table: Table, fleet_id: UUID, row_id: UUID) -> dict[str, Any] | None:
    """Return the row of *table* with that id, column name to value, or None; raises SQLAlchemy's DBAPIError."""
    dialect = connection.dialect
    statement, names, readers, bind = _statement(dialect, table)
    keys = (fleet_id, row_id) if bind is None else (bind(fleet_id), bind(row_id))
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, keys)
        row = cursor.fetchone()
    except dialect.loaded_dbapi.Error as error:
        raise _translated(connection, statement, keys, error) from error
    finally:
        cursor.close()
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


def _translated(connection: Connection, statement: str, keys: Any, error: Exception) -> BaseException:
    """Return *error* as SQLAlchemy would raise it; a connection that is gone is given up."""
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]  # any driver's error
    made = DBAPIError.instance(
        statement,
        keys,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    if is_gone:
        connection.invalidate(error)
    return made
