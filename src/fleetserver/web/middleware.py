"""What happens to every request: it gets a correlation id, its errors become problems, its answer gets headers."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Awaitable, Callable
from itertools import count
from uuid import uuid4

from aiohttp import web

from fleetcore.kernel.errors import FleetError

from .batch import BatchEndpoint
from .bridge import Busy
from .context import IS_BUSY, TRACEPARENT_FORM, enter_request, trace_of
from .files import ContentEndpoint, FileEndpoint
from .handlers import CORRELATION_ID, Endpoint
from .problems import CORRELATION, HttpProblem, of_framework, problem_of, problem_response

__all__ = ["answer_safely", "finish_stream"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ENDPOINTS = (BatchEndpoint, ContentEndpoint, Endpoint, FileEndpoint)
log = logging.getLogger("fleetserver.web")
CORRELATION_FORM = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Unique, not secret: asking the system for random bytes costs more than the rest of a request's id.
_PROCESS, _NUMBERS = uuid4().hex, count(1)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
BROKEN = HttpProblem(status=400, kind="malformed", detail="the body is not what its headers say: chunks, or a coding")
FULL = HttpProblem(status=507, kind="storage-full", detail="there is no room left to store anything")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
INTERNAL = HttpProblem(status=500, kind="internal", detail="something went wrong here; tell us the correlation id")


def correlation_of(request: web.Request) -> str:
    """Return the id that ties log lines, audit rows and events of one request together: the client's, or a new one."""
    said = request.headers.get(CORRELATION, "")
    if CORRELATION_FORM.fullmatch(said):
        return said
    if (trace_id := trace_of(request)) is not None:
        return trace_id
    return f"{_PROCESS}-{next(_NUMBERS):x}"


@web.middleware
async def answer_safely(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with problem+json whatever goes wrong; no stack ever leaves the server."""
    correlation_id = request[CORRELATION_ID] = correlation_of(request)
    enter_request(request, correlation_id)
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
        named = endpoint.parameters if isinstance(endpoint, ENDPOINTS) else frozenset()
        response = problem_response(problem_of(error, parameters=named), correlation_id)
        request[IS_BUSY] = isinstance(error, Busy)
    except ConnectionError:  # the client is gone: there is nobody to tell
        raise
    except web.RequestPayloadError:
        response = problem_response(BROKEN, correlation_id)
    except Exception as error:  # the last resort: it is logged whole, and told as nothing but a correlation id
        response = _unexpected(request, error, correlation_id)
    if not response.prepared:
        _finish(request, response, correlation_id)
    return response


async def finish_stream(request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer that is sent bit by bit its headers, just before the first bit."""
    if CORRELATION_ID in request and CORRELATION not in response.headers:
        _finish(request, response, request[CORRELATION_ID])


def _unexpected(request: web.Request, error: Exception, correlation_id: str) -> web.Response:
    is_full = isinstance(error, OSError) and error.errno in NO_ROOM
    if not is_full:
        log.error("unexpected error", exc_info=error)
    if request.writer.output_size:
        raise ConnectionAbortedError("the answer had begun: all that can still be told is that it ends") from error
    return problem_response(FULL if is_full else INTERNAL, correlation_id)


def _finish(request: web.Request, response: web.StreamResponse, correlation_id: str) -> None:
    headers = response.headers
    headers[CORRELATION] = correlation_id
    if "traceparent" in request.headers and TRACEPARENT_FORM.fullmatch(request.headers["traceparent"]):
        headers["traceparent"] = request.headers["traceparent"]
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers["Server"] = "fleetserver"
    headers.setdefault("Cache-Control", "private, no-cache")
    if request.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
