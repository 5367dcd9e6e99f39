"""The timeline speaks the visitor's language, and leaves alone what people typed."""

from __future__ import annotations

import html
import re

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register


def told(page: str) -> str:
    """Return the text of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def lived_timeline(browser: Browser) -> str:
    """Return the timeline of a car with a fill-up, a trip, an expense and another state."""
    vehicle = add_vehicle(browser)
    browser.fill(browser.open("/q/fuel"), "/q/fuel", odometer="12000", volume="44,43", total="80")
    browser.fill(
        browser.open("/trips/new"),
        "",
        purpose="private",
        started_at="2026-05-02T10:00",
        distance="63",
        start_place="Bonn {name}",
        end_place="Petrol",
    )
    browser.fill(browser.open("/expenses/new"), "", category="parking", amount="3")
    browser.fill(browser.open(vehicle), f"{vehicle}/state", state="under_maintenance")
    return told(browser.open(f"{vehicle}/timeline").html)


def test_what_the_library_tells_is_told_in_german(port: int) -> None:
    """Codes, measures and the words around them; a place stays as it was typed, with braces and all."""
    uwe = Browser(port, language="de")
    register(uwe, "uwe@example.org")
    text = lived_timeline(uwe)
    for said in ("Benzin, 44,43 l", "privat, 63,0 km, Bonn {name} nach Petrol", "Parken", "in der Werkstatt"):
        assert said in text, text
    for english in ("petrol,", "private trip", "parking", " to ", "active", "Added"):
        assert english not in text, english


def test_english_stays_what_the_library_tells(ada: Browser) -> None:
    """With its own marks and words."""
    text = lived_timeline(ada)
    for said in ("petrol, 44.43 l", "private trip, 63.0 km, Bonn {name} to Petrol", "Parking", "under maintenance"):
        assert said in text, text
