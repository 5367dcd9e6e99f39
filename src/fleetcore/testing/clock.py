"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["FixedClock"]


class FixedClock:
    """Shows *now* until moved; made for tests and replays."""

    def __init__(self, now: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self._now

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta's keywords, for example ``days=1``."""
        self._now += timedelta(**duration)

    def set(self, now: datetime) -> None:
        """Move to *now*."""
        self._now = now
