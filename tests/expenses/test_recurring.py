"""Recurring expenses become one expense per period, on its due day, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import attrs
import pytest

from fleetcore import Core
from fleetcore.expenses.model import (
    EditRecurring,
    GetRecurring,
    ListRecurring,
    Recurring,
    RecurringFields,
    RunRecurring,
    StopRecurring,
)
from fleetcore.expenses.recurring import (
    edit_recurring,
    get_recurring,
    list_recurring,
    run_recurring,
    stop_recurring,
)
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.when import Period
from fleetcore.vehicles.model import (
    AddVehicle,
    ChangeState,
    EditVehicle,
    RemoveVehicle,
    RestoreVehicle,
    VehicleState,
)
from fleetcore.vehicles.service import add_vehicle, change_state, edit_vehicle, remove_vehicle, restore_vehicle

from .conftest import Desk, euros

SAID = tuple(a.name for a in attrs.fields(RecurringFields))


def at(desk: Desk, *day: int) -> None:
    """Let it be noon of another day."""
    desk.core.clock.set(datetime(*day, 12, tzinfo=UTC))  # type: ignore[attr-defined,misc]


def edit(desk: Desk, recurring: Recurring, **said: Any) -> Recurring:
    """Change what is *said* of *recurring* and leave the rest."""
    facts = {name: getattr(recurring, name) for name in SAID}
    command = EditRecurring(**{"id": recurring.id, "version": recurring.version} | facts | said)
    return desk.core.run(desk.actor, edit_recurring, command)


def stop(desk: Desk, recurring: Recurring, last_on: date | None = None) -> Recurring:
    """Stop *recurring*."""
    command = StopRecurring(id=recurring.id, version=recurring.version, last_on=last_on)
    return desk.core.run(desk.actor, stop_recurring, command)


def sell(desk: Desk, on: date) -> None:
    """Sell the vehicle."""
    desk.core.run(desk.actor, edit_vehicle, EditVehicle(id=desk.vehicle_id, version=1, name="Fox", sold_on=on))


def test_a_run_records_each_missed_period_on_its_due_day(desk: Desk) -> None:
    """Three month ends have passed since March: each is recorded on its own day, April's on the 30th."""
    recurring = desk.monthly(title="Road tax", tags=("state",))

    assert [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)] == desk.catch_up()
    newest = desk.list()[0]
    assert (recurring.id, 2, "Road tax", ("state",), "tax", euros(50)) == (
        newest.recurring_id, newest.occurrence, newest.title, newest.tags, newest.category, newest.amount,
    )  # fmt: skip
    assert {"expenses.tax": 15000, "assets.bank": -15000} == desk.balances()


def test_a_second_run_records_nothing(desk: Desk) -> None:
    """What is recorded is not recorded again, until the next period."""
    desk.monthly()
    desk.catch_up()
    assert [] == desk.catch_up()

    at(desk, 2026, 6, 30)
    assert [date(2026, 6, 30)] == desk.catch_up()


def test_what_falls_due_today_is_due_today_of_the_fleet(core: Core) -> None:
    """At noon UTC of 1 June it is 2 June on Kiritimati, so what is due on 2 June is recorded."""
    island = core.create_fleet("Island", timezone="Pacific/Kiritimati")
    vehicle = core.run(island, add_vehicle, AddVehicle(name="Boat car"))
    desk = Desk(core, island, vehicle.id)
    desk.monthly(starts_on=date(2026, 6, 2))
    desk.monthly(starts_on=date(2026, 6, 3))

    assert [date(2026, 6, 2)] == desk.catch_up()


def test_years_are_caught_up_at_once(desk: Desk) -> None:
    """A weekly expense since 2016 becomes a record for each of its 544 weeks."""
    desk.monthly(period=Period.WEEK, starts_on=date(2016, 1, 1))

    days = desk.catch_up()
    assert 544 == len(days) == len(set(days))
    assert {4} == {day.weekday() for day in days}
    assert 544 * 5000 == desk.balances()["expenses.tax"]


def test_the_last_day_is_included(desk: Desk) -> None:
    """A schedule ends with its last day, which may be a due day."""
    recurring = desk.monthly(starts_on=date(2026, 1, 15), ends_on=date(2026, 3, 15))

    assert [date(2026, month, 15) for month in (1, 2, 3)] == desk.catch_up()
    ended = desk.core.read(desk.actor, get_recurring, GetRecurring(id=recurring.id))
    assert ended.next_on is None


def test_a_deleted_record_is_not_made_again(desk: Desk) -> None:
    """Whoever deletes an occurrence has said that it did not happen."""
    desk.monthly()
    desk.catch_up()
    desk.delete(desk.list()[0])

    assert [] == desk.catch_up()
    assert 2 == len(desk.list())


def test_a_record_may_be_changed_on_its_own(desk: Desk) -> None:
    """A record paid late for another amount stays so, and the schedule goes on as it was."""
    desk.monthly()
    desk.catch_up()
    desk.edit(desk.list()[0], spent_on=date(2026, 6, 1), amount=euros(55))
    at(desk, 2026, 7, 1)

    assert [date(2026, 6, 30)] == desk.catch_up()


def test_an_edit_changes_only_what_is_not_recorded_yet(desk: Desk) -> None:
    """A dearer tax leaves the recorded months alone."""
    recurring = desk.monthly()
    desk.catch_up()
    edit(desk, recurring, amount=euros(70))
    at(desk, 2026, 7, 1)
    desk.catch_up()

    assert [euros(70), euros(50), euros(50), euros(50)] == [expense.amount for expense in desk.list()]


def test_a_new_schedule_goes_on_after_what_is_recorded(desk: Desk) -> None:
    """From month ends to every second Monday: no day twice, numbers run on."""
    recurring = desk.monthly()
    desk.catch_up()
    edit(desk, recurring, period=Period.WEEK, every=2, starts_on=date(2026, 1, 5))
    at(desk, 2026, 6, 22)

    assert [date(2026, 6, 8), date(2026, 6, 22)] == desk.catch_up()
    assert [4, 3, 2, 1, 0] == [expense.occurrence for expense in desk.list()]


def test_a_wrong_first_day_can_be_put_right_before_a_run(desk: Desk) -> None:
    """While nothing is recorded, a new first day counts from its beginning."""
    edit(desk, desk.monthly(starts_on=date(2027, 1, 1)), starts_on=date(2026, 1, 1))

    assert 6 == len(desk.catch_up())


def test_a_run_does_not_make_a_readers_version_stale(desk: Desk) -> None:
    """Someone who is editing a recurring expense is not disturbed by the daily run."""
    recurring = desk.monthly()
    desk.catch_up()
    edited = edit(desk, recurring, title="Road tax")

    assert (2, 3, date(2026, 6, 30)) == (edited.version, edited.next_occurrence, edited.next_on)
    with pytest.raises(Conflict, match="meanwhile"):
        edit(desk, recurring, title="Tax")


def test_a_stopped_expense_ends_with_its_day(desk: Desk) -> None:
    """What fell due until the last day is still recorded, nothing after it."""
    stop(desk, desk.monthly(title="today"))
    stop(desk, desk.monthly(title="earlier"), date(2026, 4, 30))
    stop(desk, desk.monthly(title="never"), date(2025, 1, 1))
    at(desk, 2027, 1, 1)
    desk.catch_up()

    titles = [expense.title for expense in desk.list()]
    assert {"today": 3, "earlier": 2} == {title: titles.count(title) for title in titles}


def test_stopping_never_prolongs(desk: Desk) -> None:
    """A later last day than the present one changes nothing."""
    recurring = desk.monthly(ends_on=date(2026, 4, 1))

    assert date(2026, 4, 1) == stop(desk, recurring, date(2030, 1, 1)).ends_on


def test_a_removed_vehicle_waits(desk: Desk) -> None:
    """A removed vehicle records nothing; restored, it catches up."""
    desk.monthly()
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))
    assert [] == desk.catch_up()

    desk.core.run(desk.actor, restore_vehicle, RestoreVehicle(id=desk.vehicle_id))
    assert 3 == len(desk.catch_up())


def test_a_decommissioned_vehicle_records_nothing(desk: Desk) -> None:
    """A vehicle out of service is skipped."""
    desk.monthly()
    desk.core.run(desk.actor, change_state, ChangeState(id=desk.vehicle_id, state=VehicleState.DECOMMISSIONED))

    assert [] == desk.catch_up()


def test_a_sold_vehicle_costs_nothing_from_that_day_on(desk: Desk) -> None:
    """Sold on 30 April: March was still owed, April and May were not."""
    desk.monthly()
    sell(desk, date(2026, 4, 30))

    assert [date(2026, 3, 31)] == desk.catch_up()
    assert [] == desk.catch_up()


def test_one_vehicle_that_waits_does_not_hold_up_others(desk: Desk) -> None:
    """The fleet's own and other vehicles' expenses are recorded beside a sold one's."""
    desk.monthly()
    desk.monthly(vehicle_id=None, category="insurance")
    sell(desk, date(2025, 1, 1))

    assert 3 == len(desk.catch_up())
    assert {None} == {expense.vehicle_id for expense in desk.list()}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"every": 0}, "every"),
        ({"every": 101, "period": Period.YEAR}, "every"),
        ({"starts_on": date(1899, 12, 31)}, "starts_on"),
        ({"starts_on": date(2100, 1, 1)}, "starts_on"),
        ({"starts_on": datetime(2026, 1, 1, tzinfo=UTC)}, "starts_on"),
        ({"ends_on": date(2026, 3, 30)}, "ends_on"),
        ({"category": "dog"}, "category"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_bad_schedules_are_named(sqlite_desk: Desk, said: dict[str, Any], field: str) -> None:
    """What cannot recur is refused with the name of its field."""
    with pytest.raises(Rejected) as caught:
        sqlite_desk.monthly(**said)
    assert {field} == {problem.field for problem in caught.value.problems}


def test_recurring_expenses_are_listed(desk: Desk) -> None:
    """Newest first, in pages, ended ones only when asked for."""
    first, second = desk.monthly(), desk.monthly(vehicle_id=None)
    ended = desk.monthly(ends_on=date(2026, 3, 31))
    desk.catch_up()

    def listed(**asked: Any) -> set[UUID]:
        page = desk.core.read(desk.actor, list_recurring, ListRecurring(**asked))
        return {recurring.id for recurring in page.items}

    assert {first.id, second.id} == listed()
    assert {first.id} == listed(vehicle_id=desk.vehicle_id)
    assert {first.id, second.id, ended.id} == listed(include_ended=True)
    page = desk.core.read(desk.actor, list_recurring, ListRecurring(limit=1))
    assert {first.id, second.id} - {page.items[0].id} == listed(cursor=page.next)


def test_an_id_is_taken_once(desk: Desk) -> None:
    """The id that a client made is kept, and taken for a second recurring expense."""
    mine = new_id()
    assert mine == desk.monthly(id=mine).id
    with pytest.raises(Conflict, match="exists already"):
        desk.monthly(id=mine)


def test_another_fleet_neither_sees_nor_runs_it(core: Core, desk: Desk) -> None:
    """A run records for its own fleet only."""
    recurring = desk.monthly()
    stranger = core.create_fleet("Strangers")

    assert () == core.run(stranger, run_recurring, RunRecurring()).expenses
    with pytest.raises(NotFound):
        core.read(stranger, get_recurring, GetRecurring(id=recurring.id))
    assert 3 == len(desk.catch_up())
