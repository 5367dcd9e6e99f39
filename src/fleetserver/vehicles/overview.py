"""The page of one vehicle: what is due, what it takes and costs, what happened; its state, and its whole timeline."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from fleetcore.documents.commands import ListDocuments
from fleetcore.documents.service import list_documents
from fleetcore.expenses.model import ListExpenses
from fleetcore.expenses.service import list_expenses
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.history.model import ListTimeline
from fleetcore.history.service import list_timeline
from fleetcore.history.sources import KINDS
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.timeline import TimelineEntry
from fleetcore.maintenance.model import ListServices
from fleetcore.maintenance.service import list_services
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import ListDue
from fleetcore.reports.model import VehicleReport
from fleetcore.reports.service import vehicle_summary
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import ChangeState, GetVehicle, PageVehicles, Vehicle, VehicleState
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import change_state, get_vehicle, next_states, page_vehicles
from fleetserver.pages.filing import files_of
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.records import said_version
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

from .timeline_words import spoken_entries

__all__ = ["PAGES", "vehicle_asked"]

LATEST_ROWS = 8
OTHERS_MAX = 200  # that are counted where one goes from a vehicle to another; a dozen is named
LAST = 3
TIMELINE_ROWS = 50
ADDRESSES = {
    "fill": "/fuel/{id}",
    "expense": "/expenses/{id}",
    "service": "/maintenance/{id}",
    "job": "/jobs/{id}",
    "inspection": "/inspections/{id}",
    "document": "/documents/{id}",
    "document_end": "/documents/{id}",
    "trip": "/trips/{id}",
    "file": "/files/{id}",
}


def vehicle_asked(visit: Visit) -> Vehicle:
    """Return the vehicle that the address names. Raises NotFound."""
    if (vehicle_id := visit.id("id")) is None:
        raise NotFound("vehicle", visit.sent.names["id"])
    return visit.answer(get_vehicle, GetVehicle(id=vehicle_id))


def address_of(entry: TimelineEntry) -> str | None:
    """Return where the record of an entry can be read and changed; None where it has no page of its own."""
    found = ADDRESSES.get(entry.kind)
    return None if found is None else found.format(id=entry.id)


def _last(visit: Visit, vehicle_id: UUID) -> dict[str, Any]:
    """Return the newest records of the kinds that people look for most."""
    found: dict[str, Any] = {"fills": (), "services": (), "expenses": (), "documents": ()}
    if visit.may("fuel.read"):
        found["fills"] = visit.answer(list_fills, ListFills(vehicle_id=vehicle_id, limit=LAST)).items
    if visit.may("maintenance.read"):
        found["services"] = visit.answer(list_services, ListServices(vehicle_id=vehicle_id, limit=LAST)).items
    if visit.may("expenses.read"):
        found["expenses"] = visit.answer(list_expenses, ListExpenses(vehicle_id=vehicle_id, limit=LAST)).items
    if visit.may("documents.read"):
        current = ListDocuments(vehicle_id=vehicle_id, include_past=False, sort="ends_on", limit=2 * LAST)
        found["documents"] = visit.answer(list_documents, current).items
    return found


def _summary(visit: Visit, vehicle_id: UUID) -> object:
    if not visit.may("reports.read"):
        return None
    return visit.answer(vehicle_summary, VehicleReport(vehicle_id=vehicle_id))


def show(visit: Visit) -> Outcome:
    """Show one vehicle."""
    vehicle = vehicle_asked(visit)
    asked = vehicle.id
    states = sorted(next_states(vehicle.state)) if visit.may("vehicles.write") else []
    return View(
        template="vehicles/show.html",
        values={
            "vehicle": vehicle,
            "others": visit.answer(page_vehicles, PageVehicles(limit=OTHERS_MAX)),
            "odometer": visit.answer(get_odometer, GetOdometer(vehicle_id=asked)),
            "due": visit.answer(list_due, ListDue(vehicle_id=asked)) if visit.may("reminders.read") else (),
            "summary": _summary(visit, asked),
            "timeline": spoken_entries(
                visit,
                visit.answer(list_timeline, ListTimeline(vehicle_id=asked, limit=LATEST_ROWS)).items,
                _kind_names(visit),
            ),
            "files": files_of(visit, "vehicles.vehicle", asked, f"/vehicles/{asked}"),
            "states": states,
            "address_of": address_of,
            **_last(visit, asked),
        },
    )


def _kind_names(visit: Visit) -> dict[str, str]:
    _ = visit.language.text
    named = {
        "vehicle": _("Vehicle"),
        "reading": _("Odometer"),
        "fill": _("Fill-up"),
        "expense": _("Expense"),
        "service": _("Service"),
        "job": _("Job"),
        "inspection": _("Inspection"),
        "tyres": _("Tyres"),
        "tread": _("Tread"),
        "document": _("Document"),
        "document_end": _("Document ends"),
        "payment": _("Payment"),
        "driver": _("Driver"),
        "file": _("File"),
        "trip": _("Trip"),
        "reminder": _("Reminder"),
        "import": _("Import"),
    }
    return {kind: named.get(kind, kind) for kind in KINDS}


def _filter_fields(visit: Visit) -> tuple[Field, ...]:
    _ = visit.language.text
    kinds = tuple(Choice(kind, name) for kind, name in _kind_names(visit).items())
    return (
        Field(name="kind", label=_("Kind"), kind=Kind.CHOICE, choices=kinds),
        Field(name="text", label=_("Words in it")),
        Field(name="since", label=_("From"), kind=Kind.DAY),
        Field(name="until", label=_("Until"), kind=Kind.DAY),
    )


def show_timeline(visit: Visit) -> Outcome:
    """Show all that happened to a vehicle, narrowed as asked, a page at a time."""
    vehicle = vehicle_asked(visit)
    form = Form(fields=_filter_fields(visit), display=visit.display, scale=visit.display.scale(vehicle))
    form.take(visit.sent.query)
    values = form.values(visit.typed(vehicle))
    kind = values.pop("kind", None)
    page = None
    if not form.has_errors:
        asked = {**values, "kinds": (kind,) if kind else (), "cursor": visit.sent.query.get("after") or None}
        try:
            page = visit.answer(list_timeline, ListTimeline(vehicle_id=vehicle.id, limit=TIMELINE_ROWS, **asked))
        except Rejected as rejected:
            form.refuse(rejected.problems)
    months: list[tuple[date, list[TimelineEntry]]] = []
    for entry in spoken_entries(visit, page.items, _kind_names(visit)) if page is not None else ():
        first = (entry.on or entry.at.date()).replace(day=1)
        if not months or months[-1][0] != first:
            months.append((first, []))
        months[-1][1].append(entry)
    return View(
        template="vehicles/timeline.html",
        values={
            "vehicle": vehicle,
            "others": visit.answer(page_vehicles, PageVehicles(limit=OTHERS_MAX)),
            "form": form,
            "page": page,
            "months": months,
            "kinds": _kind_names(visit),
            "address_of": address_of,
            "is_narrowed": bool(form.texts),
        },
        status=422 if form.has_errors else 200,
    )


def change(visit: Visit) -> Outcome:
    """Move the vehicle to another state; a state that cannot follow is refused in words."""
    vehicle = vehicle_asked(visit)
    said, to = str(visit.sent.form.get("state", "")), f"/vehicles/{vehicle.id}"
    if said not in set(VehicleState):
        return Redirect(to=to, message=visit.language.text("Choose what the vehicle is doing now."))
    asked = ChangeState(id=vehicle.id, state=VehicleState(said), version=said_version(visit))
    try:
        after = visit.run(change_state, asked)
    except (Rejected, Conflict) as refused:
        return Redirect(to=to, message=visit.language.text("Nothing was changed: {reason}", reason=str(refused)))
    undo = None
    if vehicle.state in next_states(after.state):
        undo = Undo(operation=change_state.name, values={"id": str(vehicle.id), "state": vehicle.state.value})
    return Redirect(to=to, message=visit.language.text("Saved."), undo=undo)


PAGES = (
    PageRoute(method="GET", path="/vehicles/{id}", show=show),
    PageRoute(method="GET", path="/vehicles/{id}/timeline", show=show_timeline),
    PageRoute(method="POST", path="/vehicles/{id}/state", show=change),
)
