"""What the worker does of itself: it ticks, records recurring expenses and cleans up, each fleet by its calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

import fleetcore
from fleetcore import Core
from fleetcore.expenses.model import AddRecurring, ListExpenses
from fleetcore.expenses.recurring import add_recurring
from fleetcore.expenses.service import list_expenses
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.when import Period
from fleetcore.kernel.work import WORKER_ID
from fleetcore.reminders import tick
from fleetcore.reminders.model import AddReminder, GetReminder, Reminder, Urgency
from fleetcore.reminders.service import add_reminder, get_reminder
from fleetcore.storage.types import metadata
from fleetcore.testing.builders import euros, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import VehicleState
from fleetcore.worker.loop import Worker
from fleetcore.worker.model import Happening

from .bench import Bench
from .conftest import Open

TODAY = date(2026, 6, 1)


def drain(core: Core) -> list[Happening]:
    """Do all that is due; returns what happened."""
    told: list[Happening] = []
    Worker(core, tell=told.append).drain()
    return told


def remind(core: Core, owner: Actor, on: date) -> Reminder:
    """Set a reminder on a new vehicle."""
    return core.run(owner, add_reminder, AddReminder(vehicle_id=new_vehicle(core, owner).id, title="Oil", on=on))


def urgency(core: Core, owner: Actor, reminder: Reminder) -> Urgency:
    """Return how urgent the stored reminder is."""
    return core.read(owner, get_reminder, GetReminder(id=reminder.id)).urgency


def rows(core: Core, name: str) -> int:
    """Count the rows of a table."""
    with core.database.system() as connection:
        return int(connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one())


def test_the_worker_ticks_each_fleet(core: Core, clock: FixedClock) -> None:
    """Reminders of every fleet are looked at when their day comes, and not before."""
    owners = [core.create_fleet(f"Fleet {number}", timezone="UTC") for number in range(3)]
    reminders = [remind(core, owner, TODAY + timedelta(days=40 + index)) for index, owner in enumerate(owners)]
    drain(core)
    clock.set(datetime(2026, 6, 12, 12, tzinfo=UTC))
    told = drain(core)

    assert ["soon", "soon", "not_due"] == [
        urgency(core, owner, reminder).value for owner, reminder in zip(owners, reminders, strict=True)
    ]
    assert 2 == len([each for each in told if (each.what, each.name) == ("done", "reminders.tick")])


def test_each_fleet_has_its_own_day(core: Core, clock: FixedClock) -> None:
    """A fleet in Auckland is ticked when its day begins, eleven hours before London, seventeen before Chicago."""
    zones = ["Pacific/Auckland", "Europe/London", "America/Chicago"]
    owners = [core.create_fleet(zone, timezone=zone) for zone in zones]
    reminders = [remind(core, owner, TODAY + timedelta(days=32)) for owner in owners]
    seen = []
    for hour in (35, 37, 46, 48, 54):
        clock.set(datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour))
        drain(core)
        seen.append([urgency(core, *pair).value == "soon" for pair in zip(owners, reminders, strict=True)])

    assert [
        [False, False, False],
        [True, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ] == seen


def test_a_tick_with_nothing_due_costs_no_job(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Where nothing waits no job is made, however many reminders and fleets there are."""
    remind(core, owner, TODAY + timedelta(days=300))
    drain(core)
    clock.advance(hours=6)

    assert {"worker.clean_up"} == {each.name for each in drain(core)} - {"outbox"}


def test_a_great_many_are_shared_among_jobs(
    core: Core, owner: Actor, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several jobs of one fleet each look at a part, and go on in further jobs until nothing is left."""
    monkeypatch.setattr(tick, "LOOKED_AT_ONCE", 2)
    monkeypatch.setattr(tick, "JOBS_AT_ONCE", 3)
    reminders = [remind(core, owner, TODAY + timedelta(days=31)) for _ in range(15)]
    clock.advance(days=1)
    told = drain(core)

    assert {"soon"} == {urgency(core, owner, reminder).value for reminder in reminders}
    assert [3] == [each.count for each in told if (each.what, each.name) == ("scheduled", "reminders.tick")]


def test_recurring_expenses_are_recorded_by_the_worker(core: Core, clock: FixedClock) -> None:
    """Each falls due by the calendar of its fleet, is recorded once, and says that the worker did it."""
    owner = core.create_fleet("Home", timezone="America/Chicago")
    vehicle = new_vehicle(core, owner)
    rent = AddRecurring(
        vehicle_id=vehicle.id, category="parking", amount=euros(50), period=Period.MONTH, starts_on=date(2026, 7, 1)
    )
    core.run(owner, add_recurring, rent)
    counts = []
    for hour in (4, 6, 24):
        clock.set(datetime(2026, 7, 1, tzinfo=UTC) + timedelta(hours=hour))
        drain(core)
        counts.append(len(core.read(owner, list_expenses, ListExpenses()).items))
    [expense] = core.read(owner, list_expenses, ListExpenses()).items

    assert [0, 1, 1] == counts
    assert (owner.user_id, WORKER_ID) == (expense.created_by, expense.updated_by)


def test_what_a_decommissioned_vehicle_cost_is_not_looked_for(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Recurring expenses that wait for their vehicle make no jobs."""
    vehicle = new_vehicle(core, owner)
    rent = AddRecurring(
        vehicle_id=vehicle.id, category="parking", amount=euros(50), period=Period.MONTH, starts_on=date(2026, 7, 1)
    )
    core.run(owner, add_recurring, rent)
    core.perform(
        owner,
        "vehicles.change_state",
        {"id": str(vehicle.id), "version": vehicle.version, "state": VehicleState.DECOMMISSIONED.value},
    )
    clock.advance(days=60)

    assert "expenses.run_recurring" not in {each.name for each in drain(core)}


def test_old_answers_jobs_and_events_are_forgotten(desk_with: Open, clock: FixedClock) -> None:
    """Answers go after a week, done jobs after theirs, events that were heard after two; what waits stays."""
    desk = desk_with(Bench())
    desk.enqueue("bench.run")
    desk.enqueue("bench.run", run_at=clock.now() + timedelta(days=100))
    desk.core.perform(desk.actor, "vehicles.add", {"name": "Golf"}, idempotency_key="k")
    desk.ring(desk.actor.user_id, 1)
    desk.work()
    before = {name: rows(desk.core, name) for name in ("idempotency_keys", "inbox", "outbox", "jobs")}
    clock.advance(days=7, hours=1)
    desk.work()
    kept = {name: rows(desk.core, name) for name in ("idempotency_keys", "inbox", "outbox")}
    clock.advance(days=7)
    desk.work()

    assert {"idempotency_keys": 0} | {name: before[name] for name in ("inbox", "outbox")} == kept
    assert (0, 0) == (rows(desk.core, "inbox"), rows(desk.core, "outbox"))
    assert ["waiting"] == [job.state.value for job in desk.jobs]


def test_a_dead_job_stays(desk_with: Open, clock: FixedClock) -> None:
    """What failed is not forgotten before someone has seen to it."""

    def on_run(*_given: object) -> None:
        raise ValueError("broken")

    desk = desk_with(Bench(on_run=on_run))
    desk.enqueue("bench.run")
    for _ in range(3):
        desk.work()
        clock.advance(days=30)

    assert ["dead"] == [job.state.value for job in desk.work().jobs]


@pytest.mark.postgres
def test_an_idle_worker_asks_little(postgres_url: str, clock: FixedClock) -> None:
    """A step with nothing due is four questions and writes nothing."""
    sent: list[str] = []
    with fleetcore.open(postgres_url, installed_plugins=False, clock=clock) as core:
        worker = Worker(core)
        worker.drain()

        def note(*given: Any) -> None:
            sent.append(given[2])

        event.listen(Engine, "before_cursor_execute", note)
        worker.step()
        event.remove(Engine, "before_cursor_execute", note)

    assert 4 == len(sent)
    assert all(statement.startswith("SELECT") for statement in sent)
