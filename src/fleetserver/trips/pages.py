"""Pages of trips: the logbook, a trip with its way, and what a kilometre is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import local_date, zone
from fleetcore.kernel.wire import unstructure
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetcore.trips.model import BUSINESS, COMMUTE, PRIVATE, AddRate, ListRates, RemoveRate, Trip
from fleetcore.trips.queries import get_trip, list_trips
from fleetcore.trips.rates import add_rate, list_rates, remove_rate
from fleetcore.trips.service import delete_trip, edit_trip, finish_trip, record_trip, restore_trip
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.records import Action, Column, Desk, Filter, Records, Words, desk_of, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.steps import Step
from fleetserver.pages.visits import Visit

from .drawing import track_of

__all__ = ["PAGES"]

MEMBERS_MAX = 200


def _purposes(desk: Desk) -> tuple[Choice, ...]:
    said = [PRIVATE, BUSINESS, COMMUTE]
    if desk.record is not None and getattr(desk.record, "purpose", PRIVATE) not in said:
        said.append(desk.record.purpose)  # a word of their own, which an import brought
    return tuple(Choice(each, desk.visit.language.text(each.capitalize())) for each in said)


def _drivers(visit: Visit) -> tuple[Choice, ...]:
    if not visit.may("people.read"):
        return (Choice(str(visit.user.id), visit.user.name),)
    return tuple(
        Choice(str(each.user_id), each.name)
        for each in visit.answer(list_members, ListMembers(limit=MEMBERS_MAX)).items
    )


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more, closed = _("Driver, passengers, tolls and more"), _("When it is refused although it is right")
    return (
        vehicle_field(desk),
        Field(name="started_at", label=_("Began"), kind=Kind.INSTANT, is_required=True),
        Field(name="ended_at", label=_("Ended"), kind=Kind.INSTANT, beside=True, hint=_("Empty: it is still running.")),
        Field(name="start_place", label=_("From")),
        Field(name="end_place", label=_("To"), beside=True),
        Field(name="start_odometer", label=_("Odometer before"), kind=Kind.DISTANCE),
        Field(name="end_odometer", label=_("after"), kind=Kind.DISTANCE, beside=True),
        Field(name="distance", label=_("or the distance"), kind=Kind.DISTANCE, beside=True),
        Field(name="purpose", label=_("Purpose"), kind=Kind.CHOICE, choices=_purposes(desk), is_required=True),
        Field(name="client", label=_("Client, or whom you visited"), beside=True),
        Field(name="driver_id", label=_("Driver"), kind=Kind.ID, choices=_drivers(desk.visit), group=more),
        Field(name="driver_name", label=_("or somebody else"), group=more, beside=True),
        Field(name="passengers", label=_("Passengers"), kind=Kind.WHOLE, group=more, beside=True),
        Field(name="tolls", label=_("Tolls"), kind=Kind.MONEY, group=more),
        Field(name="parking", label=_("Parking"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="fuel_used", label=_("Fuel used"), kind=Kind.VOLUME, group=more, beside=True),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
        Field(name="reason", label=_("Why a trip of a closed month is changed"), group=closed),
        Field(name="accept_odometer_jump", label=_("The odometer is right"), kind=Kind.CHECK, group=closed),
        Field(name="accept_speed", label=_("The speed is right"), kind=Kind.CHECK, group=closed),
    )


def _now(visit: Visit) -> str:
    return f"{visit.core.clock.now().astimezone(zone(visit.display.timezone)):%Y-%m-%dT%H:%M}"


def _starts(desk: Desk) -> Mapping[str, str]:
    return {"ended_at": _now(desk.visit), "purpose": PRIVATE}


def _distance(visit: Any, trip: Trip, vehicle: Any) -> str:
    return str(visit.display.distance(trip.distance, vehicle)) or str(visit.language.text("running"))


def _way(trip: Trip) -> str:
    return " - ".join(filter(None, (trip.start_place, trip.end_place)))


def _actions(visit: Visit, trip: Trip) -> Sequence[Action]:
    if not trip.is_running or not visit.may("trips.write"):
        return ()
    label = visit.language.text("It has ended")
    return (Action(to=f"/trips/{trip.id}/finish", label=label, icon="check", is_first=True),)


TRIPS = Records(
    path="/trips",
    waits_offline=True,
    entity="trips.trip",
    words=Words(
        one="Trip",
        many="Trips",
        add="Add a trip",
        save="Save trip",
        empty="Where you went, how far and what for: enough for a logbook that tax offices take.",
    ),
    columns=(
        Column(title="Began", text=lambda visit, trip, _vehicle: visit.display.minute(trip.started_at)),
        Column(title="Way", text=lambda _visit, trip, _vehicle: _way(trip)),
        Column(title="Purpose", text=lambda visit, trip, _vehicle: visit.language.text(trip.purpose.capitalize())),
        Column(title="Distance", text=_distance, is_number=True),
    ),
    fields=_fields,
    list=list_trips,
    get=get_trip,
    record=record_trip,
    edit=edit_trip,
    delete=delete_trip,
    restore=restore_trip,
    title=lambda visit, trip: _way(trip) or visit.language.text("Trip of {day}", day=visit.day(trip.started_at)),
    starts_with=_starts,
    actions=_actions,
    more=lambda _visit, trip: {"track": track_of(trip)},
    follows=(("distance", "end_odometer", "start_odometer"),),
    template="trips/form.html",
    list_template="trips/list.html",
    filters=(Filter(name="purpose", label="Purpose", choices=_purposes),),
)


def _start_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    return (
        Field(name="end_odometer", label=_("Odometer after"), kind=Kind.DISTANCE),
        Field(name="distance", label=_("or the distance"), kind=Kind.DISTANCE, beside=True),
        Field(name="ended_at", label=_("Ended"), kind=Kind.INSTANT),
        Field(name="end_place", label=_("To"), beside=True),
        Field(name="accept_odometer_jump", label=_("The odometer is right, although it jumps"), kind=Kind.CHECK),
    )


def _of_vehicle(_visit: Visit, trip: Trip, values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "vehicle_id": trip.vehicle_id}


FINISH = Step(
    path="/trips/{id}/finish",
    name="The trip has ended",
    save="Save the end",
    get=get_trip,
    operation=finish_trip,
    id_name="",
    fields=_start_fields,
    starts_with=lambda desk: {"ended_at": _now(desk.visit)},
    finish=_of_vehicle,
    lands=lambda record, _answer: f"/trips/{record.id}",
)


def _rate_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    unit = f"{desk.visit.display.currency}/km"
    return (
        Field(name="purpose", label=_("Purpose"), kind=Kind.CHOICE, choices=_purposes(desk), is_required=True),
        Field(name="valid_from", label=_("From"), kind=Kind.DAY, is_required=True, beside=True),
        Field(name="per_km", label=_("A kilometre is worth"), kind=Kind.PLAIN_PRICE, unit_said=unit, is_required=True),
    )


def show_rates(visit: Visit) -> Outcome:
    """Show what a kilometre is worth, and ask for a rate."""
    return _rates_view(visit, _rate_form(visit))


def _rate_form(visit: Visit) -> Form:
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    form = Form(fields=_rate_fields(desk_of(visit)), display=visit.display, scale=visit.display.scale())
    form.texts |= {"purpose": BUSINESS, "valid_from": f"{today:%Y}-01-01"}
    return form


def _rates_view(visit: Visit, form: Form, status: int = 200) -> View:
    rates = visit.answer(list_rates, ListRates())
    return View(template="trips/rates.html", values={"rates": rates, "form": form}, status=status)


def add_one_rate(visit: Visit) -> Outcome:
    """Say what a kilometre is worth from a day on."""
    form = _rate_form(visit)
    form.take(visit.sent.form)
    values = form.values(visit.typed())
    if not form.has_errors:
        try:
            rate = visit.run(add_rate, AddRate(**values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict as conflict:
            form.general.append(str(conflict))
        else:
            undo = Undo(operation=remove_rate.name, values={"id": str(rate.id)})
            return Redirect(to="/rates", message=visit.language.text("Saved."), undo=undo)
    return _rates_view(visit, form, 422)


def remove_one_rate(visit: Visit) -> Outcome:
    """Remove a rate; the one before it holds on."""
    if (rate_id := visit.id("id")) is None:
        raise NotFound("rate", visit.sent.names["id"])
    rate = visit.run(remove_rate, RemoveRate(id=rate_id))
    kept = unstructure(rate)
    again = {
        name: kept[name] for name in unstructure(AddRate(purpose="", valid_from=rate.valid_from, per_km=rate.per_km))
    }
    undo = Undo(operation=add_rate.name, values={**again, "id": None})
    return Redirect(to="/rates", message=visit.language.text("Deleted."), undo=undo)


PAGES = (
    *TRIPS.routes(),
    *FINISH.routes(),
    PageRoute(method="GET", path="/rates", show=show_rates),
    PageRoute(method="POST", path="/rates", show=add_one_rate),
    PageRoute(method="POST", path="/rates/{id}/delete", show=remove_one_rate),
)
