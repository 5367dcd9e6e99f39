"""The course of a vehicle's odometer, and where it leads at the pace of the last year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from fleetcore.kernel.errors import Problem, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import add_months, local_date
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.reminders.model import Gauge
from fleetcore.reminders.outlook import outlook_of
from fleetcore.vehicles.model import Vehicle
from fleetcore.vehicles.ports import READING_LINES, OdometerRow

from .economy import READ, seen_vehicles
from .metering import OdometerCourse, OdometerForecast, OdometerPoint, OdometerReport
from .rules import check_range

__all__ = ["odometer_report"]

AHEAD_DAYS_MAX = 3660
POINTS_MAX = 400  # more cannot be told apart on a screen


@query("reports.odometer", permission=READ, snapshot=True)
def odometer_report(uow: UnitOfWork, command: OdometerReport) -> OdometerCourse:
    """Return how the odometer of a vehicle rose, and where it will stand if its use goes on as in the last year.

    Replaced meters are counted in. A vehicle that was sold has no forecast. Raises NotFound for a vehicle that is
    removed, unknown or out of reach, and Rejected with every problem.
    """
    reject_if_any(_problems(command))
    (vehicle,) = seen_vehicles(uow, command.vehicle_id)
    timezone = fleet_of(uow).timezone
    totals = _totals(uow[READING_LINES].lines([vehicle.id]).get(vehicle.id, []), timezone)
    chosen = [
        OdometerPoint(on=day, total=Distance(total))
        for day, total in sorted(totals.items())
        if (command.since is None or day >= command.since) and (command.until is None or day <= command.until)
    ]
    outlook = outlook_of(uow, vehicle.id, timezone)
    gauge = outlook.odometer_gauge()
    return OdometerCourse(
        vehicle_id=vehicle.id,
        name=vehicle.name,
        readings=len(chosen),
        points=tuple(_thinned(chosen)),
        per_day=Distance(round(gauge.pace / 1000)) if gauge is not None and gauge.pace else None,
        forecast=tuple(_forecast(vehicle, gauge, outlook.offset_m, local_date(uow.now, timezone), command.ahead_days)),
    )


def _problems(command: OdometerReport) -> Iterator[Problem]:
    yield from check_range(command)
    if not 0 <= command.ahead_days <= AHEAD_DAYS_MAX:
        yield Problem("ahead_days", f"must lie between 0 and {AHEAD_DAYS_MAX}")


def _totals(line: Sequence[OdometerRow], timezone: str) -> Mapping[date, int]:
    """Return what had been driven in all by the end of each day that has a reading."""
    totals, gained = {}, 0
    for at, value, replaced in line:
        if replaced is not None:
            gained += replaced - value
        totals[local_date(at, timezone)] = value + gained
    return totals


def _thinned(points: Sequence[OdometerPoint]) -> Sequence[OdometerPoint]:
    """Return at most ``POINTS_MAX`` of *points*, spread evenly, with the first and the last."""
    if len(points) <= POINTS_MAX:
        return points
    last = len(points) - 1
    return [points[round(place * last / (POINTS_MAX - 1))] for place in range(POINTS_MAX)]


def _forecast(
    vehicle: Vehicle, gauge: Gauge | None, offset_m: int, today: date, ahead_days: int
) -> Iterator[OdometerForecast]:
    """Yield the last reading, then the first day of each month to come, then the last day asked for."""
    if gauge is None or not gauge.pace or vehicle.sold_on is not None or not ahead_days:
        return
    last, end = date.fromordinal(gauge.day), today + timedelta(days=ahead_days)
    months = (add_months(today.replace(day=1), count) for count in range(1, ahead_days // 28 + 2))
    for day in (last, *(month for month in months if last < month < end), end):
        ahead = (day - last).days
        low, middle, high = (
            Distance(gauge.value + offset_m + round(pace * ahead / 1000))
            for pace in (gauge.pace_low, gauge.pace, gauge.pace_high)
        )
        yield OdometerForecast(on=day, total=middle, low=low, high=high)
