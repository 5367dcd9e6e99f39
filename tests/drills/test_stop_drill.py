"""SIGTERM under load: what was begun is finished, what was answered is kept, and the server is gone within 10 s."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from attrs import define, field
from tests.server.serving import HOST

import fleetcore
from fleetcore.expenses.model import ListExpenses
from fleetcore.expenses.service import list_expenses
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles

from .patience import IS_ALONE, within
from .server_process import ADA, Caller, Dropped, Household, ServerProcess, moved_in, server_process

STOPS = int(os.environ.get("FLEET_DRILL_STOPS", "1"))
CLIENTS = 8
ENDS_WITHIN_S = within(10)
DRAIN = {} if IS_ALONE else {"FLEET_DRAIN_S": "15"}
FILE_BYTES = 8 * 1024 * 1024


@define
class Load:
    """Clients that write and read all the time, and what they were told."""

    household: Household
    told: Counter[str] = field(factory=Counter)
    acknowledged: list[str] = field(factory=list)
    problems: list[str] = field(factory=list)
    is_over: threading.Event = field(factory=threading.Event)

    def work(self, client: int) -> None:
        """Be one client, that keeps its connection or makes new ones, until nobody listens any more."""
        number = client * 1_000_000
        with self.household.caller() as caller:
            while not self.is_over.is_set():
                number += 1
                is_write = number % 2 == 0
                try:
                    if is_write:
                        reply = caller.ask("POST", "/expenses", self.household.parking(number))
                    else:
                        reply = caller.ask("GET", "/vehicles")
                except ConnectionRefusedError:
                    return
                except Dropped as dropped:
                    self.problems.append(f"{'POST' if is_write else 'GET'} {dropped}")
                    return
                self.told[str(reply.status)] += 1
                if reply.headers.get("connection") == "close":
                    self.told["close"] += 1
                if reply.status == 201:
                    self.acknowledged.append(reply.value["notes"])
                elif reply.status not in {200, 503}:
                    self.problems.append(str(reply.body))
                if client % 2:
                    caller.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the clients work while the block runs, and until the server is gone."""
        threads = [threading.Thread(target=self.work, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join(300)


def raw(port: int, said: bytes) -> socket.socket:
    """Return a connection on which *said* was sent and nothing is read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect((HOST, port))
    made.sendall(said)
    return made


def burdens(household: Household, stack: ExitStack) -> None:
    """Leave connections open: idle ones, slow heads and bodies, and downloads that nobody reads."""
    with household.caller() as caller:
        path = f"/attachments?entity=vehicles.vehicle&entity_id={household.vehicle_id}&name=film.txt"
        file = caller.ask("POST", path, "x" * FILE_BYTES).value
    secret = f"Host: {HOST}\r\nAuthorization: Bearer {household.token}\r\n".encode()
    post = b"POST /api/v1/expenses HTTP/1.1\r\n" + secret + b"Content-Type: application/json\r\n"
    download = f"GET /api/v1/attachments/{file['id']}/content HTTP/1.1\r\n".encode() + secret + b"\r\n"
    for said in (b"", b"GET /api/v1/vehicles HTTP/1.1\r\nHost: ", post + b'Content-Length: 500\r\n\r\n{"a', download):
        for _each in range(3):
            stack.enter_context(raw(household.server.port, said))


def test_a_stopped_server_drops_nothing(module_url: str, tmp_path: Path) -> None:
    """Every request is answered or refused before it is sent, every 201 is in the database, and all ends in time.

    Two processes share the port. Connections that nobody uses or reads do not hold them up.
    """
    with server_process(module_url, tmp_path, workers=2, settings=DRAIN) as server, ExitStack() as stack:
        household = moved_in(server, "stop@example.org")
        burdens(household, stack)
        acknowledged: list[str] = []
        for turn in range(STOPS):
            if turn:
                server.start()
            load = Load(household)
            with load.running():
                time.sleep(0.6)
                seconds = _stopped(server)
                time.sleep(0.1)
            assert ([], True) == (load.problems, seconds < ENDS_WITHIN_S), (load.told, seconds)
            assert load.told["close"] >= 1
            acknowledged += load.acknowledged
        assert acknowledged
        assert Counter(acknowledged) == stored(module_url)
        assert [] == [line for line in server.complaints if "in time" not in line or IS_ALONE]


def stored(url: str) -> Counter[str]:
    """Return how often each expense of the drill is in the database, by its notes."""
    with fleetcore.open(url) as core:
        owner, found, cursor = core.actor("stop@example.org"), Counter[str](), None
        while True:
            page = core.read(owner, list_expenses, ListExpenses(limit=1000, cursor=cursor))
            found.update(expense.notes for expense in page.items)
            if (cursor := page.next) is None:
                return found


def _stopped(server: ServerProcess) -> float:
    began = time.monotonic()
    server.send(signal.SIGTERM)
    server.wait(300)
    return time.monotonic() - began


def test_a_request_in_the_middle_is_answered(household: Household, module_url: str) -> None:
    """A body that comes slowly is waited for after SIGTERM, and its request is answered and kept."""
    body = b'{"name": "Polo"}'
    head = f"POST /api/v1/vehicles HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {household.token}\r\n".encode()
    with raw(household.server.port, head + b"Content-Type: application/json\r\nContent-Length: 16\r\n\r\n") as slow:
        slow.sendall(body[:4])
        time.sleep(0.3)
        household.server.send(signal.SIGTERM)
        _until_nobody_listens(household.server.port)
        slow.sendall(body[4:])
        answer = _all_of(slow)
    assert household.server.wait(ENDS_WITHIN_S) == 0
    assert (b"HTTP/1.1 201", True) == (answer[:12], b"Connection: close" in answer)
    with fleetcore.open(module_url) as core:
        cars = core.read(core.actor(ADA["email"]), list_vehicles, ListVehicles())
    assert ["Golf", "Polo"] == sorted(car.name for car in cars)


def _until_nobody_listens(port: int) -> None:
    until = time.monotonic() + within(3)
    with suppress(ConnectionRefusedError):
        while time.monotonic() < until:
            with suppress(Dropped), Caller(port) as caller:
                caller.ask("GET", "//livez")
            time.sleep(0.1)
        raise AssertionError("nobody should listen any more")


def _all_of(connection: socket.socket) -> bytes:
    connection.settimeout(within(20))
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer
