"""What a page of a vehicle's timeline costs: CPU of this process and of the server, at the start and at the end.

Limit: under 20 ms of CPU for a page of 50 of a vehicle with 20,000 records, wherever the page lies. Figures are
medians of the rounds.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import attrs

import fleetcore
from fleetcore import Core
from fleetcore.history.model import ListTimeline
from fleetcore.history.service import list_timeline
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position, encode_cursor
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.maintenance.model import Service, ServiceCategory
from fleetcore.maintenance.ports import SERVICES
from fleetcore.operations import operation
from fleetcore.testing.databases import PostgresServer, SqliteFiles
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.ports import READINGS
from fleetcore.vehicles.readings import Meter, Reading
from fleetcore.vehicles.service import add_vehicle
from reports import fills, server_seconds, store

__all__ = ["LIMIT_CPU_MS", "run"]

LIMIT_CPU_MS = 20.0
ROUNDS = 15
BEGAN = datetime(2020, 1, 1, 6, tzinfo=UTC)


@operation("benchmark.services_and_readings", permission=None)
def others(uow: UnitOfWork, command: tuple[UUID, int]) -> None:
    """Store service records, and readings by hand, spread over the same time as the fills."""
    vehicle_id, count = command
    uow[SERVICES].add_many(_services(uow, vehicle_id, count))
    uow[READINGS].add(_readings(uow, vehicle_id, count))


def _services(uow: UnitOfWork, vehicle_id: UUID, count: int) -> Iterator[Service]:
    nothing = Money(0, "EUR")
    for number in range(count):
        yield Service(
            id=new_id(),
            vehicle_id=vehicle_id,
            done_on=(BEGAN + timedelta(hours=8 * number)).date(),
            category=ServiceCategory.ROUTINE,
            title=f"Oil and filter {number}",
            parts_cost=nothing,
            labour_total=nothing,
            total=Money(8_900, "EUR"),
            notes="5W-30",
            created_at=uow.now,
            updated_at=uow.now,
            created_by=uow.actor.user_id,
            updated_by=uow.actor.user_id,
        )


def _readings(uow: UnitOfWork, vehicle_id: UUID, count: int) -> Iterator[Reading]:
    for number in range(count):
        yield Reading(
            id=new_id(),
            vehicle_id=vehicle_id,
            meter=Meter.ENGINE_HOURS,
            value=number,
            at=BEGAN + timedelta(hours=8 * number),
            recorded_at=uow.now,
            recorded_by=uow.actor.user_id,
        )


def pages(url: str, count: int) -> dict[str, float]:
    """Measure the first page, one in the middle and the last of a vehicle with *count* records."""
    with fleetcore.open(url, installed_plugins=False) as core:
        actor = core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org")
        vehicle = core.run(actor, add_vehicle, AddVehicle(name="Golf"))
        core.run(actor, store, list(fills(vehicle.id, count // 2)))
        core.run(actor, others, (vehicle.id, count // 4))
        oldest = _oldest(core, actor, vehicle.id)
        middle = oldest + (core.clock.now() - oldest) / 2
        places = {"first": None, "middle": middle, "last": oldest + timedelta(days=12)}
        server = server_seconds(core, actor)
        found: dict[str, float] = {"records": count}
        for name, at in places.items():
            question = ListTimeline(vehicle_id=vehicle.id)
            cursor = None if at is None else encode_cursor(Position(at, UUID(int=2**128 - 1)), question)
            found[f"{name}_cpu_ms"] = _median(core, actor, attrs.evolve(question, cursor=cursor), server)
    return found


def _oldest(core: Core, actor: Actor, vehicle_id: UUID) -> datetime:
    found, cursor = core.clock.now(), None
    while True:
        page = core.read(actor, list_timeline, ListTimeline(vehicle_id=vehicle_id, cursor=cursor, limit=1000))
        found = page.items[-1].at if page.items else found
        if (cursor := page.next) is None:
            return found


def _median(core: Core, actor: Actor, question: ListTimeline, server: Any) -> float:
    for _ in range(3):
        core.read(actor, list_timeline, question)
    gc.collect()
    gc.freeze()
    seconds = []
    for _ in range(ROUNDS):
        here, there = time.process_time(), server()
        core.read(actor, list_timeline, question)
        seconds.append(time.process_time() - here + server() - there)
    gc.unfreeze()
    return round(statistics.median(seconds) * 1000, 2)


def run(smoke: bool = False) -> dict[str, Any]:
    """Measure both engines; *smoke* only sees to it that the benchmark runs."""
    count = 400 if smoke else 20_000
    server = PostgresServer()
    try:
        with TemporaryDirectory() as folder:
            sqlite = pages(SqliteFiles(Path(folder)).database(), count)
        return {"limit_cpu_ms": LIMIT_CPU_MS, "sqlite": sqlite, "postgresql": pages(server.database(), count)}
    finally:
        server.close()


if __name__ == "__main__":
    print(json.dumps(run("--smoke" in sys.argv), indent=2))
