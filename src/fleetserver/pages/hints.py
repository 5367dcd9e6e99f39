"""What forms say beside a field from what is known already, so that one need not look it up."""

from __future__ import annotations

from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import Vehicle
from fleetcore.vehicles.readings import GetOdometer

from .records import Desk
from .visits import Visit

__all__ = ["last_odometer", "odometer_hint"]


def last_odometer(visit: Visit, vehicle: Vehicle) -> str:
    """Say what the odometer showed last; "" where nobody knows."""
    odometer = visit.answer(get_odometer, GetOdometer(vehicle_id=vehicle.id)).odometer
    last = visit.display.distance(odometer, vehicle)
    return visit.language.text("It was {last} the last time.", last=last) if last else ""


def odometer_hint(desk: Desk) -> str:
    """Say what the odometer of the vehicle showed last, beside the field of a record that is new."""
    return last_odometer(desk.visit, desk.vehicle) if desk.record is None and desk.vehicle is not None else ""
