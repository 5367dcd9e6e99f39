"""One's own inbox, preferences and delivery log; and switching messages off without a log-in."""

from __future__ import annotations

from operator import attrgetter
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.operations import operation, query

from .events import InboxChanged, PreferencesSet, TestRequested, Unsubscribed
from .model import (
    INBOX,
    ArchiveNotifications,
    CountUnread,
    GetNotification,
    GetPreferences,
    InboxChange,
    ListDeliveries,
    ListedDelivery,
    ListNotifications,
    Notification,
    PreferenceFields,
    Preferences,
    ReadNotifications,
    SendTest,
    SetPreferences,
    TestSent,
    Unread,
    Unsubscribe,
)
from .ports import DELIVERIES, NOTIFICATIONS, PREFERENCES
from .rules import channel_problems, preference_problems, read_token, without_channel
from .telling import members_told, new_key, notify_address, notify_user

__all__ = [
    "archive_notifications",
    "count_unread",
    "get_notification",
    "get_preferences",
    "list_deliveries",
    "list_notifications",
    "notify_address",
    "notify_user",
    "read_notifications",
    "send_test",
    "set_preferences",
    "unsubscribe",
    "unsubscriber",
]

AUDIT = "audit.read"
ENTITY = "notifications.preferences"
IDS_MAX = 1000
FIELDS = tuple(attribute.name for attribute in attrs.fields(PreferenceFields))


@query("notifications.get", permission=None)
def get_notification(uow: UnitOfWork, command: GetNotification) -> Notification:
    """Return one notification of one's own inbox, archived or not. Raises NotFound."""
    found = uow[NOTIFICATIONS].get([command.id]).get(command.id)
    if found is None or found.user_id != uow.actor.user_id:
        raise NotFound("notification", command.id)
    return found


@query("notifications.list", permission=None)
def list_notifications(uow: UnitOfWork, command: ListNotifications) -> Page[Notification]:
    """List what is in one's own inbox, newest first; what was settled or archived only when asked for."""
    limit = page_limit(command.limit)
    rows = uow[NOTIFICATIONS].page(uow.actor.user_id, command, decode_cursor(command), limit + 1)
    return page_of(rows, limit, position_by(command.sort, {"created_at": attrgetter("created_at")}), command)


@query("notifications.count_unread", permission=None)
def count_unread(uow: UnitOfWork, command: CountUnread) -> Unread:  # noqa: ARG001 - there is nothing to choose
    """Count the unread notifications in one's own inbox."""
    return Unread(unread=uow[NOTIFICATIONS].unread(uow.actor.user_id))


@operation("notifications.read", permission=None)
def read_notifications(uow: UnitOfWork, command: ReadNotifications) -> InboxChange:
    """Mark notifications in one's own inbox as read; those that are read already stay so. Raises Rejected, NotFound."""
    _check_choice(uow, command.ids, "all", everything=command.all)
    changed = uow[NOTIFICATIONS].mark_read(uow.actor.user_id, None if command.all else command.ids, uow.now)
    return _changed(uow, changed)


@operation("notifications.archive", permission=None)
def archive_notifications(uow: UnitOfWork, command: ArchiveNotifications) -> InboxChange:
    """Put notifications out of one's own inbox; what is still to be sent of them is not sent.

    Raises Rejected, NotFound.
    """
    _check_choice(uow, command.ids, "all_read", everything=command.all_read)
    changed = uow[NOTIFICATIONS].archive(uow.actor.user_id, None if command.all_read else command.ids, uow.now)
    return _changed(uow, changed)


def _check_choice(uow: UnitOfWork, ids: tuple[UUID, ...], word: str, *, everything: bool) -> None:
    if bool(ids) is everything:
        raise Rejected.because("ids", f"name some notifications, or say {word}, and not both")
    if len(ids) > IDS_MAX:
        raise Rejected.because("ids", f"must name at most {IDS_MAX}")
    found = uow[NOTIFICATIONS].get(ids) if ids else {}
    for key in ids:
        if key not in found or found[key].user_id != uow.actor.user_id:
            raise NotFound("notification", key)


def _changed(uow: UnitOfWork, changed: int) -> InboxChange:
    if changed:
        uow.emit(InboxChanged(user_id=uow.actor.user_id, changed=changed))
    return InboxChange(changed=changed)


@query("notifications.get_preferences", permission=None)
def get_preferences(uow: UnitOfWork, command: GetPreferences) -> Preferences:  # noqa: ARG001 - one's own
    """Return how one is told in this fleet; version 0 where nothing was ever said."""
    user_id = uow.actor.user_id
    found = uow[PREFERENCES].find([user_id]).get(user_id)
    return Preferences(user_id=user_id) if found is None else found.preferences


@operation("notifications.set_preferences", permission=None)
def set_preferences(uow: UnitOfWork, command: SetPreferences) -> Preferences:
    """Replace how one is told in this fleet; what is on its way already goes by what is said now.

    Raises Rejected with every problem, Conflict for a stale version, Forbidden for who is no member.
    """
    reject_if_any(preference_problems(command))
    if not members_told(uow, [uow.actor.user_id]):
        raise Forbidden("only members of the fleet are told anything")
    before = uow[PREFERENCES].meet(uow.actor.user_id, new_key(), uow.now).preferences
    fields = {name: getattr(command, name) for name in FIELDS}
    after = Preferences(user_id=before.user_id, updated_at=uow.now, version=command.version + 1, **fields)
    uow[PREFERENCES].replace(after, old_version=command.version)
    uow.record_change(ENTITY, after.user_id, before, after)
    uow.emit(PreferencesSet(user_id=after.user_id))
    return after


@operation("notifications.send_test", permission=None)
def send_test(uow: UnitOfWork, command: SendTest) -> TestSent:
    """Send oneself a message by a channel; a worker sends it, and the delivery log says what came of it.

    Raises Rejected for what is not the name of a channel, Forbidden for who is no member.
    """
    reject_if_any(channel_problems("channel", command.channel))
    if command.channel == INBOX:
        raise Rejected.because("channel", "the inbox needs no test: it is in the database")
    if not members_told(uow, [uow.actor.user_id]):
        raise Forbidden("only members of the fleet are told anything")
    uow.emit(TestRequested(user_id=uow.actor.user_id, channel=command.channel))
    return TestSent(channel=command.channel)


def unsubscriber(token: str) -> Actor:
    """Return who *token* claims to speak for, to run :func:`unsubscribe` as: an actor without any permission.

    Raises NotFound for what is no token.
    """
    if (claim := read_token(token)) is None:
        raise NotFound("token", "of a message")
    return Actor(user_id=claim.user_id, fleet_id=claim.fleet_id)


@operation("notifications.unsubscribe", permission=None)
def unsubscribe(uow: UnitOfWork, command: Unsubscribe) -> Preferences:
    """Switch off what *token* names: these kinds, by this channel, for this reader; the inbox keeps getting them.

    The token alone is enough, whoever asks (RFC 8058). Twice is as good as once. Raises NotFound for a token that
    was not made for this fleet, or whose reader has left it.
    """
    claim = read_token(command.token)
    reader = None if claim is None else uow[PREFERENCES].find([claim.user_id]).get(claim.user_id)
    if claim is None or reader is None or claim.fleet_id != uow.fleet_id or not read_token(command.token, reader.key):
        raise NotFound("token", "of a message")
    before = reader.preferences
    off = without_channel(before, claim.kinds, claim.channel)
    if off == before.switched_off:
        return before
    after = attrs.evolve(before, switched_off=off, updated_at=uow.now, version=before.version + 1)
    uow[PREFERENCES].replace(after, old_version=before.version)
    for kind in claim.kinds:
        uow.emit(Unsubscribed(user_id=claim.user_id, kind=kind, channel=claim.channel))
    uow.record_change(ENTITY, after.user_id, before, after)
    return after


@query("notifications.list_deliveries", permission=None)
def list_deliveries(uow: UnitOfWork, command: ListDeliveries) -> Page[ListedDelivery]:
    """List what was sent to oneself and what came of it, newest first.

    Who sees the fleet's audit log may ask for the whole fleet's. Raises Forbidden.
    """
    if command.whole_fleet and uow.actor.require(AUDIT) is not Scope.ALL:
        raise Forbidden(f"this needs the permission {AUDIT} for the whole fleet")
    limit = page_limit(command.limit)
    user_id = None if command.whole_fleet else uow.actor.user_id
    rows = uow[DELIVERIES].page(command, user_id, decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda found: Position(found.created_at, found.id), command)
