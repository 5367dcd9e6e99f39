"""What grows by itself is kept for so long: old rows go, recent ones stay, table by table."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from sqlalchemy import func, insert, select

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.retention import Retention
from fleetcore.kernel.work import QUEUE
from fleetcore.notifications.model import ReadNotifications
from fleetcore.notifications.service import read_notifications
from fleetcore.reminders.model import AddReminder
from fleetcore.reminders.service import add_reminder
from fleetcore.storage.types import metadata
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetcore.worker.loop import Worker
from fleetcore.worker.ports import CLAIMS
from fleetcore.worker.storage_inbox import dead_letters

from .letters import a_letter

KIND = "expenses.run_recurring"


def rows(core: Core, name: str) -> int:
    """Count the rows of a table, of all fleets."""
    with core.database.system() as connection:
        return int(connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one())


def later(core: Core, clock: FixedClock, days: float) -> None:
    """Let so many days go by, and the worker do what is due then."""
    clock.advance(days=days)
    Worker(core).drain()


def test_answers_to_requests_are_kept_for_a_week(core: Core, owner: Actor, clock: FixedClock) -> None:
    """A key that is older than a week is forgotten, one of yesterday is not."""
    core.run(owner, add_vehicle, AddVehicle(name="Old"), idempotency_key="old")
    later(core, clock, 7.5)
    core.run(owner, add_vehicle, AddVehicle(name="New"), idempotency_key="new")
    later(core, clock, 1)

    assert 1 == rows(core, "idempotency_keys")


def test_events_that_were_heard_are_kept_for_two_weeks(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Old events go with what is known of who heard them; those of this week stay."""
    new_vehicle(core, owner)
    later(core, clock, 0)
    old, heard = rows(core, "outbox"), rows(core, "inbox")
    later(core, clock, 14.5)
    new_vehicle(core, owner)
    later(core, clock, 1)

    assert old > rows(core, "outbox") > 0
    assert heard >= 1
    assert 0 == rows(core, "inbox")


def test_events_that_nobody_heard_stay(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Without a worker nothing is lost, however long it takes."""
    new_vehicle(core, owner)
    before = rows(core, "outbox")
    clock.advance(days=400)
    with core.across_fleets() as uow:
        core.jobs["worker.clean_up"].run(uow, {})  # type: ignore[misc]  # it runs in a transaction

    assert before == rows(core, "outbox")


def dead_job(core: Core, fleet_id: UUID) -> None:
    """Leave a job that failed for good."""
    core.work(fleet_id, "test", lambda uow: uow[QUEUE].enqueue(KIND, now=uow.now))
    with core.across_fleets() as uow:
        [claim] = uow[CLAIMS].claim({KIND: timedelta(minutes=5)}, uow.now, 1)
        uow[CLAIMS].fail(claim, "ValueError: broken", None, uow.now)


def jobs_in(core: Core, state: str) -> int:
    """Count the jobs of fleets in a state."""
    table = metadata.tables["jobs"]
    with core.database.system() as connection:
        chosen = select(func.count()).where(table.c.state == state, table.c.kind == KIND)
        return int(connection.execute(chosen).scalar_one())


def test_jobs_that_failed_are_kept_for_half_a_year(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Somebody may still look at them; after 180 days nobody does."""
    dead_job(core, owner.fleet_id)
    later(core, clock, 180.5)
    dead_job(core, owner.fleet_id)
    later(core, clock, 1)

    assert 1 == jobs_in(core, "dead")


def test_jobs_that_are_done_are_kept_for_a_week(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Each kind says for how long; this one for seven days."""
    for days in (0, 7.5):
        clock.advance(days=days)
        core.work(owner.fleet_id, "test", lambda uow: uow[QUEUE].enqueue(KIND, now=uow.now))
        Worker(core).drain()
    later(core, clock, 1)

    assert 1 == jobs_in(core, "done")


def dead_letter(core: Core, fleet_id: UUID, at: datetime) -> None:
    """Leave an event that a consumer could not take."""
    letter = attrs.evolve(a_letter(fleet_id), event_id=UUID(int=int(at.timestamp())), died_at=at)
    row = {"fleet_id": fleet_id, **attrs.asdict(letter)}
    core.database.write(fleet_id, lambda connection: connection.execute(insert(dead_letters).values(row)))


def test_dead_letters_are_kept_for_half_a_year(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Replayed or not, after 180 days they go."""
    dead_letter(core, owner.fleet_id, clock.now())
    later(core, clock, 180.5)
    dead_letter(core, owner.fleet_id, clock.now())
    later(core, clock, 1)

    assert 1 == rows(core, "dead_letters")


def test_messages_are_kept_for_more_than_a_year(core: Core, owner: Actor, clock: FixedClock) -> None:
    """What was read goes with its delivery log after 400 days; what nobody read stays, and so does what is recent."""
    for title in ("Read", "Not read"):
        reminder = AddReminder(vehicle_id=new_vehicle(core, owner).id, title=title, on=date(2026, 5, 1))
        core.run(owner, add_reminder, reminder)
        later(core, clock, 1)
        if title == "Read":
            core.run(owner, read_notifications, ReadNotifications(all=True))
    before, log = rows(core, "notifications_inbox"), rows(core, "notifications_deliveries")
    later(core, clock, 300)
    assert (before, log) == (rows(core, "notifications_inbox"), rows(core, "notifications_deliveries"))
    later(core, clock, 101)

    assert before > rows(core, "notifications_inbox") > 0


def test_the_host_says_how_long(database_url: str, clock: FixedClock) -> None:
    """Settings of the Core, or FLEET_RETENTION_... variables; what cannot be is refused."""
    said = {"retention": {"answers_days": 2}}
    with fleetcore.open(database_url, installed_plugins=False, clock=clock, plugin_settings=said) as core:
        assert Retention(answers_days=2) == core.retention
        owner = core.create_fleet("Home")
        core.run(owner, add_vehicle, AddVehicle(name="Old"), idempotency_key="old")
        later(core, clock, 3)
        assert 0 == rows(core, "idempotency_keys")
    wrong = {"retention": {"events_days": 0}}
    with (
        fleetcore.open(database_url, installed_plugins=False, clock=clock, plugin_settings=wrong) as core,
        pytest.raises(Rejected, match="events_days"),
    ):
        _ = core.retention


def test_variables_say_how_long(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is read when it is first needed."""
    monkeypatch.setenv("FLEET_RETENTION_SECURITY_LOG_DAYS", "30")
    assert 30 == core.retention.security_log_days
