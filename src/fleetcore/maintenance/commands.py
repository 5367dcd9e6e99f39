"""Jobs, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.sorting import sort_field

from .model import Service, ServiceCategory, WorkFields

__all__ = [
    "CancelJob",
    "CompleteJob",
    "CompletedJob",
    "EditJob",
    "GetJob",
    "Job",
    "JobFields",
    "JobStatus",
    "ListJobs",
    "ReopenJob",
    "ScheduleJob",
    "StartJob",
]


class JobStatus(StrEnum):
    """Where a job is in its life."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@frozen(kw_only=True)
class JobFields:
    """What a person says about work that is planned; *planned_on* is a day of the fleet's calendar."""

    vehicle_id: UUID
    title: str
    category: ServiceCategory = ServiceCategory.ROUTINE
    planned_on: date | None = None
    provider_id: UUID | None = None
    estimated_cost: Money | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()


@frozen(kw_only=True)
class ScheduleJob(JobFields):
    """Plan a job; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditJob(JobFields):
    """Replace what was said about a job that is not over, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class StartJob:
    """Begin job *id*, as long as it still has *version*; its vehicle goes under maintenance."""

    id: UUID
    version: int


@frozen(kw_only=True)
class CompleteJob(WorkFields):
    """Finish job *id*, as long as it still has *version*, with what was done and what it cost.

    What is not said (day, category, title, provider) is today's and the job's.
    """

    id: UUID
    version: int


@frozen(kw_only=True)
class CancelJob:
    """Give job *id* up, as long as it still has *version*."""

    id: UUID
    version: int
    reason: str = ""


@frozen(kw_only=True)
class ReopenJob:
    """Take up a cancelled or completed job again, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Job:
    """A job as kept; *service_id* names the service record that completing it wrote."""

    id: UUID
    vehicle_id: UUID
    title: str
    category: ServiceCategory
    planned_on: date | None = None
    provider_id: UUID | None = None
    estimated_cost: Money | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    status: JobStatus = JobStatus.SCHEDULED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    service_id: UUID | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class CompletedJob:
    """A completed job and the service record that it wrote."""

    job: Job
    service: Service


@frozen(kw_only=True)
class GetJob:
    """Ask for one job."""

    id: UUID


@frozen(kw_only=True)
class ListJobs:
    """Ask for jobs, the newest first; without *statuses* those of every status."""

    vehicle_id: UUID | None = None
    statuses: tuple[JobStatus, ...] = ()
    text: str = ""
    sort: str = sort_field("-created_at", "created_at")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT
