"""What the ten most used pages cost: CPU, statements and size, in the demo's garage and in a fleet of 10,000 vehicles.

CPU is that of this process for the whole request, statements are what it sends to the database, the size is what
travels. What a live page asks for anew, its part, is timed: p95 of many requests, as somebody waits for it.
"""

from __future__ import annotations

import gc
import gzip
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import large_fleet
from attrs import frozen
from measuring import Databases, Figure
from sqlalchemy import event
from sqlalchemy.engine import Engine

import fleetcore
from fleetcore import Core
from fleetserver.app import create_app
from fleetserver.auth.keys import KeyRing, new_key_set
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings
from fleetserver.cli.demo_life import live
from fleetserver.settings import ServerSettings
from pages import serving

__all__ = ["TODAY", "measure", "served"]

PAGES = (
    *("/", "/vehicles/{id}", "/q/fuel", "/fuel", "/reminders", "/expenses", "/maintenance"),
    *("/vehicles/{id}/charts", "/vehicles/{id}/timeline", "/search?q=oil"),
)
LIVE = ("/", "/vehicles/{id}", "/reminders")
PARTS_MS_MAX = 50.0
ROUNDS, PART_ROUNDS = 9, 100
TODAY = date(2026, 6, 1)
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
PLAIN = ("BEGIN", "COMMIT", "ROLLBACK", "SELECT set_config", "SET ")


@frozen
class Asker:
    """Asks a served garage for pages."""

    port: int
    vehicle: str

    def ask(self, page: str, **more: str) -> bytes:
        """Return what travels for *page*."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Accept": "text/html", "Accept-Encoding": "gzip", **more}
            connection.request("GET", page.replace("{id}", self.vehicle), headers=headers)
            reply = connection.getresponse()
            body = reply.read()
            assert reply.status == 200, (page, reply.status)
            return body
        finally:
            connection.close()


@contextmanager
def _counted() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(PLAIN):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _cpu_ms(work: Callable[[], object], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        found.append((time.process_time() - began) * 1000)
    return statistics.median(found)


@contextmanager
def served(core: Core, folder: Path, threads: int = 1) -> Iterator[Asker]:
    accounts = Accounts(
        core, AuthSettings(data_dir=folder, single_user=True), keys=KeyRing(new_key_set(core.clock.now()), core.clock)
    )
    with serving(create_app(core, ServerSettings(threads=threads), accounts)) as port:
        listed = Asker(port, "").ask("/vehicles")
        html = gzip.decompress(listed).decode() if listed.startswith(b"\x1f\x8b") else listed.decode()
        (vehicle, *_) = re.findall(r'href="/vehicles/([0-9a-f-]{36})"', html)
        yield Asker(port, vehicle)


def _pages(asker: Asker, garage: str, engine: str, rounds: int) -> Iterator[Figure]:
    for page in PAGES:
        asker.ask(page)
        with _counted() as sent:
            size = len(asker.ask(page))
        gc.collect()
        yield Figure(
            name=f"page {page}, {garage}",
            engine=engine,
            value=round(_cpu_ms(lambda page=page: asker.ask(page), rounds), 1),  # type: ignore[misc]  # a default binds it
            unit="ms CPU",
            detail=f"{len(sent)} statements, {size / 1000:.1f} kB gz",
        )


def _parts(asker: Asker, engine: str, rounds: int, *, smoke: bool) -> Iterator[Figure]:
    for page in LIVE:
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            asker.ask(page, **PART)
            times.append((time.perf_counter() - began) * 1000)
        p95 = sorted(times)[int(0.95 * (len(times) - 1))]
        yield Figure(
            name=f"live part of {page}, p95",
            engine=engine,
            value=round(p95, 1),
            unit="ms",
            budget=f"< {PARTS_MS_MAX:g}",
            is_within=None if smoke else p95 < PARTS_MS_MAX,
            detail=f"median {statistics.median(times):.1f}",
        )


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what the pages cost in each garage."""
    rounds = 1 if smoke else ROUNDS
    with TemporaryDirectory() as folder:
        url = bases.url("sqlite")
        live(url, TODAY, Path(folder) / "attachments")
        with (
            fleetcore.open(url, installed_plugins=False, attachments=Path(folder) / "attachments") as core,
            served(core, Path(folder)) as asker,
        ):
            yield from _pages(asker, "the demo", "sqlite", rounds)
            yield from _parts(asker, "sqlite", 3 if smoke else PART_ROUNDS, smoke=smoke)
    vehicles, fills = (20, 200) if smoke else (10_000, 200_000)
    url = bases.url("postgresql")
    with TemporaryDirectory() as folder, fleetcore.open(url, installed_plugins=False) as core:
        actor = core.create_fleet("Company", owner_name="Ada", owner_email="ada@example.org")
        large_fleet.fill_fleet(large_fleet.Fleet(core, actor, vehicles, fills), url)
        with served(core, Path(folder)) as asker:
            yield from _pages(asker, f"{vehicles:,} vehicles", "postgresql", 1 if smoke else 3)
    bases.drop(url)
