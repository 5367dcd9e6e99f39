"""Pages of fill-ups: the quick one for the pump, the log, and the whole form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from fleetcore.fuel.model import ChargeCurrent, ChargePlace, Fill, ListFills, ListStations, RecordFill
from fleetcore.fuel.service import delete_fill, edit_fill, get_fill, list_fills, record_fill, restore_fill
from fleetcore.fuel.stations import list_stations
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.quantities import Energy, Mass, Volume
from fleetcore.kernel.when import zone
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import GetVehicle, ListVehicles, Vehicle
from fleetcore.vehicles.service import get_vehicle, list_vehicles
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.hints import last_odometer, odometer_hint
from fleetserver.pages.records import Column, Desk, Filter, Records, Words, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

from .result import result_of

__all__ = ["PAGES"]

STATIONS_MAX = 200
CHIPS_MAX = 6  # vehicles that are chosen by one press; of more, by name
PLACES_OF = 30  # fill-ups before, whose stations are offered


def _quantities(visit: Visit, carriers: tuple[Carrier, ...], record: Any = None) -> list[Field]:
    """Return the fields for how much: of a vehicle that takes two kinds, one of two."""
    _ = visit.language.text
    sold = [kind for kind in (Volume, Mass, Energy) if kind in {carrier.quantity_type for carrier in carriers}]
    if record is not None:
        sold = [type(record.quantity)]
    sold = sold or [Volume]
    known = {
        Volume: ("volume", _("Volume"), Kind.VOLUME),
        Mass: ("mass", _("Quantity"), Kind.MASS),
        Energy: ("energy", _("Energy"), Kind.ENERGY),
    }
    several = len(sold) > 1
    return [
        Field(
            name=known[kind][0],
            label=known[kind][1],
            kind=known[kind][2],
            is_required=not several and record is None,
            hint=_("One of the two.") if several and place == 0 else "",
            beside=place > 0,
        )
        for place, kind in enumerate(sold)
    ]


def _price(visit: Visit, quantities: list[Field], **where: Any) -> Field:
    """Return the field for the price of one litre, gallon, kilogram or kilowatt-hour."""
    label = visit.language.text("Price of one unit")
    names = {each.name for each in quantities}
    by_volume = "volume" in names and not visit.sent.form.get("energy")
    if by_volume:
        return Field(name="unit_price", label=label, kind=Kind.UNIT_PRICE, **where)
    unit = f"{visit.display.currency}/{'kg' if names == {'mass'} else 'kWh'}"
    return Field(name="unit_price", label=label, kind=Kind.PLAIN_PRICE, unit_said=unit, **where)


def _energies(vehicle: Vehicle | None) -> tuple[Carrier, ...]:
    return tuple(vehicle.carriers) if vehicle is not None else ()


def _fields(visit: Visit, vehicles: tuple[Vehicle, ...], vehicle: Vehicle) -> tuple[Field, ...]:
    _ = visit.language.text
    carriers = tuple(Choice(carrier.value, _(carrier.value)) for carrier in vehicle.carriers)
    more = _("Date, station and more")
    quantities = [evolve(each, is_required=False) for each in _quantities(visit, vehicle.carriers)]
    before = visit.answer(list_fills, ListFills(vehicle_id=vehicle.id, limit=PLACES_OF)).items
    places = tuple(dict.fromkeys([fill.place for fill in before if fill.place]))
    paid = _paid(visit, before[0], vehicle) if before else ""
    leave = _("Leave one of the three empty.")
    has_chips = len(vehicles) <= CHIPS_MAX
    chosen = Field(
        name="vehicle_id",
        label=_("Vehicle"),
        kind=Kind.ID,
        is_required=True,
        choices=tuple(Choice(str(each.id), each.name) for each in vehicles),
        group=more if has_chips else "",
        opens=False,
    )
    return (
        *([] if has_chips else [chosen]),
        *(
            [Field(name="carrier", label=_("Fuel type"), kind=Kind.CHOICE, choices=carriers, is_required=True)]
            if len(carriers) > 1
            else []
        ),
        Field(
            name="odometer",
            label=_("Odometer"),
            kind=Kind.DISTANCE,
            hint=last_odometer(visit, vehicle),
        ),
        *quantities,
        Field(name="total", label=_("Total paid"), kind=Kind.MONEY, beside=True),
        _price(
            visit,
            quantities,
            beside=True,
            hint=_("It was {price} the last time. Leave one of the three empty.", price=paid) if paid else leave,
        ),
        Field(name="is_full", label=_("The tank is full"), kind=Kind.CHECK),
        Field(name="at", label=_("When"), kind=Kind.INSTANT, group=more, opens=False),
        Field(name="place", label=_("Station"), group=more, suggestions=places, beside=True),
        Field(name="missed_previous", label=_("I forgot to note the fill-up before"), kind=Kind.CHECK, group=more),
        Field(name="grade", label=_("Grade"), group=more, length_max=40),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(
            name="accept_odometer_jump",
            label=_("The odometer is right, although it jumps"),
            kind=Kind.CHECK,
            group=more,
        ),
        *([chosen] if has_chips else []),
    )


def _chosen(visit: Visit, vehicles: tuple[Vehicle, ...]) -> Vehicle:
    """Return the vehicle that is named, else the one that was filled last, best by the visitor themselves."""
    named = visit.id("vehicle_id") or visit.id("v") or visit.id("vehicle")
    if named is None:
        last = visit.answer(list_fills, ListFills(limit=10)).items
        mine = [fill for fill in last if fill.created_by == visit.caller.actor.user_id]
        named = next((fill.vehicle_id for fill in (*mine, *last)), None)
    return next((each for each in vehicles if each.id == named), vehicles[0])


def _form(visit: Visit, vehicles: tuple[Vehicle, ...], vehicle: Vehicle) -> Form:
    return Form(fields=_fields(visit, vehicles, vehicle), display=visit.display, scale=visit.display.scale(vehicle))


def _vehicles(visit: Visit) -> tuple[Vehicle, ...]:
    return visit.answer(list_vehicles, ListVehicles())


def _now(visit: Visit) -> str:
    return f"{visit.core.clock.now().astimezone(zone(visit.display.timezone)):%Y-%m-%dT%H:%M}"


def show_quick(visit: Visit) -> Outcome:
    """Ask for the three numbers of a fill-up."""
    vehicles = _vehicles(visit)
    if not vehicles:
        return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
    vehicle = _chosen(visit, vehicles)
    form = _form(visit, vehicles, vehicle)
    form.texts |= {"vehicle_id": str(vehicle.id), "is_full": "on", "at": _now(visit)}
    if len(vehicle.carriers) > 1:
        form.texts["carrier"] = vehicle.carriers[0].value
    return _quick(form, vehicle, vehicles)


def _quick(form: Form, vehicle: Vehicle, vehicles: tuple[Vehicle, ...], status: int = 200) -> View:
    chips = vehicles if 1 < len(vehicles) <= CHIPS_MAX else ()
    values = {"form": form, "vehicle": vehicle, "vehicles": vehicles, "chips": chips}
    return View(template="fuel/quick.html", values=values, status=status)


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
            undo = Undo(operation=delete_fill.name, values={"id": str(fill.id), "version": fill.version})
            return Redirect(to=f"/vehicles/{fill.vehicle_id}", message=_told(visit, fill, vehicle), undo=undo)
    return _quick(form, vehicle, vehicles, 422)


def _said(visit: Visit, fill: Fill, vehicle: Vehicle | None) -> str:
    quantity = visit.display.quantity(fill.quantity, vehicle)
    if vehicle is None:
        return visit.language.text("Saved: {quantity}.", quantity=quantity)
    return visit.language.text("Saved: {quantity} for {vehicle}.", quantity=quantity, vehicle=vehicle.name)


def _told(visit: Visit, fill: Fill, vehicle: Vehicle | None) -> str:
    return " ".join(filter(None, [_said(visit, fill, vehicle), result_of(visit, fill, vehicle)]))


def _vehicle_of(visit: Visit, fill: Fill) -> Vehicle:
    return visit.answer(get_vehicle, GetVehicle(id=fill.vehicle_id))


def _all_fields(desk: Desk) -> tuple[Field, ...]:
    visit = desk.visit
    _ = visit.language.text
    more, charging = _("Station, grade, notes and more"), _("Charging")
    carriers = tuple(carrier for carrier in Carrier if desk.vehicle is None or carrier in desk.vehicle.carriers)
    choices = tuple(Choice(carrier.value, _(carrier.value)) for carrier in carriers or tuple(Carrier))
    quantities = _quantities(visit, _energies(desk.vehicle), desk.record)
    stations: tuple[Choice, ...] = ()
    if visit.may("fuel.read"):
        found = visit.answer(list_stations, ListStations(limit=STATIONS_MAX)).items
        stations = tuple(Choice(str(each.id), each.name) for each in found)
    is_electric = desk.vehicle is None or Carrier.ELECTRICITY in desk.vehicle.carriers
    places = tuple(Choice(each.value, _(each.value.capitalize())) for each in ChargePlace)
    currents = tuple(Choice(each.value, each.value.upper()) for each in ChargeCurrent)
    return (
        vehicle_field(desk),
        Field(name="at", label=_("When"), kind=Kind.INSTANT, is_required=True),
        Field(name="carrier", label=_("Fuel type"), kind=Kind.CHOICE, choices=choices, beside=True),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, hint=odometer_hint(desk)),
        Field(name="trip", label=_("or the trip meter"), kind=Kind.DISTANCE, beside=True),
        *quantities,
        Field(name="total", label=_("Total paid"), kind=Kind.MONEY, beside=True),
        _price(visit, quantities, beside=True),
        Field(name="is_full", label=_("The tank is full"), kind=Kind.CHECK),
        Field(name="missed_previous", label=_("I forgot to note the fill-up before"), kind=Kind.CHECK),
        *(
            [
                Field(name="start_soc_percent", label=_("Charge before, in percent"), kind=Kind.WHOLE, group=charging),
                Field(name="end_soc_percent", label=_("after"), kind=Kind.WHOLE, group=charging, beside=True),
                Field(name="charge_place", label=_("Where"), kind=Kind.CHOICE, choices=places, group=charging),
                Field(
                    name="current", label=_("Current"), kind=Kind.CHOICE, choices=currents, group=charging, beside=True
                ),
            ]
            if is_electric
            else []
        ),
        Field(name="place", label=_("Station"), group=more),
        Field(name="station_id", label=_("or one of yours"), kind=Kind.ID, choices=stations, group=more, beside=True),
        Field(name="grade", label=_("Grade"), group=more, length_max=40),
        Field(
            name="excluded_distance", label=_("Not driven, such as towed"), kind=Kind.DISTANCE, group=more, beside=True
        ),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
        Field(
            name="accept_odometer_jump",
            label=_("The odometer is right, although it jumps"),
            kind=Kind.CHECK,
            group=more,
        ),
    )


def _starts(desk: Desk) -> Mapping[str, str]:
    said = {"at": _now(desk.visit), "is_full": "on"}
    if desk.vehicle is not None and desk.vehicle.carriers:
        said["carrier"] = desk.vehicle.carriers[0].value
    return said


def _paid(visit: Visit, fill: Fill, vehicle: Vehicle | None) -> str:
    return visit.display.unit_price(fill.unit_price, fill.quantity, vehicle)


def _marks(visit: Visit, fill: Fill, _vehicle: Vehicle | None) -> str:
    _ = visit.language.text
    said = [("" if fill.is_full else _("not full")), (_("one before is missing") if fill.missed_previous else "")]
    return ", ".join(filter(None, [_(fill.carrier.value), *said]))


RECORDS = Records(
    path="/fuel",
    waits_offline=True,
    entity="fuel.fill",
    words=Words(
        one="Fill-up",
        many="Fill-ups",
        add="Add a fill-up",
        save="Save fill-up",
        empty="Odometer, volume and what it cost: from two full tanks on, the consumption follows by itself.",
    ),
    columns=(
        Column(title="When", text=lambda visit, fill, _vehicle: visit.day(fill.at)),
        Column(
            title="Odometer",
            text=lambda visit, fill, vehicle: visit.display.distance(fill.odometer, vehicle),
            is_number=True,
        ),
        Column(
            title="Quantity",
            text=lambda visit, fill, vehicle: visit.display.quantity(fill.quantity, vehicle),
            is_number=True,
        ),
        Column(title="Price", text=_paid, is_number=True),
        Column(title="Total", text=lambda visit, fill, _vehicle: visit.money(fill.total), is_number=True),
        Column(title="Fuel type", text=_marks),
    ),
    fields=_all_fields,
    list=list_fills,
    get=get_fill,
    record=record_fill,
    edit=edit_fill,
    delete=delete_fill,
    restore=restore_fill,
    usual=_chosen,
    title=lambda visit, fill: visit.language.text("Fill-up of {day}", day=visit.day(fill.at)),
    starts_with=_starts,
    done=lambda visit, fill: _told(visit, fill, _vehicle_of(visit, fill)),
    follows=tuple(("unit_price", "total", quantity) for quantity in ("volume", "mass", "energy")),
    filters=(
        Filter(
            name="carrier",
            label="Fuel type",
            choices=lambda desk: tuple(Choice(each.value, desk.visit.language.text(each.value)) for each in Carrier),
            read=Carrier,
        ),
    ),
)
PAGES = (
    PageRoute(method="GET", path="/q/fuel", show=show_quick),
    PageRoute(method="POST", path="/q/fuel", show=record),
    *RECORDS.routes(),
)
