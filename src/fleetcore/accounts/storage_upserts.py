"""Rows that are written whether they were there or not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

__all__ = ["inserting", "upsert"]


def inserting(connection: Connection, table: Table) -> Any:
    """Return the insert into *table* that knows ON CONFLICT, of the engine at hand."""
    return (postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert)(table)


def upsert(connection: Connection, table: Table, key: tuple[str, ...], row: Mapping[str, Any]) -> None:
    """Write *row* over the one with the same *key*, or add it."""
    connection.execute(_statement(connection.dialect.name, table, key), row)


@lru_cache(maxsize=32)
def _statement(dialect: str, table: Table, key: tuple[str, ...]) -> Any:
    statement = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(table)
    others = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=others)
