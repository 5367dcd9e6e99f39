"""No page elsewhere acts in a visitor's name, and no visitor sees another's records."""

from __future__ import annotations

import re

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

from fleetserver.pages.site import page_routes

CHANGES = sorted({route.path for route in page_routes() if route.method == "POST"})
SEEN = sorted({route.path for route in page_routes() if route.method == "GET" and not route.is_open})
SOMEBODY = "01890000-0000-7000-8000-000000000000"


def address(path: str) -> str:
    """Return *path* with an id in it."""
    return re.sub(r"\{\w+\}", "x", path.replace("{id}", SOMEBODY))


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_a_form_of_another_site_is_refused(ada: Browser, headers: dict[str, str]) -> None:
    """Whatever it names, nothing is done, even with the right token; so for every form there is."""
    token = ada.open("/vehicles/new").form("").fields["_csrf"]
    for path in CHANGES:
        answer = ada.post(address(path), {"_csrf": token}, **headers)
        assert 403 == answer.status, path
        assert "came from another site" in answer.html


def test_a_form_without_our_token_is_not_taken_and_can_be_sent_again(ada: Browser) -> None:
    """What was typed stands in a form that carries the right token; so for every form there is."""
    for path in (path for path in CHANGES if path not in {"/login", "/register"}):
        answer = ada.post(address(path), {"_csrf": "wrong", "name": "Golf <b>"})
        assert 403 == answer.status, path
        assert "Golf <b>" == answer.form(address(path)).fields["name"]
        assert "Golf <b>" not in answer.html


def test_strangers_see_no_page_but_the_way_in(stranger: Browser) -> None:
    """They are led to signing in, from every page there is."""
    for path in SEEN:
        answer = stranger.ask("GET", address(path))
        assert 303 == answer.status, path
        assert answer.headers["location"].startswith("/login")


def test_another_households_vehicle_is_not_there(ada: Browser, stranger: Browser) -> None:
    """Its address shows the page of nothing, as any made-up one does."""
    vehicle = add_vehicle(ada)
    register(stranger, "bob@example.org")
    theirs, nobodys = stranger.open(vehicle), stranger.open(f"/vehicles/{SOMEBODY}")
    assert (404, 404) == (theirs.status, nobodys.status)
    assert "Golf" not in theirs.html


@pytest.mark.parametrize("path", ["/", "/login", "/vehicles/new", f"/vehicles/{SOMEBODY}"])
def test_pages_run_no_script_but_ours(ada: Browser, path: str) -> None:
    """The policy allows no inline script or style, no frame and no plug-in; nothing is kept by proxies."""
    headers = ada.ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"].startswith("private")
    assert "nosniff" == headers["x-content-type-options"]
