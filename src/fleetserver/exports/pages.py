"""Pages of exports: tables, the archive, the calendar's address, and what is printed."""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from typing import BinaryIO, cast

from fleetcore.calendars.model import ListFeeds, MakeFeed, RevokeFeed
from fleetcore.calendars.service import list_feeds, make_feed, revoke_feed
from fleetcore.exports.csv_files import TABLE_NAMES
from fleetcore.exports.model import ExportFleet, ExportTable
from fleetcore.exports.service import export_fleet, export_table
from fleetcore.history.model import LANGUAGES, GetPassport
from fleetcore.history.passport import get_passport
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.ledger.model import ExportJournal, JournalFormat
from fleetcore.ledger.queries import export_journal
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.routing import Document, Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

TITLES = {
    "vehicles": "Vehicles",
    "fills": "Fill-ups and charges",
    "expenses": "Expenses",
    "services": "Services and repairs",
    "readings": "Odometer readings",
    "stations": "Stations",
    "trips": "Trips",
    "documents": "Documents",
    "inspections": "Inspections",
    "tyre_sets": "Tyre sets",
    "plan_items": "Maintenance plans",
    "assignments": "Drivers",
}
JOURNALS = {form: f"journal.{form.value}" for form in JournalFormat}
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def show(visit: Visit) -> Outcome:
    """Show everything that can be taken out."""
    return _page(visit)


def _page(visit: Visit, new_address: str = "", new_name: str = "", problem: str = "") -> View:
    has_calendar = visit.may("reminders.read")
    values = {
        "vehicles": visit.answer(list_vehicles, ListVehicles()),
        "tables": [(name, TITLES[name]) for name in TABLE_NAMES] if visit.may("exports.read") else [],
        "journals": list(JOURNALS.items()) if visit.may("ledger.read") else [],
        "has_archive": visit.may("exports.read") and visit.may("ledger.read"),
        "has_calendar": has_calendar,
        "feeds": visit.answer(list_feeds, ListFeeds()) if has_calendar else (),
        "new_address": new_address,
        "new_name": new_name,
        "problem": problem,
        "year": local_date(visit.core.clock.now(), visit.display.timezone).year - 1,
    }
    return View(template="exports/index.html", values=values, status=422 if problem else 200)


def send_table(visit: Visit) -> Outcome:
    """Send one table as CSV."""
    name = visit.sent.names["name"]
    found = visit.answer(export_table, ExportTable(name=name))
    return Document(body=found.text.encode(), content_type="text/csv", file_name=f"{found.name}.csv")


def send_journal(visit: Visit) -> Outcome:
    """Send the whole journal for a program that keeps books."""
    name = visit.sent.names["name"]
    if name not in set(JournalFormat):
        raise NotFound("format", name)
    form = JournalFormat(name)
    found = visit.answer(export_journal, ExportJournal(format=form))
    return Document(body=found.text.encode(), content_type="text/plain", file_name=JOURNALS[form])


def send_archive(visit: Visit) -> Outcome:
    """Send everything of the fleet in one file."""
    file = cast(BinaryIO, tempfile.TemporaryFile("w+b"))  # noqa: SIM115 - closed by who sends it
    try:
        visit.answer(export_fleet, ExportFleet(target=file))
        visit.close()  # what was told is in the audit log before it goes out
        file.seek(0)
    except BaseException:
        file.close()
        raise
    day = local_date(visit.core.clock.now(), visit.display.timezone)
    return Document(body=file, content_type="application/zip", file_name=f"fleet-{day}.zip")


def make_address(visit: Visit) -> Outcome:
    """Make a secret address of the calendar, and show it this once."""
    name = str(visit.sent.form.get("name", "")).strip() or visit.language.text("Calendar")
    try:
        made = visit.run(make_feed, MakeFeed(name=name))
    except Rejected as rejected:
        return _page(visit, problem="; ".join(problem.message for problem in rejected.problems))
    if made.token is None:
        said = visit.language.text("This address was shown already. Make another one if it is lost.")
        return Redirect(to="/exports#calendar", message=said)
    return _page(visit, f"{visit.accounts.settings.public_url}/calendar.ics?token={made.token}", made.name)


def revoke_address(visit: Visit) -> Outcome:
    """Take an address back."""
    feed_id = visit.id("id")
    if feed_id is None:
        raise NotFound("calendar address", visit.sent.names["id"])
    gone = visit.run(revoke_feed, RevokeFeed(id=feed_id))
    said = visit.language.text("{name}: this address shows nothing any more.", name=gone.name)
    return Redirect(to="/exports#calendar", message=said)


def show_passport(visit: Visit) -> Outcome:
    """Show the service passport of a vehicle, whole and ready to print; it loads nothing."""
    vehicle_id = visit.id("id")
    if vehicle_id is None:
        raise NotFound("vehicle", visit.sent.names["id"])
    asked = visit.sent.query
    language = visit.language.code if visit.language.code in LANGUAGES else None
    found = visit.answer(
        get_passport,
        GetPassport(
            vehicle_id=vehicle_id,
            language=language,
            with_costs=asked.get("costs") == "on",
            with_plate=asked.get("plate") == "on",
            with_vin=asked.get("vin") == "on",
        ),
    )
    styles = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in STYLE.findall(found.html)]
    allowed = " ".join(f"'sha256-{digest}'" for digest in styles) or "'none'"
    policy = f"sandbox allow-modals; default-src 'none'; style-src {allowed}; img-src data:; frame-ancestors 'none'"
    return Document(body=found.html.encode(), content_type="text/html", headers={"Content-Security-Policy": policy})


PAGES = (
    PageRoute(method="GET", path="/exports", show=show),
    PageRoute(method="GET", path="/exports/tables/{name}", show=send_table),
    PageRoute(method="GET", path="/exports/journals/{name}", show=send_journal),
    PageRoute(method="GET", path="/exports/archive", show=send_archive),
    PageRoute(method="POST", path="/exports/calendars", show=make_address),
    PageRoute(method="POST", path="/exports/calendars/{id}/revoke", show=revoke_address),
    PageRoute(method="GET", path="/vehicles/{id}/passport", show=show_passport),
)
