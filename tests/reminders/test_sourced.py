"""Reminders that a record of another area brings, and those about a person's papers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import attrs
import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import (
    DeleteReminder,
    EditReminder,
    FinishReminder,
    GetReminder,
    ListDue,
    ListReminders,
    Reminder,
    ReminderFields,
    Urgency,
)
from fleetcore.reminders.service import delete_reminder, edit_reminder, finish_reminder, get_reminder, list_reminders
from fleetcore.reminders.sourced import drop_sourced_reminder, keep_sourced_reminder
from fleetcore.testing.builders import euros, join_fleet, new_vehicle

SOURCE, SOURCE_ID = "tests.paper", new_id()


def keep(core: Core, actor: Actor, fields: ReminderFields, person_id: UUID | None = None) -> Reminder:
    """Set the reminder of the one paper of these tests, as its area would."""

    def run(uow: UnitOfWork, command: ReminderFields) -> Reminder:
        return keep_sourced_reminder(uow, SOURCE, SOURCE_ID, command, person_id=person_id)

    return core.run(actor, operation("tests.keep", permission=None)(run), fields)


def drop(core: Core, actor: Actor) -> None:
    """Take the reminder of the paper back, as its area would."""

    def run(uow: UnitOfWork, command: str) -> None:
        drop_sourced_reminder(uow, SOURCE, UUID(command))

    core.run(actor, operation("tests.drop", permission=None)(run), str(SOURCE_ID))


def due_titles(core: Core, actor: Actor) -> list[str]:
    """Return the titles of what is due to the actor's eyes."""
    return [each.title for each in core.read(actor, list_due, ListDue())]


@pytest.fixture
def renewal(core: Core, owner: Actor) -> ReminderFields:
    """What a paper of a vehicle asks to be reminded of, which has fallen due."""
    vehicle = new_vehicle(core, owner)
    return ReminderFields(vehicle_id=vehicle.id, title="Insurance ends", on=date(2026, 5, 20), expected_cost=euros(480))


def test_a_record_has_one_reminder(core: Core, owner: Actor, renewal: ReminderFields) -> None:
    """Keeping it again changes the one that is there."""
    first = keep(core, owner, renewal)
    again = keep(core, owner, attrs.evolve(renewal, on=date(2027, 5, 20)))
    assert (first.id, date(2027, 5, 20)) == (again.id, again.due_on)
    assert (Urgency.OVERDUE, Urgency.NOT_DUE) == (first.urgency, again.urgency)
    assert ["Insurance ends"] == due_titles(core, owner)


def test_expected_cost_is_kept(core: Core, owner: Actor, renewal: ReminderFields) -> None:
    """What one time costs comes back from the database and is told with what is due."""
    kept = keep(core, owner, renewal)
    assert euros(480) == core.read(owner, get_reminder, GetReminder(id=kept.id)).expected_cost
    assert [euros(480)] == [each.expected_cost for each in core.read(owner, list_due, ListDue())]


def test_a_dropped_one_is_silent_and_comes_back_with_what_was_done(
    core: Core, owner: Actor, renewal: ReminderFields
) -> None:
    """The record went and came back: its reminder still knows that it was answered."""
    kept = keep(core, owner, attrs.evolve(renewal, every_months=12))
    done = core.run(owner, finish_reminder, FinishReminder(id=kept.id))
    drop(core, owner)
    drop(core, owner)
    assert [] == due_titles(core, owner)
    back = keep(core, owner, attrs.evolve(renewal, every_months=12))
    assert (kept.id, done.due_on) == (back.id, back.due_on)


def test_nobody_changes_it_past_its_record(core: Core, owner: Actor, renewal: ReminderFields) -> None:
    """Its rule is edited and deleted where it was said."""
    kept = keep(core, owner, renewal)
    said = {a.name: getattr(renewal, a.name) for a in attrs.fields(ReminderFields)}
    with pytest.raises(Rejected, match="belongs to a record"):
        core.run(owner, edit_reminder, EditReminder(id=kept.id, version=kept.version, **said))
    with pytest.raises(Rejected, match="belongs to a record"):
        core.run(owner, delete_reminder, DeleteReminder(id=kept.id))


def test_a_persons_paper_is_seen_by_them_and_by_who_sees_the_fleet(core: Core, owner: Actor) -> None:
    """A driver sees the reminder of their own licence and nobody else's."""
    bob = join_fleet(core, owner, "Bob")
    eve = join_fleet(core, owner, "Eve")
    licence = ReminderFields(vehicle_id=None, title="Licence of Bob ends", on=date(2026, 6, 20))
    kept = keep(core, owner, licence, person_id=bob.user_id)
    assert [["Licence of Bob ends"]] * 2 == [due_titles(core, actor) for actor in (owner, bob)]
    assert [] == due_titles(core, eve)
    assert kept == core.read(bob, get_reminder, GetReminder(id=kept.id))
    with pytest.raises(NotFound):
        core.read(eve, get_reminder, GetReminder(id=kept.id))
    assert ((kept,), ()) == tuple(core.read(actor, list_reminders, ListReminders()).items for actor in (bob, eve))
