"""What people come for, done with the keyboard alone; and what the first visit weighs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from attrs import frozen

import fleetcore
from fleetcore.attachments.model import ListAttachments
from fleetcore.attachments.service import list_attachments
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import ListDue, Urgency
from fleetcore.testing.databases import SqliteFiles
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import AddVehicle, ListVehicles, Vehicle
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import add_vehicle, list_vehicles

from .chromium import PASSWORD, Site, Visitor, served, visitor
from .looking import STOP, covered
from .test_live import owner_of, remind
from .test_offline import stored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PRESSES_MAX = 150
WEIGHT_MAX, REQUESTS_MAX = 60_000, 7
NAMED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return '|';
    const label = one.labels?.[0]?.innerText || one.innerText || one.value || '';
    return `${one.name || ''}|${label.trim().replace(/\\s+/g, ' ')}`;
}"""


@frozen
class Hands:
    """Somebody's hands on the keyboard: at each stop the focus must be somewhere, and be seen."""

    one: Visitor

    @property
    def page(self) -> Page:
        """What is before them."""
        return self.one.page

    def to(self, wanted: str, key: str = "Tab") -> None:
        """Press *key* until the focus stands on what is called *wanted*: a field's name, a label, a control's text."""
        lost = 0
        for _ in range(PRESSES_MAX):
            name, _, text = self.page.evaluate(NAMED).partition("|")
            if wanted == name or text.startswith(wanted) or text.endswith(wanted):
                return
            self.page.keyboard.press(key)
            stop = self.page.evaluate(STOP)
            lost += stop is None
            # By its end it leaves the page, for the bars of the browser; of these there may be two.
            assert lost <= 2, f"the focus is lost on the way to {wanted!r}"
            assert [] == covered([stop] if stop else [])
        raise AssertionError(f"the keyboard does not reach {wanted!r}")

    def type(self, **fields: str) -> None:
        """Type into fields, in their order; what stands in them is overwritten."""
        for name, text in fields.items():
            self.to(name)
            if not self.page.evaluate("document.activeElement.matches('select, [type=date], [type=datetime-local]')"):
                self.page.keyboard.press("ControlOrMeta+a")
            for number, part in enumerate(text.split("|")):  # a date and its time stand side by side
                if number:
                    self.page.keyboard.press("ArrowRight")
                self.page.keyboard.type(part)

    def press(self, wanted: str, key: str = "Tab") -> None:
        """Go to a control, press it, and wait for the page that comes."""
        self.to(wanted, key)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def keys(self, *keys: str) -> None:
        """Press shortcuts, and wait for the page that comes."""
        with self.page.expect_navigation():
            for key in keys:
                self.page.keyboard.press(key)

    def told(self) -> str:
        """Return what the page tells of what was just done."""
        return " ".join(self.page.locator(".messages").inner_text().split())

    def take_back(self) -> None:
        """Press Undo: it is the last of the page, so one step back from its beginning."""
        self.press("Undo", "Shift+Tab")
        assert "Taken back." in self.told()


@pytest.fixture(scope="module")
def garage(
    browser: Browser, sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Hands, Vehicle]]:
    """A garage with one car, signed in to by the keyboard; each task brings what it needs."""
    folder = tmp_path_factory.mktemp("tasks")
    with (
        fleetcore.open(sqlite_files.database(), installed_plugins=False, attachments=folder / "attachments") as core,
        served(core, folder) as site,
        visitor(browser, site) as one,
    ):
        hands = Hands(one)
        one.open("/register")
        hands.type(name="Ada", email="ada@example.org", password=PASSWORD)
        hands.press("Register")
        owner = owner_of(site)
        golf = core.run(owner, add_vehicle, AddVehicle(name="Golf", carriers=(Carrier.PETROL,)))
        yield hands, golf
        assert [] == one.complaints


@pytest.fixture
def hands(garage: tuple[Hands, Vehicle]) -> Hands:
    """The hands, in the garage, signed in."""
    garage[0].one.open("/")
    return garage[0]


@pytest.fixture
def golf(garage: tuple[Hands, Vehicle]) -> Vehicle:
    """The car."""
    return garage[1]


def owner(hands: Hands) -> Actor:
    """Return whose garage it is."""
    return owner_of(hands.one.site)


def count(hands: Hands, kind: str) -> int:
    """Return how many records of a kind there are."""
    return stored(hands.one)[kind]


def urgency(hands: Hands, title: str) -> Urgency:
    """Return how urgent a reminder is."""
    found = hands.one.site.core.read(owner(hands), list_due, ListDue())
    return next(each.urgency for each in found if each.title == title)


def vehicles(hands: Hands) -> tuple[Vehicle, ...]:
    """Return the vehicles that there are."""
    return tuple(hands.one.site.core.read(owner(hands), list_vehicles, ListVehicles()))


def test_a_fill_up_at_the_pump(hands: Hands, golf: Vehicle) -> None:
    """Three numbers, and Enter; Undo takes it back, and it is there no more."""
    before = count(hands, "fuel.list_fills")
    hands.press("Fill-up")
    hands.type(odometer="45210", volume="40,5", total="67.09")
    hands.press("Save fill-up")
    assert before + 1 == count(hands, "fuel.list_fills")
    assert "Saved: 40.50 gal for Golf." in hands.told()
    hands.take_back()
    assert before == count(hands, "fuel.list_fills")


def test_what_the_odometer_shows(hands: Hands, golf: Vehicle) -> None:
    """From the page of the car."""
    hands.press("Golf")
    hands.press(", all readings")
    hands.type(odometer="45300")
    hands.press("Save reading")
    shown = hands.one.site.core.read(owner(hands), get_odometer, GetOdometer(vehicle_id=golf.id)).odometer
    assert shown is not None
    assert 45_300 == round(shown.in_unit(DistanceUnit.MILE))  # as Ada's browser is British
    hands.take_back()
    assert None is hands.one.site.core.read(owner(hands), get_odometer, GetOdometer(vehicle_id=golf.id)).odometer


def test_an_expense(hands: Hands, golf: Vehicle) -> None:
    """A list is chosen from by typing the beginning of a word."""
    before = count(hands, "expenses.list")
    hands.press("Golf")
    hands.press("Expense")
    hands.type(category="park", amount="3,50", title="Harbour")
    hands.press("Save expense")
    assert before + 1 == count(hands, "expenses.list")


def test_a_service(hands: Hands, golf: Vehicle) -> None:
    """With what it cost; the folds of what is rare stay closed."""
    before = count(hands, "maintenance.list_services")
    hands.press("Golf")
    hands.press("Service")
    hands.type(title="Oil change", total="89.90")
    hands.press("Save service")
    assert before + 1 == count(hands, "maintenance.list_services")


def test_a_trip(hands: Hands, golf: Vehicle) -> None:
    """Days and times are typed as numbers, too."""
    before = count(hands, "trips.list")
    hands.press("Golf")
    hands.press("Trips")
    hands.press("Make the first one")  # there is none yet
    hands.type(started_at="06062026|0800A", ended_at="06062026|0900A", distance="12")  # in either order of the day
    hands.press("Save trip")
    assert before + 1 == count(hands, "trips.list")


def test_a_reminder_is_done(hands: Hands, golf: Vehicle) -> None:
    """And due again when that is taken back."""
    remind(hands.one.site, golf, "Brake fluid")
    hands.press("Reminders")
    hands.press("Done : Brake fluid")
    assert "Brake fluid: done." in hands.told()
    assert Urgency.NOT_DUE is urgency(hands, "Brake fluid")
    hands.take_back()
    assert Urgency.DUE is urgency(hands, "Brake fluid")


def test_a_reminder_is_put_off(hands: Hands, golf: Vehicle) -> None:
    """For two weeks; Undo wakes it."""
    remind(hands.one.site, golf, "Wiper blades")
    hands.press("Reminders")
    hands.press("Snooze : Wiper blades")
    assert "Wiper blades: quiet for two weeks." in hands.told()
    assert Urgency.NOT_DUE is urgency(hands, "Wiper blades")
    hands.take_back()
    assert Urgency.DUE is urgency(hands, "Wiper blades")


def test_a_vehicle_more(hands: Hands) -> None:
    """A name is enough."""
    hands.press("Add a vehicle")
    hands.type(name="Zoe", carrier="elec")
    hands.press("Add the vehicle")
    assert "Zoe is in the garage." in hands.told()
    (zoe,) = (each for each in vehicles(hands) if each.name == "Zoe")
    hands.take_back()
    assert zoe not in vehicles(hands)
    told = [each for each in hands.one.complaints if f"/vehicles/{zoe.id}" in each and "404" in each]
    for each in told:  # its page may hear that it is gone before the next one comes, and look
        hands.one.complaints.remove(each)


def test_a_paper_of_the_car(hands: Hands, golf: Vehicle, tmp_path: Path) -> None:
    """The browser asks for the file; that window is its own."""
    paper = tmp_path / "registration.txt"
    paper.write_text("Golf, registered 2021")
    hands.page.on("filechooser", lambda _asked: None)  # from now on, not from the press on, which may be quicker
    hands.press("Golf")
    hands.to("Add a file")
    with hands.page.expect_file_chooser() as asked:
        hands.page.keyboard.press("Enter")
    asked.value.set_files(str(paper))
    hands.press("Attach")
    files = ListAttachments(entity="vehicles.vehicle", entity_id=golf.id)
    (kept,) = hands.one.site.core.read(owner(hands), list_attachments, files).items
    assert paper.name == kept.name


def test_the_palette_finds_the_car(hands: Hands, golf: Vehicle) -> None:
    """Ctrl and K, a few letters, an arrow and Enter; Escape leaves the focus where it was."""
    hands.to("Reminders")
    hands.page.keyboard.press("Control+k")
    palette = hands.page.get_by_role("dialog")
    palette.wait_for()
    hands.page.keyboard.press("Escape")
    palette.wait_for(state="hidden")
    assert "Reminders" in hands.page.evaluate(NAMED)
    hands.page.keyboard.press("Control+k")
    hands.page.keyboard.type("gol")
    palette.get_by_role("link", name="Golf").first.wait_for()
    hands.page.keyboard.press("ArrowDown")
    with hands.page.expect_navigation():
        hands.page.keyboard.press("Enter")
    assert hands.page.url.endswith(f"/vehicles/{golf.id}")
    hands.keys("g", "g")
    assert hands.page.get_by_role("heading", name="Garage").count()


def test_a_change_is_taken_back(hands: Hands, golf: Vehicle) -> None:
    """What the car is called, changed and changed back."""
    hands.press("Golf")
    hands.press("Edit")
    hands.type(name="Old Golf")
    hands.press("Save")
    assert "Old Golf" in hands.page.locator("h1").inner_text()
    hands.take_back()
    assert "Old Golf" not in hands.page.locator("h1").inner_text()


def test_out_and_in_again(hands: Hands) -> None:
    """Sign out from the foot of the page, and sign in."""
    hands.press("Sign out")
    hands.press("Sign out")
    hands.type(email="ada@example.org", password=PASSWORD)
    hands.press("Sign in")
    assert hands.page.get_by_role("heading", name="Garage").count()


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
