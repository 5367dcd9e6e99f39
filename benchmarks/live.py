"""How long after its commit an event is at the clients, and what a connection costs.

Servers are processes of their own, clients one more: a thousand WebSockets that listen to the fleet. Events are
committed by requests to the servers, which note the moment of the commit; every machine's processes share one clock.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from aiohttp import web
from attrs import define, field
from measuring import Databases, Figure, databases

import fleetcore
from fleetcore import hookimpl
from fleetcore.kernel.events import CommittedEvent
from fleetcore.live import service
from fleetcore.live.model import Bearer

__all__ = ["measure"]

HOST = "127.0.0.1"
CLIENTS, MANY = 1000, 10_000
LATENCY_MS_MAX, MEMORY_KIB_MAX = 100.0, 20.0
EVENTS, PAUSE_S = 100, 0.1
PATIENCE_S = 60.0
FILES_SPARE = 500
PING, PONG = 9, 10
AT_ONCE = 16  # more handshakes than a server lets wait are refused


class Noter:
    """Notes when events were committed."""

    def __init__(self) -> None:
        self.noted: dict[str, float] = {}

    @hookimpl
    def fleetcore_event_committed(self, committed: CommittedEvent) -> None:
        """Note the moment."""
        self.noted[str(committed.id)] = time.monotonic()


def _server(url: str, folder: str, listening: socket.socket, pipe: Connection) -> None:
    """Serve until the pipe says to stop, then tell when what was committed."""
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(_serve(url, folder, listening, pipe))


async def _serve(url: str, folder: str, listening: socket.socket, pipe: Connection) -> None:
    from fleetserver.app import create_app
    from fleetserver.auth.service import Accounts
    from fleetserver.auth.settings import AuthSettings
    from fleetserver.live.settings import LiveSettings
    from fleetserver.settings import ServerSettings
    from fleetserver.web.memory import keep_what_is_loaded
    from fleetserver.web.runner import Runner

    noter = Noter()
    with fleetcore.open(url, installed_plugins=False) as core:
        core.plugins.listen(noter)
        accounts = Accounts(core, AuthSettings(data_dir=Path(folder), single_user=True))
        live = LiveSettings(connections_max=20_000, connections_per_user_max=20_000)
        runner = Runner(create_app(core, ServerSettings(live=live), accounts), access_log=None)
        await runner.setup()
        keep_what_is_loaded()
        await web.SockSite(runner, listening, backlog=4096).start()
        pipe.send("ready")
        await asyncio.to_thread(pipe.recv)
        pipe.send(noter.noted)
        await runner.cleanup()


@define
class Client(asyncio.Protocol):
    """One WebSocket, by hand: what is measured is the server."""

    ticket: str
    heard: dict[str, list[float]]
    is_ready: ClassVar[int] = 0
    transport: Any = None
    data: bytearray = field(factory=bytearray)
    is_open: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        self.transport = transport
        self.transport.write(
            f"GET /api/v1/live HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: fleet.v1, ticket.{self.ticket}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        now = time.monotonic()
        self.data += data
        if not self.is_open:
            if (end := self.data.find(b"\r\n\r\n")) < 0:
                return
            if b" 101 " not in self.data[:20]:
                raise RuntimeError(bytes(self.data[:200]))
            del self.data[: end + 4]
            self.is_open = True
            body = b'{"type":"subscribe","topics":["fleet"]}'
            self.transport.write(bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body)
        while (frame := self._frame()) is not None:
            self._hear(*frame, now)

    def _frame(self) -> tuple[int, bytes] | None:
        data = self.data
        if len(data) < 2:
            return None
        size, at = data[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        if len(data) < at + size:
            return None
        found = data[0] & 0x0F, bytes(data[at : at + size])
        del data[: at + size]
        return found

    def _hear(self, code: int, frame: bytes, now: float) -> None:
        if code == PING:
            self.transport.write(bytes([0x80 | PONG, 0x80 | len(frame), 0, 0, 0, 0]) + frame)
            return
        if frame.startswith(b'{"type":"event"'):
            at = frame.index(b'"id":"') + 6
            self.heard.setdefault(frame[at : at + 36].decode(), []).append(now)
        elif frame.startswith(b'{"type":"subscribed"'):
            Client.is_ready += 1


def _memory_kib(pid: int) -> float:
    """Return the memory of a process that is its own alone, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith(("Private_Dirty", "Private_Clean")))


def _post(port: int, path: str, body: object) -> Any:
    connection = HTTPConnection(HOST, port, timeout=PATIENCE_S)
    try:
        connection.request("POST", f"/api/v1{path}", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            raise RuntimeError(read)
        return json.loads(read)
    finally:
        connection.close()


async def _clients(
    ports: list[int], pids: list[int], clients: int, events: int, ticket: Callable[[], str]
) -> dict[str, Any]:
    """Let clients listen, commit *events*, and return what they heard when, and the memory of a connection."""
    loop, heard = asyncio.get_running_loop(), dict[str, list[float]]()
    first = [await asyncio.to_thread(_post, port, "/stations", {"name": f"Warm {port}"}) for port in ports]
    Client.is_ready = 0
    before = [_memory_kib(pid) for pid in pids]
    for number in range(clients):
        secret = await asyncio.to_thread(ticket)
        port = ports[number % len(ports)]
        await loop.create_connection(lambda secret=secret: Client(secret, heard), HOST, port)  # type: ignore[misc]  # a default binds it
        async with asyncio.timeout(PATIENCE_S):
            while Client.is_ready <= number - AT_ONCE:
                await asyncio.sleep(0.002)
    async with asyncio.timeout(PATIENCE_S):
        while Client.is_ready < clients:
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    memory = sum(_memory_kib(pid) - was for pid, was in zip(pids, before, strict=True)) / clients
    for number in range(events):
        await asyncio.to_thread(_post, ports[number % len(ports)], "/stations", {"name": f"Station {number}"})
        await asyncio.sleep(PAUSE_S * max(1, clients // CLIENTS))
    async with asyncio.timeout(PATIENCE_S):
        while sum(map(len, heard.values())) < events * clients:
            await asyncio.sleep(0.05)
    return {"heard": heard, "memory_kib": memory, "warm": len(first)}


def listened(url: str, servers: int, clients: int, events: int) -> dict[str, float]:
    """Return the latencies from commit to client, in milliseconds, and the memory of a connection, in KiB."""
    context = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as folder, fleetcore.open(url, installed_plugins=False) as core:
        owner = core.create_fleet("Benchmark", owner_name="Ada", owner_email="ada@example.org")
        bearer = Bearer(user_id=owner.user_id, fleet_id=owner.fleet_id)
        pipes, processes, ports = [], [], []
        for _ in range(servers):
            listening = socket.create_server((HOST, 0), backlog=4096)
            here, there = context.Pipe()
            process = context.Process(target=_server, args=(url, folder, listening, there))
            process.start()
            here.recv()
            ports.append(listening.getsockname()[1])
            listening.close()
            pipes.append(here)
            processes.append(process)
        try:
            pids = [process.pid or 0 for process in processes]
            found = asyncio.run(
                _clients(ports, pids, clients, events, lambda: service.make_ticket(core, bearer).secret)
            )
        finally:
            noted: dict[str, float] = {}
            for pipe, process in zip(pipes, processes, strict=True):
                pipe.send("stop")
                noted |= pipe.recv()
                process.join(20)
                process.kill()
    late = sorted((at - noted[key]) * 1000 for key, times in found["heard"].items() for at in times if key in noted)
    return {
        "p50_ms": late[len(late) // 2],
        "p99_ms": late[int(len(late) * 0.99)],
        "worst_ms": late[-1],
        "memory_kib": found["memory_kib"],
        "told": len(late),
    }


def _runs(*, smoke: bool) -> Iterator[tuple[str, int, int, int]]:
    clients, events = (20, 3) if smoke else (CLIENTS, EVENTS)
    yield "sqlite", 1, clients, events
    yield "postgresql", 1, clients, events
    yield "postgresql", 2, clients, events
    files_max = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if not smoke and files_max > MANY + FILES_SPARE:
        yield "postgresql", 1, MANY, EVENTS // 10
        yield "postgresql", 2, MANY, EVENTS // 10


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield the latency at one server and at two, and the memory of a connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for engine, servers, clients, events in _runs(smoke=smoke):
        url = bases.url(engine)
        found = listened(url, servers, clients, events)
        is_judged = clients == CLIENTS and not smoke
        what = f"{clients:,} clients, {servers} process{'es' if servers > 1 else ''}"
        yield Figure(
            name=f"live: commit to client p99, {what}",
            engine=engine,
            value=found["p99_ms"],
            unit="ms",
            budget=f"< {LATENCY_MS_MAX:g}" if is_judged else "",
            is_within=found["p99_ms"] < LATENCY_MS_MAX if is_judged else None,
            detail=f"p50 {found['p50_ms']:.1f}, worst {found['worst_ms']:.1f}, {found['told']:,.0f} messages",
        )
        yield Figure(
            name=f"live: memory of a connection, {what}",
            engine=engine,
            value=found["memory_kib"],
            unit="KiB",
            budget=f"<= {MEMORY_KIB_MAX:g}" if is_judged else "",
            is_within=found["memory_kib"] <= MEMORY_KIB_MAX if is_judged else None,
            is_firm=is_judged,
        )
        bases.drop(url)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def main() -> None:
    """Print the figures as JSON."""
    with databases() as bases:
        smoke = "--smoke" in sys.argv
        for figure in measure(bases, smoke=smoke):
            print(f"{figure.name}: {figure.engine} {figure.value:.1f} {figure.unit} {figure.detail}", flush=True)


if __name__ == "__main__":
    main()
