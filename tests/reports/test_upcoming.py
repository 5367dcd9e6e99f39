"""What the next months will cost, and what is due across the fleet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetcore.documents.commands import AddDocument, CancelDocument, RenewDocument
from fleetcore.documents.model import Document, DocumentKind, PaymentSchedule
from fleetcore.documents.service import add_document, cancel_document, renew_document
from fleetcore.expenses.model import AddRecurring
from fleetcore.expenses.recurring import add_recurring
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import Period
from fleetcore.maintenance.model import RecordService
from fleetcore.maintenance.service import record_service
from fleetcore.operations import operation
from fleetcore.reminders.forecast import days_ahead
from fleetcore.reminders.model import AddReminder, FinishReminder, Reminder, ReminderFields, Urgency
from fleetcore.reminders.service import add_reminder, finish_reminder
from fleetcore.reminders.sourced import keep_sourced_reminder
from fleetcore.reports import sources
from fleetcore.reports import upcoming as report
from fleetcore.reports.foreseen import (
    CostKind,
    DueReport,
    ExpectedCost,
    Horizon,
    UpcomingCosts,
    UpcomingReport,
    UpcomingSource,
)
from fleetcore.reports.upcoming import due_report, upcoming_report
from fleetcore.testing.builders import join_fleet
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import ChangeState, Vehicle, VehicleState
from fleetcore.vehicles.service import change_state

from .garage import Garage, day, money, statements


def remind(garage: Garage, vehicle: Vehicle, **said: Any) -> Reminder:
    """Set a reminder on the vehicle."""
    return garage.core.run(garage.actor, add_reminder, AddReminder(vehicle_id=vehicle.id, title="Oil", **said))


def upcoming(garage: Garage, **asked: Any) -> UpcomingCosts:
    """Ask for the upcoming costs."""
    return garage.core.read(garage.actor, upcoming_report, UpcomingReport(**asked))


def insure(garage: Garage, vehicle: Vehicle | None, **said: Any) -> None:
    """Set up a recurring insurance of 100 euros a quarter from 1 March 2026."""
    usual = {
        "category": "insurance",
        "amount": money("100"),
        "period": Period.MONTH,
        "every": 3,
        "starts_on": date(2026, 3, 1),
    }
    command = AddRecurring(vehicle_id=vehicle and vehicle.id, **usual | said)
    garage.core.run(garage.actor, add_recurring, command)


def paid(found: UpcomingCosts) -> list[tuple[str, str]]:
    """Return day and amount of each expected cost."""
    return [(str(cost.on), str(cost.amount)) for cost in found.items]


def test_a_reminder_costs_what_was_said_each_time(garage: Garage) -> None:
    """Every four months from 10 June: three times in the year to come."""
    remind(garage, garage.vehicle(), on=date(2026, 6, 10), every_months=4, expected_cost=money("80"))

    found = upcoming(garage)

    assert [("2026-06-10", "80.00 EUR"), ("2026-10-10", "80.00 EUR"), ("2027-02-10", "80.00 EUR")] == paid(found)
    assert ((date(2026, 6, 1), date(2027, 5, 31)), (money("240"),), ()) == (
        (found.since, found.until),
        found.costs,
        found.projected,
    )


def test_a_distance_is_followed_by_recent_use(garage: Garage, clock: FixedClock) -> None:
    """At 50 km a day 5,000 km are 100 days: from 11,000 km on 1 June, due at 13,000 and each 5,000 km after."""
    golf = garage.vehicle()
    garage.read(golf, "2026-05-12", 10_000)
    garage.read(golf, "2026-06-01", 11_000)
    remind(garage, golf, at_odometer=Distance.of(13_000), every=Distance.of(5000), expected_cost=money("90"))

    found = upcoming(garage)

    assert ["2026-07-11", "2026-10-19", "2027-01-27", "2027-05-07"] == [str(cost.on) for cost in found.items]
    assert found.costs == found.projected == (money("360"),)


def test_what_is_overdue_costs_today(garage: Garage) -> None:
    """What should have been done already is expected today, and from then on by its rule."""
    remind(garage, garage.vehicle(), on=date(2026, 1, 10), every_months=6, expected_cost=money("50"))

    assert [("2026-06-01", "50.00 EUR"), ("2026-12-01", "50.00 EUR")] == paid(upcoming(garage))


def test_a_fixed_rule_keeps_its_grid(garage: Garage) -> None:
    """What is late and fixed is paid today and again on the grid."""
    remind(garage, garage.vehicle(), on=date(2026, 1, 31), every_months=6, is_fixed=True, expected_cost=money("50"))

    assert ["2026-06-01", "2026-07-31", "2027-01-31"] == [str(cost.on) for cost in upcoming(garage).items]


def test_without_a_price_the_records_of_before_tell_it(garage: Garage, clock: FixedClock) -> None:
    """Nobody said what it costs: the middle one of what was paid for it, free work not counted."""
    golf = garage.vehicle()
    reminder = remind(garage, golf, on=date(2026, 7, 1), every_months=12)
    for on, total in (("2023-06-01", "90"), ("2024-06-01", "95.50"), ("2025-06-01", "400"), ("2025-07-01", "0")):
        work = RecordService(vehicle_id=golf.id, title="Oil", done_on=date.fromisoformat(on), total=money(total))
        service = garage.core.run(garage.actor, record_service, work)
        done = FinishReminder(id=reminder.id, done_on=service.done_on, record_id=service.id)
        garage.core.run(garage.actor, finish_reminder, done)

    (cost,) = upcoming(garage).items

    assert (money("95.50"), "typical of what was paid for it, 3 times") == (cost.amount, cost.basis)


def test_what_nobody_knows_is_said(garage: Garage) -> None:
    """A reminder without any price is in no sum, but among the unknown."""
    remind(garage, garage.vehicle(), on=date(2026, 7, 1))

    found = upcoming(garage)

    assert ((), (), 1) == (found.costs, found.items, len(found.unknown))
    assert "nobody said what it costs" in found.unknown[0].basis


def test_recurring_expenses_fall_on_their_days(garage: Garage) -> None:
    """What is due and not recorded yet counts today; then each quarter until the end that was set."""
    insure(garage, garage.vehicle(), ends_on=date(2026, 12, 31))

    assert ["2026-06-01", "2026-06-01", "2026-09-01", "2026-12-01"] == [str(c.on) for c in upcoming(garage).items]
    assert (money("400"),) == upcoming(garage).costs


def test_fuel_goes_on_as_in_the_last_year(garage: Garage) -> None:
    """365 euros in 365 days are 30 in June and 31 in July; that rests on recent use."""
    golf = garage.vehicle()
    garage.fill(golf, "2025-06-01", 10_000, 40, "200")
    garage.fill(golf, "2026-03-01", 20_000, 40, "165")

    found = upcoming(garage)
    fuel = [cost for cost in found.items if cost.kind == "fuel"]

    assert [("2026-06-01", "30.00 EUR"), ("2026-07-01", "31.00 EUR")] == paid(found)[:2]
    assert (12, money("365.00"), "365.00 EUR in the last 365 days") == (len(fuel), found.costs[0], fuel[0].basis)
    assert found.costs == found.projected


def test_a_short_history_is_no_year(garage: Garage) -> None:
    """Fills of two weeks say nothing about a year; the report says so. Two months are taken for what they are."""
    golf = garage.vehicle()
    garage.fill(golf, "2026-05-20", 10_000, 40, "60")

    assert ((), ("no fuel is foreseen for Golf: its fills of the last year are too few",)) == (
        upcoming(garage).items,
        upcoming(garage).notes,
    )

    garage.fill(golf, "2026-04-02", 8_000, 40, "60")

    assert "120.00 EUR in the last 60 days" == upcoming(garage).items[0].basis


def test_the_vehicles_and_months_add_up(garage: Garage) -> None:
    """By month and by vehicle the sums are those of the items; costs of no vehicle have a row of their own."""
    golf, polo = garage.vehicle(), garage.vehicle("Polo")
    insure(garage, golf, starts_on=date(2026, 7, 1))
    insure(garage, None, starts_on=date(2026, 7, 1), amount=money("10 CHF"))
    remind(garage, polo, on=date(2026, 7, 9), expected_cost=money("33"))

    found = upcoming(garage)

    assert {"Golf": "400.00 EUR", "Polo": "33.00 EUR", "": "40.00 CHF"} == {
        row.name: str(row.costs[0]) for row in found.vehicles
    }
    assert ("2026-07", (money("10 CHF"), money("133"))) == (found.months[0].month, found.months[0].costs)
    assert (money("40 CHF"), money("433")) == found.costs
    assert [("2026-07-09", "33.00 EUR")] == paid(upcoming(garage, vehicle_id=polo.id))


def test_vehicles_that_are_gone_cost_nothing(garage: Garage) -> None:
    """A decommissioned vehicle's insurance and fuel are not foreseen."""
    golf = garage.vehicle()
    garage.fill(golf, "2025-06-01", 10_000, 40, "200")
    insure(garage, golf)
    command = ChangeState(id=golf.id, state=VehicleState.DECOMMISSIONED)
    garage.core.run(garage.actor, change_state, command)

    assert () == upcoming(garage).items


def test_another_area_may_bring_costs(garage: Garage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that is added is asked for the horizon; reminders that it speaks for are not counted beside it."""
    golf = garage.vehicle()

    def premiums(uow: UnitOfWork, horizon: Horizon) -> list[ExpectedCost]:
        return [
            ExpectedCost(
                on=horizon.until,
                vehicle_id=vehicle_id,
                kind=CostKind.DOCUMENT,
                title="Premium",
                amount=money("500"),
                basis="policy",
            )
            for vehicle_id in horizon.vehicles
        ]

    def renewal(uow: UnitOfWork, command: Any) -> Reminder:
        fields = ReminderFields(vehicle_id=golf.id, title="Renew", on=date(2026, 9, 1), expected_cost=money("500"))
        return keep_sourced_reminder(uow, "papers.policy", golf.id, fields)

    garage.core.run(garage.actor, operation("papers.renew", permission=None)(renewal), None)
    before = paid(upcoming(garage))
    source = UpcomingSource(name="papers", permission="documents.read", find=premiums, speaks_for=("papers.policy",))
    for module in (sources, report):
        monkeypatch.setattr(module, "SOURCES", (*sources.SOURCES[:3], source))

    assert ([("2026-09-01", "500.00 EUR")], [("2027-05-31", "500.00 EUR")]) == (before, paid(upcoming(garage)))


def file(garage: Garage, kind: str, **said: Any) -> Document:
    """File a document that began on 1 March 2026 and costs 120 euros."""
    usual = {"starts_on": date(2026, 3, 1), "amount": money("120")}
    return garage.core.run(garage.actor, add_document, AddDocument(kind=DocumentKind(kind), **usual | said)).document


def test_a_policy_costs_its_premiums_and_goes_on(garage: Garage) -> None:
    """Quarterly until February; what was due before today is booked, what nobody has filed yet is projected."""
    golf = garage.vehicle()
    schedule = PaymentSchedule.QUARTERLY
    file(garage, "insurance", vehicle_id=golf.id, ends_on=date(2027, 2, 28), schedule=schedule, issuer="HUK")

    found = upcoming(garage)

    assert ["2026-09-01", "2026-12-01", "2027-03-01"] == [str(cost.on) for cost in found.items]
    assert (("Insurance: HUK",) * 3, (money("360"),), (money("120"),)) == (
        tuple(cost.title for cost in found.items),
        found.costs,
        found.projected,
    )
    assert "as before, if it goes on after 2027-02-28" == found.items[-1].basis


def test_a_lease_ends_and_an_inspection_returns(garage: Garage) -> None:
    """Instalments stop at the end of the lease; the inspection costs on its next day what it cost last."""
    golf, polo = garage.vehicle(), garage.vehicle("Polo")
    file(garage, "lease", vehicle_id=golf.id, ends_on=date(2026, 9, 1))
    file(garage, "inspection", vehicle_id=polo.id, starts_on=date(2024, 7, 10), ends_on=date(2026, 7, 10))

    assert [("2026-07-01", "120.00 EUR"), ("2026-07-10", "120.00 EUR"), ("2026-08-01", "120.00 EUR")] == paid(
        upcoming(garage)
    )


def test_a_renewed_or_cancelled_paper_costs_once(garage: Garage) -> None:
    """A filed successor replaces the projection; a cancelled policy stops; a late renewal is paid today."""
    golf, polo, fiat = garage.vehicle(), garage.vehicle("Polo"), garage.vehicle("Fiat")
    year = {"starts_on": date(2025, 7, 1), "ends_on": date(2026, 7, 1)}
    old = file(garage, "insurance", vehicle_id=golf.id, **year)
    garage.core.run(garage.actor, renew_document, RenewDocument(id=old.id, version=old.version, amount=money("99")))
    left = file(garage, "insurance", vehicle_id=polo.id, **year)
    garage.core.run(
        garage.actor, cancel_document, CancelDocument(id=left.id, version=left.version, on=date(2026, 7, 1))
    )
    file(garage, "registration", vehicle_id=fiat.id, starts_on=date(2025, 5, 20), ends_on=date(2026, 5, 20))

    assert [("2026-06-01", "120.00 EUR"), ("2026-07-01", "99.00 EUR")] == paid(upcoming(garage))


def test_a_paper_without_a_price_is_unknown_once(garage: Garage) -> None:
    """Its reminder is not counted beside it; who may not see documents is told that they are left out."""
    golf = garage.vehicle()
    file(garage, "insurance", vehicle_id=golf.id, ends_on=date(2026, 8, 1), amount=None)

    (cost,) = upcoming(garage).unknown

    assert (CostKind.DOCUMENT, date(2026, 8, 1)) == (cost.kind, cost.on)
    assert () == upcoming(garage).items


@pytest.mark.parametrize("months", [0, -1, 61])
def test_the_months_are_some(garage: Garage, months: int) -> None:
    """One to sixty months may be asked for."""
    with pytest.raises(Rejected):
        upcoming(garage, months=months)


def test_another_fleets_costs_are_not_there(garage: Garage) -> None:
    """The neighbours see nothing of ours, and our vehicle does not exist for them; drivers have no such report."""
    golf = garage.vehicle()
    insure(garage, golf)
    neighbour = Garage(garage.core, garage.core.create_fleet("Next door"))

    assert () == upcoming(neighbour).items
    with pytest.raises(NotFound):
        upcoming(neighbour, vehicle_id=golf.id)
    with pytest.raises(Forbidden):
        upcoming(Garage(garage.core, join_fleet(garage.core, garage.actor)))


def test_who_sees_no_reminders_is_told(garage: Garage) -> None:
    """An accountant gets what their role sees, and a note about the rest."""
    golf = garage.vehicle()
    insure(garage, golf, starts_on=date(2026, 7, 1))
    remind(garage, golf, on=date(2026, 7, 9), expected_cost=money("33"))
    accountant = Garage(garage.core, join_fleet(garage.core, garage.actor, role="accountant"))

    assert (money("400"),) == upcoming(accountant).costs
    assert "reminders are left out: your role does not see them" in upcoming(accountant).notes


def test_what_is_due_is_narrowed(garage: Garage) -> None:
    """By urgency, by tag and by days; counted by urgency, the most urgent first."""
    golf, polo = garage.vehicle(tags=("work",)), garage.vehicle("Polo")
    for vehicle, on in ((golf, "2026-05-01"), (golf, "2026-06-20"), (polo, "2026-06-05"), (polo, "2026-09-01")):
        remind(garage, vehicle, on=date.fromisoformat(on))

    def due(**asked: Any) -> list[str]:
        found = garage.core.read(garage.actor, due_report, DueReport(**asked))
        return [f"{one.vehicle_name} {one.due_on}" for one in found.dues]

    assert ["Golf 2026-05-01", "Polo 2026-06-05", "Golf 2026-06-20", "Polo 2026-09-01"] == due()
    assert ["Golf 2026-05-01", "Golf 2026-06-20"] == due(tag="work")
    assert ["Golf 2026-05-01"] == due(urgencies=(Urgency.OVERDUE, Urgency.DUE))
    assert ["Polo 2026-06-05"] == due(vehicle_id=polo.id, within=30)
    counts = garage.core.read(garage.actor, due_report, DueReport()).counts
    assert [("overdue", 1), ("very_soon", 1), ("soon", 1), ("not_due", 1)] == [(c.urgency, c.count) for c in counts]


def test_more_records_take_no_more_statements(garage: Garage) -> None:
    """Twenty reminders with records, expenses and fills are read with as many statements as two."""
    golf = garage.vehicle()

    def live(times: int) -> int:
        for number in range(times):
            garage.fill(golf, f"2026-02-{number + 1:02}", None, 40, "60")
            insure(garage, golf)
            file(garage, "insurance", vehicle_id=golf.id, ends_on=date(2027, 3, 1))
            reminder = remind(garage, golf, on=date(2026, 7, 1), every_months=12)
            service = garage.core.run(
                garage.actor,
                record_service,
                RecordService(vehicle_id=golf.id, title="Oil", done_on=date(2026, 1, 1), total=money("9")),
            )
            done = FinishReminder(id=reminder.id, done_on=service.done_on, record_id=service.id)
            garage.core.run(garage.actor, finish_reminder, done)
        with statements(garage.core) as sent:
            upcoming(garage)
        return len(sent)

    assert live(2) == live(18)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rule=st.fixed_dictionaries(
        {"every_months": st.integers(1, 14), "is_fixed": st.booleans()},
        optional={"every": st.integers(500, 30_000).map(Distance.of)},
    ),
    pace=st.integers(1, 200),
)
def test_the_forecast_is_what_living_through_it_brings(
    sqlite_garage: Garage, clock: FixedClock, rule: dict[str, Any], pace: int
) -> None:
    """Who drives on as before, and does each work on its day, meets exactly the days that were foreseen."""
    garage = sqlite_garage
    clock.set(day("2026-06-01"))
    golf = garage.vehicle("Golf")
    garage.read(golf, "2026-04-22", 10_000)
    garage.read(golf, "2026-06-01", 10_000 + 40 * pace)
    reminder = remind(garage, golf, **rule)
    foreseen = [each.day for each in days_ahead(reminder, date(2026, 6, 1), date(2027, 5, 31))][:6]

    for on in foreseen:
        clock.set(day(str(on)))
        driven = 10_000 + 40 * pace + (on - date(2026, 6, 1)).days * pace
        done = FinishReminder(id=reminder.id, done_on=on, odometer=Distance.of(driven))
        before, reminder = reminder, garage.core.run(garage.actor, finish_reminder, done)
        by_date = before.due_on == on
        by_distance = before.due_odometer is not None and before.due_odometer <= Distance.of(driven)
        assert by_date or by_distance
        earlier = Distance.of(driven - pace)
        assert before.due_on is None or before.due_on >= on
        assert before.due_odometer is None or before.due_odometer > earlier or by_date
