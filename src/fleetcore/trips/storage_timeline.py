"""What trips put on a vehicle's timeline."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import trips

__all__ = ["TRIP_TIMELINE_STORE"]


def _words(row: Row[Any], question: TimelineQuestion) -> tuple[str, str]:
    metres = row.distance_m
    if metres is None and row.start_odometer_m is not None and row.end_odometer_m is not None:
        metres = row.end_odometer_m - row.start_odometer_m
    way = " to ".join(filter(None, (row.start_place, row.end_place))) if question.with_places else ""
    far = "" if metres is None else f"{Distance(metres).km:.1f} km"
    return f"{row.purpose.replace('_', ' ')} trip", ", ".join(filter(None, (far, way, row.client, row.driver_name)))


TOLD = (
    *("purpose", "client", "driver_name", "distance_m", "start_odometer_m", "end_odometer_m"),
    *("start_place", "end_place"),
)

TRIP_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="trip",
        table=trips,
        moment=trips.c.started_at,
        words=_words,
        others=tuple(trips.c[name] for name in TOLD),
        text=tuple(trips.c[name] for name in ("purpose", "client", "driver_name", "notes", "tags")),
        place_text=(trips.c.start_place, trips.c.end_place),
        odometer=trips.c.end_odometer_m,
        own=(trips.c.created_by, trips.c.driver_id),
        where=(trips.c.deleted_at.is_(None),),
    )
)
