"""Where audit entries are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .model import AuditEntry

__all__ = ["AUDIT", "CHANGE_TIMELINE", "AuditStore"]


class AuditStore(Protocol):
    """The append-only log of one fleet."""

    def add(self, entries: Sequence[AuditEntry]) -> None:
        """Append *entries*; they can never be changed afterwards."""
        ...

    def page(
        self,
        entity_id: UUID | None,
        actor_id: UUID | None,
        after: Position | None,
        limit: int,
        *,
        with_reads: bool = False,
    ) -> Sequence[AuditEntry]:
        """Return up to *limit* entries, newest first, after the position of a former page.

        *entity_id* limits them to one record, *actor_id* to what one user did; *with_reads* adds what was only read.
        """
        ...


AUDIT: StoreKey[AuditStore] = StoreKey("audit.log")
CHANGE_TIMELINE: StoreKey[TimelineStore] = StoreKey("audit.timeline")
