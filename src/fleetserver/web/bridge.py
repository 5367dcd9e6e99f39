"""The one place where the event loop meets the synchronous core: a bounded pool of threads with a bounded line.

The line is first in, first out. Latency at saturation is queueing, so a request that would wait long is told so
instead. How long is long depends on the line: as long as it was empty a moment ago, what waits is a burst, which
passes by itself, and everybody has *patience_s*. A line that stands for CROWDED_AFTER_S means that more is asked than
can be done: it never passes, and would only make everyone wait the same; from then on a wait of *crowded_s* is enough.
(The idea is CoDel's, RFC 8289, as servers of requests use it: by time waited, not by length.)
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from attrs import frozen

__all__ = ["CROWDED_S", "Bridge", "Busy"]

T = TypeVar("T")
CROWDED_S = 0.1
CROWDED_AFTER_S = 0.5


class Busy(Exception):
    """Everything is at work and the line is full, or the wait took too long: the client should come back."""


@frozen(eq=False)
class _Work:
    """A function, and where its answer goes."""

    function: Callable[[], Any]
    answer: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    came_at: float


@frozen(eq=False)
class _Done:
    """What became of some work; *is_free* where its thread has nothing to go on with."""

    work: _Work
    result: Any = None
    error: BaseException | None = None
    is_free: bool = False


class Bridge:
    """Runs functions of the core in threads: *threads* at once, *waiting_max* in line; times in seconds."""

    def __init__(self, *, threads: int, waiting_max: int, patience_s: float, crowded_s: float = CROWDED_S) -> None:
        self._todo: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads_max, self._waiting_max = threads, waiting_max
        self._patience_s, self._crowded_s = patience_s, min(crowded_s, patience_s)
        self._line: deque[_Work] = deque()
        self._done: list[_Done] = []
        self._changing = threading.Lock()  # of the line and of what is done: threads and the loop share them
        self._empty_at = 0.0  # when somebody last came to an empty line
        self._threads: list[threading.Thread] = []
        self._sweeping: asyncio.TimerHandle | None = None
        self.running = 0

    @property
    def waiting(self) -> int:
        """How many are in line."""
        return len(self._line)

    async def call(self, function: Callable[[], T]) -> T:
        """Run *function* in a thread and return what it returns. Raises Busy."""
        loop = asyncio.get_running_loop()
        # In the context of the caller: log lines and events know their request.
        work = _Work(partial(copy_context().run, function), loop.create_future(), loop, loop.time())
        if self.running < self._threads_max:
            self._start(work)
        else:
            self._queue(work)
        # A client that goes away cancels the wait, not the work: a transaction is never left in the middle,
        # and its thread counts as taken until it is done.
        return cast(T, await work.answer)

    def _start(self, work: _Work) -> None:
        self.running += 1
        if len(self._threads) < min(self.running, self._threads_max):
            thread = threading.Thread(target=self._run, name=f"fleet-unit_{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._todo.put(work)

    def _run(self) -> None:
        while (work := self._todo.get()) is not None:
            following: _Work | None = work
            while following is not None:
                work, result, error = following, None, None
                try:
                    result = work.function()
                except BaseException as raised:  # whatever it is, it belongs to who waits for the answer
                    error = raised
                # Who is next is begun at once: by way of the loop the thread would fall asleep, and be woken, for each.
                following, late = self._following(work.loop.time())
                self._tell(work.loop, [*late, _Done(work, result, error, is_free=following is None)])
                del result, error, late
            del work  # nothing is kept while the thread waits for more

    def _following(self, now: float) -> tuple[_Work | None, list[_Done]]:
        """Return who has waited longest, and those who have waited too long."""
        with self._changing:
            late = self._take_late(now)
            return (self._line.popleft() if self._line else None), [_Done(work, error=Busy()) for work in late]

    def _tell(self, loop: asyncio.AbstractEventLoop, done: list[_Done]) -> None:
        with self._changing:
            is_told = bool(self._done)  # and has not come to it
            self._done += done
        if not is_told:
            loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        """Hand out all that was done since the last time."""
        with self._changing:
            finished, self._done = self._done, []
        for done in finished:
            self.running -= done.is_free
            answer = done.work.answer
            if answer.done():  # the client is gone
                continue
            if done.error is not None:
                answer.set_exception(done.error)
            else:
                answer.set_result(done.result)
        while self._line and self.running < self._threads_max:  # who came while a thread was on its way to rest
            following, late = self._following(finished[0].work.loop.time())
            _refuse(done.work for done in late)
            if following is not None:
                self._start(following)

    # --- the line -------------------------------------------------------------------------------------------------

    def _queue(self, work: _Work) -> None:
        with self._changing:
            if not self._line:
                self._empty_at = work.came_at
            if len(self._line) >= self._waiting_max:
                raise Busy
            self._line.append(work)
        if self._sweeping is None:
            self._sweeping = work.loop.call_later(self._crowded_s, self._sweep, work.loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse who has waited too long, even when no thread comes free."""
        with self._changing:
            late = self._take_late(loop.time())
        _refuse(late)
        self._sweeping = loop.call_later(self._crowded_s, self._sweep, loop) if self._line else None

    def _take_late(self, now: float) -> list[_Work]:
        """Take out of the line who has waited too long, and whose client is gone; the caller holds the lock."""
        is_crowded = now - self._empty_at > CROWDED_AFTER_S
        longest = self._crowded_s if is_crowded else self._patience_s
        late = []
        while self._line and (self._line[0].answer.done() or now - self._line[0].came_at > longest):
            late.append(self._line.popleft())
        return late

    async def close(self) -> None:
        """Refuse who is in line, wait for what is at work, then end the threads."""
        with self._changing:
            late, self._line = list(self._line), deque()
        _refuse(late)
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            await asyncio.get_running_loop().run_in_executor(None, thread.join)
        if self._sweeping is not None:
            self._sweeping.cancel()


def _refuse(late: Iterable[_Work]) -> None:
    for work in late:
        if not work.answer.done():  # else the client is gone
            work.answer.set_exception(Busy())
