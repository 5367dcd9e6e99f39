"""The runner of the application: it listens, and it stops without dropping what it has begun."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import struct
import sys
from typing import Any

from aiohttp import web

from .connections import ConnectionLimits, Connections
from .proxies import PROXIES, TrustedProxies

__all__ = ["Runner"]

LINE_BYTES_MAX = 64 * 1024
SO_ATTACH_FILTER = 26  # Linux
ACCEPTED_WITHIN_S = 0.1
CANCELLED_WITHIN_S = 0.25  # twice: aiohttp asks first


class Runner(web.AppRunner):
    """Runs the application; an address may be as long as its fields may be."""

    __slots__ = ("_connections", "_limits", "_told")

    def __init__(self, app: web.Application, limits: ConnectionLimits | None = None, **options: Any) -> None:
        super().__init__(app, **{"max_line_size": LINE_BYTES_MAX, **options})
        self._limits = limits or ConnectionLimits()
        self._connections: Connections | None = None
        self._told = False
        app.on_response_prepare.append(self._say_close)

    async def _make_server(self) -> web.Server:
        proxies = self.app.get(PROXIES, TrustedProxies())
        self._connections = Connections(await super()._make_server(), self._limits, proxies)
        return self._connections

    async def _say_close(self, request: web.Request, response: web.StreamResponse) -> None:
        if self._connections is not None:
            await self._connections.say_close(request, response)

    async def shutdown(self) -> None:
        """Tell those who keep a connection open on purpose that the server stops, once."""
        if not self._told:
            self._told = True
            await super().shutdown()

    async def drain(self, listening: socket.socket, seconds: float) -> None:
        """Take no new connections, let those at work finish for so many seconds, then end everything.

        Connections that the system has accepted for us already are served too.
        """
        until = asyncio.get_running_loop().time() + seconds - 2 * CANCELLED_WITHIN_S
        if self._connections is not None:
            self._connections.is_draining = True
        _refuse_newcomers(listening)
        await asyncio.sleep(ACCEPTED_WITHIN_S)
        for site in list(self.sites):
            await site.stop()
        await self.shutdown()
        if self._connections is not None:
            await self._connections.drain(until)
        self._shutdown_timeout = CANCELLED_WITHIN_S
        await self.cleanup()


def _refuse_newcomers(listening: socket.socket) -> None:
    """Let the system take no more connections for *listening*, so that none is lost when it is closed.

    A socket filter that passes nothing does that; whoever knocks meanwhile tries again, and finds another process or
    a closed port. Where there are no such filters the port is closed at once.
    """
    if sys.platform != "linux":
        return
    passes_nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    program = struct.pack("HL", 1, ctypes.addressof(passes_nothing))
    with contextlib.suppress(OSError):
        listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
