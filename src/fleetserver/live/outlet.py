"""One client that listens: what waits for it, bounded, and how it is ended."""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

from fleetcore.live.model import Known

from .messages import Letter
from .settings import LiveSettings

__all__ = ["GOING_AWAY", "POLICY", "SLOW", "UNAUTHENTICATED", "Outlet"]

GOING_AWAY, POLICY, SLOW, UNAUTHENTICATED = 1001, 1008, 1013, 4401
LINGER_S = 2.0  # how long a client that is being ended may take to hear why


class Outlet:
    """A client's end of the wire. It belongs to the event loop.

    What it does not take waits in a queue; one that grows too long ends it: the client can come back and go on after
    the last event it has. A task writes while there is something to write, so silence costs nothing.
    """

    __slots__ = (
        "__weakref__",
        "_closing",
        "_ended",
        "_flushing",
        "_queue",
        "_room_in_queue",
        "_size",
        "born_at",
        "known",
        "settings",
        "since",
        "topics",
        "view",
    )

    def __init__(self, known: Known, settings: LiveSettings) -> None:
        self.known, self.settings = known, settings
        self.topics: frozenset[str] = frozenset()
        self.since = 0  # events up to here are not for this client any more, or never were
        self.view = -1
        self.born_at = asyncio.get_running_loop().time()
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._flushing: asyncio.Task[None] | None = None
        self._ended = False
        self._closing: asyncio.Task[None] | None = None
        self._room_in_queue: asyncio.Event | None = None

    @property
    def fleet_id(self) -> UUID:
        """The fleet whose events it may hear."""
        return self.known.actor.fleet_id

    @property
    def is_ended(self) -> bool:
        """Whether it is being closed, or is closed already."""
        return self._ended

    async def ended(self) -> None:
        """Wait until the client has been told why it ends, if it is being ended."""
        if self._closing is not None:
            await asyncio.wait([self._closing])

    def push(self, data: bytes) -> None:
        """Send *data* as soon as the client takes it."""
        if self._ended:
            return
        self._queue.append(data)
        self._size += len(data)
        if len(self._queue) > self.settings.queue_max or self._size > self.settings.queue_size_max:
            self.end(SLOW, "too slow: come back and go on after the last event you have")
        elif self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    def tell(self, letter: Letter) -> None:
        """Send an event."""
        self.push(self.form(letter))

    async def tell_patiently(self, letter: Letter) -> None:
        """Send an event, after waiting until there is room for it."""
        while len(self._queue) >= self.settings.queue_max // 2 and not self._ended:
            self._room_in_queue = asyncio.Event()
            await self._room_in_queue.wait()
        self.tell(letter)

    async def _flush(self) -> None:
        try:
            while self._queue:
                data = self._queue.popleft()
                self._size -= len(data)
                await self.write(data)
                if self._room_in_queue is not None:
                    self._make_room()
        except (ConnectionError, RuntimeError):  # the client went away
            self._ended = True
            self._queue.clear()
            self.abort()
        finally:
            self._flushing = None
            self._make_room()

    def _make_room(self) -> None:
        if self._room_in_queue is not None:
            self._room_in_queue.set()
            self._room_in_queue = None

    def end(self, code: int, reason: str) -> asyncio.Task[None] | None:
        """Close the connection, for *reason*; nothing more is sent. Returns the closing, None when it is closed."""
        if self._ended:
            return self._closing
        self._ended = True
        self._queue.clear()
        self._size = 0
        self._make_room()
        self._closing = asyncio.get_running_loop().create_task(self._close(code, reason))
        return self._closing

    async def _close(self, code: int, reason: str) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
        try:
            async with asyncio.timeout(LINGER_S):
                await self.finish(code, reason)
        except (TimeoutError, ConnectionError, RuntimeError):
            pass
        finally:
            self.abort()

    # --- what the kinds of connection differ in ---

    def form(self, letter: Letter) -> bytes:
        """Return an event as this kind of connection carries it."""
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        """Write *data*, and wait while the client does not take it."""
        raise NotImplementedError

    async def finish(self, code: int, reason: str) -> None:
        """Say why it ends."""
        raise NotImplementedError

    def abort(self) -> None:
        """Cut the connection."""
        raise NotImplementedError
