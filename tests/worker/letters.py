"""Makes up a dead letter."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from fleetcore.worker.model import DeadLetter

__all__ = ["a_letter"]

AT = datetime(2026, 5, 1, tzinfo=UTC)
POSITIONS = count(-1, -1)  # of no event that a test writes, and behind which none is written


def a_letter(event_id: UUID) -> DeadLetter:
    """Return a dead letter of a consumer that does not exist."""
    return DeadLetter(
        id=uuid4(),
        consumer="nobody",
        event_id=event_id,
        position=next(POSITIONS),
        name="bench.rang",
        version=1,
        key="key",
        payload="{}",
        actor_id=uuid4(),
        at=AT,
        attempts=3,
        error="ValueError: broken",
        died_at=AT,
    )
