"""Row-level security on PostgreSQL: with every filter of the stores left out, nothing of another fleet is reached."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, Table, create_engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from fleetcore.kernel.errors import Unavailable
from fleetcore.storage.database import Database
from fleetcore.storage.engines import APP_ROLE, SYSTEM_ROLE, make_engine
from fleetcore.storage.schema import prepare

from .synthetic import fleet_tables, insert_past_guards, insert_row, owner

pytestmark = pytest.mark.postgres
OURS, THEIRS = UUID(int=1), UUID(int=2)
IMMUTABLE = {"audit_log", "vehicles_readings", "ledger_journal_entries", "ledger_journal_lines"}
TABLES = pytest.mark.parametrize("table", fleet_tables(), ids=lambda table: table.name)
MUTABLE = pytest.mark.parametrize(
    "table", [table for table in fleet_tables() if table.name not in IMMUTABLE], ids=lambda table: table.name
)


@pytest.fixture(scope="module")
def url(postgres_server) -> Iterator[str]:
    """A database with a row of every table in each of two fleets."""
    made = postgres_server.database()
    insert_past_guards(made, [OURS, THEIRS])
    yield made
    postgres_server.drop(made)


@pytest.fixture(scope="module")
def database(url: str) -> Iterator[Database]:
    """The database as the core uses it."""
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def ours(database: Database) -> Iterator[Connection]:
    """A transaction of our fleet, undone afterwards."""
    with database.engine.connect() as connection:
        connection.execute(text("SELECT set_config('fleetcore.fleet_id', :fleet, true)"), {"fleet": str(OURS)})
        yield connection
        connection.rollback()


def count(connection: Connection, table: Table) -> int:
    """Count the rows that the connection sees, without any filter."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def refusal(connection: Connection, statement: object) -> str:
    """Return why the database refuses *statement*."""
    with pytest.raises(DBAPIError) as caught, connection.begin_nested():
        connection.execute(statement)  # type: ignore[call-overload]
    return str(caught.value.orig)


@pytest.mark.parametrize("role", [APP_ROLE, SYSTEM_ROLE])
def test_roles_are_bound(url: str, role: str) -> None:
    """The roles that the library acts as are neither superuser nor BYPASSRLS, and own no table."""
    engine = make_engine(url, role=role)
    with engine.connect() as connection:
        who = "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert (role, False, False) == tuple(connection.execute(text(who)).one())
        owned = "SELECT count(*) FROM pg_tables WHERE tableowner = current_user"
        assert 0 == connection.execute(text(owned)).scalar_one()
    engine.dispose()


def test_an_owner_who_is_superuser_sees_everything(url: str) -> None:
    """Negative control: the rows of both fleets are there, and a superuser sees them all."""
    with owner(url) as connection:
        assert {table.name: 2 for table in fleet_tables()} == {
            table.name: count(connection, table) for table in fleet_tables()
        }


@TABLES
def test_only_our_rows_are_seen(ours: Connection, table: Table) -> None:
    """A SELECT without a filter returns the rows of our fleet only."""
    assert [OURS] == list(ours.execute(select(table.c.fleet_id)).scalars())


@TABLES
def test_without_a_fleet_nothing_is_seen(database: Database, table: Table) -> None:
    """A connection that has named no fleet sees no row."""
    with database.engine.connect() as connection:
        assert 0 == count(connection, table)


@MUTABLE
def test_their_rows_cannot_be_changed(ours: Connection, table: Table) -> None:
    """An UPDATE and a DELETE without a filter touch our row only."""
    column = next(c for c in table.c if c.name != "fleet_id")
    assert 0 == ours.execute(update(table).where(table.c.fleet_id == THEIRS).values({column.name: column})).rowcount
    assert 1 == ours.execute(update(table).values({column.name: column})).rowcount
    assert 0 == ours.execute(delete(table).where(table.c.fleet_id == THEIRS)).rowcount


@MUTABLE
def test_our_rows_cannot_be_given_away(ours: Connection, table: Table) -> None:
    """A row cannot be moved to another fleet."""
    assert "row-level security" in refusal(ours, update(table).values(fleet_id=THEIRS))


@TABLES
def test_rows_of_theirs_cannot_be_added(ours: Connection, table: Table) -> None:
    """A row of another fleet cannot be inserted."""
    with pytest.raises(DBAPIError) as caught:
        insert_row(ours, table, THEIRS)
    assert "row-level security" in str(caught.value.orig)


@pytest.mark.parametrize("name", sorted(IMMUTABLE))
def test_immutable_tables_grant_no_change(ours: Connection, name: str) -> None:
    """The application's role may only read and append to the tables that never change."""
    for statement in ("UPDATE {} SET fleet_id = fleet_id", "DELETE FROM {}", "TRUNCATE {}"):
        assert "permission denied" in refusal(ours, text(statement.format(name)))


@TABLES
def test_nothing_can_be_truncated(ours: Connection, table: Table) -> None:
    """TRUNCATE, which knows no rows and so no fleets, is granted on no table."""
    assert "permission denied" in refusal(ours, text(f"TRUNCATE {table.name} CASCADE"))


def test_the_system_role_sees_every_fleet(database: Database) -> None:
    """Work across fleets sees the rows of all of them."""
    with database.system() as connection:
        assert {2} == {count(connection, table) for table in fleet_tables()}


def test_reads_switch_the_fleet_of_a_pooled_connection(url: str) -> None:
    """Autocommit reads on one pooled connection see each fleet in turn, never the one before."""
    database = Database(url)
    table = fleet_tables()[0]
    seen, connections = [], set()
    for fleet_id in (OURS, THEIRS, uuid4(), OURS):
        with database.read(fleet_id) as connection:
            connections.add(id(connection.connection.dbapi_connection))
            seen.append(list(connection.execute(select(table.c.fleet_id)).scalars()))
    database.close()

    assert [[OURS], [THEIRS], [], [OURS]] == seen
    assert 1 == len(connections)


def test_writes_carry_no_fleet_over(database: Database) -> None:
    """A connection that a write gave back knows no fleet any more."""
    table = fleet_tables()[0]
    assert 1 == database.write(OURS, lambda connection: count(connection, table))
    with database.engine.connect() as connection:
        assert 0 == count(connection, table)


def test_a_snapshot_sees_one_fleet(database: Database) -> None:
    """A consistent read sees the rows of its fleet only."""
    with database.snapshot(THEIRS) as connection:
        assert [THEIRS] == list(connection.execute(select(fleet_tables()[0].c.fleet_id)).scalars())


def test_every_table_with_a_fleet_is_separated(url: str) -> None:
    """Row-level security is on, and forced, for every table that carries a fleet."""
    with owner(url) as connection:
        forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        assert {table.name for table in fleet_tables()} <= set(connection.execute(text(forced)).scalars())


@pytest.fixture
def powerful_role(postgres_server) -> Iterator[Engine]:
    """The application's role made BYPASSRLS for the length of a test."""
    engine = create_engine(postgres_server.database(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER ROLE {APP_ROLE} BYPASSRLS"))
        yield engine
        connection.execute(text(f"ALTER ROLE {APP_ROLE} NOBYPASSRLS"))
    engine.dispose()


def test_a_powerful_role_is_refused(powerful_role: Engine) -> None:
    """The library does not open a database whose role row-level security would not bind."""
    database = Database(powerful_role.url.render_as_string(hide_password=False))
    with pytest.raises(Unavailable, match="row-level security"):
        prepare(database)
    database.close()
