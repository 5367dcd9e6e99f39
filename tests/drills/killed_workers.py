"""A tick over many reminders by worker processes of which some are killed; run by test_worker_drill."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from attrs import define, field, frozen
from sqlalchemy import func, select

import fleetcore
from fleetcore import Core, hookimpl
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.area import Area
from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import Consumer
from fleetcore.reminders import tick
from fleetcore.reminders.events import ReminderStateChanged
from fleetcore.reminders.model import AddReminder
from fleetcore.reminders.service import add_reminder
from fleetcore.reminders.storage import REMINDER_ROWS, reminders
from fleetcore.storage.bulk import insert_many
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.loop import Worker
from fleetcore.worker.storage_inbox import dead_letters, inbox

TODAY = date(2026, 6, 1)
SPEED = 60  # a lease of five minutes runs out in five seconds


@frozen
class HurriedClock:
    """A clock that all processes share: noon of the day after TODAY when *began* was, and SPEED times as fast."""

    began: float

    def now(self) -> datetime:
        """Return the present instant."""
        seconds = (time.monotonic() - self.began) * SPEED
        return datetime(2026, 6, 2, 12, tzinfo=UTC) + timedelta(seconds=seconds)


class Listener:
    """A plugin that hears of each state change and writes so down, in the transaction of the inbox."""

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring the consumer."""
        consumer = Consumer(name="drill.listener", hears={ReminderStateChanged: hear})
        return [Area(name="drill", consumers=(consumer,))]


def hear(uow: UnitOfWork, committed: CommittedEvent) -> None:
    """Write down that a change was heard."""
    assert isinstance(committed.event, ReminderStateChanged)
    uow.record_change("drill.heard", committed.event.reminder_id, None, {"event": str(committed.id)})


def work(url: str, began: float, share: int) -> None:
    """Be a worker process until SIGTERM: reminders are looked at *share* at a time."""
    tick.LOOKED_AT_ONCE = share
    with fleetcore.open(url, plugins=[Listener()], installed_plugins=False, clock=HurriedClock(began)) as core:
        worker = Worker(core, poll_seconds_max=0.2)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.run()


def fill(core: Core, owner: Actor, count: int) -> None:
    """Store *count* reminders that become soon tomorrow."""
    vehicle = new_vehicle(core, owner)
    far = TODAY + timedelta(days=3000)
    sample = core.run(owner, add_reminder, AddReminder(vehicle_id=vehicle.id, title="Oil", on=far))
    plain = REMINDER_ROWS.to_row(sample)
    due = TODAY + timedelta(days=31)
    rows = (
        (owner.fleet_id, *(plain | {"id": new_id(), "due_on": due, "first_on": due, "next_look_on": look}).values())
        for look in [TODAY + timedelta(days=1)] * count
    )
    columns = ("fleet_id", *plain)
    core.database.write(owner.fleet_id, lambda connection: insert_many(connection, reminders, columns, rows))


def counted(core: Core) -> dict[str, int]:
    """Return how many changes are told, heard and dead."""
    from fleetcore.audit.storage import audit_log
    from fleetcore.storage.outbox import outbox

    changes = outbox.c.name == ReminderStateChanged.name
    of = {
        "told": select(func.count()).select_from(outbox).where(changes),
        "delivered": select(func.count()).select_from(inbox).where(inbox.c.next_at.is_(None)),
        "heard": select(func.count(audit_log.c.id)).where(audit_log.c.entity == "drill.heard"),
        "heard_distinct": select(func.count(func.distinct(audit_log.c.entity_id))).where(
            audit_log.c.entity == "drill.heard"
        ),
        "dead": select(func.count()).select_from(dead_letters),
        "waiting": select(func.count()).select_from(reminders).where(reminders.c.next_look_on <= date(2026, 6, 2)),
    }
    with core.database.system(snapshot=True) as connection:
        return {name: int(connection.execute(statement).scalar_one()) for name, statement in of.items()}


@define
class Crew:
    """Three worker processes, some of which die."""

    url: str
    share: int
    began: float = field(factory=time.monotonic)
    running: list[BaseProcess] = field(factory=list)

    def hire(self) -> None:
        """Start one more."""
        process = get_context("spawn").Process(target=work, args=(self.url, self.began, self.share), daemon=True)
        process.start()
        self.running.append(process)

    def kill(self) -> None:
        """Kill the one that has worked for longest, in the middle of whatever it does."""
        victim = self.running.pop(0)
        assert victim.pid is not None
        os.kill(victim.pid, signal.SIGKILL)
        victim.join(60)
        assert victim.exitcode == -signal.SIGKILL  # it was at work, not gone before

    def dismiss(self) -> None:
        """Ask the others to stop, and wait until they have."""
        for process in self.running:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGTERM)
        for process in self.running:
            process.join(60)
            assert process.exitcode in {0, -signal.SIGTERM}  # the latter where the work was over before it had begun


def drill(url: str, count: int, seed: int) -> dict[str, int]:
    """Let three workers tick over *count* reminders, kill two of them on the way and replace one; return the counts.

    The moments are drawn: anywhere between the first change that is told and the last one that is heard.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    with fleetcore.open(url, installed_plugins=False, clock=FixedClock()) as core:
        fill(core, core.create_fleet("Drill", timezone="UTC"), count)
        deaths = sorted(draw.randrange(1, 2 * count - count // 10) for _ in range(2))
        crew = Crew(url, max(1, count // 50))
        for _ in range(3):
            crew.hire()
        until = time.monotonic() + 60 + count / 50
        while (found := counted(core))["delivered"] < count and time.monotonic() < until:
            if deaths and found["told"] + found["delivered"] >= deaths[0]:
                deaths.pop(0)
                crew.kill()
                if deaths:
                    crew.hire()
            time.sleep(0.02)
        time.sleep(1)  # whoever would do something twice has time for it
        crew.dismiss()
        assert not deaths
        return counted(core)
