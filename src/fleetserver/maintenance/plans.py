"""``fleet plans``: the service items of vehicles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.quantities import EngineHours
from fleetcore.kernel.wire import unstructure
from fleetcore.maintenance.model import Part, ServiceCategory
from fleetcore.maintenance.plan_model import (
    AddPlanItem,
    AppliedTemplate,
    ApplyTemplate,
    EditPlanItem,
    LastDone,
    ListPlanItems,
    PlanItem,
    PlanItemFields,
    PlannedChange,
    RemovePlanItem,
)
from fleetcore.maintenance.plans import add_plan_item, edit_plan_item, list_plan_items, remove_plan_item
from fleetcore.maintenance.templates import apply_template
from fleetcore.reminders.model import GetReminder, Reminder
from fleetcore.reminders.service import get_reminder
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, given, short_id, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of, clear_option, clearable, emptied, said, vehicle_option, with_options
from fleetserver.cli.tables import Column, details, plain, table
from fleetserver.presentation.typed import Typed

from .answering import find_item
from .plan_templates import find_template, interval_words, templates

__all__ = ["plans"]

NONE_YET = (
    "No service plan yet. Take one that is shipped: fleet plans apply petrol --vehicle Golf --dry-run\n"
    "or begin your own: fleet plans add --vehicle Golf --title 'Engine oil' --every-km 15000 --every-months 12"
)
COLUMNS = (
    Column("Vehicle", flexible=True, drop=2),
    Column("What", flexible=True),
    Column("How often", flexible=True, drop=4),
    Column("Next"),
    Column("Cost", right=True, drop=1),
    Column("Key", flexible=True, drop=3),
)
ITEM_OPTIONS = with_options(
    click.option("--key", help="A stable word for it. Default: from the title."),
    click.option("--category", type=choice_of(ServiceCategory), help="Why it is done. Default: routine."),
    click.option("--every-km", metavar="N", help="Every so many kilometres."),
    click.option("--every-miles", metavar="N", help="Every so many miles."),
    click.option("--every-months", type=int, metavar="N", help="Every so many months."),
    click.option("--every-hours", metavar="N", help="Every so many engine hours."),
    click.option("--expected-cost", metavar="AMOUNT", help="What one time costs, as far as you know."),
    click.option("--part", "parts", multiple=True, help="A part that it takes; may be repeated."),
    click.option("--last-on", metavar="DAY", help="The day it was last done."),
    click.option("--last-odometer", metavar="N", help="What the odometer showed then."),
    click.option("--last-hours", metavar="N", help="What the hour meter showed then."),
    click.option("--notes", help="Anything else."),
)
FIXED_HELP = "Keep the grid of dues; without it each counts from when the work was done."
NOT_CLEARABLE = {"key", "category", "is_fixed", "is_active"}


@click.group("plans", cls=FleetGroup)
def plans() -> None:
    """Plan the services of vehicles: what comes again, how often, and when it was last done."""


plans.add_command(templates)


def item_fields(typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a service item that *options* give."""
    km, miles = options["every_km"], options["every_miles"]
    if km is not None and miles is not None:
        raise click.UsageError("give --every-km or --every-miles, not both")
    every = typed.distance("--every-km", km and f"{km} km") or typed.distance("--every-miles", miles and f"{miles} mi")
    found = given(
        every=every,
        every_engine_hours=_hours(typed, "--every-hours", options["every_hours"]),
        category=options["category"] and ServiceCategory(options["category"]),
        expected_cost=typed.money("--expected-cost", options["expected_cost"]),
        parts=tuple(Part(name=name) for name in options["parts"]) or None,
        last_done_on=typed.day("--last-on", options["last_on"]),
        last_done_odometer=typed.distance("--last-odometer", options["last_odometer"]),
        last_done_engine_hours=_hours(typed, "--last-hours", options["last_hours"]),
        **{name: options[name] for name in ("title", "key", "every_months", "is_fixed", "notes")},
    )
    typed.check()
    return found


def _hours(typed: Typed, option: str, text: str | None) -> EngineHours | None:
    counted = typed.decimal(option, text)
    return None if counted is None else EngineHours.of(counted)


def _reminder(session: Session, item: PlanItem) -> Reminder | None:
    if item.reminder_id is None or not item.is_active:
        return None
    return session.read(get_reminder, GetReminder(id=item.reminder_id))


def _next(session: Session, item: PlanItem, vehicle: Vehicle | None) -> str:
    from fleetserver.reminders.words import due_words

    reminder = _reminder(session, item)
    return "paused" if reminder is None else due_words(session, reminder, vehicle)


def _json(session: Session, item: PlanItem, vehicle: Vehicle | None) -> dict[str, Any]:
    reminder = _reminder(session, item)
    standing = {} if reminder is None else unstructure(reminder)
    names = ("due_on", "due_odometer_km", "due_engine_hours", "urgency", "last_done_on", "projected_on")
    return {
        **unstructure(item),
        "vehicle": vehicle.name if vehicle else None,
        "next": {name: standing.get(name) for name in names} if standing else None,
    }


@plans.command("list")
@vehicle_option()
@pass_session
def list_(session: Session, vehicle: str | None) -> None:
    """List the service items of vehicles, and when each is next."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    asked = chosen.id if chosen else None
    names = vehicles_by_id(session)
    found = sorted(
        everything(
            lambda cursor, most: session.read(
                list_plan_items, ListPlanItems(vehicle_id=asked, cursor=cursor, limit=most)
            )
        ),
        key=lambda item: (names[item.vehicle_id].name, item.created_at, item.id),
    )

    def human() -> Iterator[str]:
        if not found:
            yield NONE_YET
            return
        yield from table(COLUMNS, [_row(session, item, names, one_vehicle=chosen is not None) for item in found])

    session.show({"items": [_json(session, item, names.get(item.vehicle_id)) for item in found]}, human)


def _row(session: Session, item: PlanItem, names: dict[UUID, Vehicle], *, one_vehicle: bool) -> list[str]:
    vehicle = names[item.vehicle_id]
    return [
        "" if one_vehicle else vehicle.name,
        item.title,
        interval_words(session, item, vehicle),
        _next(session, item, vehicle),
        session.display.money(item.expected_cost),
        item.key,
    ]


@plans.command("add")
@vehicle_option(required=True)
@click.option("--title", required=True, help="What is to be done, in a few words.")
@ITEM_OPTIONS
@click.option("--fixed", "is_fixed", is_flag=True, default=None, help=FIXED_HELP)
@pass_session
def add(session: Session, /, vehicle: str, **options: Any) -> None:
    """Add an item to the service plan of a vehicle; whichever interval comes first decides.

    fleet plans add --vehicle Golf --title 'Engine oil' --every-km 15000 --every-months 12 --last-odometer 38000
    """
    chosen = find_vehicle(session, vehicle)
    fields = item_fields(typed_for(session, chosen), options)
    item = session.run(add_plan_item, AddPlanItem(vehicle_id=chosen.id, **fields))
    due = _next(session, item, chosen)
    session.done(_json(session, item, chosen), f"Planned: {chosen.name}, {item.title}, next {due} ({item.key}).")


@plans.command("show")
@click.argument("item", metavar="ITEM")
@vehicle_option()
@pass_session
def show(session: Session, item: str, vehicle: str | None) -> None:
    """Show the service item ITEM (its key, its title or its id)."""
    found = find_item(session, item, find_vehicle(session, vehicle).id if vehicle else None)
    owner = vehicles_by_id(session).get(found.vehicle_id)
    reminder = _reminder(session, found)

    def human() -> Iterator[str]:
        yield plain(found.title)
        yield from details(
            (
                ("Vehicle", owner.name if owner else ""),
                ("Key", found.key),
                ("Category", str(found.category)),
                ("How often", interval_words(session, found, owner)),
                ("Next", _next(session, found, owner)),
                ("Last done", str((reminder and reminder.last_done_on) or found.last_done_on or "")),
                ("Expected cost", session.display.money(found.expected_cost)),
                ("Parts", ", ".join(part.name for part in found.parts)),
                ("Template", found.template),
                ("Notes", found.notes),
                ("Id", str(found.id)),
            )
        )

    session.show(_json(session, found, owner), human)


@plans.command("edit")
@click.argument("item", metavar="ITEM")
@vehicle_option()
@click.option("--title", help="What is to be done, in a few words.")
@ITEM_OPTIONS
@click.option("--fixed/--rolling", "is_fixed", default=None, help=FIXED_HELP)
@click.option("--pause/--resume", "paused", default=None, help="Remind of nothing for a while, or again.")
@clear_option([name for name in clearable(PlanItemFields) if name not in NOT_CLEARABLE])
@pass_session
def edit(
    session: Session, /, item: str, vehicle: str | None, paused: bool | None, cleared: tuple[str, ...], **options: Any
) -> None:
    """Change the service item ITEM (its key, its title or its id); what is not given stays."""
    before = find_item(session, item, find_vehicle(session, vehicle).id if vehicle else None)
    owner = vehicles_by_id(session).get(before.vehicle_id)
    fields = {
        **said(before, PlanItemFields),
        **emptied(PlanItemFields, cleared),
        **item_fields(typed_for(session, owner), options),
        **given(is_active=None if paused is None else not paused),
    }
    after = session.run(edit_plan_item, EditPlanItem(id=before.id, version=before.version, **fields))
    due = _next(session, after, owner)
    session.done(_json(session, after, owner), f"Changed: {after.title}, next {due}.")


@plans.command("remove")
@click.argument("item", metavar="ITEM")
@vehicle_option()
@pass_session
def remove(session: Session, item: str, vehicle: str | None) -> None:
    """Take the service item ITEM (its key, its title or its id) off its vehicle, with its reminder."""
    found = find_item(session, item, find_vehicle(session, vehicle).id if vehicle else None)
    after = session.run(remove_plan_item, RemovePlanItem(id=found.id, version=found.version))
    session.done(after, f"Removed {after.title} ({short_id(after.id)}) from the plan.")


@plans.command("apply")
@click.argument("template", metavar="TEMPLATE")
@vehicle_option(required=True)
@click.option("--dry-run", is_flag=True, help="Only show what would be added.")
@click.option("--update", is_flag=True, help="Change the items that the vehicle has otherwise, too.")
@click.option("--leave-out", "leave_out", multiple=True, metavar="KEY", help="Without this item; may be repeated.")
@click.option(
    "--last", "lasts", multiple=True, metavar="KEY=DAY[@ODOMETER]",
    help="When an item was last done: 'brake-fluid=2025-03-01@38000', 'oil=@38000'; may be repeated.",
)  # fmt: skip
@pass_session
def apply(
    session: Session, *, template: str, vehicle: str, dry_run: bool, update: bool, leave_out: tuple[str, ...],
    lasts: tuple[str, ...],
) -> None:  # fmt: skip
    """Give a vehicle the items of TEMPLATE (a shipped one's word, a name or an id) that it lacks.

    fleet plans apply petrol --vehicle Golf --leave-out timing-belt --last brake-fluid=2025-03-01
    """
    chosen = find_vehicle(session, vehicle)
    typed = typed_for(session, chosen)
    last_done = tuple(_last(typed, text) for text in lasts)
    typed.check()
    command = ApplyTemplate(
        vehicle_id=chosen.id,
        template=find_template(session, template).key,
        last_done=last_done,
        leave_out=leave_out,
        update=update,
        dry_run=dry_run,
    )
    applied = session.run(apply_template, command)
    session.show(applied, lambda: _applied(applied, chosen))


def _last(typed: Typed, text: str) -> LastDone:
    key, sign, rest = text.partition("=")
    if not sign or not rest:
        typed.refuse("--last", f"{text!r} does not look like brake-fluid=2025-03-01@38000")
    day, _, odometer = rest.partition("@")
    return LastDone(
        key=key.strip(), on=typed.day("--last", day or None), odometer=typed.distance("--last", odometer or None)
    )


def _applied(applied: AppliedTemplate, vehicle: Vehicle) -> Iterator[str]:
    would = "Would add" if applied.dry_run else "Added"
    change = "Would change" if applied.dry_run else "Changed"
    for words, changes in ((would, applied.added), (change, applied.changed), ("Kept as it is", applied.kept)):
        for each in changes:
            yield plain(f"{words}: {each.title} ({each.key}){_fields(each)}")
    if not applied.added and not applied.changed:
        yield f"Nothing to add: {vehicle.name} has every item."
    if applied.kept:
        yield "What is kept differs from the template; --update takes the template's words."


def _fields(change: PlannedChange) -> str:
    return f": differs in {', '.join(change.changes)}" if change.changes else ""
