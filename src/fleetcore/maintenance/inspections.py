"""Record inspections and retests, change and delete them, and plan repairs of what failed."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.days import Calendar
from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.people.ports import MEMBERS
from fleetcore.people.service import fleet_of
from fleetcore.reminders.links import answer_reminders
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.events import Work
from fleetcore.vehicles.instants import fitting_instant
from fleetcore.vehicles.meters import ReadingNote, note_meters, withdraw_reading

from .checklists import find_checklist
from .commands import ScheduleJob
from .inspection_events import (
    InspectionClosed,
    InspectionDeleted,
    InspectionEdited,
    InspectionFailed,
    InspectionRecorded,
    InspectionRepairsScheduled,
)
from .inspection_model import (
    ChecklistItem,
    DeleteInspection,
    EditInspection,
    GetInspection,
    Inspection,
    InspectionFields,
    ListInspections,
    Outcome,
    RecordInspection,
    ScheduleRepairs,
)
from .inspection_rules import checked_items, inspection_problems, items_again, result_of, result_problems
from .jobs import new_job
from .model import ServiceCategory
from .ports import INSPECTIONS

__all__ = [
    "delete_inspection",
    "edit_inspection",
    "get_inspection",
    "list_inspections",
    "record_inspection",
    "schedule_repairs",
]

READ, WORK, SCHEDULE = "maintenance.read", "maintenance.work", "maintenance.schedule"
SOURCE = "maintenance.inspection"
TITLE_LENGTH_MAX = 200
Told = TypeVar("Told", InspectionRecorded, InspectionFailed, InspectionEdited)


def _told(kind: type[Told], inspection: Inspection) -> Told:
    return kind(
        inspection_id=inspection.id,
        vehicle_id=inspection.vehicle_id,
        checklist=inspection.checklist,
        done_on=inspection.done_on,
        result=inspection.result,
        failed=len(inspection.failed),
        retest_of=inspection.retest_of,
        inspection_version=inspection.version,
    )


def _accepted(uow: UnitOfWork, command: InspectionFields, items: tuple[ChecklistItem, ...]) -> dict[str, Any]:
    """Return the fields of the fact that *command* asks for. Raises Rejected with every problem, NotFound."""
    calendar = Calendar(now=uow.now, timezone=fleet_of(uow).timezone)
    reject_if_any((*inspection_problems(command, calendar), *result_problems(items, command.results)))
    inspector_id = command.inspector_id or uow.actor.user_id
    if inspector_id != uow.actor.user_id and uow[MEMBERS].find(inspector_id) is None:
        raise NotFound("member", inspector_id)
    checked = checked_items(items, command.results)
    return {
        "done_on": command.done_on,
        "odometer": command.odometer,
        "inspector_id": inspector_id,
        "items": checked,
        "result": result_of(checked),
        "notes": command.notes,
        "reminder_ids": tuple(dict.fromkeys(command.reminder_ids)),
    }


def _answers(inspection: Inspection) -> tuple[UUID, ...]:
    """Return the reminders that *inspection* answers: a failed one answers none."""
    return inspection.reminder_ids if inspection.result is Outcome.PASS and inspection.deleted_at is None else ()


def _settle(uow: UnitOfWork, before: Inspection | None, after: Inspection, *, accept_jump: bool = False) -> Inspection:
    """Return *after* with its reading and its answers to reminders in the place of those of *before*."""
    released = () if before is None else tuple(each for each in _answers(before) if each not in _answers(after))
    work = Work(
        record_id=after.id,
        done_on=after.done_on,
        odometer=after.odometer,
        answers=_answers(after),
        released=released,
    )
    if before is not None and before.reading_id is not None:
        withdraw_reading(uow, before.reading_id)
    notes = []
    if after.odometer is not None and after.deleted_at is None:
        calendar = Calendar(now=uow.now, timezone=fleet_of(uow).timezone)
        metres = after.odometer.metres
        at = fitting_instant(uow, after.vehicle_id, metres, after.done_on, calendar)
        notes.append(
            ReadingNote(
                vehicle_id=after.vehicle_id,
                value=metres,
                at=at,
                source=SOURCE,
                source_id=after.id,
                accept_jump=accept_jump,
            )
        )
    noted = note_meters(uow, notes, work)
    if not noted:
        answer_reminders(uow, after.vehicle_id, work)
    return attrs.evolve(after, reading_id=noted[0].id if noted else None)


@operation("maintenance.record_inspection", permission=WORK)
def record_inspection(uow: UnitOfWork, command: RecordInspection) -> Inspection:
    """Record an inspection by a checklist, or the retest of a failed one, which it closes.

    Raises Forbidden, NotFound for the vehicle, the checklist or the failed inspection, Conflict for a taken id,
    Rejected with every problem: an item without a result, a value beyond its limits that is said to pass.
    """
    vehicle_for(uow, command.vehicle_id, WORK, lock=True)
    first = None if command.retest_of is None else _to_retest(uow, command.retest_of, command.vehicle_id)
    if first is None:
        if not command.checklist:
            raise Rejected.because("checklist", "is needed, or the failed inspection as retest_of", "required")
        found = find_checklist(uow, command.checklist)
        key, title, items = found.key, found.name, found.items
    else:
        key, title = first.checklist, first.title
        items = items_again(first.items if command.whole else first.failed)
    user = uow.actor.user_id
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    inspection = Inspection(
        id=command.id or uow.new_id(),
        vehicle_id=command.vehicle_id,
        checklist=key,
        title=title,
        retest_of=command.retest_of,
        **_accepted(uow, command, items),
        **history,
    )
    inspection = _settle(uow, None, inspection, accept_jump=command.accept_odometer_jump)
    uow[INSPECTIONS].add(inspection)
    uow.record_change(SOURCE, inspection.id, None, inspection)
    uow.emit(_told(InspectionRecorded, inspection))
    if inspection.result is Outcome.FAIL:
        uow.emit(_told(InspectionFailed, inspection))
    if first is not None:
        _save(uow, first, closed_by=inspection.id)
        uow.emit(InspectionClosed(inspection_id=first.id, vehicle_id=first.vehicle_id, closed_by=inspection.id))
    return inspection


def _to_retest(uow: UnitOfWork, inspection_id: UUID, vehicle_id: UUID) -> Inspection:
    """Return the failed inspection that can be tested again. Raises NotFound, Rejected."""
    first = uow[INSPECTIONS].get(inspection_id)
    if first.vehicle_id != vehicle_id:
        raise NotFound("inspection", inspection_id)
    if first.result is not Outcome.FAIL:
        raise Rejected.because("retest_of", "was passed: there is nothing to test again", "inspection.passed")
    if first.closed_by is not None:
        message = f"was closed by the retest {first.closed_by} already: test that one again if it failed"
        raise Rejected.because("retest_of", message, "inspection.closed")
    return first


def _current(
    uow: UnitOfWork, command: EditInspection | DeleteInspection | ScheduleRepairs, permission: str
) -> Inspection:
    """Return the inspection that *command* may change, its vehicle locked. Raises NotFound, Forbidden, Conflict."""
    vehicle_of(uow, "inspection", uow[INSPECTIONS].get(command.id), permission, lock=True)
    inspection = uow[INSPECTIONS].get(command.id)
    require_change(uow, "inspection", inspection, read=READ, write=permission, done="this inspection was recorded")
    if inspection.version != command.version:
        raise Conflict(
            f"the inspection {inspection.id} was changed by someone else meanwhile: read it again, then repeat"
        )
    return inspection


def _save(uow: UnitOfWork, before: Inspection, **changes: Any) -> Inspection:
    after: Inspection = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[INSPECTIONS].replace(after, old_version=before.version)
    uow.record_change(SOURCE, after.id, before, None if after.deleted_at is not None else after)
    return after


def _retested(inspection: Inspection) -> list[Problem]:
    if inspection.closed_by is None:
        return []
    message = f"cannot change: the retest {inspection.closed_by} closed it; delete the retest first"
    return [Problem("id", message, "inspection.closed")]


@operation("maintenance.edit_inspection", permission=WORK)
def edit_inspection(uow: UnitOfWork, command: EditInspection) -> Inspection:
    """Replace what was found by an inspection; its items, its vehicle and what it is a retest of stay.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected with every problem, also after a retest.
    """
    before = _current(uow, command, WORK)
    problems = _retested(before)
    if command.vehicle_id != before.vehicle_id:
        problems.append(Problem("vehicle_id", "an inspection stays with its vehicle: delete it and record it there"))
    reject_if_any(problems)
    fields = _accepted(uow, command, items_again(before.items))
    after = _settle(uow, before, attrs.evolve(before, **fields), accept_jump=command.accept_odometer_jump)
    after = _save(uow, before, **fields, reading_id=after.reading_id)
    uow.emit(_told(InspectionEdited, after))
    if after.result is Outcome.FAIL and before.result is not Outcome.FAIL:
        uow.emit(_told(InspectionFailed, after))
    return after


@operation("maintenance.delete_inspection", permission=WORK)
def delete_inspection(uow: UnitOfWork, command: DeleteInspection) -> Inspection:
    """Delete an inspection with its reading; what it closed as a retest is open again.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected for one that a retest has closed.
    """
    before = _current(uow, command, WORK)
    reject_if_any(_retested(before))
    gone = _settle(uow, before, attrs.evolve(before, deleted_at=uow.now))
    after = _save(uow, before, deleted_at=uow.now, reading_id=gone.reading_id)
    if before.retest_of is not None:
        _save(uow, uow[INSPECTIONS].get(before.retest_of), closed_by=None)
    uow.emit(InspectionDeleted(inspection_id=after.id, vehicle_id=after.vehicle_id, inspection_version=after.version))
    return after


@operation("maintenance.schedule_repairs", permission=SCHEDULE)
def schedule_repairs(uow: UnitOfWork, command: ScheduleRepairs) -> Inspection:
    """Plan one job for everything that failed in an inspection, and return the inspection, which names it.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected when nothing failed or a job is planned.
    """
    before = _current(uow, command, SCHEDULE)
    if before.result is not Outcome.FAIL:
        raise Rejected.because("id", "nothing failed in this inspection", "inspection.passed")
    if before.job_id is not None:
        raise Rejected.because("id", f"the job {before.job_id} is planned for it already", "inspection.planned")
    lines = [f"- {item.title}{_found(item.value, item.unit, item.note)}" for item in before.failed]
    job = new_job(
        uow,
        ScheduleJob(
            vehicle_id=before.vehicle_id,
            title=f"Repairs after: {before.title}"[:TITLE_LENGTH_MAX],
            category=ServiceCategory.REPAIR,
            planned_on=command.planned_on,
            provider_id=command.provider_id,
            estimated_cost=command.estimated_cost,
            notes="\n".join(lines),
        ),
    )
    after = _save(uow, before, job_id=job.id)
    uow.emit(InspectionRepairsScheduled(inspection_id=after.id, vehicle_id=after.vehicle_id, job_id=job.id))
    return after


def _found(value: Any, unit: str, note: str) -> str:
    measured = "" if value is None else f"{value:f} {unit}".strip()
    words = "; ".join(part for part in (measured, note) if part)
    return f": {words}" if words else ""


@query("maintenance.get_inspection", permission=READ)
def get_inspection(uow: UnitOfWork, command: GetInspection) -> Inspection:
    """Return one inspection. Raises NotFound."""
    inspection = uow[INSPECTIONS].get(command.id)
    vehicle_of(uow, "inspection", inspection, READ)
    if not may_touch(uow, READ, inspection.created_by):
        raise NotFound("inspection", inspection.id)
    return inspection


@query("maintenance.list_inspections", permission=READ)
def list_inspections(uow: UnitOfWork, command: ListInspections) -> Page[Inspection]:
    """List inspections, newest first, of one vehicle or of all that one may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    rows = uow[INSPECTIONS].page(command, reachable_vehicles(uow, READ), own, decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda inspection: Position(inspection.created_at, inspection.id), command)
