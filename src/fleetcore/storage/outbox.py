"""The outbox, written in the transaction of the effect, and the idempotency keys beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.tracing import TRACE_ID_LENGTH
from fleetcore.kernel.wire import to_json

from .bulk import insert_many
from .inserting import insert_one
from .types import Id, Instant, fleet_table, metadata

__all__ = [
    "CORRELATION_LENGTH_MAX",
    "KEY_LENGTH_MAX",
    "claim_key",
    "find_key",
    "forget_keys",
    "idempotency_keys",
    "outbox",
    "outbox_order",
    "store_response",
    "write_outbox",
]

KEY_LENGTH_MAX = 200
CORRELATION_LENGTH_MAX = 120

# Claimed by position, not by fleet: the one relay reads every fleet's rows in order.
outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("fleet_id", Id, nullable=False),
    Column("id", Id, nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("correlation_id", String(CORRELATION_LENGTH_MAX)),
    Column("published_at", Instant),
    Column("trace_id", String(TRACE_ID_LENGTH)),
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_unpublished",
    outbox.c.position,
    sqlite_where=outbox.c.published_at.is_(None),
    postgresql_where=outbox.c.published_at.is_(None),
)

# The order in which events were committed; see fleetcore.live. PostgreSQL alone needs it: SQLite's only writer draws
# positions in that order.
outbox_order = Table(
    "outbox_order",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("position", BigInteger, nullable=False),
    Column("horizon", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    UniqueConstraint("position", name="uq_outbox_order_position"),
    sqlite_autoincrement=True,
)

idempotency_keys = fleet_table(
    "idempotency_keys",
    Column("actor_id", Id),
    Column("key", String(KEY_LENGTH_MAX)),
    Column("operation", String(80), nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("response", Text),
    Column("at", Instant, nullable=False),
    key=("actor_id", "key"),
)
Index("ix_idempotency_keys_at", idempotency_keys.c.at)  # forgotten by age, whatever the fleet

_key = (
    (idempotency_keys.c.fleet_id == bindparam("in_fleet"))
    & (idempotency_keys.c.actor_id == bindparam("by_actor"))
    & (idempotency_keys.c.key == bindparam("by_key"))
)
_stored = select(idempotency_keys).where(_key)
_respond = update(idempotency_keys).where(_key).values(response=bindparam("new_response"))
_old_keys = (
    select(idempotency_keys.c.fleet_id, idempotency_keys.c.actor_id, idempotency_keys.c.key)
    .where(idempotency_keys.c.at < bindparam("before"))
    .limit(bindparam("most"))
)
_forget = delete(idempotency_keys).where(_key)
_claims = {
    "postgresql": postgresql_insert(idempotency_keys)
    .on_conflict_do_nothing()
    .execution_options(preserve_rowcount=True),
    "sqlite": sqlite_insert(idempotency_keys).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
}


def write_outbox(connection: Connection, events: Iterable[CommittedEvent]) -> None:
    """Insert the outbox rows of *events*, in order."""
    rows = [
        {
            "fleet_id": committed.fleet_id,
            "id": committed.id,
            "name": committed.event.name,
            "version": committed.event.version,
            "key": committed.key,
            "payload": to_json(committed.event).decode(),
            "actor_id": committed.actor_id,
            "at": committed.at,
            "correlation_id": committed.correlation_id,
            "trace_id": committed.trace_id,
        }
        for committed in events
    ]
    if len(rows) == 1:
        insert_one(connection, outbox, rows[0])
    elif rows:
        insert_many(connection, outbox, tuple(rows[0]), (tuple(row.values()) for row in rows))


def claim_key(connection: Connection, row: dict[str, Any]) -> RowMapping | None:
    """Claim an idempotency key; returns None when it is ours now, else the row that holds it.

    A concurrent holder is waited for, so the row returned is a committed one.
    """
    if connection.execute(_claims[connection.dialect.name], row).rowcount == 1:
        return None
    return find_key(connection, {"in_fleet": row["fleet_id"], "by_actor": row["actor_id"], "by_key": row["key"]})


def find_key(connection: Connection, keys: dict[str, Any]) -> RowMapping | None:
    """Return the row that holds an idempotency key, None if nobody has used it."""
    return connection.execute(_stored, keys).mappings().one_or_none()


def store_response(connection: Connection, fleet_id: UUID, actor_id: UUID, key: str, response: bytes) -> None:
    """Keep the answer of the operation beside its claimed key."""
    connection.execute(
        _respond,
        {"in_fleet": fleet_id, "by_actor": actor_id, "by_key": key, "new_response": response.decode()},
    )


def forget_keys(connection: Connection, before: datetime, limit: int) -> int:
    """Remove up to *limit* keys of any fleet in sight that were claimed before then; returns how many."""
    rows = connection.execute(_old_keys, {"before": before, "most": limit}).all()
    if rows:
        named = [{"in_fleet": fleet_id, "by_actor": actor_id, "by_key": key} for fleet_id, actor_id, key in rows]
        connection.execute(_forget, named)
    return len(rows)
