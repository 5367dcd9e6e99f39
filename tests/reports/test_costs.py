"""The cost report: what was booked, in rows, and what it comes to per kilometre and day."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve

from fleetcore import Core
from fleetcore.expenses.model import DeleteExpense
from fleetcore.expenses.service import delete_expense
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.quantities import Distance
from fleetcore.reports.model import CostsBy, Rates
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import replace_meter
from fleetcore.vehicles.model import RemoveVehicle, Vehicle
from fleetcore.vehicles.readings import ReplaceMeter
from fleetcore.vehicles.service import remove_vehicle

from .garage import Garage, day, money, statements, table


def busy_year(garage: Garage) -> tuple[Vehicle, Vehicle]:
    """Spend on two vehicles and on none."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo")
    garage.fill(golf, "2025-12-31", 10_000, 40, "60")
    garage.fill(golf, "2026-01-10", 10_500, 30, "45.50")
    garage.spend(golf, "2026-01-11", "4.50")
    garage.spend(golf, "2026-02-01", "120", "insurance")
    garage.fill(polo, "2026-02-02", 500, 20, "31")
    garage.spend(None, "2026-02-03", "9", "toll")
    return golf, polo


def rates(found: Rates | None) -> Rates:
    """Return the rates, which must be there."""
    assert found is not None
    return found


def test_costs_by_month(garage: Garage) -> None:
    """Each month has one row; sums are those of the rows."""
    golf, _ = busy_year(garage)

    everything = garage.costs()

    assert {"2025-12": "60.00 EUR", "2026-01": "50.00 EUR", "2026-02": "160.00 EUR"} == table(everything)
    assert ((money("270"),), ()) == (everything.costs, everything.income)
    assert {"2025-12": "60.00 EUR", "2026-01": "50.00 EUR", "2026-02": "120.00 EUR"} == table(garage.costs(golf))


def test_costs_by_year(garage: Garage) -> None:
    """Years are sums of months."""
    busy_year(garage)

    assert {"2025": "60.00 EUR", "2026": "210.00 EUR"} == table(garage.costs(by=CostsBy.YEAR))


def test_costs_by_category(garage: Garage) -> None:
    """Categories carry the names of the fleet's accounts, fuel one for each carrier."""
    busy_year(garage)

    found = garage.costs(by=CostsBy.CATEGORY)

    assert {
        "Fuel:Petrol": "136.50 EUR",
        "Insurance": "120.00 EUR",
        "Parking": "4.50 EUR",
        "Toll": "9.00 EUR",
    } == table(found)
    assert "expenses.fuel.petrol" == found.rows[0].key


def test_costs_by_vehicle(garage: Garage) -> None:
    """Costs of no vehicle come last, without a name."""
    golf, polo = busy_year(garage)

    found = garage.costs(by=CostsBy.VEHICLE)

    assert {"Golf": "230.00 EUR", "Polo": "31.00 EUR", "": "9.00 EUR"} == table(found)
    assert [golf.id, polo.id, None] == [row.vehicle_id for row in found.rows]
    assert [Distance.of(500), Distance(0), None] == [row.rates and row.rates.distance for row in found.rows]
    assert (Distance.of(500), (UnitPrice.of("0.54", "EUR"),)) == (
        rates(found.rates).distance,
        rates(found.rates).costs_per_km,
    )


def test_range_counts_both_ends(garage: Garage) -> None:
    """The days asked for are included."""
    busy_year(garage)

    found = garage.costs(since=date(2026, 1, 10), until=date(2026, 2, 1))

    assert {"2026-01": "50.00 EUR", "2026-02": "120.00 EUR"} == table(found)
    with pytest.raises(Rejected, match="before"):
        garage.costs(since=date(2026, 2, 2), until=date(2026, 2, 1))


def test_month_ends_by_the_clock_of_the_fleet(core: Core) -> None:
    """At 23:30 UTC of 31 January it is February in Auckland."""
    garage = Garage(core, core.create_fleet("South", currency="NZD", timezone="Pacific/Auckland"))
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-31T10:30", 1000, 40, "60 NZD")  # 23:30 in Auckland
    garage.fill(golf, "2026-01-31T11:30", 1100, 40, "70 NZD")  # 00:30 of the next day

    assert {"2026-01": "60.00 NZD", "2026-02": "70.00 NZD"} == table(garage.costs())
    found = garage.costs(golf, until=date(2026, 1, 31))
    assert (Distance(0), date(2026, 1, 31), 1) == (
        rates(found.rates).distance,
        rates(found.rates).since,
        found.rates.days,
    )
    assert 1 == garage.economy(golf, since=date(2026, 2, 1))[0].fills


def test_all_days_of_the_calendar_can_be_asked_for(core: Core) -> None:
    """Also the first and the last one, wherever the fleet lives."""
    garage = Garage(core, core.create_fleet("South", timezone="Pacific/Auckland"))
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-31", 1000, 40, "60")

    for last in (date.max, date(9999, 12, 30)):
        assert garage.summary(golf) == garage.summary(golf, since=date.min, until=last)


def test_currencies_are_never_added(garage: Garage) -> None:
    """Each amount stands beside the others, in rows, sums and rates."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-01-01", 1000, 40, "60")
    garage.fill(golf, "2026-01-11", 1100, 40, "7000 JPY")

    found = garage.costs(golf)

    assert {"2026-01": "60.00 EUR, 7000 JPY"} == table(found)
    assert (UnitPrice.of("0.6", "EUR"), UnitPrice.of("70", "JPY")) == rates(found.rates).costs_per_km


def test_refunds_lower_costs_and_income_stands_apart(garage: Garage) -> None:
    """A refund of parking is a negative cost; other income is not taken off the costs."""
    golf = garage.vehicle()
    garage.spend(golf, "2026-01-01", "100", "insurance")
    garage.spend(golf, "2026-01-02", "-30", "insurance")
    garage.spend(golf, "2026-01-03", "-12", "other")

    assert {"2026-01": "70.00 EUR, +12.00 EUR"} == table(garage.costs(golf))
    by_category = garage.costs(golf, by=CostsBy.CATEGORY)
    assert {"Insurance": "100.00 EUR", "Refund": "-30.00 EUR", "Other": "+12.00 EUR"} == table(by_category)
    assert ((money("70"),), (money("12"),)) == (by_category.costs, by_category.income)


def test_deleted_costs_leave_no_trace(garage: Garage) -> None:
    """A reversal has the date of what it reverses."""
    golf = garage.vehicle()
    wrong = garage.spend(golf, "2026-01-01", "100")
    garage.core.run(garage.actor, delete_expense, DeleteExpense(id=wrong.id, version=wrong.version))

    assert ({}, ()) == (table(garage.costs()), garage.costs().costs)


def test_costs_of_removed_vehicles_are_hidden(garage: Garage) -> None:
    """What belongs to no vehicle stays."""
    golf, _ = busy_year(garage)

    garage.core.run(garage.actor, remove_vehicle, RemoveVehicle(id=golf.id))

    assert {"2026-02": "40.00 EUR"} == table(garage.costs())
    assert {"Polo": "31.00 EUR", "": "9.00 EUR"} == table(garage.costs(by=CostsBy.VEHICLE))
    with pytest.raises(NotFound):
        garage.costs(golf)


def test_rates_of_a_vehicle(garage: Garage) -> None:
    """Days run from the first record to today, 1 June 2026; a manual reading counts as a distance."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-05-02", 10_000, 40, "60")
    garage.spend(golf, "2026-05-01", "15")
    garage.read(golf, "2026-05-20", 10_600)

    found = rates(garage.costs(golf).rates)

    assert (Distance.of(600), date(2026, 5, 2), date(2026, 6, 1), 31) == (
        found.distance,
        found.since,
        found.until,
        found.days,
    )
    assert (UnitPrice.of("0.125", "EUR"),) == found.costs_per_km
    assert (UnitPrice.of("2.419355", "EUR"),) == found.costs_per_day


def test_rates_keep_to_the_asked_range(garage: Garage) -> None:
    """A vehicle with older records was there on the first day of the range."""
    golf = garage.vehicle()
    for on, km in (("2026-01-01", 1000), ("2026-02-10", 1400), ("2026-02-20", 1500), ("2026-03-10", 2000)):
        garage.fill(golf, on, km, 10, "14")

    found = rates(garage.costs(golf, since=date(2026, 2, 1), until=date(2026, 2, 28)).rates)

    assert (Distance.of(100), 28, (UnitPrice.of("1", "EUR"),)) == (found.distance, found.days, found.costs_per_day)
    early = rates(garage.costs(golf, until=date(2025, 12, 31)).rates)
    assert (Distance(0), 0, None, (), ()) == (
        early.distance,
        early.days,
        early.since,
        early.costs_per_day,
        early.costs_per_km,
    )


def test_days_run_from_purchase_to_sale(garage: Garage) -> None:
    """Records before the purchase or after the sale do not make them longer."""
    golf = garage.vehicle(purchased_on=date(2025, 1, 1), sold_on=date(2025, 12, 31))
    garage.fill(golf, "2025-03-01", 1000, 40, "365")

    found = rates(garage.costs(golf).rates)

    assert (365, (UnitPrice.of("1", "EUR"),), ()) == (found.days, found.costs_per_day, found.costs_per_km)


def test_days_of_a_vehicle_with_nothing_but_expenses(garage: Garage) -> None:
    """They begin with the first expense that was not deleted."""
    golf = garage.vehicle()
    wrong = garage.spend(golf, "2026-05-01", "10")
    garage.core.run(garage.actor, delete_expense, DeleteExpense(id=wrong.id, version=wrong.version))
    garage.spend(golf, "2026-05-23", "10")

    found = rates(garage.costs(golf, since=date(2026, 5, 31)).rates)

    assert (date(2026, 5, 31), 2) == (found.since, found.days)
    assert 10 == rates(garage.costs(golf).rates).days


def test_depreciation_is_known_from_both_prices(garage: Garage) -> None:
    """Bought for 10,000, sold for 6,350 after 365 days and 10,000 km."""
    traded = {"purchased_on": date(2025, 1, 1), "sold_on": date(2025, 12, 31), "purchase_price": money("10000")}
    golf, polo = garage.vehicle(**traded, sale_price=money("6350")), garage.vehicle("Polo", **traded)
    for vehicle in (golf, polo):
        garage.read(vehicle, "2025-01-01", 5_000)
        garage.read(vehicle, "2025-12-31", 15_000)

    (lost,) = rates(garage.costs(golf).rates).depreciation

    assert (money("3650"), UnitPrice.of("0.365", "EUR"), UnitPrice.of("10", "EUR")) == (
        lost.amount,
        lost.per_km,
        lost.per_day,
    )
    assert () == rates(garage.costs(polo).rates).depreciation
    (in_january,) = rates(garage.costs(golf, until=date(2025, 1, 31)).rates).depreciation
    assert (money("310"), None, UnitPrice.of("10", "EUR")) == (
        in_january.amount,
        in_january.per_km,
        in_january.per_day,
    )


def test_depreciation_needs_one_currency(garage: Garage) -> None:
    """Dollars are not taken from euros."""
    golf = garage.vehicle(purchased_on=date(2025, 1, 1), purchase_price=money("10000"), sale_price=money("9000 USD"))
    garage.read(golf, "2025-01-01", 5_000)

    assert () == rates(garage.costs(golf).rates).depreciation


def test_rates_of_the_fleet_come_when_asked_for(garage: Garage) -> None:
    """Distances are added, days are those with any vehicle there, whatever the rows are."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo", sold_on=date(2026, 5, 6))
    garage.fill(golf, "2026-05-23", 1000, 40, "60")
    garage.fill(golf, "2026-05-25", 1100, 40, "60")
    garage.fill(polo, "2026-05-02", 2000, 40, "60")
    garage.fill(polo, "2026-05-03", 2200, 40, "60")
    garage.spend(polo, "2026-05-03", "60")

    found = rates(garage.costs(with_rates=True).rates)

    assert (Distance.of(300), 5 + 10) == (found.distance, found.days)
    assert (date(2026, 5, 2), date(2026, 6, 1)) == (found.since, found.until)
    assert (UnitPrice.of("20", "EUR"),) == found.costs_per_day
    assert found == garage.costs(by=CostsBy.VEHICLE).rates
    assert None is garage.costs().rates


def test_distance_from_trips_alone(garage: Garage) -> None:
    """A log without odometers tells how far by its trips."""
    golf = garage.vehicle()
    for on, trip in (("2026-01-01", 300), ("2026-01-05", 400), ("2026-01-09", 500)):
        garage.fill(golf, on, None, 30, "45", trip=Distance.of(trip))

    found = rates(garage.costs(golf).rates)

    assert (Distance.of(900), (UnitPrice.of("0.15", "EUR"),)) == (found.distance, found.costs_per_km)
    assert found.distance == garage.economy(golf)[0].distance


def test_typing_error_is_no_distance(garage: Garage) -> None:
    """An accepted jump that its neighbours contradict is not believed, as in economy."""
    golf = garage.vehicle()
    for on, km in (("2026-01-01", 10_000), ("2026-01-05", 105_000), ("2026-01-09", 10_500), ("2026-01-12", 11_000)):
        garage.fill(golf, on, km, 30, "45")

    found = garage.costs(golf)

    assert Distance.of(1000) == rates(found.rates).distance == garage.economy(golf)[0].distance


def test_distance_runs_on_over_a_replaced_meter(garage: Garage) -> None:
    """300 km on the old meter, 200 on the new one."""
    golf = garage.vehicle()
    garage.read(golf, "2026-01-01", 10_000)
    command = ReplaceMeter(
        vehicle_id=golf.id, at=day("2026-01-05"), old_odometer=Distance.of(10_300), new_odometer=Distance.of(5)
    )
    garage.core.run(garage.actor, replace_meter, command)
    garage.read(golf, "2026-01-10", 205)

    assert Distance.of(500) == rates(garage.costs(golf).rates).distance
    assert Distance.of(200) == rates(garage.costs(golf, since=date(2026, 1, 5)).rates).distance


def test_consumables_are_costs(garage: Garage) -> None:
    """AdBlue has no economy, but it has a price."""
    golf = garage.vehicle(carriers=(Carrier.DIESEL,))
    garage.fill(golf, "2026-01-02", 10_100, 8, "6", carrier=Carrier.ADBLUE)

    assert {"Consumables:AdBlue": "6.00 EUR"} == table(garage.costs(by=CostsBy.CATEGORY))


def test_summary_answers_everything_at_once(garage: Garage) -> None:
    """The same numbers as both reports."""
    golf, _ = busy_year(garage)

    found = garage.summary(golf)

    assert (golf.id, "Golf") == (found.vehicle_id, found.name)
    assert garage.economy(golf) == found.economy
    assert garage.costs(golf, by=CostsBy.CATEGORY) == found.costs
    in_january = garage.summary(golf, since=date(2026, 1, 1), until=date(2026, 1, 31), with_intervals=True)
    assert (1, (money("50"),)) == (in_january.economy[0].fills, in_january.costs.costs)
    assert evolve(in_january.economy[0], intervals=()) == in_january.economy[0]


def test_empty_fleet_has_empty_reports(garage: Garage) -> None:
    """Nothing is not an error."""
    found = garage.costs(with_rates=True)

    assert ((), (), (), 0) == (garage.economy(), found.rows, found.costs, rates(found.rates).days)


@pytest.mark.parametrize("by", list(CostsBy))
def test_rows_split_into_kinds(garage: Garage, by: CostsBy) -> None:
    """The parts of a row, by their names, add up to it; nobody who did not ask gets any."""
    busy_year(garage)

    found = garage.costs(by=by, with_parts=True)

    for row in found.rows:
        assert sum(cost.minor for part in row.parts for cost in part.costs) == sum(cost.minor for cost in row.costs)
        assert [part.label for part in row.parts] == sorted(part.label for part in row.parts)
    assert {"fuel", "insurance", "parking", "toll"} == {part.key for row in found.rows for part in row.parts}
    assert not any(row.parts for row in garage.costs(by=by).rows)


def test_what_comes_back_is_a_part_below_zero(garage: Garage) -> None:
    """A refund lowers its month, and is told apart."""
    golf = garage.vehicle()
    garage.spend(golf, "2026-01-02", "100", "insurance")
    garage.spend(golf, "2026-01-20", "-30", "insurance")

    (row,) = garage.costs(golf, with_parts=True).rows

    assert (money("70"),) == row.costs
    assert sum(cost.minor for part in row.parts for cost in part.costs) == 7000


def test_parts_take_one_statement_more(garage: Garage) -> None:
    """That of the accounts' names."""
    busy_year(garage)
    with statements(garage.core) as plain:
        garage.costs()
    with statements(garage.core) as split:
        garage.costs(with_parts=True)
    assert len(split) <= len(plain) + 1
