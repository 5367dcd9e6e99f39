"""The schema's version: check it, create it, bring it up to date; and the roles PostgreSQL acts under."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from fleetcore.kernel.errors import Unavailable

from .database import Database
from .engines import APP_ROLE, make_engine
from .types import metadata

__all__ = ["SCHEMA_HEADS", "migrate", "prepare", "schema_version"]

SCHEMA_HEADS = frozenset({"0021"})
MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(database: Database) -> None:
    """Make sure *database* can be used as it is.

    SQLite creates and migrates itself, keeping a copy of the file first; PostgreSQL must have been
    migrated by ``fleet migrate``. Raises Unavailable otherwise.
    """
    with _owner_engine(database) as engine:
        present = _present(engine, database.name)
        if present == SCHEMA_HEADS:
            _refuse_powerful_role(engine)
            return
        _refuse_newer(present, database.name)
        if database.dialect == "postgresql":
            state = f"has the schema {', '.join(sorted(present))}" if present else "has no fleetcore tables yet"
            raise Unavailable(f"{database.name} {state}: run `fleet --database URL migrate` once")
        if present:
            _keep_copy(engine, present)
        else:
            _refuse_foreign_file(engine, database.name)
        _upgrade(engine)


def migrate(url: str) -> tuple[frozenset[str], frozenset[str]]:
    """Bring the database at *url* to the newest schema; returns the versions before and after."""
    database = Database(url)
    try:
        with _owner_engine(database) as engine:
            before = _present(engine, database.name)
            _refuse_newer(before, database.name)
            if before != SCHEMA_HEADS:
                _upgrade(engine)
            return before, _present(engine, database.name)
    finally:
        database.close()


@contextmanager
def _owner_engine(database: Database) -> Iterator[Engine]:
    """Lend an engine that may change the schema: on PostgreSQL as the role that logs in."""
    engine = database.engine if database.dialect == "sqlite" else make_engine(database.url, role=None)
    try:
        yield engine
    except DBAPIError as error:
        raise database.translated(error) from error
    finally:
        if engine is not database.engine:
            engine.dispose()


def schema_version(connection: Connection) -> frozenset[str]:
    """Return the revisions that the database is at; empty when it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return frozenset()
    return frozenset(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def alembic_config(connection: Connection) -> Any:
    """Return Alembic's configuration for *connection*."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


def _upgrade(engine: Engine) -> None:
    from alembic import command

    if engine.dialect.name == "sqlite":
        with engine.execution_options(fleetcore_begin="").connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")  # readers and the writer no longer wait; it stays
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "heads")


def _present(engine: Engine, name: str) -> frozenset[str]:
    try:
        with engine.execution_options(fleetcore_begin="").connect() as connection:
            return schema_version(connection)
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        if "readonly" in reason:  # SQLite writes beside the file even to read it
            reason = "it is read-only; give yourself the right to write the file and its folder, or copy it elsewhere"
        raise Unavailable(f"{name} cannot be opened: {reason}") from error


def _refuse_newer(present: frozenset[str], name: str) -> None:
    if unknown := present - known_revisions():
        raise Unavailable(
            f"{name} has the schema {', '.join(sorted(unknown))}, which this fleetcore does not know: "
            "it was written by a newer version; upgrade fleetcore, or open a backup"
        )


def known_revisions() -> frozenset[str]:
    """Return every revision that ships with this version."""
    return frozenset(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _keep_copy(engine: Engine, present: frozenset[str]) -> None:
    """Copy the SQLite file beside itself, with what its write-ahead log still holds."""
    with engine.execution_options(fleetcore_begin="").connect() as connection:
        file = connection.exec_driver_sql("PRAGMA database_list").first()
        if file is None or not file[2]:
            return  # in memory
        with closing(sqlite3.connect(f"{file[2]}.before-upgrade-from-{'-'.join(sorted(present))}")) as copy:
            connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]


def _refuse_foreign_file(engine: Engine, name: str) -> None:
    """Refuse to build a schema into the file of another program."""
    if engine.dialect.name != "sqlite":
        return
    with engine.execution_options(fleetcore_begin="").connect() as connection:
        tables = inspect(connection).get_table_names()
    if set(tables) - {"alembic_version"}:
        raise Unavailable(f"{name} belongs to another program (it has the table {tables[0]}): choose another file")


def _refuse_powerful_role(engine: Engine) -> None:
    """Refuse to work under a PostgreSQL role that row-level security would not bind."""
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE {APP_ROLE}"))
        powerful = connection.execute(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
        connection.rollback()
    if powerful:
        raise Unavailable(
            f"the role {APP_ROLE} is not bound by row-level security: ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS"
        )
