"""What each of several racing processes does with one vehicle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import EditFill, Fill, FillFields, GetFill
from fleetcore.fuel.service import edit_fill, get_fill, record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.money import Money
from fleetcore.testing.builders import NOON, a_fill, an_edit_of, euros, km
from fleetcore.testing.clock import FixedClock

PROCESSES = 8
FILLS_EACH = 5
EDITS_EACH = 3
SHARED_KEYS = 5


@attrs.frozen
class Course:
    """Where the race runs: a database, a vehicle, a fill that all of them edit."""

    url: str
    vehicle_id: UUID
    fill_id: UUID


def race(number: int, courses: list[Course], start: Any) -> int:
    """Run as process *number* on each course; returns how many edits had to be repeated."""
    cores = [fleetcore.open(course.url, installed_plugins=False, clock=FixedClock()) for course in courses]
    start.wait(60)
    return sum(run(number, core, course, start) for core, course in zip(cores, courses, strict=True))


def run(number: int, core: Core, course: Course, start: Any) -> int:
    """Record fills of one's own, fills under keys that all processes use, and edit the fill of all."""
    owner = core.actor()
    for index in range(FILLS_EACH):
        at = NOON.replace(minute=number, second=index)
        odometer = km(10_000 + number * 100 + index)
        core.run(owner, record_fill, a_fill(course.vehicle_id, at=at, odometer=odometer, accept_odometer_jump=True))
    for index in range(SHARED_KEYS):
        fill = a_fill(course.vehicle_id, at=NOON.replace(hour=11, minute=index), total=euros(10))
        core.run(owner, record_fill, fill, idempotency_key=f"shared-{index}")
    start.wait(60)  # the edits meet however long each process took until here
    repeats = sum(add_a_euro(core, owner, course.fill_id) for _ in range(EDITS_EACH))
    core.close()
    return repeats


def add_a_euro(core: Core, owner: Actor, fill_id: UUID) -> int:
    """Make the fill a euro dearer, reading it again as often as someone else was quicker."""
    repeats = 0
    while True:
        fill = core.read(owner, get_fill, GetFill(id=fill_id))
        try:
            core.run(owner, edit_fill, dearer(fill))
        except Conflict:
            repeats += 1
        else:
            return repeats


def dearer(fill: Fill) -> EditFill:
    """Make the command that adds a euro to what the fill cost."""
    command: EditFill = an_edit_of(fill, total=fill.total + Money(100, "EUR"), unit_price=None)
    assert isinstance(command, FillFields)
    return command
