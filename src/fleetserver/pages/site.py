"""All pages in one: their routes, templates and files, over one core."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from aiohttp import web
from attrs import frozen

from fleetcore import Core
from fleetserver.auth.callers import Callers
from fleetserver.auth.factor_pages import ask_factor
from fleetserver.auth.service import Accounts
from fleetserver.auth.sign_in_pages import ask_again
from fleetserver.web.bridge import Bridge

from .assets import Assets
from .feedback import project_tracker
from .handlers import Pages
from .installing import Installing
from .rendering import Renderer, environment
from .routing import PageRoute

__all__ = ["Site", "add_pages", "page_routes"]

MODULES = (
    *("auth.sign_in_pages", "pages.garage", "attachments.pages", "vehicles.pages", "vehicles.overview"),
    *(
        "vehicles.meter_pages",
        "vehicles.quick_meter_pages",
        "vehicles.driver_pages",
        "history.pages",
        "fuel.pages",
        "fuel.station_pages",
    ),
    "expenses.pages",
    *("expenses.category_pages", "maintenance.pages", "maintenance.job_pages", "maintenance.plan_pages"),
    *(
        "maintenance.checklist_pages",
        "maintenance.inspection_pages",
        "maintenance.tyre_pages",
        "documents.pages",
        "trips.pages",
        "trips.logbook_pages",
        "reminders.several_pages",
        "reminders.pages",
    ),
    *("search.pages", "reports.pages", "imports.pages", "exports.pages", "pages.offline"),
    *("auth.account_pages", "auth.security_pages", "auth.factor_pages", "auth.key_pages", "auth.person_pages"),
    *("auth.link_pages", "notifications.pages", "sharing.pages", "people.settings_page", "people.role_pages"),
    *("people.pages", "pages.help"),
)


def page_routes() -> tuple[PageRoute, ...]:
    """Return every page; within one path, fixed addresses stand before those with names in braces."""
    return tuple(route for module in MODULES for route in import_module(f"fleetserver.{module}").PAGES)


@frozen(kw_only=True)
class Site:
    """What pages are served over: *sign_ins* is the pool for what hashes passwords, so that others need not wait."""

    core: Core
    accounts: Accounts
    callers: Callers
    bridge: Bridge
    sign_ins: Bridge
    feedback_url: str | None = None


def add_pages(app: web.Application, site: Site) -> Pages:
    """Add every page and file to *app*; returns what serves pages."""
    assets = Assets()
    renderer = Renderer(assets, site.accounts, environment(app), site.feedback_url or project_tracker())
    pages = Pages(
        core=site.core,
        accounts=site.accounts,
        callers=site.callers,
        bridge=site.bridge,
        sign_ins=site.sign_ins,
        renderer=renderer,
        ask_again=ask_again,
        ask_factor=ask_factor,
    )
    for route in page_routes():
        add = app.router.add_get if route.method == "GET" else partial(app.router.add_route, route.method)
        add(route.path, pages.handler(route))
    app.router.add_get("/static/{name}", assets.show)
    Installing(assets).add_to(app)
    return pages
