"""The runner of the application: also what is no HTTP at all is answered by problem+json.

aiohttp writes those answers below the application, as plain text. There is no setting for it, so this module
replaces the one method that writes them; a test says when a release of aiohttp moves it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast
from uuid import uuid4

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from .headers import add_security
from .problems import HttpProblem, of_framework, problem_response
from .proxies import PROXIES, TrustedProxies

__all__ = ["Listener", "Runner"]

TOO_LARGE = 431
LINGER_S = 3.0  # how long a client may go on sending what nobody reads, until it hears why
IGNORED_MAX = 4 * 1024 * 1024  # bytes of it
DETAILS = {
    400: "this is not a request that HTTP/1.1 knows",
    TOO_LARGE: "a header or the address is too long",
    500: "something went wrong here",
}
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener(RequestHandler):
    """One connection of a client."""

    __slots__ = ("_ignored", "_is_deaf")

    def __init__(self, *parts: Any, **settings: Any) -> None:
        super().__init__(*parts, **settings)
        self._is_deaf, self._ignored = False, 0

    def turn_deaf(self) -> None:
        """Take little more of a body that is too large: enough for a client to hear so, not what it has in mind.

        aiohttp itself would read on for as long as it lingers, which is gigabytes in a fast network.
        """
        self._is_deaf = True

    def data_received(self, data: bytes) -> None:
        """Hand on what came, as long as somebody listens."""
        if self._is_deaf:
            self._ignored += len(data)
            if self._ignored > IGNORED_MAX:
                if self.transport is not None:
                    self.transport.pause_reading()
                return
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, and close the connection."""
        super().handle_error(request, status, exc, message)  # it logs, and refuses to answer twice
        if isinstance(exc, LineTooLong):
            status = TOO_LARGE
        kind = "malformed" if status < 500 else "internal"
        problem = HttpProblem(status=status, kind=kind, detail=DETAILS.get(status, "the request cannot be answered"))
        response = problem_response(problem, uuid4().hex)
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


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return Listener(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs the application."""

    def __init__(self, app: web.Application, **settings: Any) -> None:
        super().__init__(app, **{"lingering_time": LINGER_S, **settings})

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        proxies = self.app.get(PROXIES, TrustedProxies())

        def request(*parts: Any) -> web.BaseRequest:
            return proxies.seen(cast("web.Request", made.request_factory(*parts)))  # an application makes no other

        return _Server(
            _answering(made.request_handler),
            request_factory=request if proxies.trusted else made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,
            **made._kwargs,
        )
