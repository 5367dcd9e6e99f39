"""Engines: SQLite with BEGIN IMMEDIATE and full durability, PostgreSQL under a role that RLS binds."""

from __future__ import annotations

import time
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from fleetcore.kernel.errors import Rejected, Unavailable

from .cursors import lean_cursor, limited_connection

__all__ = ["APP_ROLE", "POOL", "SYSTEM_ROLE", "PoolSettings", "describe", "make_engine", "parse_url"]

APP_ROLE = "fleetcore_app"
SYSTEM_ROLE = "fleetcore_system"
OVERFLOW = 5  # connections beyond the size of the pool, while all of those are in use
RESTING_SINCE = "fleetcore.resting_since"
WAIT_SECONDS = "10"  # for a lock on SQLite, for a connection on PostgreSQL; a URL may say otherwise
SILENCE_GRACE_S = 1.0


def parse_url(url: str) -> URL:
    """Read a database URL; raises Rejected for one that names no supported engine."""
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError(parsed.drivername)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise Rejected.because(
            "database",
            f"{url!r} is not a database URL such as sqlite:////home/me/fleet.db or postgresql://user@host/name",
        ) from None
    return parsed


def describe(url: str) -> str:
    """Name the database for messages, without its password."""
    return f"the database {parse_url(url).render_as_string(hide_password=True)}"


@frozen(kw_only=True)
class PoolSettings:
    """How many connections an engine keeps open, and how long one may rest, in seconds, before a new one is made.

    A few more are opened while all are in use. What rests long may have been cut off on the way, unnoticed.
    PostgreSQL ends a statement after *statement_s*; where it does not say so itself, because nothing reaches it, the
    connection is given up a second later. None waits for as long as it takes.
    """

    size: int = 10
    idle_s: float = 30.0
    statement_s: float | None = None


POOL = PoolSettings()


def make_engine(url: str, *, role: str | None = APP_ROLE, pool: PoolSettings = POOL, **options: Any) -> Engine:
    """Make an engine; on PostgreSQL every connection acts as *role* (None: as the one that logs in).

    How many seconds it waits is said in the URL: ``?timeout=`` for a locked SQLite file,
    ``?connect_timeout=`` for a PostgreSQL server.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, pool)
    parsed = parsed.update_query_dict({"connect_timeout": WAIT_SECONDS, **parsed.query})
    try:
        engine = create_engine(
            parsed,
            connect_args={"cursor_factory": lean_cursor()},
            pool_size=pool.size,
            max_overflow=OVERFLOW,
            pool_use_lifo=True,  # so that those beyond what is needed come to rest
            **options,
        )
    except ModuleNotFoundError:
        raise Unavailable("PostgreSQL needs the extra `postgres`: pip install 'fleetcore[postgres]'") from None
    if role is not None:
        _act_as(engine, role, pool.statement_s)
    _forget_idle(engine, pool.idle_s)
    return engine


def _forget_idle(engine: Engine, idle_s: float) -> None:
    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info[RESTING_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _look(_connection: Any, record: Any, _proxy: object) -> None:
        since = record.info.pop(RESTING_SINCE, None)
        if since is not None and time.monotonic() - since > idle_s:
            raise DisconnectionError  # the pool makes a new one in its place


def _act_as(engine: Engine, role: str, statement_s: float | None) -> None:
    said = [f"SET ROLE {role}", "SET TIME ZONE 'UTC'"]  # what is read need not be converted, instant by instant
    if statement_s is not None:
        said.append(f"SET statement_timeout = {round(statement_s * 1000)}")
        limited = limited_connection(statement_s + SILENCE_GRACE_S)
        event.listen(engine, "do_connect", lambda _dialect, _record, args, named: limited.connect(*args, **named))

    @event.listens_for(engine, "connect")
    def _set_role(connection: Any, _record: object) -> None:
        autocommit = connection.autocommit
        connection.autocommit = True
        connection.execute("; ".join(said))
        connection.autocommit = autocommit


def _seconds(parsed: URL) -> float:
    try:
        return float(str(parsed.query.get("timeout", WAIT_SECONDS)))
    except ValueError:
        raise Rejected.because("database", "the timeout in the URL must be a number of seconds") from None


def _sqlite_engine(parsed: URL, pool: PoolSettings) -> Engine:
    memory = str(parsed.database or ":memory:") == ":memory:"
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": _seconds(parsed)}
    options: dict[str, Any] = (
        {"poolclass": StaticPool} if memory else {"pool_size": pool.size, "max_overflow": OVERFLOW}
    )
    engine = create_engine(parsed, connect_args=arguments, **options)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own way begins too late
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA recursive_triggers = ON")  # else INSERT OR REPLACE slips past delete triggers
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if how := connection.get_execution_options().get("fleetcore_begin", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(how)

    return engine
