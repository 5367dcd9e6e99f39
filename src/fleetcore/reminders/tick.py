"""Look again when time has passed: the daily tick."""

from __future__ import annotations

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation
from fleetcore.vehicles.access import require_whole_fleet

from .keeping import WRITE, tell_change, today_of
from .model import Tick, TickReport
from .outlook import assessed, moved
from .ports import REMINDERS

__all__ = ["tick"]

LIMIT_MAX = 100_000


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
