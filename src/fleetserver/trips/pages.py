"""Pages of trips: the logbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetcore.kernel.when import zone
from fleetcore.trips.model import BUSINESS, COMMUTE, PRIVATE, Trip
from fleetcore.trips.queries import get_trip, list_trips
from fleetcore.trips.service import delete_trip, edit_trip, record_trip, restore_trip
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Column, Desk, Records, Words, vehicle_field

__all__ = ["PAGES"]


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more = _("Passengers, tolls, notes and more")
    purposes = tuple(Choice(each, _(each.capitalize())) for each in (PRIVATE, BUSINESS, COMMUTE))
    return (
        vehicle_field(desk),
        Field(name="started_at", label=_("Began"), kind=Kind.INSTANT, is_required=True),
        Field(name="ended_at", label=_("Ended"), kind=Kind.INSTANT, beside=True, hint=_("Empty: it is still running.")),
        Field(name="start_place", label=_("From")),
        Field(name="end_place", label=_("To"), beside=True),
        Field(name="start_odometer", label=_("Odometer before"), kind=Kind.DISTANCE),
        Field(name="end_odometer", label=_("after"), kind=Kind.DISTANCE, beside=True),
        Field(name="distance", label=_("or the distance"), kind=Kind.DISTANCE, beside=True),
        Field(name="purpose", label=_("Purpose"), kind=Kind.CHOICE, choices=purposes, is_required=True),
        Field(name="client", label=_("Client, or whom you visited"), beside=True),
        Field(name="passengers", label=_("Passengers"), kind=Kind.WHOLE, group=more),
        Field(name="tolls", label=_("Tolls"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="parking", label=_("Parking"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="reason", label=_("Why a trip of a closed month is changed"), group=more),
    )


def _starts(desk: Desk) -> Mapping[str, str]:
    now = desk.visit.core.clock.now().astimezone(zone(desk.visit.display.timezone))
    return {"ended_at": f"{now:%Y-%m-%dT%H:%M}", "purpose": PRIVATE}


def _distance(visit: Any, trip: Trip, vehicle: Any) -> str:
    return str(visit.display.distance(trip.distance, vehicle))


PAGES = Records(
    path="/trips",
    words=Words(
        one="Trip",
        many="Trips",
        add="Add a trip",
        save="Save trip",
        empty="Where you went, how far and what for: enough for a logbook that tax offices take.",
    ),
    columns=(
        Column(title="Began", text=lambda visit, trip, _vehicle: visit.display.minute(trip.started_at)),
        Column(
            title="Way",
            text=lambda _visit, trip, _vehicle: " - ".join(filter(None, (trip.start_place, trip.end_place))),
        ),
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
    starts_with=_starts,
).routes()
