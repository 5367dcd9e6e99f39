"""What a fleet of 10,000 vehicles with 1,000,000 fills costs the database: time of each query, told by the server.

PostgreSQL itself writes how long parsing, binding and executing each query took (``log_min_duration_statement``), so
neither the driver nor the way there is in the figures. One fill, with its reading, its journal entry and its lines, and
one reminder are recorded by the library; the others are copies of these rows with ids, times and vehicles of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from attrs import field, frozen
from measuring import Databases, Figure
from sqlalchemy.engine import make_url

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import GetFill, ListFills, RecordFill
from fleetcore.fuel.service import get_fill, list_fills, record_fill
from fleetcore.history.model import ListTimeline
from fleetcore.history.service import list_timeline
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position, encode_cursor
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import AddReminder, ListDue, ListReminders
from fleetcore.reminders.service import add_reminder, list_reminders
from fleetcore.reports.costs import cost_report
from fleetcore.reports.economy import economy_report
from fleetcore.reports.model import CostReport, EconomyReport, VehicleReport
from fleetcore.reports.service import vehicle_summary
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer, list_readings
from fleetcore.vehicles.model import AddVehicle, GetVehicle, ListVehicles
from fleetcore.vehicles.readings import GetOdometer, ListReadings
from fleetcore.vehicles.service import add_vehicle, get_vehicle, list_vehicles

__all__ = ["Fleet", "fill_fleet", "measure"]

P95_MS_MAX = 20.0
TIMES = 60
START = datetime(2016, 1, 1, 8, tzinfo=UTC)
DURATION = re.compile(r"\[(\d+)\].*duration: ([0-9.]+) ms  (parse|bind|execute|statement)")
BESIDE = re.compile(r"BEGIN|COMMIT|ROLLBACK|set_config")  # no queries: they would make the others look better
VEHICLE, FILL, READING, ENTRY, REMINDER = range(1, 6)  # the first digit of an id says what it is of


def _id(kind: int, number: str) -> str:
    return f"lpad(to_hex({kind}), 8, '0') || lpad(to_hex({number}), 24, '0')"


OF_VEHICLE = _id(VEHICLE, "n % {vehicles}")
AT = (
    "to_char(timestamptz '2016-01-02T08:00Z' + interval '3 days' * (n / {vehicles}) "
    "+ interval '1 second' * (n % 9973), 'YYYY-MM-DD\"T\"HH24:MI:SSOF')"
)
ON = "to_char(date '2016-01-02' + (3 * (n / {vehicles}))::int, 'YYYY-MM-DD')"
# A table, how many copies of its first row are made, and what is different in each of them.
COPIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("vehicles_vehicles", "{vehicles}", {"id": _id(VEHICLE, "n"), "name": "'Van ' || n"}),
    (
        "vehicles_readings",
        "{fills}",
        {
            "id": _id(READING, "n"),
            "vehicle_id": OF_VEHICLE,
            "source_id": _id(FILL, "n"),
            "at": AT,
            "value": "(1000 + 500 * (n / {vehicles})) * 1000",
        },
    ),
    (
        "fuel_fills",
        "{fills}",
        {
            "id": _id(FILL, "n"),
            "vehicle_id": OF_VEHICLE,
            "reading_id": _id(READING, "n"),
            "at": AT,
            "odometer_m": "(1000 + 500 * (n / {vehicles})) * 1000",
        },
    ),
    (
        "ledger_journal_entries",
        "{fills}",
        {"id": _id(ENTRY, "n"), "source_id": _id(FILL, "n"), "entry_date": ON},
    ),
    ("ledger_journal_lines", "{fills}", {"entry_id": _id(ENTRY, "n"), "vehicle_id": OF_VEHICLE, "entry_date": ON}),
    ("reminders_reminders", "{vehicles}", {"id": _id(REMINDER, "n"), "vehicle_id": _id(VEHICLE, "n")}),
)
COPY = """
    INSERT INTO {table} SELECT made.*
    FROM (SELECT each FROM {table} AS each LIMIT {rows}) AS first (row), generate_series(0, {count} - 1) AS n,
        LATERAL jsonb_populate_record(first.row, jsonb_build_object({changes})) AS made"""


@frozen
class Fleet:
    """The big fleet, open."""

    core: Core
    actor: Actor
    vehicles: int
    fills: int
    random: Random = field(factory=lambda: Random(7))  # noqa: S311 - the same vehicles each time

    def vehicle(self) -> UUID:
        """Return any vehicle."""
        return _made_id(VEHICLE, self.random.randrange(self.vehicles))

    def fill(self) -> UUID:
        """Return any fill."""
        return _made_id(FILL, self.random.randrange(self.fills))


def _made_id(kind: int, number: int) -> UUID:
    return UUID(f"{kind:08x}{number:024x}")


def _questions(fleet: Fleet) -> dict[str, Callable[[], object]]:
    """Return what the API's main requests ask, each time of another vehicle."""

    def read(query: Any, command: Callable[[], Any]) -> Callable[[], object]:
        return lambda: fleet.core.read(fleet.actor, query, command())

    numbers = iter(range(10_000))
    years = {"since": datetime(2016, 3, 1, tzinfo=UTC), "until": datetime(2016, 9, 1, tzinfo=UTC)}
    deep = encode_cursor(Position(datetime(2016, 4, 1, tzinfo=UTC), UUID(int=0)), ListFills())
    return {
        "a vehicle": read(get_vehicle, lambda: GetVehicle(id=fleet.vehicle())),
        "a fill": read(get_fill, lambda: GetFill(id=fleet.fill())),
        "fills of the fleet": read(list_fills, ListFills),
        "fills of the fleet, a page far down": read(list_fills, lambda: ListFills(cursor=deep)),
        "fills of the fleet by carrier and time": read(list_fills, lambda: ListFills(carrier=Carrier.PETROL, **years)),
        "fills of a vehicle": read(list_fills, lambda: ListFills(vehicle_id=fleet.vehicle())),
        "readings of a vehicle": read(list_readings, lambda: ListReadings(vehicle_id=fleet.vehicle())),
        "odometer of a vehicle": read(get_odometer, lambda: GetOdometer(vehicle_id=fleet.vehicle())),
        "timeline of a vehicle": read(list_timeline, lambda: ListTimeline(vehicle_id=fleet.vehicle())),
        "reminders of a vehicle": read(list_reminders, lambda: ListReminders(vehicle_id=fleet.vehicle())),
        "what is due of a vehicle": read(list_due, lambda: ListDue(vehicle_id=fleet.vehicle())),
        "summary of a vehicle": read(vehicle_summary, lambda: VehicleReport(vehicle_id=fleet.vehicle())),
        "economy of a vehicle": read(economy_report, lambda: EconomyReport(vehicle_id=fleet.vehicle())),
        "costs of a vehicle": read(cost_report, lambda: CostReport(vehicle_id=fleet.vehicle())),
        "record a fill": lambda: fleet.core.run(
            fleet.actor, record_fill, _fill(fleet.vehicle(), timedelta(days=3600, hours=next(numbers)))
        ),
        "all vehicles of the fleet": read(list_vehicles, ListVehicles),
        "what is due in the fleet": read(list_due, lambda: ListDue(within=30)),
        "costs of the fleet by month": read(cost_report, CostReport),
    }


WHOLE_FLEET = {"all vehicles of the fleet", "what is due in the fleet", "costs of the fleet by month"}


def _fill(vehicle_id: UUID, after: timedelta) -> RecordFill:
    return RecordFill(
        vehicle_id=vehicle_id,
        at=START + after,
        odometer=Distance.of(int(1_000_000 + after.total_seconds() // 3600)),
        volume=Volume.of("40.5"),
        total=Money.of("67.19", "EUR"),
        accept_odometer_jump=True,
    )


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield the p95 of the queries of each request, in milliseconds of the server."""
    vehicles, fills = (20, 200) if smoke else (10_000, 1_000_000)
    url = bases.url("postgresql")
    with fleetcore.open(url, installed_plugins=False) as core:
        fleet = Fleet(core, core.create_fleet("Company"), vehicles, fills)
        fill_fleet(fleet, url)
        log = bases.postgres.folder / "log"
        with _owner(url) as owner:
            owner.execute("ALTER SYSTEM SET log_min_duration_statement = 0")
            owner.execute("ALTER SYSTEM SET log_line_prefix = '[%p] '")
            owner.execute("SELECT pg_reload_conf()")
        core.database.close()  # connections that are made from here on are logged
        for name, ask in _questions(fleet).items():
            yield _figure(name, ask, log, smoke=smoke)
        with _owner(url) as owner:
            owner.execute("ALTER SYSTEM RESET log_min_duration_statement")
            owner.execute("ALTER SYSTEM RESET log_line_prefix")
            owner.execute("SELECT pg_reload_conf()")
    bases.drop(url)


def _figure(name: str, ask: Callable[[], object], log: Path, *, smoke: bool) -> Figure:
    is_online = name not in WHOLE_FLEET
    for _ in range(2 if smoke else 10):  # statements are prepared after a few times
        ask()
    begin = log.stat().st_size
    for _ in range(2 if smoke else TIMES if is_online else 10):
        ask()
    with log.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(begin)
        times = sorted(_durations(lines))
    p95 = times[int(0.95 * (len(times) - 1))] if times else 0.0
    return Figure(
        name=f"large fleet: {name}, p95 of a query",
        engine="postgresql",
        value=p95,
        unit="ms",
        budget=f"< {P95_MS_MAX:g}" if is_online else "",
        is_within=None if smoke or not is_online else p95 < P95_MS_MAX,
        detail=f"{len(times)} queries, longest {times[-1]:.1f} ms" if times else "no query was logged",
    )


def _durations(lines: Iterator[str]) -> Iterator[float]:
    """Yield the milliseconds of each query: what parsing, binding and executing took together."""
    begun: dict[str, float] = defaultdict(float)
    for line in lines:
        if (found := DURATION.search(line)) is None:
            continue
        process, milliseconds, step = found[1], float(found[2]), found[3]
        begun[process] += milliseconds
        if step in {"execute", "statement"}:
            took = begun.pop(process)
            if not BESIDE.search(line):
                yield took


def _owner(url: str) -> psycopg.Connection[Any]:
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(dsn, autocommit=True)


def fill_fleet(fleet: Fleet, url: str) -> None:
    """Fill the database with copies; the guards sleep meanwhile, as every row is right by its making."""
    vehicle = fleet.core.run(
        fleet.actor, add_vehicle, AddVehicle(id=UUID(int=1), name="First", carriers=(Carrier.PETROL,))
    )
    fleet.core.run(fleet.actor, record_fill, _fill(vehicle.id, timedelta()))
    fleet.core.run(
        fleet.actor,
        add_reminder,
        AddReminder(vehicle_id=vehicle.id, title="Oil", every_months=12, every=Distance.of(15_000)),
    )
    sizes = {"vehicles": fleet.vehicles, "fills": fleet.fills}
    with _owner(url) as owner:
        owner.execute("SET session_replication_role = replica")
        for table, count, changes in COPIES:
            said = ", ".join(f"'{name}', {value}" for name, value in changes.items())
            rows = 2 if table == "ledger_journal_lines" else 1
            statement = COPY.replace("{table}", table).replace("{rows}", str(rows)).replace("{changes}", said)
            owner.execute(statement.replace("{count}", count).format(**sizes))  # type: ignore[arg-type]
        owner.execute("VACUUM ANALYZE")
