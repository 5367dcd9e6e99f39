"""Transactions: the lock of SQLite, and lost races that are run again on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Connection, make_url, text

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected, Unavailable
from fleetcore.storage.database import ATTEMPTS, Database
from fleetcore.testing.builders import new_vehicle
from fleetcore.vehicles.storage import SqlVehicleStore

FLEET = UUID(int=1)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """A PostgreSQL database."""
    opened = Database(postgres_url)
    yield opened
    opened.close()


def test_sqlite_takes_the_lock_first(sqlite_core: Core) -> None:
    """A write has SQLite's lock before it reads, so what it read cannot change under it."""
    database = sqlite_core.database

    def look(_connection: Connection) -> str:
        with closing(sqlite3.connect(str(make_url(database.url).database), timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError) as caught:
                other.execute("BEGIN IMMEDIATE")
            return str(caught.value)

    assert "database is locked" == database.write(FLEET, look)


def test_sqlite_keeps_money_safe(sqlite_core: Core) -> None:
    """Each connection syncs fully, checks references, and runs delete triggers for replaced rows."""
    wanted = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    with sqlite_core.database.read(FLEET) as connection:
        assert wanted == {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}


def failing(state: str, times: int) -> tuple[list[int], object]:
    """Make a body that fails with SQLSTATE *state* so many *times*, and the list of its attempts."""
    attempts: list[int] = []

    def body(connection: Connection) -> int:
        attempts.append(1)
        if len(attempts) <= times:
            connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{state}'; END $$"))
        return len(attempts)

    return attempts, body


@pytest.mark.postgres
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_lost_races_are_run_again(postgres: Database, state: str) -> None:
    """A serialization failure or a deadlock is repeated until it succeeds."""
    _, body = failing(state, 2)

    assert 3 == postgres.write(FLEET, body)  # type: ignore[arg-type]


@pytest.mark.postgres
def test_races_are_not_run_for_ever(postgres: Database) -> None:
    """After some attempts the database is told to be busy."""
    attempts, body = failing("40001", 1000)
    with pytest.raises(Unavailable, match="lost"):
        postgres.write(FLEET, body)  # type: ignore[arg-type]

    assert ATTEMPTS == len(attempts)


@pytest.mark.postgres
@pytest.mark.parametrize(("state", "kind"), [("23505", Conflict), ("57014", Unavailable), ("22003", Rejected)])
def test_other_failures_are_not_repeated(postgres: Database, state: str, kind: type[Exception]) -> None:
    """Any other refusal of the database comes at once, as an error of the library."""
    attempts, body = failing(state, 1)
    with pytest.raises(kind):
        postgres.write(FLEET, body)  # type: ignore[arg-type]

    assert 1 == len(attempts)


@pytest.mark.postgres
def test_a_real_deadlock_is_resolved(postgres_url: str) -> None:
    """Two writers that lock two vehicles in opposite order both succeed."""
    with fleetcore.open(postgres_url, installed_plugins=False) as core:
        owner = core.create_fleet("Home")
        ids = [new_vehicle(core, owner, name=str(number)).id for number in range(2)]
        barrier = Barrier(2)

        def lock_both(order: list[UUID]) -> int:
            tries = []

            def body(connection: Connection) -> int:
                tries.append(1)
                store = SqlVehicleStore(connection, owner.fleet_id)
                store.get(order[0], lock=True)
                if len(tries) == 1:
                    barrier.wait(10)
                store.get(order[1], lock=True)
                return len(tries)

            return core.database.write(owner.fleet_id, body)

        with ThreadPoolExecutor(2) as pool:
            assert [1, 2] == sorted(pool.map(lock_both, [ids, ids[::-1]]))


def test_a_failed_write_gives_its_connection_back(core: Core, owner: Actor) -> None:
    """More failures than there are connections leave the database usable."""

    def fail(_connection: Connection) -> None:
        raise Rejected([])

    for _ in range(20):
        with pytest.raises(Rejected):
            core.database.write(owner.fleet_id, fail)
    assert new_vehicle(core, owner)
