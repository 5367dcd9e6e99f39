"""What the calendars area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.events import MemberRemoved
from fleetcore.people.ports import FLEETS
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.ports import GRANTS, VEHICLES

from . import service
from .events import EVENTS
from .ports import FEEDS
from .storage import SqlFeedStore

__all__ = ["AREA"]


def revoke_of(uow: UnitOfWork, event: MemberRemoved) -> None:
    """Take back every address of who left the fleet: coming back does not revive them."""
    uow[FEEDS].remove_of(event.user_id)


AREA = Area(
    name="calendars",
    stores={FEEDS: SqlFeedStore},
    operations=(service.make_feed, service.list_feeds, service.revoke_feed, service.read_calendar),
    events=EVENTS,
    needs=(FLEETS, GRANTS, REMINDERS, VEHICLES),
    reactions={MemberRemoved: revoke_of},
)
