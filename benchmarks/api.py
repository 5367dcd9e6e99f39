"""The API beside others: a usual FastAPI service, and bare aiohttp with raw asyncpg as the limit.

All answer the same three requests over the same rows, each with two processes, 32 connections and a token on every
request. Slices of a second are interleaved; ratios are paired within a round; figures are medians of the rounds.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import jwt
from attrs import define, field, frozen
from measuring import Databases, Figure, analyze, median
from peers.tables import fill_tables
from served import Load, Served, free_port, postgres_seconds
from sqlalchemy import select
from sqlalchemy.engine import make_url

import fleetcore
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.fuel.storage import fills as fill_table
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle, GetVehicle
from fleetcore.vehicles.service import add_vehicle, get_vehicle
from fleetcore.vehicles.storage import vehicles as vehicle_table

__all__ = ["measure"]

KINDS = ("GET one vehicle", "list of 50 fills", "POST a fill")
OURS, USUAL, LIMIT = "fleetserver", "FastAPI", "aiohttp + asyncpg"
RPS_MIN = dict(zip(KINDS, (2.5, 2.0, 0.8), strict=True))  # against FastAPI
EFFICIENCY_MIN = dict(zip(KINDS, (0.55, 0.70, None), strict=True))  # CPU a request, against the limit
OVERHEAD_US_MAX = 120.0
WAIT_MS_MAX = 50.0  # p99 of a GET, at 70 % of what the server can
CLEARLY = 0.9
WORKERS, CONNECTIONS, MANY = 2, 32, 256
SECRET = "a secret of the peers, which is long enough"  # noqa: S105 - of nobody
PASSWORD = "four words of ada"  # noqa: S105 - of nobody
START = datetime(2020, 1, 1, 8, tzinfo=UTC)


@frozen
class Size:
    """How much is measured."""

    vehicles: int
    fills: int
    rounds: int
    seconds: float


USUAL_SIZE, SMOKE_SIZE = Size(100, 20, 7, 1.0), Size(3, 2, 1, 0.2)


@define
class Requests:
    """The requests of one variant, as text."""

    token: str
    root: str
    vehicle_ids: list[UUID]
    body: Callable[[UUID, datetime, int], dict[str, Any]]
    _numbers: Iterator[int] = field(factory=count)

    def of(self, kind: str, many: int, *, accepts: str = "") -> list[str]:
        """Return requests of *kind*; *many* different ones where each makes something."""
        if kind == KINDS[0]:
            return [self._text("GET", f"/vehicles/{each}", accepts=accepts) for each in self.vehicle_ids]
        if kind == KINDS[1]:
            return [self._text("GET", "/fuel?limit=50", accepts=accepts)]
        return [self._fill(next(self._numbers)) for _ in range(many)]

    def _fill(self, number: int) -> str:
        vehicle = self.vehicle_ids[number % len(self.vehicle_ids)]
        at = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(seconds=30 * number)
        metres = 20_000_000 + number // len(self.vehicle_ids) * 500
        return self._text("POST", "/fuel", json.dumps(self.body(vehicle, at, metres)), key=f"benchmark-{number}")

    def _text(self, method: str, path: str, body: str = "", *, key: str = "", accepts: str = "") -> str:
        lines = [
            f"{method} {self.root}{path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.token}",
            "Accept: application/json",
            *([f"Accept-Encoding: {accepts}"] if accepts else []),
            *([f"Idempotency-Key: {key}"] if key else []),
            *(["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []),
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body


def _our_fill(vehicle_id: UUID, at: datetime, metres: int) -> dict[str, Any]:
    return {
        "vehicle_id": str(vehicle_id),
        "at": at.isoformat(),
        "odometer_km": metres / 1000,
        "volume_l": 40.5,
        "total": {"amount": "67.19", "currency": "EUR"},
    }


def _their_fill(vehicle_id: UUID, at: datetime, metres: int) -> dict[str, Any]:
    return {
        "vehicle_id": str(vehicle_id),
        "at": at.isoformat(),
        "odometer_m": metres,
        "quantity": 40_500,
        "total_minor": 6719,
        "unit_price_micros": 1_659_012,
        "currency": "EUR",
    }


@frozen
class Variant:
    """A server with its requests."""

    served: Served
    requests: Requests


@define
class Course:
    """One engine: its servers, and what each slice of each kind of request came to."""

    engine: str
    size: Size
    load: Load
    postgres_folder: Path
    variants: dict[str, Variant]
    slices: dict[tuple[str, str], list[dict[str, float]]] = field(factory=lambda: defaultdict(list))

    def slice(self, name: str, kind: str, **job: Any) -> dict[str, float]:
        """Measure one slice; returns its rates, with the CPU of server and database a request in microseconds."""
        variant, seconds = self.variants[name], job.pop("seconds", self.size.seconds)
        requests = variant.requests.of(kind, int(6000 * seconds), accepts=job.pop("accepts", ""))
        here, there = variant.served.seconds(), self._database()
        job = {"connections": CONNECTIONS, "once": kind == KINDS[2], **job}
        found = self.load.run(port=variant.served.port, seconds=seconds, requests=requests, **job)
        done = max(1, found["done"])
        return {
            **found,
            "us": (variant.served.seconds() - here) / done * 1e6,
            "database_us": (self._database() - there) / done * 1e6,
        }

    def _database(self) -> float:
        return postgres_seconds(self.postgres_folder) if self.engine == "postgresql" else 0.0

    def rounds(self, between: Callable[[], None]) -> None:
        """Measure every variant and kind in turn; the first round warms up. *between* runs once a round."""
        names = list(self.variants)
        for number in range(self.size.rounds + 1):
            for kind in KINDS:
                for name in names[number % len(names) :] + names[: number % len(names)]:
                    found = self.slice(name, kind)
                    if number:
                        self.slices[name, kind].append(found)
            if number:
                between()

    def median(self, name: str, kind: str, what: str) -> float:
        return median([each[what] for each in self.slices[name, kind]])

    def ratio(self, kind: str, what: str, over: str, under: str) -> float:
        """Return the median of the rounds' ratios of *over* to *under*."""
        pairs = zip(self.slices[over, kind], self.slices[under, kind], strict=True)
        return median([max(a[what], 1e-9) / max(b[what], 1e-9) for a, b in pairs])

    def cpu_ratio(self, kind: str) -> float:
        """Return how many requests ours answers for the CPU of one of the usual service, databases counted in.

        Beside other work on the machine it says more than requests a second, of which the scheduler has its part.
        """
        pairs = zip(self.slices[USUAL, kind], self.slices[OURS, kind], strict=True)
        return median([(a["us"] + a["database_us"]) / max(1.0, b["us"] + b["database_us"]) for a, b in pairs])


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield requests a second, p99 and CPU of each variant, and what we promise of ours."""
    for engine in ("postgresql", "sqlite"):
        yield from _of_engine(bases, engine, SMOKE_SIZE if smoke else USUAL_SIZE, smoke=smoke)


def _of_engine(bases: Databases, engine: str, size: Size, *, smoke: bool) -> Iterator[Figure]:
    url = bases.url(engine)
    peers = bases.postgres.empty_database() if engine == "postgresql" else bases.files.empty_database()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fleetcore-benchmark-api-")))
        core = stack.enter_context(fleetcore.open(url, installed_plugins=False))
        ours = _started(stack, OURS, *_our_server(url, folder))
        token, actor = _registered(core, ours.port)
        vehicle_ids = _seed(core, actor, size)
        _copy(core, actor, peers)
        if engine == "postgresql":
            analyze(url)
            analyze(peers)
        variants = {OURS: Variant(ours, Requests(token, "/api/v1", vehicle_ids, _our_fill))}
        for name, command in _their_servers(engine).items():
            port = free_port()
            served = _started(
                stack, name, [part.format(port=port) for part in command], port, _environment(peers, name)
            )
            variants[name] = Variant(served, Requests(_their_token(actor), "", vehicle_ids, _their_fill))
        load = Load()
        stack.callback(load.close)
        course = Course(engine, size, load, bases.postgres.folder, variants)
        reads: list[float] = []

        def read_beside() -> None:
            # While the server is as busy as when it was measured: a core that shares its machine takes longer.
            with ThreadPoolExecutor(1) as beside:
                done = beside.submit(course.slice, OURS, KINDS[0])
                reads.append(_read_us(core, actor, vehicle_ids, smoke=smoke))
                done.result()

        course.rounds(read_beside)
        yield from _figures(course, median(reads), smoke=smoke)
    bases.drop(url)
    bases.drop(peers)


def _started(stack: ExitStack, name: str, command: list[str], port: int, environment: dict[str, str]) -> Served:
    served = Served(name, command, port, environment)
    stack.callback(served.close)
    return served


def _our_server(url: str, folder: Path) -> tuple[list[str], int, dict[str, str]]:
    port = free_port()
    command = [
        "-c",
        "from fleetserver.cli.main import main; main()",
        "serve",
        "--port",
        str(port),
        "--workers",
        str(WORKERS),
    ]
    return command, port, {"FLEET_DATABASE": url, "FLEET_DATA_DIR": str(folder), "FLEET_REQUESTS_PER_MINUTE": "9000000"}


def _their_servers(engine: str) -> dict[str, list[str]]:
    usual = ["-m", "uvicorn", "peers.fastapi_service:app", "--port", "{port}", "--workers", str(WORKERS)]
    found = {USUAL: [*usual, "--no-access-log", "--log-level", "warning"]}
    if engine == "postgresql":
        found[LIMIT] = ["-m", "peers.bare_service", "{port}", str(WORKERS)]
    return found


def _environment(url: str, name: str) -> dict[str, str]:
    parsed = make_url(url)
    if name == LIMIT:
        parsed = parsed.set(drivername="postgresql")
    else:
        driver = "sqlite+aiosqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+asyncpg"
        parsed = parsed.set(drivername=driver)
    return {"PEER_DATABASE": parsed.render_as_string(hide_password=False), "PEER_SECRET": SECRET}


def _their_token(actor: Actor) -> str:
    claims = {"sub": str(actor.user_id), "fid": str(actor.fleet_id), "exp": int(time.time()) + 3600}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def _registered(core: fleetcore.Core, port: int) -> tuple[str, Actor]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    sent = json.dumps({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"})
    connection.request("POST", "/api/v1/auth/register", sent, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return str(answer["access_token"]), core.actor()


def _seed(core: fleetcore.Core, actor: Actor, size: Size) -> list[UUID]:
    vehicle_ids = []
    for number in range(size.vehicles):
        command = AddVehicle(
            name=f"Van {number}",
            make="Ford",
            model="Transit",
            year=2019,
            plate=f"B-AB {number}",
            carriers=(Carrier.PETROL,),
            tank_capacity=Volume.of(70),
            purchase_price=Money.of("24000", "EUR"),
            tags=("delivery",),
        )
        vehicle = core.run(actor, add_vehicle, command)
        vehicle_ids.append(vehicle.id)
        for nth in range(size.fills):
            said = {"at": START + timedelta(days=7 * nth), "odometer": Distance.of(400 * (nth + 1))}
            total = Money.of("67.19", "EUR")
            fill = RecordFill(vehicle_id=vehicle.id, **said, volume=Volume.of("40.5"), total=total, place="Corner")
            core.run(actor, record_fill, fill)
    return vehicle_ids


def _copy(core: fleetcore.Core, actor: Actor, peers: str) -> None:
    with core.database.read(actor.fleet_id) as connection:
        rows = [list(connection.execute(select(table)).mappings()) for table in (vehicle_table, fill_table)]
    fill_tables(peers, *rows)


def _read_us(core: fleetcore.Core, actor: Actor, vehicle_ids: list[UUID], *, smoke: bool) -> float:
    """Return the CPU of one read of a vehicle by the library alone, in this thread."""
    times = 10 if smoke else 1000
    began = time.thread_time()
    for number in range(times):
        core.read(actor, get_vehicle, GetVehicle(id=vehicle_ids[number % len(vehicle_ids)]))
    return (time.thread_time() - began) / times * 1e6


def _figures(course: Course, read_us: float, *, smoke: bool) -> Iterator[Figure]:
    for kind in KINDS:
        for name in course.variants:
            yield _told(course, kind, name, smoke=smoke)
        if LIMIT in course.variants and (least := EFFICIENCY_MIN[kind]) is not None:
            value = 1 / course.ratio(kind, "us", OURS, LIMIT)
            yield Figure(
                name=f"{kind}: CPU efficiency against the limit",
                engine=course.engine,
                value=value * 100,
                unit="%",
                budget=f">= {least:.0%}",
                is_within=None if smoke else value >= least,
                is_firm=value < least * CLEARLY,
            )
    overhead = course.median(OURS, KINDS[0], "us") - read_us
    yield Figure(
        name="GET one vehicle: server's CPU beyond core.read",
        engine=course.engine,
        value=overhead,
        unit="us",
        budget=f"< {OVERHEAD_US_MAX:g}",
        detail=f"core.read {read_us:.0f} us",
        is_within=None if smoke else overhead < OVERHEAD_US_MAX,
    )
    packed = course.slice(OURS, KINDS[1], accepts="gzip")
    yield Figure(
        name="list of 50 fills, gzip asked for",
        engine=course.engine,
        value=packed["rps"],
        unit="requests/s",
        detail=f"p99 {packed['p99_ms']:.0f} ms, server {packed['us']:.0f} us",
    )
    yield from _under_pressure(course, smoke=smoke)


def _told(course: Course, kind: str, name: str, *, smoke: bool) -> Figure:
    p99, us, database = (course.median(name, kind, what) for what in ("p99_ms", "us", "database_us"))
    ratio = course.ratio(kind, "rps", OURS, USUAL) if name == OURS else None
    least = RPS_MIN[kind]
    by_cpu = f"; {course.cpu_ratio(kind):.2f}x {USUAL} by CPU" if name == OURS else ""
    return Figure(
        name=f"{kind}: {name}",
        engine=course.engine,
        unit="requests/s",
        value=course.median(name, kind, "rps"),
        ratio=ratio,
        budget="" if ratio is None else f">= {least:g}x {USUAL}",
        is_within=None if ratio is None or smoke else ratio >= least,
        is_firm=ratio is not None and ratio < least * CLEARLY,
        detail=f"p99 {p99:.0f} ms, CPU: server {us:.0f} us, database {database:.0f} us{by_cpu}",
    )


def _under_pressure(course: Course, *, smoke: bool) -> Iterator[Figure]:
    """Yield how long a GET takes at 70 % of what the server can, and what 256 connections that never rest get."""
    kind, seconds = KINDS[0], 0.3 if smoke else 4.0
    rate = 0.7 * course.median(OURS, kind, "rps")
    paced = [course.slice(OURS, kind, rate=rate, seconds=seconds) for _ in range(1 if smoke else 5)]
    p99 = median([each["p99_ms"] for each in paced])
    yield Figure(
        name=f"{kind}: p99 at 70 % of capacity",
        engine=course.engine,
        value=p99,
        unit="ms",
        budget=f"< {WAIT_MS_MAX:g}",
        is_within=None if smoke else p99 < WAIT_MS_MAX,
        detail=f"{rate:.0f} requests/s; p50 {median([each['p50_ms'] for each in paced]):.1f} ms",
    )
    for each_kind in KINDS:
        found: Any = course.slice(OURS, each_kind, connections=MANY, seconds=seconds)
        refused = f"{found['statuses'].get('503', 0)} refused in {found['refused_p99_ms']:.0f} ms at p99"
        yield Figure(
            name=f"{each_kind}: p99 at {MANY} connections",
            engine=course.engine,
            value=found["p99_ms"],
            unit="ms",
            detail=f"{found['rps']:.0f} requests/s served, {refused}",
        )
