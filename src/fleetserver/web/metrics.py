"""What the server counts, in Prometheus' format at ``/metrics``, and who may read it."""

from __future__ import annotations

import asyncio
import hmac
import os

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from fleetserver.settings import is_loopback

from .bridge import Bridge
from .problems import HttpProblem
from .state import State

__all__ = ["SHARED_FOLDER", "Metrics"]

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where processes that serve together keep their figures; the library's name
TOLD_AFTER_S = 0.1
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host")
SCHEME = "Bearer "


class Metrics:
    """The figures of one application. Labels are templates of addresses, never ids: those would be without end.

    Several processes on one port share their figures through files, so whichever is asked answers for all of them.
    Without a *token* only this machine may ask, and no proxy for others.
    """

    def __init__(self, bridge: Bridge, state: State, token: str | None = None) -> None:
        self._registry = kept = CollectorRegistry()
        self._bridge, self._state, self._token = bridge, state, token
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "fleet_http_requests", "Requests answered.", ("method", "route", "status"), registry=kept
        )
        self._seconds = Histogram(
            "fleet_http_request_seconds", "Seconds to answer.", ("method", "route"), registry=kept, buckets=BUCKETS
        )
        self._busy = Counter("fleet_http_busy", "Requests refused because too many ran or waited.", registry=kept)
        self._in_flight, self._telling = 0, False
        self._answering = _summed("fleet_http_in_flight", "Requests that are being answered.", kept)
        self._running = _summed("fleet_pool_running", "Units of work that run.", kept)
        self._waiting = _summed("fleet_pool_waiting", "Units of work in line.", kept)

    def begin(self) -> None:
        """Count a request that has come in."""
        self._in_flight += 1
        self._tell_soon()

    def end(self, *, method: str, route: str, status: int, seconds: float, is_busy: bool) -> None:
        """Count a request that was answered."""
        self._in_flight -= 1
        self._tell_soon()
        requests, times = self._of(method, route, status)
        requests.inc()
        times.observe(seconds)
        if is_busy:
            self._busy.inc()

    def _tell_soon(self) -> None:
        """Write how things stand in a moment, for all who come and go until then: it costs more than to count them."""
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_later(TOLD_AFTER_S, self._tell)

    def _tell(self) -> None:
        self._telling = False
        self._answering.set(self._in_flight)
        self._running.set(self._bridge.running)
        self._waiting.set(self._bridge.waiting)

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """Return what counts such requests; remembered, as finding it costs more than counting."""
        if (found := self._children.get((method, route, status))) is None:
            labelled = self._requests.labels(method, route, status), self._seconds.labels(method, route)
            found = self._children[method, route, status] = labelled
        return found

    async def show(self, request: web.Request) -> web.Response:
        """Answer with the figures of all processes that serve together, and with how the database stands."""
        self._require_access(request)
        await self._state.freshen()
        self._tell()
        registry = self._registry
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library declares no types for it
        body = generate_latest(registry) + self._state.exposition()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})

    def _require_access(self, request: web.Request) -> None:
        """Raise HttpProblem for who may not read figures: they tell how busy somebody is."""
        if self._token is not None:
            said = request.headers.get("Authorization", "").encode()
            if not hmac.compare_digest(said, (SCHEME + self._token).encode()):
                raise HttpProblem(
                    status=401,
                    kind="unauthenticated",
                    detail="send the token of FLEET_METRICS_TOKEN as Bearer",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            return
        is_forwarded = any(name in request.headers for name in FORWARDED)
        if is_forwarded or not is_loopback(request.remote or "") or not is_loopback(request.url.host or ""):
            raise HttpProblem(status=404, kind="not-found", detail="there is nothing at this address")


def _summed(name: str, meaning: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, meaning, registry=registry, multiprocess_mode="livesum")
