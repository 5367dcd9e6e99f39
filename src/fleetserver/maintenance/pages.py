"""Pages of services: what was done to a vehicle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetcore.kernel.when import local_date
from fleetcore.maintenance.model import Service, ServiceCategory
from fleetcore.maintenance.service import (
    delete_service,
    edit_service,
    get_service,
    list_services,
    record_service,
    restore_service,
)
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import ListDue
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Column, Desk, Records, Words, vehicle_field

__all__ = ["PAGES"]


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more = _("Labour, warranty, notes and more")
    categories = tuple(Choice(each.value, _(each.value.capitalize())) for each in ServiceCategory)
    return (
        vehicle_field(desk),
        Field(name="title", label=_("What was done"), is_required=True, hint=_("Oil change, brakes, summer tyres.")),
        Field(name="done_on", label=_("Day"), kind=Kind.DAY),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, beside=True),
        Field(name="total", label=_("Total paid"), kind=Kind.MONEY, beside=True),
        Field(name="category", label=_("Kind"), kind=Kind.CHOICE, choices=categories),
        *_answers(desk),
        Field(name="place", label=_("Workshop"), group=more),
        Field(name="engine_hours", label=_("Engine hours"), kind=Kind.HOURS, group=more, beside=True),
        Field(name="labour_cost", label=_("Labour"), kind=Kind.MONEY, group=more),
        Field(name="warranty_until", label=_("Warranty until"), kind=Kind.DAY, group=more, beside=True),
        Field(name="warranty_odometer", label=_("or until"), kind=Kind.DISTANCE, group=more, beside=True),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
    )


def _answers(desk: Desk) -> list[Field]:
    """Return the field that says which reminder the work answers, where there is one to answer."""
    if desk.vehicle is None or not desk.visit.may("reminders.read"):
        return []
    due = desk.visit.answer(list_due, ListDue(vehicle_id=desk.vehicle.id))
    choices = tuple(Choice(str(each.reminder_id), each.title) for each in due)
    if not choices:
        return []
    _ = desk.visit.language.text
    hint = _("It counts on from here.")
    return [Field(name="reminder_ids", label=_("Answers the reminder"), kind=Kind.IDS, choices=choices, hint=hint)]


def _starts(desk: Desk) -> Mapping[str, str]:
    said = {"done_on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"}
    if (reminder := desk.visit.id("reminder")) is not None:
        said["reminder_ids"] = str(reminder)
    if title := desk.visit.sent.query.get("title", ""):
        said["title"] = title[:200]
    return said


def _meter(visit: Any, service: Service, vehicle: Any) -> str:
    return str(visit.display.distance(service.odometer, vehicle))


PAGES = Records(
    path="/maintenance",
    words=Words(
        one="Service",
        many="Services",
        add="Add a service",
        save="Save service",
        empty="Oil, brakes, tyres, repairs: what was done, when, at which odometer and what it cost.",
    ),
    columns=(
        Column(title="What was done", text=lambda _visit, service, _vehicle: service.title),
        Column(title="Day", text=lambda visit, service, _vehicle: visit.day(service.done_on)),
        Column(title="Odometer", text=_meter, is_number=True),
        Column(title="Total", text=lambda visit, service, _vehicle: visit.money(service.total), is_number=True),
    ),
    fields=_fields,
    list=list_services,
    get=get_service,
    record=record_service,
    edit=edit_service,
    delete=delete_service,
    restore=restore_service,
    starts_with=_starts,
).routes()
