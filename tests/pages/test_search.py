"""Finding vehicles, records and pages by their words; the palette and the keys say the same."""

from __future__ import annotations

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

from fleetserver.pages.site import page_routes
from fleetserver.search.places import PLACES, SHORTCUTS


def test_the_search_finds_vehicles_records_and_pages(ada: Browser, stranger: Browser) -> None:
    """By words in them; another household's are not there."""
    vehicle = add_vehicle(ada)
    ada.fill(ada.open("/expenses/new"), "", category="parking", amount="3,50", title="Harbour")
    ada.fill(ada.open("/maintenance/new"), "", title="Oil change", total="90")
    assert f'href="{vehicle}"' in ada.open("/search?q=golf").html
    assert "Harbour" in ada.open("/search?q=harb").html
    assert "/maintenance/" in ada.open("/search?q=oil").html
    assert 'href="/documents"' in ada.open("/search?q=insurance").html
    assert "Nothing has these words" in ada.open("/search?q=zzzzqqqq").html
    register(stranger, "bob@example.org")
    assert "Harbour" not in stranger.open("/search?q=harb").html


def test_the_palette_gets_the_results_alone(ada: Browser) -> None:
    """The same template, without the frame of the page."""
    html = ada.open("/search?q=fuel", HX_Request_Type="partial").html
    part = ada.ask("GET", "/search?q=fill", headers={"HX-Request-Type": "partial"}).html
    assert "<html" in html
    assert "<html" not in part
    assert 'href="/fuel"' in part


def test_words_that_mean_something_elsewhere_are_words_here(ada: Browser) -> None:
    """Scripts, patterns and ten thousand letters find nothing, and break nothing."""
    for said in ("%3Cscript%3Ealert(1)%3C/script%3E", "%25%5F", "x" * 10_000, "%F0%9F%9A%97", "'%20OR%201=1"):
        page = ada.open(f"/search?q={said}")
        assert 200 == page.status
        assert "<script>alert" not in page.html


def test_every_place_is_a_page_and_every_key_is_told_once() -> None:
    """Nobody is led to a page that is not there."""
    pages = {route.path for route in page_routes() if route.method == "GET"}
    assert {place.to for place in PLACES} <= pages
    keys = [place.keys for place in PLACES if place.keys]
    assert len(keys) == len(set(keys))
    assert {shortcut.to for shortcut in SHORTCUTS if shortcut.to} <= {place.to for place in PLACES}


def test_the_keys_lead_only_where_one_may_go(ada: Browser) -> None:
    """The script asks once; the page lists them for people."""
    assert '"n f":"/q/fuel"' in ada.open("/search/shortcuts").html
    assert "<kbd>Ctrl</kbd>" in ada.open("/help/shortcuts").html
