"""The page for the number in front of one: a reading of the odometer of whichever vehicle one sits in."""

from __future__ import annotations

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.when import zone
from fleetcore.vehicles.meters import get_odometer, record_reading, void_reading
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.readings import GetOdometer, RecordReading
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

PATH = "/q/odometer"


def _form(visit: Visit, vehicles: tuple[Vehicle, ...], vehicle: Vehicle) -> Form:
    _ = visit.language.text
    last = visit.display.distance(visit.answer(get_odometer, GetOdometer(vehicle_id=vehicle.id)).odometer, vehicle)
    more = _("Note, and a number that jumps")
    choices = tuple(Choice(str(each.id), each.name) for each in vehicles)
    fields = (
        Field(name="vehicle_id", label=_("Vehicle"), kind=Kind.ID, is_required=True, choices=choices),
        Field(name="odometer", label=_("The odometer shows"), kind=Kind.DISTANCE, is_required=True,
              hint=_("It was {last} the last time.", last=last) if last else ""),
        Field(name="at", label=_("When"), kind=Kind.INSTANT, is_required=True, beside=True),
        Field(name="note", label=_("Note"), group=more),
        Field(name="accept_odometer_jump", label=_("The number is right, although it jumps"), kind=Kind.CHECK,
              group=more),
    )  # fmt: skip
    return Form(fields=fields, display=visit.display, scale=visit.display.scale(vehicle))


def _vehicles(visit: Visit) -> tuple[Vehicle, ...]:
    return visit.answer(list_vehicles, ListVehicles())


def _chosen(visit: Visit, vehicles: tuple[Vehicle, ...]) -> Vehicle:
    named = visit.id("vehicle_id") or visit.id("v")
    return next((each for each in vehicles if each.id == named), vehicles[0])


def _view(form: Form, vehicle: Vehicle, vehicles: tuple[Vehicle, ...], status: int = 200) -> View:
    others = tuple(each for each in vehicles if each.id != vehicle.id)[:6]
    return View(
        template="vehicles/quick_odometer.html",
        values={"form": form, "vehicle": vehicle, "others": others},
        status=status,
    )


def show(visit: Visit) -> Outcome:
    """Ask what the odometer shows."""
    vehicles = _vehicles(visit)
    if not vehicles:
        return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
    vehicle = _chosen(visit, vehicles)
    form = _form(visit, vehicles, vehicle)
    now = visit.core.clock.now().astimezone(zone(visit.display.timezone))
    form.texts |= {"vehicle_id": str(vehicle.id), "at": f"{now:%Y-%m-%dT%H:%M}"}
    return _view(form, vehicle, vehicles)


def record(visit: Visit) -> Outcome:
    """Note the reading."""
    vehicles = _vehicles(visit)
    if not vehicles:
        return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
    vehicle = _chosen(visit, vehicles)
    form = _form(visit, vehicles, vehicle)
    form.take(visit.sent.form)
    values = form.values(visit.typed(vehicle))
    if not form.has_errors:
        try:
            reading = visit.run(record_reading, RecordReading(**values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            said = visit.language.text("Saved: the odometer of {vehicle}.", vehicle=vehicle.name)
            undo = Undo(operation=void_reading.name, values={"id": str(reading.id)})
            return Redirect(to=f"/vehicles/{vehicle.id}", message=said, undo=undo)
    return _view(form, vehicle, vehicles, 422)


PAGES = (
    PageRoute(method="GET", path=PATH, show=show),
    PageRoute(method="POST", path=PATH, show=record),
)
