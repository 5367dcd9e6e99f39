"""Rows that never change, attacked: the audit log and the readings refuse every way to change or lose one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import a_reading, new_vehicle
from fleetcore.vehicles.meters import record_reading, void_reading
from fleetcore.vehicles.readings import VoidReading

TABLES = ["audit_log", "vehicles_readings"]


@pytest.fixture
def filled(core: Core, owner: Actor) -> str:
    """The URL of a database with audit entries, readings and a void."""
    vehicle = new_vehicle(core, owner)
    reading = core.run(owner, record_reading, a_reading(vehicle.id))
    core.run(owner, void_reading, VoidReading(id=reading.id))
    core.run(owner, record_reading, a_reading(vehicle.id))
    return core.database.url


def rows(url: str, table: str) -> list[tuple[Any, ...]]:
    """Return every row of *table*."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return sorted(map(tuple, connection.execute(text(f"SELECT * FROM {table}"))), key=repr)  # noqa: S608
    finally:
        engine.dispose()


def attack(url: str, statement: str) -> str:
    """Run *statement* as the owner of the tables and return why it was refused."""
    engine = create_engine(url)
    try:
        with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
            connection.execute(text(statement))
        return str(caught.value.orig)
    finally:
        engine.dispose()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET fleet_id = fleet_id",
        "UPDATE {} SET id = id WHERE 1 = 1",
        "DELETE FROM {}",
        "INSERT INTO {0} SELECT * FROM {0} WHERE true ON CONFLICT (fleet_id, id) DO UPDATE SET fleet_id = {0}.fleet_id",
    ],
)
def test_rows_refuse_change(filled: str, table: str, statement: str) -> None:
    """Even the owner of the tables cannot update, delete or upsert a row."""
    before = rows(filled, table)

    assert "never change" in attack(filled, statement.format(table))
    assert before == rows(filled, table)


@pytest.mark.postgres
@pytest.mark.parametrize("statement", ["TRUNCATE {} CASCADE", "TRUNCATE people_fleets CASCADE"])
@pytest.mark.parametrize("table", TABLES)
def test_rows_refuse_truncation(postgres_url: str, table: str, statement: str) -> None:
    """TRUNCATE is refused for the owner too, also where it comes by way of another table."""
    assert "never change" in attack(postgres_url, statement.format(table))


@pytest.fixture
def foreign_connection(sqlite_core: Core, sqlite_owner: Actor) -> Iterator[sqlite3.Connection]:
    """A connection of another program to a filled SQLite file, with none of the library's settings."""
    vehicle = new_vehicle(sqlite_core, sqlite_owner)
    reading = sqlite_core.run(sqlite_owner, record_reading, a_reading(vehicle.id))
    sqlite_core.run(sqlite_owner, void_reading, VoidReading(id=reading.id))
    with closing(sqlite3.connect(str(make_url(sqlite_core.database.url).database))) as lent:
        yield lent


@pytest.mark.parametrize("table", TABLES)
def test_rows_refuse_replacement_by_key(foreign_connection: sqlite3.Connection, table: str) -> None:
    """INSERT OR REPLACE of a row with the same key is refused, though no delete trigger runs for it."""
    with pytest.raises(sqlite3.IntegrityError, match="never change"):
        foreign_connection.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
def test_rows_refuse_replacement_by_rowid(foreign_connection: sqlite3.Connection, table: str) -> None:
    """INSERT OR REPLACE of another row at the same place in the file is refused."""
    names = [row[1] for row in foreign_connection.execute(f"PRAGMA table_info({table})")]
    values = ["randomblob(16)" if name == "id" else f'"{name}"' for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    with pytest.raises(sqlite3.IntegrityError, match="never change"):
        foreign_connection.execute(
            f"INSERT OR REPLACE INTO {table} (rowid, {columns}) "  # noqa: S608
            f"SELECT rowid, {', '.join(values)} FROM {table} WHERE rowid = 1"
        )


def test_a_reading_is_voided_once(foreign_connection: sqlite3.Connection) -> None:
    """A second void of a reading is refused by the database, whatever its id."""
    names = [row[1] for row in foreign_connection.execute("PRAGMA table_info(vehicles_readings)")]
    values = ["randomblob(16)" if name == "id" else f'"{name}"' for name in names]
    with pytest.raises(sqlite3.IntegrityError):
        foreign_connection.execute(
            f"INSERT OR REPLACE INTO vehicles_readings SELECT {', '.join(values)} "  # noqa: S608
            "FROM vehicles_readings WHERE voids IS NOT NULL"
        )
