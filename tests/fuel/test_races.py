"""8 processes that race on one vehicle lose nothing and double nothing, on both engines."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import attrs
import pytest

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import AccountType, CheckLedger, SumLines
from fleetcore.ledger.ports import LEDGER_READS
from fleetcore.ledger.queries import check_ledger
from fleetcore.operations import Query
from fleetcore.testing.builders import NOON, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.ports import READINGS
from fleetcore.vehicles.readings import Meter

from .racing import EDITS_EACH, FILLS_EACH, PROCESSES, SHARED_KEYS, Course, race

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@attrs.frozen
class Finish:
    """What is found after the race: the Core and its owner, the course, and how many edits were repeated."""

    core: Core
    owner: Actor
    course: Course
    repeats: int

    def look(self, answer: Any) -> Any:
        """Return what *answer* finds in the stores."""
        return self.core.read(self.owner, Query("test.look", None, lambda uow, _: answer(uow)), None)


@pytest.fixture(scope="module")
def finishes(sqlite_files: Any, postgres_server: Any) -> Iterator[dict[str, Finish]]:
    """The race, run once over a database of each engine."""
    cores = [
        fleetcore.open(files.database(), installed_plugins=False, clock=FixedClock())
        for files in (sqlite_files, postgres_server)
    ]
    courses = []
    for core in cores:
        owner = core.create_fleet("Race", currency="EUR", timezone="UTC")
        vehicle = new_vehicle(core, owner)
        fill = new_fill(core, owner, vehicle, at=NOON.replace(hour=10))
        courses.append(Course(core.database.url, vehicle.id, fill.id))
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        start = manager.Barrier(PROCESSES)
        runs = [pool.submit(race, number, courses, start) for number in range(PROCESSES)]
        repeats = sum(run.result() for run in runs)
    yield {
        core.database.dialect: Finish(core, core.actor(), course, repeats)
        for core, course in zip(cores, courses, strict=True)
    }
    for core in cores:
        core.close()


@pytest.fixture(params=ENGINES)
def finish(request: pytest.FixtureRequest, finishes: dict[str, Finish]) -> Finish:
    """What is found on one engine."""
    return finishes[request.param]


def test_they_really_raced(finishes: dict[str, Finish]) -> None:
    """Negative control: some edits came too late and had to be repeated, so the processes met."""
    assert finishes["sqlite"].repeats > 0


def test_no_fill_is_lost_or_doubled(finish: Finish) -> None:
    """Every fill of every process is there once, and of each shared key one."""
    fills = finish.core.read(finish.owner, list_fills, ListFills(limit=1000)).items

    assert {1} == set(Counter(fill.at for fill in fills).values())
    assert PROCESSES * FILLS_EACH + SHARED_KEYS + 1 == len(fills)


def test_no_edit_is_lost(finish: Finish) -> None:
    """Each edit of the shared fill added its euro to what the one before left."""
    edits = PROCESSES * EDITS_EACH
    fill = next(f for f in finish.core.read(finish.owner, list_fills, ListFills(limit=1000)).items if f.version > 1)

    assert (edits + 1, 6000 + 100 * edits) == (fill.version, fill.total.minor)


def test_every_reading_is_there_once(finish: Finish) -> None:
    """Each fill with an odometer has its reading."""
    live = finish.look(lambda uow: uow[READINGS].live(finish.course.vehicle_id, Meter.ODOMETER))

    assert PROCESSES * FILLS_EACH == len(live) == len({reading.source_id for reading in live})


def test_the_ledger_is_sound_and_complete(finish: Finish) -> None:
    """The journal keeps every rule, and its sum is what the fills cost."""
    fills = finish.core.read(finish.owner, list_fills, ListFills(limit=1000)).items
    (sum_,) = finish.look(lambda uow: uow[LEDGER_READS].sums(SumLines(by=(), types=(AccountType.EXPENSE,))))

    assert sum(fill.total.minor for fill in fills) == sum_.amount.minor
    assert finish.core.read(finish.owner, check_ledger, CheckLedger()).is_sound
