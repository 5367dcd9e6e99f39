"""The aiohttp application: every operation at its address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from importlib import import_module

from aiohttp import web

from fleetcore import Core
from fleetcore.operations import Operation

from .auth.api import AuthRoutes, described
from .auth.callers import Callers
from .auth.links import LinkPages
from .auth.persons import PersonRoutes, described_persons
from .auth.service import Accounts
from .calendars.feed import CalendarFeed
from .live.api import LiveRoutes
from .live.api import described as live_described
from .live.bearers import bearers, page_bearers
from .pages.lost import Lost
from .pages.site import Site, add_pages
from .settings import ServerSettings
from .web.batch import BatchEndpoint, with_batches
from .web.bridge import Bridge
from .web.cors import Cors
from .web.files import ContentEndpoint, FileEndpoint
from .web.handlers import Authenticate, Endpoints
from .web.headers import finish
from .web.health import HEALTH, Health
from .web.hosts import KnownHosts
from .web.methods import refuse_other_methods
from .web.metrics import Metrics
from .web.middleware import answer_safely
from .web.observing import Observer
from .web.openapi import PlainRoute, document_of
from .web.proxies import PROXIES, TrustedProxies
from .web.published import Published
from .web.routing import Route, Shape
from .web.state import State
from .web.time_limit import within

__all__ = ["API_ROOT", "CORE", "api_routes", "create_api", "create_app", "plain_routes"]

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
    named = (route for area in AREAS for route in import_module(f"fleetserver.{area}.api").ROUTES)
    return tuple(with_batches(named))


def plain_routes() -> tuple[PlainRoute, ...]:
    """Return what the API answers without an operation: signing in, one's own data, live events."""
    return (*described(), *described_persons(), *live_described())


def _handler(endpoints: Endpoints, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    endpoint = endpoints.of(route)
    if route.shape is Shape.CONTENT:
        return ContentEndpoint(endpoints, route, endpoint.operation, endpoint.fields).__call__
    if route.shape is Shape.BATCH and isinstance(endpoint.operation, Operation):
        return BatchEndpoint(endpoints, route, endpoint.operation, endpoint.fields).__call__
    if route.shape in {Shape.UPLOAD, Shape.DOWNLOAD}:
        return FileEndpoint(endpoints, route, endpoint.operation, endpoint.fields).__call__
    return endpoint.__call__


def _bridge(settings: ServerSettings) -> Bridge:
    return Bridge(
        threads=settings.threads,
        waiting_max=settings.waiting_max,
        patience_s=settings.patience_s,
        crowded_s=settings.crowded_s,
    )


def create_app(core: Core, settings: ServerSettings, accounts: Accounts) -> web.Application:
    """Return the application that serves *core* to the users of *accounts*."""
    callers = Callers(accounts)
    app = create_api(core, settings, callers.actor_of)
    # A pool of its own: hashing passwords must not keep others waiting.
    sign_ins = _bridge(settings)
    AuthRoutes(accounts, sign_ins, callers).add_to(app.router, API_ROOT)
    site = Site(
        core=core,
        accounts=accounts,
        callers=callers,
        bridge=app[BRIDGE],
        sign_ins=sign_ins,
        feedback_url=settings.feedback_url,
    )
    pages = add_pages(app, site)
    app.middlewares.insert(1, Lost(pages).tell)  # outside of what makes problems of errors
    live = LiveRoutes(
        core,
        app[BRIDGE],
        bearers(callers),
        settings.live,
        count_failure=callers.count_failure,
        page_bearer_of=page_bearers(callers, accounts),
    )
    live.add_to(app, API_ROOT)
    PersonRoutes(accounts, sign_ins, callers).add_to(app.router, API_ROOT)
    LinkPages(core, accounts, sign_ins, pages).add_to(app.router)

    async def life(_app: web.Application) -> AsyncIterator[None]:
        yield
        await sign_ins.close()
        accounts.close()

    app.cleanup_ctx.append(life)
    return app


def create_api(core: Core, settings: ServerSettings, authenticate: Authenticate) -> web.Application:
    """Return the application without accounts; *authenticate* says who asks, or refuses."""
    bridge = _bridge(settings)
    state = State(core, settings.data_dir)
    metrics = Metrics(bridge, state, settings.metrics_token)
    health = Health(core, bridge, settings.data_dir, relay_lag_max_s=settings.relay_lag_max_s)
    layers = [Observer(metrics).observe, answer_safely, within(settings.request_s)]
    app = web.Application(middlewares=layers, client_max_size=settings.body_max)
    app[CORE], app[BRIDGE], app[HEALTH] = core, bridge, health
    app[PROXIES] = TrustedProxies(settings.trusted_proxies)
    app.on_response_prepare.append(finish)
    KnownHosts(settings.public_url).add_to(app)
    Cors(settings.cors_origins).add_to(app)
    routes = api_routes()
    endpoints = Endpoints(core, bridge, authenticate, settings.upload_max)
    for route in routes:
        add = app.router.add_get if route.method == "GET" else partial(app.router.add_route, route.method)
        add(API_ROOT + route.path, _handler(endpoints, route))  # a GET answers HEAD as well
    address = f"{API_ROOT}/openapi.json"
    published = Published(lambda: document_of(routes, core, API_ROOT, plain_routes()), address)
    app.router.add_get(address, published.show)
    app.router.add_get(f"{API_ROOT}/docs", published.show_page)
    refuse_other_methods(app.router)
    for root in ("", API_ROOT):
        app.router.add_get(f"{root}/calendar.ics", CalendarFeed(core, bridge).show)
    app.router.add_get("/livez", health.alive)
    app.router.add_get("/readyz", health.ready)
    app.router.add_get("/metrics", metrics.show)

    async def life(_app: web.Application) -> AsyncIterator[None]:
        yield
        await state.close()
        await bridge.close()

    app.cleanup_ctx.append(life)
    return app
