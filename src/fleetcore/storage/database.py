"""A database as the core uses it: writes in transactions, reads in autocommit, each for one fleet."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from fleetcore.kernel.errors import Conflict, Rejected, StorageFull, Unavailable

from .engines import POOL, SYSTEM_ROLE, PoolSettings, describe, make_engine
from .fleet_setting import enter_fleet, enter_fleet_for_reads, leave_fleet
from .kept import KeptConnections

__all__ = ["Database"]

R = TypeVar("R")
PING = text("SELECT 1")
ATTEMPTS = 6
DISK_FULL_STATE = "53100"
SERIALIZATION_STATES = {"40001", "40P01"}


class Database:
    """Engines of one database. Safe to share between threads; each call uses its own connection."""

    def __init__(self, url: str, pool: PoolSettings = POOL) -> None:
        self.url = url
        self._pool = pool
        self.name = describe(url)
        self._writes = self._engine()
        self.dialect = self._writes.dialect.name
        self._reads = self._reading_engine()
        # SQLite's reads and writes share one pool, and opening a connection costs next to nothing.
        self._kept = None if self.dialect == "sqlite" else KeptConnections(self._reads, pool.size // 2, pool.idle_s)
        self._system: Engine | None = None
        self._starting = threading.Lock()
        # An in-memory SQLite database is one connection, which threads must take in turn.
        self._turn = threading.RLock() if str(self._writes.url.database or ":memory:") == ":memory:" else None

    @property
    def engine(self) -> Engine:
        """The engine of the writes."""
        return self._writes

    def _reading_engine(self) -> Engine:
        if self.dialect == "sqlite":
            return self._writes.execution_options(fleetcore_begin="")
        # Each statement is over when it is answered: there is nothing to roll back, and so nothing to ask for it.
        return self._engine(isolation_level="AUTOCOMMIT", pool_reset_on_return=None, skip_autocommit_rollback=True)

    def _engine(self, **options: Any) -> Engine:
        return make_engine(self.url, pool=self._pool, **options)

    def write(self, fleet_id: UUID, body: Callable[[Connection], R]) -> R:
        """Run *body* in a transaction of *fleet_id*, again when the engine reports a lost race."""
        for attempt in range(ATTEMPTS):
            try:
                with self._guarded(), self._writes.begin() as connection:
                    enter_fleet(connection, fleet_id)
                    return body(connection)
            except PoolTimeout as error:
                raise self._exhausted() from error
            except DBAPIError as error:
                if attempt == ATTEMPTS - 1 or not _lost_race(error):
                    raise self.translated(error) from error
                time.sleep(random.uniform(0.5, 1.5) * 0.005 * 2**attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("the loop returns or raises")

    @contextmanager
    def read(self, fleet_id: UUID) -> Iterator[Connection]:
        """Lend a connection that sees *fleet_id*'s rows, each statement on its own."""
        with self._guarded(), self._errors(), self._reading() as connection:
            enter_fleet_for_reads(connection, fleet_id)
            yield connection

    @contextmanager
    def snapshot(self, fleet_id: UUID) -> Iterator[Connection]:
        """Lend a connection whose statements all see the same state of *fleet_id*."""
        engine = self._writes.execution_options(**self._snapshot_options)
        with self._guarded(), self._errors(), engine.begin() as connection:
            enter_fleet(connection, fleet_id)
            yield connection

    @property
    def _snapshot_options(self) -> dict[str, str]:
        return {"fleetcore_begin": "BEGIN"} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}

    @contextmanager
    def system(self, *, snapshot: bool = False) -> Iterator[Connection]:
        """Lend a transaction that sees every fleet: for log-ins, relays and job claims, never for operations.

        With *snapshot* it only reads, and all its statements see the same state: for backups.
        """
        engine = self._system_engine()
        options = self._snapshot_options if snapshot else {}
        with self._guarded(), self._errors(), engine.execution_options(**options).begin() as connection:
            if engine is self._writes:
                leave_fleet(connection)
            yield connection

    def _system_engine(self) -> Engine:
        if self.dialect == "sqlite":
            return self._writes
        with self._starting:
            if self._system is None:
                self._system = self._engine(role=SYSTEM_ROLE)
            return self._system

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._reads.connect() if self._kept is None else self._kept.lend()

    def ping(self) -> None:
        """Ask the database for nothing. Raises Unavailable when it does not answer."""
        with self._guarded(), self._errors(), self._reads.connect() as connection:
            connection.execute(PING)

    @contextmanager
    def lent(self) -> Iterator[Any]:
        """Lend the driver's own connection, outside of any transaction, for what SQLAlchemy has no words for."""
        with self._guarded(), self._errors():
            connection = self._reads.raw_connection()
            try:
                yield connection.driver_connection
            finally:
                connection.close()

    def close(self) -> None:
        """Give every connection back."""
        self._give_up_connections()

    def _guarded(self) -> threading.RLock | nullcontext[None]:
        return self._turn or nullcontext()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise self._exhausted() from error
        except DBAPIError as error:
            if error.connection_invalidated:
                self._give_up_connections()
            raise self.translated(error) from error

    def _give_up_connections(self) -> None:
        """Close what rests: a server that ended one session has mostly ended all, and each would fail somebody else."""
        if self._kept is not None:
            self._kept.give_up()
        for engine in (self._writes, self._reads, self._system):
            if engine is not None:
                engine.dispose()

    def _exhausted(self) -> Unavailable:
        return Unavailable(f"{self.name} has no free connection: too many requests run at once, try again")

    def translated(self, error: DBAPIError) -> Exception:
        """Return *error* in the words of the library."""
        text = str(error.orig).splitlines()[0] if error.orig else str(error)
        if isinstance(error, IntegrityError):
            return Conflict(f"this collides with what is stored: {text}")
        if isinstance(error, DataError):
            return Rejected.because("", f"the database cannot hold a value: {text}")
        is_gone = isinstance(error, OperationalError) or error.connection_invalidated
        if is_gone or "read-only" in text:  # of a transaction, that is InternalError
            return self._unusable(error, text)
        return error

    def _unusable(self, error: DBAPIError, text: str) -> Exception:
        if "locked" in text or "busy" in text:
            return Unavailable(f"{self.name} is locked by another program: close it or wait, then try again")
        if "disk is full" in text or getattr(error.orig, "sqlstate", None) == DISK_FULL_STATE:
            return StorageFull(f"there is no room left for {self.name}: make room, then try again")
        if "readonly" in text or "read-only" in text:
            return Unavailable(f"{self.name} is read-only: check the permissions of the file and its folder")
        return Unavailable(f"{self.name} cannot be used: {text}")


def _lost_race(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in SERIALIZATION_STATES
