"""Where no page answers, people are told so on a page, and programs as before."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from .browser import Browser

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nothing", "/vehicles/x/y/z/w", "/undo", "/static-not"])
def test_an_address_that_leads_nowhere_is_a_page(ada: Browser, path: str) -> None:
    """It says what may be wrong, where to go on, and the number to name when asking for help."""
    page = ada.ask("GET", path, headers=PERSON)
    assert page.status in {404, 405}
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "There is nothing here" in page.html
    assert page.headers["x-correlation-id"] in page.html
    assert 'href="/search"' in page.html


def test_strangers_are_told_without_what_only_members_see(stranger: Browser) -> None:
    """The page of a stranger offers to sign in."""
    page = stranger.ask("GET", "/nothing", headers=PERSON)
    assert 404 == page.status
    assert 'href="/login"' in page.html


def test_the_page_speaks_the_language_of_its_visitor(stranger: Browser) -> None:
    """German for a browser that asks for it."""
    page = stranger.ask("GET", "/nothing", headers={**PERSON, "Accept-Language": "de"})
    assert 'lang="de"' in page.html
    assert "There is nothing here" not in page.html


@pytest.mark.parametrize(("path", "accepted"), [("/nothing", "*/*"), ("/api/v1/nothing", "text/html")])
def test_programs_are_told_as_problems(stranger: Browser, path: str, accepted: str) -> None:
    """Who asks for no page gets none, and below the API nobody does."""
    page = stranger.ask("GET", path, headers={"Accept": accepted})
    assert 404 == page.status
    assert "application/problem+json" == page.headers["content-type"]


def test_what_is_too_large_is_told_on_a_page(ada: Browser) -> None:
    """Nothing is saved, and the page says so."""
    body = urlencode({"notes": "x" * 100_000}).encode()
    sent = {**PERSON, "Content-Type": "application/x-www-form-urlencoded"}
    page = ada.ask("POST", "/account", body, sent)
    assert 413 == page.status
    assert "That is too large" in page.html
