"""The inbox of the consumers, and the dead letters.

The outbox is turned into deliveries by explicit rows, never by "everything up to here": on PostgreSQL positions are
drawn before the commit, so a lower one may appear after a higher one, and would be lost.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    SmallInteger,
    String,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.paging import Position
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.outbox import CORRELATION_LENGTH_MAX, outbox, outbox_order
from fleetcore.storage.paging import older_than
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import DeadLetter, Delivery, Lane, ListDeadLetters

__all__ = ["LANES", "SqlInboxStore", "SqlLetterStore", "dead_letters", "inbox", "is_waiting"]

LANES = 16  # so many workers may relay one busy fleet's events to one consumer at a time
CHUNK = 500  # ids in one statement; more than 999 parameters some versions of SQLite refuse

inbox = fleet_table(
    "inbox",
    Column("event_id", Id),
    Column("consumer", String(80)),
    Column("position", BigInteger, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("key", String(80), nullable=False),
    Column("next_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("heard_at", Instant),
    key=("event_id", "consumer"),
    in_fleet=False,  # its events are of a fleet already
)
is_waiting = inbox.c.next_at.is_not(None)
# Found by time, whatever the fleet.
Index("ix_inbox_due", inbox.c.next_at, sqlite_where=is_waiting, postgresql_where=is_waiting)
Index(
    "ix_inbox_lane",
    *(inbox.c.fleet_id, inbox.c.consumer, inbox.c.lane, inbox.c.position),
    sqlite_where=is_waiting,
    postgresql_where=is_waiting,
)

dead_letters = fleet_table(
    "dead_letters",
    Column("consumer", String(80), nullable=False),
    Column("event_id", Id, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("name", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("correlation_id", String(CORRELATION_LENGTH_MAX)),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("died_at", Instant, nullable=False),
    Column("replayed_at", Instant),
    Column("replayed_by", Id),
)
Index("ix_dead_letters_died", dead_letters.c.fleet_id, dead_letters.c.died_at, dead_letters.c.id)

_INBOX_COLUMNS = ("fleet_id", "event_id", "consumer", "position", "lane", "key", "next_at", "attempts")
_unpublished = (
    select(outbox.c.position, outbox.c.fleet_id, outbox.c.id, outbox.c.name, outbox.c.key)
    .where(outbox.c.published_at.is_(None))
    .order_by(outbox.c.position)
    .limit(bindparam("most"))
)
_publish = (
    update(outbox)
    .where(outbox.c.position.in_(bindparam("positions", expanding=True)))
    .values(published_at=bindparam("now"))
)
_due_anywhere = (
    select(inbox.c.fleet_id, inbox.c.consumer, inbox.c.lane)
    .where(
        is_waiting,
        inbox.c.next_at <= bindparam("now"),
        inbox.c.consumer.in_(bindparam("consumers", expanding=True)),
    )
    .order_by(inbox.c.next_at)
    .limit(bindparam("most"))
)
_in_lane = (
    (inbox.c.fleet_id == bindparam("in_fleet"))
    & (inbox.c.consumer == bindparam("by_consumer"))
    & (inbox.c.lane == bindparam("by_lane"))
    & is_waiting
)
_due = (
    select(inbox.c.event_id, inbox.c.attempts, inbox.c.key, inbox.c.position)
    .add_columns(
        *(outbox.c[name] for name in ("name", "version", "payload", "actor_id", "at", "correlation_id", "trace_id"))
    )
    .join_from(inbox, outbox, outbox.c.id == inbox.c.event_id)
    .where(_in_lane, inbox.c.next_at <= bindparam("now"))
    .order_by(inbox.c.position)
    .limit(bindparam("most"))
)
_held = (
    select(inbox.c.key, func.min(inbox.c.position), func.max(inbox.c.next_at))
    .where(_in_lane, inbox.c.next_at > bindparam("now"))
    .group_by(inbox.c.key)
)
_put_off = (
    update(inbox)
    .where(_in_lane, inbox.c.key == bindparam("by_key"), inbox.c.next_at <= bindparam("now"))
    .values(next_at=bindparam("new_next_at"))
)
_of_consumer = (inbox.c.fleet_id == bindparam("in_fleet")) & (inbox.c.consumer == bindparam("by_consumer"))
_heard = (
    update(inbox)
    .where(_of_consumer, inbox.c.event_id.in_(bindparam("event_ids", expanding=True)))
    .values(next_at=None, heard_at=bindparam("new_at"))
)
_still_ours = (
    _of_consumer
    & (inbox.c.event_id == bindparam("by_event"))
    & (inbox.c.attempts == bindparam("old_attempts"))
    & is_waiting
)
_failed = update(inbox).where(_still_ours).values(next_at=bindparam("new_next_at"), attempts=bindparam("new_attempts"))
_try_lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
_insert_letter = insert(dead_letters)
_letter = select(dead_letters).where(
    dead_letters.c.fleet_id == bindparam("in_fleet"), dead_letters.c.id == bindparam("by_id")
)
_letter_locked = _letter.with_for_update()
_letters = (
    select(dead_letters)
    .where(dead_letters.c.fleet_id == bindparam("in_fleet"))
    .order_by(dead_letters.c.died_at.desc(), dead_letters.c.id.desc())
)
_replayed = (
    update(dead_letters)
    .where(dead_letters.c.fleet_id == bindparam("in_fleet"), dead_letters.c.id == bindparam("by_id"))
    .values(replayed_at=bindparam("new_at"), replayed_by=bindparam("new_by"))
)
_remove_letter = delete(dead_letters).where(
    dead_letters.c.fleet_id == bindparam("in_fleet"), dead_letters.c.id == bindparam("by_id")
)
_old_letters = (
    select(dead_letters.c.fleet_id, dead_letters.c.id)
    .where(dead_letters.c.died_at < bindparam("before"))
    .limit(bindparam("most"))
)
_inserts: dict[str, Any] = {"postgresql": postgresql_insert, "sqlite": sqlite_insert}
_OUTBOX_COPY = ("position", "fleet_id", "name", "version", "key", "payload", "actor_id", "at", "correlation_id")
LETTER_NAMES = tuple(a.name for a in attrs.fields(DeadLetter))


def _lock(connection: Connection, name: str) -> bool:
    """Take the lock *name* until the transaction ends; SQLite's only writer has every lock already."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.execute(_try_lock, {"name": f"fleetcore {name}"}).scalar())


def lane_of(key: str) -> int:
    """Return the lane of an aggregate: the same for all its events."""
    return zlib.crc32(key.encode()) % LANES


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), CHUNK):
        yield list(values[start : start + CHUNK])


@attrs.frozen
class SqlInboxStore:
    """The inbox of the consumers in a database."""

    connection: Connection
    fleet_id: UUID

    def fan_out(self, hearers: Mapping[str, Sequence[str]], now: datetime, limit: int) -> int | None:
        """Turn committed events into deliveries."""
        if not _lock(self.connection, "relay"):
            return None
        rows = self.connection.execute(_unpublished, {"most": limit}).all()
        deliveries = [
            (row.fleet_id, row.id, consumer, row.position, lane_of(row.key), row.key, now, 0)
            for row in rows
            for consumer in hearers.get(row.name, ())
        ]
        if deliveries:
            insert_many(self.connection, inbox, _INBOX_COLUMNS, deliveries)
        for positions in _chunks([row.position for row in rows]):
            self.connection.execute(_publish, {"positions": positions, "now": now})
        return len(rows)

    def lanes(self, consumers: Sequence[str], now: datetime, limit: int) -> list[Lane]:
        """Return lanes in which something is due."""
        rows = self.connection.execute(_due_anywhere, {"now": now, "consumers": list(consumers), "most": limit})
        found = dict.fromkeys((row.fleet_id, row.consumer, row.lane) for row in rows)
        return [Lane(fleet_id=fleet_id, consumer=consumer, number=lane) for fleet_id, consumer, lane in found]

    def enter(self, lane: Lane) -> bool:
        """Take the lane until commit."""
        return _lock(self.connection, f"lane {lane.fleet_id} {lane.consumer} {lane.number}")

    def due(self, lane: Lane, now: datetime, limit: int) -> list[Delivery]:
        """Return what is due in the lane, in order."""
        keys: dict[str, Any] = {
            "in_fleet": lane.fleet_id,
            "by_consumer": lane.consumer,
            "by_lane": lane.number,
            "now": now,
        }
        rows = self.connection.execute(_due, keys | {"most": limit}).mappings().all()
        if not rows:
            return []
        held = {key: (position, at) for key, position, at in self.connection.execute(_held, keys)}
        waits = {row["key"] for row in rows if row["key"] in held and held[row["key"]][0] < row["position"]}
        for key in waits:
            self.connection.execute(_put_off, keys | {"by_key": key, "new_next_at": held[key][1]})
        return [Delivery(**row) for row in rows if row["key"] not in waits]

    def _of(self, lane: Lane) -> dict[str, Any]:
        return {"in_fleet": lane.fleet_id, "by_consumer": lane.consumer}

    def heard(self, lane: Lane, event_ids: Sequence[UUID], now: datetime) -> None:
        """Say that the consumer has heard these events."""
        for ids in _chunks(event_ids):
            self.connection.execute(_heard, self._of(lane) | {"event_ids": ids, "new_at": now})

    def _give_back(self, lane: Lane, event_id: UUID, attempts: int, next_at: datetime | None) -> bool:
        values = {
            "by_event": event_id,
            "old_attempts": attempts - 1,
            "new_attempts": attempts,
            "new_next_at": next_at,
        }
        return self.connection.execute(_failed, self._of(lane) | values).rowcount == 1

    def fail(self, lane: Lane, delivery: Delivery, next_at: datetime) -> bool:
        """Count a failure and put the event off."""
        return self._give_back(lane, delivery.event_id, delivery.attempts + 1, next_at)

    def bury(self, lane: Lane, letter: DeadLetter) -> bool:
        """Set the event aside as a dead letter."""
        if not self._give_back(lane, letter.event_id, letter.attempts, None):
            return False
        row = {"fleet_id": lane.fleet_id, **attrs.asdict(letter, recurse=False)}
        self.connection.execute(_insert_letter, row)
        return True

    def clean(self, before: datetime, limit: int) -> int:
        """Remove events published before then that nobody still waits for."""
        waited_for = exists().where(
            inbox.c.fleet_id == outbox.c.fleet_id, inbox.c.event_id == outbox.c.id, inbox.c.next_at.is_not(None)
        )
        chosen = (
            select(outbox.c.position, outbox.c.fleet_id, outbox.c.id)
            .where(outbox.c.published_at < before, ~waited_for)
            .order_by(outbox.c.position)
            .limit(limit)
        )
        rows = self.connection.execute(chosen).all()
        by_fleet: dict[UUID, list[UUID]] = {}
        for _, fleet_id, event_id in rows:
            by_fleet.setdefault(fleet_id, []).append(event_id)
        for fleet_id, event_ids in by_fleet.items():
            for ids in _chunks(event_ids):
                self.connection.execute(delete(inbox).where(inbox.c.fleet_id == fleet_id, inbox.c.event_id.in_(ids)))
        for positions in _chunks([position for position, _, _ in rows]):
            self.connection.execute(delete(outbox).where(outbox.c.position.in_(positions)))
            self.connection.execute(delete(outbox_order).where(outbox_order.c.position.in_(positions)))
        return len(rows)


def _letter_from_row(row: RowMapping) -> DeadLetter:
    return DeadLetter(**{name: row[name] for name in LETTER_NAMES})


@attrs.frozen
class SqlLetterStore:
    """The dead letters of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def get(self, letter_id: UUID, *, lock: bool = False) -> DeadLetter:
        """Return the dead letter."""
        keys = {"in_fleet": self.fleet_id, "by_id": letter_id}
        row = self.connection.execute(_letter_locked if lock else _letter, keys).mappings().first()
        if row is None:
            raise NotFound("dead letter", letter_id)
        return _letter_from_row(row)

    def page(self, question: ListDeadLetters, after: Position | None, limit: int) -> Sequence[DeadLetter]:
        """Return up to *limit* dead letters, newest first."""
        statement = _letters.limit(limit)
        if question.consumer is not None:
            statement = statement.where(dead_letters.c.consumer == question.consumer)
        if not question.include_replayed:
            statement = statement.where(dead_letters.c.replayed_at.is_(None))
        if after is not None:
            statement = statement.where(older_than(dead_letters.c.died_at, dead_letters.c.id, after))
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return [_letter_from_row(row) for row in rows]

    def remove(self, letter_id: UUID) -> None:
        """Remove the dead letter."""
        self.connection.execute(_remove_letter, {"in_fleet": self.fleet_id, "by_id": letter_id})

    def clean(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* dead letters that died before then."""
        rows = self.connection.execute(_old_letters, {"before": before, "most": limit}).all()
        if rows:
            named = [{"in_fleet": fleet_id, "by_id": letter_id} for fleet_id, letter_id in rows]
            self.connection.execute(_remove_letter, named)
        return len(rows)

    def replay(self, letter: DeadLetter, now: datetime, by: UUID) -> None:
        """Send the event to its consumer again; what a clean-up removed of it meanwhile is put back.

        It keeps its position: to those who follow the events live it is no new one.
        """
        insert_into = _inserts[self.connection.dialect.name]
        said = {"fleet_id": self.fleet_id, **attrs.asdict(letter, recurse=False)}
        copy = {name: said[name] for name in _OUTBOX_COPY} | {"id": letter.event_id, "published_at": now}
        self.connection.execute(insert_into(outbox).values(copy).on_conflict_do_nothing(index_elements=["id"]))
        again = {"next_at": now, "attempts": 0}
        row = {
            **{name: said[name] for name in ("fleet_id", "event_id", "consumer", "position", "key")},
            "lane": lane_of(letter.key),
            **again,
        }
        upsert = insert_into(inbox).values(row)
        self.connection.execute(
            upsert.on_conflict_do_update(index_elements=["fleet_id", "event_id", "consumer"], set_=again)
        )
        self.connection.execute(_replayed, {"in_fleet": self.fleet_id, "by_id": letter.id, "new_at": now, "new_by": by})
