"""A stream of server-sent events as a client's end."""

from __future__ import annotations

import asyncio

from aiohttp import web

from fleetcore.live.model import Known

from .hub import Hub
from .messages import Letter, written
from .outlet import Outlet

__all__ = ["StreamOutlet"]

BEAT = b": beat\n\n"
RETRY = b"retry: 2000\n\n"


class StreamOutlet(Outlet):
    """A client on a stream; where a WebSocket would be closed with a code, the stream just ends."""

    __slots__ = ("_gone", "_response", "_transport")

    def __init__(self, known: Known, hub: Hub, response: web.StreamResponse, request: web.Request) -> None:
        super().__init__(known, hub.settings)
        self._response = response
        self._transport = request.transport
        self._gone = asyncio.Event()

    def form(self, letter: Letter) -> bytes:
        """Return an event as a part of the stream."""
        return letter.stream_part

    async def write(self, data: bytes) -> None:
        """Write a part."""
        await self._response.write(data)

    async def finish(self, code: int, reason: str) -> None:
        """Say why the stream ends, and end it."""
        await self._response.write(b"event: end\ndata: %b\n\n" % written("end", code=code, detail=reason))
        await self._response.write_eof()

    def abort(self) -> None:
        """End the stream."""
        self._gone.set()
        if self._transport is not None and self._transport.is_closing() is False and self._response.prepared:
            self._transport.close()

    def reset(self) -> None:
        """Say that events are missing: what the client knows is old."""
        self.push(b"event: reset\ndata: %b\n\n" % written("reset", detail="events are missing since then: read anew"))

    async def last(self) -> None:
        """Send a sign of life every so often until the stream ends."""
        self.push(RETRY)
        while not self._gone.is_set():
            try:
                async with asyncio.timeout(self.settings.heartbeat_s):
                    await self._gone.wait()
            except TimeoutError:
                self.push(BEAT)
