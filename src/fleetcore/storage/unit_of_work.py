"""The unit of work over one SQLAlchemy connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.area import Reaction, RecordFinder, StoreFactory
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.events import CommittedEvent, Event
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import Change, Record, StoreKey

__all__ = ["SqlUnitOfWork"]

T = TypeVar("T")


class SqlUnitOfWork:
    """One transaction for one actor; knows no area, reaches stores by key."""

    def __init__(  # noqa: PLR0917 - one place makes it, by position in a hot path
        self,
        connection: Connection,
        actor: Actor,
        now: datetime,
        factories: Mapping[StoreKey[Any], StoreFactory],
        reactions: Mapping[type[Event], Sequence[Reaction]],
        records: Mapping[str, RecordFinder],
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.fleet_id = actor.fleet_id
        self.now = now
        self.events: list[CommittedEvent] = []
        self.changes: list[Change] = []
        self._factories = factories
        self._reactions = reactions
        self._records = records
        self._stores: dict[StoreKey[Any], Any] = {}

    def __getitem__(self, key: StoreKey[T]) -> T:
        if (store := self._stores.get(key)) is None:
            store = self._stores[key] = self._factories[key](self.connection, self.fleet_id)
        return cast(T, store)

    def new_id(self) -> UUID:
        """Make an id for a new record."""
        return new_id()

    def emit(self, event: Event) -> None:
        """Tell *event*: its reactions run now, its outbox row is written before commit unless it is an inner one."""
        if not event.is_inner:
            by, at = self.actor.user_id, self.now
            self.events.append(CommittedEvent(id=new_id(), fleet_id=self.fleet_id, actor_id=by, at=at, event=event))
        for reaction in self._reactions.get(type(event), ()):
            reaction(self, event)

    def find_record(self, entity: str, record_id: UUID) -> Record:
        """Return a record of any area, whoever may see it."""
        if (find := self._records.get(entity)) is None:
            kinds = ", ".join(sorted(self._records))
            raise Rejected.because(
                "entity", f"{entity[:100]!r} is no kind of record; there are {kinds}", "entity.unknown"
            )
        return find(self, record_id)

    def record_change(self, entity: str, entity_id: UUID, before: Any, after: Any) -> None:
        """Remember a changed record for the audit row that is written before commit."""
        self.changes.append(Change(entity, entity_id, before, after))
