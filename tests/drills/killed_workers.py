"""A tick over many reminders by worker processes of which some are killed; run by test_worker_drill.

Each change is heard by a listener, and told to the one owner of the fleet: in the inbox, and through a channel that
writes what it is given into a file, as the outside world would see it.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

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
from fleetcore.notifications.channels import Addressing, ChannelSpec, Delivered, Limits, Message, Outcome, Target
from fleetcore.notifications.model import INBOX, DeliveryState, Kind
from fleetcore.notifications.storage import deliveries
from fleetcore.notifications.storage import inbox as notices
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
SINK = "sink"
SENT_AT_ONCE = 50  # what one claim of the sender takes: so many a killed worker may have sent without saying so
ROOMY = Limits(per_second=1e6, per_target=1e6, burst=1_000_000, timeout=timedelta(seconds=30))


@frozen
class HurriedClock:
    """A clock that all processes share: noon of the day after TODAY when *began* was, and SPEED times as fast."""

    began: float

    def now(self) -> datetime:
        """Return the present instant."""
        seconds = (time.monotonic() - self.began) * SPEED
        return datetime(2026, 6, 2, 12, tzinfo=UTC) + timedelta(seconds=seconds)


@frozen
class SinkChannel:
    """Writes the id of every message as a line of its own; processes may share the file."""

    file: Path

    async def open(self) -> None:
        """Nothing to open."""

    async def send(self, message: Message, _target: Target) -> Outcome:
        """Write one line in one piece."""
        kind = "due" if message.type == Kind.DUE else "other"
        descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, f"{kind} {message.id}\n".encode())
        finally:
            os.close(descriptor)
        return Delivered()

    async def close(self) -> None:
        """Nothing to close."""


@frozen
class Listener:
    """A plugin that hears of each state change and writes so down, in the transaction of the inbox; and the sink."""

    file: Path

    @hookimpl
    def fleetcore_notification_channels(self) -> list[ChannelSpec]:
        """Bring the channel, by which everybody is told."""
        spec = ChannelSpec(
            name=SINK,
            factory=lambda _settings: SinkChannel(self.file),
            limits=ROOMY,
            addressing=Addressing.NONE,
            is_default=True,
        )
        return [spec]

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring the consumer."""
        consumer = Consumer(name="drill.listener", hears={ReminderStateChanged: hear})
        return [Area(name="drill", consumers=(consumer,))]


def hear(uow: UnitOfWork, committed: CommittedEvent) -> None:
    """Write down that a change was heard."""
    assert isinstance(committed.event, ReminderStateChanged)
    uow.record_change("drill.heard", committed.event.reminder_id, None, {"event": str(committed.id)})


def work(url: str, file: Path, began: float, share: int) -> None:
    """Be a worker process until SIGTERM: reminders are looked at *share* at a time."""
    tick.LOOKED_AT_ONCE = share
    with fleetcore.open(url, plugins=[Listener(file)], installed_plugins=False, clock=HurriedClock(began)) as core:
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
    """Return how many changes are told, heard, in the inbox, in the delivery log, sent, dead and waiting."""
    from fleetcore.audit.storage import audit_log
    from fleetcore.storage.outbox import outbox

    def count(of: Any, *where: Any) -> Any:
        return select(func.count(of)).where(*where)

    changes = outbox.c.name == ReminderStateChanged.name
    is_due = deliveries.c.kind == Kind.DUE.value
    delivered = is_due & (deliveries.c.state == DeliveryState.DELIVERED.value)
    heard = audit_log.c.entity == "drill.heard"
    of = {
        "told": count(outbox.c.id, changes),
        "relayed": count(inbox.c.event_id, inbox.c.next_at.is_(None), inbox.c.consumer == "drill.listener"),
        "heard": count(audit_log.c.id, heard),
        "heard_distinct": count(func.distinct(audit_log.c.entity_id), heard),
        "inbox": count(notices.c.id, notices.c.kind == Kind.DUE.value),
        "inbox_changes": count(func.distinct(notices.c.event_id), notices.c.kind == Kind.DUE.value),
        "log_inbox": count(deliveries.c.id, delivered, deliveries.c.channel == INBOX),
        "log_sink": count(deliveries.c.id, delivered, deliveries.c.channel == SINK),
        "log_changes": count(func.distinct(deliveries.c.event_id), delivered, deliveries.c.channel == SINK),
        "log_rows": count(deliveries.c.id, is_due),
        "dead": count(dead_letters.c.id),
        "waiting": count(reminders.c.id, reminders.c.next_look_on <= date(2026, 6, 2)),
    }
    with core.database.system(snapshot=True) as connection:
        return {name: int(connection.execute(statement).scalar_one()) for name, statement in of.items()}


def sent(file: Path) -> Counter[str]:
    """Return how often each message about something due reached the outside world, by its id."""
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return Counter(line.partition(" ")[2] for line in lines if line.startswith("due "))


@define
class Crew:
    """Three worker processes, some of which die."""

    url: str
    file: Path
    share: int
    began: float = field(factory=time.monotonic)
    running: list[BaseProcess] = field(factory=list)

    def hire(self) -> None:
        """Start one more."""
        process = get_context("spawn").Process(
            target=work, args=(self.url, self.file, self.began, self.share), daemon=True
        )
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


def progress(core: Core) -> tuple[int, int]:
    """Return how much was done of everything, and how much was sent; cheap enough to be asked again and again."""
    from fleetcore.storage.outbox import outbox

    heard = select(func.count()).select_from(inbox).where(inbox.c.next_at.is_(None))
    told = select(func.count()).select_from(outbox).where(outbox.c.name == ReminderStateChanged.name)
    finished = (
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.channel == SINK, deliveries.c.kind == Kind.DUE.value, deliveries.c.finished_at.is_not(None))
    )
    with core.database.system(snapshot=True) as connection:
        counts = [int(connection.execute(statement).scalar_one()) for statement in (told, heard, finished)]
    return sum(counts), counts[-1]


@frozen(kw_only=True)
class Drilled:
    """What a drill found: rows by what they say, and how often each message was sent."""

    counts: dict[str, int]
    sent: Counter[str]
    seconds: float


def drill(url: str, file: Path, count: int, seed: int) -> Drilled:
    """Let three workers tick over *count* reminders, kill two of them on the way and replace one.

    The moments are drawn: anywhere between the first change that is stored and the last one that is sent.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    with fleetcore.open(url, installed_plugins=False, clock=FixedClock()) as core:
        fill(core, core.create_fleet("Drill", timezone="UTC"), count)
        # A change is told, heard by two consumers and sent: four steps, of which the last tenth is left in peace.
        deaths = sorted(draw.randrange(1, 4 * count - count // 10) for _ in range(2))
        crew = Crew(url, file, max(1, count // 50))
        began = time.monotonic()
        for _ in range(3):
            crew.hire()
        until = began + 60 + count / 50
        poll_seconds = min(1.0, 0.02 + count / 100_000)
        while (done := progress(core))[1] < count and time.monotonic() < until:
            if deaths and done[0] >= deaths[0]:
                deaths.pop(0)
                crew.kill()
                if deaths:
                    crew.hire()
            time.sleep(poll_seconds)
        seconds = time.monotonic() - began
        time.sleep(1)  # whoever would do something twice has time for it
        crew.dismiss()
        assert not deaths
        return Drilled(counts=counted(core), sent=sent(file), seconds=seconds)
