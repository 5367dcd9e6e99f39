"""What a person waits for in a real Chromium: the first paint on a slow telephone, an event until it is on the page.

The first paint is that of a first visit: empty caches, 150 ms to the server and 1.6 Mbit/s, a processor a quarter as
fast. The event is a reading that another program writes; the clock runs from before its transaction until the text
stands in the page, through the one stream and the request for the part that it causes. Without Chromium, or
playwright, nothing is measured.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID

from measuring import Databases, Figure
from used_pages import TODAY, served

import fleetcore
from fleetcore import Core
from fleetcore.kernel.quantities import Distance
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.readings import RecordReading
from fleetserver.cli.demo_life import live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["measure"]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
SLOWER = 4
PAINT_MS_MAX, EVENT_MS_MAX = 1000.0, 150.0
PAINTED = ("/", "/vehicles/{id}", "/q/fuel", "/reminders")
ROUNDS, EVENTS = 5, 20
BETWEEN_S = 2.5  # a page asks for itself at most once in two seconds, whatever happens
PATIENCE_MS = 60_000
IS_LISTENING = "document.querySelector('#live')?._htmx?.sse?.reader != null"
SEEN = """(text) => {
  window.seen = new Promise((done) => {
    const look = () => document.querySelector('main').textContent.includes(text);
    const watch = new MutationObserver(() => {
      if (look()) { watch.disconnect(); done(performance.timeOrigin + performance.now()); }
    });
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}"""
WEIGHT = """() => [
  performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, one) => sum + one.transferSize, 0),
]"""


@contextmanager
def _chromium() -> Iterator[Browser | None]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None  # type: ignore[assignment]  # told below
    if sync_playwright is None or not CHROMIUM.exists():
        print(f"pages in a browser are not measured: that needs playwright and {CHROMIUM}", file=sys.stderr)
        yield None
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def _painted(browser: Browser, address: str) -> tuple[float, float]:
    """Return the milliseconds until something is painted for the first time, and the bytes that travelled."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address, wait_until="load", timeout=PATIENCE_MS)
        for _ in range(100):
            paint, weight = page.evaluate(WEIGHT)
            if paint is not None:
                break
            page.wait_for_timeout(50)
        return float(paint), float(weight)
    finally:
        context.close()


def _listen(page: Page, address: str) -> None:
    page.goto(address, wait_until="load", timeout=PATIENCE_MS)
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(IS_LISTENING):
            return
        page.wait_for_timeout(50)
    raise RuntimeError(f"{address} never began to listen")


def _event_ms(browser: Browser, core: Core, address: str, vehicle: UUID, events: int) -> list[float]:
    """Write readings, and return how many milliseconds after its beginning each stood in the page."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    _listen(page, address)
    actor, found = core.actor(), []
    for number in range(events + 1):
        kilometres = 900_000 + 1000 * number
        page.wait_for_timeout(BETWEEN_S * 1000)
        page.evaluate(SEEN, f"{kilometres:,} km")
        reading = RecordReading(
            vehicle_id=vehicle, at=core.clock.now(), odometer=Distance(kilometres * 1000), accept_odometer_jump=True
        )
        began = time.time() * 1000
        core.run(actor, record_reading, reading)
        found.append(page.evaluate("window.seen") - began)
    context.close()
    return found[1:]  # the first one warms


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield the first paint of the main pages, and how long an event takes to the page."""
    with _chromium() as browser, TemporaryDirectory() as folder:
        if browser is None:
            return
        url = bases.url("sqlite")
        live(url, TODAY, Path(folder) / "attachments")
        with (
            fleetcore.open(url, installed_plugins=False, attachments=Path(folder) / "attachments") as core,
            served(core, Path(folder), threads=4) as asker,
        ):
            home = f"http://127.0.0.1:{asker.port}"
            for path in PAINTED[:1] if smoke else PAINTED:
                address = home + path.replace("{id}", asker.vehicle)
                found = [_painted(browser, address) for _ in range(1 if smoke else ROUNDS)]
                paint = statistics.median(each for each, _ in found)
                yield Figure(
                    name=f"first paint of {path} on a slow telephone",
                    engine="sqlite",
                    value=round(paint),
                    unit="ms",
                    budget=f"< {PAINT_MS_MAX:g}",
                    is_within=None if smoke else paint < PAINT_MS_MAX,
                    detail=f"{found[0][1] / 1000:.1f} kB travelled",
                )
            late = _event_ms(
                browser, core, f"{home}/vehicles/{asker.vehicle}", UUID(asker.vehicle), 1 if smoke else EVENTS
            )
            yield Figure(
                name="an event until it stands in the page, p95",
                engine="sqlite",
                value=round(sorted(late)[int(0.95 * (len(late) - 1))]),
                unit="ms",
                budget=f"< {EVENT_MS_MAX:g}",
                is_within=None if smoke else sorted(late)[int(0.95 * (len(late) - 1))] < EVENT_MS_MAX,
                detail=f"median {statistics.median(late):.0f}, from before the transaction",
            )
