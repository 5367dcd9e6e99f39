"""A year in figures, the one before beside it: hand-computed, and against the raw facts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.quantities import Distance, Energy
from fleetcore.reports.yearly import yearly_report
from fleetcore.reports.years import YearlyReport, YearlySummary
from fleetcore.testing.builders import join_fleet
from fleetcore.trips.model import RecordTrip
from fleetcore.trips.service import record_trip
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import Vehicle

from .garage import Garage, day, money, statements
from .test_ownership import repair


def year_of(garage: Garage, year: int = 2025, **asked: Any) -> YearlySummary:
    """Ask for a year."""
    return garage.core.read(garage.actor, yearly_report, YearlyReport(year=year, **asked))


def drive(garage: Garage, vehicle: Vehicle, on: str, km: int, purpose: str) -> None:
    """Record a trip."""
    start = day(on)
    trip = RecordTrip(
        vehicle_id=vehicle.id,
        started_at=start,
        ended_at=start + timedelta(hours=1),
        distance=Distance.of(km),
        purpose=purpose,
        driver_name="Ada",
    )
    garage.core.run(garage.actor, record_trip, trip)


def two_years(garage: Garage) -> Vehicle:
    """A Golf with 1,000 km, 60 l and 125 euros in 2025, and 500 km, 30 l and 48 euros in 2024."""
    golf = garage.vehicle()
    for on, km, litres, total in (
        ("2024-03-01", 9000, 40, "0"),
        ("2024-09-01", 9500, 30, "48"),
        ("2025-02-01", 10_000, 40, "0"),
        ("2025-06-01", 10_400, 24, "40"),
        ("2025-11-30", 11_000, 36, "60"),
    ):
        garage.fill(golf, on, km, litres, total)
    garage.spend(golf, "2025-12-31", "25", "tax")
    return golf


def test_a_year_stands_beside_the_one_before(garage: Garage) -> None:
    """Distance, quantity, consumption and costs of 2025, and of 2024 beside them."""
    two_years(garage)

    (row,) = year_of(garage).vehicles
    now, before = row.figures, row.before

    assert (1000, 500) == (now.distance.km, before.distance.km)
    assert ((money("125"),), (money("48"),)) == (now.costs, before.costs)
    assert (100, 6.0, 3) == (now.energy[0].volume.litres, now.energy[0].consumption_l_per_100km, now.fills)
    assert (70, 6.0, 2) == (before.energy[0].volume.litres, before.energy[0].consumption_l_per_100km, before.fills)


def test_costs_are_split_by_kind_and_month(garage: Garage) -> None:
    """The last day of the year belongs to it."""
    two_years(garage)

    (row,) = year_of(garage).vehicles

    assert {"Fuel": "100.00 EUR", "Tax": "25.00 EUR"} == {one.label: str(one.costs[0]) for one in row.figures.groups}
    assert {"2025-06": "40.00 EUR", "2025-11": "60.00 EUR", "2025-12": "25.00 EUR"} == {
        one.month: str(one.costs[0]) for one in row.figures.months
    }


def test_burnt_fuel_has_an_estimate_of_co2(garage: Garage) -> None:
    """100 litres of petrol at 2.287 kg each, with the source of that figure."""
    two_years(garage)

    found = year_of(garage)

    assert 228.7 == found.fleet.figures.co2_kg
    assert [(Carrier.PETROL, 2287, "l")] == [(one.carrier, one.grams, one.unit) for one in found.factors]
    assert "IPCC" in found.factors[0].source


def test_electricity_needs_to_know_its_grid(garage: Garage) -> None:
    """A charge has no CO2 unless somebody says what the grid emits; the report says so."""
    zoe = garage.vehicle("Zoe", carriers=(Carrier.ELECTRICITY,))
    garage.fill(
        zoe, "2025-03-01", 100, 0, "10", carrier=Carrier.ELECTRICITY, volume=None, energy=Energy.of(40), is_full=True
    )

    without, with_grid = year_of(garage), year_of(garage, grid_g_per_kwh=300)

    assert (None, 12.0) == (without.fleet.figures.co2_kg, with_grid.fleet.figures.co2_kg)
    assert any("electricity" in note for note in without.notes)


def test_trips_tell_the_business_share(garage: Garage) -> None:
    """250 of 1,000 km on business is a quarter; only trips of the year count."""
    golf = two_years(garage)
    drive(garage, golf, "2025-03-01", 250, "business")
    drive(garage, golf, "2025-04-01", 100, "private")
    drive(garage, golf, "2024-12-31", 70, "business")

    (row,) = year_of(garage).vehicles

    assert (2, 350, 250, 0.25) == (
        row.figures.trips,
        row.figures.trip_distance.km,
        row.figures.business_distance.km,
        row.figures.business_share,
    )
    assert (1, 70 / 500) == (row.before.trips, row.before.business_share)


def test_records_are_counted(garage: Garage) -> None:
    """Services and repairs of the year."""
    golf = two_years(garage)
    for on, category in (("2025-01-01", "repair"), ("2025-05-01", "routine"), ("2024-05-01", "repair")):
        repair(garage, golf, on, "10", category)

    (row,) = year_of(garage).vehicles

    assert ((2, 1), (1, 1)) == ((row.figures.services, row.figures.repairs), (row.before.services, row.before.repairs))


def test_the_fleet_is_the_sum_of_its_vehicles(garage: Garage) -> None:
    """Two Golfs are twice one, and costs of no vehicle come on top."""
    two_years(garage)
    two_years(garage)
    garage.spend(None, "2025-05-01", "7")

    found = year_of(garage)

    assert (2, 2000, (money("257"),)) == (
        len(found.vehicles),
        found.fleet.figures.distance.km,
        found.fleet.figures.costs,
    )
    assert 6.0 == found.fleet.figures.energy[0].consumption_l_per_100km
    assert (None, "Home") == (found.fleet.vehicle_id, found.fleet.name)


def test_one_vehicle_alone(garage: Garage) -> None:
    """With a vehicle the summary is of it alone, without costs of the fleet; idle vehicles have no row."""
    golf = two_years(garage)
    garage.vehicle("Idle")
    garage.spend(None, "2025-05-01", "7")

    assert (money("125"),) == year_of(garage, vehicle_id=golf.id).fleet.figures.costs
    assert ["Golf"] == [row.name for row in year_of(garage).vehicles]


@pytest.mark.parametrize("asked", [{"year": 0}, {"year": 2500}, {"grid_g_per_kwh": -1}, {"grid_g_per_kwh": 99_999}])
def test_a_year_is_a_year(garage: Garage, asked: dict[str, Any]) -> None:
    """Years lie in the calendar of cars, a grid emits something real."""
    with pytest.raises(Rejected):
        year_of(garage, **asked)


def test_the_years_of_others_are_theirs(garage: Garage) -> None:
    """Another fleet sees nothing, a driver has no such report, an accountant sees it all but no fewer trips."""
    golf = two_years(garage)
    neighbour = Garage(garage.core, garage.core.create_fleet("Next door"))

    assert () == year_of(neighbour).vehicles
    with pytest.raises(NotFound):
        year_of(neighbour, vehicle_id=golf.id)
    with pytest.raises(Forbidden):
        year_of(Garage(garage.core, join_fleet(garage.core, garage.actor)))


def test_more_records_take_no_more_statements(garage: Garage) -> None:
    """Forty records take as many statements as four."""
    golf = garage.vehicle()

    def live(times: int, month: int) -> int:
        for number in range(times):
            garage.fill(golf, f"2025-{month:02}-{number + 1:02}", None, 40, "60")
            repair(garage, golf, "2025-05-01", "5")
            drive(garage, golf, f"2025-{month:02}-{number + 1:02}", 10, "business")
        with statements(garage.core) as sent:
            year_of(garage)
        return len(sent)

    assert live(2, 1) == live(20, 2)


FILLED = st.lists(
    st.tuples(st.dates(date(2023, 12, 1), date(2026, 1, 31)), st.integers(5, 60), st.integers(100, 20_000)),
    min_size=1,
    max_size=10,
    unique_by=lambda row: row[0],
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILLED)
def test_the_figures_are_those_of_the_facts(sqlite_garage: Garage, filled: list[tuple[date, int, int]]) -> None:
    """Whenever was filled how much, litres, costs and months of both years are the sums of the fills."""
    golf = sqlite_garage.vehicle("Golf")
    for on, litres, cents in sorted(filled):
        sqlite_garage.fill(golf, str(on), None, litres, f"{cents / 100:.2f}")

    found = year_of(sqlite_garage, vehicle_id=golf.id).fleet

    for year, figures in ((2025, found.figures), (2024, found.before)):
        of_year = [row for row in filled if row[0].year == year]
        assert sum(litres for _, litres, _ in of_year) == sum(int(one.quantity.litres) for one in figures.energy)
        assert sum(cents for *_, cents in of_year) == sum(amount.minor for amount in figures.costs)
        months = {f"{on:%Y-%m}": 0 for on, *_ in of_year}
        for on, _, cents in of_year:
            months[f"{on:%Y-%m}"] += cents
        assert months == {one.month: one.costs[0].minor for one in figures.months}
