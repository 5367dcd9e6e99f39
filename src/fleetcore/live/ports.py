"""Where live events and tickets are kept. Both stores look across fleets, and no operation reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ports import StoreKey, UnitOfWork
from fleetcore.operations import Query

from .model import Bearer, Place, ToldEvent

__all__ = ["CHANNEL", "FEED", "TICKETS", "FeedStore", "Host", "TicketStore"]

C = TypeVar("C")
R = TypeVar("R")
CHANNEL = "fleetcore_live"
"""The channel on which PostgreSQL says that events were put in order."""


class FeedStore(Protocol):
    """The committed events of every fleet in the order of their commits."""

    def settle(self) -> int:
        """Put what was committed since in order; returns how many. Needs a transaction of its own."""
        ...

    def newest(self) -> int:
        """Return the sequence of the last event in order, 0 without any."""
        ...

    def after(self, sequence: int, limit: int) -> Sequence[ToldEvent]:
        """Return up to *limit* events of any fleet after *sequence*, in order."""
        ...

    def between(self, fleet_id: UUID, after: int, until: int) -> Sequence[ToldEvent]:
        """Return a fleet's events after *after*, up to and with *until*, in order."""
        ...

    def find(self, fleet_id: UUID, event_id: UUID) -> Place | None:
        """Return where an event of the fleet stands; None for one that is unknown, or gone."""
        ...


class TicketStore(Protocol):
    """Tickets that were not used yet."""

    def add(self, secret_hash: str, bearer: Bearer, expires_at: datetime) -> None:
        """Store a ticket."""
        ...

    def is_known(self, secret_hash: str) -> bool:
        """Say whether there is such a ticket."""
        ...

    def use(self, secret_hash: str, now: datetime) -> Bearer | None:
        """Take a ticket away and return whose it is; None for one that is unknown, used or late."""
        ...

    def prune(self, now: datetime) -> int:
        """Delete late tickets; returns how many."""
        ...


class Host(Protocol):
    """What live events need of a Core."""

    def read(self, actor: Actor, query: Query[C, R], command: C) -> R:
        """Answer *query* for *actor*."""
        ...

    def across_fleets(self, *, snapshot: bool = False) -> AbstractContextManager[UnitOfWork]:
        """Lend a unit of work that sees every fleet, in one transaction."""
        ...


FEED: StoreKey[FeedStore] = StoreKey("live.feed")
TICKETS: StoreKey[TicketStore] = StoreKey("live.tickets")
