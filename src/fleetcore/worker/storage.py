"""The tables of jobs and schedules, and the queue that services enqueue in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.paging import Position
from fleetcore.kernel.work import Payload
from fleetcore.storage.paging import older_than
from fleetcore.storage.types import Id, Instant, Json, fleet_table, metadata

from .model import Job, JobState, ListJobs

__all__ = ["SqlJobStore", "SqlQueue", "add_job", "job_from_row", "jobs", "schedules"]

KIND_LENGTH = 80
DEDUPE_LENGTH = 200

# A job of the whole installation has NO_FLEET in the place of its fleet, hence no foreign key to fleets.
jobs = fleet_table(
    "jobs",
    Column("kind", String(KIND_LENGTH), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("lease_id", Id),
    Column("attempts", Integer, nullable=False),
    Column("dedupe_key", String(DEDUPE_LENGTH)),
    Column("last_error", Text),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("keep_until", Instant),
    in_fleet=False,
)
is_open = jobs.c.next_at.is_not(None)
_is_one = is_open & jobs.c.dedupe_key.is_not(None)
# Claimed by time, whatever the fleet.
Index("ix_jobs_due", jobs.c.next_at, sqlite_where=is_open, postgresql_where=is_open)
Index(
    "uq_jobs_open",
    *(jobs.c.fleet_id, jobs.c.kind, jobs.c.dedupe_key),
    unique=True,
    sqlite_where=_is_one,
    postgresql_where=_is_one,
)
_goes = jobs.c.keep_until.is_not(None)
Index("ix_jobs_keep_until", jobs.c.keep_until, sqlite_where=_goes, postgresql_where=_goes)
Index("ix_jobs_created", jobs.c.fleet_id, jobs.c.created_at, jobs.c.id)

# When periodic work is due next; of the installation, no fleet's.
schedules = Table(
    "schedules",
    metadata,
    Column("name", String(KIND_LENGTH), primary_key=True),
    Column("next_at", Instant, nullable=False),
)

NAMES = tuple(a.name for a in attrs.fields(Job))
_in_fleet = jobs.c.fleet_id == bindparam("in_fleet")
_by_id = select(jobs).where(_in_fleet, jobs.c.id == bindparam("by_id"))
_by_id_locked = _by_id.with_for_update()
_newest_first = select(jobs).where(_in_fleet).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
_reopen = (
    update(jobs)
    .where(_in_fleet, jobs.c.id == bindparam("by_id"))
    .values(state=JobState.WAITING.value, next_at=bindparam("new_next_at"), lease_id=None, attempts=0, finished_at=None)
)
_remove = delete(jobs).where(_in_fleet, jobs.c.id == bindparam("by_id"))
_insert_unless_there = {
    "postgresql": postgresql_insert(jobs).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    "sqlite": sqlite_insert(jobs).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
}


def add_job(
    connection: Connection,
    fleet_id: UUID,
    kind: str,
    payload: Payload | None,
    *,
    now: datetime,
    run_at: datetime | None = None,
    dedupe_key: str | None = None,
) -> bool:
    """Insert a waiting job; returns False when an open one has its dedupe key."""
    at = run_at or now
    row = {
        "fleet_id": fleet_id,
        "id": new_id(),
        "kind": kind,
        "payload": dict(payload or {}),
        "state": JobState.WAITING.value,
        "run_at": at,
        "next_at": at,
        "attempts": 0,
        "dedupe_key": dedupe_key,
        "created_at": now,
    }
    return connection.execute(_insert_unless_there[connection.dialect.name], row).rowcount == 1


def job_from_row(row: RowMapping) -> Job:
    """Return the job that *row* holds."""
    return Job(**{name: row[name] for name in NAMES} | {"state": JobState(row["state"])})


@attrs.frozen
class SqlQueue:
    """The queue of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def enqueue(
        self,
        kind: str,
        payload: Payload | None = None,
        *,
        now: datetime,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
    ) -> bool:
        """Leave a job to the workers."""
        return add_job(self.connection, self.fleet_id, kind, payload, now=now, run_at=run_at, dedupe_key=dedupe_key)


@attrs.frozen
class SqlJobStore:
    """The jobs of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def get(self, job_id: UUID, *, lock: bool = False) -> Job:
        """Return the job."""
        keys = {"in_fleet": self.fleet_id, "by_id": job_id}
        row = self.connection.execute(_by_id_locked if lock else _by_id, keys).mappings().first()
        if row is None:
            raise NotFound("background job", job_id)
        return job_from_row(row)

    def page(self, question: ListJobs, after: Position | None, limit: int) -> Sequence[Job]:
        """Return up to *limit* jobs, newest first."""
        statement = _newest_first.limit(limit)
        if question.states:
            statement = statement.where(jobs.c.state.in_([state.value for state in question.states]))
        if question.kind is not None:
            statement = statement.where(jobs.c.kind == question.kind)
        if after is not None:
            statement = statement.where(older_than(jobs.c.created_at, jobs.c.id, after))
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return [job_from_row(row) for row in rows]

    def remove(self, job_id: UUID) -> None:
        """Remove the job."""
        self.connection.execute(_remove, {"in_fleet": self.fleet_id, "by_id": job_id})

    def reopen(self, job_id: UUID, next_at: datetime) -> None:
        """Let the job be tried from *next_at*."""
        keys: dict[str, Any] = {"in_fleet": self.fleet_id, "by_id": job_id, "new_next_at": next_at}
        try:
            self.connection.execute(_reopen, keys)
        except IntegrityError:
            raise Conflict("another job that does the same is waiting already: let it run") from None
