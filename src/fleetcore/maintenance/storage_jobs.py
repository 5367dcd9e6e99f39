"""The table of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    bindparam,
    delete,
    literal,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .commands import Job, JobStatus, ListJobs
from .model import ServiceCategory
from .storage import services  # noqa: F401 - declares the table that the foreign key names

__all__ = ["SqlJobStore", "jobs"]

jobs = fleet_table(
    "maintenance_jobs",
    Column("vehicle_id", Id, nullable=False),
    Column("title", String(200), nullable=False),
    Column("category", String(20), nullable=False),
    Column("planned_on", Date),
    Column("provider_id", Id),
    Column("estimate_minor", BigInteger),
    Column("currency", String(3)),
    Column("notes", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("status", String(20), nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("reason", String(200), nullable=False),
    Column("service_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "provider_id"], ["maintenance_providers.fleet_id", "maintenance_providers.id"]),
    ForeignKeyConstraint(["fleet_id", "service_id"], ["maintenance_services.fleet_id", "maintenance_services.id"]),
)
Index("ix_maintenance_jobs_timeline", *(jobs.c[name] for name in ("fleet_id", "vehicle_id", "created_at", "id")))
Index("ix_maintenance_jobs_at", jobs.c.fleet_id, jobs.c.created_at, jobs.c.id)
Index("ix_maintenance_jobs_vehicle", jobs.c.fleet_id, jobs.c.vehicle_id, jobs.c.status)

DERIVED = {"category", "status", "estimated_cost", "tags"}
SAME = tuple(attribute.name for attribute in attrs.fields(Job) if attribute.name not in DERIVED)


def _to_row(job: Job) -> dict[str, Any]:
    estimate = job.estimated_cost
    return {
        **{name: getattr(job, name) for name in SAME},
        "category": str(job.category),
        "status": str(job.status),
        "estimate_minor": None if estimate is None else estimate.minor,
        "currency": None if estimate is None else estimate.currency,
        "tags": list(job.tags),
    }


def _from_row(row: RowMapping) -> Job:
    minor = row["estimate_minor"]
    return Job(
        **{name: row[name] for name in SAME},
        category=ServiceCategory(row["category"]),
        status=JobStatus(row["status"]),
        estimated_cost=None if minor is None else Money(minor, row["currency"]),
        tags=tuple(row["tags"]),
    )


class _JobRows(Rows[Job]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a job with this id exists already")


JOB_ROWS = _JobRows("job", jobs, _to_row, _from_row)
_in_fleet = jobs.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & of_living_vehicle(jobs)
_of_vehicle = _in_fleet & (jobs.c.vehicle_id == bindparam("of_vehicle"))
_by_id = select(jobs).where(_in_sight, jobs.c.id == bindparam("by_id"))
ORDERING = Ordering(select(jobs).where(_in_sight), jobs.c.id, {"created_at": jobs.c.created_at})
_any = select(literal(1)).select_from(jobs).where(_of_vehicle).limit(1)
_in_work = _any.where(jobs.c.status == str(JobStatus.IN_PROGRESS))
_purge = delete(jobs).where(_of_vehicle)


@attrs.frozen
class SqlJobStore:
    """The jobs of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, job: Job) -> None:
        """Store *job*."""
        JOB_ROWS.add(self.connection, self.fleet_id, job)

    def get(self, job_id: UUID) -> Job:
        """Return the job."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": job_id}).mappings().first()
        if row is None:
            raise NotFound("job", job_id)
        return _from_row(row)

    def replace(self, job: Job, *, old_version: int) -> None:
        """Write *job* over its *old_version*."""
        JOB_ROWS.replace(self.connection, self.fleet_id, job, old_version=old_version)

    def is_in_work(self, vehicle_id: UUID) -> bool:
        """Say whether a job of the vehicle is in progress."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        return self.connection.execute(_in_work, keys).first() is not None

    def has_any(self, vehicle_id: UUID) -> bool:
        """Say whether the vehicle has a job of any status."""
        return self.connection.execute(_any, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}).first() is not None

    def page(
        self,
        question: ListJobs,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Job]:
        """Return up to *limit* jobs in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            None if question.vehicle_id is None else jobs.c.vehicle_id == question.vehicle_id,
            None if vehicle_ids is None else jobs.c.vehicle_id.in_(vehicle_ids),
            None if created_by is None else jobs.c.created_by == created_by,
            jobs.c.status.in_([str(status) for status in question.statuses]) if question.statuses else None,
            with_text(question.text, jobs.c.title, jobs.c.notes),
        )
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every job of a vehicle."""
        self.connection.execute(_purge, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})
