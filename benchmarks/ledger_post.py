"""What posting costs against the same rows written by hand: CPU of this process and of the server, in one run.

Rounds are interleaved, so both sides see the same machine; a figure is the median of the rounds' ratios.
Limits: ``post()`` at most 1.8 times one raw statement per entry, ``post_many()`` of 1000 at most 1.5 times
raw unnest. Both sides write under the same role, with the same guards, and commit equally often.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.engine import make_url

import fleetcore
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.model import Posting, cost_lines
from fleetcore.ledger.service import post, post_many
from fleetcore.operations import operation
from fleetcore.testing.databases import PostgresServer

__all__ = ["LIMITS", "run"]

LIMITS = {"post": 1.8, "post_many": 1.5}
ENTRIES_ONE_BY_ONE = 500
ENTRIES_IN_BULK = 5000
BATCH = 1000
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

_ENTRY = (
    "fleet_id, id, entry_date, posted_at, posted_by, description, source, source_id, source_version, "
    "reverses_id, line_count"
)
_LINE = "fleet_id, entry_id, line_no, entry_date, account_code, amount_minor, currency, vehicle_id"
RAW_ONE = f"""
    WITH entry AS (
        INSERT INTO ledger_journal_entries ({_ENTRY}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING fleet_id, id, entry_date)
    INSERT INTO ledger_journal_lines ({_LINE})
    SELECT entry.fleet_id, entry.id, line.no, entry.entry_date, line.account, line.amount, line.currency, line.vehicle
    FROM entry, (VALUES (1::smallint, %s::varchar, %s::bigint, %s::varchar, %s::uuid), (2, %s, %s, %s, %s))
        AS line (no, account, amount, currency, vehicle)"""  # noqa: S608 - our own names
RAW_LINES = f"""
    INSERT INTO ledger_journal_lines ({_LINE}) SELECT * FROM unnest(
        %s::uuid[], %s::uuid[], %s::smallint[], %s::date[], %s::varchar[], %s::bigint[], %s::varchar[], %s::uuid[])"""  # noqa: S608 - our own names
RAW_ENTRIES = f"""
    INSERT INTO ledger_journal_entries ({_ENTRY}) SELECT * FROM unnest(
        %s::uuid[], %s::uuid[], %s::date[], %s::timestamptz[], %s::uuid[], %s::varchar[], %s::varchar[],
        %s::uuid[], %s::int[], %s::uuid[], %s::smallint[])"""  # noqa: S608 - our own names


@operation("benchmark.post", permission=None)
def post_all(uow: UnitOfWork, command: list[Posting]) -> int:
    """Post one by one."""
    for posting in command:
        post(uow, posting)
    return len(command)


@operation("benchmark.post_many", permission=None)
def post_in_bulk(uow: UnitOfWork, command: list[Posting]) -> int:
    """Post in batches."""
    return sum(post_many(uow, command[start : start + BATCH]) for start in range(0, len(command), BATCH))


def postings(count: int, vehicle_id: UUID) -> list[Posting]:
    """Make costs of fuel, each of a record of its own."""
    return [
        Posting(
            entry_date=date(2026, 1 + number % 12, 1 + number % 28),
            description="Fill of petrol",
            source="fuel.fill",
            source_id=new_id(),
            lines=cost_lines("expenses.fuel.petrol", Money(5000 + number % 997, "EUR"), vehicle_id),
        )
        for number in range(count)
    ]


def entry_row(actor: Actor, posting: Posting) -> tuple[Any, ...]:
    """Return the values of an entry, as a program by hand would have them."""
    said = (posting.description, posting.source, posting.source_id, posting.source_version)
    return (actor.fleet_id, new_id(), posting.entry_date, NOW, actor.user_id, *said, None, len(posting.lines))


def line_values(posting: Posting) -> Iterator[tuple[Any, ...]]:
    """Yield the values of the lines."""
    for line in posting.lines:
        yield line.account_code, line.amount.minor, line.amount.currency, line.vehicle_id


def raw_one_by_one(connection: psycopg.Connection[Any], actor: Actor, wanted: list[Posting]) -> None:
    """Write *wanted* by one statement each."""
    with connection.transaction(), connection.cursor() as cursor:
        for posting in wanted:
            first, second = line_values(posting)
            cursor.execute(RAW_ONE, (*entry_row(actor, posting), *first, *second))


def raw_in_bulk(connection: psycopg.Connection[Any], actor: Actor, wanted: list[Posting]) -> None:
    """Write *wanted* by two statements a thousand."""
    with connection.transaction(), connection.cursor() as cursor:
        for start in range(0, len(wanted), BATCH):
            rows, lines = [], []
            for posting in wanted[start : start + BATCH]:
                row = entry_row(actor, posting)
                rows.append(row)
                for number, line in enumerate(line_values(posting), 1):
                    lines.append((row[0], row[1], number, row[2], *line))
            cursor.execute(RAW_LINES, [list(column) for column in zip(*lines, strict=True)])
            cursor.execute(RAW_ENTRIES, [list(column) for column in zip(*rows, strict=True)])


def server_seconds(pid: int) -> float:
    """Return the CPU that a server process has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9


def measured(work: Callable[[], object], pid: int) -> float:
    """Return the CPU seconds of *work*, here and in the server process *pid*."""
    here, there = time.process_time(), server_seconds(pid)
    work()
    return time.process_time() - here + server_seconds(pid) - there


def run(rounds: int = 7) -> dict[str, Any]:
    """Measure both ways in *rounds* interleaved rounds; returns ratios and microseconds per entry."""
    server = PostgresServer()
    try:
        url = server.database()
        with fleetcore.open(url, installed_plugins=False) as core:
            return _rounds(rounds, url, core, core.create_fleet("Benchmark"))
    finally:
        server.close()


def _rounds(rounds: int, url: str, core: fleetcore.Core, actor: Actor) -> dict[str, Any]:
    uri = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    vehicle_id = new_id()
    with psycopg.connect(uri, autocommit=True) as raw:
        raw.execute("SET ROLE fleetcore_app")
        raw.execute("SELECT set_config('fleetcore.fleet_id', %s, false)", (str(actor.fleet_id),))
        raw_pid = raw.info.backend_pid
        core_pid = core.database.write(
            actor.fleet_id, lambda connection: connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        )
        ways: dict[str, tuple[int, Callable[[list[Posting]], object], Callable[[list[Posting]], object]]] = {
            "post": (
                ENTRIES_ONE_BY_ONE,
                lambda wanted: core.run(actor, post_all, wanted),
                lambda wanted: raw_one_by_one(raw, actor, wanted),
            ),
            "post_many": (
                ENTRIES_IN_BULK,
                lambda wanted: core.run(actor, post_in_bulk, wanted),
                lambda wanted: raw_in_bulk(raw, actor, wanted),
            ),
        }
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for number in range(rounds + 1):
            for name, (count, ours, theirs) in ways.items():
                mine, others = postings(count, vehicle_id), postings(count, vehicle_id)
                pair = (
                    measured(lambda ours=ours, mine=mine: ours(mine), core_pid) / count,
                    measured(lambda theirs=theirs, others=others: theirs(others), raw_pid) / count,
                )
                if number:  # the first round warms caches and prepared statements
                    seconds[name].append(pair)
    return {name: _figures(name, pairs) for name, pairs in seconds.items()}


def _figures(name: str, pairs: list[tuple[float, float]]) -> dict[str, float]:
    ratios = sorted(ours / raw for ours, raw in pairs)
    return {
        "ratio": round(statistics.median(ratios), 3),
        "ratio_min": round(ratios[0], 3),
        "ratio_max": round(ratios[-1], 3),
        "limit": LIMITS[name],
        "entry_us": round(statistics.median(ours for ours, _ in pairs) * 1e6, 1),
        "raw_entry_us": round(statistics.median(raw for _, raw in pairs) * 1e6, 1),
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 7), indent=2))
