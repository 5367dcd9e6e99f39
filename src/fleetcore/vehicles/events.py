"""What is told after something about a vehicle was accepted."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.quantities import Distance, EngineHours

from .model import VehicleState
from .readings import Meter

__all__ = [
    "EVENTS",
    "AssignmentDeleted",
    "AssignmentEdited",
    "DriverAssigned",
    "GrantRevoked",
    "MeterReplaced",
    "MetersMoved",
    "ReadingRecorded",
    "ReadingVoided",
    "VehicleAdded",
    "VehicleEdited",
    "VehicleGranted",
    "VehiclePurged",
    "VehicleRemoved",
    "VehicleRestored",
    "VehicleStateChanged",
    "Work",
]


@event("vehicles.vehicle_added", key="vehicle_id")
@frozen(kw_only=True)
class VehicleAdded(Event):
    """A vehicle joined the fleet."""

    vehicle_id: UUID
    vehicle_name: str


@event("vehicles.vehicle_edited", key="vehicle_id")
@frozen(kw_only=True)
class VehicleEdited(Event):
    """What is said of a vehicle was changed."""

    vehicle_id: UUID


@event("vehicles.vehicle_state_changed", key="vehicle_id")
@frozen(kw_only=True)
class VehicleStateChanged(Event):
    """A vehicle moved from one state to another."""

    vehicle_id: UUID
    old_state: VehicleState
    new_state: VehicleState


@event("vehicles.vehicle_removed", key="vehicle_id")
@frozen(kw_only=True)
class VehicleRemoved(Event):
    """A vehicle and its records were put out of sight."""

    vehicle_id: UUID


@event("vehicles.vehicle_restored", key="vehicle_id")
@frozen(kw_only=True)
class VehicleRestored(Event):
    """A removed vehicle came back."""

    vehicle_id: UUID


@event("vehicles.vehicle_purged", key="vehicle_id")
@frozen(kw_only=True)
class VehiclePurged(Event):
    """A removed vehicle was erased for good."""

    vehicle_id: UUID


@event("vehicles.reading_recorded", key="vehicle_id")
@frozen(kw_only=True)
class ReadingRecorded(Event):
    """A meter's value was noted, in metres or tenths of an hour."""

    vehicle_id: UUID
    reading_id: UUID
    meter: Meter
    value: int
    at: datetime


@event("vehicles.reading_voided", key="vehicle_id")
@frozen(kw_only=True)
class ReadingVoided(Event):
    """A reading was taken back."""

    vehicle_id: UUID
    reading_id: UUID


@event("vehicles.meter_replaced", key="vehicle_id")
@frozen(kw_only=True)
class MeterReplaced(Event):
    """The odometer was exchanged."""

    vehicle_id: UUID
    reading_id: UUID


@frozen(kw_only=True)
class Work:
    """What a record says was done beside its readings: the reminders it answers, and those it no longer does.

    A restored record answers again whatever has become of its reminders.
    """

    record_id: UUID
    done_on: date
    odometer: Distance | None = None
    engine_hours: EngineHours | None = None
    answers: tuple[UUID, ...] = ()
    released: tuple[UUID, ...] = ()
    is_restored: bool = False


@event("vehicles.meters_moved", key="vehicle_id", inner=True)
@frozen(kw_only=True)
class MetersMoved(Event):
    """Readings of a vehicle were added or taken back, by whatever record: for reactions, once per write.

    *work* is what the record of the readings did, so that reminders are judged once, by both.
    """

    vehicle_id: UUID
    work: Work | None = None


@event("vehicles.vehicle_granted", key="vehicle_id")
@frozen(kw_only=True)
class VehicleGranted(Event):
    """A member may use a vehicle."""

    vehicle_id: UUID
    grant_id: UUID
    user_id: UUID


@event("vehicles.grant_revoked", key="vehicle_id")
@frozen(kw_only=True)
class GrantRevoked(Event):
    """A member may no longer use a vehicle."""

    vehicle_id: UUID
    grant_id: UUID


@event("vehicles.driver_assigned", key="vehicle_id")
@frozen(kw_only=True)
class DriverAssigned(Event):
    """Somebody got a vehicle to drive; *driver_id* is None for someone who is no member."""

    vehicle_id: UUID
    assignment_id: UUID
    driver_id: UUID | None


@event("vehicles.assignment_edited", key="vehicle_id")
@frozen(kw_only=True)
class AssignmentEdited(Event):
    """The times or notes of an assignment were changed."""

    vehicle_id: UUID
    assignment_id: UUID


@event("vehicles.assignment_deleted", key="vehicle_id")
@frozen(kw_only=True)
class AssignmentDeleted(Event):
    """An assignment that never was, or will not be, is gone."""

    vehicle_id: UUID
    assignment_id: UUID


EVENTS: tuple[type[Event], ...] = (
    VehicleAdded,
    VehicleEdited,
    VehicleStateChanged,
    VehicleRemoved,
    VehicleRestored,
    VehiclePurged,
    ReadingRecorded,
    ReadingVoided,
    MeterReplaced,
    VehicleGranted,
    GrantRevoked,
    DriverAssigned,
    AssignmentEdited,
    AssignmentDeleted,
)
