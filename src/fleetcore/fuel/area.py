"""What the fuel area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.access import record_finder
from fleetcore.vehicles.events import VehiclePurged

from . import service, stations
from .events import EVENTS
from .ports import FILL_LOGS, FILL_TIMELINE, FILLS, STATIONS
from .storage import SqlFillStore
from .storage_logs import SqlFillLogs
from .storage_stations import SqlStationStore
from .storage_timeline import FILL_TIMELINE_STORE

__all__ = ["AREA"]


def purge_fills(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the fills of a purged vehicle; the ledger keeps their entries."""
    uow[FILLS].purge(event.vehicle_id)


AREA = Area(
    name="fuel",
    stores={FILL_TIMELINE: FILL_TIMELINE_STORE, FILLS: SqlFillStore, FILL_LOGS: SqlFillLogs, STATIONS: SqlStationStore},
    operations=(
        service.record_fill,
        service.edit_fill,
        service.delete_fill,
        service.restore_fill,
        service.get_fill,
        service.list_fills,
        stations.add_station,
        stations.edit_station,
        stations.delete_station,
        stations.get_station,
        stations.list_stations,
    ),
    events=EVENTS,
    reactions={VehiclePurged: purge_fills},
    records={service.SOURCE: record_finder(FILLS, service.READ, service.WRITE)},
)
