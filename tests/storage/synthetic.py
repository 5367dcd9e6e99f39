"""One made-up row of every table for a fleet, written past every guard: for tests of what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Connection, Table, create_engine, text

from fleetcore.areas import built_in_areas
from fleetcore.storage.types import Id, Instant, Json, metadata

built_in_areas()  # which declares every table
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def fleet_tables() -> list[Table]:
    """Return every table that carries the fleet of its rows."""
    return [table for table in metadata.sorted_tables if "fleet_id" in table.c]


@contextmanager
def owner(url: str) -> Iterator[Connection]:
    """Lend a transaction of the role that owns the tables, a superuser here."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def insert_past_guards(url: str, fleet_ids: list[UUID]) -> None:
    """Write a row of every fleet table for each of *fleet_ids*, without triggers and foreign keys."""
    with owner(url) as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for fleet_id in fleet_ids:
            for table in fleet_tables():
                insert_row(connection, table, fleet_id)


def insert_row(connection: Connection, table: Table, fleet_id: UUID) -> None:
    """Write a made-up row of *table*."""
    row = {column.name: value_for(column) for column in table.c if column.autoincrement is not True}
    connection.execute(table.insert(), row | {"fleet_id": fleet_id})


def value_for(column: Column[Any]) -> Any:
    """Make up a value that the column takes; nothing where it may be empty."""
    if column.nullable:
        return None
    if isinstance(column.type, Id):
        return uuid4()
    if isinstance(column.type, Instant):
        return NOW
    if isinstance(column.type, Json):
        return []
    kind = column.type.python_type
    return {str: "x", int: 2, bool: True, float: 1.0, date: NOW.date(), bytes: b"x" * 16}[kind]
