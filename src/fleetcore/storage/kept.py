"""Connections for reads that stay open between them.

Taking a connection from SQLAlchemy's pool, wrapping it and giving it back costs a third of a short read. A read leaves
nothing behind that would have to be cleared away: each of its statements is over when it is answered. What a session
does keep, the role and the fleet, a pooled connection keeps too; whoever reads sets the fleet where it is another.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from fleetcore.kernel.errors import FleetError

from .driving import is_watched

__all__ = ["KeptConnections"]


class KeptConnections:
    """Connections of an engine in autocommit: *most* of them are kept, each until it rests for *idle_s* seconds."""

    def __init__(self, engine: Engine, most: int, idle_s: float) -> None:
        self._engine, self._most, self._idle_s = engine, most, idle_s
        self._resting: deque[tuple[Connection, float]] = deque()

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """Lend one; it is kept afterwards unless something went wrong with it."""
        connection = self._take() or self._engine.connect()
        try:
            yield connection
        except FleetError:  # a refusal, which says nothing of the connection
            self._keep(connection)
            raise
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def _keep(self, connection: Connection) -> None:
        if connection.invalidated or len(self._resting) >= self._most or is_watched(self._engine.dispatch):
            connection.close()
        else:
            self._resting.append((connection, time.monotonic()))

    def _take(self) -> Connection | None:
        """Return the one that rested last: those beyond what is needed come to rest for good."""
        if is_watched(self._engine.dispatch):  # by who came after a connection was opened, and would not hear of it
            return None
        while (resting := self._pop()) is not None:
            connection, since = resting
            if time.monotonic() - since <= self._idle_s:
                return connection
            _end(connection)
        return None

    def _pop(self) -> tuple[Connection, float] | None:
        try:
            return self._resting.pop()
        except IndexError:  # there is none, or another thread was quicker
            return None

    def give_up(self) -> None:
        """Close all that rest."""
        while (resting := self._pop()) is not None:
            _end(resting[0])


def _end(connection: Connection) -> None:
    connection.invalidate()
    connection.close()
