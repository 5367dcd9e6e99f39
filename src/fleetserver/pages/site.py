"""All pages in one: their routes, templates and files, over one core."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from aiohttp import web

from fleetcore import Core
from fleetserver.auth.callers import Callers
from fleetserver.auth.service import Accounts
from fleetserver.auth.sign_in_pages import ask_again
from fleetserver.web.bridge import Bridge

from .assets import Assets
from .handlers import Pages
from .installing import Installing
from .rendering import Renderer, environment
from .routing import PageRoute

__all__ = ["add_pages", "page_routes"]

MODULES = (
    *("auth.sign_in_pages", "pages.garage", "attachments.pages", "vehicles.pages", "vehicles.overview"),
    *("vehicles.meter_pages", "history.pages", "fuel.pages", "fuel.station_pages", "expenses.pages"),
    *("expenses.category_pages", "maintenance.pages", "maintenance.job_pages", "maintenance.plan_pages"),
    *(
        "maintenance.checklist_pages",
        "maintenance.inspection_pages",
        "maintenance.tyre_pages",
        "documents.pages",
        "trips.pages",
        "reminders.pages",
    ),
    *("search.pages", "reports.pages", "imports.pages", "exports.pages", "pages.offline"),
)


def page_routes() -> tuple[PageRoute, ...]:
    """Return every page; within one path, fixed addresses stand before those with names in braces."""
    return tuple(route for module in MODULES for route in import_module(f"fleetserver.{module}").PAGES)


def add_pages(app: web.Application, core: Core, accounts: Accounts, callers: Callers, bridge: Bridge) -> None:
    """Add every page and file to *app*."""
    assets = Assets()
    templates = environment(app)
    pages = Pages(core, accounts, callers, bridge, Renderer(assets, accounts, templates), ask_again)
    for route in page_routes():
        add = app.router.add_get if route.method == "GET" else partial(app.router.add_route, route.method)
        add(route.path, pages.handler(route))
    app.router.add_get("/static/{name}", assets.show)
    Installing(assets).add_to(app)
