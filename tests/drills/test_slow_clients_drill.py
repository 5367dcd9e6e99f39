"""Clients that dribble, that read nothing, and that send too much: they are shown out, and others notice nothing."""

from __future__ import annotations

import gzip
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from attrs import define, field, frozen
from tests.server.serving import HOST

from fleetcore.testing.databases import SqliteFiles

from .patience import IS_ALONE, within
from .server_process import Household, moved_in, server_process

SLOW = int(os.environ.get("FLEET_DRILL_SLOW_CLIENTS", "60"))
DRIBBLE_S = 0.2
LIMITS_S = 2 if IS_ALONE else 5
ASKED = 150
SHOWN_OUT_WITHIN_S = within(20)
FILE_BYTES = 16 * 1024 * 1024
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def crowd(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """A household on a server with little patience; the engine makes no difference."""
    settings = {f"FLEET_{name}_S": str(LIMITS_S) for name in ("HEAD", "BODY", "ANSWER")}
    with server_process(sqlite_files.database(), tmp_path_factory.mktemp("slow"), settings=settings) as server:
        yield moved_in(server)


def head_of(household: Household, line: str, *more: str) -> bytes:
    """Return the head of a request, without the line that ends it."""
    lines = [line, f"Host: {HOST}", f"Authorization: Bearer {household.token}", *more]
    return "".join(f"{each}\r\n" for each in lines).encode()


@define
class SlowClient:
    """A connection on which bytes come one by one; an empty *dribble* is one that only ever reads nothing."""

    connection: socket.socket
    dribble: bytes
    answer: bytes = b""
    ended_after_s: float | None = None
    began: float = field(factory=time.monotonic)

    def step(self) -> None:
        """Send one byte more, and see whether the server has had enough."""
        if self.ended_after_s is not None:
            return
        try:
            if self.dribble:
                self.connection.send(self.dribble[:1])
                self.dribble = self.dribble[1:] or b"x"
                with suppress(BlockingIOError):
                    if not (got := self.connection.recv(65536)):
                        raise ConnectionResetError
                    self.answer += got
            elif self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or _is_reset(self.connection):
                raise ConnectionResetError
        except OSError:
            self.ended_after_s = time.monotonic() - self.began
            self.connection.close()


def _is_reset(connection: socket.socket) -> bool:
    """Say whether the system knows that the connection is over, without reading from it (state CLOSE)."""
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 7


@define
class Crowd:
    """Slow clients of three kinds, and the thread that keeps them busy."""

    household: Household
    slow: list[SlowClient] = field(factory=list)
    is_over: threading.Event = field(factory=threading.Event)

    def gather(self) -> None:
        """Let them come: a third dribbles heads, a third bodies, a third reads none of a large answer."""
        with self.household.caller() as caller:
            path = f"/attachments?entity=vehicles.vehicle&entity_id={self.household.vehicle_id}&name=film.txt"
            file = caller.ask("POST", path, "x" * FILE_BYTES).value["id"]
        body = head_of(
            self.household,
            "POST /api/v1/vehicles HTTP/1.1",
            "Content-Type: application/json",
            "Content-Length: 900",
        )
        kinds = (
            (b"", head_of(self.household, "GET /api/v1/vehicles HTTP/1.1", "X-Long: " + "x" * 200)),
            (body + b"\r\n", b'{"name": "' + b"x" * 880),
            (head_of(self.household, f"GET /api/v1/attachments/{file}/content HTTP/1.1") + b"\r\n", b""),
        )
        for number in range(SLOW):
            at_once, dribble = kinds[number % len(kinds)]
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            made.connect((HOST, self.household.server.port))
            made.sendall(at_once)
            if not dribble:  # its answer has begun: it was not refused because too many others came at once
                made.settimeout(SHOWN_OUT_WITHIN_S)
                assert b"HTTP/1.1 200" == made.recv(12, socket.MSG_PEEK)
            made.setblocking(False)
            self.slow.append(SlowClient(made, dribble))

    @contextmanager
    def about(self) -> Iterator[None]:
        """Let them dribble while the block runs."""

        def work() -> None:
            while not self.is_over.wait(DRIBBLE_S):
                for each in self.slow:
                    each.step()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            thread.join()
            for each in self.slow:
                each.connection.close()


@frozen
class Served:
    """How others were served: how many were refused, and how long the slowest of a hundred took."""

    refused: int
    p50_ms: float
    p99_ms: float


def served(household: Household) -> Served:
    """Ask many times as a usual client."""
    refused, milliseconds = 0, []
    with household.caller() as caller:
        for _number in range(ASKED):
            began = time.perf_counter()
            refused += caller.ask("GET", f"/vehicles/{household.vehicle_id}").status != 200
            milliseconds.append((time.perf_counter() - began) * 1000)
            time.sleep(0.005)
    milliseconds.sort()
    return Served(refused, milliseconds[len(milliseconds) // 2], milliseconds[len(milliseconds) * 99 // 100])


def test_slow_clients_are_shown_out_and_hurt_nobody(crowd: Household) -> None:
    """Others are served all the time; a head that takes too long ends the connection, a body is told 408.

    Who takes nothing of an answer loses the connection too.
    """
    alone = served(crowd)
    slow = Crowd(crowd)
    slow.gather()
    with slow.about():
        together = served(crowd)
        until = time.monotonic() + SHOWN_OUT_WITHIN_S
        while time.monotonic() < until and any(each.ended_after_s is None for each in slow.slow):
            time.sleep(0.1)
    print(f"{SLOW} slow clients: GET alone {alone}, with them {together}")  # noqa: T201 - shown on request
    assert (0, 0) == (alone.refused, together.refused)
    assert [] == [number for number, each in enumerate(slow.slow) if each.ended_after_s is None]
    assert min(each.ended_after_s or 0 for each in slow.slow) > LIMITS_S / 2
    assert {b"HTTP/1.1 408"} == {each.answer[:12] for each in slow.slow[1::3]}
    with crowd.caller() as caller:
        assert ["Golf"] == [vehicle["name"] for vehicle in caller.ask("GET", "/vehicles").value["items"]]
        assert 200 == caller.ask("GET", "//readyz").status
    assert [] == crowd.server.complaints


BOMB = gzip.compress(b" " * 100 * MEBIBYTE)
JSON_POST = ("POST /api/v1/vehicles HTTP/1.1", "Content-Type: application/json")
OVERSIZED = {
    "a body that says it is too large": (
        (*JSON_POST, f"Content-Length: {50 * MEBIBYTE}"),
        b"",
        413,
    ),
    "a body that turns out to be": (
        (*JSON_POST, "Transfer-Encoding: chunked"),
        b"100001\r\n" + b"x" * (MEBIBYTE + 1) + b"\r\n",
        413,
    ),
    "a small body that becomes a large one": (
        (*JSON_POST, "Content-Encoding: gzip", f"Content-Length: {len(BOMB)}"),
        BOMB,
        413,
    ),
    "a coding that it has not": ((*JSON_POST, "Content-Encoding: gzip", "Content-Length: 2"), b"{}", 400),
    "chunks that are none": ((*JSON_POST, "Transfer-Encoding: chunked"), b"many\r\n{}\r\n", 400),
    "JSON that is ten thousand levels deep": (
        (*JSON_POST, "Content-Length: 20000"),
        b"[" * 10_000 + b"]" * 10_000,
        400,
    ),
    "a header of 16 KiB": (("GET /api/v1/vehicles HTTP/1.1", "X-Long: " + "x" * 16 * 1024), b"", 431),
    "a thousand headers": (("GET /api/v1/vehicles HTTP/1.1", *(f"X-{n}: {n}" for n in range(1000))), b"", 400),
    "an address of 64 KiB": ((f"GET /api/v1/vehicles?x={'x' * 64 * 1024} HTTP/1.1",), b"", 431),
}


@pytest.mark.parametrize("name", OVERSIZED)
def test_too_much_is_refused_before_all_of_it_is_read(crowd: Household, name: str) -> None:
    """The answer is a problem, and comes while the client has not sent everything that it announced."""
    (line, *more), body, status = OVERSIZED[name]
    began = time.monotonic()
    with socket.create_connection((HOST, crowd.server.port), timeout=within(10)) as connection:
        connection.sendall(head_of(crowd, line, *more) + b"\r\n" + body)
        answer = connection.recv(65536)
    assert str(status).encode() == answer.split()[1], answer
    assert b"application/problem+json" in answer
    assert time.monotonic() - began < within(LIMITS_S)
    with crowd.caller() as caller:
        assert 200 == caller.ask("GET", "/vehicles").status


def test_more_connections_than_allowed_are_told_so(sqlite_url: str, tmp_path: Path) -> None:
    """Past the bound a connection gets 503 and is closed; when others end, there is room again."""
    with server_process(sqlite_url, tmp_path, settings={"FLEET_CONNECTIONS_MAX": "10"}) as server:
        held = [socket.create_connection((HOST, server.port)) for _each in range(10)]
        time.sleep(0.2)
        with socket.create_connection((HOST, server.port), timeout=120) as late:
            assert b"HTTP/1.1 503" == late.recv(65536)[:12]
        for each in held:
            each.close()
        time.sleep(0.2)
        with socket.create_connection((HOST, server.port), timeout=120) as later:
            later.sendall(f"GET /livez HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            assert b"HTTP/1.1 200" == later.recv(65536)[:12]
