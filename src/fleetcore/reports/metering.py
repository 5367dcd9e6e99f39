"""The course of a vehicle's odometer and where it leads: the question and the answer."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.quantities import Distance

__all__ = ["OdometerCourse", "OdometerForecast", "OdometerPoint", "OdometerReport"]


@frozen(kw_only=True)
class OdometerReport:
    """Ask how a vehicle's odometer rose between *since* and *until*, both included, and where it will stand.

    The forecast reaches *ahead_days* from today; 0 leaves it out.
    """

    vehicle_id: UUID
    since: date | None = None
    until: date | None = None
    ahead_days: int = 365


@frozen(kw_only=True)
class OdometerPoint:
    """What the vehicle had driven in all by a day, replaced meters counted in."""

    on: date
    total: Distance


@frozen(kw_only=True)
class OdometerForecast:
    """Where the total will probably stand *on* a day: between *low* and *high*, as the pace varied so far."""

    on: date
    total: Distance
    low: Distance
    high: Distance


@frozen(kw_only=True)
class OdometerCourse:
    """The last reading of each day, oldest first, at most some hundreds of them spread evenly; and the forecast.

    *per_day* is the pace of the last year, None where readings are too few. *forecast* begins with the last reading.
    """

    vehicle_id: UUID
    name: str
    readings: int
    points: tuple[OdometerPoint, ...]
    per_day: Distance | None = None
    forecast: tuple[OdometerForecast, ...] = ()
