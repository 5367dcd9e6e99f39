"""Hears what PostgreSQL notifies, on a connection of its own."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from sqlalchemy.exc import DBAPIError

from .database import Database
from .engines import PoolSettings, make_engine

__all__ = ["Listener"]


class Listener:
    """One connection that listens on a channel. It belongs to one thread; SQLite has nothing to listen to."""

    def __init__(self, database: Database, channel: str) -> None:
        """Connect and listen. Raises Unavailable."""
        self._database = database
        self._engine = make_engine(database.url, pool=PoolSettings(size=1), isolation_level="AUTOCOMMIT")
        try:
            self._connection = self._engine.connect()
            self._connection.exec_driver_sql(f"LISTEN {channel}")
        except DBAPIError as error:
            self._engine.dispose()
            raise database.translated(error) from error
        self._driver: Any = self._connection.connection.driver_connection

    def wait(self, seconds: float) -> bool:
        """Wait for a word, at most *seconds*; says whether one came. Raises Unavailable when the connection is lost."""
        from psycopg import Error

        from fleetcore.kernel.errors import Unavailable

        try:
            return any(True for _ in self._driver.notifies(timeout=seconds, stop_after=1))
        except Error as error:
            raise Unavailable(f"{self._database.name} does not tell of events any more: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.invalidate()
        self._connection.close()
        self._engine.dispose()
