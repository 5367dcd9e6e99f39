"""The rows of the audit log, and the question that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.sorting import sort_field

__all__ = ["ADDRESS_LENGTH_MAX", "READ_ENTITY", "AuditEntry", "ListAudit", "changed_fields"]

ADDRESS_LENGTH_MAX = 60  # an IPv6 address with its zone
READ_ENTITY = "read"  # of entries that tell of a sensitive read
BOOKKEEPING = frozenset({"updated_at", "updated_by", "version"})


@frozen(kw_only=True)
class AuditEntry:
    """One changed record: None as *before* means created, None as *after* means deleted.

    Of what was only read there is what was asked, as *after*, and no *before*; its *entity* is ``read``.
    *address* is the network address that the request came from, where there was one. At *erased_at* personal words
    in it gave way to a mark: a person was erased.
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
    erased_at: datetime | None = None


@frozen(kw_only=True)
class ListAudit:
    """Ask for the newest audit entries, of one record or of all; with *reads* also for what was only read."""

    entity_id: UUID | None = None
    entity: str | None = None
    actor_id: UUID | None = None
    operation: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = sort_field("-at", "at")
    reads: bool = False
    cursor: str | None = None
    limit: int = 50


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that differ between two images, in their order, without the bookkeeping."""
    names = [*after, *(name for name in before if name not in after)]
    return [name for name in names if name not in BOOKKEEPING and before.get(name) != after.get(name)]
