"""One vehicle's timeline: what each area puts on it, so that history can merge them without knowing their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Protocol
from uuid import UUID

from attrs import frozen

from .money import Money
from .paging import Position
from .quantities import Distance
from .when import ALWAYS, Span

__all__ = ["TimelineEntry", "TimelineHead", "TimelineQuestion", "TimelineStore", "instant_of"]


def instant_of(day: date) -> datetime:
    """Return the instant by which a whole day is sorted among instants: its noon, UTC."""
    return datetime.combine(day, time(12), UTC)


@frozen(kw_only=True)
class TimelineEntry:
    """One record as the timeline shows it. *on* is its day, where it has no instant of its own; *at* sorts it."""

    kind: str
    id: UUID
    at: datetime
    on: date | None = None
    title: str
    detail: str = ""
    odometer: Distance | None = None
    cost: Money | None = None
    created_by: UUID | None = None


@frozen(kw_only=True)
class TimelineQuestion:
    """What the timeline asks of one area: up to *limit* entries of a vehicle, newest first, after a position.

    *kinds* limits them to some (None: all). *span* bounds instants, *since* and *until* days, both included. *text*
    is searched without regard to case. *cost_min* and *cost_max* leave out what costs less or more, or nothing, or
    in another currency. *own* leaves out what that user has no part in. Without *with_places* nothing may tell
    where someone went. *today* is the fleet's: what lies in wait until a later day has not happened. *limits* are of
    single kinds; one that is not there is not asked at all.
    """

    vehicle_id: UUID
    kinds: frozenset[str] | None = None
    after: Position | None = None
    limit: int
    span: Span = ALWAYS
    since: date | None = None
    until: date | None = None
    text: str = ""
    cost_min: Money | None = None
    cost_max: Money | None = None
    own: UUID | None = None
    with_places: bool = False
    today: date | None = None
    limits: Mapping[str, int] | None = None

    @property
    def needs_cost(self) -> bool:
        """Whether records without a cost are left out."""
        return self.cost_min is not None or self.cost_max is not None


@frozen(eq=False)
class TimelineHead:
    """What asks of one kind where its newest entries stand; only stores know what *statement* is."""

    kind: str
    by_day: bool
    statement: Any


class TimelineStore(Protocol):
    """What one area puts on the timelines of one fleet's vehicles."""

    def heads(self, question: TimelineQuestion) -> Sequence[TimelineHead]:
        """Return what asks where its up to *limit* newest entries of each kind stand, to be asked together."""
        ...

    def newest(self, heads: Sequence[TimelineHead], question: TimelineQuestion) -> Mapping[str, int]:
        """Return how many of the newest entries of all *heads* are of each kind; its *own* is who asks."""
        ...

    def timeline(self, question: TimelineQuestion) -> Sequence[TimelineEntry]:
        """Return up to *limit* entries that match, newest first, equal instants by descending id."""
        ...
