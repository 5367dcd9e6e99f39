"""The outermost layer: every request is counted, timed and written to the log, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from fleetserver.logs import log_request

from .context import ACTOR, IS_BUSY, current_correlation, trace_of
from .metrics import Metrics

__all__ = ["Observer"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ELSEWHERE = "other"  # for what strangers make up: addresses that there are not, methods that nobody knows
CLIENT_GONE = 499
PROBES = frozenset({"/livez", "/readyz", "/metrics"})


class Observer:
    """Counts and logs requests; of an address only the template is told, of a request nothing that was typed."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    @web.middleware
    async def observe(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer *request*, and tell of it."""
        began = time.perf_counter()
        self._metrics.begin()
        status = 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as moved:
            status = moved.status
            raise
        except (asyncio.CancelledError, ConnectionError):
            status = CLIENT_GONE
            raise
        finally:
            self._tell(request, status, time.perf_counter() - began)
        return response

    def _tell(self, request: web.Request, status: int, seconds: float) -> None:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else ELSEWHERE
        method = request.method if resource is not None else ELSEWHERE
        is_busy = bool(request.get(IS_BUSY))
        self._metrics.end(method=method, route=route, status=status, seconds=seconds, is_busy=is_busy)
        if route in PROBES and status < 400:
            return
        fields: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "correlation_id": current_correlation(),
        }
        if (trace_id := trace_of(request)) is not None:
            fields["trace_id"] = trace_id
        if (actor := request.get(ACTOR)) is not None:
            fields |= {"fleet_id": str(actor.fleet_id), "actor_id": str(actor.user_id)}
        log_request(**fields)
