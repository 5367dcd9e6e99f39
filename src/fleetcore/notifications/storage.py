"""The tables of notifications and deliveries, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleetcore.kernel.paging import Position
from fleetcore.storage.ordering import Ordering, narrowed
from fleetcore.storage.paging import older_than
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Delivery, DeliveryState, Kind, ListDeliveries, ListedDelivery, ListNotifications, Notification

__all__ = ["SqlDeliveryStore", "SqlNotificationStore", "deliveries", "inbox"]

TOO_LATE = "its link has ended"
SETTLED = "it was settled before it was sent"

inbox = fleet_table(
    "notifications_inbox",
    Column("event_id", Id, nullable=False),
    Column("recipient", String(80), nullable=False),
    Column("user_id", Id, ForeignKey("people_users.id")),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("language", String(10), nullable=False),
    Column("urgency", String(20), nullable=False),
    Column("vehicle_id", Id),
    Column("subject_id", Id),
    Column("occurrence", Integer, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("archived_at", Instant),
    UniqueConstraint("fleet_id", "event_id", "recipient"),
)
_open = inbox.c.archived_at.is_(None)
Index("ix_notifications_inbox_user", inbox.c.fleet_id, inbox.c.user_id, inbox.c.created_at, inbox.c.id)
Index(
    "ix_notifications_inbox_subject",
    *(inbox.c.fleet_id, inbox.c.subject_id),
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("ix_notifications_inbox_vehicle", inbox.c.fleet_id, inbox.c.vehicle_id)

deliveries = fleet_table(
    "notifications_deliveries",
    Column("notification_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("recipient", String(80), nullable=False),
    Column("user_id", Id, ForeignKey("people_users.id")),
    Column("address", String(500)),
    Column("channel", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("is_digest", Boolean(create_constraint=False), nullable=False),
    Column("message_id", Id),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_attempt_at", Instant),
    Column("leased_until", Instant),
    Column("finished_at", Instant),
    Column("secret", Text),
    Column("secret_until", Instant),
    UniqueConstraint("fleet_id", "event_id", "recipient", "channel"),
    ForeignKeyConstraint(["fleet_id", "notification_id"], ["notifications_inbox.fleet_id", "notifications_inbox.id"]),
    in_fleet=False,  # its notification is in the fleet already
)
_unsent = deliveries.c.next_attempt_at.is_not(None)
# Claimed by time, whatever the fleet: workers look for the fleets that have something to send.
Index(
    "ix_notifications_deliveries_due",
    *(deliveries.c.next_attempt_at, deliveries.c.fleet_id),
    sqlite_where=_unsent,
    postgresql_where=_unsent,
)
_secret = deliveries.c.secret.is_not(None)
# Forgotten by time, whatever the fleet.
Index("ix_notifications_deliveries_secret", deliveries.c.secret_until, sqlite_where=_secret, postgresql_where=_secret)
Index("ix_notifications_deliveries_at", deliveries.c.fleet_id, deliveries.c.created_at, deliveries.c.id)
Index("ix_notifications_deliveries_notification", deliveries.c.fleet_id, deliveries.c.notification_id)

_notification_names = tuple(a.name for a in attrs.fields(Notification))
_delivery_names = tuple(a.name for a in attrs.fields(Delivery))
_listed_names = tuple(a.name for a in attrs.fields(ListedDelivery))
_told_once = {
    "postgresql": postgresql_insert(inbox).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    "sqlite": sqlite_insert(inbox).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
}
_sent_once = {
    "postgresql": postgresql_insert(deliveries).on_conflict_do_nothing(),
    "sqlite": sqlite_insert(deliveries).on_conflict_do_nothing(),
}
_in_inbox = inbox.c.fleet_id == bindparam("in_fleet")
_own = _in_inbox & (inbox.c.user_id == bindparam("of_user"))
ORDERING = Ordering(select(inbox).where(_own), inbox.c.id, {"created_at": inbox.c.created_at})
_unread = _own & inbox.c.read_at.is_(None) & _open
_count = select(func.count()).select_from(inbox).where(_unread)
_read = update(inbox).where(_unread).values(read_at=bindparam("new_at"))
_archive = update(inbox).where(_own, _open).values(archived_at=bindparam("new_at"))
_in_log = deliveries.c.fleet_id == bindparam("in_fleet")
_claim = (
    select(deliveries)
    .where(
        _in_log,
        deliveries.c.next_attempt_at <= bindparam("now"),
        or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= bindparam("now")),
    )
    .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CHANGING = (
    *("state", "message_id", "attempts", "error", "ref"),
    *("next_attempt_at", "leased_until", "finished_at", "secret"),
)
_save = (
    update(deliveries)
    .where(_in_log, deliveries.c.id == bindparam("by_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_suppress = update(deliveries).values(
    state=DeliveryState.SUPPRESSED.value,
    error=bindparam("new_error"),
    next_attempt_at=None,
    leased_until=None,
    finished_at=bindparam("new_at"),
    secret=None,
)
_listed = (
    select(*(deliveries.c[name] for name in _listed_names if name != "title"), inbox.c.title)
    .join(inbox, (inbox.c.fleet_id == deliveries.c.fleet_id) & (inbox.c.id == deliveries.c.notification_id))
    .where(_in_log)
    .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
)
_too_late = _suppress.where(_in_log, _secret, deliveries.c.secret_until <= bindparam("new_at"))
_fleets_with_old = (
    select(deliveries.c.fleet_id).where(_secret, deliveries.c.secret_until <= bindparam("now")).distinct()
)
_next = select(func.min(deliveries.c.next_attempt_at)).where(_in_log, _unsent)
_fleets_due = select(deliveries.c.fleet_id).where(deliveries.c.next_attempt_at <= bindparam("now")).distinct()


_of_subject = select(inbox.c.id).where(_in_inbox, inbox.c.subject_id == bindparam("by_subject"), _open)
_any_of_subject = select(literal(1)).where(_in_inbox, inbox.c.subject_id == bindparam("by_subject"), _open).limit(1)
_of_vehicle = select(inbox.c.id).where(_in_inbox, inbox.c.vehicle_id == bindparam("by_vehicle"), _open)


def _notification(row: RowMapping) -> Notification:
    values = {name: row[name] for name in _notification_names}
    return Notification(**values | {"kind": Kind(values["kind"])})


def _notification_row(fact: Notification) -> dict[str, Any]:
    return attrs.asdict(fact, recurse=False) | {"kind": fact.kind.value}


def _delivery(row: RowMapping) -> Delivery:
    values = {name: row[name] for name in _delivery_names}
    words = {"kind": Kind(values["kind"]), "state": DeliveryState(values["state"])}
    return Delivery(**values | words | {"is_digest": bool(values["is_digest"])})


def _delivery_row(fact: Delivery) -> dict[str, Any]:
    return attrs.asdict(fact, recurse=False) | {"kind": fact.kind.value, "state": fact.state.value}


def _listed_row(row: RowMapping) -> ListedDelivery:
    values = {name: row[name] for name in _listed_names}
    words = {"kind": Kind(values["kind"]), "state": DeliveryState(values["state"])}
    return ListedDelivery(**values | words | {"is_digest": bool(values["is_digest"])})


@attrs.frozen
class SqlNotificationStore:
    """The notifications of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, notification: Notification) -> bool:
        """Store *notification*, unless its recipient was told of the event before."""
        row = {"fleet_id": self.fleet_id, **_notification_row(notification)}
        return self.connection.execute(_told_once[self.connection.dialect.name], row).rowcount == 1

    def get(self, notification_ids: Iterable[UUID]) -> dict[UUID, Notification]:
        """Return those of the notifications that are there."""
        statement = select(inbox).where(_in_inbox, inbox.c.id.in_(list(notification_ids)))
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return {row["id"]: _notification(row) for row in rows}

    def page(
        self, user_id: UUID, question: ListNotifications, after: Position | None, limit: int
    ) -> Sequence[Notification]:
        """Return up to *limit* notifications of a user in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            ~_open if question.archived else _open,
            inbox.c.read_at.is_(None) if question.unread_only else None,
            None if question.vehicle_id is None else inbox.c.vehicle_id == question.vehicle_id,
            None if question.since is None else inbox.c.created_at >= question.since,
            None if question.until is None else inbox.c.created_at < question.until,
        )
        return [_notification(row) for row in self.connection.execute(statement, self._own(user_id)).mappings()]

    def unread(self, user_id: UUID) -> int:
        """Return how many of a user's notifications are neither read nor archived."""
        return int(self.connection.execute(_count, self._own(user_id)).scalar_one())

    def mark_read(self, user_id: UUID, ids: Sequence[UUID] | None, at: datetime) -> int:
        """Mark the unread ones of *ids* (None: all) as read."""
        statement = _read if ids is None else _read.where(inbox.c.id.in_(ids))
        return self.connection.execute(statement, self._own(user_id) | {"new_at": at}).rowcount

    def archive(self, user_id: UUID, ids: Sequence[UUID] | None, at: datetime) -> int:
        """Archive those of *ids* (None: all that were read)."""
        statement = _archive.where(inbox.c.read_at.is_not(None) if ids is None else inbox.c.id.in_(ids))
        return self.connection.execute(statement, self._own(user_id) | {"new_at": at}).rowcount

    def is_open(self, subject_id: UUID) -> bool:
        """Say whether anybody has something about a subject that is not archived."""
        keys = {"in_fleet": self.fleet_id, "by_subject": subject_id}
        return self.connection.execute(_any_of_subject, keys).first() is not None

    def settle(self, subject_id: UUID, at: datetime, *, before: int | None = None, besides: UUID | None = None) -> None:
        """Archive what is open about a subject, and suppress what is still to be sent of it."""
        found, keys = _of_subject, {"by_subject": subject_id}
        if before is not None:
            found = found.where(inbox.c.occurrence < before)
        if besides is not None:
            found = found.where(inbox.c.event_id != besides)
        self._settle(found, keys, at)

    def settle_vehicle(self, vehicle_id: UUID, at: datetime) -> None:
        """Archive what is open about a vehicle, and suppress what is still to be sent of it."""
        self._settle(_of_vehicle, {"by_vehicle": vehicle_id}, at)

    def _settle(self, found: Select[tuple[UUID]], about: dict[str, Any], at: datetime) -> None:
        ids = list(self.connection.execute(found, about | {"in_fleet": self.fleet_id}).scalars())
        keys = {"in_fleet": self.fleet_id, "new_at": at}
        if not ids:
            return
        settled = update(inbox).where(_in_inbox, inbox.c.id.in_(ids)).values(archived_at=bindparam("new_at"))
        self.connection.execute(settled, keys)
        unsent = _suppress.where(_in_log, _unsent, deliveries.c.notification_id.in_(ids))
        self.connection.execute(unsent, keys | {"new_error": SETTLED})

    def purge(self, vehicle_id: UUID) -> None:
        """Erase everything about a vehicle, with its deliveries."""
        keys = {"in_fleet": self.fleet_id}
        of_vehicle = select(inbox.c.id).where(_in_inbox, inbox.c.vehicle_id == vehicle_id)
        self.connection.execute(delete(deliveries).where(_in_log, deliveries.c.notification_id.in_(of_vehicle)), keys)
        self.connection.execute(delete(inbox).where(_in_inbox, inbox.c.vehicle_id == vehicle_id), keys)

    def _own(self, user_id: UUID) -> dict[str, Any]:
        return {"in_fleet": self.fleet_id, "of_user": user_id}


@attrs.frozen
class SqlDeliveryStore:
    """The delivery log of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, added: Sequence[Delivery]) -> None:
        """Store the deliveries."""
        if rows := [{"fleet_id": self.fleet_id, **_delivery_row(fact)} for fact in added]:
            self.connection.execute(_sent_once[self.connection.dialect.name], rows)

    def claim(self, channels: Sequence[str], now: datetime, limit: int) -> Sequence[Delivery]:
        """Return up to *limit* deliveries that are to be sent by *now* and that nobody holds."""
        statement = _claim.where(deliveries.c.channel.in_(channels))
        keys = {"in_fleet": self.fleet_id, "now": now, "most": limit}
        return [_delivery(row) for row in self.connection.execute(statement, keys).mappings()]

    def save(self, changed: Sequence[Delivery]) -> None:
        """Write the deliveries over those with their ids."""
        rows = []
        for fact in changed:
            row = _delivery_row(fact)
            values = {f"new_{name}": row[name] for name in _CHANGING}
            rows.append({"in_fleet": self.fleet_id, "by_id": fact.id, **values})
        if rows:
            self.connection.execute(_save, rows)

    def leased(self, ids: Sequence[UUID], until: datetime) -> Sequence[Delivery]:
        """Return those of the deliveries whose lease is still the one that ends at *until*."""
        statement = select(deliveries).where(_in_log, deliveries.c.id.in_(ids), deliveries.c.leased_until == until)
        rows = self.connection.execute(statement.with_for_update(), {"in_fleet": self.fleet_id}).mappings()
        return [_delivery(row) for row in rows]

    def forget_secrets(self, now: datetime) -> None:
        """Suppress what was not sent before its secret ended, and forget the secrets."""
        self.connection.execute(_too_late, {"in_fleet": self.fleet_id, "new_at": now, "new_error": TOO_LATE})

    def fleets_with_old_secrets(self, now: datetime) -> Sequence[UUID]:
        """Return the fleets in which a secret has ended."""
        return list(self.connection.execute(_fleets_with_old, {"now": now}).scalars())

    def suppress_of(self, user_id: UUID, why: str, at: datetime) -> None:
        """Suppress what is still to be sent to a user."""
        keys = {"in_fleet": self.fleet_id, "new_at": at, "new_error": why}
        self.connection.execute(_suppress.where(_in_log, _unsent, deliveries.c.user_id == user_id), keys)

    def page(
        self, question: ListDeliveries, user_id: UUID | None, after: Position | None, limit: int
    ) -> Sequence[ListedDelivery]:
        """Return up to *limit* deliveries, newest first."""
        statement = _listed.limit(limit)
        if user_id is not None:
            statement = statement.where(deliveries.c.user_id == user_id)
        if question.state is not None:
            statement = statement.where(deliveries.c.state == question.state.value)
        if after is not None:
            statement = statement.where(older_than(deliveries.c.created_at, deliveries.c.id, after))
        return [_listed_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def next_at(self, channels: Sequence[str]) -> datetime | None:
        """Return when the next delivery is to be sent, or None."""
        statement = _next.where(deliveries.c.channel.in_(channels))
        found: datetime | None = self.connection.execute(statement, {"in_fleet": self.fleet_id}).scalar_one()
        return found

    def fleets_due(self, channels: Sequence[str], now: datetime) -> Sequence[UUID]:
        """Return the fleets that have something to send by *now*."""
        statement = _fleets_due.where(deliveries.c.channel.in_(channels))
        return list(self.connection.execute(statement, {"now": now}).scalars())
