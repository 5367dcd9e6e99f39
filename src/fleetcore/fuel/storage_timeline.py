"""What fills put on a vehicle's timeline."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_

from fleetcore.kernel.quantities import Energy, Mass, Volume
from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import KINDS, fills
from .storage_stations import stations

__all__ = ["FILL_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    quantity = KINDS[row.quantity_kind](row.quantity)
    amount = ""
    match quantity:
        case Volume():
            amount = f"{quantity.litres:.2f} l"
        case Mass():
            amount = f"{quantity.kg:.2f} kg"
        case Energy():
            amount = f"{quantity.kwh:.2f} kWh"
    full = "" if row.is_full else "not full"
    return row.carrier.replace("_", " "), ", ".join(filter(None, (amount, row.station or row.place, full, row.notes)))


FILL_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="fill",
        table=fills,
        source=fills.outerjoin(
            stations, and_(stations.c.fleet_id == fills.c.fleet_id, stations.c.id == fills.c.station_id)
        ),
        moment=fills.c.at,
        words=_words,
        others=(
            *(fills.c[name] for name in ("carrier", "quantity_kind", "quantity", "is_full", "place", "notes")),
            stations.c.name.label("station"),
        ),
        text=(fills.c.carrier, fills.c.place, fills.c.notes, fills.c.tags, stations.c.name),
        money=(fills.c.total_minor, fills.c.currency),
        odometer=fills.c.odometer_m,
        own=(fills.c.created_by, fills.c.driver_id),
        where=(fills.c.deleted_at.is_(None),),
    )
)
