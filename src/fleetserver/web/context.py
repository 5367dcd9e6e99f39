"""What is known of the request in hand, for whoever writes a line to the log, in its task or in its threads."""

from __future__ import annotations

import re
from contextvars import ContextVar

from aiohttp import web

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.tracing import current_trace, enter_trace

__all__ = ["ACTOR", "IS_BUSY", "current_correlation", "enter_request", "trace_of"]

ACTOR: web.RequestKey[Actor] = web.RequestKey("actor", Actor)
IS_BUSY: web.RequestKey[bool] = web.RequestKey("is_busy", bool)
TRACEPARENT_FORM = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_correlation: ContextVar[str | None] = ContextVar("fleetserver_correlation", default=None)


def trace_of(request: web.BaseRequest) -> str | None:
    """Return the trace that the client says its request belongs to (W3C Trace Context), or None."""
    said = TRACEPARENT_FORM.fullmatch(request.headers.get("traceparent", ""))
    return said[1] if said and set(said[1]) != {"0"} else None


def enter_request(request: web.BaseRequest, correlation_id: str) -> None:
    """Let log lines and events from now on belong to *request*: a connection's next one enters in turn."""
    _correlation.set(correlation_id)
    trace_id = trace_of(request)
    if trace_id is not None or current_trace() is not None:
        enter_trace(trace_id)


def current_correlation() -> str | None:
    """Return the correlation id of the request in hand, or None outside of requests."""
    return _correlation.get()
