"""How workers take jobs: whoever locks a due row first has it, until its lease runs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleetcore.kernel.ids import new_id
from fleetcore.kernel.work import Found
from fleetcore.storage.outbox import forget_keys, outbox

from .model import Claim, Job, JobState, Outlook
from .storage import add_job, is_open, job_from_row, jobs, schedules
from .storage_inbox import inbox, is_waiting

__all__ = ["SqlClaimStore"]

_is_due = is_open & (jobs.c.next_at <= bindparam("now")) & jobs.c.kind.in_(bindparam("kinds", expanding=True))
_claim = select(jobs).where(_is_due).order_by(jobs.c.next_at).limit(bindparam("most")).with_for_update(skip_locked=True)
_this = (jobs.c.fleet_id == bindparam("in_fleet")) & (jobs.c.id == bindparam("by_id"))
_ours = _this & (jobs.c.lease_id == bindparam("by_lease")) & (jobs.c.state == JobState.RUNNING.value)
_take = (
    update(jobs)
    .where(_this)
    .values(
        state=JobState.RUNNING.value,
        next_at=bindparam("new_next_at"),
        lease_id=bindparam("new_lease"),
        attempts=jobs.c.attempts + 1,
    )
)
_renew = update(jobs).where(_ours).values(next_at=bindparam("new_next_at"))
_finish = (
    update(jobs)
    .where(_ours)
    .values(
        state=JobState.DONE.value,
        next_at=None,
        lease_id=None,
        last_error=None,
        finished_at=bindparam("new_at"),
        keep_until=bindparam("new_keep_until"),
    )
)
_give_back = (
    update(jobs)
    .where(_ours)
    .values(
        state=bindparam("new_state"),
        next_at=bindparam("new_next_at"),
        lease_id=None,
        last_error=bindparam("new_error"),
        finished_at=bindparam("new_at"),
    )
)
_release = (
    update(jobs)
    .where(_ours)
    .values(
        state=JobState.WAITING.value,
        next_at=bindparam("new_next_at"),
        lease_id=None,
        attempts=jobs.c.attempts - 1,
    )
)
_soonest_job = (
    select(jobs.c.next_at)
    .where(is_open, jobs.c.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(jobs.c.next_at)
    .limit(1)
)
_soonest_delivery = select(inbox.c.next_at).where(is_waiting).order_by(inbox.c.next_at).limit(1)
_soonest_schedule = select(func.min(schedules.c.next_at)).where(
    schedules.c.name.in_(bindparam("kinds", expanding=True))
)
_any_event = select(literal(1)).select_from(outbox).where(outbox.c.published_at.is_(None)).limit(1)
_schedule = (
    select(schedules.c.next_at)
    .where(schedules.c.name == bindparam("by_name"), schedules.c.next_at <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_plan = update(schedules).where(schedules.c.name == bindparam("by_name")).values(next_at=bindparam("new_next_at"))
_new_schedule = {
    "postgresql": postgresql_insert(schedules).on_conflict_do_nothing(),
    "sqlite": sqlite_insert(schedules).on_conflict_do_nothing(),
}
_kept_long_enough = (
    select(jobs.c.fleet_id, jobs.c.id).where(jobs.c.keep_until < bindparam("now")).limit(bindparam("most"))
)
_dead_for_long = (
    select(jobs.c.fleet_id, jobs.c.id)
    .where(jobs.c.state == JobState.DEAD.value, jobs.c.finished_at < bindparam("before"))
    .limit(bindparam("most"))
)
_remove = delete(jobs).where(_this)


@attrs.frozen
class SqlClaimStore:
    """The jobs of a database as workers see them."""

    connection: Connection
    fleet_id: UUID

    def outlook(self, kinds: Sequence[str]) -> Outlook:
        """Return when something is due next."""
        named = {"kinds": list(kinds)}
        return Outlook(
            events=self.connection.execute(_any_event).first() is not None,
            deliveries_at=self.connection.execute(_soonest_delivery).scalar(),
            jobs_at=self.connection.execute(_soonest_job, named).scalar(),
            schedules_at=self.connection.execute(_soonest_schedule, named).scalar(),
        )

    def claim(self, leases: Mapping[str, timedelta], now: datetime, limit: int) -> list[Claim]:
        """Take up to *limit* due jobs."""
        found = self.connection.execute(_claim, {"kinds": list(leases), "now": now, "most": limit}).mappings().all()
        claims = []
        for row in found:
            until = now + leases[row["kind"]]
            keys = {"in_fleet": row["fleet_id"], "by_id": row["id"], "new_next_at": until, "new_lease": new_id()}
            self.connection.execute(_take, keys)
            job: Job = attrs.evolve(
                job_from_row(row), state=JobState.RUNNING, attempts=row["attempts"] + 1, next_at=until
            )
            claims.append(Claim(fleet_id=row["fleet_id"], lease_id=keys["new_lease"], job=job))
        return claims

    def _if_ours(self, statement: Any, claim: Claim, **values: Any) -> bool:
        keys = {"in_fleet": claim.fleet_id, "by_id": claim.job.id, "by_lease": claim.lease_id}
        return self.connection.execute(statement, keys | values).rowcount == 1

    def finish(self, claim: Claim, now: datetime, keep_until: datetime) -> bool:
        """Say that the job is done."""
        return self._if_ours(_finish, claim, new_at=now, new_keep_until=keep_until)

    def renew(self, claim: Claim, until: datetime) -> bool:
        """Keep the job until then."""
        return self._if_ours(_renew, claim, new_next_at=until)

    def fail(self, claim: Claim, error: str, next_at: datetime | None, now: datetime) -> bool:
        """Give the job back until *next_at*, None for dead."""
        state = JobState.DEAD if next_at is None else JobState.WAITING
        at = now if next_at is None else None
        return self._if_ours(_give_back, claim, new_state=state.value, new_next_at=next_at, new_error=error, new_at=at)

    def release(self, claims: Sequence[Claim], now: datetime) -> None:
        """Give back jobs that were not begun."""
        for claim in claims:
            self._if_ours(_release, claim, new_next_at=now)

    def prepare(self, names: Sequence[str], now: datetime) -> None:
        """See that each periodic kind has its schedule."""
        if names:
            statement = _new_schedule[self.connection.dialect.name]
            self.connection.execute(statement, [{"name": name, "next_at": now} for name in sorted(names)])

    def take_schedule(self, name: str, now: datetime) -> datetime | None:
        """Take a schedule that is due."""
        found: datetime | None = self.connection.execute(_schedule, {"by_name": name, "now": now}).scalar()
        return found

    def plan_schedule(self, name: str, next_at: datetime) -> None:
        """Write when the schedule is due next."""
        self.connection.execute(_plan, {"by_name": name, "new_next_at": next_at})

    def enqueue_found(self, kind: str, found: Found, now: datetime) -> bool:
        """Add what periodic work found."""
        return add_job(self.connection, found.fleet_id, kind, found.payload, now=now, dedupe_key=found.dedupe_key)

    def forget_dead(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* jobs that failed for good before then."""
        return self._remove(self.connection.execute(_dead_for_long, {"before": before, "most": limit}).all())

    def clean(self, now: datetime, limit: int) -> int:
        """Remove up to *limit* jobs that were done and kept for long enough."""
        return self._remove(self.connection.execute(_kept_long_enough, {"now": now, "most": limit}).all())

    def _remove(self, rows: Sequence[Any]) -> int:
        if rows:
            self.connection.execute(_remove, [{"in_fleet": fleet_id, "by_id": job_id} for fleet_id, job_id in rows])
        return len(rows)

    def forget_answers(self, before: datetime, limit: int) -> int:
        """Remove up to *limit* idempotency keys, with their answers, that were used before then."""
        return forget_keys(self.connection, before, limit)
