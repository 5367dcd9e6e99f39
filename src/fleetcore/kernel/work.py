"""Work that is done later: consumers of committed events, and kinds of jobs.

A fleet's worker runs both; see ``fleetcore.worker``. An area brings them: ``Area(consumers=..., jobs=...)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from attrs import field, frozen

from .events import CommittedEvent, Event
from .ports import StoreKey, UnitOfWork

__all__ = [
    "NO_FLEET",
    "QUEUE",
    "WORKER_ID",
    "Consumer",
    "Found",
    "GiveUp",
    "Hearing",
    "JobContext",
    "JobKind",
    "LostLease",
    "Payload",
    "Queue",
    "Retries",
    "RetryLater",
]

R = TypeVar("R")
Payload = Mapping[str, Any]
Hearing = Callable[[UnitOfWork, CommittedEvent], None]

WORKER_ID = UUID(int=1)
"""The user that audit names for what a worker did: no person, a member of no fleet."""

NO_FLEET = UUID(int=0)
"""Stands in the place of a fleet in the jobs of the whole installation."""


class GiveUp(Exception):
    """Raised by a job or a consumer when trying again cannot help: it is dead at once, with this text."""


class RetryLater(Exception):
    """Raised by a job or a consumer that knows how long to wait, as a server does that answered 429."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class LostLease(Exception):
    """Another worker has taken the job over: this one was silent for too long, and keeps nothing of what it did."""


@frozen(kw_only=True)
class Retries:
    """How often work is tried, and how long it rests in between: *first* x 2^n, at most *longest*.

    *jitter* is the share by which each wait is lengthened or shortened at random, so that what failed together
    does not come back together.
    """

    attempts_max: int = field(default=8)
    first: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(hours=1)
    jitter: float = 0.2

    @attempts_max.validator
    def _at_least_one(self, _attribute: Any, value: int) -> None:
        if value < 1:
            raise ValueError("attempts_max must be 1 or more")

    def wait(self, attempts: int, chance: float) -> timedelta:
        """Return how long to rest after *attempts* failures; *chance* lies between 0 and 1."""
        grown: timedelta = min(self.first * 2 ** min(attempts - 1, 40), self.longest)
        return timedelta(seconds=grown.total_seconds() * (1 + self.jitter * (2 * chance - 1)))


@frozen(kw_only=True)
class Consumer:
    """Hears committed events, each exactly once: what it writes and that it heard are one transaction.

    *hears* maps event classes to functions ``(uow, committed)``. They run after the commit, in a transaction of the
    event's fleet, as the worker, who holds every permission there. Events of one key come in order; one that keeps
    failing is set aside after *retries* and the later ones go on. What talks to the outside world must not be done
    here: enqueue a job.
    """

    name: str
    hears: Mapping[type[Event], Hearing]
    retries: Retries = Retries()


@frozen(kw_only=True)
class Found:
    """A job that periodic work found to do: in which fleet, with what, and under which key it is there only once."""

    fleet_id: UUID
    payload: Payload = field(factory=dict)
    dedupe_key: str | None = None


class JobContext(Protocol):
    """What a job that talks to the outside world gets: no transaction is open while it talks."""

    @property
    def job_id(self) -> UUID:
        """The id of the job; the same on every attempt, so it serves as an idempotency key outside."""
        ...

    @property
    def fleet_id(self) -> UUID:
        """The fleet that the job belongs to."""
        ...

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        ...

    @property
    def is_last(self) -> bool:
        """Whether the job is dead if this attempt fails."""
        ...

    def now(self) -> datetime:
        """Return the present instant."""
        ...

    def transact(self, function: Callable[[UnitOfWork], R]) -> R:
        """Run *function* in a transaction of the job's fleet, as the worker; it also renews the lease.

        Raises LostLease, and nothing is kept, when another worker has taken the job over meanwhile.
        """
        ...

    def finish(self, function: Callable[[UnitOfWork], R]) -> R:
        """Like :meth:`transact`, and the job is done in the same transaction: what it writes is written once."""
        ...

    def renew(self) -> None:
        """Renew the lease during long work. Raises LostLease."""
        ...


@frozen(kw_only=True)
class JobKind:
    """A kind of job, by one of two functions.

    *run* ``(uow, payload)``: its effect and the completion of the job are one transaction, so it happens exactly once.
    *outside* ``(context, payload)``: for what talks to the outside world; it may happen again when a worker dies in
    the middle, so it uses ``context.job_id`` as an idempotency key where the other side takes one.

    *every* makes it periodic, by *find* ``(uow, now)``: it runs with a unit of work that sees every fleet, asks an
    index what is due and yields what to enqueue. With *across_fleets* there is nothing to find: one job for the
    whole installation, whose *run* sees every fleet, as clean-ups do.

    *lease* is how long a worker may be silent before another takes the job over. Finished jobs are kept for
    *retention*; dead ones until they are retried or discarded, or the retention of failures ends.
    """

    name: str
    run: Callable[[UnitOfWork, Payload], None] | None = None
    outside: Callable[[JobContext, Payload], None] | None = None
    every: timedelta | None = None
    find: Callable[[UnitOfWork, datetime], Iterable[Found]] | None = None
    across_fleets: bool = False
    retries: Retries = Retries()
    lease: timedelta = timedelta(minutes=5)
    retention: timedelta = timedelta(days=7)

    def __attrs_post_init__(self) -> None:
        if (self.run is None) == (self.outside is None):
            raise ValueError(f"the job kind {self.name} needs run or outside, and not both")
        if (self.find is not None or self.across_fleets) and self.every is None:
            raise ValueError(f"the job kind {self.name} says what it finds but not how often")
        if self.every is not None and (self.find is None) != self.across_fleets:
            raise ValueError(f"the periodic job kind {self.name} needs find, or across_fleets")
        if self.across_fleets and self.run is None:
            raise ValueError(f"the job kind {self.name} works across fleets, which only run does")


class Queue(Protocol):
    """The jobs of one fleet, as services see them."""

    def enqueue(
        self,
        kind: str,
        payload: Payload | None = None,
        *,
        now: datetime,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
    ) -> bool:
        """Leave a job to the workers, from *run_at* or at once, if this transaction is committed.

        *now* is ``uow.now``. While a job of this kind with the same *dedupe_key* is open, nothing is added and
        False returned. *payload* is plain JSON.
        """
        ...


QUEUE: StoreKey[Queue] = StoreKey("worker.queue")
