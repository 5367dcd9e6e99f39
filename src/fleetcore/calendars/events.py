"""What is told after an address of a calendar was made or taken back."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "FeedMade", "FeedRevoked"]


@event("calendars.feed_made", key="feed_id")
@frozen(kw_only=True)
class FeedMade(Event):
    """A user made an address for their calendar."""

    feed_id: UUID
    user_id: UUID


@event("calendars.feed_revoked", key="feed_id")
@frozen(kw_only=True)
class FeedRevoked(Event):
    """An address of a calendar was taken back."""

    feed_id: UUID
    user_id: UUID


EVENTS: tuple[type[Event], ...] = (FeedMade, FeedRevoked)
