"""Many rows at once: one unnest statement per thousand on PostgreSQL, rows side by side on SQLite.

COPY would be faster on PostgreSQL, but it is refused on tables with row-level security.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice, repeat
from operator import is_
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Connection, Date, Float, Integer, LargeBinary, String, Table
from sqlalchemy.types import TypeEngine

from .types import Id, Instant, to_micros

__all__ = ["insert_many"]

BATCH_ROWS = 1000
# SQLite keeps a copy of every page that a statement with triggers or foreign keys touches, so that it can be undone:
# once for each statement, so many rows in one cost half as much. More parameters than this some versions refuse.
PARAMETERS_MAX = 999
_REFRESH_STATISTICS = "SELECT fleetcore_refresh_statistics(%s::text[])"
Binder = Callable[[Any], Any]
Values = Sequence[Any]


def insert_many(connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[Values]) -> int:
    """Insert *rows*, each a sequence in the order of *columns*; returns how many there were."""
    insert = _insert_on_postgresql if connection.dialect.name == "postgresql" else _insert_on_sqlite
    total = 0
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        total += len(batch)
        insert(connection, table, columns, list(zip(*batch, strict=True)))
    return total


def _is_constant(values: Values) -> bool:
    return all(map(is_, values, repeat(values[0])))


def _insert_on_sqlite(connection: Connection, table: Table, columns: tuple[str, ...], by_column: list[Values]) -> None:
    insert, marks, binders = _sqlite_statement(connection.dialect, table, columns)
    bound = [_bound(bind, values) for bind, values in zip(binders, by_column, strict=True)]
    rows = list(zip(*bound, strict=True))
    together = PARAMETERS_MAX // len(columns)
    whole = len(rows) - len(rows) % together
    if whole:
        chunks = [tuple(chain.from_iterable(rows[start : start + together])) for start in range(0, whole, together)]
        connection.exec_driver_sql(insert + ", ".join([marks] * together), chunks)
    if whole < len(rows):
        connection.exec_driver_sql(insert + marks, rows[whole:])


def _bound(bind: Binder | None, values: Values) -> Values:
    """Return the values of a column as the driver takes them; the same one a thousand times is bound once."""
    if bind is None:
        return values
    if _is_constant(values):
        first = values[0]
        return [None if first is None else bind(first)] * len(values)
    return [None if value is None else bind(value) for value in values]


@lru_cache(maxsize=128)
def _sqlite_statement(
    dialect: Any, table: Table, columns: tuple[str, ...]
) -> tuple[str, str, tuple[Binder | None, ...]]:
    names = ", ".join(map(dialect.identifier_preparer.quote, columns))
    marks = ", ".join("?" for _ in columns)
    insert = f"INSERT INTO {table.name} ({names}) VALUES "  # noqa: S608 - names of our own tables
    return insert, f"({marks})", tuple(_sqlite_binder(table.c[name].type, dialect) for name in columns)


def _sqlite_binder(kind: TypeEngine[Any], dialect: Any) -> Binder | None:
    """Return what turns a value of *kind* into the driver's; None where nothing needs to be done.

    Ids and instants are most of every row, so they skip SQLAlchemy's chain of decorators.
    """
    if isinstance(kind, Id):
        return _id_bytes
    if isinstance(kind, Instant):
        return to_micros
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _id_bytes(value: UUID) -> bytes:
    return value.int.to_bytes(16, "big")


def _insert_on_postgresql(
    connection: Connection, table: Table, columns: tuple[str, ...], by_column: list[Values]
) -> None:
    constant = tuple(map(_is_constant, by_column))
    statement, writers = _postgresql_statement(connection.dialect, table, columns, constant)
    parameters = [
        (None if values[0] is None else write(values[0])) if is_same else _array(write, values)
        for write, values, is_same in zip(writers, by_column, constant, strict=True)
    ]
    connection.exec_driver_sql(statement, tuple(parameters) if not all(constant) else (*parameters, len(by_column[0])))
    if len(by_column[0]) == BATCH_ROWS:  # else the planner is blind: see migrations.statistics
        connection.exec_driver_sql(_REFRESH_STATISTICS, ([table.name],))


@lru_cache(maxsize=512)
def _postgresql_statement(
    dialect: Any, table: Table, columns: tuple[str, ...], constant: tuple[bool, ...]
) -> tuple[str, tuple[Binder, ...]]:
    """Build the statement: a column with one value is a parameter of its own, the others are arrays side by side."""
    types = [table.c[name].type for name in columns]
    names = ", ".join(map(dialect.identifier_preparer.quote, columns))
    # A cast to varchar(200) would cut a longer text without a word; a text that is too long is refused.
    sql_types = ["text" if isinstance(kind, String) else kind.compile(dialect) for kind in types]
    single = [f"%s::{sql_type}" for sql_type in sql_types]
    # Parameters are bound in the order of the text, so the arrays stand inside the select list too.
    chosen = ", ".join(
        one if same else f"unnest(%s::{kind}[])" for one, same, kind in zip(single, constant, sql_types, strict=True)
    )
    rows = f"SELECT {chosen}" if not all(constant) else f"SELECT {chosen} FROM generate_series(1, %s)"  # noqa: S608 - our own names
    statement = f"INSERT INTO {table.name} ({names}) {rows}"
    return statement, tuple(_postgresql_writer(kind, dialect) for kind in types)


def _array(write: Binder, values: Values) -> str:
    """Write an array literal; the driver's own way looks at every element with a regular expression."""
    if write in PLAIN_WRITERS:
        return "{" + ",".join(["NULL" if value is None else write(value) for value in values]) + "}"
    return "{" + ",".join(["NULL" if value is None else _quoted(write(value)) for value in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _postgresql_writer(kind: TypeEngine[Any], dialect: Any) -> Binder:
    """Return what writes a value of *kind* as PostgreSQL reads it from text."""
    if isinstance(kind, Id):
        return _id_hex
    if isinstance(kind, Instant | Date):
        return _iso
    if isinstance(kind, Boolean | Integer | Float):
        return repr
    if isinstance(kind, LargeBinary):
        return _bytes_hex
    bind = kind.dialect_impl(dialect).bind_processor(dialect)
    return str if bind is None else lambda value: str(bind(value))


def _id_hex(value: UUID) -> str:
    return f"{value.int:032x}"


def _bytes_hex(value: bytes) -> str:
    return "\\x" + value.hex()


def _iso(value: date) -> str:
    return value.isoformat()


# What these write needs no quotes in an array: digits, hexadecimals, ISO times, True and False.
PLAIN_WRITERS = frozenset({_id_hex, _iso, repr})
