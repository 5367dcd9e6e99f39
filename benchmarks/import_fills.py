"""What importing a big log costs: rows a second, CPU per row here and in the server, and the memory at its peak.

A synthetic Fuelio log of one vehicle, with ledger, odometer, audit and outbox on, into a migrated database. Each
import runs in a process of its own, so that its peak of memory is its own. The median of the runs counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from measuring import Databases, Figure, cpu_seconds, median

import fleetcore
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log

__all__ = ["measure", "write_log"]

ROWS, ROWS_SMOKE, RUNS = 100_000, 2_000, 3
ROWS_PER_SECOND_GOAL, ROWS_PER_SECOND_MIN, MEGABYTES_MAX = 5_000, 3_500, 200
HEAD = """\
"## Vehicle"
"Name","Description","DistUnit","FuelUnit","ConsumptionUnit","ImportCSVDateFormat","VIN","Insurance","Plate","Make",\
"Model","Year","TankCount","Tank1Type","Tank2Type","Active","Tank1Capacity","Tank2Capacity","FuelUnitTank2",\
"FuelConsumptionTank2"
"Works van","","0","0","0","yyyy-MM-dd","","","FC 1","Ford","Transit","2015","1","200","0","1","70.0","0.0","0","0"
"## Log"
"Data","Odo (km)","Fuel (litres)","Full","Price (optional)","l/100km (optional)","latitude (optional)",\
"longitude (optional)","City (optional)","Notes (optional)","Missed","TankNumber","FuelType","VolumePrice",\
"StationID (optional)","ExcludeDistance","UniqueId","TankCalc"
"""


def write_log(path: Path, rows: int) -> Path:
    """Write a log of *rows* fills, a few a day, newest first as Fuelio does it."""
    first = datetime(2000, 1, 1, 6)  # noqa: DTZ001 - Fuelio's times are local
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in reversed(range(rows)):
            at = first + timedelta(minutes=97 * number)
            litres, price = 30 + number % 2003 / 100, 1.2 + number % 89 / 100
            file.write(
                f'"{at:%Y-%m-%d %H:%M}","{10_000 + 7 * number}.0","{litres:.3f}","{int(number % 5 > 0)}",'
                f'"{litres * price:.2f}","6.5","51.{number % 97:05}","-2.99017","Town {number % 31}","","0","1","-1",'
                f'"{price:.3f}","{number % 23}","0.0","{number + 1}","0.0"\n'
            )
    return path


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield speed and size of the import on both engines."""
    rows = ROWS_SMOKE if smoke else ROWS
    log = write_log(bases.files.folder / "fuelio.csv", rows)
    for engine in ("sqlite", "postgresql"):
        runs = []
        for _ in range(1 if smoke else RUNS):
            url = bases.url(engine)
            runs.append(_in_a_process_of_its_own(url, log))
            bases.drop(url)
        yield from _figures(engine, rows, runs, judged=not smoke)


def _in_a_process_of_its_own(url: str, log: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, url, str(log)], check=True, stdout=subprocess.PIPE, env=os.environ)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _figures(engine: str, rows: int, runs: list[dict[str, Any]], *, judged: bool) -> Iterator[Figure]:
    speed = median([rows / run["seconds"] for run in runs])
    client, server = (median([run[side] for run in runs]) / rows * 1e6 for side in ("client", "server"))
    megabytes = max(run["megabytes"] for run in runs)
    yield Figure(
        name=f"import of {rows:,} fills",
        engine=engine,
        value=speed,
        unit="rows/s",
        budget=f">= {ROWS_PER_SECOND_MIN:,}, goal {ROWS_PER_SECOND_GOAL:,}",
        is_within=speed >= ROWS_PER_SECOND_MIN if judged else None,
        detail=f"CPU {client:.0f} us/row here, {server:.0f} in the server",
    )
    yield Figure(
        name="import: peak of memory",
        engine=engine,
        value=megabytes,
        unit="MB",
        budget=f"< {MEGABYTES_MAX}",
        is_within=megabytes < MEGABYTES_MAX if judged else None,
        is_firm=True,
    )


def _import(url: str, log: Path) -> dict[str, float]:
    with fleetcore.open(url, installed_plugins=False) as core:
        actor = core.create_fleet("Benchmark")
        pid = None
        if core.database.dialect == "postgresql":
            pid = core.database.write(
                actor.fleet_id, lambda connection: connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            )
        began = time.perf_counter()
        client, server = cpu_seconds(lambda: core.run(actor, import_log, ImportLog(source=log)), pid)
        seconds = time.perf_counter() - began
    peak = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return {"seconds": seconds, "client": client, "server": server, "megabytes": int(peak.split()[1]) / 1024}


if __name__ == "__main__":
    print(json.dumps(_import(sys.argv[1], Path(sys.argv[2]))))
