"""A real server on a free port of this machine, and a small client for it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from aiohttp import web
from attrs import frozen

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetserver.app import API_ROOT, create_api
from fleetserver.serve import bound_socket
from fleetserver.settings import ServerSettings
from fleetserver.web.handlers import Authenticate
from fleetserver.web.problems import HttpProblem
from fleetserver.web.runner import Runner

HOST = "127.0.0.1"


@frozen
class Reply:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def tag(self) -> str:
        """The ETag."""
        return self.headers["etag"]


@frozen
class Client:
    """Asks the server at *port* as the user called *name*, on a connection of its own for each request."""

    port: int
    name: str = "owner"

    def ask(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Reply:
        """Send one request below the API's root (or, with a path that begins with ``//``, below the server's)."""
        connection = HTTPConnection(HOST, self.port, timeout=300)
        try:
            data = raw if raw is not None else None if body is None else json.dumps(body).encode()
            sent = {"Content-Type": "application/json"} if data is not None else {}
            address = path[1:] if path.startswith("//") else API_ROOT + path
            connection.request(method, address, body=data, headers={"X-Test-User": self.name, **sent, **headers})
            reply = connection.getresponse()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        """Read an address."""
        return self.ask("GET", path, headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        """Make a record, or do something."""
        return self.ask("POST", path, body, headers=_named(headers))

    def made(self, path: str, body: Any) -> Any:
        """Make a record and return it; anything but 201 fails."""
        reply = self.post(path, body)
        assert 201 == reply.status, reply.body
        return reply.value


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def known_as(actors: Mapping[str, Actor]) -> Authenticate:
    """Return what takes the word of the header X-Test-User for who asks; accounts have tests of their own."""

    def authenticate(request: web.Request, _permission: str | None) -> Actor:
        if (actor := actors.get(request.headers.get("X-Test-User", ""))) is None:
            raise HttpProblem(status=401, kind="unauthorized", detail="log in first")
        return actor

    return authenticate


@contextmanager
def running(core: Core, actors: Mapping[str, Actor], settings: ServerSettings | None = None) -> Iterator[int]:
    """Serve *core* to *actors*, without accounts, and yield the port."""
    with serving(create_api(core, settings or ServerSettings(), known_as(actors))) as port:
        yield port


@contextmanager
def serving(app: web.Application) -> Iterator[int]:
    """Serve *app* in a thread of its own and yield the port."""
    listening = bound_socket(HOST, 0)
    loop = asyncio.new_event_loop()
    runner = Runner(app, access_log=None)

    async def start() -> None:
        await runner.setup()
        await web.SockSite(runner, listening).start()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:  # in the thread of its own: a browser's driver may have a loop in this one
        asyncio.run_coroutine_threadsafe(start(), loop).result(120)
    except BaseException:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        raise
    try:
        yield listening.getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(120)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
