"""A service record answers reminders: what it does to them, and what editing and deleting it undoes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import fields
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event

import fleetcore
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.maintenance.model import Part, RecordService, Service
from fleetcore.maintenance.service import record_service
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import (
    AddReminder,
    DeleteReminder,
    FinishReminder,
    GetReminder,
    ListDue,
    Reminder,
    ReminderFields,
    RestoreReminder,
    SkipReminder,
)
from fleetcore.reminders.schedule import Origin, schedule_of
from fleetcore.reminders.service import (
    add_reminder,
    delete_reminder,
    finish_reminder,
    get_reminder,
    restore_reminder,
    skip_reminder,
)
from fleetcore.reminders.storage import SqlReminderStore
from fleetcore.testing.builders import NOON, euros, km, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.readings import RecordReading

from .conftest import TODAY, Desk

STATEMENTS_MAX = 14


def remind(desk: Desk, **said: Any) -> Reminder:
    """Set a reminder on the vehicle."""
    usual = {"vehicle_id": desk.vehicle_id, "title": "Oil", "every": km(15_000), "every_months": 12}
    return desk.core.run(desk.actor, add_reminder, AddReminder(**usual | said))


def look(desk: Desk, reminder: Reminder) -> Reminder:
    """Return the reminder as it is stored."""
    return desk.core.read(desk.actor, get_reminder, GetReminder(id=reminder.id))


def due(reminder: Reminder) -> tuple[date | None, Distance | None, int]:
    """Return the next due of a reminder, and how often it was answered."""
    return reminder.due_on, reminder.due_odometer, reminder.occurrence


def test_a_service_moves_its_reminders_on(desk: Desk) -> None:
    """The reminder goes on from the service's day and odometer; editing moves it, deleting takes it back."""
    desk.record(odometer=km(40_000), done_on=TODAY - timedelta(days=90))
    oil = remind(desk)
    first = due(oil)
    service = desk.record(odometer=km(45_000), done_on=TODAY - timedelta(days=10), reminder_ids=(oil.id,))
    recorded = due(look(desk, oil))
    service = desk.edit(service, odometer=km(44_000), done_on=TODAY - timedelta(days=20))
    edited = due(look(desk, oil))
    gone = desk.delete(service)
    deleted = due(look(desk, oil))
    desk.restore(gone)

    assert (date(2027, 5, 22), km(60_000), 1) == recorded
    assert (date(2027, 5, 12), km(59_000), 1) == edited
    assert first == deleted
    assert edited == due(look(desk, oil))


def test_an_edit_may_answer_other_reminders(desk: Desk) -> None:
    """Reminders that are no longer named are due again, new ones go on; no reading moves for it."""
    oil, filter_ = remind(desk), remind(desk, title="Filter")
    before = due(oil)
    service = desk.record(odometer=km(45_000), reminder_ids=(oil.id, oil.id))
    after = desk.edit(service, reminder_ids=(filter_.id,))

    assert ((oil.id,), (filter_.id,)) == (service.reminder_ids, after.reminder_ids)
    assert service.reading_id == after.reading_id
    assert (before[0], 0) == (look(desk, oil).due_on, look(desk, oil).occurrence)
    assert km(60_000) == look(desk, filter_).due_odometer


def test_a_service_without_a_meter_answers_by_the_readings_of_its_day(desk: Desk) -> None:
    """What the odometer showed that day is known from other records."""
    desk.record(odometer=km(45_000))
    oil = remind(desk)
    desk.record(reminder_ids=(oil.id,))

    assert (date(2027, 6, 1), km(60_000), 1) == due(look(desk, oil))


def test_a_service_that_moves_to_another_vehicle_lets_go(desk: Desk) -> None:
    """The reminders of the first vehicle are due again; those of the second can be named."""
    oil = remind(desk)
    service = desk.record(odometer=km(45_000), reminder_ids=(oil.id,))
    other = Desk(desk.core, desk.actor, new_vehicle(desk.core, desk.actor, name="Other").id)
    theirs = remind(other)
    moved = desk.edit(service, vehicle_id=other.vehicle_id, reminder_ids=(oil.id, theirs.id))

    assert (theirs.id,) == moved.reminder_ids
    assert (0, 1) == (look(desk, oil).occurrence, look(desk, theirs).occurrence)


def test_only_living_reminders_of_the_vehicle_can_be_answered(desk: Desk) -> None:
    """Another vehicle's, a deleted and an unknown one are not found; a finished one is a mistake; nothing is kept."""
    other = Desk(desk.core, desk.actor, new_vehicle(desk.core, desk.actor, name="Other").id)
    gone, once = remind(desk), remind(desk, every=None, every_months=None, on=TODAY)
    desk.core.run(desk.actor, delete_reminder, DeleteReminder(id=gone.id))
    desk.core.run(desk.actor, finish_reminder, FinishReminder(id=once.id))
    for reminder_id in (remind(other).id, gone.id, new_id()):
        with pytest.raises(NotFound):
            desk.record(reminder_ids=(reminder_id,))
    with pytest.raises(Rejected, match="finished already"):
        desk.record(odometer=km(1), reminder_ids=(once.id,))
    with pytest.raises(Rejected, match="more than 100"):
        desk.record(reminder_ids=tuple(new_id() for _ in range(101)))

    assert () == desk.list(vehicle_id=desk.vehicle_id)


def test_a_job_answers_reminders_and_gives_them_back(desk: Desk) -> None:
    """Completing a job moves its reminders on, reopening it takes that back."""
    oil = remind(desk)
    job = desk.start(desk.schedule())
    done = desk.complete(job, odometer=km(45_000), reminder_ids=(oil.id,))
    completed = due(look(desk, oil))
    desk.reopen(done.job)

    assert (date(2027, 6, 1), km(60_000), 1) == completed
    assert 0 == look(desk, oil).occurrence


def test_a_mechanic_answers_reminders_that_the_owner_set(desk: Desk) -> None:
    """Who may record the service needs no further permission for its reminders."""
    oil = remind(desk)
    mechanic = desk.as_member("mechanic")
    mechanic.record(odometer=km(45_000), reminder_ids=(oil.id,))

    assert 1 == look(desk, oil).occurrence


def test_a_deleted_reminder_comes_back_without_what_was_deleted_meanwhile(desk: Desk) -> None:
    """Deleting the service of a deleted reminder counts when the reminder is restored; so does restoring it."""
    oil = remind(desk)
    service = desk.record(odometer=km(45_000), reminder_ids=(oil.id,))
    desk.core.run(desk.actor, delete_reminder, DeleteReminder(id=oil.id))
    gone = desk.delete(service)
    back = desk.core.run(desk.actor, restore_reminder, RestoreReminder(id=oil.id))
    desk.core.run(desk.actor, delete_reminder, DeleteReminder(id=oil.id))
    desk.restore(gone)
    again = desk.core.run(desk.actor, restore_reminder, RestoreReminder(id=oil.id))

    assert (0, 1) == (back.occurrence, again.occurrence)
    assert km(60_000) == again.due_odometer


@pytest.mark.postgres
def test_a_service_with_reminders_takes_few_statements(postgres_url: str) -> None:
    """A service with five parts and both meters that answers two of five reminders takes at most 14 statements."""
    statements: list[str] = []
    with fleetcore.open(postgres_url, installed_plugins=False) as core:
        owner = core.create_fleet("Home")
        desk = Desk(core, owner, new_vehicle(core, owner).id)
        named = [remind(desk, title=str(number)).id for number in range(5)]
        command = RecordService(
            vehicle_id=desk.vehicle_id,
            title="Oil",
            at=NOON,
            odometer=km(45_000),
            engine_hours=EngineHours(1205),
            parts=tuple(Part(name=str(number), unit_cost=euros(9)) for number in range(5)),
            reminder_ids=tuple(named[:2]),
        )
        event.listen(core.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        core.run(desk.actor, record_service, command, idempotency_key="k")

    counted = [statement for statement in statements if "set_config" not in statement]
    assert 5 < len(counted) <= STATEMENTS_MAX, counted


RULES: tuple[dict[str, Any], ...] = (
    {"every": km(15_000), "every_months": 12},
    {"every": None, "every_months": 6, "is_fixed": True},
    {"every": km(8000), "every_months": None, "every_engine_hours": EngineHours(2500)},
)
WHICH = st.integers(0, len(RULES) - 1)
SAID = st.fixed_dictionaries(
    {
        "odometer": st.none() | st.integers(0, 200_000_000).map(Distance),
        "engine_hours": st.none() | st.integers(0, 9000).map(EngineHours),
        "done_on": st.integers(0, 500).map(lambda ago: TODAY - timedelta(days=ago)),
        "reminder_ids": st.sets(WHICH),
    }
)


class Answers(RuleBasedStateMachine):
    """Services that answer reminders, beside answers by hand, in any order."""

    files: SqliteFiles

    @initialize()
    def start(self) -> None:
        """Set three reminders on a car."""
        self.core = fleetcore.open(self.files.database(), installed_plugins=False, clock=FixedClock())
        owner = self.core.create_fleet("Home", timezone="UTC")
        self.desk = Desk(self.core, owner, new_vehicle(self.core, owner).id)
        self.desk.record(odometer=km(10_000), engine_hours=EngineHours(100), done_on=TODAY - timedelta(days=400))
        self.ids = [remind(self.desk, title=str(number), **said).id for number, said in enumerate(RULES)]
        self.live: list[Service] = []
        self.gone: list[Service] = []
        self.by_hand: list[UUID] = []

    def said(self, said: dict[str, Any]) -> dict[str, Any]:
        """Put the reminders' ids in the place of their numbers."""
        named = tuple(self.ids[which] for which in sorted(said["reminder_ids"]))
        return {**said, "reminder_ids": named, "accept_odometer_jump": True}

    @rule(said=SAID)
    def record(self, said: dict[str, Any]) -> None:
        """Record one."""
        self.live.append(self.desk.record(**self.said(said)))

    @rule(said=SAID, data=st.data())
    def edit(self, said: dict[str, Any], data: st.DataObject) -> None:
        """Edit one."""
        if self.live:
            index = data.draw(st.integers(0, len(self.live) - 1))
            self.live[index] = self.desk.edit(self.live[index], at=None, **self.said(said))

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete one."""
        if self.live:
            index = data.draw(st.integers(0, len(self.live) - 1))
            self.gone.append(self.desk.delete(self.live.pop(index)))

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """Bring one back."""
        if self.gone:
            index = data.draw(st.integers(0, len(self.gone) - 1))
            self.live.append(self.desk.restore(self.gone.pop(index)))

    @rule(which=WHICH)
    def finish(self, which: int) -> None:
        """Say by hand that it was done."""
        self.core.run(self.desk.actor, finish_reminder, FinishReminder(id=self.ids[which]))
        self.by_hand.append(self.ids[which])

    @rule(which=WHICH)
    def skip(self, which: int) -> None:
        """Leave a time out."""
        self.core.run(self.desk.actor, skip_reminder, SkipReminder(id=self.ids[which]))
        self.by_hand.append(self.ids[which])

    @rule(odometer=st.integers(0, 200_000), hour=st.integers(0, 23))
    def read(self, odometer: int, hour: int) -> None:
        """Read the odometer."""
        at = datetime(2026, 5, 31, hour, tzinfo=NOON.tzinfo)
        said = RecordReading(vehicle_id=self.desk.vehicle_id, at=at, odometer=km(odometer), accept_odometer_jump=True)
        self.core.run(self.desk.actor, record_reading, said)

    @invariant()
    def answers_are_those_of_live_services(self) -> None:
        """Each reminder is answered by the live services that name it and by hand, and by nothing else."""
        if not hasattr(self, "ids"):
            return
        for reminder_id in self.ids:
            answers = self.answers(reminder_id)
            of_records = {each.record_id: each for each in answers if each.record_id is not None}
            wanted = {service.id: service for service in self.live if reminder_id in service.reminder_ids}
            assert wanted.keys() == of_records.keys()
            for service_id, service in wanted.items():
                said = of_records[service_id]
                assert service.done_on == said.done_on
                assert service.odometer is None or said.total_m == service.odometer.metres
                assert service.engine_hours is None or said.engine_hours == service.engine_hours
            assert len(answers) == len(wanted) + self.by_hand.count(reminder_id)

    @invariant()
    def reminders_are_recomputed_ones(self) -> None:
        """What is stored is what the rule and the answers ask for from scratch, as urgent as a fresh look says."""
        if not hasattr(self, "ids"):
            return
        fresh = {each.reminder_id: each for each in self.core.read(self.desk.actor, list_due, ListDue(today=TODAY))}
        for reminder_id in self.ids:
            stored = self.core.read(self.desk.actor, get_reminder, GetReminder(id=reminder_id))
            rule_of = ReminderFields(**{a.name: getattr(stored, a.name) for a in fields(ReminderFields)})
            tenths = stored.origin_engine_hours.tenths if stored.origin_engine_hours else None
            origin = Origin(on=stored.origin_on, total_m=stored.origin_total_m, tenths=tenths, said_offset_m=0)
            wanted = schedule_of(rule_of, origin, self.answers(reminder_id))
            due_tenths = stored.due_engine_hours and stored.due_engine_hours.tenths
            due_m = stored.due_odometer and stored.due_odometer.metres
            assert (wanted.due_on, wanted.due_total_m, wanted.due_tenths) == (stored.due_on, due_m, due_tenths)
            assert (wanted.occurrence, wanted.last_done_on) == (stored.occurrence, stored.last_done_on)
            assert fresh[reminder_id].urgency is stored.urgency

    def answers(self, reminder_id: UUID) -> Any:
        """Return how a reminder was answered."""
        with self.core.database.read(self.desk.actor.fleet_id) as connection:
            return SqlReminderStore(connection, self.desk.actor.fleet_id).completions(reminder_id)

    def teardown(self) -> None:
        """Close the database."""
        if hasattr(self, "core"):
            self.core.close()


def test_any_sequence_keeps_reminders_as_recomputed(sqlite_files: SqliteFiles) -> None:
    """After any sequence of recording, editing, deleting, restoring, done and skip, nothing has drifted."""
    machine = type("Machine", (Answers,), {"files": sqlite_files})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=checks),
    )
