"""What drivers put on a vehicle's timeline, and readings that people took themselves; others stand with records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, String, column, func, table

from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store
from fleetcore.storage.types import Id

from .readings import Meter
from .storage_grants import assignments
from .storage_readings import ONLY_LIVE, READ_BY_HAND, readings

__all__ = ["ASSIGNMENT_TIMELINE_STORE", "READING_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    hours = row.meter == Meter.ENGINE_HOURS
    shown = f"{EngineHours(row.value).hours} h" if hours else f"{Distance(row.value).km:,.0f} km"
    meter = "engine hours" if hours else "odometer"
    title = f"{meter} {'replaced' if row.kind == 'replacement' else 'read'}"
    odd = "accepted as a jump" if row.is_override else ""
    return title, ", ".join(filter(None, (shown, odd, row.note)))


READING_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="reading",
        table=readings,
        moment=readings.c.at,
        words=_words,
        others=tuple(readings.c[name] for name in ("meter", "kind", "value", "is_override", "note")),
        text=(readings.c.note, readings.c.meter),
        own=(readings.c.recorded_by,),
        where=(READ_BY_HAND, ONLY_LIVE),
    )
)

_users = table("people_users", column("id", Id), column("name", String))
_driver = func.coalesce(_users.c.name, assignments.c.driver_name)


def _driver_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    title = f"{'driver' if row.is_primary else 'second driver'}: {row.driver or 'unknown'}"
    until = "" if row.ends_at is None else f"until {row.ends_at:%Y-%m-%d}"
    return title, ", ".join(filter(None, (until, row.notes)))


ASSIGNMENT_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="driver",
        table=assignments,
        source=assignments.outerjoin(_users, _users.c.id == assignments.c.driver_id),
        moment=assignments.c.starts_at,
        words=_driver_words,
        others=(
            *(assignments.c[name] for name in ("is_primary", "ends_at", "notes")),
            _driver.label("driver"),
        ),
        text=(_driver, assignments.c.notes),
        own=(assignments.c.created_by, assignments.c.driver_id),
    )
)
