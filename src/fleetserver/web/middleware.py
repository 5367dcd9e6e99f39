"""What happens to every request: it gets a correlation id, its errors become problems, its answer gets headers."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from itertools import count
from uuid import uuid4

from aiohttp import web

from fleetcore.kernel.errors import FleetError

from .bridge import Busy
from .files import ContentEndpoint, FileEndpoint
from .handlers import CORRELATION_ID, Endpoint
from .problems import CORRELATION, HttpProblem, of_framework, problem_of, problem_response

__all__ = ["answer_safely", "finish_answer"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("fleetserver.web")
CORRELATION_FORM = re.compile(r"[A-Za-z0-9._:-]{1,64}")
TRACEPARENT_FORM = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
# Unique, not secret: asking the system for random bytes costs more than the rest of a request's id.
_PROCESS, _NUMBERS = uuid4().hex, count(1)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
INTERNAL = HttpProblem(status=500, kind="internal", detail="something went wrong here; tell us the correlation id")


def correlation_of(request: web.Request) -> str:
    """Return the id that ties log lines, audit rows and events of one request together: the client's, or a new one."""
    said = request.headers.get(CORRELATION, "")
    if CORRELATION_FORM.fullmatch(said):
        return said
    if (trace := TRACEPARENT_FORM.fullmatch(request.headers.get("traceparent", ""))) and set(trace[1]) != {"0"}:
        return trace[1]
    return f"{_PROCESS}-{next(_NUMBERS):x}"


@web.middleware
async def answer_safely(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with problem+json whatever goes wrong; no stack ever leaves the server."""
    correlation_id = request[CORRELATION_ID] = correlation_of(request)
    try:
        response = await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = problem_response(of_framework(error), correlation_id)
    except HttpProblem as problem:
        response = problem_response(problem, correlation_id)
    except (FleetError, Busy) as error:
        endpoint = getattr(request.match_info.handler, "__self__", None)
        named = endpoint.parameters if isinstance(endpoint, ContentEndpoint | Endpoint | FileEndpoint) else frozenset()
        response = problem_response(problem_of(error, parameters=named), correlation_id)
    except Exception:  # the last resort: it is logged whole, and told as nothing but a correlation id
        log.exception("unexpected error, correlation id %s", correlation_id)
        response = problem_response(INTERNAL, correlation_id)
    return response


async def finish_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Give the answer its headers, just before it is sent: also to those that are streamed by their handlers."""
    headers = response.headers
    if CORRELATION_ID in request:
        headers[CORRELATION] = request[CORRELATION_ID]
    if "traceparent" in request.headers and TRACEPARENT_FORM.fullmatch(request.headers["traceparent"]):
        headers["traceparent"] = request.headers["traceparent"]
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers["Server"] = "fleetserver"
    headers.setdefault("Cache-Control", "private, no-cache")
    if request.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
