"""Notifications, deliveries and preferences: the facts, and the commands and questions about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.sorting import sort_field

__all__ = [
    "CONSOLE",
    "INBOX",
    "ArchiveNotifications",
    "CountUnread",
    "Delivery",
    "DeliveryState",
    "Digest",
    "GetNotification",
    "GetPreferences",
    "InboxChange",
    "Kind",
    "ListDeliveries",
    "ListNotifications",
    "ListedDelivery",
    "Notification",
    "NotificationSettings",
    "PreferenceFields",
    "Preferences",
    "ReadNotifications",
    "SendTest",
    "SetPreferences",
    "TestSent",
    "Unread",
    "Unsubscribe",
]

INBOX, CONSOLE = "inbox", "console"


@frozen(kw_only=True)
class NotificationSettings:
    """Settings of the host: *base_url* is where the server answers, for links in messages (https)."""

    base_url: str | None = None


class Kind(StrEnum):
    """What a notification is about; users choose channels by kind."""

    DUE = "due"
    RENEWALS = "renewals"
    INVITATIONS = "invitations"
    JOBS = "jobs"
    WELCOME = "welcome"
    SECURITY = "security"
    TEST = "test"

    @property
    def is_urgent(self) -> bool:
        """Whether it is told at once: neither quiet hours nor a digest hold it back."""
        return self in {Kind.SECURITY, Kind.INVITATIONS, Kind.TEST}

    @property
    def can_be_switched_off(self) -> bool:
        """Whether users choose the channels."""
        return self not in {Kind.SECURITY, Kind.TEST}


class Digest(StrEnum):
    """Whether messages are collected, and for how long."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def collects(self) -> bool:
        """Whether messages wait for others."""
        return self is not Digest.NONE


class DeliveryState(StrEnum):
    """How far a delivery is; the first two are still to be sent."""

    WAITING = "waiting"
    RETRY = "retry"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    GONE = "gone"
    SUPPRESSED = "suppressed"


@frozen(kw_only=True)
class PreferenceFields:
    """What a member says of how they want to be told in this fleet.

    *channels* names, by kind, the channels besides the inbox; a kind that is not named has the usual ones. Of these,
    *switched_off* names those that were switched off, as by the link in a message. Within the quiet hours (``22:00``
    to ``07:00``, in the user's time zone) nothing is sent. A digest is sent at *digest_hour* (0 to 23), weekly on
    *digest_weekday* (0 is Monday). *addresses* are those of channels that are not told by the user's e-mail.
    """

    channels: Mapping[str, tuple[str, ...]] = field(factory=dict)
    switched_off: Mapping[str, tuple[str, ...]] = field(factory=dict)
    quiet_from: str | None = None
    quiet_until: str | None = None
    digest: Digest = Digest.NONE
    digest_hour: int = 8
    digest_weekday: int = 0
    addresses: Mapping[str, str] = field(factory=dict, metadata={"personal": True})


@frozen(kw_only=True)
class Preferences(PreferenceFields):
    """A member's preferences; version 0 says that nothing was ever set."""

    user_id: UUID
    updated_at: datetime | None = None
    version: int = 0


@frozen(kw_only=True)
class SetPreferences(PreferenceFields):
    """Replace one's own preferences; *version* is the one that was read."""

    version: int = 0


@frozen(kw_only=True)
class GetPreferences:
    """Ask for one's own preferences."""


@frozen(kw_only=True)
class Notification:
    """What one user, or one address, is told about one event. *recipient* names either.

    What is told of a reminder is archived when the reminder moves on. *told_at* is when the event happened.
    """

    id: UUID
    event_id: UUID
    recipient: str
    user_id: UUID | None
    kind: Kind
    title: str
    body: str
    data: Mapping[str, Any]
    language: str
    urgency: str = ""
    vehicle_id: UUID | None = None
    subject_id: UUID | None = None
    occurrence: int = 0
    told_at: datetime
    created_at: datetime
    read_at: datetime | None = None
    archived_at: datetime | None = None


@frozen(kw_only=True)
class Delivery:
    """The way of a notification through one channel: one row of the delivery log.

    *message_id* is what the outside sees, the same on every attempt; a digest gives several deliveries the same.
    *secret* is the token of a link, which opens something until *secret_until*: it is kept until the message was sent
    or given up, and not a moment longer.
    """

    id: UUID
    notification_id: UUID
    event_id: UUID
    recipient: str
    user_id: UUID | None
    address: str | None = field(default=None, metadata={"personal": True})
    channel: str
    kind: Kind
    state: DeliveryState = DeliveryState.WAITING
    is_digest: bool = False
    message_id: UUID | None = None
    attempts: int = 0
    error: str = ""
    ref: str = ""
    created_at: datetime
    next_attempt_at: datetime | None = None
    leased_until: datetime | None = None
    finished_at: datetime | None = None
    secret: str | None = field(default=None, repr=False, metadata={"personal": True, "secret": True})
    secret_until: datetime | None = None


@frozen(kw_only=True)
class ListedDelivery:
    """A delivery as lists show it."""

    id: UUID
    notification_id: UUID
    user_id: UUID | None
    channel: str
    kind: Kind
    title: str
    state: DeliveryState
    is_digest: bool
    attempts: int
    error: str
    ref: str
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None


@frozen(kw_only=True)
class GetNotification:
    """Ask for one notification of one's own inbox."""

    id: UUID


@frozen(kw_only=True)
class ListNotifications:
    """Ask for one's own inbox, newest first."""

    unread_only: bool = False
    archived: bool = False
    vehicle_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = sort_field("-created_at", "created_at")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class CountUnread:
    """Ask how many notifications in one's inbox are unread."""


@frozen(kw_only=True)
class Unread:
    """How many notifications are unread."""

    unread: int


@frozen(kw_only=True)
class ReadNotifications:
    """Mark notifications in one's inbox as read: those named, or all of them."""

    ids: tuple[UUID, ...] = ()
    all: bool = False


@frozen(kw_only=True)
class ArchiveNotifications:
    """Put notifications out of one's inbox: those named, or all that were read."""

    ids: tuple[UUID, ...] = ()
    all_read: bool = False


@frozen(kw_only=True)
class InboxChange:
    """How many notifications changed."""

    changed: int


@frozen(kw_only=True)
class ListDeliveries:
    """Ask for the delivery log, newest first: one's own; of the whole fleet for those who see its audit log."""

    whole_fleet: bool = False
    state: DeliveryState | None = None
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class SendTest:
    """Send oneself a message by *channel*, to see whether it arrives."""

    channel: str


@frozen(kw_only=True)
class TestSent:
    """A test message is on its way."""

    channel: str


@frozen(kw_only=True)
class Unsubscribe:
    """Switch one kind of message off for one channel, by the token of a message. Needs no log-in."""

    token: str
