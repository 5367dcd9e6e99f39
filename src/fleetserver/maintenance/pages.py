"""Pages of services: what was done to a vehicle, with its parts; and of who does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fleetcore.kernel.when import local_date
from fleetcore.maintenance.model import ListProviders, Part, Service, ServiceCategory
from fleetcore.maintenance.providers import (
    add_provider,
    edit_provider,
    get_provider,
    list_providers,
    remove_provider,
)
from fleetcore.maintenance.service import (
    delete_service,
    edit_service,
    get_service,
    list_services,
    record_service,
    restore_service,
)
from fleetcore.reminders.model import ListReminders
from fleetcore.reminders.service import list_reminders
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.hints import odometer_hint
from fleetserver.pages.lines import line_fields
from fleetserver.pages.records import Column, Desk, Filter, Records, Words, vehicle_field
from fleetserver.pages.visits import Visit

__all__ = ["PAGES", "part_fields", "provider_field", "reminder_field", "service_categories", "work_fields"]

PROVIDERS_MAX = REMINDERS_MAX = 200


def service_categories(visit: Visit) -> tuple[Choice, ...]:
    """Return the kinds of work to choose from."""
    return tuple(Choice(each.value, visit.language.text(each.value.capitalize())) for each in ServiceCategory)


def provider_field(visit: Visit, **where: Any) -> Field:
    """Return the field that chooses who does the work."""
    found = (
        visit.answer(list_providers, ListProviders(limit=PROVIDERS_MAX)).items if visit.may("maintenance.read") else ()
    )
    choices = tuple(Choice(str(each.id), each.name) for each in found)
    return Field(name="provider_id", label=visit.language.text("Workshop"), kind=Kind.ID, choices=choices, **where)


def part_fields(desk: Desk, group: str) -> tuple[Field, ...]:
    """Return the lines of parts."""
    _ = desk.visit.language.text
    of_one = (
        Field(name="name", label=_("Part")),
        Field(name="quantity", label=_("How many"), kind=Kind.DECIMAL),
        Field(name="unit_cost", label=_("Price of one"), kind=Kind.MONEY),
        Field(name="part_number", label=_("Part number")),
    )
    return line_fields("parts", of_one, desk.visit.sent.form, desk.record, group=group)


def work_fields(desk: Desk, *, chosen: tuple[UUID, ...] = ()) -> tuple[Field, ...]:
    """Return what is asked of work that was done, whether it was planned as a job or not."""
    _ = desk.visit.language.text
    more = _("Labour, warranty, notes and more")
    return (
        Field(name="done_on", label=_("Day"), kind=Kind.DAY),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, beside=True, hint=odometer_hint(desk)),
        Field(
            name="total",
            label=_("Total paid"),
            kind=Kind.MONEY,
            beside=True,
            hint=_("Left empty: parts and labour together."),
        ),
        Field(name="category", label=_("Kind"), kind=Kind.CHOICE, choices=service_categories(desk.visit)),
        provider_field(desk.visit, beside=True),
        *reminder_field(desk, chosen),
        *part_fields(desk, _("Parts")),
        Field(name="labour_cost", label=_("Labour"), kind=Kind.MONEY, group=more),
        Field(name="labour_hours", label=_("or hours"), kind=Kind.DECIMAL, group=more, beside=True),
        Field(name="labour_rate", label=_("at, an hour"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="engine_hours", label=_("Engine hours"), kind=Kind.HOURS, group=more),
        Field(name="warranty_until", label=_("Warranty until"), kind=Kind.DAY, group=more, beside=True),
        Field(name="warranty_odometer", label=_("or until"), kind=Kind.DISTANCE, group=more, beside=True),
        Field(name="place", label=_("Where, if it is no workshop of yours"), group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas."), group=more),
        Field(
            name="accept_odometer_jump",
            label=_("The odometer is right, although it jumps"),
            kind=Kind.CHECK,
            group=more,
        ),
    )


def reminder_field(desk: Desk, chosen: tuple[UUID, ...] = ()) -> list[Field]:
    """Return the field that says which reminders the work answers, where there are any to answer."""
    if desk.vehicle is None or not desk.visit.may("reminders.read"):
        return []
    asked = ListReminders(vehicle_id=desk.vehicle.id, include_finished=bool(chosen), limit=REMINDERS_MAX)
    found = desk.visit.answer(list_reminders, asked).items
    choices = tuple(Choice(str(one.id), one.title) for one in found if not one.is_finished or one.id in chosen)
    if not choices:
        return []
    _ = desk.visit.language.text
    hint = _("They count on from here.")
    group = _("Reminders that this answers")
    return [Field(name="reminder_ids", label=group, kind=Kind.IDS, choices=choices, hint=hint, group=group)]


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    chosen = desk.record.reminder_ids if desk.record is not None else ()
    return (
        vehicle_field(desk),
        Field(name="title", label=_("What was done"), is_required=True, hint=_("Oil change, brakes, summer tyres.")),
        *work_fields(desk, chosen=chosen),
    )


def _starts(desk: Desk) -> Mapping[str, str]:
    said = {"done_on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"}
    if (reminder := desk.visit.id("reminder")) is not None:
        said["reminder_ids"] = str(reminder)
    if title := desk.visit.sent.query.get("title", ""):
        said["title"] = title[:200]
    return said


def _leave_total(form: Form, service: Service) -> None:
    """Leave the total empty where it follows from parts and labour, so that it follows them when they change."""
    if service.total == service.parts_cost + service.labour_total and (service.parts or service.labour_total.minor):
        form.texts.pop("total", None)


def _meter(visit: Any, service: Service, vehicle: Any) -> str:
    return str(visit.display.distance(service.odometer, vehicle))


SERVICES = Records(
    path="/maintenance",
    waits_offline=True,
    entity="maintenance.service",
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
    shows=_leave_total,
    lines={"parts": Part},
    follows=(("labour_cost", "labour_rate", "labour_hours"),),
    filters=(
        Filter(
            name="category",
            label="Kind",
            choices=lambda desk: service_categories(desk.visit),
            read=ServiceCategory,
        ),
    ),
)


def _provider_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    return (
        Field(name="name", label=_("Name"), is_required=True),
        Field(name="address", label=_("Address"), length_max=500),
        Field(name="phone", label=_("Phone"), autocomplete="off"),
        Field(name="email", label=_("E-mail"), kind=Kind.EMAIL, beside=True, autocomplete="off"),
        Field(name="website", label=_("Website")),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
    )


PROVIDERS = Records(
    path="/providers",
    entity="maintenance.provider",
    words=Words(
        one="Workshop",
        many="Workshops",
        add="Add a workshop",
        save="Save workshop",
        empty="Garages, dealers, mechanics: named once, chosen with every service and job.",
    ),
    columns=(
        Column(title="Name", text=lambda _visit, provider, _vehicle: provider.name),
        Column(title="Phone", text=lambda _visit, provider, _vehicle: provider.phone),
        Column(title="Address", text=lambda _visit, provider, _vehicle: provider.address),
    ),
    fields=_provider_fields,
    list=list_providers,
    get=get_provider,
    record=add_provider,
    edit=edit_provider,
    delete=remove_provider,
    needs_vehicle=False,
    lands="list",
)
PAGES = (*SERVICES.routes(), *PROVIDERS.routes())
