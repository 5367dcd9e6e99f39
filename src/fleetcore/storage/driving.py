"""Statements straight to the driver, with SQLAlchemy's errors.

SQLAlchemy's own way wraps the parameters, the result, each of its columns and the row: for a single row that costs as
much as the driver. Where somebody listens to statements, theirs is the way all the same, for they would hear nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

__all__ = ["driven", "is_watched"]


def is_watched(dispatch: Any) -> bool:
    """Say whether somebody listens to the statements of a connection or engine, by its *dispatch*."""
    return bool(dispatch.before_cursor_execute or dispatch.after_cursor_execute)


@contextmanager
def driven(connection: Connection, statement: str, values: Sequence[Any]) -> Iterator[Any]:
    """Lend the driver's cursor after *statement*; raises SQLAlchemy's DBAPIError for an error of the driver."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
        yield cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, statement, values, error) from error
    finally:
        cursor.close()


def _translated(connection: Connection, statement: str, values: Any, error: Exception) -> BaseException:
    """Return *error* as SQLAlchemy would raise it; a connection that is gone is given up."""
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]  # any driver's error
    made = DBAPIError.instance(
        statement,
        values,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    if is_gone:
        connection.invalidate(error)
    return made
