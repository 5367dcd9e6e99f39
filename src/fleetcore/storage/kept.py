"""Connections for reads that stay open between them.

Taking a connection from SQLAlchemy's pool, wrapping it and giving it back costs a third of a short read. A read leaves
nothing behind that would have to be cleared away: each of its statements is over when it is answered.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from .finding import is_watched

__all__ = ["KeptConnections"]


class KeptConnections:
    """Connections of an engine in autocommit: *most* of them are kept, each until it rests for *idle_s* seconds."""

    def __init__(self, engine: Engine, most: int, idle_s: float) -> None:
        self._engine, self._most, self._idle_s = engine, most, idle_s
        self._resting: deque[tuple[Connection, float]] = deque()

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """Lend one; after an error it goes back to the pool, and all of them where it may have been the database's."""
        connection = self._take() or self._engine.connect()
        try:
            yield connection
        except DBAPIError:
            connection.close()
            self.give_up()
            raise
        except BaseException:
            connection.close()
            raise
        if len(self._resting) >= self._most or is_watched(self._engine.dispatch):
            connection.close()
        else:
            self._resting.append((connection, time.monotonic()))

    def _take(self) -> Connection | None:
        """Return the one that rested last: those beyond what is needed come to rest for good."""
        if is_watched(self._engine.dispatch):  # by who came after a connection was opened, and would not hear of it
            return None
        while self._resting:
            try:
                connection, since = self._resting.pop()
            except IndexError:  # another thread was quicker
                return None
            if time.monotonic() - since <= self._idle_s:
                return connection
            connection.invalidate()
            connection.close()
        return None

    def give_up(self) -> None:
        """Close all that rest."""
        while self._resting:
            try:
                connection, _ = self._resting.pop()
            except IndexError:
                return
            connection.invalidate()
            connection.close()
