"""Pages of a vehicle's meters: what they showed, a reading more, one taken back, a meter that was exchanged."""

from __future__ import annotations

from functools import partial
from typing import Any

from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import zone
from fleetcore.kernel.wire import unstructure
from fleetcore.vehicles.meters import get_odometer, list_readings, record_reading, replace_meter, void_reading
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.readings import (
    GetOdometer,
    ListReadings,
    Meter,
    Reading,
    ReadingKind,
    RecordReading,
    ReplaceMeter,
    VoidReading,
)
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.forms import Field, Form, Kind
from fleetserver.pages.log_words import record_name
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

from .overview import vehicle_asked

__all__ = ["PAGES"]

ROWS = 50


def _fields(visit: Visit) -> tuple[Field, ...]:
    _ = visit.language.text
    more = _("Engine hours, note and more")
    return (
        Field(name="odometer", label=_("The odometer shows"), kind=Kind.DISTANCE),
        Field(name="at", label=_("When"), kind=Kind.INSTANT, is_required=True, beside=True),
        Field(name="engine_hours", label=_("or the hour meter shows"), kind=Kind.HOURS, group=more),
        Field(name="note", label=_("Note"), group=more),
        Field(
            name="accept_odometer_jump",
            label=_("The number is right, although it jumps"),
            kind=Kind.CHECK,
            group=more,
        ),
    )


def _replacement_fields(visit: Visit) -> tuple[Field, ...]:
    _ = visit.language.text
    return (
        Field(name="old_odometer", label=_("The old one showed last"), kind=Kind.DISTANCE, is_required=True),
        Field(
            name="new_odometer", label=_("The new one showed first"), kind=Kind.DISTANCE, is_required=True, beside=True
        ),
        Field(name="at", label=_("When"), kind=Kind.INSTANT, is_required=True),
        Field(name="note", label=_("Note"), beside=True),
    )


def _form(visit: Visit, vehicle: Vehicle, fields: tuple[Field, ...]) -> Form:
    form = Form(fields=fields, display=visit.display, scale=visit.display.scale(vehicle))
    now = visit.core.clock.now().astimezone(zone(visit.display.timezone))
    form.texts["at"] = f"{now:%Y-%m-%dT%H:%M}"
    return form


def _view(visit: Visit, vehicle: Vehicle, form: Form, status: int = 200) -> View:
    meter = Meter.ENGINE_HOURS if visit.sent.query.get("meter") == Meter.ENGINE_HOURS else Meter.ODOMETER
    asked = ListReadings(vehicle_id=vehicle.id, meter=meter, limit=ROWS, cursor=visit.sent.query.get("after") or None)
    return View(
        template="vehicles/odometer.html",
        values={
            "vehicle": vehicle,
            "vehicles": visit.answer(list_vehicles, ListVehicles()),
            "form": form,
            "meter": meter.value,
            "record_name": partial(record_name, visit.language),
            "odometer": visit.answer(get_odometer, GetOdometer(vehicle_id=vehicle.id)),
            "page": visit.answer(list_readings, asked),
            "hours_of": lambda reading: visit.display.hours(EngineHours(reading.value)),
            "metres_of": Distance,
        },
        status=status,
    )


def show(visit: Visit) -> Outcome:
    """Show what the meter showed, the newest first, and ask for one reading more."""
    vehicle = vehicle_asked(visit)
    return _view(visit, vehicle, _form(visit, vehicle, _fields(visit)))


def add(visit: Visit) -> Outcome:
    """Note a reading."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle, _fields(visit))
    values = _typed(visit, vehicle, form)
    if not form.has_errors:
        try:
            reading = visit.run(record_reading, RecordReading(vehicle_id=vehicle.id, **values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            undo = Undo(operation=void_reading.name, values={"id": str(reading.id)})
            return Redirect(to=f"/vehicles/{vehicle.id}/odometer", message=visit.language.text("Saved."), undo=undo)
    return _view(visit, vehicle, form, 422)


def _typed(visit: Visit, vehicle: Vehicle, form: Form) -> dict[str, Any]:
    form.take(visit.sent.form)
    return form.values(visit.typed(vehicle))


def void(visit: Visit) -> Outcome:
    """Take a reading back; the right one is typed anew, so that the books show both."""
    if (reading_id := visit.id("id")) is None:
        raise NotFound("reading", visit.sent.names["id"])
    try:
        reading = visit.run(void_reading, VoidReading(id=reading_id))
    except Rejected as rejected:
        vehicle_id = visit.id("vehicle_id")
        said = visit.language.text("Nothing was changed: {reason}", reason=str(rejected))
        return Redirect(to=f"/vehicles/{vehicle_id}/odometer" if vehicle_id else "/", message=said)
    said = visit.language.text("Taken back. Type the right number, if there is one.")
    return Redirect(to=f"/vehicles/{reading.vehicle_id}/odometer", message=said, undo=_noted_again(reading))


def _noted_again(reading: Reading) -> Undo | None:
    """Return how a reading that was taken back is noted once more; the books show all three."""
    if reading.kind is ReadingKind.REPLACEMENT and reading.value_before is not None:
        exchanged = ReplaceMeter(
            vehicle_id=reading.vehicle_id,
            at=reading.at,
            old_odometer=Distance(reading.value_before),
            new_odometer=Distance(reading.value),
            note=reading.note,
        )
        return Undo(operation=replace_meter.name, values=unstructure(exchanged))
    is_hours = reading.meter is Meter.ENGINE_HOURS
    noted = RecordReading(
        vehicle_id=reading.vehicle_id,
        at=reading.at,
        odometer=None if is_hours else Distance(reading.value),
        engine_hours=EngineHours(reading.value) if is_hours else None,
        note=reading.note,
        accept_odometer_jump=reading.is_override,
    )
    return Undo(operation=record_reading.name, values=unstructure(noted))


def show_replacement(visit: Visit) -> Outcome:
    """Ask what the old and the new odometer showed."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle, _replacement_fields(visit))
    return View(template="vehicles/replace_meter.html", values={"vehicle": vehicle, "form": form})


def replace(visit: Visit) -> Outcome:
    """Note that the odometer was exchanged, so that distances go on."""
    vehicle = vehicle_asked(visit)
    form = _form(visit, vehicle, _replacement_fields(visit))
    values = _typed(visit, vehicle, form)
    if not form.has_errors:
        try:
            reading = visit.run(replace_meter, ReplaceMeter(vehicle_id=vehicle.id, **values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            undo = Undo(operation=void_reading.name, values={"id": str(reading.id)})
            return Redirect(to=f"/vehicles/{vehicle.id}/odometer", message=visit.language.text("Saved."), undo=undo)
    return View(template="vehicles/replace_meter.html", values={"vehicle": vehicle, "form": form}, status=422)


PAGES = (
    PageRoute(method="GET", path="/vehicles/{id}/odometer", show=show),
    PageRoute(method="POST", path="/vehicles/{id}/odometer", show=add),
    PageRoute(method="GET", path="/vehicles/{id}/odometer/replacement", show=show_replacement),
    PageRoute(method="POST", path="/vehicles/{id}/odometer/replacement", show=replace),
    PageRoute(method="POST", path="/readings/{id}/void", show=void),
)
