"""Who has which vehicle when: assign drivers, hand vehicles over, and look back, as for a fine.

Whoever changes the drivers of a vehicle holds its row until commit, so that two changes see each other and a
vehicle has one primary driver at a time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import require_aware
from fleetcore.operations import of_others, operation, query

from .access import reachable_by, require_reach, vehicle_for, vehicle_of
from .assignments import (
    AssignDriver,
    Assignment,
    DeleteAssignment,
    EditAssignment,
    HandOver,
    ListAssignments,
    WhoDrove,
)
from .events import AssignmentDeleted, AssignmentEdited, DriverAssigned
from .ports import ASSIGNMENTS, VEHICLES
from .rules import check_assignment, primary_problems

__all__ = [
    "assign_driver",
    "delete_assignment",
    "edit_assignment",
    "end_assignments",
    "hand_over",
    "list_assignments",
    "who_drove",
]

READ, WRITE = "vehicles.read", "vehicles.write"
ENTITY = "vehicles.assignment"


@operation("vehicles.assign_driver", permission=WRITE)
def assign_driver(uow: UnitOfWork, command: AssignDriver) -> Assignment:
    """Note that somebody has a vehicle, from now, from then on, or for a time long past.

    Raises NotFound for the vehicle, Rejected with every problem (a second primary driver at one time, a driver who
    is no member), Conflict for a taken id.
    """
    vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    user = uow.actor.user_id
    said: dict[str, Any] = {a.name: getattr(command, a.name) for a in attrs.fields(AssignDriver)}
    said |= {
        "id": command.id or uow.new_id(),
        "driver_name": command.driver_name.strip(),
        "starts_at": _aware(command.starts_at) or uow.now,
        "ends_at": _aware(command.ends_at),
    }
    made = Assignment(**said, created_at=uow.now, created_by=user, updated_at=uow.now, updated_by=user)
    reject_if_any((*check_assignment(made), *primary_problems(made, _rivals(uow, made))))
    return _add(uow, made)


@operation("vehicles.hand_over", permission=WRITE)
def hand_over(uow: UnitOfWork, command: HandOver) -> Assignment:
    """Give a vehicle to its next primary driver: who has it then gives it up, in the same step.

    Entered late, the new assignment lasts until the next one that is known. Returns it. Raises NotFound, Rejected
    with every problem, also when the driver has the vehicle already.
    """
    vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    at, user = _aware(command.at) or uow.now, uow.actor.user_id
    later = uow[ASSIGNMENTS].primary(command.vehicle_id, at)
    before = next((held for held in later if held.starts_at <= at), None)
    after = next((held for held in later if held.starts_at > at), None)
    made = Assignment(
        id=uow.new_id(),
        vehicle_id=command.vehicle_id,
        driver_id=command.driver_id,
        driver_name=command.driver_name.strip(),
        starts_at=at,
        ends_at=None if after is None else after.starts_at,
        notes=command.notes,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
    )
    reject_if_any(check_assignment(made))
    if before is not None:
        if (before.driver_id, before.driver_name) == (made.driver_id, made.driver_name):
            raise Rejected.because("driver_id", "has the vehicle already: there is nothing to hand over", "driver.same")
        if before.starts_at == at:
            raise Rejected.because("at", "is when the driver before began: edit or delete that assignment", "at.taken")
        _change(uow, before, ends_at=at)
    return _add(uow, made)


@operation("vehicles.edit_assignment", permission=WRITE)
def edit_assignment(uow: UnitOfWork, command: EditAssignment) -> Assignment:
    """Replace the times and notes of an assignment, for example to end it.

    Raises NotFound, Rejected with every problem, Conflict for a stale version.
    """
    before = _current(uow, command.id, command.version)
    changes: dict[str, Any] = {
        "starts_at": require_aware(command.starts_at),
        "ends_at": _aware(command.ends_at),
        "is_primary": command.is_primary,
        "notes": command.notes,
    }
    after: Assignment = attrs.evolve(before, **changes)
    reject_if_any((*check_assignment(after), *primary_problems(after, _rivals(uow, after))))
    return _change(uow, before, **changes)


@operation("vehicles.delete_assignment", permission=WRITE)
def delete_assignment(uow: UnitOfWork, command: DeleteAssignment) -> Assignment:
    """Delete an assignment that never was; the audit log keeps it. Raises NotFound, Conflict for a stale version."""
    before = _current(uow, command.id, command.version)
    uow[ASSIGNMENTS].remove(before.id)
    uow.record_change(ENTITY, before.id, before, None)
    uow.emit(AssignmentDeleted(vehicle_id=before.vehicle_id, assignment_id=before.id))
    return before


@query("vehicles.list_assignments", permission=READ, sensitive=of_others("driver_id", "created_by"))
def list_assignments(uow: UnitOfWork, command: ListAssignments) -> Page[Assignment]:
    """List who had the vehicles, newest first; who does not manage vehicles sees when they had them themselves.

    Raises NotFound for a vehicle out of reach.
    """
    if command.vehicle_id is not None:
        require_reach(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    rows = uow[ASSIGNMENTS].page(command, _own(uow), decode_cursor(command), limit + 1)
    reachable = reachable_by(uow, uow.actor, READ)
    page = page_of(rows, limit, lambda held: Position(held.starts_at, held.id), command)
    return attrs.evolve(
        page, items=tuple(held for held in page.items if reachable is None or held.vehicle_id in reachable)
    )


@query("vehicles.who_drove", permission=READ, sensitive=of_others("driver_id", "created_by"))
def who_drove(uow: UnitOfWork, command: WhoDrove) -> tuple[Assignment, ...]:
    """Say who had a vehicle at an instant, or at any time of a stretch: the primary driver first.

    Who does not manage vehicles finds themselves only. Raises NotFound, Rejected when the stretch runs backwards.
    """
    require_reach(uow, command.vehicle_id, READ)
    uow[VEHICLES].get(command.vehicle_id)
    since = require_aware(command.since)
    until = _aware(command.until) or since
    if until < since:
        raise Rejected.because("until", "must not lie before the start")
    own = _own(uow)
    found = uow[ASSIGNMENTS].within(command.vehicle_id, since, until)
    return tuple(held for held in found if own is None or held.driver_id == own)


def end_assignments(uow: UnitOfWork, user_id: UUID) -> None:
    """End now what *user_id*, who leaves the fleet, has; what would begin later never does."""
    for held in uow[ASSIGNMENTS].open_for(user_id, uow.now):
        if held.starts_at < uow.now:
            _change(uow, held, ends_at=uow.now)
        else:
            uow[ASSIGNMENTS].remove(held.id)
            uow.record_change(ENTITY, held.id, held, None)
            uow.emit(AssignmentDeleted(vehicle_id=held.vehicle_id, assignment_id=held.id))


def _own(uow: UnitOfWork) -> UUID | None:
    """Return the only driver whom the actor may look for; None for whoever manages the whole fleet's vehicles."""
    return None if uow.actor.scope(WRITE) is Scope.ALL else uow.actor.user_id


def _aware(instant: datetime | None) -> datetime | None:
    return None if instant is None else require_aware(instant)


def _rivals(uow: UnitOfWork, assignment: Assignment) -> list[Assignment]:
    held = uow[ASSIGNMENTS].primary(assignment.vehicle_id, assignment.starts_at)
    return [other for other in held if other.id != assignment.id]


def _current(uow: UnitOfWork, assignment_id: UUID, version: int) -> Assignment:
    vehicle_of(uow, "assignment", uow[ASSIGNMENTS].get(assignment_id), WRITE, lock=True)
    held = uow[ASSIGNMENTS].get(assignment_id)  # as it is now that nobody else changes the vehicle's drivers
    if held.version != version:
        raise Conflict("the assignment was changed by someone else meanwhile: read it again, then repeat your change")
    return held


def _add(uow: UnitOfWork, made: Assignment) -> Assignment:
    uow[ASSIGNMENTS].add(made)
    uow.record_change(ENTITY, made.id, None, made)
    uow.emit(DriverAssigned(vehicle_id=made.vehicle_id, assignment_id=made.id, driver_id=made.driver_id))
    return made


def _change(uow: UnitOfWork, before: Assignment, **changes: Any) -> Assignment:
    after: Assignment = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[ASSIGNMENTS].replace(after, old_version=before.version)
    uow.record_change(ENTITY, after.id, before, after)
    uow.emit(AssignmentEdited(vehicle_id=after.vehicle_id, assignment_id=after.id))
    return after
