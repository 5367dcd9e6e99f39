"""Look again when time has passed: the daily tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import LONGEST_LEAD, local_date
from fleetcore.kernel.work import QUEUE, Found, JobKind, Payload
from fleetcore.operations import operation
from fleetcore.vehicles.access import require_whole_fleet

from .keeping import WRITE, tell_change, today_of
from .model import Tick, TickReport
from .outlook import assessed, moved
from .ports import REMINDERS

__all__ = ["TICK", "tick"]

LIMIT_MAX = 100_000
LOOKED_AT_ONCE = 2000  # by one job, in one transaction
JOBS_AT_ONCE = 8  # of one fleet, side by side


@operation("reminders.tick", permission=WRITE)
def tick(uow: UnitOfWork, command: Tick) -> TickReport:
    """Look again at the reminders whose urgency can have changed since they were last looked at.

    They are found by an index, so the cost grows with what changes, not with the fleet. Each change is stored
    and told once, however often and by however many workers it runs. Needs the whole fleet.
    """
    require_whole_fleet(uow, WRITE)
    if not 1 <= command.limit <= LIMIT_MAX:
        raise Rejected.because("limit", f"must lie between 1 and {LIMIT_MAX}")
    today = today_of(uow)
    before = uow[REMINDERS].claim(today, command.limit)
    after = [moved(reminder, assessed(reminder, today), uow.now) for reminder in before]
    uow[REMINDERS].advance(after)
    changed = sum(tell_change(uow, old.urgency, new) for old, new in zip(before, after, strict=True))
    return TickReport(ticked_on=today, looked_at=len(after), changed=changed, has_more=len(before) == command.limit)


def find_waiting(uow: UnitOfWork, now: datetime) -> Iterator[Found]:
    """Yield the work that waits in each fleet by its own calendar, divided so that several workers can share it."""
    waiting: Counter[UUID] = Counter()
    for fleet_id, timezone, on, count in uow[REMINDERS].waiting_anywhere((now + LONGEST_LEAD).date()):
        if on <= local_date(now, timezone):
            waiting[fleet_id] += count
    for fleet_id, count in waiting.items():
        for share in range(min(JOBS_AT_ONCE, -(-count // LOOKED_AT_ONCE))):
            yield Found(fleet_id=fleet_id, payload={"share": share}, dedupe_key=str(share))


def tick_share(uow: UnitOfWork, payload: Payload) -> None:
    """Look again at some of what waits in the fleet, and leave the rest to a job of its own."""
    if tick(uow, Tick(limit=LOOKED_AT_ONCE)).has_more:
        uow[QUEUE].enqueue(TICK.name, payload, now=uow.now, dedupe_key=str(payload["share"]))


TICK = JobKind(
    name="reminders.tick",
    run=tick_share,
    every=timedelta(minutes=15),
    find=find_waiting,
    retention=timedelta(days=2),
)
