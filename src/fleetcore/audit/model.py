"""The rows of the audit log, and the question that reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

__all__ = ["ADDRESS_LENGTH_MAX", "AuditEntry", "ListAudit"]

ADDRESS_LENGTH_MAX = 60  # an IPv6 address with its zone


@frozen(kw_only=True)
class AuditEntry:
    """One changed record: None as *before* means created, None as *after* means deleted.

    *address* is the network address that the request came from, where there was one.
    """

    id: UUID
    at: datetime
    actor_id: UUID
    operation: str
    entity: str
    entity_id: UUID
    before: Any = None
    after: Any = None
    correlation_id: str | None = None
    address: str | None = None


@frozen(kw_only=True)
class ListAudit:
    """Ask for the newest audit entries, of one record or of all."""

    entity_id: UUID | None = None
    cursor: str | None = None
    limit: int = 50
