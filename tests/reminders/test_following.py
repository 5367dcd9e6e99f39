"""What reminders took from readings follows them when these are added, corrected or voided."""

from __future__ import annotations

from typing import Any

import pytest

from fleetcore import Core
from fleetcore.fuel.model import Fill
from fleetcore.fuel.service import edit_fill, record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.maintenance.model import RecordService
from fleetcore.maintenance.service import record_service
from fleetcore.reminders.model import DeleteReminder, Reminder, RestoreReminder
from fleetcore.reminders.service import delete_reminder, restore_reminder
from fleetcore.testing.builders import a_fill, an_edit_of, km, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.meters import void_reading
from fleetcore.vehicles.readings import Reading, VoidReading

from .conftest import Keeper, noon


@pytest.fixture
def keeper(core: Core, owner: Actor, clock: FixedClock) -> Keeper:
    """The owner's keeper of a vehicle without a reading, at noon of 1 June 2026."""
    return Keeper(core, clock, owner, new_vehicle(core, owner).id)


def due_km(keeper: Keeper, reminder: Reminder) -> int | None:
    """Return at which odometer the reminder is due."""
    due = keeper.get(reminder).due_odometer
    return None if due is None else due.metres // 1000


def void(keeper: Keeper, reading: Reading) -> None:
    """Take a reading back."""
    keeper.core.run(keeper.actor, void_reading, VoidReading(id=reading.id))


def serviced(keeper: Keeper, reminder: Reminder, day: str) -> None:
    """Record work of a day without any meter, which answers the reminder."""
    command = RecordService(
        vehicle_id=keeper.vehicle_id, done_on=noon(day).date(), title="Oil", reminder_ids=(reminder.id,)
    )
    keeper.core.run(keeper.actor, record_service, command)


def filled(keeper: Keeper, odometer_km: int, day: str) -> Fill:
    """Record a fill with its odometer."""
    return keeper.core.run(keeper.actor, record_fill, a_fill(keeper.vehicle_id, odometer=km(odometer_km), at=noon(day)))


def test_a_first_due_follows_the_correction_of_its_reading(keeper: Keeper) -> None:
    """A slip of the pen when the reminder was set is mended for it too."""
    fill = filled(keeper, 1_000, "2026-05-30")
    oil = keeper.add(every=km(5000))
    assert 6_000 == due_km(keeper, oil)

    keeper.core.run(keeper.actor, edit_fill, an_edit_of(fill, odometer=km(10_000)))
    assert 15_000 == due_km(keeper, oil)


def test_a_first_due_without_its_reading_counts_from_the_one_before(keeper: Keeper) -> None:
    """When the reading that was present is voided, the one before it counts; without any, the first to come."""
    first, second = keeper.read(9_000, "2026-05-01"), keeper.read(10_000, "2026-05-20")
    oil = keeper.add(every=km(5000))

    void(keeper, second)
    assert 14_000 == due_km(keeper, oil)
    void(keeper, first)
    assert None is due_km(keeper, oil)
    keeper.read(11_000)
    assert 16_000 == due_km(keeper, oil)


def test_a_late_receipt_does_not_push_a_first_due_away(keeper: Keeper) -> None:
    """People were told of a due at 15,000 km: that is where it stays while the reading behind it stands."""
    keeper.read(10_000, "2026-05-01")
    oil = keeper.add(every=km(5000))
    keeper.read(14_800, "2026-05-25")

    assert 15_000 == due_km(keeper, oil)


def test_a_service_without_a_meter_counts_from_the_readings_of_its_day(keeper: Keeper) -> None:
    """A reading of that day that is entered, corrected or voided later moves the due."""
    keeper.read(8_000, "2026-04-01")
    oil = keeper.add(every=km(5000))
    serviced(keeper, oil, "2026-05-10")
    assert 13_000 == due_km(keeper, oil)

    fill = filled(keeper, 9_500, "2026-05-09")
    assert 14_500 == due_km(keeper, oil)
    keeper.core.run(keeper.actor, edit_fill, an_edit_of(fill, odometer=km(9_700)))
    assert 14_700 == due_km(keeper, oil)
    keeper.read(11_000, "2026-05-11")
    assert 14_700 == due_km(keeper, oil)


@pytest.mark.parametrize("said", [{}, {"done_on": noon("2026-05-20").date()}])
def test_what_a_person_said_stays(keeper: Keeper, said: dict[str, Any]) -> None:
    """No reading moves a meter that was named."""
    keeper.read(9_000, "2026-05-01")
    oil = keeper.add(every=km(5000))
    keeper.done(oil, odometer=km(10_000), **said)
    keeper.read(10_400, "2026-05-19")

    assert 15_000 == due_km(keeper, oil)


def test_done_now_counts_from_the_meter_that_was_known(keeper: Keeper) -> None:
    """A late receipt does not move it; voiding the reading behind it does."""
    keeper.read(8_000, "2026-04-01")
    oil = keeper.add(every=km(5000))
    present = keeper.read(10_000, "2026-05-20")
    keeper.done(oil)
    keeper.read(10_900, "2026-05-21")
    assert 15_000 == due_km(keeper, oil)

    void(keeper, present)
    assert 15_900 == due_km(keeper, oil)


def test_a_restored_reminder_has_followed(keeper: Keeper) -> None:
    """What happened to readings while a reminder was deleted counts when it is back."""
    keeper.read(8_000, "2026-04-01")
    oil = keeper.add(every=km(5000))
    keeper.done(oil, done_on=noon("2026-05-10").date())
    keeper.core.run(keeper.actor, delete_reminder, DeleteReminder(id=oil.id))
    keeper.read(9_000, "2026-05-09")

    keeper.core.run(keeper.actor, restore_reminder, RestoreReminder(id=oil.id))
    assert 14_000 == due_km(keeper, oil)
