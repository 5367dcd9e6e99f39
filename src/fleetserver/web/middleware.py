"""What happens to every request: it gets a correlation id, and its errors become problems."""

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
from .connections import Connection
from .context import IS_BUSY, enter_request, trace_of
from .files import ContentEndpoint, FileEndpoint
from .handlers import CORRELATION_ID, Endpoint
from .problems import CORRELATION, HttpProblem, of_framework, problem_of, problem_response

__all__ = ["answer_safely"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ENDPOINTS = (BatchEndpoint, ContentEndpoint, Endpoint, FileEndpoint)
log = logging.getLogger("fleetserver.web")
CORRELATION_FORM = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Unique, not secret: asking the system for random bytes costs more than the rest of a request's id.
_PROCESS, _NUMBERS = uuid4().hex, count(1)
BROKEN = HttpProblem(status=400, kind="malformed", detail="the body is not what its headers say: chunks, or a coding")
FULL = HttpProblem(status=507, kind="storage-full", detail="there is no room left to store anything")
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
TOO_LARGE = 413
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
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if error.status == TOO_LARGE and isinstance(request.protocol, Connection):
            request.protocol.turn_deaf()
        return problem_response(of_framework(error), correlation_id)
    except HttpProblem as problem:
        return problem_response(problem, correlation_id)
    except (FleetError, Busy) as error:
        endpoint = getattr(request.match_info.handler, "__self__", None)
        named = endpoint.parameters if isinstance(endpoint, ENDPOINTS) else frozenset()
        request[IS_BUSY] = isinstance(error, Busy)
        return problem_response(problem_of(error, parameters=named), correlation_id)
    except ConnectionError:  # the client is gone: there is nobody to tell
        raise
    except web.RequestPayloadError:
        return problem_response(BROKEN, correlation_id)
    except Exception as error:  # the last resort: it is logged whole, and told as nothing but a correlation id
        return _unexpected(request, error, correlation_id)


def _unexpected(request: web.Request, error: Exception, correlation_id: str) -> web.Response:
    is_full = isinstance(error, OSError) and error.errno in NO_ROOM
    if not is_full:
        log.error("unexpected error", exc_info=error)
    if request.writer.output_size:
        raise ConnectionAbortedError("the answer had begun: all that can still be told is that it ends") from error
    return problem_response(FULL if is_full else INTERNAL, correlation_id)
