"""Reminders through the library: set, done, skipped, snoozed, deleted, and what is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.quantities import EngineHours
from fleetcore.reminders.model import (
    DeleteReminder,
    ListReminders,
    Metric,
    RestoreReminder,
    SkipReminder,
    Urgency,
)
from fleetcore.reminders.service import delete_reminder, list_reminders, restore_reminder, skip_reminder
from fleetcore.testing.builders import an_edit_of, join_fleet, km, new_fill, new_vehicle
from fleetcore.vehicles.meters import record_reading, replace_meter, void_reading
from fleetcore.vehicles.model import (
    ChangeState,
    GetVehicle,
    GrantVehicle,
    PurgeVehicles,
    RemoveVehicle,
    RestoreVehicle,
    VehicleState,
)
from fleetcore.vehicles.readings import RecordReading, ReplaceMeter, VoidReading
from fleetcore.vehicles.service import (
    change_state,
    edit_vehicle,
    get_vehicle,
    grant_vehicle,
    purge_vehicles,
    remove_vehicle,
    restore_vehicle,
)

from .conftest import TODAY, Keeper, noon


def test_a_first_due_counts_from_the_present_meter(keeper: Keeper) -> None:
    """A bare interval is due that far from today and from what the meters show."""
    added = keeper.add(every=km(15_000), every_months=12)

    assert (km(25_000), date(2027, 6, 1)) == (added.due_odometer, added.due_on)
    assert added == keeper.get(added)


def test_a_first_reading_sets_what_waited(sqlite_keeper: Keeper) -> None:
    """On a vehicle without a reading a distance counts from its first one."""
    bare = new_vehicle(sqlite_keeper.core, sqlite_keeper.actor)
    added = sqlite_keeper.add(vehicle_id=bare.id, every=km(5000))
    command = RecordReading(vehicle_id=bare.id, at=noon(TODAY), odometer=km(80_000))
    sqlite_keeper.core.run(sqlite_keeper.actor, record_reading, command)

    assert (None, km(85_000)) == (added.due_odometer, sqlite_keeper.get(added).due_odometer)


def test_a_fill_moves_the_reminders_of_its_vehicle(keeper: Keeper) -> None:
    """The odometer of a fill counts like one noted by hand, and its change is told."""
    added = keeper.add(every=km(15_000))
    vehicle = keeper.core.read(keeper.actor, get_vehicle, GetVehicle(id=keeper.vehicle_id))
    keeper.on("2026-06-10")
    new_fill(keeper.core, keeper.actor, vehicle, at=noon("2026-06-10"), odometer=km(24_900), accept_odometer_jump=True)

    assert (Urgency.VERY_SOON, ["very_soon"]) == (keeper.get(added).urgency, keeper.told())


def test_a_voided_reading_takes_its_change_back(keeper: Keeper) -> None:
    """A reading that made a reminder overdue and is taken back leaves it as it was."""
    added = keeper.add(at_odometer=km(12_000))
    wrong = keeper.read(13_000, "2026-06-02")
    keeper.core.run(keeper.actor, void_reading, VoidReading(id=wrong.id))

    assert (["overdue", "not_due"], Urgency.NOT_DUE) == (keeper.told(), keeper.get(added).urgency)


def test_done_counts_from_the_record(keeper: Keeper) -> None:
    """Done with a day and an odometer, a rolling rule goes on from both."""
    added = keeper.add(every=km(15_000), every_months=12)
    after = keeper.done(added, done_on=date(2026, 5, 20), odometer=km(9_500))

    assert (km(24_500), date(2027, 5, 20), 1) == (after.due_odometer, after.due_on, after.occurrence)


def test_done_without_a_meter_takes_the_reading_of_the_day(keeper: Keeper) -> None:
    """The last reading until that day counts."""
    added = keeper.add(every=km(15_000))
    keeper.read(12_000, "2026-06-02")

    assert km(25_000) == keeper.done(added, done_on=TODAY).due_odometer
    assert km(27_000) == keeper.done(added, done_on=date(2026, 6, 2)).due_odometer


def test_the_same_record_again_moves_what_it_said(keeper: Keeper) -> None:
    """A record that is edited moves its reminder from the new values, and counts once."""
    added, record = keeper.add(every=km(15_000)), new_id()
    keeper.done(added, odometer=km(10_000), record_id=record)
    after = keeper.done(added, odometer=km(11_000), record_id=record)

    assert (km(26_000), 1) == (after.due_odometer, after.occurrence)


def test_a_single_reminder_is_done_once(keeper: Keeper) -> None:
    """What comes once is finished when it is done, and a second time is refused."""
    added = keeper.done(keeper.add(on=TODAY))

    assert (True, None, ()) == (added.is_finished, added.next_look_on, keeper.due())
    with pytest.raises(Rejected, match="finished already"):
        keeper.done(added)


def test_an_overdue_reminder_stays_until_it_is_done(keeper: Keeper) -> None:
    """However often it is looked at, an overdue recurring reminder does not move on by itself."""
    added = keeper.add(on=date(2026, 1, 31), every_months=1)
    keeper.on("2026-08-15").tick()
    keeper.due()

    assert (date(2026, 1, 31), Urgency.OVERDUE) == (keeper.get(added).due_on, keeper.get(added).urgency)
    assert date(2026, 9, 15) == keeper.done(added).due_on


def test_a_skip_leaves_out_what_has_passed(keeper: Keeper) -> None:
    """A skip goes on to the next day of the same grid that is still to come."""
    added = keeper.add(on=date(2026, 1, 31), every_months=1)
    after = keeper.core.run(keeper.actor, skip_reminder, SkipReminder(id=added.id))

    assert (date(2026, 6, 30), Urgency.SOON) == (after.due_on, after.urgency)


def test_a_snoozed_reminder_is_quiet_until_its_day(keeper: Keeper) -> None:
    """It is not due while it sleeps, says so, and speaks once when it wakes."""
    added = keeper.snooze(keeper.add(on=TODAY), date(2026, 6, 10))
    (row,) = keeper.due()
    keeper.on("2026-06-09").tick()
    keeper.on("2026-06-10").tick()

    assert (Urgency.NOT_DUE, "snoozed until 2026-06-10; due today, 1 June") == (row.urgency, row.because)
    assert ["due", "not_due", "overdue"] == keeper.told()
    assert None is keeper.get(added).snoozed_until


@pytest.mark.parametrize("until", [TODAY, date(2026, 5, 1), date(2080, 1, 1)])
def test_a_snooze_must_lie_ahead(sqlite_keeper: Keeper, until: date) -> None:
    """Today, the past and the next generation are refused."""
    with pytest.raises(Rejected):
        sqlite_keeper.snooze(sqlite_keeper.add(on=TODAY), until)


def test_engine_hours_are_a_metric(keeper: Keeper) -> None:
    """An hour meter is due at its limit like a distance."""
    added = keeper.add(every_engine_hours=EngineHours.of(50))
    for hours in (100, 150):
        keeper.on(TODAY).core.run(
            keeper.actor,
            record_reading,
            RecordReading(
                vehicle_id=keeper.vehicle_id, at=noon(f"2026-05-{hours // 10}"), engine_hours=EngineHours.of(hours)
            ),
        )
    found = keeper.get(added)

    assert (EngineHours.of(150), Metric.HOURS, Urgency.DUE) == (found.due_engine_hours, found.metric, found.urgency)


def test_the_most_urgent_metric_is_named(keeper: Keeper) -> None:
    """Of a near date and a passed distance, the distance decides."""
    added = keeper.add(on=date(2026, 6, 3), at_odometer=km(9000))

    assert (Urgency.OVERDUE, Metric.DISTANCE) == (added.urgency, added.metric)


def test_a_replaced_meter_is_followed(keeper: Keeper) -> None:
    """After an exchange the due is as the new meter shows it, and the distance to it stays."""
    added = keeper.add(every=km(5000))
    command = ReplaceMeter(
        vehicle_id=keeper.vehicle_id, at=noon("2026-06-02"), old_odometer=km(11_000), new_odometer=km(0)
    )
    keeper.core.run(keeper.actor, replace_meter, command)

    assert km(4000) == keeper.get(added).due_odometer
    assert km(5000) == keeper.done(added, done_on=date(2026, 6, 2), odometer=km(0)).due_odometer


def test_an_edit_works_the_due_out_anew(keeper: Keeper) -> None:
    """A changed interval counts from where the old one did."""
    added = keeper.done(keeper.add(every=km(15_000)), odometer=km(10_500))
    after = keeper.edit(added, every=km(10_000), title=" Oil and filter ")

    assert (km(20_500), "Oil and filter", 3) == (after.due_odometer, after.title, after.version)
    with pytest.raises(Conflict):
        keeper.edit(added)


def test_a_reminder_stays_with_its_vehicle(sqlite_keeper: Keeper) -> None:
    """Moving one to another vehicle is refused: its history belongs to the first."""
    other = new_vehicle(sqlite_keeper.core, sqlite_keeper.actor, name="Fox")
    with pytest.raises(Rejected, match="stays with its vehicle"):
        sqlite_keeper.edit(sqlite_keeper.add(on=TODAY), vehicle_id=other.id)


def test_a_deleted_reminder_can_come_back(keeper: Keeper) -> None:
    """Deleted it is out of sight and silent; restored it is as urgent as it is by then."""
    added = keeper.add(on=date(2026, 8, 1))
    keeper.core.run(keeper.actor, delete_reminder, DeleteReminder(id=added.id))
    keeper.on("2026-08-02").tick()
    with pytest.raises(NotFound):
        keeper.get(added)
    assert ((), []) == (keeper.due(), keeper.told())
    assert Urgency.OVERDUE is keeper.core.run(keeper.actor, restore_reminder, RestoreReminder(id=added.id)).urgency
    assert ["overdue"] == keeper.told()


def test_lists_leave_out_what_is_over(keeper: Keeper) -> None:
    """Finished and deleted reminders are listed when they are asked for."""
    open_one, finished, deleted = (keeper.add(on=TODAY, title=title) for title in ("a", "b", "c"))
    keeper.done(finished)
    keeper.core.run(keeper.actor, delete_reminder, DeleteReminder(id=deleted.id))

    def listed(**asked: Any) -> list[str]:
        return [found.title for found in keeper.core.read(keeper.actor, list_reminders, ListReminders(**asked)).items]

    assert [["a"], ["b", "a"], ["c"]] == [listed(), listed(include_finished=True), listed(deleted=True)]
    assert ["a"] == listed(vehicle_id=open_one.vehicle_id)


def test_a_removed_vehicle_is_silent(keeper: Keeper) -> None:
    """Nothing is told of a removed vehicle; restored, it tells how things stand."""
    keeper.add(on=date(2026, 8, 1))
    keeper.core.run(keeper.actor, remove_vehicle, RemoveVehicle(id=keeper.vehicle_id))
    keeper.on("2026-08-02").tick()
    assert ((), []) == (keeper.due(), keeper.told())
    keeper.core.run(keeper.actor, restore_vehicle, RestoreVehicle(id=keeper.vehicle_id))

    assert (["overdue"], 1) == (keeper.told(), len(keeper.due()))


def test_a_decommissioned_vehicle_is_silent(keeper: Keeper) -> None:
    """Nothing is told while it is decommissioned, and a new reminder on it is refused."""
    keeper.add(on=date(2026, 8, 1))
    gone = ChangeState(id=keeper.vehicle_id, state=VehicleState.DECOMMISSIONED)
    keeper.core.run(keeper.actor, change_state, gone)
    keeper.on("2026-08-02").tick()
    keeper.read(50_000, accept_odometer_jump=True)

    assert ((), []) == (keeper.due(), keeper.told())
    with pytest.raises(Rejected, match="decommissioned"):
        keeper.add(on=TODAY)


def test_a_sold_vehicle_is_silent(keeper: Keeper) -> None:
    """Nothing is told of a sold vehicle, and a new reminder on it is refused."""
    keeper.add(on=date(2026, 8, 1))
    vehicle = keeper.core.read(keeper.actor, get_vehicle, GetVehicle(id=keeper.vehicle_id))
    keeper.core.run(keeper.actor, edit_vehicle, an_edit_of(vehicle, sold_on=TODAY))
    keeper.on("2026-08-02").tick()

    assert ((), []) == (keeper.due(), keeper.told())
    with pytest.raises(Rejected, match="sold"):
        keeper.add(on=TODAY)


def test_a_purge_erases_reminders(keeper: Keeper) -> None:
    """With a purged vehicle its reminders and what was done are gone."""
    added = keeper.done(keeper.add(every_months=12))
    keeper.core.run(keeper.actor, remove_vehicle, RemoveVehicle(id=keeper.vehicle_id))
    keeper.core.run(keeper.actor, purge_vehicles, PurgeVehicles(after_days=0))

    with pytest.raises(NotFound):
        keeper.get(added)


@pytest.mark.parametrize(
    "said",
    [
        {}, {"every": km(0)}, {"every_months": 0}, {"every_days": -1}, {"every_engine_hours": EngineHours(0)},
        {"title": " ", "on": TODAY}, {"title": "x" * 201, "on": TODAY}, {"every_months": 6, "every_days": 5},
        {"on": TODAY, "soon_days": 5}, {"on": TODAY, "very_soon_days": -1}, {"every": km(20_000_000)},
        {"on": date(1899, 1, 1)}, {"at_odometer": km(-1)}, {"on": TODAY, "notes": "x" * 10_001},
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(sqlite_keeper: Keeper, said: dict[str, Any]) -> None:
    """An interval of zero, nothing to measure, thresholds upside down and texts without end are refused."""
    with pytest.raises(Rejected):
        sqlite_keeper.add(**said)


def test_dates_and_odometers_already_past_are_accepted(keeper: Keeper) -> None:
    """They are overdue at once."""
    assert [Urgency.OVERDUE] * 2 == [
        keeper.add(on=date(2020, 1, 1)).urgency,
        keeper.add(at_odometer=km(1)).urgency,
    ]


def test_a_day_to_come_cannot_be_done(sqlite_keeper: Keeper) -> None:
    """Work of next week is not done yet."""
    with pytest.raises(Rejected):
        sqlite_keeper.done(sqlite_keeper.add(on=TODAY), done_on=date(2026, 6, 8))


def test_today_in_the_past_ignores_later_readings(keeper: Keeper) -> None:
    """As of an earlier day, the projection knows only the readings until then, and nothing is stored."""
    added = keeper.add(at_odometer=km(15_000))
    keeper.on("2026-06-11").read(10_410)
    keeper.on("2026-07-01").read(14_999)
    (then,) = keeper.due(today=date(2026, 6, 11))
    (before,) = keeper.due(today=date(2026, 6, 10))

    assert (date(2026, 10, 1), None) == (then.projected_on, before.projected_on)
    assert Urgency.VERY_SOON is keeper.get(added).urgency
    assert ["very_soon"] == keeper.told()


def test_due_is_listed_soonest_first_and_within_days(keeper: Keeper) -> None:
    """Dates and projections are sorted together; what nobody can foresee comes last."""
    keeper.add(title="later", on=date(2026, 12, 1))
    keeper.add(title="soon", on=date(2026, 6, 20))
    keeper.add(title="late", on=date(2026, 5, 1))
    keeper.add(title="unforeseen", every=km(90_000))

    assert ["late", "soon", "later", "unforeseen"] == [row.title for row in keeper.due()]
    assert ["late", "soon"] == [row.title for row in keeper.due(within=30)]


def test_another_fleet_sees_and_reaches_nothing(keeper: Keeper) -> None:
    """A neighbour neither lists, reads nor changes a reminder of this fleet."""
    added = keeper.add(on=TODAY)
    stranger = keeper.as_actor(keeper.core.create_fleet("Next door"))

    assert () == stranger.due()
    assert 0 == stranger.on("2026-07-01").tick().looked_at
    for act in (stranger.get, stranger.done, lambda _: stranger.add(on=TODAY)):
        with pytest.raises(NotFound):
            act(added)


def test_a_driver_reaches_granted_vehicles_only(keeper: Keeper) -> None:
    """A family member sees what is due on granted vehicles, and changes what they set themselves."""
    theirs = keeper.add(on=TODAY)
    driver = keeper.as_actor(join_fleet(keeper.core, keeper.actor))
    assert () == driver.due()
    grant = GrantVehicle(vehicle_id=keeper.vehicle_id, user_id=driver.actor.user_id)
    keeper.core.run(keeper.actor, grant_vehicle, grant)

    assert 1 == len(driver.due())
    assert driver.done(driver.add(on=TODAY)).is_finished
    with pytest.raises(Forbidden):
        driver.done(theirs)
    with pytest.raises(Forbidden):
        driver.tick()
