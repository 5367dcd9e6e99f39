"""Rate limits, stamps and the security log in a database.

A limit is a generic cell rate algorithm: one instant, at which all that was taken is paid back. It is kept in
microseconds since 1970 on both engines, so that the arithmetic is the database's, under the row's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    case,
    delete,
    insert,
    literal,
    select,
    update,
)

from fleetcore.storage.types import Id, Instant, metadata, to_micros

from .model import RateLimit, SecurityEntry, SecurityEvent, Stamp, Taken
from .storage_upserts import inserting

__all__ = ["SqlLimitStore", "SqlSecurityLog", "SqlStampStore", "accounts_security_log"]

accounts_limits = Table(
    "accounts_limits",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("paid_at_us", BigInteger, nullable=False),
    Column("is_allowed", Boolean, nullable=False),
)
Index("ix_accounts_limits_paid", accounts_limits.c.paid_at_us)

accounts_stamps = Table(
    "accounts_stamps",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
Index("ix_accounts_stamps_changed", accounts_stamps.c.changed_at)

# Ids only, and of nobody where nobody is known: it outlives the users that it tells of until it is pruned.
accounts_security_log = Table(
    "accounts_security_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("event", String(40), nullable=False),
    Column("user_id", Id),
    Column("session_id", Id),
    Column("address", String(60)),
    Column("correlation_id", String(120)),
)
Index("ix_accounts_security_log_user", accounts_security_log.c.user_id, accounts_security_log.c.at)
Index("ix_accounts_security_log_at", accounts_security_log.c.at)


@attrs.frozen
class SqlLimitStore:
    """Rate limits that all processes share, in a database."""

    connection: Connection
    fleet_id: UUID

    def take(self, wanted: Sequence[RateLimit], now: datetime) -> Sequence[Taken]:
        """Take what is *wanted*, in one statement; a limit that refuses takes nothing of its own."""
        now_us = to_micros(now)
        in_order = sorted(wanted, key=lambda limit: limit.key)  # every process locks rows in one order
        first = [
            {"key": each.key, "paid_at_us": now_us + each.limit.micros_each * each.cost, "is_allowed": True}
            for each in in_order
        ]
        statement = inserting(self.connection, accounts_limits).values(first)
        stored, offered = accounts_limits.c, statement.excluded
        cost_us = offered.paid_at_us - now_us
        since = case((stored.paid_at_us > now_us, stored.paid_at_us), else_=literal(now_us, BigInteger))
        periods = {each.key: each.limit.micros_each * each.limit.burst for each in in_order}
        longest = case(*((stored.key == key, literal(period, BigInteger)) for key, period in periods.items()), else_=0)
        fits = since + cost_us <= now_us + longest
        taken = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={"is_allowed": fits, "paid_at_us": case((fits, since + cost_us), else_=stored.paid_at_us)},
        ).returning(stored.key, stored.paid_at_us, stored.is_allowed)
        found = {row.key: row for row in self.connection.execute(taken)}
        return [_taken(each, found[each.key], now_us) for each in wanted]

    def give_back(self, taken: RateLimit) -> None:
        """Undo one taking."""
        stored = accounts_limits.c
        earlier = stored.paid_at_us - taken.limit.micros_each * taken.cost
        this = stored.key == taken.key
        self.connection.execute(update(accounts_limits).where(this).values(paid_at_us=earlier))

    def release(self, key: str) -> None:
        """Forget what was taken from the limit *key*."""
        self.connection.execute(delete(accounts_limits).where(accounts_limits.c.key == key))

    def prune(self, now: datetime) -> int:
        """Delete limits that are whole again."""
        return self.connection.execute(
            delete(accounts_limits).where(accounts_limits.c.paid_at_us <= to_micros(now))
        ).rowcount


def _taken(wanted: RateLimit, row: Any, now_us: int) -> Taken:
    if row.is_allowed:
        return Taken(key=wanted.key, is_allowed=True, retry_after=timedelta())
    each = wanted.limit.micros_each
    wait_us = row.paid_at_us + each * wanted.cost - now_us - each * wanted.limit.burst
    return Taken(key=wanted.key, is_allowed=False, retry_after=timedelta(microseconds=max(wait_us, 1)))


@attrs.frozen
class SqlStampStore:
    """Counts changes to what somebody may do, in a database."""

    connection: Connection
    fleet_id: UUID

    def touch(self, subject_ids: Sequence[UUID], now: datetime) -> None:
        """Say that what *subject_ids* may do has changed."""
        rows = [{"subject_id": each, "version": 1, "changed_at": now} for each in sorted(set(subject_ids))]
        statement = inserting(self.connection, accounts_stamps).values(rows)
        changed = {"version": accounts_stamps.c.version + 1, "changed_at": statement.excluded.changed_at}
        self.connection.execute(statement.on_conflict_do_update(index_elements=["subject_id"], set_=changed))

    def since(self, at: datetime) -> Sequence[Stamp]:
        """Return what changed at *at* or after it."""
        rows = self.connection.execute(select(accounts_stamps).where(accounts_stamps.c.changed_at >= at)).mappings()
        return [Stamp(**row) for row in rows]


@attrs.frozen
class SqlSecurityLog:
    """What happened to users' accounts, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, entry: SecurityEntry) -> None:
        """Append *entry*."""
        self.connection.execute(insert(accounts_security_log), attrs.asdict(entry) | {"event": entry.event.value})

    def of_user(self, user_id: UUID, limit: int) -> Sequence[SecurityEntry]:
        """Return up to *limit* entries of the user, the newest first."""
        c = accounts_security_log.c
        statement = select(accounts_security_log).where(c.user_id == user_id).order_by(c.at.desc(), c.id.desc())
        rows = self.connection.execute(statement.limit(limit)).mappings()
        return [SecurityEntry(**{**row, "event": SecurityEvent(row["event"])}) for row in rows]

    def prune(self, before: datetime) -> int:
        """Delete what is older than *before*."""
        return self.connection.execute(
            delete(accounts_security_log).where(accounts_security_log.c.at < before)
        ).rowcount
