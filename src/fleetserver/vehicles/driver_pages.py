"""Pages of who has a vehicle: handed over, driven by others as well, corrected; and who had it then, as for a fine."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import zone
from fleetcore.kernel.wire import unstructure
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetcore.vehicles.assignments import (
    AssignDriver,
    Assignment,
    DeleteAssignment,
    EditAssignment,
    HandOver,
    ListAssignments,
    WhoDrove,
)
from fleetcore.vehicles.drivers import (
    assign_driver,
    delete_assignment,
    edit_assignment,
    hand_over,
    list_assignments,
    who_drove,
)
from fleetcore.vehicles.model import Vehicle
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.records import said_version
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.undoing import fits, in_turn, undo_of_edit
from fleetserver.pages.visits import Visit

from .overview import vehicle_asked

__all__ = ["PAGES"]

ROWS = 100
MEMBERS_MAX = 200


def _members(visit: Visit) -> tuple[Choice, ...]:
    if not visit.may("people.read"):
        return (Choice(str(visit.user.id), visit.user.name),)
    found = visit.answer(list_members, ListMembers(limit=MEMBERS_MAX)).items
    return tuple(Choice(str(each.user_id), each.name) for each in found)


def _times(visit: Visit) -> tuple[Field, ...]:
    _ = visit.language.text
    return (
        Field(name="starts_at", label=_("From"), kind=Kind.INSTANT, is_required=True),
        Field(name="ends_at", label=_("Until"), kind=Kind.INSTANT, beside=True, hint=_("Empty: until somebody else.")),
        Field(name="is_primary", label=_("Main driver: takes it over from whoever has it"), kind=Kind.CHECK),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
    )


def _form(visit: Visit, vehicle: Vehicle) -> Form:
    _ = visit.language.text
    who = (
        Field(name="driver_id", label=_("Driver"), kind=Kind.ID, choices=_members(visit)),
        Field(name="driver_name", label=_("or somebody else"), beside=True),
    )
    return Form(fields=(*who, *_times(visit)), display=visit.display, scale=visit.display.scale(vehicle))


def _page(visit: Visit, vehicle: Vehicle, form: Form, status: int = 200) -> View:
    asked = ListAssignments(vehicle_id=vehicle.id, limit=ROWS, cursor=visit.sent.query.get("after") or None)
    said = visit.sent.query.get("at", "")[:40]
    at = visit.typed(vehicle).instant("at", said) if said else None
    had = visit.answer(who_drove, WhoDrove(vehicle_id=vehicle.id, since=at)) if at is not None else ()
    values = {
        "vehicle": vehicle,
        "form": form,
        "page": visit.answer(list_assignments, asked),
        "names": {UUID(choice.value): choice.label for choice in _members(visit)},
        "asked": {"at": said},
        "at": at,
        "had": ", ".join(_name(visit, each) for each in had),
        "now": visit.core.clock.now(),
    }
    return View(template="vehicles/drivers.html", values=values, status=status)


def show(visit: Visit) -> Outcome:
    """Show who has the vehicle and who had it, and ask for the next."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle)
    now = visit.core.clock.now().astimezone(zone(visit.display.timezone))
    form.texts |= {"starts_at": f"{now:%Y-%m-%dT%H:%M}", "is_primary": "on"}
    return _page(visit, vehicle, form)


def give(visit: Visit) -> Outcome:
    """Note who has it from then on: the next main driver takes it over, others drive it as well."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle)
    form.take(visit.sent.form)
    values = form.values(visit.typed(vehicle))
    if not form.has_errors:
        who: dict[str, Any] = {
            "vehicle_id": vehicle.id,
            "driver_id": values.get("driver_id"),
            "notes": values.get("notes", ""),
        }
        who["driver_name"] = values.get("driver_name", "")
        try:
            if values["is_primary"] and "ends_at" not in values:
                before = _main_driver(visit, vehicle, values["starts_at"])
                made = visit.run(hand_over, HandOver(**who, at=values["starts_at"]))
            else:
                times: dict[str, Any] = {
                    name: values[name] for name in ("starts_at", "ends_at", "is_primary") if name in values
                }
                before = None
                made = visit.run(assign_driver, AssignDriver(**(who | times)))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            undo = _never_given(made, before)
            return Redirect(to=f"/vehicles/{vehicle.id}/drivers", message=visit.language.text("Saved."), undo=undo)
    return _page(visit, vehicle, form, 422)


def _main_driver(visit: Visit, vehicle: Vehicle, at: datetime) -> Assignment | None:
    """Return who gives the vehicle up where the next main driver takes it over."""
    found = visit.answer(who_drove, WhoDrove(vehicle_id=vehicle.id, since=at))
    return next((each for each in found if each.is_primary), None)


def _never_given(made: Assignment, before: Assignment | None) -> Undo | None:
    """Return how the vehicle is back with who had it *before*, until when they had it."""
    gone = Undo(operation=delete_assignment.name, values={"id": str(made.id), "version": made.version})
    if before is None:
        return gone
    return in_turn(gone, undo_of_edit(edit_assignment, before, attrs.evolve(before, version=before.version + 1)))


def _assignment(visit: Visit, vehicle: Vehicle) -> Assignment:
    """Return the one that the address names; there is no query for one alone. Raises NotFound."""
    cursor, asked = None, visit.id("assignment")
    while asked is not None:
        page = visit.answer(list_assignments, ListAssignments(vehicle_id=vehicle.id, limit=ROWS, cursor=cursor))
        for each in page.items:
            if each.id == asked:
                return each
        if (cursor := page.next) is None:
            break
    raise NotFound("assignment", visit.sent.names["assignment"])


def _one(visit: Visit, vehicle: Vehicle, held: Assignment, form: Form, status: int = 200) -> View:
    values = {"vehicle": vehicle, "held": held, "form": form, "name": _name(visit, held)}
    return View(template="vehicles/driver.html", values=values, status=status)


def _name(visit: Visit, held: Assignment) -> str:
    names = {choice.value: choice.label for choice in _members(visit)}
    return names.get(str(held.driver_id), held.driver_name) or visit.language.text("somebody who left")


def show_one(visit: Visit) -> Outcome:
    """Show from when until when somebody has it, to be changed."""
    vehicle = vehicle_asked(visit)
    held = _assignment(visit, vehicle)
    form = Form(fields=_times(visit), display=visit.display, scale=visit.display.scale(vehicle))
    form.show(held)
    return _one(visit, vehicle, held, form)


def change(visit: Visit) -> Outcome:
    """Change the times and notes."""
    vehicle = vehicle_asked(visit)
    held = _assignment(visit, vehicle)
    form = Form(fields=_times(visit), display=visit.display, scale=visit.display.scale(vehicle))
    form.take(visit.sent.form)
    values = form.values(visit.typed(vehicle))
    if not form.has_errors:
        command = EditAssignment(id=held.id, version=said_version(visit) or held.version, **values)
        try:
            after = visit.run(edit_assignment, command)
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict:
            now = _assignment(visit, vehicle)
            form.compare(now)
            said = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
            form.general.append(said)
            return _one(visit, vehicle, now, form, 409)
        else:
            undo = undo_of_edit(edit_assignment, held, after)
            return Redirect(to=f"/vehicles/{vehicle.id}/drivers", message=visit.language.text("Saved."), undo=undo)
    return _one(visit, vehicle, held, form, 422)


def remove(visit: Visit) -> Outcome:
    """Delete what never was; what is offered next takes it back."""
    vehicle = vehicle_asked(visit)
    held = _assignment(visit, vehicle)
    version = said_version(visit) or held.version
    try:
        visit.run(delete_assignment, DeleteAssignment(id=held.id, version=version))
    except Conflict:
        said = visit.language.text("It was changed meanwhile, so it was not deleted.")
        return Redirect(to=f"/vehicles/{vehicle.id}/drivers/{held.id}", message=said)
    values = {each.name: getattr(held, each.name) for each in attrs.fields(AssignDriver)}
    again = unstructure(AssignDriver(**values))
    undo = Undo(operation=assign_driver.name, values=again) if fits(again) else None
    return Redirect(to=f"/vehicles/{vehicle.id}/drivers", message=visit.language.text("Deleted."), undo=undo)


ONE = "/vehicles/{id}/drivers/{assignment}"
PAGES = (
    PageRoute(method="GET", path="/vehicles/{id}/drivers", show=show),
    PageRoute(method="POST", path="/vehicles/{id}/drivers", show=give),
    PageRoute(method="GET", path=ONE, show=show_one),
    PageRoute(method="POST", path=ONE, show=change),
    PageRoute(method="POST", path=f"{ONE}/delete", show=remove),
)
