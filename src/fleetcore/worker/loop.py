"""The worker: does what is due until it is told to stop. There is no leader; run as many as you like."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .failures import error_text
from .jobs import enqueue_due, run_jobs
from .model import Happening, Outlook
from .ports import CLAIMS, Host
from .relay import deliver, fan_out

__all__ = ["Worker"]

log = logging.getLogger("fleetcore.worker")
NAP_SECONDS = 0.1  # how soon a resting thread notices that it shall stop


def _nothing(_happening: Happening) -> None:
    pass


class Worker:
    """Relays events, runs jobs and begins periodic work, in *threads* threads of this process.

    *tell* hears of everything that was done, in the thread that did it. While nothing is due the database is asked
    ever less often, from *poll_seconds_min* up to *poll_seconds_max*.
    """

    def __init__(
        self,
        host: Host,
        *,
        threads: int = 1,
        tell: Callable[[Happening], None] = _nothing,
        poll_seconds_min: float = 0.05,
        poll_seconds_max: float = 2.0,
    ) -> None:
        if threads < 1:
            raise ValueError("a worker needs at least one thread")
        self.host = host
        self.threads = threads
        self.tell = tell
        self.poll_seconds_min = poll_seconds_min
        self.poll_seconds_max = poll_seconds_max
        self._is_stopping = False
        self._kinds = tuple(host.jobs)
        self._periodic = tuple(name for name, kind in host.jobs.items() if kind.every is not None)

    def run(self) -> None:
        """Work until :meth:`stop` is called from another thread or a signal handler."""
        self._in_threads(self._work_until_stopped)

    def drain(self) -> None:
        """Work until nothing is due, then return; raises what the database raises."""
        self._in_threads(self._work_until_idle)

    def stop(self) -> None:
        """Ask the threads to end after what they have in hand; returns at once.

        It takes no lock, so a signal handler may call it whatever the thread it interrupts is at.
        """
        self._is_stopping = True

    def _in_threads(self, work: Callable[[], None]) -> None:
        self._prepare()
        if self.threads == 1:
            work()
            return
        with ThreadPoolExecutor(self.threads, thread_name_prefix="fleet-worker") as pool:
            for done in [pool.submit(work) for _ in range(self.threads)]:
                done.result()

    def _prepare(self) -> None:
        with self.host.across_fleets() as uow:
            uow[CLAIMS].prepare(self._periodic, uow.now)

    def _work_until_idle(self) -> None:
        while not self._is_stopping and self.step():
            pass

    def _work_until_stopped(self) -> None:
        rest = self.poll_seconds_min
        while not self._is_stopping:
            try:
                if self.step():
                    rest = self.poll_seconds_min
                    continue
            except Exception as error:  # the database may be away for a while: that must not end the worker
                log.exception("the worker could not go on; it tries again in %s s", self.poll_seconds_max)
                self.tell(Happening(what="failed", name="worker", error=error_text(error)))
                rest = self.poll_seconds_max
            self._rest(rest)
            rest = min(rest * 2, self.poll_seconds_max)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, NAP_SECONDS))

    def step(self) -> bool:
        """Do some of what is due, for about a second; returns False when there was nothing to do."""
        outlook, now = self._outlook(), self.host.clock.now()
        did_any = False
        if outlook.schedules_at is not None and outlook.schedules_at <= now:
            did_any |= enqueue_due(self.host, self.tell)
        if outlook.events:
            did_any |= fan_out(self.host, self.tell)
        if outlook.deliveries_at is not None and outlook.deliveries_at <= now:
            did_any |= deliver(self.host, self.tell)
        if outlook.jobs_at is not None and outlook.jobs_at <= now:
            did_any |= run_jobs(self.host, self.tell, lambda: not self._is_stopping)
        return did_any

    def _outlook(self) -> Outlook:
        with self.host.across_fleets(snapshot=True) as uow:
            return uow[CLAIMS].outlook(self._kinds)
