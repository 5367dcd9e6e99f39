"""Plan, start, complete, cancel and reopen jobs; a running job keeps its vehicle under maintenance."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar

import attrs

from fleetcore.attachments.reach import follow_record
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.days import Calendar
from fleetcore.kernel.errors import Conflict, NotFound, Problem, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.model import Vehicle, VehicleState
from fleetcore.vehicles.service import move_to_state

from .commands import (
    CancelJob,
    CompletedJob,
    CompleteJob,
    EditJob,
    GetJob,
    Job,
    JobFields,
    JobStatus,
    ListJobs,
    ReopenJob,
    ScheduleJob,
    StartJob,
)
from .events import (
    MaintenanceCancelled,
    MaintenanceCompleted,
    MaintenanceReopened,
    MaintenanceRescheduled,
    MaintenanceScheduled,
    MaintenanceStarted,
)
from .ports import JOBS, SERVICES
from .rules import change_problems, job_problems, reason_problems, reopening_problems, transition_problems
from .service import require_provider, take_back, write_service

__all__ = [
    "cancel_job",
    "complete_job",
    "edit_job",
    "get_job",
    "list_jobs",
    "new_job",
    "reopen_job",
    "schedule_job",
    "start_job",
]

READ, SCHEDULE, WORK = "maintenance.read", "maintenance.schedule", "maintenance.work"
ENTITY = "maintenance.job"
FIELDS = tuple(attribute.name for attribute in attrs.fields(JobFields))
TOLD = ("vehicle_id", "category", "planned_on", "provider_id")
Told = TypeVar(
    "Told",
    MaintenanceScheduled,
    MaintenanceRescheduled,
    MaintenanceStarted,
    MaintenanceCompleted,
    MaintenanceCancelled,
    MaintenanceReopened,
)


def _told(kind: type[Told], job: Job, **more: Any) -> Told:
    said = {name: getattr(job, name) for name in TOLD}
    return kind(job_id=job.id, job_version=job.version, **said, **more)


def _current(
    uow: UnitOfWork, command: EditJob | StartJob | CompleteJob | CancelJob | ReopenJob, permission: str
) -> tuple[Job, Vehicle]:
    """Return the job that *command* may change, and its vehicle, locked. Raises NotFound, Forbidden, Conflict."""
    vehicle = vehicle_of(uow, "job", uow[JOBS].get(command.id), permission, lock=True)
    job = uow[JOBS].get(command.id)  # as it is now that nobody else can start or end a job of the vehicle
    require_change(uow, "job", job, read=READ, write=permission, done="this job was planned")
    if job.version != command.version or job.vehicle_id != vehicle.id:
        raise Conflict(f"the job {job.id} was changed by someone else meanwhile: read it again, then repeat")
    return job, vehicle


def _save(uow: UnitOfWork, before: Job, **changes: Any) -> Job:
    after: Job = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[JOBS].replace(after, old_version=before.version)
    follow_record(uow, ENTITY, after.id, old_vehicle_id=before.vehicle_id, vehicle_id=after.vehicle_id)
    uow.record_change(ENTITY, after.id, before, after)
    return after


def _take_in(uow: UnitOfWork, vehicle: Vehicle) -> None:
    """Put the vehicle under maintenance, unless it is already. Raises Rejected where that is no legal transition."""
    if vehicle.state is not VehicleState.UNDER_MAINTENANCE:
        move_to_state(uow, vehicle, VehicleState.UNDER_MAINTENANCE)


def _let_out(uow: UnitOfWork, vehicle: Vehicle) -> None:
    """Bring the vehicle back once the last of its running jobs has ended."""
    if vehicle.state is VehicleState.UNDER_MAINTENANCE and not uow[JOBS].is_in_work(vehicle.id):
        move_to_state(uow, vehicle, VehicleState.ACTIVE)


@operation("maintenance.schedule_job", permission=SCHEDULE)
def schedule_job(uow: UnitOfWork, command: ScheduleJob) -> Job:
    """Plan work on a vehicle. Raises Forbidden, NotFound, Conflict for a taken id, Rejected with every problem."""
    vehicle_for(uow, command.vehicle_id, SCHEDULE)
    return new_job(uow, command)


def new_job(uow: UnitOfWork, command: ScheduleJob) -> Job:
    """Store a job on a vehicle that the caller may plan for. Raises Rejected, NotFound, Conflict."""
    reject_if_any(job_problems(command))
    require_provider(uow, command.provider_id)
    said = {name: getattr(command, name) for name in FIELDS}
    user = uow.actor.user_id
    job = Job(
        id=command.id or uow.new_id(), created_at=uow.now, created_by=user, updated_at=uow.now, updated_by=user, **said
    )
    uow[JOBS].add(job)
    uow.record_change(ENTITY, job.id, None, job)
    uow.emit(_told(MaintenanceScheduled, job))
    return job


@operation("maintenance.edit_job", permission=SCHEDULE)
def edit_job(uow: UnitOfWork, command: EditJob) -> Job:
    """Replace what was planned; only a job that is not over can be changed, and a running one keeps its vehicle.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected with every problem.
    """
    before, _ = _current(uow, command, SCHEDULE)
    problems = [*change_problems(before.status), *job_problems(command)]
    if command.vehicle_id != before.vehicle_id:
        vehicle_for(uow, command.vehicle_id, SCHEDULE)
        if before.status is JobStatus.IN_PROGRESS:
            problems.append(Problem("vehicle_id", "cannot change while the job is in progress", "job.running"))
    reject_if_any(problems)
    require_provider(uow, command.provider_id, before.provider_id)
    after = _save(uow, before, **{name: getattr(command, name) for name in FIELDS})
    uow.emit(_told(MaintenanceRescheduled, after))
    return after


@operation("maintenance.start_job", permission=WORK)
def start_job(uow: UnitOfWork, command: StartJob) -> Job:
    """Begin a planned job: its vehicle goes under maintenance.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected when the job is not planned or the
    vehicle cannot go under maintenance.
    """
    before, vehicle = _current(uow, command, WORK)
    reject_if_any(transition_problems(before.status, JobStatus.IN_PROGRESS))
    _take_in(uow, vehicle)
    after = _save(uow, before, status=JobStatus.IN_PROGRESS, started_at=uow.now)
    uow.emit(_told(MaintenanceStarted, after))
    return after


@operation("maintenance.complete_job", permission=WORK)
def complete_job(uow: UnitOfWork, command: CompleteJob) -> CompletedJob:
    """Finish a running job: write its service record with parts, labour and cost, and bring the vehicle back.

    The vehicle stays under maintenance while another of its jobs runs. Raises NotFound, Forbidden, Conflict for
    a stale version, Rejected when the job does not run and with every problem of the record.
    """
    before, vehicle = _current(uow, command, WORK)
    reject_if_any(transition_problems(before.status, JobStatus.COMPLETED))
    service = write_service(uow, before.vehicle_id, _done(uow, before, command), uow.new_id())
    after = _save(uow, before, status=JobStatus.COMPLETED, ended_at=uow.now, service_id=service.id)
    _let_out(uow, vehicle)
    uow.emit(_told(MaintenanceCompleted, after, service_id=service.id))
    return CompletedJob(job=after, service=service)


def _done(uow: UnitOfWork, job: Job, command: CompleteJob) -> CompleteJob:
    """Return *command* with what it leaves unsaid: today, and the title, category and provider of the job."""
    done_on = command.done_on
    if done_on is None and command.at is None:
        done_on = Calendar(now=uow.now, timezone=fleet_of(uow).timezone).today
    return attrs.evolve(
        command,
        done_on=done_on,
        title=command.title if command.title.strip() else job.title,
        category=command.category or job.category,
        provider_id=command.provider_id or job.provider_id,
    )


@operation("maintenance.cancel_job", permission=SCHEDULE)
def cancel_job(uow: UnitOfWork, command: CancelJob) -> Job:
    """Give up a job that is not completed; a running one lets its vehicle out.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected when it is over.
    """
    before, vehicle = _current(uow, command, SCHEDULE)
    reject_if_any((*transition_problems(before.status, JobStatus.CANCELLED), *reason_problems(command.reason)))
    after = _save(uow, before, status=JobStatus.CANCELLED, ended_at=uow.now, reason=command.reason)
    if before.status is JobStatus.IN_PROGRESS:
        _let_out(uow, vehicle)
    uow.emit(_told(MaintenanceCancelled, after))
    return after


@operation("maintenance.reopen_job", permission=SCHEDULE)
def reopen_job(uow: UnitOfWork, command: ReopenJob) -> Job:
    """Take up a job again: a cancelled one is planned once more, a completed one runs once more.

    The service record of a completed job is deleted, with its readings and its cost, and its vehicle goes under
    maintenance; that needs the permission maintenance.work too. Raises NotFound, Forbidden, Conflict, Rejected.
    """
    before, vehicle = _current(uow, command, SCHEDULE)
    reject_if_any(reopening_problems(before.status))
    if before.status is JobStatus.COMPLETED:
        uow.actor.require(WORK)
        _take_in(uow, vehicle)
        _take_record_back(uow, before)
        after = _save(uow, before, status=JobStatus.IN_PROGRESS, ended_at=None, service_id=None)
    else:
        after = _save(uow, before, status=JobStatus.SCHEDULED, started_at=None, ended_at=None, reason="")
    uow.emit(_told(MaintenanceReopened, after))
    return after


def _take_record_back(uow: UnitOfWork, job: Job) -> None:
    """Delete the service record that the job wrote, unless it was deleted by hand or moved to another vehicle."""
    if job.service_id is None:
        return
    try:
        service = uow[SERVICES].get(job.service_id)
    except NotFound:
        return
    if service.vehicle_id == job.vehicle_id:
        take_back(uow, service)


@query("maintenance.get_job", permission=READ)
def get_job(uow: UnitOfWork, command: GetJob) -> Job:
    """Return one job. Raises NotFound."""
    job = uow[JOBS].get(command.id)
    vehicle_of(uow, "job", job, READ)
    if not may_touch(uow, READ, job.created_by):
        raise NotFound("job", job.id)
    return job


@query("maintenance.list_jobs", permission=READ)
def list_jobs(uow: UnitOfWork, command: ListJobs) -> Page[Job]:
    """List jobs, newest first, of one vehicle or of all that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    rows = uow[JOBS].page(command, reachable_vehicles(uow, READ), own, decode_cursor(command), limit + 1)
    return page_of(rows, limit, position_by(command.sort, {"created_at": attrgetter("created_at")}), command)
