"""Take one due job and run it: its effect and its completion are one transaction, or it talks to the outside."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from attrs import define, frozen

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import NO_FLEET, Found, GiveUp, JobKind, LostLease

from .events import JobDied
from .failures import error_text, next_try
from .model import Claim, Happening
from .ports import CLAIMS, Host

__all__ = ["Context", "enqueue_due", "finishing", "run_jobs"]

R = TypeVar("R")
Tell = Callable[[Happening], None]
log = logging.getLogger("fleetcore.worker")
REST_AFTER_FAILURE = timedelta(minutes=1)
TURN_SECONDS = 1.0
JOBS_AT_ONCE = 16
SMALL_JOB_SECONDS = 0.02


@define
class Context:
    """What a job that talks to the outside world gets."""

    host: Host
    kind: JobKind
    claim: Claim
    is_finished: bool = False

    @property
    def job_id(self) -> UUID:
        """The id of the job."""
        return self.claim.job.id

    @property
    def fleet_id(self) -> UUID:
        """The fleet of the job."""
        return self.claim.fleet_id

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self.claim.job.attempts

    @property
    def is_last(self) -> bool:
        """Whether the job is dead if this attempt fails."""
        return self.attempt >= self.kind.retries.attempts_max

    def now(self) -> datetime:
        """Return the present instant."""
        return self.host.clock.now()

    def transact(self, function: Callable[[UnitOfWork], R]) -> R:
        """Run *function* in a transaction of the job's fleet, and renew the lease in it."""

        def body(uow: UnitOfWork) -> R:
            if not uow[CLAIMS].renew(self.claim, uow.now + self.kind.lease):
                raise LostLease(self.kind.name)
            return function(uow)

        return self.host.work(self.fleet_id, self.kind.name, body)

    def finish(self, function: Callable[[UnitOfWork], R]) -> R:
        """Run *function* in a transaction of the job's fleet in which the job is done."""
        result = self.host.work(self.fleet_id, self.kind.name, finishing(self.kind, self.claim, function))
        self.is_finished = True
        return result

    def renew(self) -> None:
        """Renew the lease."""
        self.transact(lambda _uow: None)


def finishing(kind: JobKind, claim: Claim, function: Callable[[UnitOfWork], R]) -> Callable[[UnitOfWork], R]:
    """Return a body of a transaction that completes the job first, then does its work.

    First, so that the row is locked as long as the work lasts: nobody takes a job over that is still being done,
    and the work itself may enqueue the next job under the same key.
    """

    def body(uow: UnitOfWork) -> R:
        if not uow[CLAIMS].finish(claim, uow.now, uow.now + kind.retention):
            raise LostLease(kind.name)
        return function(uow)

    return body


@frozen
class _Runner:
    host: Host
    kind: JobKind
    claim: Claim

    def run(self) -> None:
        """Do the work of the job; raises what it raises, and LostLease when it is no longer ours."""
        run, payload = self.kind.run, self.claim.job.payload
        if self.claim.job.attempts > self.kind.retries.attempts_max:
            times = self.claim.job.attempts - 1
            raise GiveUp(f"it was taken {times} times, and each time its worker died or was silent for too long")
        if run is None:
            self._outside()
        elif self.kind.across_fleets:
            with self.host.across_fleets() as uow:
                self._finishing(lambda unit: run(unit, payload))(uow)
        else:
            body = self._finishing(lambda unit: run(unit, payload))
            self.host.work(self.claim.fleet_id, self.kind.name, body)

    def _finishing(self, function: Callable[[UnitOfWork], None]) -> Callable[[UnitOfWork], None]:
        return finishing(self.kind, self.claim, function)

    def _outside(self) -> None:
        assert self.kind.outside is not None  # noqa: S101 - the kind has checked that it has one of the two
        context = Context(self.host, self.kind, self.claim)
        self.kind.outside(context, self.claim.job.payload)
        if not context.is_finished:
            context.finish(lambda _uow: None)


def run_jobs(host: Host, tell: Tell, may_go_on: Callable[[], bool]) -> bool:
    """Run what is due, what is due longest first, for about a second; returns whether anything was.

    Small jobs are taken several at a time, for taking one costs as much as doing it. What is not begun when the turn
    is over is given back, so that no other worker waits for it.
    """
    leases = {name: kind.lease for name, kind in host.jobs.items()}
    began = last = time.monotonic()
    did_any, most = False, 1
    while may_go_on() and last - began < TURN_SECONDS:
        with host.across_fleets() as uow:
            claims = uow[CLAIMS].claim(leases, uow.now, most)
        if not claims:
            break
        did_any = True
        waiting = deque(claims)
        while waiting and may_go_on() and time.monotonic() - began < TURN_SECONDS:
            _run(host, waiting.popleft(), tell)
        if waiting:
            with host.across_fleets() as uow:
                uow[CLAIMS].release(list(waiting), uow.now)
        took, last = time.monotonic() - last, time.monotonic()
        most = min(2 * most, JOBS_AT_ONCE) if took / len(claims) < SMALL_JOB_SECONDS else 1
    return did_any


def _run(host: Host, claim: Claim, tell: Tell) -> None:
    kind, began = host.jobs[claim.job.kind], time.monotonic()
    what, text = "done", None
    try:
        _Runner(host, kind, claim).run()
    except LostLease:
        what = "lost"
    except Exception as error:  # a job is any code: whatever it raises is kept with it, and the worker goes on
        text = error_text(error)
        now = host.clock.now()
        next_at = next_try(error, kind.retries, claim.job.attempts, now)
        is_ours = _fail(host, claim, text, next_at, now)
        what = "lost" if not is_ours else "dead" if next_at is None else "failed"
        log.log(logging.ERROR if what == "dead" else logging.WARNING, "the job %s %s: %s", claim.job.id, what, text)
    tell(
        Happening(
            what=what,
            name=kind.name,
            fleet_id=claim.fleet_id,
            id=claim.job.id,
            seconds=time.monotonic() - began,
            error=text,
        )
    )


def _fail(host: Host, claim: Claim, text: str, next_at: datetime | None, now: datetime) -> bool:
    """Give the job back; that one of a fleet is dead is told in the same transaction."""
    job = claim.job
    if next_at is not None or claim.fleet_id == NO_FLEET:
        with host.across_fleets() as uow:
            return uow[CLAIMS].fail(claim, text, next_at, now)

    def body(uow: UnitOfWork) -> bool:
        is_ours = uow[CLAIMS].fail(claim, text, None, now)
        if is_ours:
            uow.emit(JobDied(job_id=job.id, kind=job.kind, attempts=job.attempts))
        return is_ours

    return host.work(claim.fleet_id, job.kind, body)


def enqueue_due(host: Host, tell: Tell) -> bool:
    """Look what periodic work has fallen due and enqueue it; returns whether a period began.

    What is found is enqueued in the transaction that moves the schedule on, so a period is never done twice and
    never lost, however many workers there are.
    """
    began = False
    for kind in host.jobs.values():
        if kind.every is None:
            continue
        try:
            began |= _enqueue_due(host, kind, tell)
        except Exception as error:  # one kind that cannot look must not stop the others
            text = error_text(error)
            log.exception("looking for work of %s failed", kind.name)
            with host.across_fleets() as uow:
                uow[CLAIMS].plan_schedule(kind.name, uow.now + min(kind.every, REST_AFTER_FAILURE))
            tell(Happening(what="failed", name=kind.name, error=text))
    return began


def _enqueue_due(host: Host, kind: JobKind, tell: Tell) -> bool:
    assert kind.every is not None  # noqa: S101 - the caller has chosen periodic kinds
    with host.across_fleets() as uow:
        planned = uow[CLAIMS].take_schedule(kind.name, uow.now)
        if planned is None:
            return False
        found = [Found(fleet_id=NO_FLEET, dedupe_key="")] if kind.find is None else kind.find(uow, uow.now)
        count = sum(uow[CLAIMS].enqueue_found(kind.name, each, uow.now) for each in found)
        missed = (uow.now - planned) // kind.every  # periods that nobody worked in are caught up with in one step
        uow[CLAIMS].plan_schedule(kind.name, planned + kind.every * (missed + 1))
    if count:
        tell(Happening(what="scheduled", name=kind.name, count=count))
    return True
