"""The aiohttp application: every operation at its address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from importlib import import_module

from aiohttp import web

from fleetcore import Core

from .auth.api import AuthRoutes, described
from .auth.callers import Callers
from .auth.service import Accounts
from .calendars.feed import CalendarFeed
from .pages.site import add_pages
from .settings import ServerSettings
from .web.bridge import Bridge
from .web.files import ContentEndpoint, FileEndpoint
from .web.handlers import Authenticate, Endpoints
from .web.health import Health
from .web.metrics import Metrics
from .web.middleware import answer_safely
from .web.openapi import describe
from .web.routing import Route, Shape

__all__ = ["API_ROOT", "CORE", "api_routes", "create_api", "create_app"]

API_ROOT = "/api/v1"
AREAS = (
    *(
        "audit",
        "accounts",
        "worker",
        "vin",
        "people",
        "vehicles",
        "sharing",
        "ledger",
        "attachments",
        "reminders",
        "fuel",
        "expenses",
    ),
    *("maintenance", "trips", "documents", "calendars", "imports", "exports", "notifications", "reports", "history"),
)
CORE: web.AppKey[Core] = web.AppKey("core", Core)
BRIDGE: web.AppKey[Bridge] = web.AppKey("bridge", Bridge)


def api_routes() -> tuple[Route, ...]:
    """Return every route of the API; within one path, fixed addresses stand before those with names in braces."""
    return tuple(route for area in AREAS for route in import_module(f"fleetserver.{area}.api").ROUTES)


def _handler(endpoints: Endpoints, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    endpoint = endpoints.of(route)
    if route.shape is Shape.CONTENT:
        return ContentEndpoint(endpoints, route, endpoint.operation, endpoint.fields).__call__
    if route.shape in {Shape.UPLOAD, Shape.DOWNLOAD}:
        return FileEndpoint(endpoints, route, endpoint.operation, endpoint.fields).__call__
    return endpoint.__call__


def create_app(core: Core, settings: ServerSettings, accounts: Accounts) -> web.Application:
    """Return the application that serves *core* to the users of *accounts*."""
    callers = Callers(accounts)
    app = create_api(core, settings, callers.actor_of)
    # A pool of its own: hashing passwords must not keep others waiting.
    sign_ins = Bridge(threads=settings.threads, waiting_max=settings.waiting_max, patience_s=settings.patience_s)
    AuthRoutes(accounts, sign_ins, callers).add_to(app.router, API_ROOT)
    add_pages(app, core, accounts, callers, app[BRIDGE])

    async def life(_app: web.Application) -> AsyncIterator[None]:
        yield
        await sign_ins.close()
        accounts.close()

    app.cleanup_ctx.append(life)
    return app


def create_api(core: Core, settings: ServerSettings, authenticate: Authenticate) -> web.Application:
    """Return the application without accounts; *authenticate* says who asks, or refuses."""
    bridge = Bridge(threads=settings.threads, waiting_max=settings.waiting_max, patience_s=settings.patience_s)
    metrics, health = Metrics(bridge), Health(core, bridge, settings.data_dir)
    app = web.Application(middlewares=[metrics.measure, answer_safely], client_max_size=settings.body_max)
    app[CORE], app[BRIDGE] = core, bridge
    routes = api_routes()
    endpoints = Endpoints(core, bridge, authenticate, settings.upload_max)
    for route in routes:
        add = app.router.add_get if route.method == "GET" else partial(app.router.add_route, route.method)
        add(API_ROOT + route.path, _handler(endpoints, route))  # a GET answers HEAD as well
    document = describe(routes, core, API_ROOT, described())

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=document, content_type="application/json")

    app.router.add_get(f"{API_ROOT}/openapi.json", openapi)
    app.router.add_get("/calendar.ics", CalendarFeed(core, bridge).show)
    app.router.add_get("/livez", health.alive)
    app.router.add_get("/readyz", health.ready)
    app.router.add_get("/metrics", metrics.show)

    async def life(_app: web.Application) -> AsyncIterator[None]:
        yield
        await bridge.close()

    app.cleanup_ctx.append(life)
    return app
