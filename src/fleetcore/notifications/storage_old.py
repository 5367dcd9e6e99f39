"""What people were told long ago, across fleets: found and removed with its delivery log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, bindparam, delete, exists, select

from .storage import deliveries, inbox

__all__ = ["SqlOldMessageStore"]

_unsent = exists().where(
    deliveries.c.fleet_id == inbox.c.fleet_id,
    deliveries.c.notification_id == inbox.c.id,
    deliveries.c.next_attempt_at.is_not(None),
)
_is_settled = inbox.c.read_at.is_not(None) | inbox.c.archived_at.is_not(None) | inbox.c.user_id.is_(None)
_old = (
    select(inbox.c.fleet_id, inbox.c.id)
    .where(inbox.c.created_at < bindparam("before"), _is_settled, ~_unsent)
    .limit(bindparam("most"))
)
_forget_deliveries = delete(deliveries).where(
    deliveries.c.fleet_id == bindparam("in_fleet"), deliveries.c.notification_id == bindparam("by_id")
)
_forget = delete(inbox).where(inbox.c.fleet_id == bindparam("in_fleet"), inbox.c.id == bindparam("by_id"))


@attrs.frozen
class SqlOldMessageStore:
    """What people were told long ago, in a database."""

    connection: Connection
    fleet_id: UUID

    def forget(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* messages from before then that are settled, with their deliveries."""
        rows: Sequence[Any] = self.connection.execute(_old, {"before": before, "most": limit}).all()
        if rows:
            named = [{"in_fleet": fleet_id, "by_id": message_id} for fleet_id, message_id in rows]
            self.connection.execute(_forget_deliveries, named)
            self.connection.execute(_forget, named)
        return len(rows)
