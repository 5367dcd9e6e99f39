"""``fleet plans templates``: shipped templates, and those that a fleet makes from its own plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import click

from fleetcore.maintenance.plan_model import (
    AddTemplate,
    EditTemplate,
    ItemFields,
    ListPlanItems,
    ListTemplates,
    ListTemplateUses,
    Powertrain,
    RemoveTemplate,
    Template,
    TemplateItem,
)
from fleetcore.maintenance.plans import list_plan_items
from fleetcore.maintenance.templates import (
    add_template,
    edit_template,
    list_template_uses,
    list_templates,
    remove_template,
)
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, short_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of, vehicle_option
from fleetserver.cli.tables import Column, plain, table

__all__ = ["find_template", "interval_words", "templates"]

COLUMNS = (
    Column("Word or id"),
    Column("Name", flexible=True),
    Column("For", flexible=True, drop=1),
    Column("Items", right=True),
)
ITEM_COLUMNS = (Column("Key"), Column("What", flexible=True), Column("How often"), Column("Category", drop=1))
ITEM_FIELDS = tuple(a.name for a in attrs.fields(ItemFields))


@click.group("templates", cls=FleetGroup)
def templates() -> None:
    """Look at the shipped service plans, and make templates of your own."""


def interval_words(session: Session, item: ItemFields, vehicle: Vehicle | None) -> str:
    """Write how often an item comes."""
    months = None if item.every_months is None else f"{item.every_months} months"
    parts = (session.display.distance(item.every, vehicle), months, session.display.hours(item.every_engine_hours))
    return f"every {' or '.join(part for part in parts if part)}{', fixed' if item.is_fixed else ''}"


def find_template(session: Session, text: str) -> Template:
    """Return the template called *text*: a shipped one's word, a name, or the end of an id."""
    wanted = text.strip().casefold()
    everyone = session.read(list_templates, ListTemplates())
    found = [
        each
        for each in everyone
        if wanted in {each.key, each.name.casefold()}
        or (each.id is not None and len(wanted) > 3 and each.id.hex.endswith(wanted))
    ]
    if not found:
        words = ", ".join(each.key if each.id is None else each.name for each in everyone)
        raise BadInput.because("", f"there is no template {text!r}: there are {words}")
    if len(found) > 1:
        raise BadInput.because("", f"{len(found)} templates are called {text!r}: use the id")
    return found[0]


def _own(session: Session, text: str) -> Template:
    template = find_template(session, text)
    if template.id is None:
        raise BadInput.because("", f"{template.key} is shipped and stays as it is: save a template of your own")
    return template


@templates.command("list")
@vehicle_option()
@pass_session
def list_(session: Session, vehicle: str | None) -> None:
    """List the templates, your own first; with --vehicle those that fit it."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    found = session.read(list_templates, ListTemplates(vehicle_id=chosen.id if chosen else None))
    rows = [
        [
            each.key if each.id is None else short_id(each.id),
            each.name,
            " ".join(filter(None, (each.make, each.model, str(each.powertrain or "")))) or "any",
            str(len(each.items)),
        ]
        for each in found
    ]
    session.show({"templates": found}, lambda: table(COLUMNS, rows))


@templates.command("show")
@click.argument("template", metavar="TEMPLATE")
@pass_session
def show(session: Session, template: str) -> None:
    """Show the items of TEMPLATE (a shipped one's word, a name or an id)."""
    found = find_template(session, template)

    def human() -> Iterator[str]:
        yield plain(found.name)
        rows = [[item.key, item.title, interval_words(session, item, None), str(item.category)] for item in found.items]
        yield from table(ITEM_COLUMNS, rows)

    session.show(found, human)


@templates.command("save")
@click.option("--name", required=True, help="What the template is called; an own one of that name is replaced.")
@vehicle_option(required=True)
@click.option("--make", default="", help="Only for this make.")
@click.option("--model", default="", help="Only for this model.")
@click.option("--powertrain", type=choice_of(Powertrain), help="Only for this kind of vehicle.")
@click.option("--notes", default="", help="Anything else.")
@pass_session
def save(session: Session, /, name: str, vehicle: str, powertrain: str | None, **words: Any) -> None:
    """Make a template of the service plan that a vehicle has.

    fleet plans templates save --name 'Our vans' --vehicle Transit --make Ford --powertrain diesel
    """
    chosen = find_vehicle(session, vehicle)
    plan = everything(
        lambda cursor, most: session.read(
            list_plan_items, ListPlanItems(vehicle_id=chosen.id, cursor=cursor, limit=most)
        )
    )
    ordered = sorted(plan, key=lambda item: (item.created_at, item.id))
    items = tuple(TemplateItem(**{field: getattr(item, field) for field in ITEM_FIELDS}) for item in ordered)
    fields: dict[str, Any] = {"name": name, "items": items, **words}
    fields["powertrain"] = None if powertrain is None else Powertrain(powertrain)
    before = next(
        (
            each
            for each in session.read(list_templates, ListTemplates())
            if each.id is not None and each.name.casefold() == name.strip().casefold()
        ),
        None,
    )
    if before is None or before.id is None:
        made = session.run(add_template, AddTemplate(**fields))
        session.done(made, f"Saved {made.name}: {len(items)} items.")
        return
    after = session.run(edit_template, EditTemplate(id=before.id, version=before.version, **fields))
    again = f"Vehicles keep theirs until you apply it again: fleet plans templates uses '{after.name}'"
    session.done(after, f"Replaced {after.name}: {len(items)} items. {again}")


@templates.command("uses")
@click.argument("template", metavar="TEMPLATE")
@pass_session
def uses(session: Session, template: str) -> None:
    """Show which vehicles have items of TEMPLATE, and what of it they lack or have otherwise."""
    found = find_template(session, template)
    told = session.read(list_template_uses, ListTemplateUses(template=found.key))

    def human() -> Iterator[str]:
        if not told:
            yield f"No vehicle has items of {found.name}: fleet plans apply '{found.key}' --vehicle NAME"
        for use in told:
            lacks = f"; lacks {', '.join(use.missing)}" if use.missing else ""
            differs = f"; has otherwise {', '.join(use.differing)}" if use.differing else ""
            yield plain(f"{use.vehicle_name}: {use.items} items{lacks}{differs}")

    session.show({"uses": told}, human)


@templates.command("remove")
@click.argument("template", metavar="TEMPLATE")
@pass_session
def remove(session: Session, template: str) -> None:
    """Remove the own TEMPLATE (its name or its id); the items that were made from it stay."""
    found = _own(session, template)
    assert found.id is not None  # noqa: S101 - an own one has an id; tells the type checker
    session.run(remove_template, RemoveTemplate(id=found.id, version=found.version))
    session.done(found, f"Removed the template {found.name}; vehicles keep their items.")
