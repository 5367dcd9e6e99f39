"""The way of messages to the outside: claim what is to be sent, send it without a transaction, write what came of it.

A worker that dies in between leaves a lease behind; when it ends, another sends again under the same message id. So
the outside hears of a notification at least once, and its row in the log ends exactly once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import attrs
from attrs import frozen

from fleetcore.kernel.languages import Language
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import Found, JobContext, JobKind, Payload
from fleetcore.people.model import Fleet, ListedMember, User
from fleetcore.people.ports import MEMBERS, USERS
from fleetcore.people.service import fleet_of

from .channels import Addressing, Delivered, Gone, Message, Outcome, Rejected, Retry, Target, Unsubscribing
from .host import HIDDEN, ChannelHost, Envelope
from .model import Delivery, DeliveryState, Notification
from .ports import DELIVERIES, NOTIFICATIONS, PREFERENCES, Reader
from .rules import Claim, address_key, channels_for, sign_token
from .telling import DELIVER, new_key
from .texts import data_of, footer, html_page, kinds_of, letter, plain_text, type_of, with_way_in
from .timing import wake_at

__all__ = ["SendReport", "Sender"]

R = TypeVar("R")
AT_ONCE = 50
ROUNDS_MAX = 200
LEASE = timedelta(minutes=10)  # longer than a batch can take, time limits and waits included
KEPT = timedelta(days=14)  # older news is none; a weekly digest waits for one week
EVERY = timedelta(seconds=15)
ERROR_LENGTH_MAX = 500
FORGET = "notifications.forget_secrets"
Transact = Callable[[Callable[[UnitOfWork], Any]], Any]


@frozen(kw_only=True)
class SendReport:
    """What a run sent and what came of it, by state."""

    states: Mapping[str, int]


@frozen
class _Parcel:
    """A message on its way, and the deliveries it fulfils."""

    envelope: Envelope
    deliveries: tuple[Delivery, ...]


@frozen
class _Batch:
    """What one claim took, and until when it is held; *looked_at* counts what was decided without sending too."""

    parcels: tuple[_Parcel, ...]
    leased_until: datetime
    looked_at: int
    settled: Mapping[str, int]


@frozen
class Sender:
    """Sends what waits, through the channels of *host*. *base_url* is where tokens are taken, if there is a server."""

    host: ChannelHost
    base_url: str | None = None

    def job(self) -> JobKind:
        """Return the kind of job that workers run."""
        return JobKind(name=DELIVER, outside=self.outside, every=EVERY, find=self.find, lease=LEASE)

    def forgetting(self) -> JobKind:
        """Return the kind of job that forgets the links which nobody could send while they opened something."""
        return JobKind(
            name=FORGET,
            run=lambda uow, _payload: uow[DELIVERIES].forget_secrets(uow.now),
            every=timedelta(hours=1),
            find=self.find_old_secrets,
            retention=timedelta(days=1),
        )

    def find(self, uow: UnitOfWork, now: datetime) -> Iterable[Found]:
        """Yield the fleets that have something to send."""
        for fleet_id in uow[DELIVERIES].fleets_due(self.host.names, now):
            yield Found(fleet_id=fleet_id, dedupe_key=DELIVER)

    def find_old_secrets(self, uow: UnitOfWork, now: datetime) -> Iterable[Found]:
        """Yield the fleets in which a link has ended that was never sent."""
        for fleet_id in uow[DELIVERIES].fleets_with_old_secrets(now):
            yield Found(fleet_id=fleet_id, dedupe_key=FORGET)

    def outside(self, context: JobContext, _payload: Payload) -> None:
        """Send what waits in the fleet of the job."""
        self.run(context.transact)

    def run(self, transact: Transact) -> SendReport:
        """Send what waits, in batches, each claimed and written in a transaction of its own."""
        states: dict[str, int] = defaultdict(int)
        for _ in range(ROUNDS_MAX):
            batch: _Batch = transact(self.claim)
            _count(states, batch.settled)
            if batch.parcels:
                outcomes = self.host.send([parcel.envelope for parcel in batch.parcels])
                _count(states, transact(partial(self.write, batch=batch, outcomes=outcomes)))
            if batch.looked_at < AT_ONCE:
                break
        return SendReport(states=dict(states))

    def claim(self, uow: UnitOfWork) -> _Batch:
        """Take what is to be sent now, hold it, and put it into messages."""
        until = uow.now + LEASE
        rows = uow[DELIVERIES].claim(self.host.names, uow.now, AT_ONCE)
        if not rows:
            return _Batch((), until, 0, {})
        desk = _Desk.of(uow, self, rows)
        held: list[Delivery] = []
        settled: list[Delivery] = []
        for row in rows:
            changed = desk.judged(row)
            (held if changed is row else settled).append(changed)
        parcels = tuple(desk.parcels(held, until))
        uow[DELIVERIES].save([*settled, *(each for parcel in parcels for each in parcel.deliveries)])
        counted: dict[str, int] = defaultdict(int)
        for each in settled:
            counted[each.state.value] += each.finished_at is not None
        return _Batch(parcels, until, len(rows), counted)

    def write(self, uow: UnitOfWork, batch: _Batch, outcomes: Sequence[Outcome]) -> Mapping[str, int]:
        """Write what came of each message; what another worker has taken over meanwhile is left to it."""
        came = {
            each.id: outcome
            for parcel, outcome in zip(batch.parcels, outcomes, strict=True)
            for each in parcel.deliveries
        }
        addresses = {each.id: parcel.envelope.target.address for parcel in batch.parcels for each in parcel.deliveries}
        ours = uow[DELIVERIES].leased(list(came), batch.leased_until)
        after = [self._after(uow, row, came[row.id], addresses[row.id]) for row in ours]
        uow[DELIVERIES].save(after)
        states: dict[str, int] = defaultdict(int)
        for each in after:
            states[each.state.value] += 1
        return states

    def _after(self, uow: UnitOfWork, row: Delivery, outcome: Outcome, address: str | None) -> Delivery:
        match _without(row.secret, outcome):
            case Delivered(ref):
                return _finished(row, DeliveryState.DELIVERED, "", uow.now, ref)
            case Rejected(why):
                return _finished(row, DeliveryState.REJECTED, why, uow.now)
            case Gone(why):
                if row.user_id is not None and address is not None:
                    uow[PREFERENCES].meet(row.user_id, new_key(), uow.now)
                    uow[PREFERENCES].mark_unreachable(row.user_id, row.channel, address_key(address))
                return _finished(row, DeliveryState.GONE, why, uow.now)
            case Retry(after, why):
                spec = self.host.spec(row.channel)
                waits = () if spec is None else spec.retry.waits
                if row.attempts > len(waits):
                    return _finished(
                        row, DeliveryState.REJECTED, f"given up after {row.attempts} attempts: {why}", uow.now
                    )
                wait = max(waits[row.attempts - 1], after or timedelta())
                return attrs.evolve(
                    row,
                    state=DeliveryState.RETRY,
                    error=why[:ERROR_LENGTH_MAX],
                    next_attempt_at=uow.now + wait,
                    leased_until=None,
                )


def _count(states: dict[str, int], more: Mapping[str, int]) -> None:
    for state, number in more.items():
        states[state] += number


def _finished(row: Delivery, state: DeliveryState, error: str, now: datetime, ref: str = "") -> Delivery:
    return attrs.evolve(
        row,
        state=state,
        error=error[:ERROR_LENGTH_MAX],
        ref=ref[:ERROR_LENGTH_MAX],
        next_attempt_at=None,
        leased_until=None,
        finished_at=now,
        secret=None,
    )


def _without(secret: str | None, outcome: Outcome) -> Outcome:
    """Return *outcome* without the secret, which the other side may have quoted."""
    if secret is None:
        return outcome
    if isinstance(outcome, Delivered):
        return attrs.evolve(outcome, ref=outcome.ref.replace(secret, HIDDEN))
    return attrs.evolve(outcome, why=outcome.why.replace(secret, HIDDEN))


@frozen(kw_only=True)
class _Desk:
    """What is known of the readers and notifications of one batch."""

    sender: Sender
    now: datetime
    fleet: Fleet
    notifications: Mapping[UUID, Notification]
    members: Mapping[UUID, ListedMember | None]
    users: Mapping[UUID, User]
    readers: Mapping[UUID, Reader]

    @classmethod
    def of(cls, uow: UnitOfWork, sender: Sender, rows: Sequence[Delivery]) -> _Desk:
        """Read what the batch needs."""
        user_ids = sorted({row.user_id for row in rows if row.user_id is not None})
        return cls(
            sender=sender,
            now=uow.now,
            fleet=fleet_of(uow),
            notifications=uow[NOTIFICATIONS].get({row.notification_id for row in rows}),
            members={user_id: uow[MEMBERS].listed(user_id) for user_id in user_ids},
            users={user_id: uow[USERS].get(user_id) for user_id in user_ids},
            readers={user_id: uow[PREFERENCES].meet(user_id, new_key(), uow.now) for user_id in user_ids},
        )

    def judged(self, row: Delivery) -> Delivery:
        """Return *row* itself if it is to be sent now; else as it is to be written: suppressed, or put off."""
        if (why := self._objection(row)) is not None:
            return _finished(row, DeliveryState.SUPPRESSED, why, self.now)
        if row.user_id is None or row.kind.is_urgent:
            return row
        awake = wake_at(self.now, self.readers[row.user_id].preferences, self._timezone(row.user_id))
        return row if awake <= self.now else attrs.evolve(row, next_attempt_at=awake)

    def _objection(self, row: Delivery) -> str | None:
        """Return why *row* is not to be sent at all, or None."""
        if self.notifications[row.notification_id].archived_at is not None:
            return "it was settled before it was sent"
        if row.secret_until is not None and self.now >= row.secret_until:
            return "its link has ended"
        if self.now - row.created_at > KEPT:
            return "it is too old to be news"
        return None if row.user_id is None else self._objection_of(row, row.user_id)

    def _objection_of(self, row: Delivery, user_id: UUID) -> str | None:
        member, reader = self.members[user_id], self.readers[user_id]
        if member is None or not member.is_active:
            return "the user is no active member"
        chosen = channels_for(row.kind, reader.preferences, self.sender.host.usual)
        if row.kind.can_be_switched_off and row.channel not in chosen:
            return "the user switched it off"
        address = self._address(row)
        if address is None:
            is_needed = self._addressing(row) is not Addressing.NONE
            return "the user has no address for this channel" if is_needed else None
        is_gone = reader.unreachable.get(row.channel) == address_key(address)
        return "the address is gone; another one is needed" if is_gone else None

    def _timezone(self, user_id: UUID) -> str:
        return self.users[user_id].timezone or self.fleet.timezone

    def _addressing(self, row: Delivery) -> Addressing:
        spec = self.sender.host.spec(row.channel)
        return Addressing.NONE if spec is None else spec.addressing

    def _address(self, row: Delivery) -> str | None:
        if row.user_id is None:
            return row.address
        match self._addressing(row):
            case Addressing.EMAIL:
                return self.users[row.user_id].email
            case Addressing.OWN:
                return self.readers[row.user_id].preferences.addresses.get(row.channel)
            case Addressing.NONE:
                return None

    def parcels(self, rows: Sequence[Delivery], until: datetime) -> Iterator[_Parcel]:
        """Yield the messages of *rows*: a digest takes all that waits for its reader, a retry what it had before."""
        groups: dict[Any, list[Delivery]] = defaultdict(list)
        for row in rows:
            key = row.message_id or ((row.recipient, row.channel) if row.is_digest else row.id)
            groups[key].append(row)
        for group in groups.values():
            message_id = group[0].message_id or group[0].id
            held = tuple(
                attrs.evolve(row, message_id=message_id, attempts=row.attempts + 1, leased_until=until) for row in group
            )
            yield _Parcel(self._envelope(held, message_id), held)

    def _envelope(self, group: Sequence[Delivery], message_id: UUID) -> Envelope:
        first = group[0]
        told = sorted((self.notifications[row.notification_id] for row in group), key=lambda each: each.created_at)
        language = Language(told[-1].language)
        fleet = self.fleet.name
        text = letter(told, fleet, language)
        unsubscribing = self._unsubscribing(first, told)
        url = None if unsubscribing is None else unsubscribing.url
        how = url
        if unsubscribing is not None and url is None:
            how = f"fleet notifications unsubscribe {unsubscribing.token}"
        way = self._way_in(first)
        if way is not None:
            text = with_way_in(language, text, way)
        ending = footer(fleet, language, how, is_member=first.user_id is not None)
        message = Message(
            id=message_id,
            type=type_of(told),
            title=text.title,
            body=plain_text(text, ending),
            html=html_page(text, ending, language, url, way if self.sender.base_url else None),
            data=data_of(told),
            at=told[-1].told_at,
            urgency=told[-1].urgency,
            language=language.code,
            unsubscribe=unsubscribing,
        )
        name = "" if first.user_id is None else self.users[first.user_id].name
        return Envelope(first.channel, message, Target(address=self._address(first), name=name), first.secret)

    def _way_in(self, row: Delivery) -> str | None:
        """Return how the reader uses the secret of *row*: by a link, or by a command where there is no server."""
        if row.secret is None:
            return None
        base = self.sender.base_url
        return f"{base.rstrip('/')}/invitations/{row.secret}" if base else f"fleet members accept {row.secret}"

    def _unsubscribing(self, row: Delivery, told: Sequence[Notification]) -> Unsubscribing | None:
        kinds = kinds_of(told)
        if row.user_id is None or not kinds:
            return None
        claim = Claim(self.fleet.id, row.user_id, kinds, row.channel)
        token = sign_token(claim, self.readers[row.user_id].key)
        base = self.sender.base_url
        return Unsubscribing(token=token, url=f"{base.rstrip('/')}/unsubscribe/{token}" if base else None)
