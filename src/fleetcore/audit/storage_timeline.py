"""What changes of a vehicle itself put on its timeline: added, edited, moved to another state, removed, restored."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .model import changed_fields
from .storage import audit_log

__all__ = ["CHANGE_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    before, after = row.before, row.after
    if before is None or after is None:
        return ("added" if before is None else "erased"), ""
    changed = changed_fields(before, after)
    if "deleted_at" in changed:
        return ("removed" if after.get("deleted_at") else "restored"), ""
    if "state" in changed:
        return "state", f"{before.get('state')} to {after.get('state')}".replace("_", " ")
    return "changed", ", ".join(name.replace("_", " ") for name in changed)


CHANGE_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="vehicle",
        table=audit_log,
        of_vehicle=lambda vehicle_id: audit_log.c.entity_id == vehicle_id,
        moment=audit_log.c.at,
        words=_words,
        others=(audit_log.c.before, audit_log.c.after),
        text=(audit_log.c.operation, audit_log.c.after),
        own=(audit_log.c.actor_id,),
        where=(audit_log.c.entity == "vehicles.vehicle",),
    )
)
