"""Where the odometers of all vehicles stand: one look for whole fleets."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.operations import query

from .access import reachable_vehicles
from .model import ListVehicles
from .ports import READING_LINES, VEHICLES

__all__ = ["ListOdometers", "ShownOdometer", "list_odometers"]


@frozen(kw_only=True)
class ListOdometers:
    """Ask what the odometer of every vehicle showed last."""


@frozen(kw_only=True)
class ShownOdometer:
    """What an odometer showed last, and when."""

    vehicle_id: UUID
    odometer: Distance
    at: datetime


@query("vehicles.list_odometers", permission="vehicles.read")
def list_odometers(uow: UnitOfWork, command: ListOdometers) -> tuple[ShownOdometer, ...]:  # noqa: ARG001 - it asks for all
    """Return what the odometers of the vehicles that the actor may see showed last; none of those without a reading."""
    reachable = reachable_vehicles(uow, "vehicles.read")
    ids = [vehicle.id for vehicle in uow[VEHICLES].list(ListVehicles()) if reachable is None or vehicle.id in reachable]
    newest = uow[READING_LINES].newest(ids)
    return tuple(
        ShownOdometer(vehicle_id=vehicle_id, odometer=Distance(newest[vehicle_id][1]), at=newest[vehicle_id][0])
        for vehicle_id in ids
        if vehicle_id in newest
    )
