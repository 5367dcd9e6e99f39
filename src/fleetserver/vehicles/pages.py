"""Pages of vehicles: add, see, edit, remove."""

from __future__ import annotations

from uuid import UUID

from fleetcore.history.model import ListTimeline
from fleetcore.history.service import list_timeline
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import ListDue
from fleetcore.reports.model import VehicleReport
from fleetcore.reports.service import vehicle_summary
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import AddVehicle, EditVehicle, GetVehicle, RemoveVehicle, Vehicle
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import add_vehicle, edit_vehicle, get_vehicle, remove_vehicle
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

TIMELINE_ROWS = 12


def _fields(visit: Visit) -> tuple[Field, ...]:
    _ = visit.language.text
    carriers = tuple(Choice(carrier.value, _(carrier.value)) for carrier in Carrier if carrier.carries_energy)
    more = _("Plate, VIN, purchase and more")
    return (
        Field(name="name", label=_("Name"), hint=_("What you call it. Left empty, it is make and model.")),
        Field(name="make", label=_("Make"), length_max=80),
        Field(name="model", label=_("Model"), length_max=80, beside=True),
        Field(name="year", label=_("Model year"), kind=Kind.WHOLE, beside=True),
        Field(
            name="carrier",
            label=_("It runs on"),
            kind=Kind.CHOICE,
            choices=carriers,
        ),
        Field(name="second_carrier", label=_("and on"), kind=Kind.CHOICE, choices=carriers, beside=True),
        Field(name="plate", label=_("Plate"), group=more, length_max=20),
        Field(name="vin", label=_("VIN"), group=more, length_max=17, beside=True),
        Field(name="colour", label=_("Colour"), group=more, length_max=60),
        Field(name="tank_capacity", label=_("Tank"), kind=Kind.VOLUME, group=more, beside=True),
        Field(name="battery_capacity", label=_("Battery"), kind=Kind.ENERGY, group=more, beside=True),
        Field(name="purchased_on", label=_("Bought on"), kind=Kind.DAY, group=more),
        Field(name="purchase_price", label=_("Price paid"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="sold_on", label=_("Sold on"), kind=Kind.DAY, group=more),
        Field(name="sale_price", label=_("Price received"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000, group=more),
    )


def _form(visit: Visit) -> Form:
    return Form(fields=_fields(visit), display=visit.display, scale=visit.display.scale())


def _view(form: Form, vehicle: Vehicle | None, status: int = 200) -> View:
    return View(template="vehicles/form.html", values={"form": form, "vehicle": vehicle}, status=status)


def show_new(visit: Visit) -> Outcome:
    """Ask what the new vehicle is."""
    return _view(_form(visit), None)


def _values(visit: Visit, form: Form) -> dict[str, object]:
    form.take(visit.sent.form)
    values = form.values(visit.typed())
    carriers = [Carrier(str(values.pop(name))) for name in ("carrier", "second_carrier") if name in values]
    return values | {"carriers": tuple(dict.fromkeys(carriers))}


def add(visit: Visit) -> Outcome:
    """Add the vehicle."""
    form = _form(visit)
    values = _values(visit, form)
    if not form.has_errors:
        try:
            vehicle = visit.run(add_vehicle, AddVehicle(**values))  # type: ignore[arg-type]  # read by their kinds
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            said = visit.language.text("{name} is in the garage.", name=vehicle.name)
            return Redirect(to=f"/vehicles/{vehicle.id}", message=said)
    return _view(form, None, 422)


def _vehicle(visit: Visit) -> Vehicle:
    if (vehicle_id := visit.id("id")) is None:
        raise NotFound("vehicle", visit.sent.names["id"])
    return visit.answer(get_vehicle, GetVehicle(id=vehicle_id))


def show(visit: Visit) -> Outcome:
    """Show one vehicle: what is due, what it takes and costs, and what happened."""
    vehicle = _vehicle(visit)
    asked = vehicle.id
    return View(
        template="vehicles/show.html",
        values={
            "vehicle": vehicle,
            "odometer": visit.answer(get_odometer, GetOdometer(vehicle_id=asked)),
            "due": visit.answer(list_due, ListDue(vehicle_id=asked)) if visit.may("reminders.read") else (),
            "summary": _summary(visit, asked),
            "timeline": visit.answer(list_timeline, ListTimeline(vehicle_id=asked, limit=TIMELINE_ROWS)),
        },
    )


def _summary(visit: Visit, vehicle_id: UUID) -> object:
    if not visit.may("reports.read"):
        return None
    return visit.answer(vehicle_summary, VehicleReport(vehicle_id=vehicle_id))


def show_edit(visit: Visit) -> Outcome:
    """Show what is said of the vehicle, to be changed."""
    vehicle, form = _vehicle(visit), _form(visit)
    form.show(vehicle)
    for name, carrier in zip(("carrier", "second_carrier"), vehicle.carriers, strict=False):
        form.texts[name] = carrier.value
    return _view(form, vehicle)


def edit(visit: Visit) -> Outcome:
    """Replace what is said of the vehicle; what the form does not show stays."""
    vehicle, form = _vehicle(visit), _form(visit)
    values = _values(visit, form)
    if not form.has_errors:
        kept = {
            name: getattr(vehicle, name)
            for name in ("variant", "passenger_capacity", "load_limit", "distance_unit", "volume_unit", "custom_fields")
        }
        version = int(str(visit.sent.form.get("_version", "0")) or 0)
        try:
            command = EditVehicle(id=vehicle.id, version=version, **kept, **values)  # type: ignore[arg-type]
            visit.run(edit_vehicle, command)
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            return Redirect(to=f"/vehicles/{vehicle.id}", message=visit.language.text("Saved."))
    return _view(form, vehicle, 422)


def remove(visit: Visit) -> Outcome:
    """Put the vehicle out of sight."""
    vehicle = _vehicle(visit)
    visit.run(remove_vehicle, RemoveVehicle(id=vehicle.id))
    said = visit.language.text("{name} is removed, with all its records.", name=vehicle.name)
    return Redirect(to="/", message=said, undo=Undo(operation="vehicles.restore", values={"id": str(vehicle.id)}))


PAGES = (
    PageRoute(method="GET", path="/vehicles/new", show=show_new),
    PageRoute(method="POST", path="/vehicles/new", show=add),
    PageRoute(method="GET", path="/vehicles/{id}", show=show),
    PageRoute(method="GET", path="/vehicles/{id}/edit", show=show_edit),
    PageRoute(method="POST", path="/vehicles/{id}/edit", show=edit),
    PageRoute(method="POST", path="/vehicles/{id}/remove", show=remove),
)
