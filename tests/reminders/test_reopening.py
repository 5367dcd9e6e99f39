"""A reminder that was done or skipped by mistake is due again, as if nobody had said so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import evolve

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.maintenance.model import RecordService
from fleetcore.maintenance.service import record_service
from fleetcore.reminders.model import Reminder, ReopenReminder, SkipReminder, Urgency
from fleetcore.reminders.service import reopen_reminder, skip_reminder
from fleetcore.testing.builders import join_fleet, km
from fleetcore.vehicles.model import ChangeState, VehicleState
from fleetcore.vehicles.service import change_state

from .conftest import TODAY, Keeper, standing


def reopen(keeper: Keeper, reminder: Reminder, **said: Any) -> Reminder:
    """Take the last answer back."""
    return keeper.core.run(keeper.actor, reopen_reminder, ReopenReminder(id=reminder.id, **said))


def skip(keeper: Keeper, reminder: Reminder) -> Reminder:
    """Leave this time out."""
    return keeper.core.run(keeper.actor, skip_reminder, SkipReminder(id=reminder.id))


def test_done_by_mistake_is_due_again(keeper: Keeper) -> None:
    """Day, meter and urgency are what they were, also in what is stored, and both changes are told."""
    added = keeper.add(every=km(15_000), every_months=12, on=TODAY)
    after = keeper.done(added)
    back = reopen(keeper, added, version=after.version)

    assert standing(added) == standing(back)
    assert back == keeper.get(added)
    assert ["due", "not_due", "due"] == keeper.told()


def test_a_skip_by_mistake_is_taken_back(keeper: Keeper) -> None:
    """Only the last answer goes; those before it count on."""
    added = keeper.add(on=date(2026, 1, 31), every_months=1)
    done = keeper.done(added, done_on=date(2026, 5, 10))
    skip(keeper, added)

    assert standing(done) == standing(reopen(keeper, added))
    assert standing(added) == standing(reopen(keeper, added))


def test_what_came_once_comes_back(keeper: Keeper) -> None:
    """A finished reminder is open again, and can be finished anew."""
    added = keeper.add(on=TODAY)
    keeper.done(added)
    back = reopen(keeper, added)

    assert (False, Urgency.DUE, None) == (back.is_finished, back.urgency, back.last_done_on)
    assert keeper.done(back).is_finished


def test_readings_that_came_meanwhile_count(keeper: Keeper) -> None:
    """What is due again is judged by the odometer of now."""
    added = keeper.add(at_odometer=km(12_000))
    keeper.done(added)
    keeper.on("2026-06-02").read(13_000)

    assert Urgency.OVERDUE is reopen(keeper, added).urgency


def test_a_stale_page_takes_nothing_back(keeper: Keeper) -> None:
    """What was answered again since stays as it is."""
    added = keeper.add(on=TODAY, every_months=12)
    first = keeper.done(added)
    second = keeper.done(added)

    with pytest.raises(Conflict):
        reopen(keeper, added, version=first.version)
    assert second == keeper.get(added)


def test_what_nobody_answered_cannot_be_taken_back(keeper: Keeper) -> None:
    """The message says so; a reminder that is none is not found."""
    added = keeper.add(on=TODAY)
    with pytest.raises(Rejected, match="not answered yet"):
        reopen(keeper, added)
    with pytest.raises(NotFound):
        reopen(keeper, evolve(added, id=new_id()))


def test_the_answer_of_a_record_is_taken_back_with_the_record(keeper: Keeper) -> None:
    """A service that did the work says so still, so the reminder must."""
    added = keeper.add(on=TODAY, every_months=12)
    service = RecordService(vehicle_id=keeper.vehicle_id, title="Oil", done_on=TODAY, reminder_ids=(added.id,))
    keeper.core.run(keeper.actor, record_service, service)
    before = keeper.get(added)

    with pytest.raises(Rejected, match="change or delete that instead"):
        reopen(keeper, added)
    assert before == keeper.get(added)


def test_a_reminder_of_a_scrapped_vehicle_comes_back_silent(sqlite_keeper: Keeper) -> None:
    """It tells nobody of a car that is gone."""
    keeper = sqlite_keeper
    added = keeper.add(on=TODAY)
    keeper.done(added)
    gone = ChangeState(id=keeper.vehicle_id, state=VehicleState.DECOMMISSIONED)
    keeper.core.run(keeper.actor, change_state, gone)

    assert reopen(keeper, added).is_silent
    assert () == keeper.due()


def test_who_only_reads_takes_nothing_back(sqlite_keeper: Keeper) -> None:
    """Who may not answer may not take an answer back."""
    added = sqlite_keeper.add(on=TODAY)
    sqlite_keeper.done(added)
    reader = join_fleet(sqlite_keeper.core, sqlite_keeper.actor, role="accountant")

    with pytest.raises((Forbidden, NotFound)):
        reopen(sqlite_keeper.as_actor(reader), added)
    assert sqlite_keeper.get(added).is_finished
