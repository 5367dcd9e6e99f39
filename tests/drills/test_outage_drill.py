"""A database that is stopped, killed or out of reach while people work: the server says so, and recovers by itself."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field, frozen
from sqlalchemy.engine import make_url
from tests.server.serving import HOST

from fleetcore.testing.databases import PostgresServer

from .patience import within
from .server_process import Dropped, Household, moved_in, server_process
from .wire import wired

OUTAGES = int(os.environ.get("FLEET_DRILL_OUTAGES", "2"))
CLIENTS = 6
BACK_WITHIN_S = within(10)
ANSWERED_WITHIN_S = within(20)
pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def fallible() -> Iterator[PostgresServer]:
    """A PostgreSQL server of these drills' own, that keeps what it has acknowledged."""
    server = PostgresServer(is_durable=True)
    yield server
    server.close()


@frozen
class Told:
    """One answer: when, to what, and what it said."""

    at: float
    seconds: float
    method: str
    status: int
    is_complete: bool
    body: bytes


@define
class Load:
    """Clients that write and read through an outage."""

    household: Household
    answers: list[Told] = field(factory=list)
    acknowledged: list[str] = field(factory=list)
    is_over: threading.Event = field(factory=threading.Event)

    def work(self, client: int) -> None:
        """Be one client: ask, whatever the answers are."""
        number = client * 1_000_000 + int(time.monotonic() * 10) % 100_000 * 10
        with self.household.caller(timeout_s=ANSWERED_WITHIN_S) as caller:
            while not self.is_over.is_set():
                number += 1
                method = "POST" if number % 2 else "GET"
                began = time.monotonic()
                try:
                    if method == "POST":
                        reply = caller.ask(method, "/expenses", self.household.parking(number))
                    else:
                        reply = caller.ask(method, "/vehicles")
                except Dropped as dropped:
                    self.answers.append(Told(began, time.monotonic() - began, method, 0, False, str(dropped).encode()))
                    continue
                is_told = reply.status != 503 or "retry-after" in reply.headers
                self.answers.append(Told(began, time.monotonic() - began, method, reply.status, is_told, reply.body))
                if reply.status == 201:
                    self.acknowledged.append(reply.value["notes"])
                elif reply.status != 200:
                    time.sleep(0.05)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the clients work while the block runs."""
        threads = [threading.Thread(target=self.work, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join(300)


def probes(household: Household) -> tuple[int, int]:
    """Return the statuses of /livez and /readyz."""
    with household.caller(timeout_s=ANSWERED_WITHIN_S) as caller:
        return caller.ask("GET", "//livez").status, caller.ask("GET", "//readyz").status


def readiness(household: Household) -> object:
    """Return what /readyz says, for who wonders."""
    with household.caller() as caller:
        return caller.ask("GET", "//readyz").value


def test_a_database_that_goes_away_is_told_and_comes_back(fallible: PostgresServer, tmp_path: Path) -> None:
    """While PostgreSQL is stopped or killed every answer is 503 with Retry-After, and none is late.

    Ten seconds after it is back, at the latest, everything works in the same process; every 201 is kept.
    """
    draw = random.Random(OUTAGES)  # noqa: S311 - no secret
    with server_process(fallible.database(), tmp_path) as server:
        household = moved_in(server)
        acknowledged: list[str] = []
        for turn in range(OUTAGES):
            load = Load(household)
            with load.running():
                time.sleep(draw.uniform(0.3, 1.0))
                went = time.monotonic()
                (fallible.kill if turn % 2 else fallible.stop)()
                time.sleep(0.2)
                assert probes(household) == (200, 503)
                time.sleep(draw.uniform(0.2, 1.0))
                fallible.start()
                back = time.monotonic()
                until = back + BACK_WITHIN_S
                while time.monotonic() < until and not _is_well(load, since=time.monotonic() - 0.5):
                    time.sleep(0.1)
                recovered = time.monotonic() - back
            told = Counter(answer.status for answer in load.answers if answer.at >= went)
            wrong = [
                answer for answer in load.answers if answer.status not in {200, 201, 503} or not answer.is_complete
            ]
            assert not wrong, (told, wrong[:5], server.complaints[-3:])
            assert told[503] >= 1
            assert recovered < BACK_WITHIN_S, (told, server.complaints[-3:])
            assert max(answer.seconds for answer in load.answers) < ANSWERED_WITHIN_S
            assert probes(household) == (200, 200), readiness(household)
            acknowledged += load.acknowledged
        with household.caller() as caller:
            kept = Counter(expense["notes"] for expense in caller.every("/expenses"))
        assert acknowledged
        assert [] == [notes for notes in acknowledged if kept[notes] != 1]


def _is_well(load: Load, since: float) -> bool:
    late = [answer for answer in load.answers[-50:] if answer.at >= since]
    return len(late) >= CLIENTS and {answer.status for answer in late} <= {200, 201}


def test_a_silent_database_keeps_nobody_waiting(fallible: PostgresServer, tmp_path: Path) -> None:
    """When the network swallows everything, requests end with 503 within their limit, and the process lives.

    When it speaks again, the same process serves again.
    """
    url = make_url(fallible.database())
    with wired(str(fallible.socket_path())) as wire:
        wired_url = url.set(host=HOST, port=wire.port, query={"connect_timeout": "2"})
        settings = {"FLEET_REQUEST_S": "2"}
        with server_process(wired_url.render_as_string(hide_password=False), tmp_path, settings=settings) as server:
            household = moved_in(server)
            load = Load(household)
            with load.running():
                time.sleep(0.5)
                wire.is_silent.set()
                time.sleep(0.5)
                began = time.monotonic()
                assert probes(household) == (200, 503)
                assert time.monotonic() - began < ANSWERED_WITHIN_S
                time.sleep(2)
                wire.is_silent.clear()
                back = time.monotonic()
                while time.monotonic() < back + BACK_WITHIN_S and not _is_well(load, since=time.monotonic() - 0.5):
                    time.sleep(0.1)
                recovered = time.monotonic() - back
            told = Counter(answer.status for answer in load.answers)
            wrong = [
                answer for answer in load.answers if answer.status not in {200, 201, 503} or not answer.is_complete
            ]
            assert not wrong, (told, wrong[:5], server.complaints[-3:])
            assert recovered < BACK_WITHIN_S, (told, server.complaints[-3:])
            assert probes(household) == (200, 200)
            with household.caller() as caller:
                kept = Counter(expense["notes"] for expense in caller.every("/expenses"))
            assert [] == [notes for notes in load.acknowledged if kept[notes] != 1]
