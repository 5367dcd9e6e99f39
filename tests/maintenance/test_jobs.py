"""Jobs: their life, the state of their vehicle, and the service record that completing one writes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.maintenance.commands import EditJob, GetJob, JobStatus, ListJobs
from fleetcore.maintenance.jobs import edit_job, get_job, list_jobs
from fleetcore.maintenance.model import Part, ServiceCategory
from fleetcore.testing.builders import euros, km
from fleetcore.vehicles.model import ChangeState, VehicleState
from fleetcore.vehicles.service import change_state

from .conftest import TODAY, Desk

ACTIVE, IN_WORK = VehicleState.ACTIVE, VehicleState.UNDER_MAINTENANCE


def test_a_job_from_plan_to_record(desk: Desk) -> None:
    """Starting puts the vehicle under maintenance, completing writes the record and brings the vehicle back."""
    garage = desk.provider()
    job = desk.schedule(
        category=ServiceCategory.REPAIR, planned_on=date(2026, 6, 10), provider_id=garage.id, estimated_cost=euros(300)
    )
    started = desk.start(job)
    state = desk.state()
    pads = Part(name="Pads", unit_cost=euros(40))
    done = desk.complete(started, odometer=km(45_000), parts=(pads,), labour_cost=euros(100))

    assert (JobStatus.SCHEDULED, JobStatus.IN_PROGRESS, IN_WORK) == (job.status, started.status, state)
    assert (JobStatus.COMPLETED, done.service.id) == (done.job.status, done.job.service_id)
    assert ("Brakes", ServiceCategory.REPAIR, garage.id, TODAY, euros(140)) == (
        done.service.title, done.service.category, done.service.provider_id, done.service.done_on, done.service.total,
    )  # fmt: skip
    assert (done.service,) == desk.list()
    assert {"expenses.repair": 14_000, "assets.bank": -14_000} == desk.balances()
    assert desk.state() is ACTIVE
    assert done.job == desk.core.read(desk.actor, get_job, GetJob(id=job.id))


def test_the_last_running_job_brings_the_vehicle_back(desk: Desk) -> None:
    """While one of two running jobs is not over, the vehicle stays under maintenance."""
    first, second = desk.start(desk.schedule()), desk.start(desk.schedule(title="Tyres"))
    desk.complete(first)
    between = desk.state()
    desk.cancel(second, reason="no tyres")

    assert between is IN_WORK
    assert desk.state() is ACTIVE


def test_a_state_set_by_hand_is_left_alone(desk: Desk) -> None:
    """A vehicle that was taken back into use during the job stays there when the job ends."""
    job = desk.start(desk.schedule())
    desk.core.run(desk.actor, change_state, ChangeState(id=desk.vehicle_id, state=VehicleState.DECOMMISSIONED))
    desk.complete(job)

    assert desk.state() is VehicleState.DECOMMISSIONED


def test_a_decommissioned_vehicle_cannot_be_taken_in(desk: Desk) -> None:
    """A job on a vehicle that cannot go under maintenance does not start."""
    job = desk.schedule()
    desk.core.run(desk.actor, change_state, ChangeState(id=desk.vehicle_id, state=VehicleState.DECOMMISSIONED))

    with pytest.raises(Rejected):
        desk.start(job)
    assert job == desk.core.read(desk.actor, get_job, GetJob(id=job.id))


def test_illegal_moves_are_refused(desk: Desk) -> None:
    """A job moves along the legal transitions only, and what is refused changes nothing."""
    planned = desk.schedule()
    running = desk.start(desk.schedule())
    over = desk.complete(desk.start(desk.schedule())).job
    given_up = desk.cancel(desk.schedule())
    refused: list[tuple[Any, Any]] = [
        (desk.complete, planned), (desk.reopen, planned), (desk.start, running), (desk.reopen, running),
        (desk.start, over), (desk.complete, over), (desk.cancel, over),
        (desk.start, given_up), (desk.complete, given_up), (desk.cancel, given_up),
    ]  # fmt: skip
    for act, job in refused:
        with pytest.raises(Rejected):
            act(job)
        assert job == desk.core.read(desk.actor, get_job, GetJob(id=job.id))


def test_a_completed_job_is_reopened(desk: Desk) -> None:
    """Reopening takes the record and its cost back and the vehicle in; completing again writes one record."""
    done = desk.complete(desk.start(desk.schedule()), total=euros(100), odometer=km(45_000))
    reopened = desk.reopen(done.job)
    between = (desk.list(), desk.balances(), desk.state())
    again = desk.complete(reopened, total=euros(120), odometer=km(45_000))

    assert (JobStatus.IN_PROGRESS, None) == (reopened.status, reopened.service_id)
    assert ((), {}, IN_WORK) == between
    assert (again.service,) == desk.list()
    assert {"expenses.service": 12_000, "assets.bank": -12_000} == desk.balances()


def test_a_cancelled_job_is_reopened(desk: Desk) -> None:
    """A cancelled job is planned once more, as if nothing had been."""
    reopened = desk.reopen(desk.cancel(desk.schedule(), reason="later"))

    assert (JobStatus.SCHEDULED, "", None) == (reopened.status, reopened.reason, reopened.ended_at)


def test_reopening_after_the_record_was_deleted(desk: Desk) -> None:
    """A job whose record was deleted by hand can be reopened all the same."""
    done = desk.complete(desk.start(desk.schedule()), total=euros(100))
    desk.delete(done.service)

    assert desk.reopen(done.job).status is JobStatus.IN_PROGRESS


def test_what_is_planned_can_be_changed(desk: Desk) -> None:
    """A job that is not over is edited by version; one that is over is not."""
    job = desk.schedule()
    command = EditJob(id=job.id, version=1, vehicle_id=desk.vehicle_id, title="Discs", planned_on=TODAY)
    edited = desk.core.run(desk.actor, edit_job, command)
    with pytest.raises(Conflict):
        desk.core.run(desk.actor, edit_job, command)
    over = desk.cancel(edited)
    with pytest.raises(Rejected, match="reopen"):
        desk.core.run(
            desk.actor, edit_job, EditJob(id=job.id, version=over.version, vehicle_id=desk.vehicle_id, title="x")
        )

    assert ("Discs", TODAY, 2) == (edited.title, edited.planned_on, edited.version)


@pytest.mark.parametrize(
    "said", [{"title": ""}, {"planned_on": date(1800, 1, 1)}, {"estimated_cost": euros(-1)}, {"notes": "x" * 10_001}]
)
def test_bad_plans_are_refused(desk: Desk, said: dict[str, Any]) -> None:
    """A plan needs a title, a day that can be, and a cost that is none below zero."""
    with pytest.raises(Rejected):
        desk.schedule(**said)


def test_a_bad_record_keeps_the_job_running(desk: Desk) -> None:
    """When the record of a job is refused, the job runs on and the vehicle stays in."""
    job = desk.start(desk.schedule())
    with pytest.raises(Rejected):
        desk.complete(job, odometer=km(-1))

    assert job == desk.core.read(desk.actor, get_job, GetJob(id=job.id))
    assert desk.state() is IN_WORK


def test_jobs_are_listed_by_status(desk: Desk) -> None:
    """Jobs are listed newest first, of the statuses asked for."""
    planned, running = desk.schedule(), desk.start(desk.schedule())

    def listed(*statuses: JobStatus) -> tuple[Any, ...]:
        return desk.core.read(desk.actor, list_jobs, ListJobs(vehicle_id=desk.vehicle_id, statuses=statuses)).items

    assert (running, planned) == listed()
    assert (running,) == listed(JobStatus.IN_PROGRESS, JobStatus.COMPLETED)


def test_a_mechanic_works_without_the_right_to_change_vehicles(desk: Desk) -> None:
    """A mechanic with a grant plans, starts and completes; a driver does none of it and a stranger sees nothing."""
    mechanic, driver = desk.as_member("mechanic"), desk.as_member("family")
    job = mechanic.schedule()
    mechanic.complete(mechanic.start(job))
    stranger = Desk(desk.core, desk.as_member("technician", granted=False).actor, desk.vehicle_id)

    assert desk.state() is ACTIVE
    with pytest.raises(Forbidden):
        driver.schedule()
    with pytest.raises(NotFound):
        stranger.start(desk.schedule())
