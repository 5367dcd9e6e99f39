"""The ports between services and storage: typed store keys and the unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from attrs import frozen

from .actor import Actor
from .events import Event

__all__ = ["Change", "Record", "StoreKey", "UnitOfWork"]

T = TypeVar("T")


@frozen
class StoreKey(Generic[T]):
    """Names a store and carries its type: ``FILLS: StoreKey[FillStore] = StoreKey("fuel.fills")``."""

    name: str


@frozen(kw_only=True)
class Record:
    """A record of any area as the others see it: what it is about, who made it, and who may see and change it.

    One about a person's papers has *person_id* and no vehicle; one with neither belongs to the whole fleet.
    """

    vehicle_id: UUID | None
    created_by: UUID
    read_permission: str
    write_permission: str
    person_id: UUID | None = None


class UnitOfWork(Protocol):
    """One transaction for one actor in one fleet.

    Everything that a service writes through it is committed together or not at all. ``now`` stands
    still for the length of the unit, so all its rows carry the same instant. What is emitted and recorded
    carries *correlation_id*, which ties it to the request that it began with.
    """

    correlation_id: str | None
    trace_id: str | None

    @property
    def actor(self) -> Actor:
        """Who asks."""
        ...

    @property
    def fleet_id(self) -> UUID:
        """The fleet whose rows this unit sees; no other fleet's."""
        ...

    @property
    def now(self) -> datetime:
        """The instant of this unit, aware, UTC."""
        ...

    def __getitem__(self, key: StoreKey[T]) -> T:
        """Return the store of *key*, bound to this transaction and fleet."""
        ...

    def new_id(self) -> UUID:
        """Make an id for a new record."""
        ...

    def emit(self, event: Event) -> None:
        """Tell *event*: reactions run at once, the outbox row is written before commit unless it is an inner one."""
        ...

    def find_record(self, entity: str, record_id: UUID) -> Record:
        """Return a record of any area, whoever may see it; raises NotFound, Rejected for an unknown *entity*."""
        ...

    def record_change(self, entity: str, entity_id: UUID, before: Any, after: Any) -> None:
        """Write the audit row of one changed record; None stands for not existing."""
        ...


@frozen
class Change:
    """One changed record, for the audit log; None stands for not existing."""

    entity: str
    entity_id: UUID
    before: Any
    after: Any
    correlation_id: str | None = None
