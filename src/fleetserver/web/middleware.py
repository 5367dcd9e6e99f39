"""What happens to every request: it gets a correlation id, and its errors become problems."""

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
from .headers import TRACEPARENT_FORM
from .problems import CORRELATION, HttpProblem, of_framework, problem_of, problem_response
from .runner import Listener

__all__ = ["answer_safely"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("fleetserver.web")
CORRELATION_FORM = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Unique, not secret: asking the system for random bytes costs more than the rest of a request's id.
_PROCESS, _NUMBERS = uuid4().hex, count(1)
TOO_LARGE = 413
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
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if error.status == TOO_LARGE and isinstance(request.protocol, Listener):
            request.protocol.turn_deaf()
        return problem_response(of_framework(error), correlation_id)
    except HttpProblem as problem:
        return problem_response(problem, correlation_id)
    except (FleetError, Busy) as error:
        endpoint = getattr(request.match_info.handler, "__self__", None)
        named = endpoint.parameters if isinstance(endpoint, ContentEndpoint | Endpoint | FileEndpoint) else frozenset()
        return problem_response(problem_of(error, parameters=named), correlation_id)
    except Exception:  # the last resort: it is logged whole, and told as nothing but a correlation id
        log.exception("unexpected error, correlation id %s", correlation_id)
        return problem_response(INTERNAL, correlation_id)
