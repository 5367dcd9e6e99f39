"""How many events a worker brings to a consumer, and how many jobs it does, in a second on each engine.

The consumer and the job write one audit row each, as small ones do. There is no budget: the figures say what to expect
of one worker with one thread; more workers share the work.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from attrs import frozen
from measuring import Databases, Figure, databases

import fleetcore
from fleetcore import hookimpl
from fleetcore.kernel.area import Area
from fleetcore.kernel.events import CommittedEvent, Event, event
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import QUEUE, Consumer, JobKind, Payload
from fleetcore.worker.loop import Worker

__all__ = ["measure"]

EVENTS, JOBS = 50_000, 2_000
KEYS = 500


@event("benchmark.rang", key="bell_id")
@frozen(kw_only=True)
class Rang(Event):
    """A bell rang."""

    bell_id: UUID
    number: int


class Plugin:
    """Hears bells, and does jobs."""

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring a consumer and a kind of job."""
        listener = Consumer(name="benchmark.listener", hears={Rang: hear})
        return [Area(name="benchmark", events=(Rang,), consumers=(listener,), jobs=(JobKind(name=JOB, run=do),))]


JOB = "benchmark.job"


def hear(uow: UnitOfWork, committed: CommittedEvent) -> None:
    """Write one row."""
    uow.record_change("benchmark.bell", committed.id, None, {"heard": True})


def do(uow: UnitOfWork, _payload: Payload) -> None:
    """Write one row."""
    uow.record_change("benchmark.job", new_id(), None, {"done": True})


def seconds(url: str, events: int, jobs: int) -> dict[str, float]:
    """Return how many seconds one thread needs for *events* and for *jobs*."""
    bells = [new_id() for _ in range(KEYS)]

    def ring(uow: UnitOfWork) -> None:
        for number in range(1000):
            uow.emit(Rang(bell_id=bells[number % KEYS], number=number))

    def enqueue(uow: UnitOfWork) -> None:
        for _ in range(jobs):
            uow[QUEUE].enqueue(JOB, now=uow.now)

    with fleetcore.open(url, plugins=[Plugin()], installed_plugins=False) as core:
        fleet_id = core.create_fleet("Benchmark").fleet_id
        worker = Worker(core)
        worker.drain()
        for _ in range(events // 1000):
            core.work(fleet_id, "benchmark.ring", ring)
        found = {"events": _timed(worker)}
        core.work(fleet_id, "benchmark.enqueue", enqueue)
        return found | {"jobs": _timed(worker)}


def _timed(worker: Worker) -> float:
    before = time.perf_counter()
    worker.drain()
    return time.perf_counter() - before


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield events and jobs a second, of one thread, on each engine."""
    counts = {"events": 2000, "jobs": 50} if smoke else {"events": EVENTS, "jobs": JOBS}
    for engine in ("sqlite", "postgresql"):
        url = bases.url(engine)
        took = seconds(url, **counts)
        for what, count in counts.items():
            yield Figure(
                name=f"{'relay' if what == 'events' else 'worker'}: {what} of one thread, one row each",
                engine=engine,
                value=count / took[what],
                unit=f"{what}/s",
                detail=f"{count:,} in {took[what]:.1f} s",
            )
        bases.drop(url)


def main() -> None:
    """Print the figures as JSON."""
    found: dict[str, Any] = {}
    with databases() as bases:
        for figure in measure(bases, smoke="--smoke" in sys.argv):
            found[f"{figure.engine} {figure.unit}"] = round(figure.value)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
