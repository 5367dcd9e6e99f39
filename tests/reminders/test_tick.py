"""The daily tick: each change once, whatever the clock does and however many workers run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import attrs
import pytest
from sqlalchemy import event

import fleetcore
from fleetcore import Core
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.errors import Rejected
from fleetcore.people.commands import EditFleet, GetFleet
from fleetcore.people.model import FleetFields
from fleetcore.people.service import edit_fleet, get_fleet
from fleetcore.reminders.model import Tick, TickReport
from fleetcore.reminders.tick import tick
from fleetcore.testing.builders import a_fill, km, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GetVehicle
from fleetcore.vehicles.service import get_vehicle

from .conftest import TODAY, Keeper, keeper_at


def test_each_change_is_told_once(keeper: Keeper) -> None:
    """Ticking every day, twice, tells each state on its day and never again."""
    keeper.add(on=TODAY + timedelta(days=40))
    for day in range(60):
        keeper.on(TODAY + timedelta(days=day))
        keeper.tick()
        assert 0 == keeper.tick().looked_at

    assert [(10, "soon"), (33, "very_soon"), (40, "due"), (41, "overdue")] == [
        ((change.looked_on - TODAY).days, change.new_urgency.value) for change in keeper.changes()
    ]


def test_a_tick_looks_only_at_what_can_have_changed(keeper: Keeper) -> None:
    """Of many reminders, only those that reach a border are looked at."""
    for day in (10, 100, 200, 300):
        keeper.add(on=TODAY + timedelta(days=day))

    assert 1 == keeper.on(TODAY + timedelta(days=3)).tick().looked_at


def test_a_missed_tick_catches_up_in_one_step(keeper: Keeper) -> None:
    """After months without a tick, one change is told, not every one that was missed."""
    keeper.add(on=TODAY + timedelta(days=40))
    keeper.on(TODAY + timedelta(days=400)).tick()

    assert ["overdue"] == keeper.told()


def test_the_pace_makes_a_distance_due_without_a_reading(keeper: Keeper) -> None:
    """Between readings the tick follows the projected date."""
    keeper.on("2026-06-11").read(10_410)
    keeper.add(at_odometer=km(12_000))
    for day in range(11, 60):
        keeper.on(TODAY + timedelta(days=day)).tick()

    assert ["soon", "very_soon", "due"] == keeper.told()


def test_a_tick_goes_in_steps(keeper: Keeper) -> None:
    """A limit bounds one transaction, and the report says that more is waiting."""
    for _ in range(3):
        keeper.add(on=date(2026, 7, 15))
    keeper.on("2026-07-15")

    assert [(2, True), (1, False)] == [(r.looked_at, r.has_more) for r in (keeper.tick(limit=2), keeper.tick(limit=2))]
    with pytest.raises(Rejected):
        keeper.tick(limit=0)


def test_a_clock_set_back_untells_nothing(keeper: Keeper) -> None:
    """When the clock or the time zone goes back over midnight, a due told today is not told again."""
    keeper.add(on=TODAY)
    keeper.on(TODAY + timedelta(days=1)).tick()
    keeper.clock.advance(hours=-13)
    keeper.read(10_001, TODAY)
    keeper.tick()
    keeper.clock.advance(hours=13)
    keeper.tick()

    assert ["due", "overdue"] == keeper.told()


def test_three_workers_tell_each_change_once(keeper: Keeper, database_url: str) -> None:
    """Workers with connections of their own share the work without doubling or losing any of it."""
    for _ in range(60):
        keeper.add(on=TODAY + timedelta(days=35))
    later = FixedClock(datetime(2026, 7, 6, 12, tzinfo=UTC))
    start = Barrier(3)

    def work(core: Core) -> int:
        start.wait()
        changed = 0
        while (report := _ticked(core, keeper)).looked_at:
            changed += report.changed
        return changed

    cores = [fleetcore.open(database_url, installed_plugins=False, clock=later) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        changed = list(pool.map(work, cores))
    for core in cores:
        core.close()
    told = [change.reminder_id for change in keeper.changes()]

    assert 60 == sum(changed) == len(told) == len(set(told))


def _ticked(core: Core, keeper: Keeper) -> TickReport:
    return core.run(keeper.actor, tick, Tick(limit=7))


def _move_to(keeper: Keeper, timezone: str) -> None:
    fleet = keeper.core.read(keeper.actor, get_fleet, GetFleet())
    said = {a.name: getattr(fleet, a.name) for a in attrs.fields(FleetFields)}
    keeper.core.run(keeper.actor, edit_fleet, EditFleet(version=fleet.version, **said | {"timezone": timezone}))


def test_ten_years_of_one_vehicle(sqlite_core: Core) -> None:
    """Through summer time, 29 February, a move and a clock set back, every due is told once and none is missed."""
    clock = FixedClock(datetime(2020, 1, 1, 3, tzinfo=UTC))
    owner = sqlite_core.create_fleet("Home", timezone="Europe/Berlin")
    core = sqlite_core
    core.clock = clock
    keeper = Keeper(core, clock, owner, new_vehicle(core, owner).id)
    keeper.read(0)
    yearly = keeper.add(title="Inspection", on=date(2020, 2, 29), every_months=12, is_fixed=True)
    oil = keeper.add(title="Oil", every=km(15_000), every_months=12)
    timezone, done_oil, done_yearly = "Europe/Berlin", [], []
    for day in range(10 * 365):
        clock.set(datetime(2020, 1, 1, 3, tzinfo=UTC) + timedelta(days=day, hours=day % 24))
        if day == 1500:
            timezone = "America/Los_Angeles"
            _move_to(keeper, timezone)
        today = clock.now().astimezone(ZoneInfo(timezone)).date()
        if day % 30 == 0:
            keeper.read(41 * day)
        keeper.tick()
        if day % 97 == 0:
            clock.advance(hours=-1)
            keeper.tick()
        if day % 10:
            continue
        for row in keeper.due(within=0):
            reminder = yearly if row.title == "Inspection" else oil
            (done_yearly if reminder is yearly else done_oil).append(today)
            keeper.done(reminder)
    dues = [change for change in keeper.changes() if change.new_urgency.value in {"due", "overdue"}]
    first = {(change.reminder_id, change.occurrence) for change in dues}

    assert 10 == len(done_yearly)
    assert 10 == len(done_oil)  # 15,000 km last 366 days: the months decide
    assert first == {(reminder.id, n) for reminder in (yearly, oil) for n in range(len(done_oil))} | {
        each for each in first if each[1] >= 10
    }
    told = [(change.reminder_id, change.occurrence, change.new_urgency) for change in keeper.changes()]
    assert len(told) == len(set(told))


@pytest.mark.postgres
def test_readings_and_fills_keep_their_statement_budget(postgres_url: str, clock: FixedClock) -> None:
    """A reading looks at its vehicle in at most 4 statements, none costs one at most; a fill takes 14 with its key."""
    sent: list[str] = []
    with fleetcore.open(postgres_url, installed_plugins=False, clock=clock) as core:
        keeper = keeper_at(core, clock, core.create_fleet("Home"))
        vehicle = core.read(keeper.actor, get_vehicle, GetVehicle(id=keeper.vehicle_id))
        new_fill(core, keeper.actor, vehicle, at=clock.now())
        event.listen(core.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

        def counted() -> int:
            found = len([statement for statement in sent if "set_config" not in statement])
            sent.clear()
            return found

        keeper.read(10_001, "2026-06-02")
        bare = len([statement for statement in sent if "reminders" in statement])
        without = counted()
        for number in range(5):
            keeper.add(every=km(5000 + number))
        counted()
        keeper.read(10_002, "2026-06-02", accept_odometer_jump=True)
        looked = counted() - without + 1
        clock.advance(days=1)
        new_fill(core, keeper.actor, vehicle, at=clock.now(), odometer=km(14_900), accept_odometer_jump=True)
        filled = counted()
        clock.advance(days=1)
        again = a_fill(vehicle.id, at=clock.now(), odometer=km(14_950))
        core.run(keeper.actor, record_fill, again, idempotency_key="k")
        keyed = counted()

    assert bare <= 1
    assert looked <= 4
    assert max(filled, keyed) <= 14
