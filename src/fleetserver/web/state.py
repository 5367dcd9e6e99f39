"""How the database and its background work stand, for ``/metrics``: read now and then, never for each who asks."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from attrs import frozen
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from fleetcore import Core
from fleetcore.kernel.errors import FleetError
from fleetcore.reminders.ports import REMINDER_FIGURES
from fleetcore.storage.figures import size_bytes
from fleetcore.worker.model import JobCount, OutboxFigures
from fleetcore.worker.ports import OUTBOX

__all__ = ["State"]

EVERY_S = 15.0
PATIENCE_S = 2.0  # how long the first who asks waits for figures that there are not yet


@frozen(kw_only=True)
class Reading:
    """What was found, and when."""

    read_at: float
    now: datetime
    jobs: tuple[JobCount, ...]
    outbox: OutboxFigures
    reminders: dict[str, int]
    size_bytes: int


class State:
    """Reads how things stand in a thread of its own, at most every *every_s* seconds."""

    def __init__(self, core: Core, folder: Path | None, *, every_s: float = EVERY_S) -> None:
        self._core, self._folder, self._every_s = core, folder, every_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fleet-state")
        self._reading: Reading | None = None
        self._work: asyncio.Future[None] | None = None
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(self))

    @property
    def reading(self) -> Reading | None:
        """What was found last."""
        return self._reading

    @property
    def folder(self) -> Path | None:
        """Whose disk is looked at."""
        return self._folder

    async def freshen(self) -> None:
        """See that what is told is not old: begin to read it anew; only the very first who asks waits for it."""
        reading = self._reading
        if reading is not None and time.monotonic() - reading.read_at < self._every_s:
            return
        if self._work is None or self._work.done():
            self._work = asyncio.get_running_loop().run_in_executor(self._thread, self._read)
        if reading is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._work), PATIENCE_S)

    def _read(self) -> None:
        with contextlib.suppress(FleetError), self._core.across_fleets(snapshot=True) as uow:
            found = Reading(
                read_at=time.monotonic(),
                now=uow.now,
                jobs=tuple(uow[OUTBOX].jobs()),
                outbox=uow[OUTBOX].figures(),
                reminders=dict(uow[REMINDER_FIGURES].by_urgency()),
                size_bytes=size_bytes(self._core.database),
            )
            self._reading = found

    def exposition(self) -> bytes:
        """Return what is known, in Prometheus' format."""
        return generate_latest(self._registry)

    async def close(self) -> None:
        """Wait for a reading that is at work."""
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)


@frozen
class _Collector:
    state: State

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, those of the disk as they are now."""
        if (folder := self.state.folder) is not None and folder.exists():
            yield _gauge("fleet_disk_free_bytes", "Bytes free where the data is.", shutil.disk_usage(folder).free)
        if (reading := self.state.reading) is None:
            return
        yield _gauge("fleet_state_age_seconds", "How old these figures are.", time.monotonic() - reading.read_at)
        jobs = GaugeMetricFamily("fleet_jobs", "Background jobs.", labels=("kind", "state"))
        for each in reading.jobs:
            jobs.add_metric((each.kind, each.state), each.count)
        yield jobs
        reminders = GaugeMetricFamily("fleet_reminders", "Open reminders by their urgency.", labels=("urgency",))
        for urgency, count in reading.reminders.items():
            reminders.add_metric((urgency,), count)
        yield reminders
        yield from _of_outbox(reading)
        yield _gauge("fleet_database_bytes", "Bytes of the database.", reading.size_bytes)

    def describe(self) -> list[Metric]:
        """Name nothing: what there is depends on what was read."""
        return []


def _of_outbox(reading: Reading) -> Iterator[Metric]:
    outbox = reading.outbox
    lag_s = 0.0 if outbox.oldest_at is None else max((reading.now - outbox.oldest_at).total_seconds(), 0.0)
    yield _gauge("fleet_outbox_depth", "Events not relayed yet.", outbox.unpublished)
    yield _gauge("fleet_outbox_deliveries", "Deliveries to consumers that wait.", outbox.deliveries)
    yield _gauge("fleet_dead_letters", "Events that a consumer could not take.", outbox.dead)
    yield _gauge("fleet_relay_lag_seconds", "Since when the oldest event waits for a worker.", lag_s)
    yield CounterMetricFamily("fleet_events", "Events committed since the database was made.", outbox.last_position)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
