"""Mileage rates, what trips earn by them, and the business share of costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fleetcore.kernel.errors import Conflict, Forbidden
from fleetcore.kernel.money import UnitPrice
from fleetcore.reports.model import MileageReport, MileageSummary, TripTaxReport
from fleetcore.reports.trips import mileage_report, trip_tax_report
from fleetcore.testing.builders import a_reading, euros, join_fleet, km, new_vehicle
from fleetcore.trips.model import ListRates, RateTier, RemoveRate
from fleetcore.trips.rates import list_rates, remove_rate
from fleetcore.vehicles.meters import record_reading

from .conftest import Desk, after, problems_of


def eur(amount: str) -> UnitPrice:
    """Make a rate in euros."""
    return UnitPrice.of(amount, "EUR")


def mileage(desk: Desk, **asked: Any) -> MileageSummary:
    """Return the report of mileage."""
    return desk.core.read(desk.actor, mileage_report, MileageReport(**asked))


def on(year: int, month: int, day: int, **said: Any) -> dict[str, Any]:
    """Say that a trip began on a day at noon UTC."""
    start = datetime(year, month, day, 12, tzinfo=UTC)
    return {"started_at": start, "ended_at": start + timedelta(hours=4), **said}


def test_a_rate_holds_from_its_day_on(desk: Desk) -> None:
    """Each trip earns by the rate of its day; before the first rate it earns nothing."""
    desk.rate("0.30", date(2025, 1, 1))
    desk.rate("0.40", date(2026, 1, 1))
    for year in (2024, 2025, 2026):
        desk.record(**on(year, 5, 1, distance=km(100)))

    summary = mileage(desk)

    assert ((euros(70),), km(100), 3) == (summary.amounts, summary.unrated, summary.trips)


def test_a_tier_of_each_trip(desk: Desk) -> None:
    """The first twenty kilometres of every trip earn less than those beyond."""
    desk.rate("0.30", tier=RateTier.TRIP, tier_distance=km(20), per_km_beyond=eur("0.38"))
    desk.record(0, distance=km(30))
    desk.record(2, distance=km(10))

    assert mileage(desk).amounts == (euros("12.80"),)


def test_a_tier_of_a_year(desk: Desk) -> None:
    """What was driven earlier in the driver's year uses the tier up, also where it is not asked for."""
    tier = {"tier": RateTier.YEAR, "tier_distance": km(100), "per_km_beyond": eur("0.25"), "year_starts": "04-06"}
    desk.rate("0.45", date(2020, 1, 1), **tier)
    desk.record(**on(2026, 4, 5, distance=km(300)))
    desk.record(**on(2026, 4, 6, distance=km(80)))
    other = new_vehicle(desk.core, desk.actor, name="Bus")
    desk.record(**on(2026, 5, 1, distance=km(40)), vehicle_id=other.id)

    may = mileage(desk, since=date(2026, 5, 1))

    assert may.amounts == (euros("14.00"),)  # 20 km at 0.45, 20 km at 0.25
    assert mileage(desk, vehicle_id=other.id).amounts == (euros("14.00"),)


def test_rows_are_by_driver_vehicle_and_purpose(desk: Desk) -> None:
    """Each driver, vehicle and purpose has a row; the sums are those of the rows."""
    desk.rate("0.333")
    desk.record(0, tolls=euros(2), parking=euros(1))
    desk.record(2, driver_name="Zoe")
    desk.record(4, purpose="private")

    summary = mileage(desk)

    assert [("Ada", "business"), ("Ada", "private"), ("Zoe", "business")] == [
        (row.driver_name, row.purpose) for row in summary.rows
    ]
    assert ((euros("33.30"),), (euros(2),), (euros(1),)) == (summary.amounts, summary.tolls, summary.parking)
    assert mileage(desk, purposes=("Business",), driver_id=desk.actor.user_id).amounts == (euros("16.65"),)


def test_one_rate_a_day_and_purpose(desk: Desk) -> None:
    """A second rate on the same day is a conflict; a removed one makes room."""
    rate = desk.rate("0.30")
    with pytest.raises(Conflict, match="purpose and day"):
        desk.rate("0.40")
    desk.core.run(desk.actor, remove_rate, RemoveRate(id=rate.id))
    desk.rate("0.40")

    assert [eur("0.40")] == [each.per_km for each in desk.core.read(desk.actor, list_rates, ListRates())]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"tier": RateTier.TRIP}, "tier"),
        ({"per_km": eur("-1")}, "per_km"),
        ({"tier": RateTier.TRIP, "tier_distance": km(0), "per_km_beyond": eur("1")}, "tier_distance_km"),
        ({"tier": RateTier.TRIP, "tier_distance": km(5), "per_km_beyond": UnitPrice.of(1, "USD")}, "per_km_beyond"),
        ({"year_starts": "02-30"}, "year_starts"),
        ({"year_starts": "04-06"}, "year_starts"),
        ({"purpose": ""}, "purpose"),
    ],
)
def test_a_wrong_rate_is_refused(sqlite_desk: Desk, said: dict[str, Any], field: str) -> None:
    """Each fault of a rate is named."""
    command = {"per_km": eur("0.30")} | said
    price = command.pop("per_km")

    assert field in problems_of(lambda: sqlite_desk.rate(str(price.amount), **command))


def test_the_business_share_of_costs(desk: Desk) -> None:
    """Costs are shared by what the odometer shows; what no trip tells is not business."""
    desk.rate("0.30")
    desk.drive(0, 100, 150, tolls=euros(10))
    desk.drive(2, 150, 180, purpose="private")
    desk.core.run(desk.actor, record_reading, a_reading(desk.vehicle_id, 200, at=after(5)))

    (row,) = desk.core.read(desk.actor, trip_tax_report, TripTaxReport())

    assert (km(100), km(20), km(50), 0.5) == (row.driven, row.unlogged, row.business_distance, row.business_share)
    assert ((euros(10),), (euros(5),), (euros(15),)) == (row.costs, row.business_costs, row.allowance)


def test_a_vehicle_that_stood_has_no_share(desk: Desk) -> None:
    """Nothing driven is no share, not a fault."""
    (row,) = desk.core.read(desk.actor, trip_tax_report, TripTaxReport(vehicle_id=desk.vehicle_id))

    assert (None, (), km(0)) == (row.business_share, row.business_costs, row.driven)


def test_the_tax_report_needs_all_trips(desk: Desk) -> None:
    """A mechanic, who sees some costs but no trips, gets no tax report."""
    mechanic = join_fleet(desk.core, desk.actor, "Cora", "mechanic")

    with pytest.raises(Forbidden):
        desk.core.read(mechanic, trip_tax_report, TripTaxReport())


def test_days_are_in_order(desk: Desk) -> None:
    """A report that ends before it begins is refused."""
    asked = {"since": date(2026, 5, 2), "until": date(2026, 5, 1)}

    assert {"until": "invalid"} == problems_of(lambda: mileage(desk, **asked))
    assert {"until": "invalid"} == problems_of(
        lambda: desk.core.read(desk.actor, trip_tax_report, TripTaxReport(**asked))
    )
    assert {"until": "invalid"} == problems_of(lambda: desk.logbook(**asked))
