"""Words of the live area: an event as it is told, and who listens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Actor

__all__ = ["RESUMED_FOR", "TICKET_LIFETIME", "Bearer", "Known", "Place", "TicketTold", "ToldEvent"]

TICKET_LIFETIME = timedelta(seconds=30)
RESUMED_FOR = timedelta(days=13)
"""How long a client may be away and still go on where it was: a day less than the outbox keeps what was heard."""


@frozen(kw_only=True)
class ToldEvent:
    """A committed event; *sequence* grows in the order of the commits."""

    sequence: int
    id: UUID
    fleet_id: UUID
    name: str
    version: int
    key: str
    payload: Mapping[str, Any]
    actor_id: UUID
    at: datetime


@frozen(kw_only=True)
class Place:
    """Where in the order an event stands, and when it was told."""

    sequence: int
    at: datetime


@frozen(kw_only=True)
class Bearer:
    """Whom a connection belongs to: a user in a fleet, by a session, by an API key, or (neither) by the host's word.

    *expires_at* is when what they showed ends; None for what does not end by itself.
    """

    user_id: UUID
    fleet_id: UUID
    session_id: UUID | None = None
    key_id: UUID | None = None
    expires_at: datetime | None = None

    @property
    def subjects(self) -> frozenset[UUID]:
        """What may change so that the bearer may do less, or nothing any more."""
        return frozenset(
            each for each in (self.user_id, self.fleet_id, self.session_id, self.key_id) if each is not None
        )


@frozen(kw_only=True)
class Known:
    """A bearer as they stand at this moment."""

    bearer: Bearer
    actor: Actor


@frozen(kw_only=True)
class TicketTold:
    """A ticket; its secret is told once, and opens one connection."""

    secret: str = field(repr=False)
    lifetime: timedelta = TICKET_LIFETIME
