"""What people come for, done with the keyboard alone; and what the first visit weighs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from fleetcore.vehicles.model import Vehicle

from .chromium import PASSWORD, Site, Visitor, visitor
from .test_live import golf, owner_of, remind
from .test_offline import stored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["golf"]

PRESSES_MAX = 150
WEIGHT_MAX, REQUESTS_MAX = 60_000, 7
NAMED = """() => {
    const one = document.activeElement;
    return one ? `${one.name || ''}|${(one.innerText || one.value || '').trim().replace(/\\s+/g, ' ')}` : '';
}"""


def to(page: Page, wanted: str) -> None:
    """Press Tab until the focus stands on what is called *wanted*: the name of a field, or the text of a control."""
    for _ in range(PRESSES_MAX):
        name, _, text = page.evaluate(NAMED).partition("|")
        if wanted == name or text.startswith(wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted!r}")


def type_into(page: Page, **fields: str) -> None:
    """Type into fields, in their order."""
    for name, text in fields.items():
        to(page, name)
        if page.evaluate("document.activeElement.matches('select')"):
            page.keyboard.type(text)
        else:
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.type(text)


def press(page: Page, wanted: str) -> None:
    """Go to a control and press it, and wait for the page that comes."""
    to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_main_tasks_need_no_mouse(browser: Browser, site: Site) -> None:
    """Register, add a car, fill up, an expense, a trip, a service, be reminded, answer, sign out and in."""
    with visitor(browser, site) as one:
        page = one.open("/register")
        type_into(page, name="Ada", email="ada@example.org", password=PASSWORD)
        press(page, "Register")
        press(page, "Add a vehicle")
        type_into(page, name="Golf", carrier="petrol")
        press(page, "Add the vehicle")
        press(page, "Fill-up")
        type_into(page, odometer="45210", volume="40,5", total="67.09")
        press(page, "Save fill-up")
        assert 1 == sum(stored(one).values())
        one.open("/expenses/new")
        type_into(page, category="park", amount="3,50", title="Harbour")
        press(page, "Save expense")
        one.open("/trips/new")
        type_into(page, distance="12")
        page.locator("[name=started_at]").fill("2026-06-01T08:00")  # how a date is typed is the browser's own
        page.locator("[name=ended_at]").fill("2026-06-01T09:00")
        press(page, "Save trip")
        one.open("/maintenance/new")
        type_into(page, title="Oil change")
        press(page, "Save")
        assert 4 == sum(stored(one).values()), stored(one)
        (vehicle,) = vehicles(one)
        remind(site, vehicle, "Brake fluid")
        press(one.open("/"), "Reminders")
        press(page, "Done :")
        assert "Brake fluid: done." in page.locator(".messages").inner_text()
        press(page, "Sign out")
        press(page, "Sign out")
        type_into(page, email="ada@example.org", password=PASSWORD)
        press(page, "Sign in")
        assert page.get_by_role("heading", name="Garage").count()
        assert [] == one.complaints


def vehicles(one: Visitor) -> tuple[Vehicle, ...]:
    """Return the vehicles that there are."""
    from fleetcore.vehicles.model import ListVehicles
    from fleetcore.vehicles.service import list_vehicles

    return tuple(one.site.core.read(owner_of(one.site), list_vehicles, ListVehicles()))


@pytest.mark.parametrize("path", ["/login", "/", "/q/fuel", "/reminders"])
def test_the_first_visit_is_light(browser: Browser, lived: Site, alex: Any, path: str) -> None:
    """At most seven requests and 60 kB until the page is there, none of them to anybody else."""
    with visitor(browser, lived, **({} if path == "/login" else {"storage_state": alex})) as one:
        session = one.context.new_cdp_session(one.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        asked: dict[str, str] = {}
        weights: dict[str, float] = {}
        session.on("Network.requestWillBeSent", lambda told: asked.update({told["requestId"]: told["request"]["url"]}))
        session.on(
            "Network.loadingFinished", lambda told: weights.update({told["requestId"]: told["encodedDataLength"]})
        )
        one.open(path)
        one.page.wait_for_timeout(500)
        host = urlsplit(lived.address).netloc
        assert {host} == {urlsplit(url).netloc for url in asked.values() if not url.startswith("data:")}
        # The stream is one that stays open; the manifest is asked for when the page is there.
        page = [key for key, url in asked.items() if not re.search("/events|/manifest|^data:", url)]
        assert len(page) <= REQUESTS_MAX, [asked[key] for key in page]
        assert sum(weights.get(key, 0) for key in page) <= WEIGHT_MAX, {asked[key]: weights.get(key) for key in page}
