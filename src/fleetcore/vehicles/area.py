"""What the vehicles area brings to a Core."""

from __future__ import annotations

from uuid import UUID

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import Record, UnitOfWork

from . import meters, service
from .events import EVENTS
from .ports import GRANTS, READING_LINES, READINGS, VEHICLES
from .storage import SqlVehicleStore
from .storage_lines import SqlReadingLines
from .storage_readings import SqlGrantStore, SqlReadingStore

__all__ = ["AREA"]


def find_vehicle(uow: UnitOfWork, vehicle_id: UUID) -> Record:
    """Return a vehicle as a record of its own."""
    return Record(
        vehicle_id=vehicle_id,
        created_by=uow[VEHICLES].get(vehicle_id).created_by,
        read_permission="vehicles.read",
        write_permission="vehicles.write",
    )


AREA = Area(
    name="vehicles",
    stores={
        VEHICLES: SqlVehicleStore,
        READINGS: SqlReadingStore,
        READING_LINES: SqlReadingLines,
        GRANTS: SqlGrantStore,
    },
    operations=(
        service.add_vehicle,
        service.edit_vehicle,
        service.change_state,
        service.remove_vehicle,
        service.restore_vehicle,
        service.purge_vehicles,
        service.get_vehicle,
        service.list_vehicles,
        service.check_vin,
        service.grant_vehicle,
        service.revoke_grant,
        service.list_grants,
        meters.record_reading,
        meters.void_reading,
        meters.replace_meter,
        meters.list_readings,
        meters.get_odometer,
    ),
    events=EVENTS,
    records={"vehicles.vehicle": find_vehicle},
)
