"""The runner of the application: also what is no HTTP at all is answered by problem+json.

aiohttp writes those answers below the application, as plain text. There is no setting for it, so this module
replaces the one method that writes them; a test says when a release of aiohttp moves it.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .problems import HttpProblem, problem_response

__all__ = ["Runner"]

LINE_BYTES_MAX = 64 * 1024
DETAILS = {400: "this is not a request that HTTP/1.1 knows", 500: "something went wrong here"}


class _Handler(RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, and close the connection."""
        super().handle_error(request, status, exc, message)  # it logs, and refuses to answer twice
        kind = "malformed" if status < 500 else "internal"
        problem = HttpProblem(status=status, kind=kind, detail=DETAILS.get(status, "the request cannot be answered"))
        response = problem_response(problem, uuid4().hex)
        response.force_close()
        return response


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs the application; an address may be as long as its fields may be."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, **{"max_line_size": LINE_BYTES_MAX, **options})

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,
            **made._kwargs,
        )
