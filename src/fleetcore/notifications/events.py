"""What is told after something about notifications was accepted."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

from .model import Kind

__all__ = ["EVENTS", "InboxChanged", "PreferencesSet", "TestRequested", "Unsubscribed"]


@event("notifications.preferences_set", key="user_id")
@frozen(kw_only=True)
class PreferencesSet(Event):
    """A member said how they want to be told."""

    user_id: UUID


@event("notifications.unsubscribed", key="user_id")
@frozen(kw_only=True)
class Unsubscribed(Event):
    """A member switched one kind of message off for one channel."""

    user_id: UUID
    kind: Kind
    channel: str


@event("notifications.inbox_changed", key="user_id")
@frozen(kw_only=True)
class InboxChanged(Event):
    """Notifications were read or archived by their reader."""

    user_id: UUID
    changed: int


@event("notifications.test_requested", key="user_id")
@frozen(kw_only=True)
class TestRequested(Event):
    """A member asked for a message, to see whether it arrives."""

    user_id: UUID
    channel: str


EVENTS: tuple[type[Event], ...] = (PreferencesSet, Unsubscribed, InboxChanged, TestRequested)
