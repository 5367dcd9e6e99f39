"""Pages of jobs: work that is planned, begun, finished with what was done, or given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.maintenance.commands import GetJob, Job, JobStatus, ReopenJob, StartJob
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
from fleetcore.maintenance.model import Part
from fleetcore.vehicles.model import GetVehicle, VehicleState
from fleetcore.vehicles.service import get_vehicle
from fleetserver.pages.asking import ask_if_sure, is_sure
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Action, Column, Desk, Filter, Records, Words, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo
from fleetserver.pages.steps import Step
from fleetserver.pages.undoing import in_turn
from fleetserver.pages.visits import Visit

from .pages import provider_field, service_categories, work_fields

__all__ = ["PAGES"]

OPEN = (JobStatus.SCHEDULED, JobStatus.IN_PROGRESS)


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    return (
        vehicle_field(desk),
        Field(name="title", label=_("What is to be done"), is_required=True),
        Field(name="planned_on", label=_("Planned for"), kind=Kind.DAY),
        Field(
            name="category",
            label=_("Kind"),
            kind=Kind.CHOICE,
            choices=service_categories(desk.visit),
            is_required=True,
            beside=True,
        ),
        provider_field(desk.visit),
        Field(name="estimated_cost", label=_("Costs about"), kind=Kind.MONEY, beside=True),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
        Field(name="tags", label=_("Tags"), kind=Kind.TAGS, hint=_("Separated by commas.")),
    )


def _status(visit: Visit, job: Job, _vehicle: Any = None) -> str:
    return visit.language.text(job.status.value.replace("_", " ").capitalize())


def _actions(visit: Visit, job: Job) -> Sequence[Action]:
    _, at = visit.language.text, f"/jobs/{job.id}"
    found = []
    if job.status is JobStatus.SCHEDULED and visit.may("maintenance.work"):
        found.append(Action(to=f"{at}/start", label=_("Start"), icon="play", is_post=True, is_first=True))
    if job.status in OPEN:
        if visit.may("maintenance.work"):
            is_begun = job.status is JobStatus.IN_PROGRESS
            found.append(Action(to=f"{at}/complete", label=_("It is done"), icon="check", is_first=is_begun))
        if visit.may("maintenance.schedule"):
            found.append(Action(to=f"{at}/cancel", label=_("Give it up"), icon="x"))
    elif visit.may("maintenance.schedule"):
        found.append(Action(to=f"{at}/reopen", label=_("Take it up again"), icon="undo-2", is_post=True))
    if job.service_id is not None:
        found.append(Action(to=f"/maintenance/{job.service_id}", label=_("What was done"), icon="wrench"))
    return found


RECORDS = Records(
    path="/jobs",
    entity="maintenance.job",
    words=Words(
        one="Job",
        many="Jobs",
        add="Plan a job",
        save="Save job",
        empty="Work that is planned: what, when and where. When it is done, it becomes a service by itself.",
    ),
    columns=(
        Column(title="What is to be done", text=lambda _visit, job, _vehicle: job.title),
        Column(title="Planned for", text=lambda visit, job, _vehicle: visit.day(job.planned_on)),
        Column(title="Status", text=_status),
        Column(title="Costs about", text=lambda visit, job, _vehicle: visit.money(job.estimated_cost), is_number=True),
    ),
    fields=_fields,
    list=list_jobs,
    get=get_job,
    record=schedule_job,
    edit=edit_job,
    title=lambda visit, job: f"{job.title} ({_status(visit, job)})",
    starts_with=lambda _desk: {"category": "routine"},
    actions=_actions,
    lands="record",
    filters=(
        Filter(
            name="statuses",
            label="Status",
            choices=lambda desk: tuple(
                Choice(each.value, desk.visit.language.text(each.value.replace("_", " ").capitalize()))
                for each in JobStatus
            ),
            read=lambda said: (JobStatus(said),),
        ),
    ),
)


def _completed_with(visit: Visit, job: Job, values: dict[str, Any]) -> dict[str, Any]:
    """Say the job's own words where nothing else was typed."""
    del visit
    return {key: value for key, value in {"title": job.title, **values}.items() if value is not None}


def _done_today(desk: Desk) -> Mapping[str, str]:
    job = desk.record
    said = {"done_on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"}
    said |= {"category": job.category.value, "provider_id": str(job.provider_id or "")}
    return {name: text for name, text in said.items() if text}


def _back_in_hand(_record: Any, answer: Any) -> Undo:
    job = getattr(answer, "job", answer)
    return Undo(operation=reopen_job.name, values={"id": str(job.id), "version": job.version})


COMPLETE = Step(
    path="/jobs/{id}/complete",
    name="The job is done",
    save="Save what was done",
    intro="It is kept as a service of the vehicle, with its costs.",
    get=get_job,
    operation=complete_job,
    fields=work_fields,
    starts_with=_done_today,
    finish=_completed_with,
    lines={"parts": Part},
    said="Done, and kept as a service.",
    lands=lambda _record, answer: f"/maintenance/{answer.service.id}",
    undo=_back_in_hand,
)
CANCEL = Step(
    path="/jobs/{id}/cancel",
    name="Give the job up",
    save="Give it up",
    get=get_job,
    operation=cancel_job,
    fields=lambda desk: (Field(name="reason", label=desk.visit.language.text("Why")),),
    said="Given up.",
    lands=lambda record, _answer: f"/jobs/{record.id}",
    undo=_back_in_hand,
)


def _asked(visit: Visit) -> Job:
    if (job_id := visit.id("id")) is None:
        raise NotFound("job", visit.sent.names["id"])
    return visit.answer(get_job, GetJob(id=job_id))


def _moved(
    visit: Visit, job: Job, operation: Any, command_type: Any, said: str, *, undo: Callable[[Job], Undo | None]
) -> Outcome:
    to = f"/jobs/{job.id}"
    try:
        after = visit.run(operation, command_type(id=job.id, version=job.version))
    except (Rejected, Conflict) as refused:
        return Redirect(to=to, message=visit.language.text("Nothing was changed: {reason}", reason=str(refused)))
    return Redirect(to=to, message=visit.language.text(said), undo=undo(after))


def _given_up(job: Job, reason: str = "") -> Undo:
    return Undo(operation=cancel_job.name, values={"id": str(job.id), "version": job.version, "reason": reason})


def start(visit: Visit) -> Outcome:
    """Begin the job; its vehicle goes under maintenance."""
    job = _asked(visit)
    state = visit.answer(get_vehicle, GetVehicle(id=job.vehicle_id)).state

    def planned_again(after: Job) -> Undo | None:
        """Given up, the vehicle comes out, in use; taken up again, the job is planned as before."""
        if state is not VehicleState.ACTIVE or not visit.may("maintenance.schedule"):
            return None
        reopened = {"id": str(after.id), "version": after.version + 1}
        return in_turn(_given_up(after), Undo(operation=reopen_job.name, values=reopened))

    return _moved(
        visit, job, start_job, StartJob, "The job has begun; the vehicle is under maintenance.", undo=planned_again
    )


def reopen(visit: Visit) -> Outcome:
    """Take a job up again that was over; of one that is done its service goes, so that is asked first."""
    job = _asked(visit)
    if job.status is JobStatus.COMPLETED and not is_sure(visit):
        _ = visit.language.text
        return ask_if_sure(
            visit,
            job.title,
            f"/jobs/{job.id}",
            asks=_("Take {title} up again?", title=job.title),
            tells=_("What was done is deleted with its costs, and has to be typed again. This cannot be taken back."),
            yes=_("Yes, take it up again"),
            no=_("No, leave it done"),
        )
    is_cancelled = job.status is JobStatus.CANCELLED
    return _moved(
        visit, job, reopen_job, ReopenJob, "The job is taken up again.",
        undo=lambda after: _given_up(after, job.reason) if is_cancelled else None,
    )  # fmt: skip


PAGES = (
    *RECORDS.routes(),
    *COMPLETE.routes(),
    *CANCEL.routes(),
    PageRoute(method="POST", path="/jobs/{id}/start", show=start),
    PageRoute(method="POST", path="/jobs/{id}/reopen", show=reopen),
)
