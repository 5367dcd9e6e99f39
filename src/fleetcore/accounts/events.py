"""What is told after something about API keys was accepted; never a secret."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "KeyAdded", "KeyRevoked"]


@event("accounts.key_added", key="key_id")
@frozen(kw_only=True)
class KeyAdded(Event):
    """An API key was made."""

    key_id: UUID
    user_id: UUID
    prefix: str


@event("accounts.key_revoked", key="key_id")
@frozen(kw_only=True)
class KeyRevoked(Event):
    """An API key was ended."""

    key_id: UUID
    user_id: UUID


EVENTS: tuple[type[Event], ...] = (KeyAdded, KeyRevoked)
