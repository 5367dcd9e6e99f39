"""A workbench: a plugin whose consumers and jobs do as they are told, over tables of its own in the audit log.

What a consumer or a job did is written in its own transaction, so it can be counted: as a vehicle's note in audit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen

import fleetcore
from fleetcore import Core, hookimpl
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.area import Area
from fleetcore.kernel.events import CommittedEvent, Event, event
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import Clock
from fleetcore.kernel.work import QUEUE, Consumer, Found, JobContext, JobKind, Payload, Retries
from fleetcore.worker.loop import Worker
from fleetcore.worker.model import DeadLetter, Happening, Job, ListDeadLetters, ListJobs
from fleetcore.worker.service import list_dead_letters, list_jobs

RETRIES = Retries(attempts_max=3, first=timedelta(seconds=10), longest=timedelta(minutes=1), jitter=0)


@event("bench.rang", key="bell_id")
@frozen(kw_only=True)
class Rang(Event):
    """A bell rang, for the *number*-th time."""

    bell_id: UUID
    number: int = 0


def note(uow: UnitOfWork, entity: str, entity_id: UUID, said: Any = None) -> None:
    """Write down, in this transaction, that something was done."""
    uow.record_change(entity, entity_id, None, {"said": said})


@frozen
class Bench:
    """The plugin: *on_ring* is what its consumer does besides noting the ring, the others what its jobs do."""

    on_ring: Callable[[UnitOfWork, CommittedEvent], None] | None = None
    on_run: Callable[[UnitOfWork, Payload], None] | None = None
    on_outside: Callable[[JobContext, Payload], None] | None = None
    find: Callable[[UnitOfWork, datetime], Iterator[Found]] | None = None
    retries: Retries = RETRIES
    tallies: Counter[str] = field(factory=Counter)

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring an area with a consumer and three kinds of jobs."""
        consumer = Consumer(name="bench.listener", hears={Rang: self.hear}, retries=self.retries)
        kinds = [
            JobKind(name="bench.run", run=self.run, retries=self.retries, lease=timedelta(minutes=5)),
            JobKind(name="bench.outside", outside=self.outside, retries=self.retries, lease=timedelta(minutes=5)),
        ]
        if self.find is not None:
            kinds.append(JobKind(name="bench.found", run=self.run, every=timedelta(hours=1), find=self.find))
        return [Area(name="bench", events=(Rang,), consumers=(consumer,), jobs=tuple(kinds))]

    def hear(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Note the ring."""
        if self.on_ring is not None:
            self.on_ring(uow, committed)
        assert isinstance(committed.event, Rang)
        note(uow, "bench.heard", committed.event.bell_id, committed.event.number)

    def run(self, uow: UnitOfWork, payload: Payload) -> None:
        """Note the run."""
        if self.on_run is not None:
            self.on_run(uow, payload)
        note(uow, "bench.ran", new_id(), dict(payload))

    def outside(self, context: JobContext, payload: Payload) -> None:
        """Do what was told."""
        self.tallies["outside"] += 1
        if self.on_outside is not None:
            self.on_outside(context, payload)


@frozen
class Desk:
    """Short words for a Core with a workbench in it."""

    core: Core
    actor: Actor
    told: list[Happening] = field(factory=list)

    def worker(self, **how: Any) -> Worker:
        """Make a worker."""
        return Worker(self.core, tell=self.told.append, **how)

    def work(self) -> Desk:
        """Do all that is due."""
        self.worker().drain()
        return self

    def ring(self, bell_id: UUID, *numbers: int, correlation_id: str | None = None) -> None:
        """Let a bell ring, once for each number, in one transaction."""

        def body(uow: UnitOfWork) -> None:
            uow.correlation_id = correlation_id
            for number in numbers or (0,):
                uow.emit(Rang(bell_id=bell_id, number=number))

        self.core.work(self.actor.fleet_id, "bench.ring", body)

    def enqueue(self, kind: str, payload: Payload | None = None, **how: Any) -> bool:
        """Enqueue a job in a transaction of its own."""
        return self.core.work(
            self.actor.fleet_id, "bench.enqueue", lambda uow: uow[QUEUE].enqueue(kind, payload, now=uow.now, **how)
        )

    def said(self, entity: str) -> list[Any]:
        """Return what was noted of *entity*, oldest first."""
        return [said for _, said in self.noted(entity)]

    def noted(self, entity: str) -> list[tuple[UUID, Any]]:
        """Return of which and what was noted of *entity*, oldest first."""
        found: list[tuple[UUID, Any]] = []
        cursor = None
        while True:
            page = self.core.read(self.actor, list_audit, ListAudit(cursor=cursor, limit=1000))
            found += [(entry.entity_id, entry.after["said"]) for entry in page.items if entry.entity == entity]
            if (cursor := page.next) is None:
                return found[::-1]

    @property
    def heard(self) -> list[Any]:
        """The numbers that the consumer has heard, in order."""
        return self.said("bench.heard")

    @property
    def ran(self) -> list[Any]:
        """The payloads of the jobs that ran, in order."""
        return self.said("bench.ran")

    @property
    def jobs(self) -> list[Job]:
        """The jobs of the bench, oldest first."""
        page = self.core.read(self.actor, list_jobs, ListJobs(limit=1000))
        return [job for job in reversed(page.items) if job.kind.startswith("bench.")]

    @property
    def letters(self) -> list[DeadLetter]:
        """The dead letters that were not sent again, oldest first."""
        return list(reversed(self.core.read(self.actor, list_dead_letters, ListDeadLetters()).items))


def open_bench(url: str, clock: Clock, bench: Bench | None = None, actor: Actor | None = None) -> Desk:
    """Open a Core with a workbench; without *actor* in a new fleet."""
    core = fleetcore.open(url, plugins=[bench or Bench()], installed_plugins=False, clock=clock)
    return Desk(core, actor or core.create_fleet("Home", timezone="UTC"))


__all__ = ["RETRIES", "Bench", "Desk", "Rang", "note", "open_bench"]
