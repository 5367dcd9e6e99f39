"""Pages of other origins: none may read answers, but those that the operator names, each by its exact origin.

Credentials are never allowed: who asks is said by the Authorization header, which a page must add itself, so that no
cookie of this host can be used from elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from attrs import frozen

from .methods import methods_of
from .problems import HttpProblem

__all__ = ["ALLOWED_HEADERS", "EXPOSED_HEADERS", "Cors"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ALLOWED_HEADERS = (
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent, "
    "X-Correlation-Id"
)
EXPOSED_HEADERS = "Content-Disposition, ETag, Location, Retry-After, traceparent, WWW-Authenticate, X-Correlation-Id"
KEPT_S = 600
WANTED = "Access-Control-Request-Method"


@frozen
class Cors:
    """Lets pages of *allowed* origins read what their users may read. Without origins it does nothing at all."""

    allowed: frozenset[str] = frozenset()

    def add_to(self, app: web.Application) -> None:
        """Answer preflights of *app*, and mark its answers."""
        if self.allowed:
            app.middlewares.append(self.answer_preflight)
            app.on_response_prepare.append(self.mark)

    async def mark(self, request: web.Request, response: web.StreamResponse) -> None:
        """Say whether the page that asks may read *response*; caches must keep answers to origins apart."""
        headers = response.headers
        headers["Vary"] = f"{headers['Vary']}, Origin" if "Vary" in headers else "Origin"
        if (origin := request.headers.get("Origin")) in self.allowed and origin is not None:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    @web.middleware
    async def answer_preflight(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Say to a browser whether a page of another origin may send a request that it asks about."""
        if request.method != "OPTIONS" or WANTED not in request.headers or "Origin" not in request.headers:
            return await handler(request)
        if (allowed := methods_of(request)) is None:
            return await handler(request)  # there is nothing at this address, which the handler says
        methods = sorted(allowed)
        if request.headers["Origin"] not in self.allowed or request.headers[WANTED].upper() not in methods:
            raise HttpProblem(status=403, kind="forbidden", detail="pages of this origin may not ask this")
        return web.Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": ", ".join(methods),
                "Access-Control-Allow-Headers": ALLOWED_HEADERS,
                "Access-Control-Max-Age": str(KEPT_S),
                "Vary": f"{WANTED}, Access-Control-Request-Headers",
            },
        )
