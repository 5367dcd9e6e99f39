"""What the server counts, in Prometheus' format at ``/metrics``."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from .bridge import Bridge

__all__ = ["Metrics"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
ELSEWHERE = "other"


class Metrics:
    """The figures of one application. Labels are templates of addresses, never ids: those would be without end."""

    def __init__(self, bridge: Bridge) -> None:
        self._registry = CollectorRegistry()
        kept = self._registry
        self._bridge = bridge
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "fleet_http_requests", "Requests answered.", ("method", "route", "status"), registry=kept
        )
        self._seconds = Histogram(
            "fleet_http_request_seconds", "Seconds to answer.", ("method", "route"), registry=kept, buckets=BUCKETS
        )
        self._running = Gauge(
            "fleet_pool_running", "Units of work that run.", registry=kept, multiprocess_mode="livesum"
        )
        self._waiting = Gauge(
            "fleet_pool_waiting", "Units of work in line.", registry=kept, multiprocess_mode="livesum"
        )

    @web.middleware
    async def measure(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request and its time."""
        began = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else ELSEWHERE
        method = request.method if resource is not None else ELSEWHERE  # strangers make up methods
        requests, seconds = self._of(method, route, response.status)
        requests.inc()
        seconds.observe(time.perf_counter() - began)
        self._running.set(self._bridge.running)
        self._waiting.set(self._bridge.waiting)
        return response

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """Return what counts such requests; remembered, as finding it costs more than counting."""
        if (found := self._children.get((method, route, status))) is None:
            labelled = self._requests.labels(method, route, status), self._seconds.labels(method, route)
            found = self._children[method, route, status] = labelled
        return found

    async def show(self, _request: web.Request) -> web.Response:
        """Answer with the figures of this process, or of all that serve together."""
        registry = self._registry
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library declares no types for it
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        )
