"""Without a connection: pages are there with their age, and what is written is stored once, by who wrote it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import attrs
import pytest

from fleetcore.expenses.model import EditExpense, ListExpenses
from fleetcore.expenses.service import edit_expense, list_expenses
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.maintenance.model import ListServices
from fleetcore.maintenance.service import list_services
from fleetcore.trips.model import ListTrips
from fleetcore.trips.queries import list_trips
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.model import AddVehicle, ListVehicles
from fleetcore.vehicles.readings import ListReadings
from fleetcore.vehicles.service import add_vehicle, list_vehicles

from .chromium import Visitor
from .test_live import golf, owner_of, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["golf"]

WARM = """caches.keys()
    .then((names) => caches.open(names.find((name) => name.startsWith('pages-')) || 'none'))
    .then((cache) => cache.keys()).then((pages) => pages.length >= 10)"""
NAMES_ZOE = """caches.keys()
    .then((names) => caches.open(names.find((name) => name.startsWith('pages-')) || 'none'))
    .then((cache) => Promise.all([cache.match('/trips/new', { ignoreVary: true }), cache.keys()]))
    .then(([page, all]) => page.text().then((html) => html.includes('Zoe') && all.length >= 11))"""
SAID = {each.name for each in attrs.fields(EditExpense)}
ALL = """() => new Promise((done) => {
    indexedDB.open('fleet', 1).onsuccess = (event) => {
        const asked = event.target.result.transaction('outbox').objectStore('outbox').getAll();
        asked.onsuccess = () => { event.target.result.close(); done(asked.result); };
    };
})"""
PUT_BACK = """(entries) => new Promise((done) => {
    indexedDB.open('fleet', 1).onsuccess = (event) => {
        const change = event.target.result.transaction('outbox', 'readwrite');
        for (const one of entries) change.objectStore('outbox').put(one);
        change.oncomplete = () => { event.target.result.close(); done(); };
    };
})"""
LISTS: tuple[tuple[Any, Any], ...] = (
    *((list_fills, ListFills), (list_expenses, ListExpenses)),
    *((list_trips, ListTrips), (list_services, ListServices)),
)


def ready(one: Visitor) -> Page:
    """Wait until the service worker rules and has saved the pages that are needed at the pump."""
    page = one.open("/")
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, WARM)
    return page


@pytest.fixture
def away(ada: Visitor, golf: object) -> Page:
    """Ada's page, without a connection."""
    page = ready(ada)
    ada.context.set_offline(True)
    return page


def stored(one: Visitor) -> dict[str, int]:
    """Return how many records of each kind there are."""
    owner, core = owner_of(one.site), one.site.core
    found = {query.name: len(core.read(owner, query, ask(limit=100)).items) for query, ask in LISTS}
    for vehicle in core.read(owner, list_vehicles, ListVehicles()):
        readings = core.read(owner, list_readings, ListReadings(vehicle_id=vehicle.id)).items
        found["typed"] = found.get("typed", 0) + sum(reading.source == "manual" for reading in readings)
    return found


def type_fill(one: Visitor, odometer: str, volume: str, *, page: Page | None = None) -> Page:
    """Fill in the quick form and press its button."""
    page = page or one.open("/q/fuel")
    page.get_by_label("Odometer", exact=False).first.fill(odometer)
    page.get_by_label("Volume").fill(volume)
    page.get_by_label("Total paid").fill("60")
    page.get_by_role("button", name="Save fill-up").click()
    return page


def type_expense(one: Visitor, title: str) -> None:
    """Note an expense."""
    page = one.open("/expenses/new")
    page.get_by_label("What for").select_option("parking")
    page.get_by_label("Amount").fill("3,50")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Save expense").click()
    page.wait_for_url(re.compile("/(outbox|vehicles/.*)$"))


def settle(one: Visitor) -> None:
    """Wait until nothing waits any more, by what the outbox shows."""
    one.open("/outbox")
    one.page.get_by_text("Everything is stored.").wait_for()


def test_a_saved_page_says_how_old_it_is(ada: Visitor, away: Page) -> None:
    """A page that was opened before is there, with its style; one that was not says what can be done."""
    page = ada.open("/")
    page.get_by_text("No connection: this is a saved copy of").wait_for()
    assert page.get_by_role("link", name="Golf").first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).display") == "grid"
    ada.open("/documents/never-seen")
    page.get_by_role("heading", name="No connection").wait_for()


def test_five_entries_offline_are_each_stored_once(ada: Visitor, away: Page) -> None:
    """One of each kind, on pages that nobody has opened yet; sent again, each is found stored already."""
    type_fill(ada, "1000", "40").wait_for_url(re.compile("/outbox$"))
    page = ada.open("/q/odometer")
    page.get_by_label("The odometer shows").fill("1500")
    page.get_by_role("button", name="Save reading").click()
    page.wait_for_url(re.compile("/outbox$"))
    type_expense(ada, "Harbour")
    page = ada.open("/trips/new")
    page.get_by_label("Began", exact=False).first.fill("2026-06-01T08:00")
    page.get_by_label("Ended", exact=False).first.fill("2026-06-01T09:00")
    page.get_by_label("or the distance").fill("12")
    page.get_by_role("button", name="Save trip").click()
    page.wait_for_url(re.compile("/outbox$"))
    page = ada.open("/maintenance/new")
    page.get_by_label("What was done").fill("Oil change")
    page.get_by_role("button", name=re.compile("Save")).first.click()
    page.wait_for_url(re.compile("/outbox$"))
    page.reload()
    page.get_by_text("5 entries wait.", exact=True).wait_for()
    assert not any(stored(ada).values())
    waiting = page.evaluate(ALL)
    assert 5 == len(waiting)
    ada.context.set_offline(False)
    settle(ada)
    after = stored(ada)
    assert [1, 1, 1, 1, 1] == sorted(after.values()), after
    page.evaluate(PUT_BACK, waiting)  # as if no answer had ever come
    settle(ada)
    assert after == stored(ada)


def test_a_new_vehicle_is_in_the_saved_forms_at_once(ada: Visitor, golf: object) -> None:
    """Also where another of the household added it: the garage was looked at since, and that is enough."""
    ready(ada)
    ada.site.core.run(owner_of(ada.site), add_vehicle, AddVehicle(name="Zoe", carriers=(Carrier.ELECTRICITY,)))
    page = ada.open("/")
    until(page, NAMES_ZOE)
    ada.context.set_offline(True)
    page = ada.open("/trips/new")
    page.get_by_text("No connection: this is a saved copy of").wait_for()
    page.get_by_role("combobox", name="Vehicle").select_option(label="Zoe")
    page = ada.open("/")
    page.get_by_role("link", name="Zoe").first.click()
    page.get_by_role("heading", name="Zoe").first.wait_for()
    page.get_by_text("No connection: this is a saved copy of").wait_for()


def test_a_real_sync_event_sends_what_waits(ada: Visitor, away: Page) -> None:
    """The browser wakes the worker, with no page of ours open."""
    session = ada.context.new_cdp_session(away)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(
            each["registrationId"] for each in told["registrations"] if not each["isDeleted"]
        ),
    )
    session.send("ServiceWorker.enable")
    type_expense(ada, "Harbour")
    away.goto("about:blank")
    ada.context.set_offline(False)
    assert registrations
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": ada.site.address, "registrationId": registrations[-1], "tag": "fleet-queue", "lastChance": False},
    )
    for _ in range(300):
        if stored(ada)["expenses.list"] == 1:
            break
        away.wait_for_timeout(100)
    assert 1 == stored(ada)["expenses.list"]


def test_what_one_wrote_is_never_sent_by_another(ada: Visitor, away: Page) -> None:
    """Bob on the same device sees neither Ada's pages nor her entries; signed in again, she sends them."""
    type_expense(ada, "Harbour")
    ada.context.clear_cookies()
    ada.context.set_offline(False)
    ada.register("bob@example.org")
    page = ada.open("/outbox")
    page.get_by_text("1 entry of somebody else waits on this device.").wait_for()
    assert 0 == page.get_by_text("Harbour").count()
    page.evaluate("fleetQueue.ask('flush')")
    assert 0 == stored_of_first(ada)
    assert 1 == page.evaluate("caches.keys().then(names => names.filter(n => n.startsWith('pages-')).length)")
    ada.context.set_offline(True)
    assert 0 == ada.open("/").get_by_role("link", name="Golf").count()
    ada.context.set_offline(False)
    ada.context.clear_cookies()
    ada.sign_in("ada@example.org")
    settle(ada)
    assert 1 == stored_of_first(ada)


def stored_of_first(one: Visitor) -> int:
    """Return how many expenses there are in the garage that was there first."""
    from fleetcore.people.ports import DIRECTORY

    with one.site.core.across_fleets(snapshot=True) as uow:
        first = min(uow[DIRECTORY].fleets(5), key=lambda fleet: fleet.created_at)
    actor = one.site.core.actor(fleet_id=first.id)
    return len(one.site.core.read(actor, list_expenses, ListExpenses(limit=100)).items)


def test_the_server_takes_no_form_that_another_opened(ada: Visitor, golf: object) -> None:
    """Even where the browser forgot whose it is: the form says it."""
    page = ada.open("/expenses/new")
    page.evaluate("document.querySelector('form.sheet').elements._by.value = 'somebody'")
    page.get_by_label("What for").select_option("parking")
    page.get_by_label("Amount").fill("3,50")
    page.get_by_role("button", name="Save expense").click()
    page.get_by_role("heading", name="Somebody else wrote this").wait_for()
    assert 0 == stored(ada)["expenses.list"]


def test_what_is_refused_is_shown_with_what_was_typed_and_can_be_corrected(ada: Visitor, away: Page) -> None:
    """It stays until it is stored or discarded on purpose."""
    type_fill(ada, "far away", "40").wait_for_url(re.compile("/outbox$"))
    ada.context.set_offline(False)
    page = ada.open("/outbox")
    page.get_by_text("not taken").wait_for()
    assert "far away" in page.locator(".entry").inner_text()
    assert "Odometer: " in page.locator(".entry ul").inner_text()
    page.get_by_role("link", name=re.compile("Correct it")).click()
    field = page.get_by_label("Odometer", exact=False).first
    until(page, "document.querySelector('[name=odometer]').value === 'far away'")
    assert "40" == page.get_by_label("Volume").input_value()
    field.fill("1200")
    page.get_by_role("button", name="Save fill-up").click()
    page.wait_for_url(re.compile("/vehicles/"))
    assert 1 == stored(ada)["fuel.list_fills"]
    ada.open("/outbox").get_by_role("heading", name="Nothing waits").wait_for()


def change_title(one: Visitor) -> None:
    """Change the only expense, as somebody else of the household does."""
    owner = owner_of(one.site)
    (expense,) = one.site.core.read(owner, list_expenses, ListExpenses()).items
    said = attrs.asdict(expense, recurse=False, filter=lambda each, _: each.name in SAID)
    one.site.core.run(owner, edit_expense, EditExpense(**{**said, "title": "Marina"}))


def test_an_edit_that_comes_too_late_is_told_as_a_conflict(ada: Visitor, golf: object) -> None:
    """Both versions stay: the one that was stored first, and what was typed."""
    type_expense(ada, "Harbour")
    ready(ada)
    page = ada.open("/expenses")
    page.locator("th a").first.click()
    page.wait_for_url(re.compile("/expenses/[0-9a-f-]{36}$"))
    ada.context.set_offline(True)
    page.get_by_label("Amount").fill("5")
    page.get_by_role("button", name="Save expense").click()
    page.wait_for_url(re.compile("/outbox$"))
    change_title(ada)
    ada.context.set_offline(False)
    ada.open("/outbox").get_by_text("changed meanwhile", exact=True).wait_for()
    assert "Somebody changed this meanwhile" in ada.page.locator(".entry ul").inner_text()
    assert "5" in ada.page.locator(".entry dl").inner_text()
    assert "Title: Stored meanwhile: Marina" in ada.page.locator(".entry ul").inner_text()
    assert not ada.page.get_by_role("button", name=re.compile("^Try again")).is_visible()  # it would be as late again


def test_of_a_conflict_one_chooses_field_by_field(ada: Visitor, golf: object) -> None:
    """What the other saved is taken for one field, what was typed stays for the other; then nothing waits any more."""
    test_an_edit_that_comes_too_late_is_told_as_a_conflict(ada, golf)
    ada.page.get_by_role("button", name=re.compile("^Compare and choose")).click()
    page = ada.page
    page.get_by_text("Somebody changed this meanwhile").first.wait_for()
    until(page, "document.querySelector('[name=_replaces]') !== null")
    assert "Harbour" == page.get_by_label("Title", exact=False).first.input_value()
    page.get_by_label("Take this instead of what stands above: Title").check()
    page.get_by_role("button", name="Save expense").click()
    page.wait_for_url(re.compile("/vehicles/"))
    owner = owner_of(ada.site)
    (expense,) = ada.site.core.read(owner, list_expenses, ListExpenses()).items
    assert ("Marina", "5.00") == (expense.title, str(expense.amount.amount))
    ada.open("/outbox").get_by_role("heading", name="Nothing waits").wait_for()


def test_one_saved_form_filled_in_twice_is_two_entries(ada: Visitor, away: Page) -> None:
    """Back and another number is another fill-up; nothing replaces what already waits."""
    page = type_fill(ada, "1000", "40")
    page.wait_for_url(re.compile("/outbox$"))
    page.go_back()
    type_fill(ada, "1600", "41", page=page).wait_for_url(re.compile("/outbox$"))
    page.get_by_text("2 entries wait.", exact=True).wait_for()
    ada.context.set_offline(False)
    settle(ada)
    assert 2 == stored(ada)["fuel.list_fills"]


def test_an_iphone_is_told_to_put_the_pages_on_its_home_screen(ada: Visitor, golf: object) -> None:
    """Only where they are not there yet: other devices know nothing of that."""
    page = ada.open("/outbox")
    page.get_by_role("heading", name="Nothing waits").wait_for()
    assert not page.locator("#install").is_visible()
    ada.context.add_init_script("Object.defineProperty(navigator, 'standalone', { value: false })")
    page = ada.open("/outbox")
    page.get_by_text("This device deletes after seven days").wait_for()


def test_discarding_asks_once_more(ada: Visitor, away: Page) -> None:
    """One press by mistake loses nothing."""
    type_expense(ada, "Harbour")
    page = ada.page
    page.get_by_role("button", name=re.compile("^Discard")).click()
    page.get_by_text("1 entry waits.", exact=True).wait_for()
    page.get_by_role("button", name=re.compile("^Discard for good")).click()
    page.get_by_role("heading", name="Nothing waits").wait_for()


def test_the_manifest_makes_an_app_of_it(ada: Visitor) -> None:
    """Name, icons of every kind that phones want, and shortcuts that lead somewhere."""
    told = json.load(urlopen(ada.site.address + "/manifest.webmanifest?language=de"))  # noqa: S310 - our own server
    assert ("/", "standalone", "/") == (told["id"], told["display"], told["start_url"])
    icons = {(icon["sizes"], icon["purpose"]) for icon in told["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= icons
    for icon in told["icons"]:
        assert 200 == ada.page.request.get(ada.site.address + icon["src"]).status
    for shortcut in told["shortcuts"]:
        assert 200 == ada.page.request.get(ada.site.address + shortcut["url"]).status
    session = ada.context.new_cdp_session(ada.open("/"))
    assert [] == session.send("Page.getAppManifest")["errors"]
