"""The table of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import attrs
from sqlalchemy import Column, Connection, Index, String, select

from fleetcore.kernel.paging import Position
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.inserting import insert_one
from fleetcore.storage.ordering import Ordering, narrowed
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import ADDRESS_LENGTH_MAX, READ_ENTITY, AuditEntry, ListAudit

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
ORDERING = Ordering(select(*(audit_log.c[name] for name in _names)), audit_log.c.id, {"at": audit_log.c.at})


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

    def page(self, question: ListAudit, by: UUID | None, after: Position | None, limit: int) -> Sequence[AuditEntry]:
        """Return up to *limit* entries in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).where(audit_log.c.fleet_id == self.fleet_id).limit(limit),
            None if question.reads else audit_log.c.entity != READ_ENTITY,
            None if question.entity_id is None else audit_log.c.entity_id == question.entity_id,
            None if question.entity is None else audit_log.c.entity == question.entity,
            None if question.actor_id is None else audit_log.c.actor_id == question.actor_id,
            None if by is None else audit_log.c.actor_id == by,
            None if question.operation is None else audit_log.c.operation == question.operation,
            None if question.since is None else audit_log.c.at >= question.since,
            None if question.until is None else audit_log.c.at < question.until,
        )
        return [AuditEntry(**row) for row in self.connection.execute(statement).mappings()]
