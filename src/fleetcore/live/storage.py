"""Live events out of the outbox, and tickets.

SQLite's one writer draws positions in the order of its commits. On PostgreSQL a lower position may be committed after
a higher one, so whoever wants to tell events first puts them in order: one at a time, in a transaction that sees what
is committed, and gives each a sequence that only grows. No writer pays for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
import orjson
from sqlalchemy import (
    Column,
    Connection,
    Index,
    RowMapping,
    Select,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
)

from fleetcore.kernel.errors import Forbidden
from fleetcore.storage.outbox import outbox, outbox_order
from fleetcore.storage.types import Instant, Json, metadata

from .model import Bearer, Place, ToldEvent
from .ports import CHANNEL

__all__ = ["SqlFeedStore", "SqlTicketStore", "live_tickets"]

live_tickets = Table(
    "live_tickets",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("bearer", Json, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
Index("ix_live_tickets_expires", live_tickets.c.expires_at)

_told = tuple(outbox.c[name] for name in ("id", "fleet_id", "name", "version", "key", "payload", "actor_id", "at"))
_sequences: dict[str, Any] = {"sqlite": outbox.c.position, "postgresql": outbox_order.c.sequence}


def _statement(dialect: str) -> Select[Any]:
    statement = select(_sequences[dialect].label("sequence"), *_told)
    if dialect == "postgresql":
        statement = statement.join_from(outbox_order, outbox, outbox.c.position == outbox_order.c.position)
    return statement


def _after(dialect: str) -> Select[Any]:
    sequence = _sequences[dialect]
    return _statement(dialect).where(sequence > bindparam("last")).order_by(sequence).limit(bindparam("most"))


def _between(dialect: str) -> Select[Any]:
    sequence = _sequences[dialect]
    within = (sequence > bindparam("last")) & (sequence <= bindparam("until"))
    return _statement(dialect).where(within, outbox.c.fleet_id == bindparam("in_fleet")).order_by(sequence)


_afters = {name: _after(name) for name in _sequences}
_betweens = {name: _between(name) for name in _sequences}
_finds = {
    name: _statement(name).where(outbox.c.id == bindparam("by_id"), outbox.c.fleet_id == bindparam("in_fleet"))
    for name in _sequences
}
_newests = {name: select(func.max(sequence)) for name, sequence in _sequences.items()}

# What is at or below the floor was either put in order before, or will never be committed. An event was put in order
# by a look that saw every transaction from its horizon on as future; once a later look found no older one running
# (settled), that look has put in order whatever those transactions left. The margin is for a transaction that has
# drawn a position but no number of its own yet.
MARGIN = 100
_take_turn = text("SELECT pg_advisory_xact_lock(hashtextextended('fleetcore live order', 0))")
_floor = text("""
    SELECT placed.position FROM outbox_order AS placed
    WHERE placed.horizon <= (SELECT last.settled FROM outbox_order AS last ORDER BY last.sequence DESC LIMIT 1)
    ORDER BY placed.sequence DESC LIMIT 1""")
_settle = text(f"""
    INSERT INTO outbox_order (position, horizon, settled)
    SELECT told.position, pg_snapshot_xmax(pg_current_snapshot())::text::bigint + {MARGIN},
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    FROM outbox AS told
    WHERE told.position > :floor
      AND NOT EXISTS (SELECT FROM outbox_order AS placed WHERE placed.position = told.position
                      AND placed.position > :floor)
    ORDER BY told.position""").execution_options(preserve_rowcount=True)  # noqa: S608 - our own number
_tell = text("SELECT pg_notify(:channel, '')")

_insert_ticket = insert(live_tickets)
_find_ticket = select(live_tickets.c.expires_at).where(live_tickets.c.token_hash == bindparam("by_hash"))
_use_ticket = (
    delete(live_tickets)
    .where(live_tickets.c.token_hash == bindparam("by_hash"))
    .returning(live_tickets.c.bearer, live_tickets.c.expires_at)
)
_prune_tickets = delete(live_tickets).where(live_tickets.c.expires_at <= bindparam("now"))


def _event(row: RowMapping) -> ToldEvent:
    return ToldEvent(**{**row, "payload": orjson.loads(row["payload"])})


def _require_nobody(_store: object, _attribute: object, fleet_id: UUID) -> None:
    if fleet_id.int:
        raise Forbidden("live events and tickets of every fleet are out of reach of operations")


@attrs.frozen
class SqlFeedStore:
    """The committed events of every fleet, in a database."""

    connection: Connection
    fleet_id: UUID = attrs.field(validator=_require_nobody)

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name

    def settle(self) -> int:
        """Put what was committed since in order."""
        if self._dialect == "sqlite":
            return 0
        self.connection.execute(_take_turn)
        floor = self.connection.execute(_floor).scalar() or 0
        count = self.connection.execute(_settle, {"floor": floor}).rowcount
        if count:
            self.connection.execute(_tell, {"channel": CHANNEL})
        return count

    def newest(self) -> int:
        """Return the sequence of the last event in order."""
        return self.connection.execute(_newests[self._dialect]).scalar() or 0

    def after(self, sequence: int, limit: int) -> Sequence[ToldEvent]:
        """Return events of any fleet after *sequence*."""
        rows = self.connection.execute(_afters[self._dialect], {"last": sequence, "most": limit})
        return [_event(row) for row in rows.mappings()]

    def between(self, fleet_id: UUID, after: int, until: int) -> Sequence[ToldEvent]:
        """Return a fleet's events in a stretch of the order."""
        values = {"last": after, "until": until, "in_fleet": fleet_id}
        return [_event(row) for row in self.connection.execute(_betweens[self._dialect], values).mappings()]

    def find(self, fleet_id: UUID, event_id: UUID) -> Place | None:
        """Return where an event of the fleet stands."""
        values = {"by_id": event_id, "in_fleet": fleet_id}
        row = self.connection.execute(_finds[self._dialect], values).mappings().first()
        return None if row is None else Place(sequence=row["sequence"], at=row["at"])


def _written(bearer: Bearer) -> dict[str, str | None]:
    expires_at = bearer.expires_at
    ids = attrs.asdict(bearer, filter=lambda field, _: field.name != "expires_at")
    words = {name: None if value is None else str(value) for name, value in ids.items()}
    return {**words, "expires_at": None if expires_at is None else expires_at.isoformat()}


def _read(words: dict[str, Any]) -> Bearer:
    expires_at = words.pop("expires_at")
    ids = {name: None if word is None else UUID(word) for name, word in words.items()}
    return Bearer(**ids, expires_at=None if expires_at is None else datetime.fromisoformat(expires_at))  # type: ignore[arg-type]  # user and fleet are never None


@attrs.frozen
class SqlTicketStore:
    """Tickets that were not used yet, in a database."""

    connection: Connection
    fleet_id: UUID = attrs.field(validator=_require_nobody)

    def add(self, secret_hash: str, bearer: Bearer, expires_at: datetime) -> None:
        """Store a ticket."""
        row = {"token_hash": secret_hash, "bearer": _written(bearer), "expires_at": expires_at}
        self.connection.execute(_insert_ticket, row)

    def is_known(self, secret_hash: str) -> bool:
        """Say whether there is such a ticket."""
        return self.connection.execute(_find_ticket, {"by_hash": secret_hash}).first() is not None

    def use(self, secret_hash: str, now: datetime) -> Bearer | None:
        """Take a ticket away and return whose it is."""
        row = self.connection.execute(_use_ticket, {"by_hash": secret_hash}).first()
        return None if row is None or row.expires_at <= now else _read(dict(row.bearer))

    def prune(self, now: datetime) -> int:
        """Delete late tickets."""
        return self.connection.execute(_prune_tickets, {"now": now}).rowcount
