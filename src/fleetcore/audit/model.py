"""The rows of the audit log, and the question that reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

__all__ = ["AuditEntry", "ListAudit"]


@frozen(kw_only=True)
class AuditEntry:
    """One changed record: None as *before* means created, None as *after* means deleted."""

    id: UUID
    at: datetime
    actor_id: UUID
    operation: str
    entity: str
    entity_id: UUID
    before: Any = None
    after: Any = None
    correlation_id: str | None = None


@frozen(kw_only=True)
class ListAudit:
    """Ask for the newest audit entries, of one record or of all."""

    entity_id: UUID | None = None
    cursor: str | None = None
    limit: int = 50
