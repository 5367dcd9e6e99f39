"""Connections: how long a client may take, how many there may be, and how they end when the server stops.

aiohttp waits for a slow client as long as the client likes: for the head of a request, for its body, and for its
answers to be taken. Each of these has an end here. aiohttp has no settings for it, so the methods that hear of bytes
are extended; tests say when a release of aiohttp moves them.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, cast
from uuid import uuid4

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler
from attrs import frozen

from fleetserver.settings import ServerSettings

from .context import enter_request
from .headers import add_security
from .problems import HttpProblem, of_framework, problem_response
from .proxies import TrustedProxies

__all__ = ["Connection", "ConnectionLimits", "Connections"]

TOO_LARGE = 431
IGNORED_MAX = 4 * 1024 * 1024  # bytes of a refused body that are taken until its sender hears why
DETAILS = {
    400: "this is not a request that HTTP/1.1 knows",
    TOO_LARGE: "a header or the address is too long",
    500: "something went wrong here",
}
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
LINGER_S = 2.0  # so long a refused body is still read, that its sender gets to see the answer
IDLE_GRACE_S = 1.0  # so long a stopping server waits for one more request on a connection, to say that it closes it
LOOK_EVERY_S = 0.02
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: 84\r\n\r\n"
    b'{"title":"Service Unavailable","status":503,"detail":"too many connections at once"}'
)


@frozen(kw_only=True)
class ConnectionLimits:
    """What one client may cost; times in seconds.

    The head of a request has to be there within *head_s*; its body within *body_s* and one second more for each
    *body_bytes_per_s* that came. What was sent to a client has to be taken within *answer_s*. A connection without
    a request is kept for *idle_s*; more than *connections_max* are refused.
    """

    head_s: float = 10.0
    body_s: float = 20.0
    body_bytes_per_s: int = 2000
    answer_s: float = 30.0
    idle_s: float = 75.0
    connections_max: int = 20_000

    @classmethod
    def of(cls, settings: ServerSettings) -> ConnectionLimits:
        """Return the limits that *settings* say."""
        return cls(
            head_s=settings.head_s,
            body_s=settings.body_s,
            answer_s=settings.answer_s,
            idle_s=settings.idle_s,
            connections_max=settings.connections_max,
        )


class Connection(RequestHandler):
    """One connection of a client."""

    __slots__ = ("_answer_timer", "_body", "_body_until", "_connections", "_head_timer", "_ignored", "_is_deaf")

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(connections, **options)
        self._connections = connections
        self._head_timer: asyncio.TimerHandle | None = None
        self._answer_timer: asyncio.TimerHandle | None = None
        self._body: Any = None
        self._body_until = 0.0
        self._is_deaf, self._ignored = False, 0

    def turn_deaf(self) -> None:
        """Take little more of a body that is too large: enough for a client to hear so, not what it has in mind.

        aiohttp itself would read on for as long as it lingers, which is gigabytes in a fast network.
        """
        self._is_deaf = True

    @property
    def is_idle(self) -> bool:
        """Whether no request is at work on it, or in line."""
        return self._waiter is not None and not self._waiter.done() and not self._messages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many."""
        super().connection_made(transport)
        if len(self._connections.connections) > self._connections.limits.connections_max:
            assert self.transport is not None  # noqa: S101 - for the type checker
            self.transport.write(FULL)
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget what was waited for."""
        self._body = None
        for timer in (self._head_timer, self._answer_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; from then on the rest of a head or body is waited for, not longer than may be."""
        if self._is_deaf:
            self._ignored += len(data)
            if self._ignored > IGNORED_MAX:
                if self.transport is not None:
                    self.transport.pause_reading()
                return
        heads = self._request_count
        super().data_received(data)
        if self._request_count == heads:
            if self._body is not None:
                self._body_until += len(data) / self._connections.limits.body_bytes_per_s
            elif self._head_timer is None and self.is_idle:
                self._head_timer = self._loop.call_later(self._connections.limits.head_s, self._end_head)
            return
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self._messages and not self._messages[-1][1].is_eof():
            is_watched, self._body = self._body is not None, self._messages[-1][1]
            self._body_until = self._loop.time() + self._connections.limits.body_s
            if not is_watched:
                self._loop.call_at(self._body_until, self._end_body)

    def _end_head(self) -> None:
        self._head_timer = None
        if self.is_idle:
            self.force_close()

    def _end_body(self) -> None:
        if self._body is None:
            return
        if self._body.is_eof() or self._body.exception() is not None:
            self._body = None
        elif self._loop.time() < self._body_until:
            self._loop.call_at(self._body_until, self._end_body)
        else:
            self._lingering_time = 0  # it had its time
            self._body.set_exception(web.HTTPRequestTimeout())
            self._body = None

    def pause_writing(self) -> None:
        """Hear that the client takes its answer slower than it is written."""
        super().pause_writing()
        self._answer_timer = self._loop.call_later(self._connections.limits.answer_s, self._abort)

    def resume_writing(self) -> None:
        """Hear that it has caught up."""
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None
        super().resume_writing()

    def _abort(self) -> None:
        self._answer_timer = None
        if self.transport is not None:
            # Else the system would go on offering what nobody takes.
            held = self.transport.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, and close the connection. Raises ConnectionError where nobody is told."""
        if isinstance(exc, ConnectionError):
            raise exc
        correlation_id = uuid4().hex
        enter_request(request, correlation_id)
        super().handle_error(request, status, exc, message)  # it logs, and refuses to answer twice
        if isinstance(exc, LineTooLong):
            status = TOO_LARGE
        kind = "malformed" if status < 500 else "internal"
        problem = HttpProblem(status=status, kind=kind, detail=DETAILS.get(status, "the request cannot be answered"))
        response = problem_response(problem, correlation_id)
        add_security(response.headers)
        response.force_close()
        return response


def _answering(handler: Handler) -> Handler:
    """Return *handler* with problems for what aiohttp refuses before the application sees it (Expect)."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return problem_response(of_framework(error), uuid4().hex)

    return answer


class Connections(web.Server):
    """Every connection of one application."""

    def __init__(self, made: web.Server, limits: ConnectionLimits, proxies: TrustedProxies) -> None:
        def request(*parts: Any) -> web.BaseRequest:
            return proxies.seen(cast("web.Request", made.request_factory(*parts)))  # an application makes no other

        super().__init__(
            _answering(made.request_handler),
            request_factory=request if proxies.trusted else made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,
            **{"keepalive_timeout": limits.idle_s, "lingering_time": LINGER_S, **made._kwargs},
        )
        self.limits = limits
        self.is_draining = False

    def __call__(self) -> RequestHandler:
        """Return what serves a new connection."""
        return Connection(self, loop=self._loop, **self._kwargs)

    async def say_close(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Tell a client that its connection ends with this answer, if the server is being stopped."""
        if self.is_draining and response.status != 101:
            response.force_close()
            response.headers["Connection"] = "close"

    async def drain(self, until: float) -> None:
        """Wait until every request is answered, or the loop's clock says *until*.

        A connection without a request ends after a moment.
        """
        self.is_draining = True
        loop = asyncio.get_running_loop()
        idle_until = loop.time() + min(IDLE_GRACE_S, (until - loop.time()) / 2)
        while self.connections and loop.time() < until:
            if loop.time() >= idle_until:
                for connection in self.connections:
                    if isinstance(connection, Connection) and connection.is_idle:
                        connection.force_close()
            await asyncio.sleep(LOOK_EVERY_S)
