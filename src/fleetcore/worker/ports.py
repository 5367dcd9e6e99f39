"""Where jobs, the inbox of the consumers and dead letters are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from fleetcore.kernel.events import Event
from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey, UnitOfWork
from fleetcore.kernel.when import Clock
from fleetcore.kernel.work import Consumer, Found, JobKind

from .model import (
    Claim,
    DeadLetter,
    Delivery,
    Job,
    JobCount,
    Lane,
    ListDeadLetters,
    ListJobs,
    OutboxFigures,
    OutboxItem,
    Outlook,
)

__all__ = [
    "CLAIMS",
    "INBOX",
    "JOBS",
    "LETTERS",
    "OUTBOX",
    "ClaimStore",
    "Host",
    "InboxStore",
    "JobStore",
    "LetterStore",
    "OutboxStore",
]

R = TypeVar("R")


class JobStore(Protocol):
    """The jobs of one fleet, as people look at them."""

    def page(self, question: ListJobs, after: Position | None, limit: int) -> Sequence[Job]:
        """Return up to *limit* jobs, newest first."""
        ...

    def get(self, job_id: UUID, *, lock: bool = False) -> Job:
        """Return the job; raises NotFound."""
        ...

    def remove(self, job_id: UUID) -> None:
        """Remove the job."""
        ...

    def reopen(self, job_id: UUID, next_at: datetime) -> None:
        """Let the job be tried from *next_at*, as if it had never been; Conflict if another took its place."""
        ...


class ClaimStore(Protocol):
    """The jobs as workers see them: of every fleet, when the unit of work sees every fleet."""

    def outlook(self, kinds: Sequence[str]) -> Outlook:
        """Return when something is due next; of jobs and schedules, only those of *kinds*."""
        ...

    def claim(self, leases: Mapping[str, timedelta], now: datetime, limit: int) -> list[Claim]:
        """Take up to *limit* due jobs of the kinds in *leases*, those of workers gone silent too, for so long."""
        ...

    def finish(self, claim: Claim, now: datetime, keep_until: datetime) -> bool:
        """Say that the job is done; it may be removed after *keep_until*. False when the lease is no longer ours."""
        ...

    def renew(self, claim: Claim, until: datetime) -> bool:
        """Keep the job until then; False when the lease is no longer ours."""
        ...

    def fail(self, claim: Claim, error: str, next_at: datetime | None, now: datetime) -> bool:
        """Give the job back until *next_at*, None for dead; False when the lease is no longer ours."""
        ...

    def release(self, claims: Sequence[Claim], now: datetime) -> None:
        """Give back jobs that were not begun, for others to take at once; those that are no longer ours stay."""
        ...

    def prepare(self, names: Sequence[str], now: datetime) -> None:
        """See that each periodic kind has its schedule, due at once where it is new."""
        ...

    def take_schedule(self, name: str, now: datetime) -> datetime | None:
        """Take a schedule that is due, until commit; None when it is not, or another worker has it."""
        ...

    def plan_schedule(self, name: str, next_at: datetime) -> None:
        """Write when the schedule is due next."""
        ...

    def enqueue_found(self, kind: str, found: Found, now: datetime) -> bool:
        """Add what periodic work found; False when it is there already."""
        ...

    def forget_dead(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* jobs that failed for good before then; returns how many."""
        ...

    def clean(self, now: datetime, limit: int) -> int:
        """Remove up to *limit* jobs that were done and kept for long enough; returns how many."""
        ...

    def forget_answers(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* idempotency keys, with their answers, that were used before then."""
        ...


class InboxStore(Protocol):
    """Which consumer has heard which event; fans out and cleans across fleets, the rest is of one fleet."""

    def fan_out(self, hearers: Mapping[str, Sequence[str]], now: datetime, limit: int) -> int | None:
        """Turn up to *limit* committed events into deliveries to their consumers; returns how many were looked at.

        None when another worker is at it: only one at a time, so that events of one key keep their order.
        """
        ...

    def lanes(self, consumers: Sequence[str], now: datetime, limit: int) -> list[Lane]:
        """Return lanes in which something is due."""
        ...

    def enter(self, lane: Lane) -> bool:
        """Take the lane until commit; False when another worker has it."""
        ...

    def due(self, lane: Lane, now: datetime, limit: int) -> list[Delivery]:
        """Return what is due in the lane, in order; what waits behind a failed event of its key is put off."""
        ...

    def heard(self, lane: Lane, event_ids: Sequence[UUID], now: datetime) -> None:
        """Say that the consumer has heard these events."""
        ...

    def fail(self, lane: Lane, delivery: Delivery, next_at: datetime) -> bool:
        """Count a failure and put the event off; False when another worker has counted it already."""
        ...

    def bury(self, lane: Lane, letter: DeadLetter) -> bool:
        """Set the event aside as a dead letter; False when another worker has dealt with it already."""
        ...

    def clean(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* events published before then that nobody still waits for; returns how many."""
        ...


class OutboxStore(Protocol):
    """The way of the events, across fleets, for whoever runs the host."""

    def jobs(self) -> Sequence[JobCount]:
        """Count the jobs by kind and state."""
        ...

    def figures(self) -> OutboxFigures:
        """Count what waits."""
        ...

    def waits_since(self) -> datetime | None:
        """Return since when the oldest event waits for a worker, relayed or not; None when none waits."""
        ...

    def waiting(self, limit: int) -> Sequence[OutboxItem]:
        """Return up to *limit* events that wait, those not relayed yet first, the oldest first."""
        ...

    def dead(self, limit: int) -> Sequence[OutboxItem]:
        """Return up to *limit* dead letters that were not sent again, the newest first."""
        ...

    def hasten(self, event_id: UUID, now: datetime) -> int:
        """Let the deliveries of an event that rest after a failure be tried at once; returns how many."""
        ...

    def prunable(self, before: datetime) -> int:
        """Count the events published before then that nobody waits for."""
        ...


class LetterStore(Protocol):
    """The dead letters of one fleet."""

    def page(self, question: ListDeadLetters, after: Position | None, limit: int) -> Sequence[DeadLetter]:
        """Return up to *limit* dead letters, newest first."""
        ...

    def get(self, letter_id: UUID, *, lock: bool = False) -> DeadLetter:
        """Return the dead letter; raises NotFound."""
        ...

    def remove(self, letter_id: UUID) -> None:
        """Remove the dead letter."""
        ...

    def clean(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* dead letters of any fleet in sight that died before then; returns how many."""
        ...

    def replay(self, letter: DeadLetter, now: datetime, by: UUID) -> None:
        """Send the event to its consumer again, and note who asked."""
        ...


class Host(Protocol):
    """What a worker needs of a Core."""

    @property
    def clock(self) -> Clock:
        """What the time is."""
        ...

    @property
    def events(self) -> Mapping[str, type[Event]]:
        """Every event by name."""
        ...

    @property
    def consumers(self) -> Mapping[str, Consumer]:
        """Every consumer by name."""
        ...

    @property
    def jobs(self) -> Mapping[str, JobKind]:
        """Every kind of job by name."""
        ...

    def work(self, fleet_id: UUID, name: str, function: Callable[[UnitOfWork], R]) -> R:
        """Run *function* as the worker in one transaction of a fleet; audit shows *name* as the operation."""
        ...

    def across_fleets(self, *, snapshot: bool = False) -> AbstractContextManager[UnitOfWork]:
        """Lend a unit of work that sees every fleet, in one transaction."""
        ...


JOBS: StoreKey[JobStore] = StoreKey("worker.jobs")
CLAIMS: StoreKey[ClaimStore] = StoreKey("worker.claims")
INBOX: StoreKey[InboxStore] = StoreKey("worker.inbox")
OUTBOX: StoreKey[OutboxStore] = StoreKey("worker.outbox")
LETTERS: StoreKey[LetterStore] = StoreKey("worker.letters")
