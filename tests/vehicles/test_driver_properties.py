"""Whatever is assigned, handed over, moved and deleted: one primary driver at a time, and the past as it was said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.testing.builders import new_vehicle
from fleetcore.vehicles.assignments import (
    AssignDriver,
    Assignment,
    DeleteAssignment,
    EditAssignment,
    HandOver,
    ListAssignments,
    WhoDrove,
)
from fleetcore.vehicles.drivers import (
    assign_driver,
    delete_assignment,
    edit_assignment,
    hand_over,
    list_assignments,
    who_drove,
)

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = st.integers(0, 24)
NAMES = st.sampled_from(["Ann", "Bo", "Cy"])
ENDLESS = 99


def at(hour: int) -> datetime:
    """Return the instant of an hour."""
    return BEGIN + timedelta(hours=hour)


class Drivers(RuleBasedStateMachine):
    """A vehicle, and for each hour who is said to be its primary driver."""

    core: ClassVar[Core]
    resident: ClassVar[Actor]

    def __init__(self) -> None:
        super().__init__()
        self.vehicle = new_vehicle(self.core, self.resident)
        self.hours: list[Any] = [None] * ENDLESS

    def held(self) -> list[Assignment]:
        """Return the vehicle's assignments, by their start."""
        question = ListAssignments(vehicle_id=self.vehicle.id)
        return sorted(self.core.read(self.resident, list_assignments, question).items, key=lambda each: each.starts_at)

    def run(self, act: Any, command: Any) -> Assignment | None:
        """Run a command; None where it is rejected."""
        try:
            made: Assignment = self.core.run(self.resident, act, command)
        except Rejected:
            return None
        return made

    def stretch(self, held: Assignment) -> range:
        """Return the hours of an assignment."""
        last = ENDLESS if held.ends_at is None else int((held.ends_at - BEGIN) / timedelta(hours=1))
        return range(int((held.starts_at - BEGIN) / timedelta(hours=1)), last)

    def fits(self, start: int, end: int | None, *, but: object = None) -> bool:
        """Say whether nobody *but* one assignment has the vehicle from *start* to *end*."""
        return (end is None or start < end) and set(self.hours[start:end]) <= {None, but}

    @rule(name=NAMES, start=HOURS, end=HOURS | st.none())
    def assign(self, name: str, start: int, end: int | None) -> None:
        """Assign a driver; it works exactly where nobody has the vehicle."""
        command = AssignDriver(
            vehicle_id=self.vehicle.id,
            driver_name=name,
            starts_at=at(start),
            ends_at=None if end is None else at(end),
        )
        fits = self.fits(start, end)
        made = self.run(assign_driver, command)
        assert fits == (made is not None)
        if made is not None:
            for hour in self.stretch(made):
                self.hours[hour] = made.id

    @rule(name=NAMES, hour=HOURS)
    def hand_over(self, name: str, hour: int) -> None:
        """Hand over; the new driver has the vehicle until the next one that is known."""
        before = self.hours[hour]
        made = self.run(hand_over, HandOver(vehicle_id=self.vehicle.id, driver_name=name, at=at(hour)))
        if made is None:
            assert before is not None
            return
        self.hours = [None if held == before and i >= hour else held for i, held in enumerate(self.hours)]
        for each in self.stretch(made):
            assert self.hours[each] is None
            self.hours[each] = made.id

    @rule(index=st.integers(0, 9), start=HOURS, end=HOURS | st.none())
    def move(self, index: int, start: int, end: int | None) -> None:
        """Move an assignment; it works exactly where nobody else has the vehicle."""
        if not (held := self.held()):
            return
        chosen = held[index % len(held)]
        command = EditAssignment(
            id=chosen.id,
            version=chosen.version,
            starts_at=at(start),
            ends_at=None if end is None else at(end),
        )
        fits = self.fits(start, end, but=chosen.id)
        moved = self.run(edit_assignment, command)
        assert fits == (moved is not None)
        if moved is not None:
            self.hours = [None if each == chosen.id else each for each in self.hours]
            for hour in self.stretch(moved):
                self.hours[hour] = moved.id

    @rule(index=st.integers(0, 9))
    def delete(self, index: int) -> None:
        """Delete an assignment: nobody has the vehicle then."""
        if not (held := self.held()):
            return
        chosen = held[index % len(held)]
        self.run(delete_assignment, DeleteAssignment(id=chosen.id, version=chosen.version))
        self.hours = [None if each == chosen.id else each for each in self.hours]

    @rule(hour=HOURS)
    def ask(self, hour: int) -> None:
        """The vehicle's driver of an hour is the remembered one."""
        found = self.core.read(self.resident, who_drove, WhoDrove(vehicle_id=self.vehicle.id, since=at(hour)))
        assert [each for each in (self.hours[hour],) if each] == [each.id for each in found]

    @invariant()
    def nobody_shares(self) -> None:
        """No two assignments last at the same time."""
        assert all(
            first.ends_at is not None and first.ends_at <= second.starts_at for first, second in pairwise(self.held())
        )


def test_drivers_are_as_a_plain_model_says(shared_core: Core, resident: Actor) -> None:
    """The primary driver of each hour is the one that a list of the hours remembers."""
    machine = type("Drivers", (Drivers,), {"core": shared_core, "resident": resident})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
