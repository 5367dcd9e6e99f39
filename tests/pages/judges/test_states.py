"""What pages look like after something happened, before the same judges as every page (states.py lists them)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

import fleetcore
from fleetcore.testing.databases import SqliteFiles

from .chromium import Site, served, visitor
from .looking import axe_faults, axe_script, headings, sideways, small_targets
from .states import EMAIL, STATES, STRICT, furnish
from .test_every_page import LOOKS, NARROW, Shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser


async def broken(_request: web.Request) -> web.Response:
    """Fail as only a fault of ours does."""
    raise RuntimeError("a fault of the test")


async def closed(_request: web.Request) -> web.Response:
    """Answer as a server that is worked on."""
    raise web.HTTPServiceUnavailable


def add_faults(app: web.Application) -> None:
    """Add addresses that fail."""
    app.router.add_get("/broken", broken)
    app.router.add_get("/closed", closed)


@pytest.fixture(scope="module")
def kept(
    browser: Browser, sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Any]]:
    """A garage of the states' own, with what Ada's browser keeps after signing in."""
    folder = tmp_path_factory.mktemp("states")
    with (
        fleetcore.open(sqlite_files.database(), installed_plugins=False, attachments=folder / "attachments") as core,
        served(core, folder, STRICT, add_faults) as site,
    ):
        with visitor(browser, site) as one:
            one.register(EMAIL)
            cookies = one.context.storage_state()
        furnish(core)
        yield site, cookies


@pytest.mark.parametrize("name", STATES)
def test_what_a_page_becomes_is_judged_like_the_page(browser: Browser, kept: tuple[Site, Any], name: str) -> None:
    """By axe in both themes on both screens, at 320 pixels, for the thumb; with one heading and a quiet console."""
    site, cookies = kept
    state = STATES[name]
    with visitor(browser, site, **({} if state.is_stranger else {"storage_state": cookies})) as one:
        statuses: list[int] = []
        one.page.on(
            "response", lambda told: statuses.append(told.status) if told.request.is_navigation_request() else None
        )
        state.bring(one)
        assert (state.status or 200) == statuses[-1]
        shown, script = Shown(name, one), axe_script()
        found = {
            f"{theme}, {screen}": faults
            for theme, screen in LOOKS
            if (faults := axe_faults(shown.become(screen, theme), script))
        }
        assert {} == found
        assert 1 == headings(shown.become("phone")).count(1)
        assert [] == small_targets(one.page)
        shown.size(NARROW)
        assert [] == sideways(one.page)
        failed = "Failed to load resource: the server responded with a status of"
        assert [] == [said for said in one.complaints if failed not in said]
