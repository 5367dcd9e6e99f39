"""What is told after someone had work tried again."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "DeadLetterReplayed", "JobRetried"]


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


EVENTS: tuple[type[Event], ...] = (JobRetried, DeadLetterReplayed)
