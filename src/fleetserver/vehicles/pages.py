"""Pages of vehicles: the list, the form with what a VIN tells, and the way out of sight and back."""

from __future__ import annotations

from typing import Any

import orjson

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import (
    AddVehicle,
    EditVehicle,
    ListVehicles,
    PageVehicles,
    RemoveVehicle,
    RestoreVehicle,
    Vehicle,
    VehicleState,
)
from fleetcore.vehicles.service import (
    add_vehicle,
    edit_vehicle,
    list_vehicles,
    page_vehicles,
    remove_vehicle,
    restore_vehicle,
)
from fleetcore.vin.model import DecodedVin, ListMakes, ListModels
from fleetcore.vin.service import list_makes, list_models
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.records import said_version
from fleetserver.pages.routing import Document, Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.undoing import undo_of_edit
from fleetserver.pages.visits import Visit

from .overview import vehicle_asked

__all__ = ["PAGES"]

ROWS = 50
SORTS = ("name", "-created_at", "created_at", "-name")


def _fields(visit: Visit, vehicle: Vehicle | None) -> tuple[Field, ...]:
    _ = visit.language.text
    carriers = tuple(Choice(carrier.value, _(carrier.value)) for carrier in Carrier if carrier.carries_energy)
    more = _("Plate, purchase and more")
    makes = tuple(make.name for make in visit.answer(list_makes, ListMakes()))
    make = str(visit.sent.form.get("make", "") or (vehicle.make if vehicle else ""))
    models = tuple(found.name for found in visit.answer(list_models, ListModels(make=make))) if make else ()
    return (
        Field(
            name="vin",
            label=_("VIN"),
            hint=_("17 characters, on the registration and behind the windscreen. It tells make, model and year."),
            length_max=30,
        ),
        Field(name="name", label=_("Name"), hint=_("What you call it. Left empty, it is make and model.")),
        Field(name="make", label=_("Make"), length_max=80, suggestions=makes),
        Field(name="model", label=_("Model"), length_max=80, beside=True, suggestions=models),
        Field(name="year", label=_("Model year"), kind=Kind.WHOLE, beside=True),
        Field(
            name="carrier",
            label=_("It runs on"),
            kind=Kind.CHOICE,
            choices=carriers,
        ),
        Field(name="second_carrier", label=_("and on"), kind=Kind.CHOICE, choices=carriers, beside=True),
        Field(name="plate", label=_("Plate"), group=more, length_max=20),
        Field(name="colour", label=_("Colour"), group=more, length_max=60, beside=True),
        Field(name="variant", label=_("Variant"), group=more, hint=_("Engine or trim: 1.5 TSI, Style.")),
        Field(name="passenger_capacity", label=_("Seats"), kind=Kind.WHOLE, group=more, beside=True),
        Field(name="load_limit", label=_("Load"), kind=Kind.MASS, group=more, beside=True),
        Field(name="tank_capacity", label=_("Tank"), kind=Kind.VOLUME, group=more),
        Field(name="battery_capacity", label=_("Battery"), kind=Kind.ENERGY, group=more, beside=True),
        Field(name="purchased_on", label=_("Bought on"), kind=Kind.DAY, group=more),
        Field(name="purchase_price", label=_("Price paid"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="sold_on", label=_("Sold on"), kind=Kind.DAY, group=more),
        Field(name="sale_price", label=_("Price received"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000, group=more),
    )


def _form(visit: Visit, vehicle: Vehicle | None = None) -> Form:
    return Form(fields=_fields(visit, vehicle), display=visit.display, scale=visit.display.scale(vehicle))


def _view(form: Form, vehicle: Vehicle | None, status: int = 200, decoded: DecodedVin | None = None) -> View:
    values = {"form": form, "vehicle": vehicle, "decoded": decoded}
    return View(template="vehicles/form.html", values=values, status=status)


def show_new(visit: Visit) -> Outcome:
    """Ask what the new vehicle is."""
    return _view(_form(visit), None)


def _values(visit: Visit, form: Form, vehicle: Vehicle | None = None) -> dict[str, Any]:
    form.take(visit.sent.form)
    values = form.values(visit.typed(vehicle))
    carriers = [Carrier(str(values.pop(name))) for name in ("carrier", "second_carrier") if name in values]
    others = [each for each in (vehicle.carriers if vehicle else ()) if not each.carries_energy]
    return values | {"carriers": tuple(dict.fromkeys([*carriers, *others]))}


def _is_asked_of_vin(visit: Visit) -> bool:
    return "read_vin" in visit.sent.form


def _with_vin(visit: Visit, form: Form, vehicle: Vehicle | None) -> View:
    """Fill the form with what the VIN tells; nothing is saved, and what it does not tell stays as typed."""
    form.take(visit.sent.form)
    vin = form.texts.get("vin", "").strip()
    if not vin:
        form.errors["vin"] = [visit.language.text("Type the VIN first.")]
        return _view(form, vehicle, 422)
    visit.close()
    try:
        decoded = visit.core.decode_vin(visit.caller.actor, vin[:40])
    except Rejected as rejected:
        form.refuse(rejected.problems)
        return _view(form, vehicle, 422)
    for name in ("make", "model", "year"):
        if found := getattr(decoded, name):
            form.texts[name] = str(found)
    form.errors |= {"vin": [problem.message for problem in decoded.problems]} if decoded.problems else {}
    return _view(form, vehicle, 422 if decoded.problems else 200, decoded)


def add(visit: Visit) -> Outcome:
    """Add the vehicle, or fill the form with what its VIN tells."""
    form = _form(visit)
    if _is_asked_of_vin(visit):
        return _with_vin(visit, form, None)
    values = _values(visit, form)
    if not form.has_errors:
        try:
            vehicle = visit.run(add_vehicle, AddVehicle(**values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            return _is_here(visit, vehicle)
    return _view(form, None, 422)


def _is_here(visit: Visit, vehicle: Vehicle) -> Outcome:
    said = visit.language.text("{name} is in the garage.", name=vehicle.name)
    undo = Undo(operation=remove_vehicle.name, values={"id": str(vehicle.id)})
    return Redirect(to=f"/vehicles/{vehicle.id}", message=said, undo=undo)


def _show(form: Form, vehicle: Vehicle) -> None:
    form.show(vehicle)
    energies = [carrier for carrier in vehicle.carriers if carrier.carries_energy]
    for name, carrier in zip(("carrier", "second_carrier"), energies, strict=False):
        form.texts[name] = carrier.value


def show_edit(visit: Visit) -> Outcome:
    """Show what is said of the vehicle, to be changed."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle)
    _show(form, vehicle)
    return _view(form, vehicle)


def edit(visit: Visit) -> Outcome:
    """Replace what is said of the vehicle; what the form does not show stays."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle)
    if _is_asked_of_vin(visit):
        return _with_vin(visit, form, vehicle)
    values = _values(visit, form, vehicle)
    if form.has_errors:
        return _view(form, vehicle, 422)
    kept = {name: getattr(vehicle, name) for name in ("distance_unit", "volume_unit", "custom_fields")}
    version = said_version(visit) or vehicle.version
    try:
        after = visit.run(edit_vehicle, EditVehicle(id=vehicle.id, version=version, **kept, **values))
    except Rejected as rejected:
        form.refuse(rejected.problems)
        return _view(form, vehicle, 422)
    except Conflict:
        now = vehicle_asked(visit)
        form.compare(now)
        said = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
        form.general.append(said)
        return _view(form, now, 409)
    undo = undo_of_edit(edit_vehicle, vehicle, after)
    return Redirect(to=f"/vehicles/{vehicle.id}", message=visit.language.text("Saved."), undo=undo)


def remove(visit: Visit) -> Outcome:
    """Put the vehicle out of sight."""
    vehicle = vehicle_asked(visit)
    try:
        visit.run(remove_vehicle, RemoveVehicle(id=vehicle.id))
    except Rejected as rejected:
        said = visit.language.text("Nothing was changed: {reason}", reason=str(rejected))
        return Redirect(to=f"/vehicles/{vehicle.id}", message=said)
    said = visit.language.text("{name} is removed, with all its records.", name=vehicle.name)
    return Redirect(to="/", message=said, undo=Undo(operation="vehicles.restore", values={"id": str(vehicle.id)}))


def bring_back(visit: Visit) -> Outcome:
    """Bring a removed vehicle back, with all its records."""
    if (vehicle_id := visit.id("id")) is None:
        raise NotFound("vehicle", visit.sent.names["id"])
    vehicle = visit.run(restore_vehicle, RestoreVehicle(id=vehicle_id))
    return _is_here(visit, vehicle)


def show_list(visit: Visit) -> Outcome:
    """Show the vehicles in a table: found by a word or a state, sorted, removed ones apart."""
    query = visit.sent.query
    if query.get("removed") == "1":
        rows = tuple(each for each in visit.answer(list_vehicles, ListVehicles(removed=True)) if each.deleted_at)
        values = {
            "rows": rows,
            "next": None,
            "is_bin": True,
            "asked": query,
            "states": list(VehicleState),
            "sort": "name",
        }
        return View(template="vehicles/list.html", values=values)
    state, sort = query.get("state", ""), query.get("sort", "name")
    asked = PageVehicles(
        state=VehicleState(state) if state in set(VehicleState) else None,
        text=query.get("text", "")[:200],
        sort=sort if sort in SORTS else "name",
        cursor=query.get("after") or None,
        limit=ROWS,
    )
    page = visit.answer(page_vehicles, asked)
    values = {"rows": page.items, "next": page.next, "is_bin": False, "asked": query, "states": list(VehicleState)}
    return View(template="vehicles/list.html", values=values | {"sort": asked.sort})


def models(visit: Visit) -> Outcome:
    """Name the models of a make, for the picker."""
    found = visit.answer(list_models, ListModels(make=visit.sent.query.get("make", "")[:80]))
    return Document(body=orjson.dumps([model.name for model in found]), content_type="application/json")


PAGES = (
    PageRoute(method="GET", path="/vehicles", show=show_list),
    PageRoute(method="GET", path="/vehicles/models", show=models),
    PageRoute(method="GET", path="/vehicles/new", show=show_new),
    PageRoute(method="POST", path="/vehicles/new", show=add),
    PageRoute(method="GET", path="/vehicles/{id}/edit", show=show_edit),
    PageRoute(method="POST", path="/vehicles/{id}/edit", show=edit),
    PageRoute(method="POST", path="/vehicles/{id}/remove", show=remove),
    PageRoute(method="POST", path="/vehicles/{id}/restore", show=bring_back),
)
