"""``fleet maintenance``: the service book of vehicles, jobs and providers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.wire import unstructure
from fleetcore.maintenance.model import (
    DeleteService,
    EditService,
    GetService,
    ListServices,
    RecordService,
    RestoreService,
    Service,
    ServiceCategory,
    ServiceFields,
)
from fleetcore.maintenance.service import (
    delete_service,
    edit_service,
    get_service,
    list_services,
    record_service,
    restore_service,
)
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import everything, find_vehicle, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    all_option,
    both,
    choice_of,
    clear_option,
    clearable,
    emptied,
    limit_option,
    rows_wanted,
    said,
    vehicle_option,
)
from fleetserver.cli.tables import Column, details, table

from .jobs import jobs
from .providers import provider_name, providers
from .work import WORK_OPTIONS, work_fields

__all__ = ["maintenance"]

NONE_YET = (
    "No services yet. Record one: fleet maintenance add --vehicle Golf --title 'Oil change' --total 89.90\n"
    "or make records of the services in logs that you imported: fleet imports convert-services"
)
COLUMNS = (
    Column("Day"),
    Column("Vehicle", flexible=True, drop=3),
    Column("What", flexible=True),
    Column("Category", drop=2),
    Column("Cost", right=True),
    Column("Odometer", right=True, drop=1),
    Column("Id"),
)
COSTS = {"parts", "labour_hours", "labour_rate", "labour_cost"}
NOT_CLEARABLE = {"accept_odometer_jump", "done_on", "at", "title", "category"}


@click.group("maintenance", cls=FleetGroup)
def maintenance() -> None:
    """Keep the service book: what was done to vehicles, what is planned, and by whom."""


maintenance.add_command(jobs)
maintenance.add_command(providers)


def _json(service: Service, vehicle: Vehicle | None) -> dict[str, Any]:
    return {**unstructure(service), "vehicle": vehicle.name if vehicle else None}


def _sentence(session: Session, service: Service, vehicle: Vehicle | None) -> str:
    whose = f"{vehicle.name}, " if vehicle else ""
    return f"{whose}{service.done_on}, {service.title}, {session.display.money(service.total)}"


@maintenance.command("add")
@vehicle_option(required=True)
@click.option("--title", required=True, help="What was done.")
@WORK_OPTIONS
@pass_session
def add(session: Session, /, vehicle: str, **options: Any) -> None:
    """Record what was done to a vehicle, with parts and labour or just one total.

    What --done and --reminder name goes on from this day and odometer; remove the record, and it is due again.

    fleet maintenance add --vehicle Golf --title 'Oil change' --odometer 45210 --part '4.5 x Oil @ 8.99'
    """
    chosen = find_vehicle(session, vehicle)
    options["on"] = options["on"] or "today"
    fields = work_fields(session, typed_for(session, chosen), options, chosen.id)
    service = session.run(record_service, RecordService(vehicle_id=chosen.id, **fields))
    session.done(_json(service, chosen), f"Recorded: {_sentence(session, service, chosen)} ({short_id(service.id)}).")


@maintenance.command("list")
@vehicle_option()
@click.option("--category", type=choice_of(ServiceCategory), help="Only of this category.")
@click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
@click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")
@click.option("--removed", is_flag=True, help="Those that were removed and can be restored.")
@narrowed_by(ListServices)
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session, *, vehicle: str | None, category: str | None, since: str | None, until: str | None,
    removed: bool, limit: int | None, show_all: bool, narrowed: dict[str, Any],
) -> None:  # fmt: skip
    """List service records, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()

    def asked(cursor: str | None, most: int) -> ListServices:
        return ListServices(
            vehicle_id=chosen.id if chosen else None,
            category=ServiceCategory(category) if category else None,
            since=first,
            until=last,
            deleted=removed,
            **narrowed,
            cursor=cursor,
            limit=most,
        )

    found, more = some_of(
        lambda cursor, most: session.read(list_services, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No services of this kind." if vehicle or category or since or until or removed else NONE_YET
            return
        yield from table(COLUMNS, [_row(session, each, names, chosen is not None) for each in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"services": [_json(each, names.get(each.vehicle_id)) for each in found]}, human)


def _row(session: Session, service: Service, names: dict[UUID, Vehicle], one_vehicle: bool) -> list[str]:
    vehicle = names.get(service.vehicle_id)
    return [
        str(service.done_on),
        "" if one_vehicle or vehicle is None else vehicle.name,
        service.title,
        service.category,
        session.display.money(service.total),
        session.display.distance(service.odometer, vehicle),
        short_id(service.id),
    ]


def _find(session: Session, text: str, *, removed: bool = False) -> Service:
    def candidates() -> Iterator[Service]:
        return everything(
            lambda cursor, most: session.read(list_services, ListServices(deleted=removed, cursor=cursor, limit=most))
        )

    def get(key: UUID) -> Service:
        if removed:
            return next(each for each in candidates() if each.id == key)
        return session.read(get_service, GetService(id=key))

    return pick(text, "service record", get, candidates)


@maintenance.command("show")
@click.argument("service_id", metavar="ID")
@pass_session
def show(session: Session, service_id: str) -> None:
    """Show everything about the service record ID."""
    service = _find(session, service_id)
    vehicle = vehicles_by_id(session).get(service.vehicle_id)
    display = session.display

    def human() -> Iterator[str]:
        until = str(service.warranty_until or "")
        pairs = [
            ("Vehicle", vehicle.name if vehicle else ""),
            ("Day", display.minute(service.at) or str(service.done_on)),
            ("What", service.title),
            ("Category", str(service.category)),
            ("Odometer", display.distance(service.odometer, vehicle)),
            ("Engine hours", display.hours(service.engine_hours)),
            ("Provider", provider_name(session, service.provider_id)),
            ("Place", service.place),
        ]
        for part in service.parts:
            cost = f"@ {display.money(part.unit_cost)}" if part.unit_cost is not None else ""
            number = f"#{part.part_number}" if part.part_number else ""
            pairs.append(("Part", " ".join(filter(None, (f"{part.quantity:f} x", part.name, number, cost)))))
        pairs += [
            ("Labour", display.money(service.labour_total) if service.labour_total.minor else ""),
            ("Labour hours", "" if service.labour_hours is None else f"{service.labour_hours:f}"),
            ("Total", display.money(service.total)),
            ("Warranty until", both(until, display.distance(service.warranty_odometer, vehicle))),
            ("Tags", ", ".join(service.tags)),
            ("Notes", service.notes),
            ("Id", str(service.id)),
        ]
        yield from details(pairs)

    session.show(_json(service, vehicle), human)


@maintenance.command("edit")
@click.argument("service_id", metavar="ID")
@vehicle_option()
@click.option("--title", help="What was done.")
@WORK_OPTIONS
@clear_option([name for name in clearable(ServiceFields) if name not in NOT_CLEARABLE])
@pass_session
def edit(session: Session, /, service_id: str, vehicle: str | None, cleared: tuple[str, ...], **options: Any) -> None:
    """Change what is said of the service record ID; what is not given stays.

    New parts replace all of the old ones; with new parts or labour and no --total, their sum is what was paid.
    """
    service = _find(session, service_id)
    names = vehicles_by_id(session)
    chosen = find_vehicle(session, vehicle) if vehicle else names.get(service.vehicle_id)
    new = work_fields(session, typed_for(session, chosen), options, chosen.id if chosen else service.vehicle_id)
    before = {**said(service, ServiceFields), "vehicle_id": chosen.id if chosen else service.vehicle_id}
    if "done_on" in new or "at" in new:  # the one follows from the other
        before |= {"done_on": None, "at": None}
    if COSTS & (new.keys() | set(cleared)):
        before["total"] = None
    fields = {**before, **emptied(ServiceFields, cleared), **new}
    after = session.run(edit_service, EditService(id=service.id, version=service.version, **fields))
    session.done(_json(after, chosen), f"Changed: {_sentence(session, after, chosen)}.")


@maintenance.command("remove")
@click.argument("service_id", metavar="ID")
@pass_session
def remove(session: Session, service_id: str) -> None:
    """Remove the service record ID, with its entry in the books; restore brings it back."""
    service = _find(session, service_id)
    after = session.run(delete_service, DeleteService(id=service.id, version=service.version))
    session.done(
        after, f"Removed {after.title} of {after.done_on}. Back: fleet maintenance restore {short_id(after.id)}"
    )


@maintenance.command("restore")
@click.argument("service_id", metavar="ID")
@pass_session
def restore(session: Session, service_id: str) -> None:
    """Bring the removed service record ID back."""
    service = _find(session, service_id, removed=True)
    after = session.run(restore_service, RestoreService(id=service.id))
    session.done(after, f"{after.title} of {after.done_on} is back.")
