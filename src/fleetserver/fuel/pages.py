"""Pages of fill-ups: the quick one for the pump, and the whole form."""

from __future__ import annotations

from uuid import UUID

from fleetcore.fuel.model import Fill, ListFills, RecordFill
from fleetcore.fuel.service import delete_fill, list_fills, record_fill
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.quantities import Energy, Mass
from fleetcore.kernel.when import zone
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]


def _quantity(visit: Visit, vehicle: Vehicle) -> Field:
    _ = visit.language.text
    sold = {carrier.quantity_type for carrier in vehicle.carriers}
    if sold == {Energy}:
        return Field(name="energy", label=_("Energy"), kind=Kind.ENERGY, is_required=True)
    if sold == {Mass}:
        return Field(name="mass", label=_("Amount"), kind=Kind.MASS, is_required=True)
    return Field(name="volume", label=_("Volume"), kind=Kind.VOLUME, is_required=True)


def _fields(visit: Visit, vehicles: tuple[Vehicle, ...], vehicle: Vehicle) -> tuple[Field, ...]:
    _ = visit.language.text
    odometer = visit.answer(get_odometer, GetOdometer(vehicle_id=vehicle.id)).odometer
    last = visit.display.distance(odometer, vehicle)
    carriers = tuple(Choice(carrier.value, _(carrier.value)) for carrier in vehicle.carriers)
    more = _("Date, price, station and more")
    return (
        Field(
            name="vehicle_id",
            label=_("Vehicle"),
            kind=Kind.ID,
            is_required=True,
            choices=tuple(Choice(str(each.id), each.name) for each in vehicles),
        ),
        *(
            [Field(name="carrier", label=_("Fuel"), kind=Kind.CHOICE, choices=carriers, is_required=True)]
            if len(carriers) > 1
            else []
        ),
        Field(
            name="odometer",
            label=_("Odometer"),
            kind=Kind.DISTANCE,
            hint=_("It was {last} the last time.", last=last) if last else "",
        ),
        _quantity(visit, vehicle),
        Field(name="total", label=_("Total paid"), kind=Kind.MONEY, beside=True),
        Field(name="is_full", label=_("The tank is full"), kind=Kind.CHECK),
        Field(name="at", label=_("When"), kind=Kind.INSTANT, group=more),
        Field(name="unit_price", label=_("Price of one unit"), kind=Kind.UNIT_PRICE, group=more, beside=True),
        Field(name="missed_previous", label=_("I forgot to note the fill-up before"), kind=Kind.CHECK, group=more),
        Field(name="place", label=_("Station"), group=more),
        Field(name="grade", label=_("Grade"), group=more, beside=True, length_max=40),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(
            name="accept_odometer_jump",
            label=_("The odometer is right, although it jumps"),
            kind=Kind.CHECK,
            group=more,
        ),
    )


def _chosen(visit: Visit, vehicles: tuple[Vehicle, ...]) -> Vehicle:
    """Return the vehicle that is named, else the one that was filled last."""
    named = visit.id("vehicle_id") or visit.id("v")
    if named is None:
        last = visit.answer(list_fills, ListFills(limit=1)).items
        named = last[0].vehicle_id if last else None
    return next((each for each in vehicles if each.id == named), vehicles[0])


def _form(visit: Visit, vehicles: tuple[Vehicle, ...], vehicle: Vehicle) -> Form:
    return Form(fields=_fields(visit, vehicles, vehicle), display=visit.display, scale=visit.display.scale(vehicle))


def _vehicles(visit: Visit) -> tuple[Vehicle, ...]:
    return visit.answer(list_vehicles, ListVehicles())


def show_quick(visit: Visit) -> Outcome:
    """Ask for the three numbers of a fill-up."""
    vehicles = _vehicles(visit)
    if not vehicles:
        return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
    vehicle = _chosen(visit, vehicles)
    form = _form(visit, vehicles, vehicle)
    now = visit.core.clock.now().astimezone(zone(visit.display.timezone))
    form.texts |= {"vehicle_id": str(vehicle.id), "is_full": "on", "at": f"{now:%Y-%m-%dT%H:%M}"}
    return View(template="fuel/quick.html", values={"form": form, "vehicle": vehicle, "has_several": len(vehicles) > 1})


def record(visit: Visit) -> Outcome:
    """Record the fill-up and say what it means."""
    vehicles = _vehicles(visit)
    if not vehicles:
        return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
    vehicle = _chosen(visit, vehicles)
    form = _form(visit, vehicles, vehicle)
    form.take(visit.sent.form)
    values = form.values(visit.typed(vehicle))
    if "carrier" in values:
        values["carrier"] = Carrier(str(values["carrier"]))
    values.setdefault("at", visit.core.clock.now())
    if not form.has_errors:
        try:
            fill = visit.run(record_fill, RecordFill(**values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            return Redirect(
                to=f"/vehicles/{fill.vehicle_id}",
                message=_said(visit, fill, vehicle),
                undo=_undo(fill.id, fill.version),
            )
    values = {"form": form, "vehicle": vehicle, "has_several": len(vehicles) > 1}
    return View(template="fuel/quick.html", values=values, status=422)


def _said(visit: Visit, fill: Fill, vehicle: Vehicle) -> str:
    quantity = visit.display.quantity(fill.quantity, vehicle)
    return visit.language.text("Saved: {quantity} for {vehicle}.", quantity=quantity, vehicle=vehicle.name)


def _undo(fill_id: UUID, version: int) -> Undo:
    return Undo(operation=delete_fill.name, values={"id": str(fill_id), "version": version})


PAGES = (
    PageRoute(method="GET", path="/q/fuel", show=show_quick),
    PageRoute(method="POST", path="/q/fuel", show=record),
)
