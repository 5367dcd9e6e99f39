"""Jobs, dead letters, and what one can ask of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT

__all__ = [
    "Claim",
    "DeadLetter",
    "Delivery",
    "DiscardDeadLetter",
    "DiscardJob",
    "GetDeadLetter",
    "GetJob",
    "Happening",
    "Job",
    "JobCount",
    "JobState",
    "Lane",
    "ListDeadLetters",
    "ListJobs",
    "OutboxFigures",
    "OutboxItem",
    "Outlook",
    "Replay",
    "RetryJob",
]


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"

    @property
    def is_open(self) -> bool:
        """Whether a worker will still take it."""
        return self in {JobState.WAITING, JobState.RUNNING}


@frozen(kw_only=True)
class Job:
    """A piece of work: *next_at* is when a worker may take it, for a running one when its lease runs out."""

    id: UUID
    kind: str
    payload: Any = None
    state: JobState = JobState.WAITING
    run_at: datetime
    next_at: datetime | None
    attempts: int = 0
    dedupe_key: str | None = None
    last_error: str | None = None
    created_at: datetime
    finished_at: datetime | None = None


@frozen(kw_only=True)
class Claim:
    """A job that a worker has taken, and the lease that says so."""

    fleet_id: UUID
    lease_id: UUID
    job: Job


@frozen(kw_only=True)
class Lane:
    """What one worker relays at a time: the events of some keys of a fleet for one consumer."""

    fleet_id: UUID
    consumer: str
    number: int


@frozen(kw_only=True)
class Delivery:
    """An event on its way to a consumer; *payload* is its JSON."""

    event_id: UUID
    position: int
    name: str
    version: int
    key: str
    payload: str
    actor_id: UUID
    at: datetime
    correlation_id: str | None
    trace_id: str | None = None
    attempts: int


@frozen(kw_only=True)
class DeadLetter:
    """An event that a consumer could not take, with all that it needs to be sent again."""

    id: UUID
    consumer: str
    event_id: UUID
    position: int
    name: str
    version: int
    key: str
    payload: str = field(repr=False)
    actor_id: UUID
    at: datetime
    correlation_id: str | None = None
    attempts: int
    error: str
    died_at: datetime
    replayed_at: datetime | None = None
    replayed_by: UUID | None = None


@frozen(kw_only=True)
class Outlook:
    """When there is something to do next, of each sort; None where nothing waits."""

    events: bool
    deliveries_at: datetime | None
    jobs_at: datetime | None
    schedules_at: datetime | None

    @property
    def next_at(self) -> datetime | None:
        """The soonest instant at which something is due, apart from events, which are due at once."""
        return min((at for at in (self.deliveries_at, self.jobs_at, self.schedules_at) if at is not None), default=None)


@frozen(kw_only=True)
class JobCount:
    """How many jobs of a kind are in a state, in all fleets."""

    kind: str
    state: str
    count: int


@frozen(kw_only=True)
class OutboxFigures:
    """How events stand in all fleets: *unpublished* ones, *deliveries* that wait, *dead* letters not sent again.

    *oldest_at* is since when the first of them waits for a worker; *last_position* counts the events there ever were.
    """

    unpublished: int
    deliveries: int
    dead: int
    oldest_at: datetime | None
    last_position: int


@frozen(kw_only=True)
class OutboxItem:
    """An event that waits for a worker, or that a consumer could not take; *consumer* is None before the relay."""

    id: UUID
    fleet_id: UUID
    state: str
    name: str
    key: str
    at: datetime
    position: int
    consumer: str | None = None
    attempts: int = 0
    next_at: datetime | None = None
    correlation_id: str | None = None
    trace_id: str | None = None


@frozen(kw_only=True)
class DiscardJob:
    """Asks for a dead or waiting job to be removed: its work is not done."""

    id: UUID


@frozen(kw_only=True)
class GetDeadLetter:
    """Asks for one dead letter."""

    id: UUID


@frozen(kw_only=True)
class DiscardDeadLetter:
    """Asks for a dead letter to be removed: its consumer never takes the event."""

    id: UUID


@frozen(kw_only=True)
class Happening:
    """Something a worker did: *what* is one of scheduled, relayed, heard, done, failed, dead and lost."""

    what: str
    name: str
    fleet_id: UUID | None = None
    id: UUID | None = None
    count: int = 1
    seconds: float = 0.0
    error: str | None = None


@frozen(kw_only=True)
class ListJobs:
    """Asks for a page of the fleet's jobs, newest first."""

    states: tuple[JobState, ...] = ()
    kind: str | None = None
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class GetJob:
    """Asks for one job."""

    id: UUID


@frozen(kw_only=True)
class RetryJob:
    """Asks for a dead job to be tried again from the start, or a waiting one at once."""

    id: UUID


@frozen(kw_only=True)
class ListDeadLetters:
    """Asks for a page of the fleet's dead letters, newest first; without those that were sent again."""

    consumer: str | None = None
    include_replayed: bool = False
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class Replay:
    """Asks for the event of a dead letter to be sent to its consumer again."""

    id: UUID
