"""The instant of a record of which only the day is known."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fleetcore.kernel.days import Calendar, noon_of, stretch_of
from fleetcore.kernel.ports import UnitOfWork

from .ports import READINGS
from .readings import Meter

__all__ = ["fitting_instant"]


def fitting_instant(uow: UnitOfWork, vehicle_id: UUID, value: int, on: date, calendar: Calendar) -> datetime:
    """Return an instant of the day *on* at which an odometer of *value* metres fits between the day's other readings.

    Nobody said the hour, so a fill of the same morning must not make a jump of it.
    """
    start, end = stretch_of(on, calendar.timezone)
    at = noon_of(on, calendar)
    around = uow[READINGS].neighbours(vehicle_id, Meter.ODOMETER, at)
    while around.before is not None and around.before.at >= start and around.before.value > value:
        at = around.before.at
        around = uow[READINGS].neighbours(vehicle_id, Meter.ODOMETER, at)
    while around.after is not None and around.after.at < end and around.after.value < value:
        at = around.after.at
        around = uow[READINGS].neighbours(vehicle_id, Meter.ODOMETER, at)
    return at
