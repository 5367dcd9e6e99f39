"""What answered reminders put on a vehicle's timeline."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import completions, reminders

__all__ = ["COMPLETION_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    return row.title, f"reminder {row.kind}"


COMPLETION_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="reminder",
        table=completions,
        of_vehicle=lambda vehicle_id: reminders.c.vehicle_id == vehicle_id,
        source=completions.join(
            reminders,
            and_(reminders.c.fleet_id == completions.c.fleet_id, reminders.c.id == completions.c.reminder_id),
        ),
        moment=completions.c.done_on,
        by_day=True,
        words=_words,
        others=(reminders.c.title, completions.c.kind),
        text=(reminders.c.title,),
        own=(completions.c.created_by,),
        where=(reminders.c.deleted_at.is_(None),),
    )
)
