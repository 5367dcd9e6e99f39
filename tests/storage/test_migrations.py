"""Migrations: every revision up and down on both engines, and the schema that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text
from sqlalchemy.types import TypeDecorator

from fleetcore.areas import built_in_areas
from fleetcore.storage.schema import SCHEMA_HEADS, alembic_config, known_revisions, migrate, schema_version
from fleetcore.storage.types import metadata

built_in_areas()  # which declares every table
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal ORDER BY tgname",
}
POLICIES = "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"


@pytest.fixture(params=["sqlite_files", pytest.param("postgres_server", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without tables, on each engine."""
    maker: Any = request.getfixturevalue(request.param)
    url = maker.empty_database()
    yield url
    if request.param == "postgres_server":
        maker.drop(url)


@pytest.fixture
def connection(empty_url: str) -> Iterator[Connection]:
    """A connection of the owner to the empty database."""
    engine = create_engine(empty_url)
    with engine.connect() as lent:
        yield lent
        lent.rollback()
    engine.dispose()


def shape(connection: Connection) -> list[Any]:
    """Return the tables, triggers and policies."""
    rows = list(map(tuple, connection.execute(text(TRIGGERS[connection.dialect.name]))))
    if connection.dialect.name == "postgresql":
        rows += list(map(tuple, connection.execute(text(POLICIES))))
    return [sorted(inspect(connection).get_table_names()), rows]


def test_up_down_and_up_again(connection: Connection) -> None:
    """After going up, down to nothing and up again the schema is the same, with every trigger and policy."""
    config = alembic_config(connection)
    command.upgrade(config, "heads")
    first = shape(connection)
    command.downgrade(config, "base")
    assert [["alembic_version"], []] == shape(connection)
    command.upgrade(config, "heads")

    assert first == shape(connection)
    assert len(first[1]) > 10


def test_each_revision_goes_down_by_itself(connection: Connection) -> None:
    """Every revision can be undone right after it was done."""
    config = alembic_config(connection)
    for revision in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        command.upgrade(config, revision.revision)
        before = shape(connection)
        command.downgrade(config, "-1")
        command.upgrade(config, revision.revision)
        assert before == shape(connection)


def test_the_schema_is_the_metadata(connection: Connection) -> None:
    """What the migrations make is what the tables of the code say."""
    command.upgrade(alembic_config(connection), "heads")
    context = MigrationContext.configure(connection, opts={"compare_type": differs})

    assert [] == compare_metadata(context, metadata)


def test_constraints_are_those_of_the_metadata(connection: Connection) -> None:
    """Checks and unique constraints, which Alembic does not compare, are the ones that the tables declare."""
    command.upgrade(alembic_config(connection), "heads")
    inspector = inspect(connection)
    found, wanted = {}, {}
    for table in metadata.sorted_tables:
        names = [c["name"] for c in inspector.get_check_constraints(table.name)]
        found[table.name] = sorted(map(str, names))
        named = (c for c in table.constraints if isinstance(c, CheckConstraint))
        wanted[table.name] = sorted(str(connection.dialect.identifier_preparer.format_constraint(c)) for c in named)

    assert wanted == found


def differs(context: Any, _column: Any, _wanted: Any, found: Any, declared: Any) -> bool | None:
    """Say whether two types differ; our own are compared by what they become on the engine."""
    if not isinstance(declared, TypeDecorator):
        return None
    dialect = context.dialect
    return declared.load_dialect_impl(dialect).compile(dialect) != found.compile(dialect)


def test_heads_are_known(connection: Connection) -> None:
    """The revision that opening expects without loading Alembic is the newest one."""
    heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()

    assert set(heads) == SCHEMA_HEADS <= known_revisions()


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    """The first migration tells where it came from and went; the second finds nothing to do."""
    assert (frozenset(), SCHEMA_HEADS) == migrate(empty_url)
    assert (SCHEMA_HEADS, SCHEMA_HEADS) == migrate(empty_url)


def test_a_failed_migration_leaves_nothing(connection: Connection, empty_url: str) -> None:
    """When something is in the way of a revision, none of its tables is left behind."""
    connection.execute(text("CREATE TABLE vehicles_vehicles (id INTEGER)"))
    connection.commit()
    with pytest.raises(Exception, match="vehicles_vehicles"):
        migrate(empty_url)

    assert ["vehicles_vehicles"] == [n for n in inspect(connection).get_table_names() if n != "alembic_version"]
    assert frozenset() == schema_version(connection)
