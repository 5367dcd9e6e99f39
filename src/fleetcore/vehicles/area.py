"""What the vehicles area brings to a Core."""

from __future__ import annotations

from uuid import UUID

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import Record, UnitOfWork

from . import drivers, meters, service
from .events import EVENTS
from .ports import ASSIGNMENT_TIMELINE, ASSIGNMENTS, GRANTS, READING_LINES, READING_TIMELINE, READINGS, VEHICLES
from .storage import SqlVehicleStore
from .storage_grants import SqlAssignmentStore, SqlGrantStore
from .storage_lines import SqlReadingLines
from .storage_readings import SqlReadingStore
from .storage_timeline import ASSIGNMENT_TIMELINE_STORE, READING_TIMELINE_STORE

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
        READING_TIMELINE: READING_TIMELINE_STORE,
        ASSIGNMENT_TIMELINE: ASSIGNMENT_TIMELINE_STORE,
        VEHICLES: SqlVehicleStore,
        READINGS: SqlReadingStore,
        READING_LINES: SqlReadingLines,
        GRANTS: SqlGrantStore,
        ASSIGNMENTS: SqlAssignmentStore,
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
        service.page_vehicles,
        service.grant_vehicle,
        service.revoke_grant,
        service.get_grant,
        service.list_grants,
        drivers.assign_driver,
        drivers.hand_over,
        drivers.edit_assignment,
        drivers.delete_assignment,
        drivers.list_assignments,
        drivers.who_drove,
        meters.record_reading,
        meters.void_reading,
        meters.replace_meter,
        meters.get_reading,
        meters.list_readings,
        meters.get_odometer,
    ),
    events=EVENTS,
    records={"vehicles.vehicle": find_vehicle},
)
