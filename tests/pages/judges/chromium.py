"""A real Chromium over a served garage with five years of life, shared by all judges of a session."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from attrs import define, field, frozen
from tests.server.serving import serving

from fleetcore import Core
from fleetcore.people.ports import DIRECTORY
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.limits import Limit
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost, Limits
from fleetserver.settings import ServerSettings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

NOW = datetime(2026, 6, 1, 21, tzinfo=UTC)
CHROMIUM = Path("/usr/bin/chromium")
EMAIL, PASSWORD = "alex@example.org", "seventeen quiet lanterns"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
]
PATIENT_MS = int(os.environ.get("FLEET_PAGES_PATIENCE_MS", "60000"))
# What Chromium says of what was asked of it: a blocked worker by a test, an emptied cache by our signing out.
EXPECTED = re.compile(
    "Service Worker registration blocked by Playwright|Clear-Site-Data header on"
    "|Transition was aborted because of invalid state"  # a judge has turned the screen or gone on meanwhile
)
# What the policy of a page forbids is told by the console for most, and by this for all.
TELL_POLICY = """addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""
MANY = Limit(burst=10_000_000, period=Limits().requests.period)
LIMITS = Limits(sign_in_pair=MANY, sign_in_account=MANY, sign_in_address=MANY, register_address=MANY, requests=MANY)


@frozen
class Site:
    """A served core, with how its owner signs in."""

    address: str
    core: Core
    accounts: Accounts


@contextmanager
def served(
    core: Core, folder: Path, limits: Limits = LIMITS, also: Callable[[web.Application], None] = lambda _: None
) -> Iterator[Site]:
    """Serve *core* with cheap hashes and hardly a limit: a test asks more in a second than a person in an hour."""
    settings = AuthSettings(data_dir=folder, hash_cost=HashCost(memory_kib=64, passes=1), limits=limits)
    accounts = Accounts(core, settings, keys=load_keys(settings, core.clock))
    app = create_app(core, ServerSettings(), accounts)
    also(app)
    with serving(app) as port:
        yield Site(f"http://127.0.0.1:{port}", core, accounts)


def give_password(site: Site) -> None:
    """Let the owner of the demo's garage sign in."""
    with site.core.across_fleets(snapshot=True) as uow:
        (fleet,) = uow[DIRECTORY].fleets(2)
    owner = site.core.actor(fleet_id=fleet.id).user_id
    site.accounts.set_email(owner, EMAIL)
    site.accounts.set_password(owner, PASSWORD)


def require_chromium() -> Any:
    """Return what drives Chromium; where either is absent, skip."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM}")
    return pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium."""
    api = require_chromium()
    driver: Playwright
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@define
class Visitor:
    """Somebody with a browser of their own; keeps what the console said and which policies were broken."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(factory=list)

    def open(self, path: str) -> Page:
        """Visit *path*."""
        self.page.goto(self.site.address + path, wait_until="load")
        return self.page

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> None:
        """Sign in by the page."""
        self.open("/login")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.site.address + "/")

    def register(self, email: str) -> None:
        """Make an account by the page."""
        self.open("/register")
        self.page.get_by_label("Your name").fill("Ada")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Register").click()
        self.page.wait_for_url(self.site.address + "/")


@contextmanager
def visitor(browser: Browser, site: Site, **options: Any) -> Iterator[Visitor]:
    """Open a browser of its own, that blocks the service worker unless *options* say otherwise."""
    context = browser.new_context(**{"service_workers": "block", "locale": "en-GB", **options})
    context.set_default_timeout(PATIENT_MS)
    context.set_default_navigation_timeout(PATIENT_MS)
    context.add_init_script(TELL_POLICY)
    page = context.new_page()
    one = Visitor(site, context, page)
    page.on("console", lambda said: EXPECTED.match(said.text) or one.complaints.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: EXPECTED.search(str(error)) or one.complaints.append(f"{page.url}: {error}"))
    try:
        yield one
    finally:
        with suppress(Exception):
            context.close()


def as_json(value: object) -> str:
    """Write *value* for a message."""
    return json.dumps(value, indent=1, default=str)[:4000]
