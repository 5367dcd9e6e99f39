"""Clients of the live API, and a server with real accounts for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
from attrs import define, field, frozen
from tests.server.serving import HOST, Client

PROTOCOL = "fleet.v1"
SOON_S = 90.0
QUIET_S = 0.6
EVENTS = {"event", "reminderNotification", "vehicleStatusUpdate"}


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Play *scenario* to its end, for some minutes at most."""

    async def timed() -> None:
        async with asyncio.timeout(400):
            await scenario

    asyncio.run(timed())


@define
class Socket:
    """A client on a WebSocket; it keeps what it was told."""

    raw: aiohttp.ClientWebSocketResponse
    told: list[dict[str, Any]] = field(factory=list)

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.raw.send_str(json.dumps(message))

    async def hear(self, seconds: float = SOON_S) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(seconds):
            message = await self.raw.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, (message, self.raw.close_code)
        self.told.append(json.loads(message.data))
        return self.told[-1]

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Send a message and return the answer to it, whatever is told before."""
        await self.say(**message, ref="asked")
        while (answer := await self.hear()).get("ref") != "asked":
            pass
        return answer

    async def next_event(self, seconds: float = SOON_S) -> dict[str, Any]:
        """Return the next event."""
        while (message := await self.hear(seconds))["type"] not in EVENTS:
            pass
        return message

    async def events(self, count: int) -> list[str]:
        """Return the names of the next *count* events."""
        return [(await self.next_event())["event"] for _ in range(count)]

    async def all_until_quiet(self, seconds: float = QUIET_S) -> list[dict[str, Any]]:
        """Return every event that comes until nothing comes for a while."""
        found = []
        try:
            while True:
                found.append(await self.next_event(seconds))
        except TimeoutError:
            return found

    async def close_code(self, seconds: float = SOON_S) -> int | None:
        """Return the code with which the server ends the connection."""
        async with asyncio.timeout(seconds):
            async for _ in self.raw:
                pass
        return self.raw.close_code


@frozen
class Listener:
    """A user of the server at *port*, who bears *secret* (none in single-user mode)."""

    port: int
    secret: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What the user shows."""
        return {} if self.secret is None else {"Authorization": f"Bearer {self.secret}"}

    def address(self, path: str) -> str:
        """Return the whole address of *path* (below the root of the API, with ``//`` of the server)."""
        return f"http://{HOST}:{self.port}" + (path[1:] if path.startswith("//") else f"/api/v1{path}")

    def ticket(self) -> str:
        """Return a new ticket."""
        answer = Client(self.port).ask("POST", "/live/tickets", headers=self.headers)
        assert 200 == answer.status, answer.body
        return str(answer.value["ticket"])

    @asynccontextmanager
    async def socket(
        self, *topics: str, after: str | None = None, ticket: str | None = None, **headers: str
    ) -> AsyncIterator[Socket]:
        """Open a WebSocket, subscribed to *topics*."""
        secret = ticket or await asyncio.to_thread(self.ticket)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                self.address("/live"), protocols=(PROTOCOL, f"ticket.{secret}"), headers=headers, max_msg_size=2**22
            ) as raw,
        ):
            socket = Socket(raw)
            welcome = await socket.hear()
            assert "welcome" == welcome["type"]
            if topics:
                more = {} if after is None else {"after": after}
                await socket.say(type="subscribe", topics=list(topics), **more)
                while (await socket.hear())["type"] != "subscribed":
                    pass
            yield socket

    async def refused(self, ticket: str, **headers: str) -> int:
        """Return the status with which a WebSocket is refused."""
        try:
            async with self.socket(ticket=ticket, **headers):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status

    @asynccontextmanager
    async def stream(self, query: str = "", path: str = "/events", **headers: str) -> AsyncIterator[Stream]:
        """Open a stream of server-sent events."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self.address(path) + query, headers=self.headers | headers) as response,
        ):
            assert 200 == response.status, await response.text()
            yield Stream(response)


@frozen
class Stream:
    """A client on a stream."""

    response: aiohttp.ClientResponse

    async def part(self, seconds: float = SOON_S) -> Mapping[str, str]:
        """Return the next part: its fields by name; a comment has the name ""."""
        found: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            while line := (await self.response.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(":")
                found[name] = value.removeprefix(" ")
        return found

    async def next_event(self, seconds: float = SOON_S) -> dict[str, Any]:
        """Return the next event."""
        while (part := await self.part(seconds)).get("event") not in EVENTS:
            assert not self.response.content.at_eof()
        event: dict[str, Any] = json.loads(part["data"])
        assert part["id"] == event["id"]
        return event


def ids(events: list[dict[str, Any]]) -> list[UUID]:
    """Return the ids of *events*."""
    return [UUID(event["id"]) for event in events]
