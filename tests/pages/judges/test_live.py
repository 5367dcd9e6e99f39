"""Pages change by themselves through one stream: where an event names something on them, never under one's hands."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.quantities import Distance
from fleetcore.people.ports import DIRECTORY
from fleetcore.reminders.model import AddReminder
from fleetcore.reminders.service import add_reminder
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.model import AddVehicle, Vehicle
from fleetcore.vehicles.readings import RecordReading
from fleetcore.vehicles.service import add_vehicle

from .chromium import Site, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

STREAM_OPEN = "document.querySelector('#live')._htmx?.sse?.reader != null"


def owner_of(site: Site) -> Actor:
    """Return the only owner there is."""
    with site.core.across_fleets(snapshot=True) as uow:
        (fleet,) = uow[DIRECTORY].fleets(2)
    return site.core.actor(fleet_id=fleet.id)


def until(page: Page, condition: str) -> None:
    """Wait until *condition* holds on the page; its policy forbids what playwright would do for that."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}")


def listening(visitor: Visitor, path: str) -> Page:
    """Open *path* and wait until it hears what happens."""
    page = visitor.open(path)
    until(page, STREAM_OPEN)
    return page


@pytest.fixture
def golf(ada: Visitor) -> Vehicle:
    """A car of Ada's."""
    return ada.site.core.run(owner_of(ada.site), add_vehicle, AddVehicle(name="Golf", carriers=(Carrier.PETROL,)))


def remind(site: Site, vehicle: Vehicle, title: str) -> None:
    """Add a reminder that is due, as another program does."""
    command = AddReminder(vehicle_id=vehicle.id, title=title, on=site.core.clock.now().date(), every_months=12)
    site.core.run(owner_of(site), add_reminder, command)


def read_odometer(site: Site, vehicle: Vehicle, metres: int) -> None:
    """Note what the odometer shows, as another program does."""
    reading = RecordReading(vehicle_id=vehicle.id, at=site.core.clock.now(), odometer=Distance(metres))
    site.core.run(owner_of(site), record_reading, reading)


@pytest.mark.parametrize("path", ["/", "/reminders"])
def test_what_happens_elsewhere_appears_by_itself(ada: Visitor, golf: Vehicle, path: str) -> None:
    """No reload, and the page that comes is the one that stands there: the same template."""
    page = listening(ada, path)
    page.evaluate("window.isTheSame = true")
    remind(ada.site, golf, "Brake fluid")
    page.get_by_text("Brake fluid").first.wait_for()
    assert page.evaluate("window.isTheSame")
    assert page.locator("#live [role=status]").inner_text().startswith("Updated at ")
    assert [] == ada.complaints


def test_the_state_of_a_vehicle_changes_on_its_page(ada: Visitor, golf: Vehicle) -> None:
    """And what happens to another vehicle makes it ask for nothing."""
    other = ada.site.core.run(owner_of(ada.site), add_vehicle, AddVehicle(name="Zoe"))
    page = listening(ada, f"/vehicles/{golf.id}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.headers.get("hx-request") else None)
    read_odometer(ada.site, other, 777_000)
    page.wait_for_timeout(1500)
    assert [] == asked
    read_odometer(ada.site, golf, 45_210_000)
    page.get_by_text("45,210 km").first.wait_for()
    assert 1 == len(asked)


def test_live_updates_can_be_paused_and_the_choice_is_remembered(ada: Visitor, golf: Vehicle) -> None:
    """Nothing changes and nothing is asked for, on the next page too; then everything is there at once."""
    page = listening(ada, "/reminders")
    page.get_by_role("button", name="Pause live updates").click()
    remind(ada.site, golf, "Brake fluid")
    page.wait_for_timeout(1500)
    assert 0 == page.get_by_text("Brake fluid").count()
    page = ada.open("/")
    button = page.get_by_role("button", name="Show live updates again")
    remind(ada.site, golf, "Spark plugs")
    page.wait_for_timeout(1500)
    assert 0 == page.get_by_text("Spark plugs").count()
    button.click()
    page.get_by_text("Spark plugs").first.wait_for()
    until(page, STREAM_OPEN)


def test_nobody_is_torn_from_what_they_are_doing(ada: Visitor, golf: Vehicle) -> None:
    """The button that has the focus keeps it, and stays the one it was, though something came before it."""
    remind(ada.site, golf, "Wipers")
    page = listening(ada, "/reminders")
    page.get_by_role("button", name=re.compile("Done.*Wipers")).focus()
    remind(ada.site, golf, "Brake fluid")
    page.get_by_text("Brake fluid").first.wait_for()
    assert "Wipers" in page.evaluate("document.activeElement.textContent")


def test_what_is_being_typed_stays(ada: Visitor, golf: Vehicle) -> None:
    """While a field has the focus nothing around it changes; then what came meanwhile is shown."""
    page = listening(ada, "/reminders")
    page.evaluate(
        """() => {
        const note = document.createElement('input');
        note.id = 'typing';
        document.querySelector('main').prepend(note);
        note.focus();
    }"""
    )
    page.keyboard.type("half a sen")
    remind(ada.site, golf, "Brake fluid")
    page.wait_for_timeout(1500)
    page.keyboard.type("tence")
    assert "half a sentence" == page.evaluate("document.activeElement.value")
    assert 0 == page.get_by_text("Brake fluid").count()
    page.keyboard.press("Tab")
    page.get_by_text("Brake fluid").first.wait_for()


def test_a_stream_that_broke_begins_again(ada: Visitor, golf: Vehicle) -> None:
    """What happened meanwhile is there afterwards."""
    page = listening(ada, "/reminders")
    ada.context.set_offline(True)
    page.evaluate("document.querySelector('#live')._htmx.sse.reader.cancel()")
    remind(ada.site, golf, "Brake fluid")
    page.wait_for_timeout(500)
    ada.context.set_offline(False)
    page.get_by_text("Brake fluid").first.wait_for()
    until(page, STREAM_OPEN)


def test_a_page_has_one_stream_or_none(ada: Visitor) -> None:
    """Browsers allow six connections to a host: what does not change by itself takes none of them."""
    page = listening(ada, "/")
    assert 1 == page.locator("[hx-sse\\:connect]").count()
    ada.open("/outbox")
    assert 0 == ada.page.locator("[hx-sse\\:connect]").count()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/events", {}, 200),
        ("/events", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("/events", {"Sec-Fetch-Site": "same-site"}, 403),
        ("/events", {"Origin": "https://evil.example"}, 403),
        ("/api/v1/events", {}, 401),
    ],
)
def test_the_cookie_opens_the_stream_of_the_pages_alone(
    ada: Visitor, path: str, headers: dict[str, str], status: int
) -> None:
    """Not that of the API, and not for pages of other sites."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in ada.context.cookies())
    place = urlsplit(ada.site.address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookies, **headers})
    assert status == connection.getresponse().status
    connection.close()
