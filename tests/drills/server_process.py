"""A server as people run it: ``fleet serve`` in processes of its own, that can be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field, frozen
from tests.server.serving import HOST, Reply

from fleetserver.app import API_ROOT

from .patience import within

FLEET = (sys.executable, "-m", "fleetserver.cli.main")
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
STARTED_WITHIN_S = within(60)
ADA = {"email": "ada@example.org", "password": "seventeen quiet lanterns", "name": "Ada"}
GOLF = {"name": "Golf", "make": "VW", "carriers": ["petrol"]}
T = TypeVar("T")
R = TypeVar("R")


class Dropped(Exception):
    """The connection ended without an answer, or none came in time."""


@define
class ServerProcess:
    """``fleet serve`` over the database at *url*; its files and what it says lie in *folder*."""

    url: str
    folder: Path
    workers: int = 1
    settings: Mapping[str, str] = field(factory=dict)
    prefix: tuple[str, ...] = ()  # a command that starts the server, such as one that limits it
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> str:
        """Everything that it wrote since it was first started."""
        return (self.folder / "said").read_text("utf-8")

    @property
    def complaints(self) -> list[str]:
        """The lines of its log that tell of an error; that the drills have no mail is none."""
        marks = ('"level":"error"', '"level":"critical"', "Traceback")
        lines = [line for line in self.said.splitlines() if "no mail is set up" not in line]
        return [line for line in lines if any(mark in line for mark in marks)]

    def start(self) -> ServerProcess:
        """Start it, on the port it had before, and wait until it answers."""
        heard = len(self.said) if (self.folder / "said").exists() else 0
        environment = os.environ | {
            "FLEET_DATA_DIR": str(self.folder),
            "FLEET_ATTACHMENTS": str(self.folder / "attachments"),
            "FLEET_REQUESTS_PER_MINUTE": "100000000",
            **self.settings,
        }
        command = [*self.prefix, *FLEET, "--database", self.url, "serve", "--port", str(self.port)]
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [*command, "--workers", str(self.workers)], stdout=said, stderr=said, env=environment
            )
        until = time.monotonic() + STARTED_WITHIN_S
        while time.monotonic() < until:
            assert self.process.poll() is None, self.said
            if (found := ADDRESS.search(self.said[heard:])) is not None:
                self.port = int(found[1])
                with contextlib.suppress(Dropped, ConnectionRefusedError), Caller(self.port, timeout_s=5) as caller:
                    if caller.ask("GET", "//livez").status == 200:
                        return self
            time.sleep(0.02)
        raise AssertionError(f"no server within {STARTED_WITHIN_S} s: {self.said}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float = within(30)) -> int:
        """Wait until it has ended and return its exit status."""
        assert self.process is not None
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        self.send(signal.SIGKILL)
        self.wait()

    def stop(self) -> float:
        """Ask it to end; returns after how many seconds it has."""
        began = time.monotonic()
        self.send(signal.SIGTERM)
        assert self.wait() == 0, self.said
        return time.monotonic() - began

    def clear(self) -> None:
        """Leave nothing that runs."""
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGTERM)
            try:
                self.wait(within(15))
            except subprocess.TimeoutExpired:
                self.kill()


@contextlib.contextmanager
def server_process(url: str, folder: Path, **chosen: Any) -> Iterator[ServerProcess]:
    """Run a server while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    server = ServerProcess(url, folder, **chosen)
    try:
        yield server.start()
    finally:
        server.clear()


@define
class Caller:
    """Asks the server at *port*, on one connection that is kept while the server keeps it; for one thread."""

    port: int
    token: str = ""
    timeout_s: float = within(30)
    _connection: HTTPConnection | None = field(default=None, init=False)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}) -> Reply:
        """Send one request below the API's root (or, with ``//``, below the server's), never a second time.

        Raises Dropped without a whole answer, ConnectionRefusedError where nobody listens.
        """
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        address = path[1:] if path.startswith("//") else API_ROOT + path
        try:
            if self._connection is None:
                self._connection = HTTPConnection(HOST, self.port, timeout=self.timeout_s)
                self._connection.connect()
            self._connection.request(method, address, body=data, headers={**sent, **headers})
            reply = self._connection.getresponse()
            content = reply.read()
            if reply.will_close:
                self.close()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, content)
        except ConnectionRefusedError:
            self.close()
            raise
        except (OSError, HTTPException) as error:
            self.close()
            raise Dropped(f"{type(error).__name__}: {error}") from error

    def made(self, path: str, body: Any) -> Any:
        """Make a record and return it; anything but 201 fails."""
        reply = self.ask("POST", path, body)
        assert 201 == reply.status, reply.body
        return reply.value

    def every(self, path: str) -> Iterator[Any]:
        """Walk through a list."""
        cursor: str | None = ""
        while cursor is not None:
            joined = f"{path}{'&' if '?' in path else '?'}limit=100" + (f"&cursor={cursor}" if cursor else "")
            reply = self.ask("GET", joined)
            assert 200 == reply.status, reply.body
            yield from reply.value["items"]
            cursor = reply.value["next"]


@frozen
class Household:
    """Somebody with a car on a running server."""

    server: ServerProcess
    token: str
    vehicle_id: str

    def caller(self, **chosen: Any) -> Caller:
        """Return a new caller of theirs."""
        return Caller(self.server.port, self.token, **chosen)

    def parking(self, number: int) -> dict[str, Any]:
        """Return the command for an expense that is like no other."""
        return {
            "vehicle_id": self.vehicle_id,
            "spent_on": "2026-05-01",
            "category": "parking",
            "amount": {"amount": f"{1 + number // 100}.{number % 100:02}", "currency": "EUR"},
            "notes": f"number {number}",
        }


def moved_in(server: ServerProcess, email: str = ADA["email"]) -> Household:
    """Register somebody and give them a car; the key they ask with from then on does not expire."""
    with Caller(server.port) as caller:
        registered = caller.made("/auth/register", {**ADA, "email": email})
        caller.token = registered["access_token"]
        permissions = caller.ask("GET", "/auth/me").value["permissions"]
        caller.token = caller.made("/auth/keys", {"name": "Drill", "permissions": permissions})["secret"]
        return Household(server, caller.token, caller.made("/vehicles", GOLF)["id"])


def at_once(household: Household, function: Callable[[Caller, T], R], arguments: Iterable[T], clients: int) -> list[R]:
    """Return what *function* returns for each of *arguments*, asked by so many clients at once."""
    waiting, taking = iter(arguments), threading.Lock()

    def work(_client: int) -> list[R]:
        found = []
        with household.caller() as caller:
            while True:
                with taking:
                    argument = next(waiting, None)
                if argument is None:
                    return found
                found.append(function(caller, argument))

    with ThreadPoolExecutor(clients) as pool:
        return [each for found in pool.map(work, range(clients)) for each in found]
