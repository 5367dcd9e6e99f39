"""The one place where the event loop meets the synchronous core: a bounded pool of threads with a bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["Bridge", "Busy"]

T = TypeVar("T")


class Busy(Exception):
    """Everything is at work and the queue is full, or the wait took too long: the client should come back."""


class Bridge:
    """Runs functions of the core in threads: *threads* at once, *waiting_max* in line, each at most *patience_s*.

    The line is first in, first out. Latency at saturation is queueing, so a request that would wait long is told
    so at once instead.
    """

    def __init__(self, *, threads: int, waiting_max: int, patience_s: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fleet-unit")
        self._free = asyncio.Semaphore(threads)
        self._threads, self._waiting_max, self._patience_s = threads, waiting_max, patience_s
        self.waiting = 0
        self.running = 0

    async def call(self, function: Callable[[], T]) -> T:
        """Run *function* in a thread and return what it returns. Raises Busy."""
        if self._free.locked():
            await self._queue()
        else:
            await self._free.acquire()  # at once, without a timer
        self.running += 1
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        work = self._pool.submit(copy_context().run, function)  # log lines and events know their request
        work.add_done_callback(lambda done: loop.call_soon_threadsafe(self._finish, done, answer))
        # A client that goes away cancels the wait, not the work: a transaction is never left in the middle,
        # and its thread counts as taken until it is done.
        return await answer

    async def _queue(self) -> None:
        if self.waiting >= self._waiting_max:
            raise Busy
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self.waiting -= 1

    def _finish(self, done: Future[T], answer: asyncio.Future[T]) -> None:
        self.running -= 1
        self._free.release()
        if answer.done():  # the client is gone
            return
        if (error := done.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(done.result())

    async def close(self) -> None:
        """Wait for what is at work, then end the threads."""
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)
