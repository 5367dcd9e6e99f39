"""What is told after someone had work tried again."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = [
    "EVENTS",
    "DeadLetterDiscarded",
    "DeadLetterReplayed",
    "EventSetAside",
    "JobDied",
    "JobDiscarded",
    "JobRetried",
]


@event("worker.job_retried", key="job_id")
@frozen(kw_only=True)
class JobRetried(Event):
    """Someone had a background job tried again."""

    job_id: UUID
    kind: str


@event("worker.dead_letter_replayed", key="letter_id")
@frozen(kw_only=True)
class DeadLetterReplayed(Event):
    """Someone had an event sent to a consumer again that could not take it before."""

    letter_id: UUID
    consumer: str
    event_id: UUID


@event("worker.job_discarded", key="job_id")
@frozen(kw_only=True)
class JobDiscarded(Event):
    """Someone had a background job removed that will not be done."""

    job_id: UUID
    kind: str


@event("worker.dead_letter_discarded", key="letter_id")
@frozen(kw_only=True)
class DeadLetterDiscarded(Event):
    """Someone had an event removed that its consumer could not take."""

    letter_id: UUID
    consumer: str
    event_id: UUID


@event("worker.job_died", key="job_id")
@frozen(kw_only=True)
class JobDied(Event):
    """A background job failed for good; the error is kept with it."""

    job_id: UUID
    kind: str
    attempts: int


@event("worker.event_set_aside", key="letter_id")
@frozen(kw_only=True)
class EventSetAside(Event):
    """A consumer could not take an event, which is a dead letter now."""

    letter_id: UUID
    consumer: str
    event_id: UUID
    event_name: str


EVENTS: tuple[type[Event], ...] = (
    JobRetried,
    DeadLetterReplayed,
    JobDiscarded,
    DeadLetterDiscarded,
    JobDied,
    EventSetAside,
)
