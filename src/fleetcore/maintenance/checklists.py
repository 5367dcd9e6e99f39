"""Keep the checklists of a fleet; some are shipped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.errors import Conflict, NotFound, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import may_see_shared, require_whole_fleet

from .inspection_events import ChecklistAdded, ChecklistEdited, ChecklistRemoved
from .inspection_model import (
    AddChecklist,
    Checklist,
    ChecklistFields,
    EditChecklist,
    GetChecklist,
    ListChecklists,
    RemoveChecklist,
)
from .inspection_rules import checklist_problems, keyed, shipped_checklists
from .ports import CHECKLISTS

__all__ = ["add_checklist", "edit_checklist", "find_checklist", "get_checklist", "list_checklists", "remove_checklist"]

READ, WORK = "maintenance.read", "maintenance.work"
ENTITY = "maintenance.checklist"


def _said(command: ChecklistFields) -> dict[str, Any]:
    return {"name": command.name.strip(), "items": keyed(command.items), "notes": command.notes}


@operation("maintenance.add_checklist", permission=WORK)
def add_checklist(uow: UnitOfWork, command: AddChecklist) -> Checklist:
    """Add a checklist to the fleet. Raises Forbidden, Conflict for a taken id, Rejected with every problem."""
    require_whole_fleet(uow, WORK)
    reject_if_any(checklist_problems(command))
    user, checklist_id = uow.actor.user_id, command.id or uow.new_id()
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    checklist = Checklist(id=checklist_id, key=str(checklist_id), version=1, **_said(command), **history)
    uow[CHECKLISTS].add(checklist)
    uow.record_change(ENTITY, checklist_id, None, checklist)
    uow.emit(ChecklistAdded(checklist_id=checklist_id, checklist_version=1))
    return checklist


def _current(uow: UnitOfWork, command: EditChecklist | RemoveChecklist) -> Checklist:
    require_whole_fleet(uow, WORK)
    checklist = uow[CHECKLISTS].get(command.id)
    if checklist.version != command.version:
        raise Conflict(f"the checklist {command.id} was changed by someone else meanwhile: read it again, then repeat")
    return checklist


@operation("maintenance.edit_checklist", permission=WORK)
def edit_checklist(uow: UnitOfWork, command: EditChecklist) -> Checklist:
    """Replace a checklist; inspections keep their items. Raises NotFound, Forbidden, Conflict, Rejected."""
    before = _current(uow, command)
    reject_if_any(checklist_problems(command))
    after: Checklist = attrs.evolve(
        before, **_said(command), updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[CHECKLISTS].replace(after, old_version=before.version)
    uow.record_change(ENTITY, command.id, before, after)
    uow.emit(ChecklistEdited(checklist_id=command.id, checklist_version=after.version))
    return after


@operation("maintenance.remove_checklist", permission=WORK)
def remove_checklist(uow: UnitOfWork, command: RemoveChecklist) -> Checklist:
    """Remove a checklist; inspections keep their items. Raises NotFound, Forbidden, Conflict."""
    checklist = _current(uow, command)
    uow[CHECKLISTS].remove(command.id)
    uow.record_change(ENTITY, command.id, checklist, None)
    uow.emit(ChecklistRemoved(checklist_id=command.id, checklist_version=checklist.version))
    return checklist


def find_checklist(uow: UnitOfWork, key: str) -> Checklist:
    """Return the checklist called *key*: the word of a shipped one, or an id. Raises NotFound."""
    if (shipped := shipped_checklists().get(key)) is not None:
        return shipped
    try:
        checklist_id = UUID(key)
    except ValueError:
        raise NotFound("checklist", key) from None
    checklist = uow[CHECKLISTS].get(checklist_id)
    if not may_see_shared(uow, checklist.created_by):
        raise NotFound("checklist", key)
    return checklist


@query("maintenance.get_checklist", permission=READ)
def get_checklist(uow: UnitOfWork, command: GetChecklist) -> Checklist:
    """Return one checklist, of the fleet or shipped. Raises NotFound."""
    return find_checklist(uow, command.key)


@query("maintenance.list_checklists", permission=READ)
def list_checklists(uow: UnitOfWork, command: ListChecklists) -> tuple[Checklist, ...]:  # noqa: ARG001 - it asks for all
    """List the fleet's checklists by name, then the shipped ones."""
    own = (checklist for checklist in uow[CHECKLISTS].all() if may_see_shared(uow, checklist.created_by))
    return (*own, *shipped_checklists().values())
