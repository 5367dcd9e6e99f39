"""What the imports area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.events import VehiclePurged

from . import service, services
from .events import EVENTS
from .ports import IMPORT_TIMELINE, IMPORTS
from .storage import SqlImportStore
from .storage_timeline import IMPORT_TIMELINE_STORE

__all__ = ["AREA"]


def purge_rows(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the imported rows of a purged vehicle."""
    uow[IMPORTS].purge(event.vehicle_id)


AREA = Area(
    name="imports",
    stores={IMPORT_TIMELINE: IMPORT_TIMELINE_STORE, IMPORTS: SqlImportStore},
    operations=(
        service.preview_import,
        service.import_log,
        service.get_import,
        service.list_imports,
        service.undo_import,
        services.convert_services,
    ),
    events=EVENTS,
    reactions={VehiclePurged: purge_rows},
)
