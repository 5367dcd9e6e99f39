"""Where notifications, deliveries and preferences are kept, and what they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import define, field, frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.people.model import User
from fleetcore.vehicles.model import Vehicle

from .model import Delivery, ListDeliveries, ListedDelivery, ListNotifications, Notification, Preferences

__all__ = [
    "DELIVERIES",
    "NOTIFICATIONS",
    "OLD_MESSAGES",
    "PREFERENCES",
    "RECALL",
    "WAYS",
    "DeliveryStore",
    "NotificationStore",
    "OldMessageStore",
    "PreferenceStore",
    "Reader",
    "Recall",
    "Ways",
]


@frozen(kw_only=True)
class Reader:
    """A member's preferences with what only the host needs: the key that signs their tokens, dead addresses.

    *unreachable* maps channels to the key of the address that is gone.
    """

    preferences: Preferences
    key: bytes
    unreachable: Mapping[str, str]


class NotificationStore(Protocol):
    """The notifications of one fleet."""

    def add(self, notification: Notification) -> bool:
        """Store *notification*; returns False, and changes nothing, when its recipient was told of the event before."""
        ...

    def get(self, notification_ids: Iterable[UUID]) -> dict[UUID, Notification]:
        """Return those of the notifications that are there."""
        ...

    def page(
        self, user_id: UUID, question: ListNotifications, after: Position | None, limit: int
    ) -> Sequence[Notification]:
        """Return up to *limit* notifications of a user, newest first."""
        ...

    def unread(self, user_id: UUID) -> int:
        """Return how many of a user's notifications are neither read nor archived."""
        ...

    def mark_read(self, user_id: UUID, ids: Sequence[UUID] | None, at: datetime) -> int:
        """Mark the unread ones of *ids* (None: all) as read; returns how many they were."""
        ...

    def archive(self, user_id: UUID, ids: Sequence[UUID] | None, at: datetime) -> int:
        """Archive those of *ids* (None: all that were read); returns how many they were."""
        ...

    def is_open(self, subject_id: UUID) -> bool:
        """Say whether anybody has something about a subject that is not archived."""
        ...

    def settle(self, subject_id: UUID, at: datetime, *, before: int | None = None, besides: UUID | None = None) -> None:
        """Archive what is open about a subject, and suppress what is still to be sent of it.

        With *before* only what was told of earlier occurrences; *besides* names an event that stays.
        """
        ...

    def settle_vehicle(self, vehicle_id: UUID, at: datetime) -> None:
        """Like :meth:`settle`, for everything about a vehicle."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase everything about a vehicle, with its deliveries."""
        ...


class OldMessageStore(Protocol):
    """What people were told long ago, across fleets."""

    def forget(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* messages from before then, with their delivery log; returns how many.

        What is unread, or still to be sent, stays.
        """
        ...


class DeliveryStore(Protocol):
    """The delivery log of one fleet."""

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Store *deliveries*."""
        ...

    def claim(self, channels: Sequence[str], now: datetime, limit: int) -> Sequence[Delivery]:
        """Return up to *limit* deliveries that are to be sent by *now* and that nobody holds, locked until commit."""
        ...

    def save(self, deliveries: Sequence[Delivery]) -> None:
        """Write *deliveries* over those with their ids."""
        ...

    def leased(self, ids: Sequence[UUID], until: datetime) -> Sequence[Delivery]:
        """Return those of the deliveries whose lease is still the one that ends at *until*, locked until commit."""
        ...

    def forget_secrets(self, now: datetime) -> None:
        """Suppress what was not sent before its secret ended, and forget the secrets."""
        ...

    def fleets_with_old_secrets(self, now: datetime) -> Sequence[UUID]:
        """Return the fleets in which a secret has ended; in the system's unit of work only."""
        ...

    def suppress_of(self, user_id: UUID, why: str, at: datetime) -> None:
        """Suppress what is still to be sent to a user."""
        ...

    def page(
        self, question: ListDeliveries, user_id: UUID | None, after: Position | None, limit: int
    ) -> Sequence[ListedDelivery]:
        """Return up to *limit* deliveries, newest first; None as *user_id* means everyone's."""
        ...

    def next_at(self, channels: Sequence[str]) -> datetime | None:
        """Return when the next delivery is to be sent, or None."""
        ...

    def fleets_due(self, channels: Sequence[str], now: datetime) -> Sequence[UUID]:
        """Return the fleets that have something to send by *now*; in the system's unit of work only."""
        ...


class PreferenceStore(Protocol):
    """How the members of one fleet want to be told."""

    def find(self, user_ids: Iterable[UUID]) -> dict[UUID, Reader]:
        """Return the readers among the users; those who never said anything are left out."""
        ...

    def meet(self, user_id: UUID, key: bytes, at: datetime) -> Reader:
        """Return the reader, with *key* if they have none yet, locked until commit."""
        ...

    def replace(self, preferences: Preferences, *, old_version: int) -> None:
        """Write *preferences* over their *old_version*; raises Conflict when that is not the stored one."""
        ...

    def mark_unreachable(self, user_id: UUID, channel: str, address_key: str) -> None:
        """Remember that an address is gone."""
        ...

    def remove(self, user_id: UUID) -> None:
        """Forget a user's preferences."""
        ...


@define
class Recall:
    """What one transaction has read of vehicles and readers, so that a batch of news reads each of them once.

    It is dropped with its unit of work. Who tells changes none of it.
    """

    vehicles: dict[UUID, Vehicle] = field(factory=dict)
    watchers: dict[tuple[UUID, str], list[UUID]] = field(factory=dict)
    users: dict[UUID, User] = field(factory=dict)
    readers: dict[UUID, Reader | None] = field(factory=dict)
    is_awake: bool = False  # whether the job that sends was left


@frozen(kw_only=True)
class Ways:
    """The channels that can be used here: the *usual* ones, and those that send to an e-mail address."""

    usual: tuple[str, ...] = ()
    mailing: tuple[str, ...] = ()


WAYS: StoreKey[Ways] = StoreKey("notifications.ways")  # given by the Core, which knows the channels
RECALL: StoreKey[Recall] = StoreKey("notifications.recall")
NOTIFICATIONS: StoreKey[NotificationStore] = StoreKey("notifications.notifications")
OLD_MESSAGES: StoreKey[OldMessageStore] = StoreKey("notifications.old_messages")
DELIVERIES: StoreKey[DeliveryStore] = StoreKey("notifications.deliveries")
PREFERENCES: StoreKey[PreferenceStore] = StoreKey("notifications.preferences")
