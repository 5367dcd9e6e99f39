"""``fleet maintenance jobs``: plan, start, complete, cancel and reopen work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.wire import unstructure
from fleetcore.maintenance.commands import (
    CancelJob,
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
from fleetcore.maintenance.jobs import (
    cancel_job,
    complete_job,
    edit_job,
    get_job,
    list_jobs,
    reopen_job,
    schedule_job,
    start_job,
)
from fleetcore.maintenance.model import ServiceCategory
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    all_option,
    choice_of,
    limit_option,
    rows_wanted,
    said,
    vehicle_option,
    with_options,
)
from fleetserver.cli.tables import Column, table
from fleetserver.presentation.typed import Typed

from .providers import find_provider
from .work import WORK_OPTIONS, work_fields

__all__ = ["jobs"]

NONE_YET = "No jobs. Plan one: fleet maintenance jobs schedule --vehicle Golf --title 'Front brakes' --on 2026-07-01"
COLUMNS = (
    Column("Planned"),
    Column("Vehicle", flexible=True, drop=3),
    Column("What", flexible=True),
    Column("Status"),
    Column("Estimate", right=True, drop=1),
    Column("Id"),
)
PLAN_OPTIONS = with_options(
    click.option("--category", type=choice_of(ServiceCategory), help="Why it is done. Default: routine."),
    click.option("--on", metavar="DAY", help="The day it is planned for."),
    click.option("--provider", metavar="NAME", help="Who is to do it: `fleet maintenance providers list`."),
    click.option("--estimate", metavar="AMOUNT", help="What it may cost."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--notes", help="Anything else."),
)


@click.group("jobs", cls=FleetGroup)
def jobs() -> None:
    """Plan work on vehicles, start, complete or cancel it."""


def _plan(session: Session, typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    found = given(
        title=options["title"],
        category=options["category"] and ServiceCategory(options["category"]),
        planned_on=typed.day("--on", options["on"]),
        provider_id=find_provider(session, options["provider"]).id if options["provider"] else None,
        estimated_cost=typed.money("--estimate", options["estimate"]),
        tags=options["tags"] or None,
        notes=options["notes"],
    )
    typed.check()
    return found


def _find(session: Session, text: str) -> Job:
    return pick(
        text,
        "job",
        lambda key: session.read(get_job, GetJob(id=key)),
        lambda: everything(lambda cursor, most: session.read(list_jobs, ListJobs(cursor=cursor, limit=most))),
    )


def _json(job: Job, names: dict[UUID, Vehicle]) -> dict[str, Any]:
    vehicle = names.get(job.vehicle_id)
    return {**unstructure(job), "vehicle": vehicle.name if vehicle else None}


def _done(session: Session, job: Job, word: str) -> None:
    names = vehicles_by_id(session)
    vehicle = names.get(job.vehicle_id)
    whose = f"{vehicle.name}, " if vehicle else ""
    session.done(_json(job, names), f"{word}: {whose}{job.title} ({short_id(job.id)}).")


@jobs.command("schedule")
@vehicle_option(required=True)
@click.option("--title", required=True, help="What is to be done.")
@PLAN_OPTIONS
@pass_session
def schedule(session: Session, /, vehicle: str, **options: Any) -> None:
    """Plan work on a vehicle."""
    chosen = find_vehicle(session, vehicle)
    plan = _plan(session, typed_for(session, chosen), options)
    _done(session, session.run(schedule_job, ScheduleJob(vehicle_id=chosen.id, **plan)), "Planned")


@jobs.command("edit")
@click.argument("job_id", metavar="ID")
@click.option("--title", help="What is to be done.")
@PLAN_OPTIONS
@pass_session
def edit(session: Session, /, job_id: str, **options: Any) -> None:
    """Change what is planned of the job ID; what is not given stays."""
    job = _find(session, job_id)
    fields = {**said(job, JobFields), **_plan(session, typed_for(session), options)}
    _done(session, session.run(edit_job, EditJob(id=job.id, version=job.version, **fields)), "Changed")


@jobs.command("start")
@click.argument("job_id", metavar="ID")
@pass_session
def start(session: Session, job_id: str) -> None:
    """Begin the job ID; its vehicle goes under maintenance."""
    job = _find(session, job_id)
    _done(session, session.run(start_job, StartJob(id=job.id, version=job.version)), "Started")


@jobs.command("complete")
@click.argument("job_id", metavar="ID")
@click.option("--title", help="What was done. Default: what was planned.")
@WORK_OPTIONS
@pass_session
def complete(session: Session, /, job_id: str, **options: Any) -> None:
    """Finish the job ID: write its service record and bring the vehicle back.

    fleet maintenance jobs complete ID --odometer 45210 --part '2 x Brake pads @ 34.50' --labour-cost 120
    """
    job = _find(session, job_id)
    names = vehicles_by_id(session)
    fields = work_fields(session, typed_for(session, names.get(job.vehicle_id)), options, job.vehicle_id)
    done = session.run(complete_job, CompleteJob(id=job.id, version=job.version, **fields))
    cost = session.display.money(done.service.total)
    session.done(done, f"Completed: {done.service.title}, {cost}. Its record: {short_id(done.service.id)}.")


@jobs.command("cancel")
@click.argument("job_id", metavar="ID")
@click.option("--reason", default="", help="Why.")
@pass_session
def cancel(session: Session, *, job_id: str, reason: str) -> None:
    """Give the job ID up; a vehicle that was under maintenance for it comes back."""
    job = _find(session, job_id)
    _done(session, session.run(cancel_job, CancelJob(id=job.id, version=job.version, reason=reason)), "Cancelled")


@jobs.command("reopen")
@click.argument("job_id", metavar="ID")
@pass_session
def reopen(session: Session, job_id: str) -> None:
    """Take the job ID up again; the record that completing it wrote is deleted."""
    job = _find(session, job_id)
    _done(session, session.run(reopen_job, ReopenJob(id=job.id, version=job.version)), "Reopened")


@jobs.command("list")
@vehicle_option()
@click.option("--status", type=choice_of(JobStatus), multiple=True, help="Only of this status; may be repeated.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, vehicle: str | None, status: tuple[str, ...], limit: int | None, show_all: bool) -> None:
    """List jobs, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    statuses = tuple(map(JobStatus, status))

    def asked(cursor: str | None, most: int) -> ListJobs:
        return ListJobs(vehicle_id=chosen.id if chosen else None, statuses=statuses, cursor=cursor, limit=most)

    found, more = some_of(
        lambda cursor, most: session.read(list_jobs, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No jobs of this kind." if chosen or statuses else NONE_YET
            return
        yield from table(COLUMNS, [_row(session, job, names) for job in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"jobs": [_json(job, names) for job in found]}, human)


def _row(session: Session, job: Job, names: dict[UUID, Vehicle]) -> list[str]:
    vehicle = names.get(job.vehicle_id)
    return [
        str(job.planned_on or ""),
        vehicle.name if vehicle else "",
        job.title,
        job.status.replace("_", " "),
        session.display.money(job.estimated_cost),
        short_id(job.id),
    ]
