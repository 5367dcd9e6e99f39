"""What the garage page costs: CPU to answer it for fifty vehicles with five years of fills and their reminders.

Limit: 60 ms of CPU, of this process, for the whole request with session, permissions, queries and template. Statements
are counted by a test. What asks is a bare socket in the same process, whose own share is a fraction of a millisecond.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from aiohttp import web
from measuring import Databases, Figure, databases

import fleetcore
from fleetcore import Core
from fleetcore.fuel.bulk import store_fills
from fleetcore.fuel.model import RecordFill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.operations import operation
from fleetcore.reminders.model import AddReminder
from fleetcore.reminders.service import add_reminder
from fleetcore.vehicles.access import vehicle_for
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetserver.app import create_app
from fleetserver.auth.keys import KeyRing, new_key_set
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings
from fleetserver.serve import bound_socket
from fleetserver.settings import ServerSettings
from fleetserver.web.runner import Runner

__all__ = ["measure", "serving"]

VEHICLES, FILLS_EACH, REMINDERS_EACH = 50, 200, 4
CPU_MS_MAX = 60.0
ROUNDS = 15


@operation("pages.store", permission="vehicles.write")
def store(uow: UnitOfWork, command: list[RecordFill]) -> int:
    """Store the fills of one vehicle as an import does."""
    vehicle = vehicle_for(uow, command[0].vehicle_id, "vehicles.write", lock=True)
    return len(store_fills(uow, vehicle, command, new_id())[0])


def _fills(vehicle_id: UUID, count: int) -> Iterator[RecordFill]:
    first = datetime.now(UTC) - timedelta(days=9 * count)
    for number in range(count):
        yield RecordFill(
            vehicle_id=vehicle_id,
            at=first + timedelta(days=9 * number),
            odometer=Distance(1_000_000 + 500_000 * number),
            carrier=Carrier.PETROL,
            volume=Volume(30_000 + number * 104_729 % 8_000),
            total=Money(5_000 + number % 997, "EUR"),
        )


def make_garage(core: Core, actor: Actor, vehicles: int, fills_each: int) -> None:
    """Fill a fleet with vehicles, their logs and their reminders."""
    for number in range(vehicles):
        vehicle = core.run(actor, add_vehicle, AddVehicle(name=f"Van {number:02}", carriers=(Carrier.PETROL,)))
        core.run(actor, store, list(_fills(vehicle.id, fills_each)))
        for kind in range(REMINDERS_EACH):
            core.run(
                actor,
                add_reminder,
                AddReminder(
                    vehicle_id=vehicle.id,
                    title=f"Work {kind}",
                    every=Distance(15_000_000 * (kind + 1)),
                    every_months=6 * (kind + 1),
                    on=datetime.now(UTC).date() + timedelta(days=10 * number - 100),
                ),
            )


@contextmanager
def serving(app: web.Application) -> Iterator[int]:
    """Serve *app* in a thread of this process and yield the port."""
    listening = bound_socket("127.0.0.1", 0)
    loop = asyncio.new_event_loop()
    runner = Runner(app, access_log=None)

    async def start() -> None:
        await runner.setup()
        await web.SockSite(runner, listening).start()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    # In the thread of its own: a browser's driver may have a loop in this one.
    asyncio.run_coroutine_threadsafe(start(), loop).result(60)
    try:
        yield listening.getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _page_cpu_ms(url: str, folder: Path, vehicles: int, fills_each: int) -> tuple[float, int]:
    with fleetcore.open(url, installed_plugins=False) as core:
        actor = core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org")
        make_garage(core, actor, vehicles, fills_each)
        settings = AuthSettings(data_dir=folder, single_user=True)
        accounts = Accounts(core, settings, keys=KeyRing(new_key_set(core.clock.now()), core.clock))
        with serving(create_app(core, ServerSettings(threads=1), accounts)) as port:

            def ask() -> bytes:
                connection = HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
                reply = connection.getresponse()
                body = reply.read()
                connection.close()
                assert reply.status == 200, body
                return body

            for _ in range(3):
                ask()
            gc.collect()
            gc.freeze()
            found = []
            for _ in range(ROUNDS):
                began = time.process_time()
                body = ask()
                found.append((time.process_time() - began) * 1000)
            gc.unfreeze()
    return statistics.median(found), len(body)


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what the garage page costs on each engine."""
    vehicles, fills_each = (3, 5) if smoke else (VEHICLES, FILLS_EACH)
    for engine in ("sqlite", "postgresql"):
        with TemporaryDirectory() as folder:
            value, size = _page_cpu_ms(bases.url(engine), Path(folder), vehicles, fills_each)
        yield Figure(
            name=f"garage page of {vehicles} vehicles",
            engine=engine,
            value=round(value, 1),
            unit="ms CPU",
            budget=f"< {CPU_MS_MAX:g}",
            is_within=None if smoke else value < CPU_MS_MAX,
            detail=f"{size / 1000:.1f} kB gz",
        )


if __name__ == "__main__":
    with databases() as found:
        print(json.dumps([str(figure) for figure in measure(found, smoke="--smoke" in sys.argv)], indent=2))
