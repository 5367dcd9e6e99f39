"""The table of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import attrs
from sqlalchemy import Column, Connection, Index, String, select

from fleetcore.kernel.paging import Position
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.inserting import insert_one
from fleetcore.storage.paging import older_than
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import ADDRESS_LENGTH_MAX, READ_ENTITY, AuditEntry

__all__ = ["SqlAuditStore", "audit_log"]

audit_log = fleet_table(
    "audit_log",
    Column("at", Instant, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("operation", String(80), nullable=False),
    Column("entity", String(80), nullable=False),
    Column("entity_id", Id, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("correlation_id", String(120)),
    Column("address", String(ADDRESS_LENGTH_MAX)),
    Column("erased_at", Instant),
)
Index("ix_audit_log_at", audit_log.c.fleet_id, audit_log.c.at, audit_log.c.id)
Index("ix_audit_log_entity", audit_log.c.fleet_id, audit_log.c.entity_id, audit_log.c.at)

_names = tuple(attribute.name for attribute in attrs.fields(AuditEntry))
_select = select(*(audit_log.c[name] for name in _names)).order_by(audit_log.c.at.desc(), audit_log.c.id.desc())


@attrs.frozen
class SqlAuditStore:
    """The audit log of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Append *entries*."""
        rows = [{"fleet_id": self.fleet_id, **{name: getattr(entry, name) for name in _names}} for entry in entries]
        if len(rows) == 1:
            insert_one(self.connection, audit_log, rows[0])
        elif rows:
            insert_many(self.connection, audit_log, tuple(rows[0]), (tuple(row.values()) for row in rows))

    def page(
        self,
        entity_id: UUID | None,
        actor_id: UUID | None,
        after: Position | None,
        limit: int,
        *,
        with_reads: bool = False,
    ) -> Sequence[AuditEntry]:
        """Return up to *limit* entries, newest first."""
        statement = _select.where(audit_log.c.fleet_id == self.fleet_id)
        if not with_reads:
            statement = statement.where(audit_log.c.entity != READ_ENTITY)
        if entity_id is not None:
            statement = statement.where(audit_log.c.entity_id == entity_id)
        if actor_id is not None:
            statement = statement.where(audit_log.c.actor_id == actor_id)
        if after is not None:
            statement = statement.where(older_than(audit_log.c.at, audit_log.c.id, after))
        return [AuditEntry(**row) for row in self.connection.execute(statement.limit(limit)).mappings()]
