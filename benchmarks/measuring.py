"""What the benchmarks share: figures, CPU time of this process and of a server process, databases to measure on."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from attrs import frozen
from sqlalchemy.engine import make_url

from fleetcore.kernel.actor import Actor
from fleetcore.testing.databases import PostgresServer, SqliteFiles

__all__ = [
    "Databases",
    "Figure",
    "analyze",
    "cpu_seconds",
    "databases",
    "median",
    "plain_connection",
    "server_seconds",
]


@frozen(kw_only=True)
class Figure:
    """One line of the result: what was measured, and whether it keeps its budget.

    *is_within* is None where the size of the run, or the machine, allows no verdict. A *firm* budget is one
    of counts or ratios, which hold on every machine; the others are told, and do not fail the run.
    """

    name: str
    engine: str
    value: float
    unit: str
    ratio: float | None = None
    budget: str = ""
    is_within: bool | None = None
    is_firm: bool = False
    detail: str = ""


@frozen
class Databases:
    """Migrated databases of both engines, each fresh."""

    postgres: PostgresServer
    files: SqliteFiles

    def url(self, engine: str) -> str:
        """Return the URL of a fresh database of *engine*: sqlite or postgresql."""
        return self.postgres.database() if engine == "postgresql" else self.files.database()

    def drop(self, url: str) -> None:
        """Give the room of a database back."""
        if url.startswith("sqlite"):
            for path in self.files.folder.glob(f"{Path(make_url(url).database or '').name}*"):
                path.unlink()
        else:
            self.postgres.drop(url)


@contextmanager
def databases() -> Iterator[Databases]:
    """Start a PostgreSQL server and open a folder for SQLite; both are gone afterwards."""
    server = PostgresServer()
    try:
        with TemporaryDirectory(prefix="fleetcore-benchmark-") as folder:
            yield Databases(server, SqliteFiles(Path(folder)))
    finally:
        server.close()


def plain_connection(url: str, actor: Actor) -> psycopg.Connection[tuple[object, ...]]:
    """Connect as a program by hand would: psycopg alone, under the role and the fleet that the library uses."""
    connection = psycopg.connect(_plain(url), autocommit=True)
    connection.execute("SET ROLE fleetcore_app")
    connection.execute("SELECT set_config('fleetcore.fleet_id', %s, false)", (str(actor.fleet_id),))
    return connection


def analyze(url: str) -> None:
    """Collect the planner's statistics now, as autovacuum does within a minute of the first rows."""
    with psycopg.connect(_plain(url), autocommit=True) as owner:
        owner.execute("ANALYZE")


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def server_seconds(pid: int | None) -> float:
    """Return the CPU that a server process has used; 0 for none."""
    if pid is None:
        return 0.0
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9


def cpu_seconds(work: Callable[[], object], server_pid: int | None) -> tuple[float, float]:
    """Run *work*; return the CPU seconds it took here and in the server process, if there is one."""
    here, there = time.process_time(), server_seconds(server_pid)
    work()
    return time.process_time() - here, server_seconds(server_pid) - there


def median(values: Sequence[float]) -> float:
    """Return the median, for noise on a shared machine has one long tail."""
    return statistics.median(values)
