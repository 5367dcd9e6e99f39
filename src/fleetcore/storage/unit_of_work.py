"""The unit of work over one SQLAlchemy connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.area import Reaction, RecordFinder, StoreFactory
from fleetcore.kernel.events import CommittedEvent, Event
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import Change, Record, StoreKey
from fleetcore.kernel.tracing import current_trace

__all__ = ["SqlUnitOfWork"]

T = TypeVar("T")


class Registry(Protocol):
    """Where the unit of work finds what the areas bring."""

    def factory_of(self, key: StoreKey[Any]) -> StoreFactory:
        """Return what makes the store of *key*."""
        ...

    def reactions_to(self, kind: type[Event]) -> Sequence[Reaction]:
        """Return the reactions to events of *kind*, in rank order."""
        ...

    def finder_of(self, entity: str) -> RecordFinder:
        """Return what finds records called *entity*; raises Rejected for a name that is none."""
        ...


class SqlUnitOfWork:
    """One transaction for one actor; knows no area, reaches stores by key."""

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        now: datetime,
        registry: Registry,
        *,
        correlation_id: str | None = None,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.fleet_id = actor.fleet_id
        self.now = now
        self.correlation_id = correlation_id
        self.trace_id = current_trace()
        self.events: list[CommittedEvent] = []
        self.changes: list[Change] = []
        self._registry = registry
        self._stores: dict[StoreKey[Any], Any] = {}
        self._remembers = False

    def remember(self) -> None:
        """Let stores that can keep what they read and not ask again: for a snapshot alone, in which nothing changes."""
        self._remembers = True

    def __getitem__(self, key: StoreKey[T]) -> T:
        if (store := self._stores.get(key)) is None:
            store = self._registry.factory_of(key)(self.connection, self.fleet_id)
            if self._remembers and (remembering := getattr(store, "remembering", None)) is not None:
                store = remembering()
            self._stores[key] = store
        return cast(T, store)

    def new_id(self) -> UUID:
        """Make an id for a new record."""
        return new_id()

    def emit(self, event: Event) -> None:
        """Tell *event*: its reactions run now, its outbox row is written before commit unless it is an inner one."""
        if not event.is_inner:
            self.events.append(
                CommittedEvent(
                    id=new_id(),
                    fleet_id=self.fleet_id,
                    actor_id=self.actor.user_id,
                    at=self.now,
                    event=event,
                    correlation_id=self.correlation_id,
                    trace_id=self.trace_id,
                )
            )
        for reaction in self._registry.reactions_to(type(event)):
            reaction(self, event)

    def find_record(self, entity: str, record_id: UUID) -> Record:
        """Return a record of any area, whoever may see it."""
        return self._registry.finder_of(entity)(self, record_id)

    def record_change(self, entity: str, entity_id: UUID, before: Any, after: Any) -> None:
        """Remember a changed record for the audit row that is written before commit."""
        self.changes.append(Change(entity, entity_id, before, after, self.correlation_id))
