"""Connections for reads stay open between them, and single rows come straight from the driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from fleetcore.kernel.errors import NotFound, Unavailable
from fleetcore.storage.database import Database
from fleetcore.storage.engines import PoolSettings
from fleetcore.storage.finding import find_row

from .synthetic import fleet_tables, insert_past_guards

OURS, THEIRS = UUID(int=1), UUID(int=2)
VEHICLES = next(table for table in fleet_tables() if table.name == "vehicles_vehicles")
WHO = text("SELECT pg_backend_pid()")


@pytest.fixture
def url(postgres_server: Any) -> Iterator[str]:
    """A database with a row of every table in each of two fleets."""
    made = postgres_server.database()
    insert_past_guards(made, [OURS, THEIRS])
    yield made
    postgres_server.drop(made)


def session_of(database: Database) -> int:
    """Return the number of the database session that a read gets."""
    with database.read(OURS) as connection:
        return int(connection.execute(WHO).scalar_one())


@pytest.mark.postgres
def test_reads_that_follow_each_other_share_a_connection(url: str) -> None:
    """The second read gets what the first gave back, and so after one that failed for a reason of its own."""
    database = Database(url)
    first = session_of(database)
    with pytest.raises(NotFound), database.read(OURS):
        raise NotFound("vehicle", uuid4())
    assert first == session_of(database)
    database.close()


@pytest.mark.postgres
def test_a_connection_that_rested_too_long_is_not_used(url: str) -> None:
    """What was idle beyond its time may have been cut off: there is a new one."""
    database = Database(url, PoolSettings(idle_s=-1))
    assert session_of(database) != session_of(database)
    database.close()


@pytest.mark.postgres
def test_after_a_lost_connection_the_next_read_gets_another(url: str) -> None:
    """Who loses it is told so; who comes next is served, whatever was kept."""
    database = Database(url)
    number = session_of(database)
    with database.system() as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
    with pytest.raises(Unavailable), database.read(OURS) as connection:
        find_row(connection, VEHICLES, OURS, uuid4())
    assert number != session_of(database)
    database.close()


@pytest.mark.postgres
def test_one_row_is_the_row_that_sqlalchemy_reads(url: str) -> None:
    """Of every table with an id, with each type of column; of another fleet there is none."""
    database = Database(url)
    tables = [
        table for table in fleet_tables() if "id" in table.c and isinstance(table.c.id.type, type(VEHICLES.c.id.type))
    ]
    with database.read(OURS) as connection:
        for table in tables:
            expected = connection.execute(select(table)).mappings().one()
            assert dict(expected) == find_row(connection, table, OURS, expected["id"]), table.name
        theirs = connection.execute(select(VEHICLES.c.id)).scalars().one()
        assert find_row(connection, VEHICLES, THEIRS, theirs) is None
    database.close()


@pytest.mark.postgres
def test_an_error_of_the_driver_is_sqlalchemys(url: str) -> None:
    """What the database refuses is raised as for any statement, and the statement can be told."""
    database = Database(url)
    with pytest.raises(DBAPIError), database._reads.connect() as connection:
        find_row(connection, VEHICLES, "no id", uuid4())  # type: ignore[arg-type]  # that is the point
    database.close()


@pytest.mark.postgres
def test_who_listens_hears_of_every_statement(url: str) -> None:
    """A listener that came after a connection was kept hears what is asked on it."""
    database, heard = Database(url), []
    session_of(database)
    event.listen(database._reads, "before_cursor_execute", lambda *call: heard.append(call[2]))
    session_of(database)
    assert any("pg_backend_pid" in statement for statement in heard)
    database.close()
