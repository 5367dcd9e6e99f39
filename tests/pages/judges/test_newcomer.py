"""Somebody who has never been here finds the whole way by what stands on the pages, and is told what they came for."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

import fleetcore
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles
from fleetcore.worker.loop import Worker

from .chromium import PASSWORD, Site, Visitor, served, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[3]
LOG = ROOT.parent / "shared" / "data" / "logs" / "fuelly_tundra_mpg.csv"
TODAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
DUE = date(2026, 6, 20)
TOLERANCE = 0.005  # the log says its economy by the trip meter, we by the odometer

pytestmark = pytest.mark.skipif(not LOG.is_file(), reason="the sample logs are not at data/ beside the checkout")


@define
class Post:
    """A mail server on this machine that keeps what it is given."""

    mails: list[Message] = field(factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Keep a mail."""
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Post, dict[str, Any]] | None]:
    """A mail server with what a core needs to send by it; None where its libraries are absent."""
    try:
        import aiosmtplib  # noqa: F401 - the plugin's
        from aiosmtpd.controller import Controller
    except ImportError:
        yield None
        return
    monkeypatch.syspath_prepend(str(ROOT / "plugins" / "fleet-notify-email" / "src"))
    import fleet_notify_email

    kept = Post()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "garage@example.org"}
        yield kept, {"plugins": [fleet_notify_email], "plugin_settings": {"email": settings}}
    finally:
        server.stop()


@pytest.fixture
def nora(
    browser: Browser, sqlite_files: SqliteFiles, tmp_path: Path, post: tuple[Post, dict[str, Any]] | None
) -> Iterator[Visitor]:
    """Nora with her telephone, before a server that nobody uses yet."""
    options = post[1] if post else {}
    with (
        fleetcore.open(
            sqlite_files.database(), installed_plugins=False, clock=FixedClock(TODAY),
            attachments=tmp_path / "attachments", **options,
        ) as core,
        served(core, tmp_path) as site,
        visitor(browser, site, viewport={"width": 360, "height": 740}, locale="en-US") as one,
    ):  # fmt: skip
        yield one


def follow(page: Page, name: str | re.Pattern[str], *, where: str = "main") -> None:
    """Press a link or a button of the page by what it is called, and wait for what comes."""
    region = page.locator(where)
    called = re.compile(f"^\\s*{re.escape(name)}") if isinstance(name, str) else name
    found = region.get_by_role("link", name=called).or_(region.get_by_role("button", name=called))
    with page.expect_navigation():
        found.locator("visible=true").first.click()


def rows_of_log() -> list[dict[str, str]]:
    """Return the rows of the log, the newest first, as its author's program wrote them."""
    with LOG.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, skipinitialspace=True)
        names = [name.strip() for name in next(rows)]
        return [dict(zip(names, row, strict=False)) for row in rows if row]


def economy_of_log(rows: list[dict[str, str]]) -> dict[date, float]:
    """Work out the miles per gallon of each fill from the odometers; what was filled on the spot counts to the next."""
    found: dict[date, float] = {}
    stood, filled = float(rows[-1]["odometer"]), 0.0
    for row in reversed(rows[:-1]):
        filled += float(row["gallons"])
        shows = float(row["odometer"])
        if shows > stood:
            found[date.fromisoformat(row["fuelup_date"])] = (shows - stood) / filled
            stood, filled = shows, 0.0
    return found


def register(page: Page) -> None:
    """Make an account, from the first page that a stranger sees."""
    follow(page, "Register")
    page.get_by_label("Your name").fill("Nora")
    page.get_by_label("E-mail").fill("nora@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page, "Register")
    page.get_by_role("heading", name="No vehicle yet").wait_for()


def add_car(page: Page) -> None:
    """Add a car; make and model are picked from the lists that the page offers."""
    follow(page, "Add a vehicle")
    page.get_by_label("Name", exact=False).first.fill("Truck")
    for label, part, whole in (("Make", "Toyo", "Toyota"), ("Model", "Tund", "Tundra")):
        picker = page.locator(f"[name={label.lower()}]")
        offered = page.locator(f"datalist option[value='{whole}']")
        picker.press_sequentially(part)
        offered.first.wait_for(state="attached")
        picker.fill(whole)
        picker.press("Tab")
    page.get_by_label("It runs on").select_option(label="petrol")
    follow(page, "Add the vehicle")
    page.get_by_role("heading", name="Truck").wait_for()


def import_log(page: Page, rows: list[dict[str, str]]) -> None:
    """Bring the log: what will be stored is shown first, nothing is stored by looking, and one press stores it."""
    follow(page, "Bring a log")
    page.get_by_text("Its rows go to Truck.").wait_for()
    page.get_by_label("Choose the file, or drop it here").set_input_files(str(LOG))
    if page.get_by_role("button", name="Look at the file").is_visible():
        follow(page, "Look at the file")
    page.get_by_role("heading", name=re.compile("would bring")).wait_for()
    seen = page.locator("main").inner_text()
    assert "Fuelly" in seen
    assert "Nothing is stored yet." in seen
    titles, numbers = (page.locator(f"dl.figures {part}").all_inner_texts() for part in ("dt", "dd"))
    figures = dict(zip(titles, numbers, strict=True))
    wanted = {"New records": str(len(rows)), "Here already": "0", "With problems": "0"}
    assert wanted == {title: figures[title] for title in wanted}
    newest = rows[0]
    first = page.get_by_role("region", name="Table: The first records").locator("tbody tr").first.inner_text()
    assert said(date.fromisoformat(newest["fuelup_date"])) in first
    assert f"{float(newest['odometer']):,.0f} mi" in first
    assert "Truck" in first
    follow(page, f"Import {len(rows)} records")
    page.get_by_text(f"{len(rows)} records were imported.").wait_for()


def said(day: date) -> str:
    """Write a day as pages do."""
    return f"{day.day} {day:%B} {day.year}"


def read_chart(page: Page, rows: list[dict[str, str]]) -> None:
    """Read what the truck takes: the sentence is the log's average, the table has what the log says of each fill."""
    follow(page, "Charts of Truck")
    economy = page.locator("#economy")
    driven = float(rows[0]["odometer"]) - float(rows[-1]["odometer"])
    burnt = sum(float(row["gallons"]) for row in rows[:-1])  # the oldest fill closes no interval
    assert f"Truck: {driven / burnt:.2f} mpg (US) on average" in economy.locator(".says").inner_text()
    economy.get_by_text("The numbers as a table").click()
    table: dict[str, list[float]] = {}
    for cells in economy.locator("tbody tr").all():
        day, value = cells.locator("th, td").all_inner_texts()[:2]
        table.setdefault(day.strip(), []).append(float(re.findall(r"[\d.]+", value)[0]))
    worked_out = economy_of_log(rows)
    assert worked_out == {day: pytest.approx(table[said(day)][0], abs=0.011) for day in worked_out}
    by_author = {date.fromisoformat(row["fuelup_date"]): float(row["mpg"]) for row in rows if float(row["mpg"])}
    agreeing = [day for day, mpg in by_author.items() if abs(worked_out[day] - mpg) <= TOLERANCE * mpg]
    assert len(by_author) - 2 == len(agreeing), "all but those after the two tanks that the author typed twice"
    costs = sum((Decimal(row["gallons"]) * Decimal(row["price"])).quantize(Decimal("0.01")) for row in rows)
    assert f"{costs:,.2f} USD in all" in page.locator("#costs .says").inner_text()


def set_reminder(page: Page) -> None:
    """Ask to be reminded, from the vehicle's page."""
    page.locator(".crumbs").get_by_role("link", name="Truck").click()
    follow(page, "Add a reminder")
    page.get_by_label("What is due").fill("Oil change")
    page.get_by_label("or every so many months").fill("12")
    page.get_by_label("First due on").fill(DUE.isoformat())
    follow(page, "Save reminder")
    page.get_by_text("Saved.").wait_for()


def be_told(page: Page, site: Site, post: tuple[Post, dict[str, Any]] | None) -> None:
    """Weeks go by; what is due stands first in the garage, lies in the inbox, and came by mail."""
    clock = site.core.clock
    assert isinstance(clock, FixedClock)
    clock.set(datetime(2026, 6, 21, 9, tzinfo=UTC))
    with ThreadPoolExecutor(1) as thread:  # this one has the loop of the browser's driver
        thread.submit(Worker(site.core).drain).result(120)
    follow(page, "Garage", where=".thumb")
    attention = page.get_by_role("region", name="Needs attention").inner_text()
    assert "Oil change" in attention
    assert "overdue by 1 day" in attention
    follow(page, "Inbox", where="footer")
    assert "Truck: Oil change is overdue" in page.locator("main").inner_text()
    if post is not None:
        mails = [mail for mail in post[0].mails if "Oil change is overdue" in str(mail["Subject"])]
        assert ["nora@example.org"] == [re.sub(".*<(.*)>", r"\1", str(mail["To"])) for mail in mails]


def do_service(page: Page) -> None:
    """Do the work: the service answers the reminder, which counts on from its day."""
    follow(page, "Reminders", where=".thumb")
    follow(page, "Done, with a service")
    assert "Oil change" == page.get_by_label("What was done").input_value()
    assert page.get_by_role("checkbox", name="Oil change").is_checked()
    page.get_by_label(re.compile("^Odometer")).fill("68500")
    page.get_by_label("Total paid").fill("89.90")
    follow(page, "Save service")
    follow(page, "Reminders", where=".thumb")
    left = page.locator("main").inner_text()
    assert "overdue" not in left
    assert said(date(2027, 6, 21)) in left
    follow(page, "Garage", where=".thumb")
    assert "Nothing is due in the next 30 days." in page.locator("main").inner_text()


def print_passport(page: Page, folder: Path) -> None:
    """Print the passport: the service, the odometer and the economy stand on paper."""
    follow(page, "Truck")
    follow(page, re.compile("Service passport"))
    printed = page.locator("body").inner_text()
    if shutil.which("pdftotext"):
        page.pdf(path=str(folder / "passport.pdf"))
        told = subprocess.run(
            ["pdftotext", "-layout", str(folder / "passport.pdf"), "-"], capture_output=True, check=True, timeout=60
        )
        printed = told.stdout.decode()
    for wanted in ("Service passport", "Toyota Tundra", "Oil change", "2026-06-21", "68,500 mi", "16.11 mpg"):
        assert wanted in " ".join(printed.split()), wanted


def test_a_newcomer_finds_the_way(nora: Visitor, tmp_path: Path, post: tuple[Post, dict[str, Any]] | None) -> None:
    """Register, a car, a log, its chart, a reminder, being told, the service, the passport: by links and labels."""
    rows = rows_of_log()
    page = nora.open("/")
    register(page)
    add_car(page)
    import_log(page, rows)
    read_chart(page, rows)
    set_reminder(page)
    be_told(page, nora.site, post)
    do_service(page)
    print_passport(page, tmp_path)
    assert [] == nora.complaints
