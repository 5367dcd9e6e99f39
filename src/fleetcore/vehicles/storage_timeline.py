"""What readings that people took themselves put on a vehicle's timeline; those of records stand with the records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .readings import Meter
from .storage_readings import ONLY_LIVE, READ_BY_HAND, readings

__all__ = ["READING_TIMELINE_STORE"]


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
