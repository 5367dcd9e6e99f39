"""One vehicle through ten years: driven, filled, serviced, looked at, while clocks and zones play their tricks."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, fields
from sqlalchemy import select

from fleetcore import Core
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, EngineHours, Volume
from fleetcore.kernel.wire import from_json
from fleetcore.maintenance.model import RecordService
from fleetcore.maintenance.service import record_service
from fleetcore.people.commands import EditFleet, GetFleet
from fleetcore.people.model import FleetFields
from fleetcore.people.service import edit_fleet, get_fleet
from fleetcore.reminders.due import list_due
from fleetcore.reminders.events import ReminderDone, ReminderStateChanged
from fleetcore.reminders.model import AddReminder, DueReminder, FinishReminder, ListDue, Metric, Tick, Urgency
from fleetcore.reminders.service import add_reminder, finish_reminder
from fleetcore.reminders.tick import tick
from fleetcore.storage.outbox import outbox
from fleetcore.testing.builders import km, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.trips.model import RecordTrip
from fleetcore.trips.service import record_trip
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.readings import RecordReading

FIRST, LAST = date(2026, 1, 15), date(2036, 1, 15)  # with 29 February of 2028 and 2032
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
MOVED = date(2031, 3, 14)  # across the ocean, between the change of clocks there and at home
SET_BACK = (date(2027, 10, 31), date(2029, 5, 5), date(2033, 11, 6))  # the machine's clock is put back an hour
RULES: dict[str, dict[str, Any]] = {
    "Oil": {"every": km(15_000), "every_months": 12},
    "Leap check": {"on": date(2028, 2, 29), "every_months": 12, "is_fixed": True},
    "Tyres": {"on": date(2026, 3, 29), "every_months": 7, "is_fixed": True},  # falls on a night with 23 hours too
    "Belt": {"every": km(60_000)},
    "Pump": {"every_engine_hours": EngineHours.of(500)},
    "Wash": {"every_days": 45, "soon_days": 5, "very_soon_days": 1},
    "Warranty ends": {"on": date(2029, 10, 28)},  # a night with 25 hours
    **{f"On {day}": {"on": day} for day in (*SET_BACK, MOVED)},  # due on the very day that comes twice
}
TRICKY = {*SET_BACK, MOVED, date(2026, 3, 29), date(2028, 2, 29), date(2029, 10, 28), date(2032, 2, 29)}


@define
class Decade:
    """The ten years; *step* is how many days pass between two looks."""

    core: Core
    clock: FixedClock
    step: int
    zone: str = BERLIN
    odometer_m: int = 20_000_000
    hours_tenths: int = 4000
    filled_minor: int = 0
    served_minor: int = 0
    answered: list[tuple[str, int, DueReminder]] = field(factory=list)
    waiting: dict[UUID, int] = field(factory=dict)
    chance: random.Random = field(factory=lambda: random.Random(10))  # noqa: S311 - the same life every time
    actor: Actor = field(init=False)
    vehicle_id: UUID = field(init=False)
    titles: dict[UUID, str] = field(factory=dict)

    def live(self) -> None:
        """Live all of it."""
        self.at(FIRST, 8)
        self.actor = self.core.create_fleet("Home", currency="EUR", timezone=BERLIN)
        self.vehicle_id = new_vehicle(self.core, self.actor, carriers=(Carrier.PETROL,)).id
        self.read()
        for title, rule in RULES.items():
            made = self.do(add_reminder, AddReminder(vehicle_id=self.vehicle_id, title=title, **rule))
            self.titles[made.id] = title
        looks = {FIRST + timedelta(days=days) for days in range(self.step, (LAST - FIRST).days + 1, self.step)}
        for count, day in enumerate(sorted(looks | TRICKY), 1):
            if day == MOVED:
                self.move(day)
            else:
                self.begin(day)
            self.drive(day, count)
            self.look(day)

    def do(self, operation: Any, command: Any) -> Any:
        """Run an operation."""
        return self.core.run(self.actor, operation, command)

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """Set the clock to a time of the day where the fleet is."""
        self.clock.set(datetime.combine(day, time(hour, minute), ZoneInfo(self.zone)).astimezone(UTC))

    def begin(self, day: date) -> None:
        """Tick after midnight; where the machine's clock is put back, it is yesterday again then."""
        self.at(day, 0, 30)
        self.tick()
        if day in SET_BACK:
            self.clock.advance(hours=-1)
            self.read()
            self.tick()

    def move(self, day: date) -> None:
        """Move the fleet to another time zone after midnight: there it is still yesterday."""
        self.at(day, 1)
        self.tick()
        fleet = self.core.read(self.actor, get_fleet, GetFleet())
        said = {a.name: getattr(fleet, a.name) for a in fields(FleetFields)}
        self.do(edit_fleet, EditFleet(**said | {"timezone": NEW_YORK}, version=fleet.version))
        self.zone = NEW_YORK
        self.read()
        self.tick()

    def read(self) -> None:
        """Note both meters."""
        for shown in ({"odometer": Distance(self.odometer_m)}, {"engine_hours": EngineHours(self.hours_tenths)}):
            command = RecordReading(vehicle_id=self.vehicle_id, at=self.clock.now(), **shown)
            self.do(record_reading, command)

    def drive(self, day: date, count: int) -> None:
        """Drive since the last look: more in summer; fill up every third time, note trips and hours now and then."""
        season = 1.3 if day.month in {6, 7, 8} else 0.9
        metres = round(40 * self.step * season * self.chance.uniform(0.3, 1.7)) * 1000
        self.odometer_m += metres
        self.hours_tenths += metres // 4000  # at 40 km/h
        self.at(day, 17, 30)
        every = max(12 // self.step, 1)
        if count % every == 0:
            minor = 4000 + self.chance.randrange(4000)
            self.do(
                record_fill,
                RecordFill(
                    vehicle_id=self.vehicle_id,
                    at=self.clock.now(),
                    odometer=Distance(self.odometer_m),
                    volume=Volume.of(40),
                    total=Money(minor, "EUR"),
                ),
            )
            self.filled_minor += minor
        if count % (3 * every) == 1:
            self.read()
        if count % (4 * every) == 2 and metres:
            start = self.clock.now() - timedelta(hours=9)
            trip = RecordTrip(
                vehicle_id=self.vehicle_id, started_at=start, ended_at=self.clock.now(), distance=Distance(metres)
            )
            self.do(record_trip, trip)

    def look(self, day: date) -> None:
        """Tick in the evening and before midnight; do what has been due for some looks."""
        self.at(day, 18)
        self.tick()
        self.at(day, 23, 59)
        self.tick()
        for due in self.dues():
            stored = due.urgency in {Urgency.DUE, Urgency.OVERDUE}
            waited = self.waiting.get(due.reminder_id, self.chance.randrange(4))
            if stored and waited == 0:
                self.answer(due, day)
            elif stored:
                self.waiting[due.reminder_id] = waited - 1

    def tick(self) -> None:
        """Run the daily evaluation."""
        self.do(tick, Tick())

    def dues(self, today: date | None = None) -> tuple[DueReminder, ...]:
        """Return what is due."""
        return self.core.read(self.actor, list_due, ListDue(today=today))

    def answer(self, due: DueReminder, day: date) -> None:
        """Do the work, which is recorded and paid."""
        self.waiting.pop(due.reminder_id, None)
        minor = 5000 + self.chance.randrange(20_000)
        work = RecordService(
            vehicle_id=self.vehicle_id,
            title=due.title,
            at=self.clock.now(),
            odometer=Distance(self.odometer_m),
            engine_hours=EngineHours(self.hours_tenths),
            total=Money(minor, "EUR"),
        )
        made = self.do(record_service, work)
        self.served_minor += minor
        after = self.do(finish_reminder, FinishReminder(id=due.reminder_id, done_on=day, record_id=made.id))
        self.answered.append((due.title, after.occurrence - 1, due))

    def told(self, kind: Any = ReminderStateChanged) -> list[Any]:
        """Return the events of a *kind* in the order in which they were told."""
        statement = select(outbox.c.payload).where(outbox.c.name == kind.name).order_by(outbox.c.position)
        with self.core.database.read(self.actor.fleet_id) as connection:
            return [from_json(payload, kind) for payload in connection.execute(statement).scalars()]


def anniversaries(on: date, months: int, last: date) -> list[date]:
    """Return the grid of a fixed rule the slow way: month by month, one day back until the month has it."""
    found = []
    number = 0
    while True:
        year, month = divmod(on.year * 12 + on.month - 1 + number * months, 12)
        day = on.day
        while True:
            try:
                this = date(year, month + 1, day)
                break
            except ValueError:
                day -= 1
        if this > last:
            return found
        found.append(this)
        number += 1


__all__ = ["FIRST", "LAST", "RULES", "Decade", "Metric", "ReminderDone", "anniversaries"]
