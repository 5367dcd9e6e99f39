"""The course of the odometer: what it showed, and where it leads."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.quantities import Distance
from fleetcore.reports.metering import OdometerCourse, OdometerReport
from fleetcore.reports.odometer import odometer_report
from fleetcore.vehicles.meters import replace_meter
from fleetcore.vehicles.model import EditVehicle, Vehicle
from fleetcore.vehicles.readings import ReplaceMeter
from fleetcore.vehicles.service import edit_vehicle

from .garage import Garage, day, statements


def course(garage: Garage, vehicle: Vehicle, **asked: Any) -> OdometerCourse:
    """Ask for the course."""
    return garage.core.read(garage.actor, odometer_report, OdometerReport(vehicle_id=vehicle.id, **asked))


def steady(garage: Garage) -> Vehicle:
    """A car that drives 1,000 km in each month of the year before 1 June 2026."""
    golf = garage.vehicle()
    for month in range(12):
        on = date(2025 + (month + 5) // 12, (month + 5) % 12 + 1, 1)
        garage.read(golf, on.isoformat(), 10_000 + 1000 * month)
    return golf


def test_readings_stand_day_by_day(garage: Garage) -> None:
    """The last one of each day, oldest first."""
    golf = garage.vehicle()
    garage.read(golf, "2026-01-01T08:00", 1000)
    garage.read(golf, "2026-01-01T18:00", 1080)
    garage.read(golf, "2026-01-05", 1200)

    points = course(garage, golf).points

    assert [(date(2026, 1, 1), 1080), (date(2026, 1, 5), 1200)] == [(each.on, each.total.km) for each in points]


def test_it_goes_on_as_in_the_last_year(garage: Garage) -> None:
    """About 1,000 km a month, between bounds that hold it, from the last reading to the day asked for."""
    found = course(garage, steady(garage), ahead_days=365)

    first, *_, last = found.forecast
    assert (date(2026, 5, 1), 21_000) == (first.on, first.total.km)
    assert date(2027, 6, 1) == last.on
    assert 33_500 < last.total.km < 35_000
    assert all(each.low <= each.total <= each.high for each in found.forecast)
    assert [each.on for each in found.forecast] == sorted(each.on for each in found.forecast)


def test_a_new_meter_goes_on_where_the_old_one_ended(garage: Garage) -> None:
    """The total never falls."""
    golf = garage.vehicle()
    garage.read(golf, "2026-01-01", 200_000)
    garage.core.run(
        garage.actor,
        replace_meter,
        ReplaceMeter(
            vehicle_id=golf.id, at=day("2026-02-01"), old_odometer=Distance.of("201000"), new_odometer=Distance.of("5")
        ),
    )
    garage.read(golf, "2026-03-01", 1005)

    found = course(garage, golf)

    assert [200_000, 201_000, 202_000] == [each.total.km for each in found.points]
    assert found.forecast[0].total.km == 202_000


def test_days_are_chosen(garage: Garage) -> None:
    """Both included; the forecast is left out where nobody wants it."""
    found = course(garage, steady(garage), since=date(2026, 2, 1), until=date(2026, 3, 1), ahead_days=0)

    assert ([date(2026, 2, 1), date(2026, 3, 1)], ()) == ([each.on for each in found.points], found.forecast)


def test_many_readings_are_thinned(garage: Garage) -> None:
    """The first and the last stay, and how many there were is told."""
    golf = garage.vehicle()
    for number in range(410):
        on = date.fromordinal(date(2025, 1, 1).toordinal() + number)
        garage.read(golf, on.isoformat(), 1000 + number)

    found = course(garage, golf)

    assert (410, 400) == (found.readings, len(found.points))
    assert (1000, 1409) == (found.points[0].total.km, found.points[-1].total.km)


def test_without_readings_there_is_nothing(garage: Garage) -> None:
    """With one there is no pace yet; what was sold goes nowhere."""
    golf = garage.vehicle()
    assert ((), (), None) == (course(garage, golf).points, course(garage, golf).forecast, course(garage, golf).per_day)
    garage.read(golf, "2026-01-01", 1000)
    assert () == course(garage, golf).forecast
    driven = steady(garage)
    sold = EditVehicle(
        id=driven.id, version=driven.version, name="Sold", carriers=driven.carriers, sold_on=date(2026, 5, 2)
    )
    garage.core.run(garage.actor, edit_vehicle, sold)
    assert () == course(garage, driven).forecast


def test_impossible_questions_are_refused_and_others_vehicles_are_not_there(garage: Garage) -> None:
    """Each with its reason."""
    golf = garage.vehicle()
    with pytest.raises(Rejected, match="lies before"):
        course(garage, golf, since=date(2026, 2, 1), until=date(2026, 1, 1))
    with pytest.raises(Rejected, match="must lie between"):
        course(garage, golf, ahead_days=99_999)
    others = Garage(garage.core, garage.core.create_fleet("Company"))
    with pytest.raises(NotFound):
        course(others, golf)


def test_more_readings_take_no_more_statements(garage: Garage) -> None:
    """At most eight."""
    golf = steady(garage)
    with statements(garage.core) as few:
        course(garage, golf)
    for number in range(40):
        garage.read(golf, "2026-05-20", 21_000 + number)
    with statements(garage.core) as many:
        course(garage, golf)
    assert len(few) == len(many) <= 8
