"""Reminders in any order of events: what is stored is what is true, and what was told adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import fleetcore
from fleetcore.kernel.actor import Actor
from fleetcore.reminders.model import Reminder, ReopenReminder, SkipReminder, Urgency
from fleetcore.reminders.service import reopen_reminder, skip_reminder
from fleetcore.testing.builders import km, new_vehicle
from fleetcore.testing.clock import FixedClock

from .conftest import Keeper, standing

RULES: tuple[dict[str, Any], ...] = (
    {"every": km(5000)},
    {"every_months": 3, "is_fixed": True},
    {"every": km(8000), "every_months": 6},
    {"every_days": 45},
)


class ReminderLife(RuleBasedStateMachine):
    """A car that is driven, read, serviced and looked at, in any order."""

    @initialize()
    def start(self) -> None:
        """Set four reminders on a car with 10,000 km."""
        clock = FixedClock(datetime(2026, 1, 31, 12, tzinfo=UTC))
        self.core = fleetcore.open(installed_plugins=False, clock=clock)
        owner: Actor = self.core.create_fleet("Home")
        self.keeper = Keeper(self.core, clock, owner, new_vehicle(self.core, owner).id)
        self.shown = 10_000
        self.keeper.read(self.shown)
        self.ids: list[Reminder] = [self.keeper.add(**said) for said in RULES]

    @property
    def today(self) -> date:
        """The present day."""
        return self.keeper.clock.now().date()

    @rule(days=st.integers(1, 60))
    def live(self, days: int) -> None:
        """Let days pass, and tick at the end of them."""
        self.keeper.clock.set(datetime.combine(self.today + timedelta(days=days), time(12), UTC))
        self.keeper.tick()

    @rule(driven=st.integers(0, 2500))
    def drive(self, driven: int) -> None:
        """Drive and note the odometer."""
        self.shown += driven
        self.keeper.read(self.shown, accept_odometer_jump=True)

    @rule(which=st.integers(0, len(RULES) - 1), days=st.integers(0, 30))
    def service(self, which: int, days: int) -> None:
        """Say that the work was done, some days ago."""
        self.keeper.done(self.ids[which], done_on=self.today - timedelta(days=days))

    @rule(which=st.integers(0, len(RULES) - 1))
    def skip(self, which: int) -> None:
        """Leave this time out."""
        self.core.run(self.keeper.actor, skip_reminder, SkipReminder(id=self.ids[which].id))

    @rule(which=st.integers(0, len(RULES) - 1), is_skipped=st.booleans())
    def answer_by_mistake(self, which: int, is_skipped: bool) -> None:
        """Done or skipped and taken back, it is due as if nobody had said so."""
        asked = self.ids[which]
        before = self.keeper.snooze(asked, None)
        after = self.core.run(self.keeper.actor, skip_reminder, SkipReminder(id=asked.id)) if is_skipped else None
        after = after or self.keeper.done(asked)
        assert before.occurrence + 1 == after.occurrence
        back = self.core.run(self.keeper.actor, reopen_reminder, ReopenReminder(id=asked.id, version=after.version))
        assert standing(before) == standing(back)

    @rule(which=st.integers(0, len(RULES) - 1), days=st.integers(1, 20))
    def snooze(self, which: int, days: int) -> None:
        """Be quiet for some days."""
        self.keeper.snooze(self.ids[which], self.today + timedelta(days=days))

    @invariant()
    def what_is_stored_is_what_is_true(self) -> None:
        """The stored urgency is that of a look at all readings as of today."""
        told = {row.reminder_id: row.urgency for row in self.keeper.due(today=self.today)}

        assert told == {each.id: self.keeper.get(each).urgency for each in self.ids}

    @invariant()
    def what_was_told_adds_up(self) -> None:
        """Each change begins where the last one of its reminder ended, and the last one is how it is."""
        urgencies = {each.id: Urgency.NOT_DUE for each in self.ids}
        for change in self.keeper.changes():
            assert urgencies[change.reminder_id] is change.old_urgency is not change.new_urgency
            urgencies[change.reminder_id] = change.new_urgency

        assert urgencies == {each.id: self.keeper.get(each).urgency for each in self.ids}

    def teardown(self) -> None:
        """Close the database."""
        if hasattr(self, "core"):
            self.core.close()


TestReminderLife = ReminderLife.TestCase
TestReminderLife.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
