"""Connections for reads stay open between them, and single rows come straight from the driver."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from fleetcore import Core
from fleetcore.kernel.errors import NotFound, Rejected, Unavailable
from fleetcore.storage.database import Database
from fleetcore.storage.engines import PoolSettings
from fleetcore.storage.finding import find_row
from fleetcore.storage.rows import Rows
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetcore.vehicles.storage import VEHICLE_ROWS

from .synthetic import fleet_tables, insert_past_guards, owner

OURS, THEIRS = UUID(int=1), UUID(int=2)
VEHICLES = next(table for table in fleet_tables() if table.name == "vehicles_vehicles")
WHO = text("SELECT pg_backend_pid()")
END_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


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
def test_after_all_were_lost_one_read_hears_of_it_and_no_other(url: str) -> None:
    """When the server ends every session, those that rest and those in the pool are given up with the first."""
    database = Database(url)
    with database.read(OURS), database.read(OURS), database.read(OURS):
        pass
    with database._reads.connect() as first, database._reads.connect() as second:
        first.execute(WHO), second.execute(WHO)
    with owner(url) as connection:
        connection.execute(END_OTHERS)
    with pytest.raises(Unavailable), database.read(OURS) as connection:
        find_row(connection, VEHICLES, OURS, uuid4())
    for _ in range(6):
        with database.read(OURS), database.read(OURS) as connection:
            assert find_row(connection, VEHICLES, OURS, uuid4()) is None
    database.close()


@pytest.mark.postgres
def test_a_kept_connection_sees_one_fleet_at_a_time(url: str) -> None:
    """Taken by a fleet and by another in turn, it shows each its own rows, even to who names the other's."""
    keys = {}
    with owner(url) as connection:
        for fleet_id in (OURS, THEIRS):
            mine = select(VEHICLES.c.id).where(VEHICLES.c.fleet_id == fleet_id)
            keys[fleet_id] = connection.execute(mine).scalar_one()
    database = Database(url)
    first = session_of(database)
    for fleet_id, other in ((OURS, THEIRS), (THEIRS, OURS)) * 3:
        with database.read(fleet_id) as connection:
            assert find_row(connection, VEHICLES, fleet_id, keys[fleet_id])
            assert find_row(connection, VEHICLES, other, keys[other]) is None
    assert first == session_of(database)
    with database.read(OURS) as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "fleetcore_app"
    database.close()


@pytest.mark.postgres
def test_no_more_are_kept_than_may_be(url: str) -> None:
    """What many reads at once took goes back to the pool, but for half of its size."""
    database = Database(url, PoolSettings(size=4))
    with database.read(OURS), database.read(OURS), database.read(OURS), database.read(OURS):
        pass
    assert database._kept is not None
    assert len(database._kept._resting) == 2
    database.close()


@pytest.mark.postgres
def test_one_row_is_the_row_that_sqlalchemy_reads(url: str) -> None:
    """Of every table with an id, with each type of column."""
    database = Database(url)
    kind = type(VEHICLES.c.id.type)
    tables = [table for table in fleet_tables() if "id" in table.c and isinstance(table.c.id.type, kind)]
    with database.read(OURS) as connection:
        for table in tables:
            expected = connection.execute(select(table)).mappings().one()
            assert dict(expected) == find_row(connection, table, OURS, expected["id"]), table.name
    database.close()


def outcome_of(rows: Rows[Any], connection: Any, row_id: UUID) -> object:
    """Return the fact that *rows* finds, or why a made-up row is none."""
    try:
        return rows.find(connection, OURS, row_id)
    except (AttributeError, KeyError, Rejected, TypeError, ValueError) as error:
        return KeyError if isinstance(error, KeyError) else repr(error)


@pytest.mark.postgres
def test_every_store_reads_such_rows_as_it_reads_others(url: str) -> None:
    """Each mapping from rows to facts gives the same, or refuses a made-up value the same, either way."""
    stores = [each for each in gc.get_objects() if isinstance(each, Rows)]
    assert len(stores) > 20
    for rows in stores:
        found = []
        for is_heard in (False, True):
            database = Database(url)
            if is_heard:
                event.listen(database._reads, "before_cursor_execute", lambda *_call: None)
            with database.read(OURS) as connection:
                row_id = connection.execute(select(rows.table.c.id)).scalar_one()
                found.append(outcome_of(rows, connection, row_id))
            database.close()
        assert found[0] == found[1], rows.what


def test_a_real_record_reads_the_same_either_way(core: Core) -> None:
    """On both engines, with ids, instants, lists and numbers in it."""
    command = AddVehicle(name="Van", carriers=(Carrier.PETROL,), year=2019, tags=("a", "b"))
    actor = core.create_fleet("Ours")
    vehicle = core.run(actor, add_vehicle, command)
    with core.database.read(actor.fleet_id) as connection:
        lean = VEHICLE_ROWS.get(connection, actor.fleet_id, vehicle.id)
        event.listen(connection, "before_cursor_execute", lambda *_call: None)
        assert lean == VEHICLE_ROWS.get(connection, actor.fleet_id, vehicle.id) == vehicle


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
