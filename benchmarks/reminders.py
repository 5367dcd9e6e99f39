"""What reminders cost: a million verdicts in memory, and a tick over a million stored ones of which few change.

Limits: the engine at most 5 s CPU for a million; a tick with 1 % changed at most 20 s on PostgreSQL, and its cost
grows with what changes. ``run(smoke=True)`` does the same with a fiftieth of the rows.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import fleetcore
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.reminders.engine import Limits, evaluate
from fleetcore.reminders.model import AddReminder, Gauge, Tick
from fleetcore.reminders.service import add_reminder
from fleetcore.reminders.storage import REMINDER_ROWS, reminders
from fleetcore.reminders.tick import tick
from fleetcore.storage.bulk import insert_many
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import PostgresServer

__all__ = ["LIMITS", "run"]

LIMITS = {"engine_s": 5.0, "tick_one_percent_s": 20.0}
ROWS = 1_000_000
SHARES = (0.001, 0.01, 0.1)
START = date(2026, 6, 1)


def run(smoke: bool = False) -> dict[str, Any]:
    """Measure engine and tick; returns seconds, of CPU for the engine and of the clock for the tick."""
    rows = ROWS // 50 if smoke else ROWS
    return {"limits": LIMITS, "rows": rows, "engine_s": engine_seconds(rows), "ticks": tick_seconds(rows)}


def engine_seconds(rows: int) -> float:
    """Return the CPU seconds of *rows* verdicts over a thousand different cases of two metrics."""
    draw = random.Random(1)  # noqa: S311 - no secret
    today = START.toordinal()
    cases = [
        (
            Limits(today + draw.randint(-40, 400), draw.randint(0, 300_000_000)),
            Gauge(draw.randint(0, 300_000_000), today - draw.randint(0, 60), draw.randint(0, 90_000_000)),
        )
        for _ in range(1000)
    ]
    before = time.process_time()
    for _ in range(rows // 1000):
        for limits, gauge in cases:
            evaluate(limits, gauge, None, today)
    return round(time.process_time() - before, 2)


def tick_seconds(rows: int) -> list[dict[str, float]]:
    """Return what a tick costs over *rows* reminders on PostgreSQL, of which a share changes each time."""
    server = PostgresServer()
    clock = FixedClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
    try:
        with fleetcore.open(server.database(), installed_plugins=False, clock=clock) as core:
            owner = core.create_fleet("Benchmark")
            fill(core, owner, rows)
            return [one_tick(core, owner, clock, day, rows) for day in range(1, len(SHARES) + 1)]
    finally:
        server.close()


def fill(core: fleetcore.Core, owner: Actor, rows: int) -> None:
    """Store *rows* reminders on one vehicle: a share of them becomes soon on each of the next days."""
    vehicle = new_vehicle(core, owner)
    far = START + timedelta(days=3000)
    sample = core.run(owner, add_reminder, AddReminder(vehicle_id=vehicle.id, title="Oil", on=far))
    days = [day for day, share in enumerate(SHARES, 1) for _ in range(round(rows * share))]
    plain = REMINDER_ROWS.to_row(sample)
    columns = ("fleet_id", *plain)

    def store(connection: Any) -> None:
        insert_many(connection, reminders, columns, (row(days, number) for number in range(rows)))

    def row(days: list[int], number: int) -> tuple[Any, ...]:
        due = START + timedelta(days=days[number] + 30) if number < len(days) else far
        look = due - timedelta(days=30)
        own = {"id": new_id(), "due_on": due, "first_on": due, "next_look_on": look}
        return (owner.fleet_id, *(plain | own).values())

    core.database.write(owner.fleet_id, store)


def one_tick(core: fleetcore.Core, owner: Actor, clock: FixedClock, day: int, rows: int) -> dict[str, float]:
    """Tick on *day* until nothing waits, in steps as the command does."""
    clock.set(datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(days=day))
    changed = 0
    before = time.perf_counter()
    while True:
        report = core.run(owner, tick, Tick())
        changed += report.changed
        if not report.has_more:
            break
    seconds = time.perf_counter() - before
    assert changed == round(rows * SHARES[day - 1])
    return {"share": SHARES[day - 1], "changed": changed, "seconds": round(seconds, 2)}


if __name__ == "__main__":
    print(json.dumps(run(smoke="--smoke" in sys.argv), indent=2))
