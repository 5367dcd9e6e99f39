"""What waits on the way of the events, across fleets: for those who run the host, and for its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import attrs
from sqlalchemy import Connection, bindparam, exists, func, select, update

from fleetcore.storage.outbox import outbox

from .model import JobCount, OutboxFigures, OutboxItem
from .storage import jobs
from .storage_inbox import dead_letters, inbox, is_waiting

__all__ = ["SqlOutboxStore"]

_unpublished = outbox.c.published_at.is_(None)
_not_sent_again = dead_letters.c.replayed_at.is_(None)
_jobs = select(jobs.c.kind, jobs.c.state, func.count().label("count")).group_by(jobs.c.kind, jobs.c.state)
_oldest_event = select(outbox.c.at).where(_unpublished).order_by(outbox.c.position).limit(1)
_oldest_delivery = select(inbox.c.next_at).where(is_waiting).order_by(inbox.c.next_at).limit(1)
_shared = ("name", "key", "at", "position", "correlation_id", "trace_id")
_events = (
    select(outbox.c.id, outbox.c.fleet_id, *(outbox.c[name] for name in _shared))
    .where(_unpublished)
    .order_by(outbox.c.position)
    .limit(bindparam("most"))
)
_deliveries = (
    select(outbox.c.id, outbox.c.fleet_id, *(outbox.c[name] for name in _shared))
    .add_columns(inbox.c.consumer, inbox.c.attempts, inbox.c.next_at)
    .join_from(inbox, outbox, outbox.c.id == inbox.c.event_id)
    .where(is_waiting)
    .order_by(inbox.c.position)
    .limit(bindparam("most"))
)
_letters = (
    select(*(dead_letters.c[name] for name in ("id", "fleet_id", "consumer", "attempts")))
    .add_columns(*(dead_letters.c[name] for name in _shared if name != "trace_id"))
    .where(_not_sent_again)
    .order_by(dead_letters.c.died_at.desc())
    .limit(bindparam("most"))
)
_hasten = (
    update(inbox)
    .where(inbox.c.event_id == bindparam("by_event"), is_waiting)
    .values(next_at=bindparam("new_next_at"))
    .execution_options(preserve_rowcount=True)
)
_waited_for = exists().where(inbox.c.fleet_id == outbox.c.fleet_id, inbox.c.event_id == outbox.c.id, is_waiting)
_prunable = select(func.count()).select_from(outbox).where(outbox.c.published_at < bindparam("before"), ~_waited_for)


@attrs.frozen
class SqlOutboxStore:
    """The way of the events in a database."""

    connection: Connection
    fleet_id: UUID

    def jobs(self) -> Sequence[JobCount]:
        """Count the jobs by kind and state."""
        return [JobCount(**row) for row in self.connection.execute(_jobs).mappings()]

    def figures(self) -> OutboxFigures:
        """Count what waits."""

        def count(table: object, condition: object) -> int:
            found = select(func.count()).select_from(table).where(condition)  # type: ignore[arg-type]  # tables and clauses, of two sorts
            return int(self.connection.execute(found).scalar_one())

        return OutboxFigures(
            unpublished=count(outbox, _unpublished),
            deliveries=count(inbox, is_waiting),
            dead=count(dead_letters, _not_sent_again),
            oldest_at=self.waits_since(),
            last_position=self.connection.execute(select(func.max(outbox.c.position))).scalar() or 0,
        )

    def waits_since(self) -> datetime | None:
        """Return since when the oldest event waits for a worker."""
        found = [self.connection.execute(each).scalar() for each in (_oldest_event, _oldest_delivery)]
        return min((at for at in found if at is not None), default=None)

    def waiting(self, limit: int) -> Sequence[OutboxItem]:
        """Return up to *limit* events that wait."""
        events = self.connection.execute(_events, {"most": limit}).mappings().all()
        rows = [OutboxItem(**row, state="unpublished") for row in events]
        found = self.connection.execute(_deliveries, {"most": limit - len(rows)}).mappings()
        return [*rows, *(OutboxItem(**row, state="waiting") for row in found)]

    def dead(self, limit: int) -> Sequence[OutboxItem]:
        """Return up to *limit* dead letters that were not sent again."""
        found = self.connection.execute(_letters, {"most": limit}).mappings()
        return [OutboxItem(**row, state="dead") for row in found]

    def hasten(self, event_id: UUID, now: datetime) -> int:
        """Let the deliveries of an event be tried at once."""
        return self.connection.execute(_hasten, {"by_event": event_id, "new_next_at": now}).rowcount

    def prunable(self, before: datetime) -> int:
        """Count the events published before then that nobody waits for."""
        return int(self.connection.execute(_prunable, {"before": before}).scalar_one())
