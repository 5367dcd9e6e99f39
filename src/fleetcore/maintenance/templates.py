"""Keep templates of service plans, and apply them to vehicles; nothing that a vehicle has changes silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.days import Calendar
from fleetcore.kernel.errors import Conflict, NotFound, Problem, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import may_see_shared, reachable_vehicles, require_whole_fleet, vehicle_for
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.ports import VEHICLES

from .plan_events import TemplateAdded, TemplateApplied, TemplateEdited, TemplateRemoved
from .plan_files import shipped_templates
from .plan_model import (
    AddTemplate,
    AppliedTemplate,
    ApplyTemplate,
    EditTemplate,
    GetTemplate,
    ItemFields,
    LastDone,
    ListTemplates,
    ListTemplateUses,
    PlanItem,
    PlanItemFields,
    PlannedChange,
    RemoveTemplate,
    Template,
    TemplateFields,
    TemplateItem,
    TemplateUse,
)
from .plan_rules import differences, fits, key_of, last_done_problems, template_problems, vehicle_problems
from .plans import change_item, new_item
from .ports import PLANS, TEMPLATES

__all__ = [
    "add_template",
    "apply_template",
    "edit_template",
    "get_template",
    "list_template_uses",
    "list_templates",
    "remove_template",
]

READ, SCHEDULE = "maintenance.read", "maintenance.schedule"
ENTITY = "maintenance.template"
FIELDS = tuple(a.name for a in attrs.fields(TemplateFields))
ITEM_FIELDS = tuple(a.name for a in attrs.fields(ItemFields))


def _said(command: TemplateFields) -> dict[str, Any]:
    said = {name: getattr(command, name) for name in FIELDS}
    items = tuple(attrs.evolve(item, key=key_of(item), title=" ".join(item.title.split())) for item in command.items)
    return said | {"name": command.name.strip(), "items": items}


@operation("maintenance.add_template", permission=SCHEDULE)
def add_template(uow: UnitOfWork, command: AddTemplate) -> Template:
    """Add a template of service items to the fleet. Raises Forbidden, Conflict for a taken id, Rejected."""
    require_whole_fleet(uow, SCHEDULE)
    reject_if_any(template_problems(command))
    user, template_id = uow.actor.user_id, command.id or uow.new_id()
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    template = Template(id=template_id, key=str(template_id), version=1, **_said(command), **history)
    uow[TEMPLATES].add(template)
    uow.record_change(ENTITY, template_id, None, template)
    uow.emit(TemplateAdded(template_id=template_id, template_version=1))
    return template


def _current(uow: UnitOfWork, command: EditTemplate | RemoveTemplate) -> Template:
    require_whole_fleet(uow, SCHEDULE)
    template = uow[TEMPLATES].get(command.id)
    if template.version != command.version:
        raise Conflict(f"the template {command.id} was changed by someone else meanwhile: read it again, then repeat")
    return template


@operation("maintenance.edit_template", permission=SCHEDULE)
def edit_template(uow: UnitOfWork, command: EditTemplate) -> Template:
    """Replace a template; vehicles keep their items until it is applied to them again.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected with every problem.
    """
    before = _current(uow, command)
    reject_if_any(template_problems(command))
    after: Template = attrs.evolve(
        before, **_said(command), updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[TEMPLATES].replace(after, old_version=before.version)
    uow.record_change(ENTITY, command.id, before, after)
    uow.emit(TemplateEdited(template_id=command.id, template_version=after.version))
    return after


@operation("maintenance.remove_template", permission=SCHEDULE)
def remove_template(uow: UnitOfWork, command: RemoveTemplate) -> Template:
    """Remove a template; the items that were made from it stay. Raises NotFound, Forbidden, Conflict."""
    template = _current(uow, command)
    uow[TEMPLATES].remove(command.id)
    uow.record_change(ENTITY, command.id, template, None)
    uow.emit(TemplateRemoved(template_id=command.id, template_version=template.version))
    return template


def _find(uow: UnitOfWork, key: str) -> Template:
    if (shipped := shipped_templates().get(key)) is not None:
        return shipped
    try:
        template_id = UUID(key)
    except ValueError:
        raise NotFound("template", key) from None
    template = uow[TEMPLATES].get(template_id)
    if not may_see_shared(uow, template.created_by):
        raise NotFound("template", key)
    return template


@query("maintenance.get_template", permission=READ)
def get_template(uow: UnitOfWork, command: GetTemplate) -> Template:
    """Return one template, of the fleet or shipped. Raises NotFound."""
    return _find(uow, command.key)


@query("maintenance.list_templates", permission=READ)
def list_templates(uow: UnitOfWork, command: ListTemplates) -> tuple[Template, ...]:
    """List the fleet's templates by name, then the shipped ones; for a vehicle those that fit it. Raises NotFound."""
    own = (template for template in uow[TEMPLATES].all() if may_see_shared(uow, template.created_by))
    found = (*own, *shipped_templates().values())
    if command.vehicle_id is None:
        return found
    vehicle = vehicle_for(uow, command.vehicle_id, READ)
    return tuple(template for template in found if fits(template, vehicle))


@operation("maintenance.apply_template", permission=SCHEDULE)
def apply_template(uow: UnitOfWork, command: ApplyTemplate) -> AppliedTemplate:
    """Give a vehicle the items of a template that it lacks, each with its reminder; existing ones are kept.

    With *update*, those that differ become as the template says. With *dry_run* nothing is done. A first due
    counts from the present meters, or from when *last_done* says. Raises Forbidden, NotFound for the vehicle
    or the template, Rejected with every problem.
    """
    vehicle = vehicle_for(uow, command.vehicle_id, SCHEDULE, lock=True)
    template = _find(uow, command.template)
    present = {item.key: item for item in uow[PLANS].of_vehicle(vehicle.id)}
    today = Calendar(now=uow.now, timezone=fleet_of(uow).timezone).today
    reject_if_any((*vehicle_problems(vehicle), *_apply_problems(command, template, present)))
    for index, said in enumerate(command.last_done):
        reject_if_any(
            last_done_problems(said.on, said.odometer, said.engine_hours, today, f"last_done.{index}.last_done")
        )
    last_done = {said.key: said for said in command.last_done}
    added: list[PlannedChange] = []
    changed: list[PlannedChange] = []
    kept: list[PlannedChange] = []
    for wanted in template.items:
        if wanted.key in command.leave_out:
            continue
        change = PlannedChange(key=wanted.key, title=wanted.title)
        item = present.get(wanted.key)
        if item is None:
            added.append(change)
            if not command.dry_run:
                fields = _planned(wanted, vehicle.id, last_done.get(wanted.key))
                new_item(uow, fields, template=template.key)
        elif different := differences(item, wanted):
            (changed if command.update else kept).append(attrs.evolve(change, changes=different))
            if command.update and not command.dry_run:
                said_again = {name: getattr(wanted, name) for name in ITEM_FIELDS}
                change_item(uow, item, **said_again, **_dates(last_done.get(wanted.key)), template=template.key)
    if not command.dry_run and (added or changed):
        uow.emit(TemplateApplied(vehicle_id=vehicle.id, template=template.key, added=len(added), changed=len(changed)))
    return AppliedTemplate(
        vehicle_id=vehicle.id,
        template=template.key,
        dry_run=command.dry_run,
        added=tuple(added),
        changed=tuple(changed),
        kept=tuple(kept),
    )


def _apply_problems(command: ApplyTemplate, template: Template, present: Mapping[str, PlanItem]) -> Iterator[Problem]:
    keys = {item.key for item in template.items}
    for index, key in enumerate(command.leave_out):
        if key not in keys:
            yield Problem(f"leave_out.{index}", f"the template has no item {key!r}", "item.unknown")
    for index, said in enumerate(command.last_done):
        if said.key not in keys:
            yield Problem(f"last_done.{index}.key", f"the template has no item {said.key!r}", "item.unknown")
        elif said.key in present and not command.update:
            message = f"the vehicle has {said.key!r} already, and it is kept: edit that item"
            yield Problem(f"last_done.{index}.key", message, "item.kept")


def _dates(said: LastDone | None) -> dict[str, Any]:
    if said is None:
        return {}
    return {
        "last_done_on": said.on,
        "last_done_odometer": said.odometer,
        "last_done_engine_hours": said.engine_hours,
    }


def _planned(wanted: TemplateItem, vehicle_id: UUID, said: LastDone | None) -> PlanItemFields:
    fields = {name: getattr(wanted, name) for name in ITEM_FIELDS}
    return PlanItemFields(vehicle_id=vehicle_id, **fields, **_dates(said))


@query("maintenance.list_template_uses", permission=READ)
def list_template_uses(uow: UnitOfWork, command: ListTemplateUses) -> tuple[TemplateUse, ...]:
    """List the vehicles that have items of a template, and what of it they lack or have otherwise. Raises NotFound."""
    template = _find(uow, command.template)
    reachable = reachable_vehicles(uow, READ)
    items: dict[UUID, list[PlanItem]] = {}
    for item in uow[PLANS].of_template(template.key):
        if reachable is None or item.vehicle_id in reachable:
            items.setdefault(item.vehicle_id, []).append(item)
    vehicles = {vehicle.id: vehicle for vehicle in uow[VEHICLES].list(ListVehicles())} if items else {}
    return tuple(
        _use(vehicles[vehicle_id].name, vehicle_id, uow[PLANS].of_vehicle(vehicle_id), template, len(found))
        for vehicle_id, found in items.items()
    )


def _use(name: str, vehicle_id: UUID, present: Sequence[PlanItem], template: Template, count: int) -> TemplateUse:
    has = {item.key: item for item in present}
    return TemplateUse(
        vehicle_id=vehicle_id,
        vehicle_name=name,
        items=count,
        missing=tuple(item.key for item in template.items if item.key not in has),
        differing=tuple(item.key for item in template.items if item.key in has and differences(has[item.key], item)),
    )
