"""Where a process gets live events from: threads that ask the core, and the moments at which to ask.

What this process commits is heard at once. Of the others' commits PostgreSQL notifies; besides, the database is asked
every so often, for what no server committed (a worker, the command line) and for when the notices do not come.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fleetcore import Core, hookimpl
from fleetcore.kernel.events import CommittedEvent
from fleetcore.live import service
from fleetcore.live.ports import CHANNEL
from fleetcore.storage.listening import Listener

__all__ = ["Source"]

log = logging.getLogger("fleetserver.live")
T = TypeVar("T")
RECONNECT_S = 1.0
WAIT_S = 0.5  # how soon the thread that listens notices that it shall stop


class Source:
    """The threads and the alarm of the live part of one process."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.is_silent = True  # nobody listens: what is committed wakes nobody
        self._is_postgresql = core.database.dialect == "postgresql"
        self._loop = asyncio.get_running_loop()
        self._alarm = asyncio.Event()
        self._has_own = True
        self._is_woken = False
        self._stopping = threading.Event()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="fleet-live-read")
        self._others = ThreadPoolExecutor(2, thread_name_prefix="fleet-live")
        self._listening: threading.Thread | None = None
        core.plugins.listen(self)

    def settle(self) -> None:
        """Put what was committed in order, where the database does not; in a thread."""
        if self._is_postgresql:
            service.settle(self.core)

    def read(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Run *function* in the thread that reads events."""
        return self._loop.run_in_executor(self._reader, function)

    def in_loop(self, function: Callable[[], object]) -> None:
        """Run *function* in the event loop, soon; from any thread."""
        self._loop.call_soon_threadsafe(function)

    def ask(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Run *function* in a thread of those for everything else."""
        return self._loop.run_in_executor(self._others, function)

    async def wait(self, seconds: float) -> bool:
        """Wait until there may be something new, at most *seconds*; says whether it may be unsettled still."""
        try:
            async with asyncio.timeout(seconds):
                await self._alarm.wait()
        except TimeoutError:
            return True
        self._alarm.clear()
        self._is_woken = False
        was_own, self._has_own = self._has_own, False
        return was_own

    @hookimpl
    def fleetcore_event_committed(self, committed: CommittedEvent) -> None:  # noqa: ARG002 - that there is one is enough
        """Wake the reader, once for all that is committed until it wakes."""
        if not (self.is_silent or self._stopping.is_set()):
            self._has_own = True
            self._wake()

    def _wake(self) -> None:
        if not self._is_woken:
            self._is_woken = True
            try:
                self._loop.call_soon_threadsafe(self._alarm.set)
            except RuntimeError:  # the loop is closed: the server has ended
                self._stopping.set()

    def listen(self) -> None:
        """Begin to listen to the database, where it notifies."""
        if self._listening is None and self._is_postgresql:
            self._listening = threading.Thread(target=self._hear, name="fleet-live-listen", daemon=True)
            self._listening.start()

    def _hear(self) -> None:
        while not self._stopping.is_set():
            try:
                with Listener(self.core.database, CHANNEL) as listener:
                    self._wake()  # what was told while nobody listened
                    while not self._stopping.is_set():
                        if listener.wait(WAIT_S):
                            self._wake()
            except Exception:  # whatever it is, events are asked for besides
                log.warning("the database does not notify of events; listening is tried again", exc_info=True)
                self._stopping.wait(RECONNECT_S)

    async def close(self) -> None:
        """End the threads."""
        self._stopping.set()
        if self._listening is not None:
            await asyncio.to_thread(self._listening.join)
        for pool in (self._reader, self._others):
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)
