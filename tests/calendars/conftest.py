"""A keeper of reminders whose calendar is read by a program of somebody else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import vobject
from attrs import evolve, frozen

from fleetcore import Core
from fleetcore.calendars.model import Calendar, MakeFeed, ReadCalendar
from fleetcore.calendars.service import make_feed, read_calendar
from fleetcore.kernel.actor import Actor
from fleetcore.reminders.model import AddReminder, FinishReminder, Reminder, SnoozeReminder
from fleetcore.reminders.service import add_reminder, finish_reminder, snooze_reminder
from fleetcore.testing.builders import a_reading, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.meters import record_reading


@frozen
class Diary:
    """One actor's calendar of one vehicle."""

    core: Core
    clock: FixedClock
    actor: Actor
    vehicle_id: UUID

    def add(self, **said: Any) -> Reminder:
        """Set a reminder."""
        usual = {"vehicle_id": self.vehicle_id, "title": "Oil"}
        return self.core.run(self.actor, add_reminder, AddReminder(**usual | said))

    def done(self, reminder: Reminder, **said: Any) -> Reminder:
        """Say that the work was done."""
        return self.core.run(self.actor, finish_reminder, FinishReminder(id=reminder.id, **said))

    def snooze(self, reminder: Reminder, until: date) -> Reminder:
        """Let the reminder be quiet until a day."""
        return self.core.run(self.actor, snooze_reminder, SnoozeReminder(id=reminder.id, until=until))

    def token(self, name: str = "Phone") -> str:
        """Make an address for the calendar of this actor and return its token."""
        token = self.core.run(self.actor, make_feed, MakeFeed(name=name)).token
        assert token is not None
        return token

    def read(self, km: int) -> None:
        """Note the odometer now."""
        self.core.run(self.actor, record_reading, a_reading(self.vehicle_id, km, at=self.clock.now()))

    def calendar(self, **asked: Any) -> Calendar:
        """Return the calendar."""
        return self.core.read(self.actor, read_calendar, ReadCalendar(**asked))

    def events(self) -> list[Any]:
        """Return the events as another library reads them, in their order."""
        return list(vobject.readOne(self.calendar().text).contents.get("vevent", []))

    def event(self) -> Any:
        """Return the only event."""
        (found,) = self.events()
        return found

    def as_actor(self, actor: Actor) -> Diary:
        """Return the same words for another actor."""
        return evolve(self, actor=actor)


@pytest.fixture
def diary(core: Core, clock: FixedClock, owner: Actor) -> Diary:
    """The owner's calendar, on each engine in turn: a Polo on 1 June 2026."""
    return Diary(core, clock, owner, new_vehicle(core, owner).id)


@pytest.fixture
def sqlite_diary(sqlite_core: Core, clock: FixedClock, sqlite_owner: Actor) -> Diary:
    """The same on SQLite only."""
    return Diary(sqlite_core, clock, sqlite_owner, new_vehicle(sqlite_core, sqlite_owner).id)
