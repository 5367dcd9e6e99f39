"""Events: what is told after something was accepted, versioned and catalogued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from attrs import frozen

__all__ = ["CommittedEvent", "Event", "event"]


class Event:
    """Base of every event class; the decorator :func:`event` fills in the class facts."""

    name: ClassVar[str]
    version: ClassVar[int]
    key: ClassVar[str]
    producer: ClassVar[str]
    is_inner: ClassVar[bool] = False


E = TypeVar("E", bound=type[Event])


def event(name: str, *, key: str, version: int = 1, inner: bool = False) -> Callable[[E], E]:
    """Declare an event class: its stable *name* ("fuel.fill_recorded"), payload *version* and *key*.

    *key* names the payload field that identifies the aggregate; events of one key keep their order. An *inner*
    event is heard by reactions in its own transaction and never stored: what it tells, others tell better.
    """

    def declare(cls: E) -> E:
        cls.name, cls.version, cls.key, cls.is_inner = name, version, key, inner
        cls.producer = name.partition(".")[0]
        return cls

    return declare


@frozen(kw_only=True)
class CommittedEvent:
    """An event as stored in the outbox: who, when, in which fleet, and of which request and trace."""

    id: UUID
    fleet_id: UUID
    actor_id: UUID
    at: datetime
    event: Event
    correlation_id: str | None = None
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """The id of the aggregate that the event is about."""
        return str(getattr(self.event, self.event.key))

    def payload(self, unstructure: Callable[[Any], Any]) -> Any:
        """Return the payload as plain JSON values."""
        return unstructure(self.event)
