"""The economy report: what each vehicle takes of each carrier."""

from __future__ import annotations

from datetime import date

import pytest

from fleetcore.fuel.model import DeleteFill
from fleetcore.fuel.service import delete_fill
from fleetcore.kernel.consumption import ConsumptionUnit
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.kernel.wire import unstructure
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import replace_meter
from fleetcore.vehicles.model import RemoveVehicle, RestoreVehicle, Vehicle
from fleetcore.vehicles.readings import ReplaceMeter
from fleetcore.vehicles.service import remove_vehicle, restore_vehicle

from .garage import Garage, day, money


def log_of_five(garage: Garage) -> Vehicle:
    """Fill a vehicle as in the well-known test vector: 7.2222 l/100 km, then 7 after a missed fill."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-01", 10_000, 40, "60")
    garage.fill(golf, "2026-01-10", 10_400, 20, "30", is_full=False)
    garage.fill(golf, "2026-01-20", 10_900, 45, "70")
    garage.fill(golf, "2026-02-01", 11_500, 50, "80", missed_previous=True)
    garage.fill(golf, "2026-02-10", 12_000, 35, "50")
    return golf


def test_row_says_how_far_how_much_and_at_what_cost(garage: Garage) -> None:
    """Sums are of all fills, consumption of the closed intervals only."""
    golf = log_of_five(garage)

    (row,) = garage.economy(golf)

    assert (golf.id, "Golf", Carrier.PETROL, 5) == (row.vehicle_id, row.name, row.carrier, row.fills)
    assert (Volume.of(190), None, None, Distance.of(2000)) == (row.volume, row.mass, row.energy, row.distance)
    assert row.consumption_l_per_100km == pytest.approx(100 * (20 + 45 + 35) / 1400)
    assert (2, Distance.of(1400)) == (row.intervals_closed, row.distance_closed)
    assert (money("290"),) == row.costs
    assert (UnitPrice.of("10.714286", "EUR"),) == row.costs_per_100km  # (30 + 70 + 50) / 14
    assert (UnitPrice.of("1.526316", "EUR"),) == row.average_prices  # 290 / 190
    assert (day("2026-01-01"), day("2026-02-10")) == (row.first_fill_at, row.last_fill_at)


def test_best_and_worst_interval_are_named(garage: Garage) -> None:
    """Best is the lowest consumption; intervals are listed when asked for, oldest first."""
    golf = log_of_five(garage)

    (row,) = garage.economy(golf, with_intervals=True)

    assert row.best is not None
    assert row.worst is not None
    assert [pytest.approx(7.0), pytest.approx(65 / 9)] == [
        row.best.consumption_per_100km,
        row.worst.consumption_per_100km,
    ]
    assert (row.worst, row.best) == row.intervals
    assert ((money("100"),), 2, "full_to_full") == (row.worst.costs, row.worst.fills, row.worst.method)
    assert (day("2026-01-01"), day("2026-01-20")) == (row.worst.opened_at, row.worst.closed_at)
    assert row.course == tuple(interval.consumption_per_100km for interval in row.intervals)
    assert () == garage.economy(golf)[0].intervals


def test_consumption_that_cannot_be_known_is_none(garage: Garage) -> None:
    """One fill closes nothing."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-01", 10_000, 40, "60")

    (row,) = garage.economy()

    assert (None, None, None, ()) == (row.consumption_per_100km, row.best, row.worst, row.costs_per_100km)
    assert ("unknown", Distance(0)) == (row.trend.direction, row.distance)
    assert "too few" in row.trend.sentence


def test_each_carrier_has_a_row_in_its_unit(garage: Garage) -> None:
    """A plug-in hybrid has two, a gas car one in kilograms; the wire names the unit."""
    hybrid = garage.vehicle("A hybrid", carriers=(Carrier.PETROL, Carrier.ELECTRICITY))
    gas = garage.vehicle("B gas", carriers=(Carrier.CNG,))
    for on, km in (("2026-01-01", 1000), ("2026-01-05", 1200)):
        garage.fill(hybrid, on, km, 10, "15")
        garage.fill(hybrid, f"{on}T18:00", km, 0, "3", volume=None, energy=Energy.of(12))
        garage.fill(gas, on, km, 0, "9", volume=None, mass=Mass.of(9))

    rows = garage.economy()

    assert [("A hybrid", "electricity"), ("A hybrid", "petrol"), ("B gas", "cng")] == [
        (row.name, row.carrier) for row in rows
    ]
    assert [6.0, 5.0, 4.5] == [row.consumption_per_100km for row in rows]
    assert [ConsumptionUnit.KWH_PER_100KM, ConsumptionUnit.L_PER_100KM, ConsumptionUnit.KG_PER_100KM] == [
        row.consumption_unit for row in rows
    ]
    assert (24.0, 200.0, 6.0) == tuple(
        unstructure(rows[0])[name] for name in ("energy_kwh", "distance_km", "consumption_kwh_per_100km")
    )
    assert ("petrol",) == tuple(row.carrier for row in garage.economy(carrier=Carrier.PETROL))


def test_consumables_are_left_out(garage: Garage) -> None:
    """No vehicle moves by AdBlue; asking for it says so."""
    golf = garage.vehicle(carriers=(Carrier.DIESEL,))
    garage.fill(golf, "2026-01-01", 10_000, 40, "60", carrier=Carrier.DIESEL)
    garage.fill(golf, "2026-01-02", 10_100, 8, "6", carrier=Carrier.ADBLUE)

    assert [Carrier.DIESEL] == [row.carrier for row in garage.economy()]
    with pytest.raises(Rejected, match="consumable"):
        garage.economy(carrier=Carrier.ADBLUE)


def test_range_chooses_fills_by_the_day_of_the_fleet(garage: Garage) -> None:
    """Both ends are included; what lies outside changes nothing."""
    golf = log_of_five(garage)

    (row,) = garage.economy(golf, since=date(2026, 1, 10), until=date(2026, 2, 1))

    assert (3, Volume.of(115), Distance.of(1100), None) == (
        row.fills,
        row.volume,
        row.distance,
        row.consumption_per_100km,
    )
    assert () == garage.economy(golf, since=date(2026, 3, 1))
    with pytest.raises(Rejected, match="before"):
        garage.economy(golf, since=date(2026, 3, 1), until=date(2026, 2, 28))


def test_distance_runs_on_over_a_replaced_meter(garage: Garage) -> None:
    """The new meter starts at 5 km; the old one ended at 10,300."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-01", 10_000, 40, "60")
    garage.core.run(
        garage.actor,
        replace_meter,
        ReplaceMeter(
            vehicle_id=golf.id, at=day("2026-01-05"), old_odometer=Distance.of(10_300), new_odometer=Distance.of(5)
        ),
    )
    garage.fill(golf, "2026-01-10", 205, 30, "45")

    (row,) = garage.economy(golf)

    assert (Distance.of(500), 6.0) == (row.distance, row.consumption_per_100km)


def test_currencies_stand_side_by_side(garage: Garage) -> None:
    """Euros and dollars are never added; each has its own average price."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-01", 10_000, 40, "80 USD")
    garage.fill(golf, "2026-01-10", 10_500, 40, "60")
    garage.fill(golf, "2026-01-20", 11_000, 20, "50 USD")

    (row,) = garage.economy(golf)

    assert (money("60"), money("130 USD")) == row.costs
    assert (UnitPrice.of("1.5", "EUR"), UnitPrice.of("2.166667", "USD")) == row.average_prices
    assert (UnitPrice.of("6", "EUR"), UnitPrice.of("5", "USD")) == row.costs_per_100km


def test_rising_consumption_is_called_so(garage: Garage) -> None:
    """Ten fills, each a litre more than the one before."""
    golf = garage.vehicle()
    for number in range(10):
        garage.fill(golf, f"2026-01-{3 * number + 1:02}", 10_000 + 500 * number, 30 + number, "50")

    (row,) = garage.economy(golf)

    assert "rising" == row.trend.direction
    assert row.trend.per_100km_per_year == pytest.approx(0.2 / 3 * 365.25)
    assert "Consumption is rising, by 24.35 l/100 km a year." == row.trend.sentence


def test_steady_consumption_is_called_so(garage: Garage) -> None:
    """Ten equal fills."""
    golf = garage.vehicle()
    for number in range(10):
        garage.fill(golf, f"2026-01-{3 * number + 1:02}", 10_000 + 500 * number, 30, "50")

    assert "Consumption is steady." == garage.economy(golf)[0].trend.sentence


def test_deleted_fills_and_removed_vehicles_are_out_of_sight(garage: Garage) -> None:
    """A removed vehicle is not found until it is restored."""
    golf, polo = log_of_five(garage), garage.vehicle("Polo")
    wrong = garage.fill(polo, "2026-01-01", 10, 40, "60")
    garage.core.run(garage.actor, delete_fill, DeleteFill(id=wrong.id, version=wrong.version))
    assert ["Golf"] == [row.name for row in garage.economy()]

    garage.core.run(garage.actor, remove_vehicle, RemoveVehicle(id=golf.id))

    assert () == garage.economy()
    with pytest.raises(NotFound):
        garage.economy(golf)
    garage.core.run(garage.actor, restore_vehicle, RestoreVehicle(id=golf.id))
    assert ["Golf"] == [row.name for row in garage.economy()]


def test_course_of_a_long_log_is_short(sqlite_garage: Garage) -> None:
    """However many intervals there are, a small chart gets at most 40 points."""
    golf = sqlite_garage.vehicle()
    for number in range(90):
        sqlite_garage.fill(
            golf, f"2025-{number // 28 + 1:02}-{number % 28 + 1:02}", 10_000 + 500 * number, 30 + number % 2, "50"
        )

    (row,) = sqlite_garage.economy(golf)

    assert (89, 40) == (row.intervals_closed, len(row.course))
    assert all(6.0 <= point <= 6.2 for point in row.course)
