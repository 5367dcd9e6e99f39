"""What a vehicle costs to own, and vehicles side by side: hand-computed, and against a sum of the raw facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetcore.documents.commands import AddDocument
from fleetcore.documents.model import DocumentKind
from fleetcore.documents.service import add_document
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.maintenance.model import RecordService, ServiceCategory
from fleetcore.maintenance.service import record_service
from fleetcore.maintenance.tyre_model import AddTyreSet, TyreKind
from fleetcore.maintenance.tyres import add_tyre_set
from fleetcore.reports.comparing import ComparedVehicle, CompareVehicles, Ownership, OwnershipReport
from fleetcore.reports.ownership import compare_vehicles, ownership_report
from fleetcore.reports.yearly import yearly_report
from fleetcore.reports.years import YearlyReport
from fleetcore.testing.builders import join_fleet
from fleetcore.vehicles.model import Vehicle

from .garage import Garage, money, statements


def ownership(garage: Garage, vehicle: Vehicle | None = None, **asked: Any) -> tuple[Ownership, ...]:
    """Ask what owning costs."""
    command = OwnershipReport(vehicle_id=vehicle and vehicle.id, **asked)
    return garage.core.read(garage.actor, ownership_report, command)


def compare(garage: Garage, *vehicles: Vehicle, **asked: Any) -> tuple[ComparedVehicle, ...]:
    """Ask for vehicles side by side."""
    command = CompareVehicles(vehicle_ids=tuple(vehicle.id for vehicle in vehicles), **asked)
    return garage.core.read(garage.actor, compare_vehicles, command)


def repair(garage: Garage, vehicle: Vehicle, on: str, total: str, category: str = "repair") -> None:
    """Record a service."""
    work = RecordService(
        vehicle_id=vehicle.id,
        title="Work",
        done_on=date.fromisoformat(on),
        total=money(total),
        category=ServiceCategory(category),
    )
    garage.core.run(garage.actor, record_service, work)


def sold_golf(garage: Garage) -> Vehicle:
    """A Golf of 366 days and 10,000 km: bought for 8,000, sold for 6,170, 1,000 of fuel, 500 of the rest."""
    golf = garage.vehicle(
        purchased_on=date(2024, 3, 1),
        purchase_price=money("8000"),
        sold_on=date(2025, 3, 1),
        sale_price=money("6170"),
    )
    garage.fill(golf, "2024-03-01", 20_000, 40, "600")
    garage.fill(golf, "2025-02-20", 30_000, 40, "400")
    garage.spend(golf, "2024-05-01", "450", "insurance")
    garage.spend(golf, "2024-06-01", "70")
    garage.spend(golf, "2024-06-02", "-20", "insurance")
    return golf


def test_everything_that_owning_cost_is_there(garage: Garage) -> None:
    """1,500 of costs and 1,830 of lost value over 10,000 km and 366 days: 0.333 a km, 276.95 a month."""
    (row,) = ownership(garage, sold_golf(garage))

    assert (366, 12.0, 10_000) == (row.days, row.months_owned, row.distance.km)
    assert ((money("1500"),), (money("3330"),), (money("3330"),)) == (row.costs, row.total, row.net)
    assert ["0.333 EUR"] == [str(price) for price in row.total_per_km]
    assert (money("276.95"),) == row.total_per_month
    assert money("1830") == row.depreciation[0].amount
    assert () == row.missing


def test_costs_are_grouped_by_kind(garage: Garage) -> None:
    """All fuels are one group, refunds another; each has its rate."""
    (row,) = ownership(garage, sold_golf(garage))

    assert {
        "Fuel": (money("1000"), "0.1 EUR"),
        "Insurance": (money("450"), "0.045 EUR"),
        "Parking": (money("70"), "0.007 EUR"),
        "Refunds": (money("-20"), "-0.002 EUR"),
    } == {group.label: (group.costs[0], str(group.costs_per_km[0])) for group in row.groups}


def test_papers_tyres_and_inspections_have_their_kinds(garage: Garage) -> None:
    """A premium, instalments, a fee, tyres and a checked brake stand in the group of each, in the year too."""
    golf = garage.vehicle()
    for kind, amount in (("insurance", "500"), ("lease", "200"), ("registration", "30"), ("inspection", "150")):
        said = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "amount": money(amount)}
        garage.core.run(garage.actor, add_document, AddDocument(kind=DocumentKind(kind), vehicle_id=golf.id, **said))
    tyres = AddTyreSet(
        vehicle_id=golf.id, name="Winter", kind=TyreKind.WINTER, cost=money("400"), purchased_on=date(2026, 2, 1)
    )
    garage.core.run(garage.actor, add_tyre_set, tyres)
    repair(garage, golf, "2026-03-01", "40", "inspection")

    (row,) = ownership(garage, golf)
    (year,) = garage.core.read(garage.actor, yearly_report, YearlyReport(year=2026)).vehicles

    known = {
        "Insurance": "500.00",
        "Lease": "1200.00",
        "Registration": "30.00",
        "Inspection": "190.00",
        "Tyres": "400.00",
    }
    for groups in (row.groups, year.figures.groups):
        assert known == {group.label: str(group.costs[0].amount) for group in groups}


def test_what_is_missing_is_said(garage: Garage) -> None:
    """Without prices, days and readings the report says what would change its total."""
    golf = garage.vehicle()

    (row,) = ownership(garage, golf)

    assert ["the purchase price", "the day of purchase", "the distance driven", "any cost"] == [
        reason.partition(":")[0] for reason in row.missing
    ]
    assert ((), (), (), None) == (row.total, row.total_per_km, row.total_per_month, row.since)


def test_a_vehicle_that_stays_needs_a_value(garage: Garage) -> None:
    """What it would fetch today stands for the sale price; without it the purchase is no cost yet."""
    golf = garage.vehicle(purchased_on=date(2025, 6, 2), purchase_price=money("10000"))
    garage.spend(golf, "2025-08-01", "100")

    (without,), (valued,) = ownership(garage, golf), ownership(garage, golf, value_today=money("8000"))

    assert ((money("100"),), (money("2100"),)) == (without.total, valued.total)
    assert any("what it would fetch today" in reason for reason in without.missing)


def test_income_is_beside_the_total(garage: Garage) -> None:
    """What the vehicle earned is taken off the net alone."""
    golf = garage.vehicle()
    garage.spend(golf, "2026-01-01", "300")
    garage.spend(golf, "2026-01-02", "-120", "other")

    (row,) = ownership(garage, golf)

    assert ((money("300"),), (money("120"),), (money("180"),)) == (row.total, row.income, row.net)


def test_a_range_takes_its_share(garage: Garage) -> None:
    """Of half the days come the costs booked in them and half of the lost value."""
    (row,) = ownership(garage, sold_golf(garage), since=date(2024, 8, 31))

    assert (183, money("400"), money("915")) == (row.days, row.costs[0], row.depreciation[0].amount)


def test_currencies_stand_side_by_side(garage: Garage) -> None:
    """Euros and francs are never added."""
    golf = garage.vehicle()
    garage.spend(golf, "2026-01-01", "300")
    garage.spend(golf, "2026-01-01", "40 CHF")

    assert (money("40 CHF"), money("300")) == ownership(garage, golf)[0].total


def test_a_value_belongs_to_one_vehicle_that_is_there(garage: Garage) -> None:
    """Without naming the vehicle, or for one that was sold, a value makes no sense."""
    golf = sold_golf(garage)
    for vehicle in (None, golf):
        with pytest.raises(Rejected):
            ownership(garage, vehicle, value_today=money("1"))
    with pytest.raises(Rejected, match="before since"):
        ownership(garage, golf, since=date(2025, 1, 2), until=date(2025, 1, 1))


def test_vehicles_stand_side_by_side(garage: Garage) -> None:
    """In the order of asking, with their consumption, their services, and repairs per 10,000 km."""
    golf, polo = sold_golf(garage), garage.vehicle("Polo")
    garage.fill(polo, "2026-01-01", 5000, 30, "50")
    garage.fill(polo, "2026-02-01", 5500, 30, "50")
    for on, category in (("2024-05-01", "repair"), ("2024-06-01", "repair"), ("2024-07-01", "routine")):
        repair(garage, golf, on, "10", category)

    first, second = compare(garage, polo, golf)

    assert ("Polo", "Golf") == (first.ownership.name, second.ownership.name)
    assert (0, 0.0, 6.0) == (first.services, first.repairs_per_10000km, first.economy[0].consumption_l_per_100km)
    assert (3, 2, 2.0) == (second.services, second.repairs, second.repairs_per_10000km)


def test_a_comparison_is_of_some_vehicles(garage: Garage) -> None:
    """None, or one twice, is refused; one that does not exist is not found."""
    golf = garage.vehicle()
    neighbour = Garage(garage.core, garage.core.create_fleet("Next door"))
    for vehicles in ((), (golf, golf)):
        with pytest.raises(Rejected):
            compare(garage, *vehicles)
    with pytest.raises(NotFound):
        compare(neighbour, golf)
    with pytest.raises(Forbidden):
        compare(Garage(garage.core, join_fleet(garage.core, garage.actor)), golf)


def test_more_records_take_no_more_statements(garage: Garage) -> None:
    """Forty records are summed up with as many statements as four."""
    golf = garage.vehicle(purchased_on=date(2024, 3, 1))

    def live(times: int, offset: int) -> int:
        for number in range(times):
            garage.fill(golf, f"2025-{offset:02}-{number + 1:02}", None, 40, "60")
            repair(garage, golf, "2025-05-01", "5")
        with statements(garage.core) as sent:
            compare(garage, golf)
        return len(sent)

    assert live(2, 1) == live(20, 2)


SPENT = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.dates(date(2024, 1, 1), date(2025, 12, 31)),
        st.sampled_from(("insurance", "parking", "tax", "repair")),
        st.integers(1, 99_999),
    ),
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SPENT, st.dates(date(2024, 1, 1), date(2025, 1, 1)), st.integers(0, 400))
def test_the_sums_are_those_of_the_facts(
    sqlite_garage: Garage, spent: list[tuple[int, date, str, int]], since: date, days: int
) -> None:
    """Whatever was spent and whatever is asked, each group is the sum of its expenses in those days."""
    garage = sqlite_garage
    cars = [garage.vehicle(f"Car {number}") for number in range(2)]
    for place, on, category, cents in spent:
        garage.spend(cars[place], str(on), f"{cents / 100:.2f}", category)
    until = date.fromordinal(since.toordinal() + days)

    for place, row in enumerate(compare(garage, *cars, since=since, until=until)):
        expected: dict[str, int] = {}
        for which, on, category, cents in spent:
            if which == place and since <= on <= until:
                expected[category] = expected.get(category, 0) + cents
        assert expected == {group.key: group.costs[0].minor for group in row.ownership.groups}
        assert sum(expected.values()) == sum(total.minor for total in row.ownership.total)
