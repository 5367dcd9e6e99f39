"""What one recorded fill costs on PostgreSQL: statements, and CPU against the same rows written by hand.

Both sides write a fill, its reading, a journal entry with two lines, an audit row and an outbox row, under the
same role, guards and indexes, in one transaction per fill. The side by hand gets its values ready-made. Rounds
are interleaved, so both sides see the same machine; a figure is the median of the rounds' ratios.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from attrs import define
from measuring import Databases, Figure, analyze, cpu_seconds, median, plain_connection
from sqlalchemy import event

import fleetcore
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

__all__ = ["measure"]

RATIO_MAX, RATIO_CLEARLY_OVER = 3.0, 3.3  # medians on a shared machine wander by less than a tenth
STATEMENTS_MAX = 10
ROUNDS, FILLS_PER_ROUND, FILLS_BEFORE = 9, 200, 1000
START = datetime(2020, 1, 1, 8, tzinfo=UTC)
# The columns of the rows by hand that are new in each row; the others are copied from a row of the library.
KEYS = {"id", "entry_id", "source_id", "entity_id", "reading_id", "key", "position"}
TABLES = (
    "vehicles_readings",
    "fuel_fills",
    "ledger_journal_entries",
    "ledger_journal_lines",
    "audit_log",
    "outbox",
)


@define
class Course:
    """A vehicle that drives on and on, so that no odometer goes back."""

    vehicle_id: UUID
    driven: int = 0

    def next_fill(self) -> RecordFill:
        """Return the next fill of the vehicle."""
        self.driven += 1
        return RecordFill(
            vehicle_id=self.vehicle_id,
            at=START + timedelta(hours=self.driven),
            odometer=Distance(50_000 * self.driven),
            volume=Volume(40_000 + self.driven % 997),
            total=Money(6_500 + self.driven % 997, "EUR"),
            is_full=True,
        )


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield the statements per fill and the ratio of CPU."""
    url = bases.url("postgresql")
    try:
        with fleetcore.open(url, installed_plugins=False) as core:
            actor = core.create_fleet("Benchmark")
            vehicle = core.run(actor, add_vehicle, AddVehicle(name="Van", carriers=(Carrier.PETROL,)))
            course = Course(vehicle.id)
            core.run(actor, record_fill, course.next_fill())
            yield _statements(core, actor, course)
            with plain_connection(url, actor) as raw:
                _record(core, actor, [course.next_fill() for _ in range(FILLS_BEFORE)])
                analyze(url)  # a day-old database, not one in its first minute
                yield _against_raw(core, actor, course, raw, rounds=2 if smoke else ROUNDS)
    finally:
        bases.drop(url)


def _statements(core: fleetcore.Core, actor: Actor, course: Course) -> Figure:
    with _counted(core) as statements:
        core.run(actor, record_fill, course.next_fill())
    count = sum("set_config" not in statement for statement in statements)
    return Figure(
        name="record_fill: statements",
        engine="postgresql",
        value=count,
        unit="",
        budget=f"<= {STATEMENTS_MAX}",
        is_within=count <= STATEMENTS_MAX,
        is_firm=True,
    )


@contextmanager
def _counted(core: fleetcore.Core) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(core.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(core.database.engine, "before_cursor_execute", note)


def _against_raw(
    core: fleetcore.Core, actor: Actor, course: Course, raw: psycopg.Connection[Any], *, rounds: int
) -> Figure:
    core_pid = core.database.write(
        actor.fleet_id, lambda connection: connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    )
    template = _template(raw)
    pairs: list[tuple[float, float, float, float]] = []
    for number in range(rounds + 1):
        commands = [course.next_fill() for _ in range(FILLS_PER_ROUND)]
        rows = [_rows_by_hand(template, course) for _ in range(FILLS_PER_ROUND)]
        ours = cpu_seconds(lambda: _record(core, actor, commands), core_pid)  # noqa: B023 - called at once
        theirs = cpu_seconds(lambda: _write_by_hand(raw, rows), raw.info.backend_pid)  # noqa: B023 - called at once
        if number:  # the first round warms caches and prepared statements
            pairs.append((*ours, *theirs))
    ratios = sorted((mine + server) / (hand + behind) for mine, server, hand, behind in pairs)
    client, server, hand, behind = (median([pair[i] for pair in pairs]) / FILLS_PER_ROUND * 1e6 for i in range(4))
    ratio = median(ratios)
    return Figure(
        name="record_fill: CPU against raw psycopg",
        engine="postgresql",
        value=client + server,
        unit="us/fill",
        ratio=ratio,
        budget=f"<= {RATIO_MAX:g}x",
        is_within=None if rounds < ROUNDS else ratio <= RATIO_MAX,
        is_firm=ratio > RATIO_CLEARLY_OVER,
        detail=f"client {client:.0f} + server {server:.0f}; raw {hand:.0f} + {behind:.0f} us; "
        f"ratios {ratios[0]:.2f} to {ratios[-1]:.2f}",
    )


def _record(core: fleetcore.Core, actor: Actor, commands: list[RecordFill]) -> None:
    for command in commands:
        core.run(actor, record_fill, command)


def _template(raw: psycopg.Connection[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the newest fill, table by table: what the side by hand has to write."""
    found: dict[str, list[dict[str, Any]]] = {}
    with raw.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        for table in TABLES:
            order = {"ledger_journal_lines": "entry_id DESC, line_no", "outbox": "position DESC"}.get(table, "id DESC")
            count = 2 if table == "ledger_journal_lines" else 1
            cursor.execute(f"SELECT * FROM {table} ORDER BY {order} LIMIT {count}")  # noqa: S608 - our own names
            found[table] = cursor.fetchall()
    return found


def _rows_by_hand(template: Mapping[str, list[dict[str, Any]]], course: Course) -> list[tuple[str, tuple[Any, ...]]]:
    """Return a statement and its values for each table, of a fill of its own."""
    fill = course.next_fill()
    ids = {name: new_id() for name in ("fill", "reading", "entry", "audit", "event")}
    fresh: dict[str, dict[str, Any]] = {
        "vehicles_readings": {
            "id": ids["reading"],
            "source_id": ids["fill"],
            "at": fill.at,
            "value": 50_000 * course.driven,
        },
        "fuel_fills": {
            "id": ids["fill"],
            "reading_id": ids["reading"],
            "at": fill.at,
            "odometer_m": 50_000 * course.driven,
        },
        "ledger_journal_entries": {"id": ids["entry"], "source_id": ids["fill"]},
        "ledger_journal_lines": {"entry_id": ids["entry"]},
        "audit_log": {"id": ids["audit"], "entity_id": ids["fill"]},
        "outbox": {"id": ids["event"], "key": str(ids["fill"])},
    }
    order = (
        *TABLES[:2],
        "ledger_journal_lines",
        "ledger_journal_entries",
        *TABLES[4:],
    )  # the entry's guard wants lines
    written = []
    for table in order:
        rows = [{**row, **fresh[table]} for row in template[table]]
        names = tuple(name for name in rows[0] if name != "position")
        written.append((_insert(table, names, len(rows)), tuple(row[name] for row in rows for name in names)))
    return written


@lru_cache
def _insert(table: str, names: tuple[str, ...], count: int) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(names)) + ")"] * count)
    return f"INSERT INTO {table} ({columns}) VALUES {marks}"  # noqa: S608 - our own names


def _write_by_hand(raw: psycopg.Connection[Any], fills: list[list[tuple[str, tuple[Any, ...]]]]) -> None:
    cursor = raw.cursor()
    for fill in fills:
        with raw.transaction():
            for statement, values in fill:
                cursor.execute(statement, values)
