"""Clients that mean ill, or are merely slow, hurt themselves and nobody else."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from tests.live.conftest import Serve, Served, started
from tests.live.listening import PROTOCOL, run
from tests.server.serving import HOST

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import new_fill, new_vehicle

SOON_S = 60.0


async def _until(question: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not question():
            await asyncio.sleep(0.02)


@pytest.fixture
def core(sqlite_core: Core) -> Core:
    """A Core on SQLite: nothing here depends on the engine."""
    return sqlite_core


@pytest.fixture
def owner(sqlite_owner: Actor) -> Actor:
    """The owner of a fleet there."""
    return sqlite_owner


def test_a_huge_message_ends_its_connection(core: Core, owner: Actor, served: Served) -> None:
    """With 1009, before it is held in memory; who listens beside it hears on."""

    async def scenario() -> None:
        async with served.as_("owner").socket("fleet") as good, served.as_("owner").socket() as bad:
            await bad.raw.send_str("x" * 2_000_000)
            assert 1009 == await bad.close_code()
            vehicle = new_vehicle(core, owner)
            assert str(vehicle.id) == (await good.next_event(SOON_S))["vehicle_id"]

    run(scenario())


def test_a_flood_of_messages_ends_its_connection(core: Core, owner: Actor, served: Served) -> None:
    """With 1008; who listens beside it hears on."""

    async def scenario() -> None:
        async with served.as_("owner").socket("fleet") as good, served.as_("owner").socket() as bad:
            for _ in range(150):
                await bad.raw.send_str('{"type": "ping"}')
            assert 1008 == await bad.close_code()
            new_vehicle(core, owner)
            assert "vehicles.vehicle_added" == (await good.next_event(SOON_S))["event"]

    run(scenario())


def test_raw_nonsense_ends_its_connection(core: Core, owner: Actor, served: Served) -> None:
    """Bytes that are no frame of a WebSocket end it; who listens beside it hears on."""

    async def scenario() -> None:
        ticket = served.as_("owner").ticket()
        reader, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(
            f"GET /api/v1/live HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {PROTOCOL}, ticket.{ticket}\r\n\r\n".encode()
        )
        assert b"101" in await reader.readline()
        writer.write(b"\xff" * 4096)
        async with served.as_("owner").socket("fleet") as good:
            async with asyncio.timeout(SOON_S):
                while await reader.read(4096):
                    pass
            new_vehicle(core, owner)
            assert "vehicles.vehicle_added" == (await good.next_event(SOON_S))["event"]
        writer.close()

    run(scenario())


@pytest.mark.parametrize("way", ["socket", "stream"])
def test_a_slow_client_is_sent_away(core: Core, owner: Actor, serve: Serve, way: str) -> None:
    """One that takes nothing is cut off when its queue is full; who listens beside it hears everything."""
    served = serve(core, {"owner": owner}, queue_max=40, queue_size_max=16_000)
    vehicle = new_vehicle(core, owner)

    async def scenario() -> None:
        ada = served.as_("owner")
        slow = sockets.create_connection((HOST, served.port))
        slow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        if way == "socket":
            more = (
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}, ticket.{ada.ticket()}\r\n"
            )
            slow.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: {HOST}\r\n{more}\r\n".encode() + _subscribing())
        else:
            slow.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer owner\r\n\r\n".encode())
        async with ada.socket("fleet") as good:
            await _until(lambda: len(served.hub.outlets) == 2)
            outlet = min(served.hub.outlets, key=lambda each: each.born_at)
            # What the system holds for a slow client is large: fill its queue as if that were full.
            data = b"x" * 100_000
            served.hub.source.in_loop(lambda: [outlet.push(data) for _ in range(100)])
            fill = new_fill(core, owner, vehicle)
            assert str(fill.id) == (await good.next_event(SOON_S))["record_id"]
            await _until(lambda: len(served.hub.outlets) == 1)
        slow.close()

    run(scenario())


def _subscribing() -> bytes:
    """Return the frame of a message that subscribes to the fleet, masked by zeros."""
    body = b'{"type":"subscribe","topics":["fleet"]}'
    return bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body


def test_an_idle_connection_is_ended(core: Core, owner: Actor, serve: Serve) -> None:
    """One that subscribes to nothing is closed; one that listens is not."""
    served = serve(core, {"owner": owner}, idle_s=0.5)

    async def scenario() -> None:
        async with served.as_("owner").socket("fleet") as good, served.as_("owner").socket() as idle:
            assert 1008 == await idle.close_code(5)
            assert "pong" == (await good.ask(type="ping"))["type"]

    run(scenario())


def test_connections_are_limited(core: Core, owner: Actor, serve: Serve) -> None:
    """A user who has too many gets 429, a server that has too many says 503; one that is closed makes room."""
    served = serve(
        core,
        {"owner": owner, "bob": core.create_fleet("Elsewhere")},
        connections_max=3,
        connections_per_user_max=2,
    )

    async def scenario() -> None:
        ada, bob = served.as_("owner"), served.as_("bob")
        async with ada.socket("fleet"), bob.socket("fleet"):
            async with ada.socket("fleet"):
                assert 503 == await bob.refused(bob.ticket())
            await _until(lambda: len(served.hub.outlets) == 2)
            async with bob.socket("fleet"):
                pass
        async with ada.socket("fleet"), ada.socket("fleet"):
            assert 429 == await ada.refused(ada.ticket())

    run(scenario())


def test_a_server_that_is_stopped_says_so(core: Core, owner: Actor) -> None:
    """Sockets end with 1001, streams with a last part."""
    stack = ExitStack()
    served = started(stack, core, {"owner": owner})

    async def scenario() -> None:
        async with served.as_("owner").socket("fleet") as socket, served.as_("owner").stream() as stream:
            closing = asyncio.create_task(asyncio.to_thread(stack.close))
            assert 1001 == await socket.close_code(5)
            while (part := await stream.part(5)).get("event") != "end":
                pass
            assert "1001" in part["data"]
            async with asyncio.timeout(8):
                await closing

    run(scenario())
