"""A keeper of reminders: short words for one actor's dealings with one vehicle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve, fields, frozen
from sqlalchemy import event, select

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.wire import from_json
from fleetcore.reminders.due import list_due
from fleetcore.reminders.events import ReminderStateChanged
from fleetcore.reminders.model import (
    AddReminder,
    DueReminder,
    EditReminder,
    FinishReminder,
    GetReminder,
    ListDue,
    Reminder,
    ReminderFields,
    SnoozeReminder,
    Tick,
    TickReport,
)
from fleetcore.reminders.service import (
    add_reminder,
    edit_reminder,
    finish_reminder,
    get_reminder,
    snooze_reminder,
)
from fleetcore.reminders.tick import tick
from fleetcore.storage.outbox import outbox
from fleetcore.testing.builders import a_reading, km, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.readings import Reading

TODAY = date(2026, 6, 1)


def noon(day: date | str) -> datetime:
    """Return the noon of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day) if isinstance(day, str) else day, time(12), UTC)


@frozen
class Keeper:
    """Short words for one actor's dealings with the reminders of one vehicle."""

    core: Core
    clock: FixedClock
    actor: Actor
    vehicle_id: UUID

    def add(self, **said: Any) -> Reminder:
        """Set a reminder for oil on the vehicle with what is *said*."""
        usual = {"vehicle_id": self.vehicle_id, "title": "Oil"}
        return self.core.run(self.actor, add_reminder, AddReminder(**usual | said))

    def edit(self, reminder: Reminder, **said: Any) -> Reminder:
        """Change what is *said* of the reminder and leave the rest."""
        facts = {a.name: getattr(reminder, a.name) for a in fields(ReminderFields)}
        return self.core.run(
            self.actor, edit_reminder, EditReminder(id=reminder.id, version=reminder.version, **facts | said)
        )

    def done(self, reminder: Reminder, **said: Any) -> Reminder:
        """Say that the work was done."""
        return self.core.run(self.actor, finish_reminder, FinishReminder(id=reminder.id, **said))

    def snooze(self, reminder: Reminder, until: date | None) -> Reminder:
        """Let the reminder be quiet until a day."""
        return self.core.run(self.actor, snooze_reminder, SnoozeReminder(id=reminder.id, until=until))

    def get(self, reminder: Reminder) -> Reminder:
        """Return the reminder as it is stored."""
        return self.core.read(self.actor, get_reminder, GetReminder(id=reminder.id))

    def due(self, **asked: Any) -> tuple[DueReminder, ...]:
        """Return what is due."""
        return self.core.read(self.actor, list_due, ListDue(**asked))

    def read(self, odometer_km: int, day: date | str | None = None, **said: Any) -> Reading:
        """Note the odometer of the vehicle at the noon of a day, now if none is named."""
        at = self.clock.now() if day is None else noon(day)
        return self.core.run(self.actor, record_reading, a_reading(self.vehicle_id, odometer_km, at=at, **said))

    def tick(self, **said: Any) -> TickReport:
        """Run the daily evaluation."""
        return self.core.run(self.actor, tick, Tick(**said))

    def on(self, day: date | str) -> Keeper:
        """Move the clock to the noon of a day."""
        self.clock.set(noon(day))
        return self

    def changes(self) -> list[ReminderStateChanged]:
        """Return every state change that was told, oldest first."""
        statement = select(outbox.c.payload).where(outbox.c.name == ReminderStateChanged.name)
        with self.core.database.read(self.actor.fleet_id) as connection:
            rows = connection.execute(statement.order_by(outbox.c.position)).scalars()
            return [from_json(payload, ReminderStateChanged) for payload in rows]

    def told(self) -> list[str]:
        """Return the urgencies that were told, oldest first."""
        return [change.new_urgency.value for change in self.changes()]

    def as_actor(self, actor: Actor) -> Keeper:
        """Return the same words for another actor."""
        return evolve(self, actor=actor)


def standing(reminder: Reminder) -> Reminder:
    """Return the reminder without what every change moves on."""
    return evolve(reminder, version=0, moves=0, moved_at=None, updated_at=reminder.created_at)


def keeper_at(core: Core, clock: FixedClock, owner: Actor) -> Keeper:
    """Add a vehicle that shows 10,000 km today and return the owner's keeper of it."""
    keeper = Keeper(core, clock, owner, new_vehicle(core, owner).id)
    keeper.read(10_000)
    return keeper


@pytest.fixture
def keeper(core: Core, clock: FixedClock, owner: Actor) -> Keeper:
    """The owner's keeper, on each engine in turn."""
    return keeper_at(core, clock, owner)


@pytest.fixture
def sqlite_keeper(sqlite_core: Core, clock: FixedClock, sqlite_owner: Actor) -> Keeper:
    """The owner's keeper on SQLite only."""
    return keeper_at(sqlite_core, clock, sqlite_owner)


@pytest.fixture
def statements(core: Core) -> Iterator[list[str]]:
    """The statements that the core sends from now on."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(core.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(core.database.engine, "before_cursor_execute", note)


__all__ = ["TODAY", "Keeper", "keeper_at", "km", "noon", "standing"]
