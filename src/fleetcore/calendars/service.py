"""Make, list and take back the addresses of calendars, and write the calendar itself."""

from __future__ import annotations

import hashlib

import attrs

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.reminders.forecast import next_day
from fleetcore.reminders.keeping import sight_of
from fleetcore.reminders.outlook import assessed
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.access import vehicle_for
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.ports import VEHICLES

from .events import FeedMade, FeedRevoked
from .ics import calendar_text
from .model import Calendar, CalendarEntry, Feed, ListFeeds, MakeFeed, NewFeed, ReadCalendar, RevokeFeed
from .ports import FEEDS
from .rules import NO_SUCH, FeedKey, entry_of, feed_problems, new_key, read_token

__all__ = ["feed_owner", "list_feeds", "make_feed", "narrowed", "read_calendar", "read_token", "revoke_feed"]

READ = "reminders.read"
ENTITY = "calendars.feed"
FEEDS_MAX = 20


@operation("calendars.make_feed", permission=READ)
def make_feed(uow: UnitOfWork, command: MakeFeed) -> NewFeed:
    """Make a secret address for one's own calendar in this fleet; its token is told now and never again.

    Who has it sees what the user may see of what is due, and nothing else. Raises Rejected.
    """
    user = uow.actor.user_id
    reject_if_any(feed_problems(command))
    if len(uow[FEEDS].of_user(user)) >= FEEDS_MAX:
        raise Rejected.because("", f"you have {FEEDS_MAX} addresses already: take one back first", "feeds.many")
    feed = Feed(id=uow.new_id(), user_id=user, name=command.name.strip(), created_at=uow.now)
    key = new_key(uow.actor.fleet_id, feed.id)
    uow[FEEDS].add(feed, key.secret_hash)
    uow.record_change(ENTITY, feed.id, None, feed)
    uow.emit(FeedMade(feed_id=feed.id, user_id=user))
    return NewFeed(**attrs.asdict(feed), token=key.token)


@query("calendars.list_feeds", permission=READ)
def list_feeds(uow: UnitOfWork, command: ListFeeds) -> tuple[Feed, ...]:  # noqa: ARG001 - there is nothing to choose
    """List one's own addresses of this fleet's calendar, the oldest first; their tokens are not known any more."""
    return tuple(uow[FEEDS].of_user(uow.actor.user_id))


@operation("calendars.revoke_feed", permission=READ)
def revoke_feed(uow: UnitOfWork, command: RevokeFeed) -> Feed:
    """Take one of one's own addresses back: from now on it shows nothing. Raises NotFound."""
    found = uow[FEEDS].find(command.id)
    if found is None or found[0].user_id != uow.actor.user_id:
        raise NotFound("calendar address", command.id)
    feed = found[0]
    uow[FEEDS].remove(feed.id)
    uow.record_change(ENTITY, feed.id, feed, None)
    uow.emit(FeedRevoked(feed_id=feed.id, user_id=feed.user_id))
    return feed


@query("calendars.read", permission=READ, snapshot=True)
def read_calendar(uow: UnitOfWork, command: ReadCalendar) -> Calendar:
    """Write what is due, of all that the actor may see, as an iCalendar file.

    One whole day for each open reminder whose day can be foreseen; what is snoozed waits for its day. Raises
    NotFound for the vehicle, Unavailable without the library that writes calendars.
    """
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    found = uow[REMINDERS].open(sight_of(uow, READ), command.vehicle_id)
    vehicles = {vehicle.id: vehicle for vehicle in uow[VEHICLES].list(ListVehicles())} if found else {}
    fleet = fleet_of(uow)
    today = local_date(uow.now, fleet.timezone)
    entries: list[CalendarEntry] = []
    for reminder in found:
        vehicle = vehicles[reminder.vehicle_id] if reminder.vehicle_id else None
        if (foreseen := next_day(reminder)) is None:
            continue
        unit = (vehicle and vehicle.distance_unit) or fleet.units.distance_unit
        urgency = assessed(reminder, today).urgency
        entries.append(entry_of(reminder, vehicle, foreseen, urgency, unit))
    entries.sort(key=lambda entry: (entry.day, entry.uid))
    text = calendar_text(f"{fleet.name}: what is due", entries)
    etag = hashlib.sha256(text.encode()).hexdigest()
    return Calendar(text=text, etag=etag, entries=len(entries), undated=len(found) - len(entries))


def feed_owner(uow: UnitOfWork, key: FeedKey) -> Feed:
    """Return the feed that *key* opens, in the fleet of the unit of work; raises Forbidden where it opens none."""
    found = uow[FEEDS].find(key.feed_id)
    if found is None or not key.opens(found[1]):
        raise Forbidden(NO_SUCH)
    return found[0]


def narrowed(actor: Actor) -> Actor:
    """Return *actor* with nothing but the right to see what is due: who finds an address gets no more than that."""
    return attrs.evolve(actor, permissions={READ: actor.require(READ)})
