"""How the reminders of all fleets stand."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import attrs
from sqlalchemy import Connection, func, select

from .storage import reminders

__all__ = ["SqlReminderFigures"]

_by_urgency = (
    select(reminders.c.urgency, func.count())
    .where(reminders.c.deleted_at.is_(None), reminders.c.is_finished.is_(False))
    .group_by(reminders.c.urgency)
)


@attrs.frozen
class SqlReminderFigures:
    """How the reminders in a database stand."""

    connection: Connection
    fleet_id: UUID

    def by_urgency(self) -> Mapping[str, int]:
        """Count the reminders that are neither finished nor deleted, by their urgency."""
        return {row[0]: row[1] for row in self.connection.execute(_by_urgency)}
