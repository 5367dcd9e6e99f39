"""What reports cost: CPU of this process and of the server, and the seconds a whole fleet takes.

Limits: economy and cost report of one vehicle with 5,000 fills together under 50 ms of CPU; costs by month of
10,000 vehicles with 1,000,000 fills under 1 second on PostgreSQL. Figures are medians of the rounds. As in every
long-lived process, what was there before the first round is frozen, out of the garbage collector's way.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url

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
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport
from fleetcore.reports.service import cost_report, economy_report
from fleetcore.testing.databases import PostgresServer, SqliteFiles
from fleetcore.vehicles.access import vehicle_for
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

__all__ = ["LIMITS", "run"]

LIMITS = {"vehicle_cpu_ms": 50.0, "fleet_seconds": 1.0}
ROUNDS = 9

# A million fills as the ledger has them, by a few statements; the guards check every row of it.
FLEET = [
    """
    INSERT INTO vehicles_vehicles (fleet_id, id, name, make, model, variant, colour, carriers, tags, custom_fields,
        notes, state, created_at, created_by, updated_at, updated_by, version)
    SELECT %(fleet)s, lpad(to_hex(number), 32, '0')::uuid, 'Car ' || number, '', '', '', '', '["petrol"]', '[]', '{}',
        '', 'active', now(), %(user)s, now(), %(user)s, 1
    FROM generate_series(1, %(vehicles)s) AS number""",
    """
    INSERT INTO ledger_journal_lines (fleet_id, entry_id, line_no, entry_date, account_code, amount_minor, currency,
        vehicle_id)
    SELECT %(fleet)s, lpad(to_hex(number), 32, '0')::uuid, side, date '2021-01-01' + (number %% 1826)::int,
        CASE side WHEN 1 THEN 'expenses.fuel.petrol' ELSE 'assets.bank' END,
        (5000 + number %% 997) * CASE side WHEN 1 THEN 1 ELSE -1 END, 'EUR',
        lpad(to_hex(1 + number / %(fills)s::int), 32, '0')::uuid
    FROM generate_series(0, %(vehicles)s::int * %(fills)s::int - 1) AS number, generate_series(1, 2) AS side""",
    """
    INSERT INTO ledger_journal_entries (fleet_id, id, entry_date, posted_at, posted_by, description, source, source_id,
        source_version, line_count)
    SELECT %(fleet)s, lpad(to_hex(number), 32, '0')::uuid, date '2021-01-01' + (number %% 1826)::int, now(), %(user)s,
        'petrol fill', 'fuel.fill', lpad(to_hex(number), 32, '0')::uuid, 1, 2
    FROM generate_series(0, %(vehicles)s::int * %(fills)s::int - 1) AS number""",
]


@operation("benchmark.store_fills", permission=None)
def store(uow: UnitOfWork, command: list[RecordFill]) -> int:
    """Store the fills of one vehicle as an import does."""
    vehicle = vehicle_for(uow, command[0].vehicle_id, "vehicles.write", lock=True)
    ids, _ = store_fills(uow, vehicle, command, new_id())
    return len(ids)


def fills(vehicle_id: UUID, count: int) -> Iterator[RecordFill]:
    """Make a log, a fill a day."""
    odometer_m = 0
    for number in range(count):
        odometer_m += 400_000 + number * 7919 % 200_000
        yield RecordFill(
            vehicle_id=vehicle_id,
            at=datetime(2010, 1, 1, 12, tzinfo=UTC) + timedelta(days=number),
            odometer=Distance(odometer_m),
            carrier=Carrier.PETROL,
            volume=Volume(30_000 + number * 104_729 % 8_000),
            total=Money(5_000 + number % 997, "EUR"),
        )


def server_seconds(core: Core, actor: Actor) -> Callable[[], float]:
    """Return what tells the CPU that the server process behind the reads of *core* has used."""
    if core.database.dialect == "sqlite":
        return lambda: 0.0
    with core.database.read(actor.fleet_id) as connection:
        pids = connection.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars()
        paths = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return lambda: sum(int(path.read_text("ascii").split()[0]) for path in paths if path.exists()) / 1e9


def one_vehicle(url: str, count: int) -> dict[str, float]:
    """Measure both reports of a vehicle with *count* fills."""
    with fleetcore.open(url, installed_plugins=False) as core:
        actor = core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org")
        vehicle = core.run(actor, add_vehicle, AddVehicle(name="Golf"))
        core.run(actor, store, list(fills(vehicle.id, count)))
        economy, costs = EconomyReport(vehicle_id=vehicle.id), CostReport(vehicle_id=vehicle.id)
        work = {
            "economy_cpu_ms": lambda: core.read(actor, economy_report, economy),
            "costs_cpu_ms": lambda: core.read(actor, cost_report, costs),
        }
        for ask in work.values():  # connect and prepare
            ask()
        server = server_seconds(core, actor)
        gc.collect()
        gc.freeze()
        seconds: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(ROUNDS):
            for name, ask in work.items():
                here, there = time.process_time(), server()
                ask()
                seconds[name].append(time.process_time() - here + server() - there)
        gc.unfreeze()
    found = {name: round(statistics.median(values) * 1000, 1) for name, values in seconds.items()}
    both = zip(*seconds.values(), strict=True)
    return found | {"both_cpu_ms": round(statistics.median(map(sum, both)) * 1000, 1), "fills": count}


def whole_fleet(url: str, vehicles: int, fills_each: int) -> dict[str, float]:
    """Measure the costs by month, and by category, of a fleet of *vehicles*."""
    with fleetcore.open(url, installed_plugins=False) as core:
        actor = core.create_fleet("Company", owner_name="Ada", owner_email="ada@example.org")
        dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        keys = {"fleet": actor.fleet_id, "user": actor.user_id, "vehicles": vehicles, "fills": fills_each}
        with psycopg.connect(dsn) as connection:
            for statement in FLEET:
                connection.execute(statement, keys)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        found: dict[str, float] = {"vehicles": vehicles, "fills": vehicles * fills_each}
        for by in (CostsBy.MONTH, CostsBy.CATEGORY):
            seconds = []
            for _ in range(5):
                began = time.perf_counter()
                summary = core.read(actor, cost_report, CostReport(by=by))
                seconds.append(time.perf_counter() - began)
            assert summary.costs[0].minor == sum(5_000 + number % 997 for number in range(vehicles * fills_each))
            found[f"costs_by_{by}_seconds"] = round(statistics.median(seconds), 3)
    return found


def run(smoke: bool = False) -> dict[str, Any]:
    """Measure all; *smoke* only sees to it that the benchmark runs."""
    count, vehicles, fills_each = (200, 20, 10) if smoke else (5_000, 10_000, 100)
    server = PostgresServer()
    try:
        with TemporaryDirectory() as folder:
            sqlite = one_vehicle(SqliteFiles(Path(folder)).database(), count)
        return {
            "limits": LIMITS,
            "sqlite": sqlite,
            "postgresql": one_vehicle(server.database(), count),
            "fleet": whole_fleet(server.database(), vehicles, fills_each),
        }
    finally:
        server.close()


if __name__ == "__main__":
    print(json.dumps(run("--smoke" in sys.argv), indent=2))
