"""Who is told what: from an event to notifications and the deliveries that they need."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.languages import ENGLISH, Language, language_for
from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import QUEUE
from fleetcore.people.actors import make_actor
from fleetcore.people.commands import ListMembers
from fleetcore.people.model import OWNER, Fleet, ListedMember, User
from fleetcore.people.ports import MEMBERS, ROLES, USERS
from fleetcore.people.roles import matrix
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_by
from fleetcore.vehicles.model import ListGrants
from fleetcore.vehicles.ports import GRANTS

from .channels import one_line
from .model import INBOX, Delivery, DeliveryState, Kind, Notification
from .ports import DELIVERIES, NOTIFICATIONS, PREFERENCES, RECALL, WAYS, Reader
from .rules import address_key, channels_for
from .texts import Text
from .timing import send_at

__all__ = [
    "DELIVER",
    "News",
    "Writer",
    "members_told",
    "new_key",
    "notify_address",
    "notify_user",
    "owners",
    "planners",
    "tell",
    "watchers",
]

DELIVER = "notifications.deliver"
KEY_BYTES = 32
READ, WRITE = "reminders.read", "reminders.write"
MEMBERS_AT_ONCE = 1000
SOON = timedelta(seconds=1)
Writer = Callable[[Language, User, Fleet], Text]


@frozen(kw_only=True)
class News:
    """What is told, to whomever: *write* puts it into the words of one reader."""

    kind: Kind
    event_id: UUID
    at: datetime
    write: Writer
    urgency: str = ""
    vehicle_id: UUID | None = None
    subject_id: UUID | None = None
    occurrence: int = 0
    data: Mapping[str, Any] = field(factory=dict)


def watchers(uow: UnitOfWork, vehicle_id: UUID, besides: UUID | None = None, permission: str = READ) -> list[UUID]:
    """Return who is told about a vehicle: those who plan for the whole fleet, and whom the vehicle is granted to.

    Only active members who hold *permission* on it; *besides* names one who knows already. Guests are told nothing:
    they see what is due on the vehicle that they were lent when they look, but it is not theirs to plan.
    """
    known = uow[RECALL].watchers
    if (vehicle_id, permission) not in known:
        known[vehicle_id, permission] = _watchers(uow, vehicle_id, permission)
    return [user_id for user_id in known[vehicle_id, permission] if user_id != besides]


def planners(uow: UnitOfWork, permission: str = READ) -> list[UUID]:
    """Return who plans for the whole fleet, and holds *permission* for all of it."""
    return [
        actor.user_id
        for actor in _actors(uow)
        if actor.scope(WRITE) is Scope.ALL and actor.scope(permission) is Scope.ALL
    ]


def _watchers(uow: UnitOfWork, vehicle_id: UUID, permission: str) -> list[UUID]:
    granted = {
        grant.user_id
        for grant in uow[GRANTS].find(ListGrants(vehicle_id=vehicle_id))
        if grant.starts_at <= uow.now and (grant.ends_at is None or uow.now < grant.ends_at)
    }
    told = []
    for actor in _actors(uow):
        if actor.is_guest or actor.scope(permission) is None:
            continue
        if actor.scope(WRITE) is Scope.ALL or (
            actor.user_id in granted and _reaches(uow, actor, vehicle_id, permission)
        ):
            told.append(actor.user_id)
    return told


def _reaches(uow: UnitOfWork, actor: Actor, vehicle_id: UUID, permission: str) -> bool:
    reachable = reachable_by(uow, actor, permission)
    return reachable is None or vehicle_id in reachable


def _actors(uow: UnitOfWork) -> list[Actor]:
    """Return the active members as actors."""
    members = [member for member in _members(uow) if member.is_active]
    built_in = matrix().roles.keys()
    own = uow[ROLES].all() if any(not built_in >= set(member.roles) for member in members) else ()
    return [make_actor(member, own, uow.fleet_id) for member in members]


def owners(uow: UnitOfWork) -> list[UUID]:
    """Return the active owners of the fleet."""
    return [member.user_id for member in _members(uow) if member.is_active and OWNER in member.roles]


def _members(uow: UnitOfWork) -> list[ListedMember]:
    found: list[ListedMember] = []
    after: Position | None = None
    while True:
        page = uow[MEMBERS].page(ListMembers(), after, MEMBERS_AT_ONCE)
        found += page
        if len(page) < MEMBERS_AT_ONCE:
            return found
        after = Position(page[-1].created_at, page[-1].user_id)


def members_told(uow: UnitOfWork, user_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the users who are active members of the fleet."""
    found = (uow[MEMBERS].listed(user_id) for user_id in user_ids)
    return [member.user_id for member in found if member is not None and member.is_active]


def tell(uow: UnitOfWork, news: News, user_ids: Sequence[UUID], usual: Sequence[str]) -> int:
    """Put *news* into the inboxes of the users and on its way through their channels; returns how many were told.

    *usual* are the channels of those who chose none. Who was told of the event before is not told again.
    """
    fleet = fleet_of(uow)
    recall = uow[RECALL]
    _look_up(uow, user_ids)
    told = 0
    soonest: datetime | None = None
    for user_id in user_ids:
        user = recall.users[user_id]
        notification = _notification(uow, news, user, fleet)
        if not uow[NOTIFICATIONS].add(notification):
            continue
        told += 1
        made = _deliveries(uow, notification, recall.readers[user_id], user.timezone or fleet.timezone, usual)
        uow[DELIVERIES].add(made)
        times = [each.next_attempt_at for each in made if each.next_attempt_at is not None]
        soonest = min([*times, *([soonest] if soonest else [])], default=None)
    _wake(uow, soonest)
    return told


def _look_up(uow: UnitOfWork, user_ids: Iterable[UUID]) -> None:
    recall = uow[RECALL]
    if new := [user_id for user_id in user_ids if user_id not in recall.users]:
        found = uow[PREFERENCES].find(new)
        recall.readers.update((user_id, found.get(user_id)) for user_id in new)
        recall.users.update((user_id, uow[USERS].get(user_id)) for user_id in new)


def _wake(uow: UnitOfWork, soonest: datetime | None) -> None:
    """Leave a job for what is to be sent now; what waits for its hour is found by time."""
    if soonest is not None and soonest <= uow.now + SOON and not uow[RECALL].is_awake:
        uow[QUEUE].enqueue(DELIVER, now=uow.now, dedupe_key=DELIVER)
        uow[RECALL].is_awake = True


def _notification(uow: UnitOfWork, news: News, user: User, fleet: Fleet) -> Notification:
    language = language_for(user.locale, fleet.locale)
    text = news.write(language, user, fleet)
    return Notification(
        id=uow.new_id(),
        event_id=news.event_id,
        recipient=str(user.id),
        user_id=user.id,
        kind=news.kind,
        title=one_line(text.title),
        body=text.body,
        data=news.data,
        language=language.code,
        urgency=news.urgency,
        vehicle_id=news.vehicle_id,
        subject_id=news.subject_id,
        occurrence=news.occurrence,
        told_at=news.at,
        created_at=uow.now,
    )


def _deliveries(
    uow: UnitOfWork, notification: Notification, reader: Reader | None, timezone: str, usual: Sequence[str]
) -> list[Delivery]:
    fields = None if reader is None else reader.preferences
    kind = notification.kind
    made = [_delivery(uow, notification, INBOX, state=DeliveryState.DELIVERED, finished_at=uow.now)]
    for channel in channels_for(kind, fields, usual):
        at = uow.now if fields is None else send_at(uow.now, fields, timezone, is_urgent=kind.is_urgent)
        is_digest = fields is not None and fields.digest.collects and not kind.is_urgent
        made.append(_delivery(uow, notification, channel, next_attempt_at=at, is_digest=is_digest))
    return made


def _delivery(uow: UnitOfWork, notification: Notification, channel: str, **more: Any) -> Delivery:
    return Delivery(
        id=uow.new_id(),
        notification_id=notification.id,
        event_id=notification.event_id,
        recipient=notification.recipient,
        user_id=notification.user_id,
        channel=channel,
        kind=notification.kind,
        created_at=uow.now,
        **more,
    )


def new_key() -> bytes:
    """Make the key that signs a reader's tokens."""
    return secrets.token_bytes(KEY_BYTES)


def notify_user(uow: UnitOfWork, user_id: UUID, kind: Kind, write: Writer, *, event_id: UUID | None = None) -> bool:
    """Tell one member of the fleet, in the transaction at hand: of the safety of their account, say.

    *write* puts it into words: ``(language, user, fleet) -> Text``. What was told under *event_id* before is not told
    again. Returns whether the user was told: not one who is no active member.
    """
    news = News(kind=kind, event_id=event_id or uow.new_id(), at=uow.now, write=write)
    return bool(tell(uow, news, members_told(uow, [user_id]), uow[WAYS].usual))


def notify_address(
    uow: UnitOfWork,
    kind: Kind,
    address: str,
    text: Text,
    *,
    event_id: UUID,
    subject_id: UUID | None = None,
    language: Language = ENGLISH,
    secret: str | None = None,
    secret_until: datetime | None = None,
    channel: str | None = None,
) -> bool:
    """Tell *address*, which need not be a user's, of an event once, by *channel* or by e-mail: for invitations.

    Returns False when the address was told of the event before, or nothing here sends e-mail. The message is written
    in the same transaction and sent by a worker; it holds no link to switch it off, for nothing follows it. *secret*
    is the token of the link in it: it stays in the delivery log until the message was sent, was given up, or
    *secret_until* is reached. Settling *subject_id* takes back what was not sent.
    """
    if (way := channel or next(iter(uow[WAYS].mailing), None)) is None:
        return False
    notification = Notification(
        id=uow.new_id(),
        event_id=event_id,
        recipient=f"address:{address_key(address)}",
        user_id=None,
        kind=kind,
        title=one_line(text.title),
        body=text.body,
        data={},
        language=language.code,
        subject_id=subject_id,
        told_at=uow.now,
        created_at=uow.now,
    )
    if not uow[NOTIFICATIONS].add(notification):
        return False
    more = {"address": address, "next_attempt_at": uow.now, "secret": secret, "secret_until": secret_until}
    uow[DELIVERIES].add([_delivery(uow, notification, way, **more)])
    _wake(uow, uow.now)
    return True
