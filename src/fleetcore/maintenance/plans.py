"""Keep the service items of vehicles: each active one has one reminder, which comes, changes and goes with it."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.days import Calendar
from fleetcore.kernel.errors import Conflict, NotFound, Problem, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.reminders.sourced import drop_sourced_reminder, keep_sourced_reminder
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of

from .plan_events import PlanItemAdded, PlanItemEdited, PlanItemRemoved
from .plan_model import (
    AddPlanItem,
    EditPlanItem,
    GetPlanItem,
    ListPlanItems,
    PlanItem,
    PlanItemFields,
    RemovePlanItem,
)
from .plan_rules import key_of, plan_problems, reminder_of, vehicle_problems
from .ports import PLANS

__all__ = [
    "PLAN_SOURCE",
    "add_plan_item",
    "change_item",
    "edit_plan_item",
    "get_plan_item",
    "list_plan_items",
    "new_item",
    "remove_plan_item",
]

READ, SCHEDULE = "maintenance.read", "maintenance.schedule"
PLAN_SOURCE = "maintenance.plan_item"
FIELDS = tuple(a.name for a in attrs.fields(PlanItemFields))
Told = TypeVar("Told", PlanItemAdded, PlanItemEdited, PlanItemRemoved)


def _told(kind: type[Told], item: PlanItem) -> Told:
    return kind(
        item_id=item.id,
        vehicle_id=item.vehicle_id,
        category=item.category,
        reminder_id=item.reminder_id,
        item_version=item.version,
    )


def _said(fields: PlanItemFields) -> dict[str, Any]:
    said = {name: getattr(fields, name) for name in FIELDS}
    return said | {"key": key_of(fields), "title": " ".join(fields.title.split())}


def _reminded(uow: UnitOfWork, item: PlanItem) -> PlanItem:
    """Return *item* with its reminder set as it asks for, or dropped."""
    if not item.is_active or item.deleted_at is not None:
        drop_sourced_reminder(uow, PLAN_SOURCE, item.id)
        return item
    return attrs.evolve(item, reminder_id=keep_sourced_reminder(uow, PLAN_SOURCE, item.id, reminder_of(item)).id)


def new_item(uow: UnitOfWork, fields: PlanItemFields, **more: Any) -> PlanItem:
    """Store a service item of a vehicle whose lock the caller holds, with its reminder."""
    user = uow.actor.user_id
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    item = _reminded(uow, PlanItem(**{"id": uow.new_id(), **_said(fields), **history} | more))
    uow[PLANS].add(item)
    uow.record_change(PLAN_SOURCE, item.id, None, item)
    uow.emit(_told(PlanItemAdded, item))
    return item


def change_item(uow: UnitOfWork, before: PlanItem, **changes: Any) -> PlanItem:
    """Store *before* with *changes* as its next version, and its reminder with it."""
    after: PlanItem = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    after = _reminded(uow, after)
    uow[PLANS].replace(after, old_version=before.version)
    is_gone = after.deleted_at is not None
    uow.record_change(PLAN_SOURCE, after.id, before, None if is_gone else after)
    uow.emit(_told(PlanItemRemoved, after) if is_gone else _told(PlanItemEdited, after))
    return after


@operation("maintenance.add_plan_item", permission=SCHEDULE)
def add_plan_item(uow: UnitOfWork, command: AddPlanItem) -> PlanItem:
    """Add a service item to a vehicle, with its reminder.

    Raises Forbidden, NotFound for the vehicle, Conflict for a taken id, Rejected with every problem, also for a
    key that the vehicle's plan has and for a vehicle that was sold or decommissioned.
    """
    vehicle = vehicle_for(uow, command.vehicle_id, SCHEDULE, lock=True)
    today = Calendar(now=uow.now, timezone=fleet_of(uow).timezone).today
    problems = [*plan_problems(command, today), *vehicle_problems(vehicle)]
    if uow[PLANS].keyed(command.vehicle_id, key_of(command)) is not None:
        problems.append(_twice(command))
    reject_if_any(problems)
    return new_item(uow, command, **({} if command.id is None else {"id": command.id}))


def _twice(fields: PlanItemFields) -> Problem:
    message = f"the plan of this vehicle has {key_of(fields)!r} already: edit that item, or give another key"
    return Problem("key", message, "item.twice")


def _current(uow: UnitOfWork, command: EditPlanItem | RemovePlanItem) -> PlanItem:
    vehicle_of(uow, "service item", uow[PLANS].get(command.id), SCHEDULE, lock=True)
    item = uow[PLANS].get(command.id)
    require_change(uow, "service item", item, read=READ, write=SCHEDULE, done="this item was planned")
    if item.version != command.version:
        raise Conflict(f"the service item {item.id} was changed by someone else meanwhile: read it again, then repeat")
    return item


@operation("maintenance.edit_plan_item", permission=SCHEDULE)
def edit_plan_item(uow: UnitOfWork, command: EditPlanItem) -> PlanItem:
    """Replace what was said of a service item; its reminder follows, and what was done stays counted.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected with every problem.
    """
    before = _current(uow, command)
    today = Calendar(now=uow.now, timezone=fleet_of(uow).timezone).today
    problems = list(plan_problems(command, today))
    if command.vehicle_id != before.vehicle_id:
        problems.append(Problem("vehicle_id", "an item stays with its vehicle: add one to the other vehicle"))
    elif key_of(command) != before.key and uow[PLANS].keyed(command.vehicle_id, key_of(command)) is not None:
        problems.append(_twice(command))
    reject_if_any(problems)
    return change_item(uow, before, **_said(command))


@operation("maintenance.remove_plan_item", permission=SCHEDULE)
def remove_plan_item(uow: UnitOfWork, command: RemovePlanItem) -> PlanItem:
    """Take a service item off its vehicle, with its reminder. Raises NotFound, Forbidden, Conflict."""
    return change_item(uow, _current(uow, command), deleted_at=uow.now)


@query("maintenance.get_plan_item", permission=READ)
def get_plan_item(uow: UnitOfWork, command: GetPlanItem) -> PlanItem:
    """Return one service item. Raises NotFound."""
    item = uow[PLANS].get(command.id)
    vehicle_of(uow, "service item", item, READ)
    if not may_touch(uow, READ, item.created_by):
        raise NotFound("service item", item.id)
    return item


@query("maintenance.list_plan_items", permission=READ)
def list_plan_items(uow: UnitOfWork, command: ListPlanItems) -> Page[PlanItem]:
    """List service items, newest first, of one vehicle or of all that one may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    rows = uow[PLANS].page(command, reachable_vehicles(uow, READ), own, decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda item: Position(item.created_at, item.id), command)
