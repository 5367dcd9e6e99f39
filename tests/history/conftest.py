"""A house at which tests keep a vehicle with a record of every kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.history.model import ListTimeline
from fleetcore.history.service import list_timeline
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.paging import Page
from fleetcore.kernel.timeline import TimelineEntry
from fleetcore.testing.builders import NOON, new_fill, new_vehicle

DAY = timedelta(days=1)


@frozen
class House:
    """Short words for one actor's dealings with one vehicle."""

    core: Core
    actor: Actor
    vehicle_id: UUID

    def does(self, operation: str, **values: Any) -> Any:
        """Run the operation with plain values."""
        return self.core.perform(self.actor, operation, values)

    def page(self, **asked: Any) -> Page[TimelineEntry]:
        """Return a page of the timeline."""
        return self.core.read(self.actor, list_timeline, ListTimeline(vehicle_id=self.vehicle_id, **asked))

    def entries(self, **asked: Any) -> tuple[TimelineEntry, ...]:
        """Return the entries of one page."""
        return self.page(**asked).items

    def kinds(self, **asked: Any) -> list[str]:
        """Return the kinds of the entries of one page."""
        return [entry.kind for entry in self.entries(**asked)]


@pytest.fixture
def empty(shared_core: Core, resident: Actor) -> House:
    """A vehicle without records."""
    return House(shared_core, resident, new_vehicle(shared_core, resident, name="Golf").id)


@pytest.fixture
def house(empty: House) -> House:
    """A vehicle with a record of every kind, one a day from 1 May 2026 on."""
    vehicle = str(empty.vehicle_id)
    core, actor = empty.core, empty.actor
    new_fill(core, actor, empty.does("vehicles.get", id=vehicle), at=NOON, odometer=None)
    empty.does("expenses.record", vehicle_id=vehicle, spent_on="2026-05-02", category="parking", notes="Ölmühle",
               amount={"amount": "9.00", "currency": "EUR"})  # fmt: skip
    empty.does("maintenance.record_service", vehicle_id=vehicle, done_on="2026-05-03", title="Brakes",
               total={"amount": "240.00", "currency": "EUR"})  # fmt: skip
    empty.does("maintenance.schedule_job", vehicle_id=vehicle, title="Tyres")
    empty.does("trips.record", vehicle_id=vehicle, started_at="2026-05-05T08:00:00+00:00", distance_km=12,
               ended_at="2026-05-05T09:00:00+00:00", purpose="business", end_place="Clinic")  # fmt: skip
    empty.does("vehicles.record_reading", vehicle_id=vehicle, at="2026-05-06T08:00:00+00:00", odometer_km=15_000)
    reminder = empty.does("reminders.add", vehicle_id=vehicle, title="Oil", every_months=12)
    empty.does("reminders.done", id=str(reminder.id), done_on="2026-05-07")
    empty.does("vehicles.change_state", id=vehicle, state="under_maintenance")
    return empty
