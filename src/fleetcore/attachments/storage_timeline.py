"""What files put on a vehicle's timeline: those of the vehicle itself; those of records stand with the records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import attachments

__all__ = ["ATTACHMENT_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    return "photo added" if row.media_type.startswith("image/") else "file added", row.name


ATTACHMENT_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="file",
        table=attachments,
        moment=attachments.c.created_at,
        words=_words,
        others=(attachments.c.name, attachments.c.media_type),
        text=(attachments.c.name,),
        own=(attachments.c.created_by,),
        where=(
            # hung on the vehicle itself: files of records are seen by whom the records' permissions let
            attachments.c.entity == "vehicles.vehicle",
            attachments.c.deleted_at.is_(None),
        ),
    )
)
