"""What a host asks of live events: the next ones, those a client missed, and who may hear of them.

The order is that of the commits. A client that knows the id of an event goes on right after it, whichever process it
asks: nothing is left out and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from .judging import Judged, judge, says_its_vehicle
from .model import RESUMED_FOR, Place, ToldEvent
from .ports import FEED, Host
from .tickets import has_nothing, known_bearers, make_ticket, stamps_since, use_ticket

__all__ = [
    "Judged",
    "events_after",
    "events_between",
    "has_nothing",
    "judge",
    "known_bearers",
    "make_ticket",
    "newest",
    "place_of",
    "says_its_vehicle",
    "settle",
    "stamps_since",
    "use_ticket",
]


def settle(host: Host) -> int:
    """Put what was committed since in order; returns how many events."""
    with host.across_fleets() as uow:
        return uow[FEED].settle()


def newest(host: Host) -> int:
    """Return the sequence of the last event in order."""
    with host.across_fleets(snapshot=True) as uow:
        return uow[FEED].newest()


def events_after(host: Host, sequence: int, limit: int) -> Sequence[ToldEvent]:
    """Return up to *limit* events of any fleet after *sequence*, in order."""
    with host.across_fleets(snapshot=True) as uow:
        return uow[FEED].after(sequence, limit)


def events_between(host: Host, fleet_id: UUID, after: int, until: int) -> Sequence[ToldEvent]:
    """Return a fleet's events after *after*, up to and with *until*, in order."""
    with host.across_fleets(snapshot=True) as uow:
        return uow[FEED].between(fleet_id, after, until)


def place_of(host: Host, fleet_id: UUID, event_id: UUID) -> Place | None:
    """Return where an event of the fleet stands; None for one from which nobody can go on: unknown, or too old."""
    with host.across_fleets(snapshot=True) as uow:
        found = uow[FEED].find(fleet_id, event_id)
        return None if found is None or found.at < uow.now - RESUMED_FOR else found
