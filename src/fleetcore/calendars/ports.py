"""Where the addresses of calendars are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.ports import StoreKey

from .model import Feed

__all__ = ["FEEDS", "FeedStore"]


class FeedStore(Protocol):
    """The feeds of one fleet."""

    def add(self, feed: Feed, secret_hash: str) -> None:
        """Store *feed* with the hash of its secret."""
        ...

    def find(self, feed_id: UUID) -> tuple[Feed, str] | None:
        """Return the feed and the hash of its secret, or None."""
        ...

    def of_user(self, user_id: UUID) -> Sequence[Feed]:
        """Return the feeds of a user, the oldest first."""
        ...

    def remove(self, feed_id: UUID) -> None:
        """Erase the feed."""
        ...

    def remove_of(self, user_id: UUID) -> None:
        """Erase every feed of a user."""
        ...


FEEDS: StoreKey[FeedStore] = StoreKey("calendars.feeds")
