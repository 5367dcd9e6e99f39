"""Where audit entries are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .model import AuditEntry, ListAudit

__all__ = ["AUDIT", "CHANGE_TIMELINE", "AuditStore"]


class AuditStore(Protocol):
    """The append-only log of one fleet."""

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Append *entries*; they can never be changed afterwards."""
        ...

    def page(self, question: ListAudit, by: UUID | None, after: Position | None, limit: int) -> Sequence[AuditEntry]:
        """Return up to *limit* entries in the order asked for, after the position of a former page.

        *by* limits them to what one user did; what was only read is told where the question asks for reads.
        """
        ...


AUDIT: StoreKey[AuditStore] = StoreKey("audit.log")
CHANGE_TIMELINE: StoreKey[TimelineStore] = StoreKey("audit.timeline")
