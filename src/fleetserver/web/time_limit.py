"""No request is waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .files import ContentEndpoint, FileEndpoint
from .problems import RETRY_AFTER_S, HttpProblem
from .tables import CSV

__all__ = ["within"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STREAMS = ("/live", "/events", "/exports/archive")  # they last as long as somebody listens


def within(seconds: float) -> Any:
    """Return what gives a request up after so many *seconds*, but for files and streams, which take their time."""

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        endpoint = getattr(request.match_info.handler, "__self__", None)
        is_list = CSV in request.headers.get("Accept", "")  # streamed, however long it is
        if is_list or isinstance(endpoint, ContentEndpoint | FileEndpoint) or request.path.endswith(STREAMS):
            return await handler(request)
        try:
            async with asyncio.timeout(seconds) as waiting:
                return await handler(request)
        except TimeoutError:
            if not waiting.expired():
                raise
        detail = (
            f"this took longer than {seconds:g} s; whether it was done is not known: read again, or repeat a write "
            "with the same Idempotency-Key"
        )
        raise HttpProblem(status=503, kind="timeout", detail=detail, headers={"Retry-After": RETRY_AFTER_S})

    return limit
