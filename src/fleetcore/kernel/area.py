"""An area: one part of the domain, and what it brings to a Core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from attrs import field, frozen

from .events import Event
from .ports import Record, StoreKey, UnitOfWork
from .work import Consumer, JobKind

__all__ = ["Area", "Reaction", "RecordFinder", "StoreFactory"]

StoreFactory = Callable[[Any, UUID], Any]
Reaction = Callable[[UnitOfWork, Any], None]
RecordFinder = Callable[[UnitOfWork, UUID], Record]


@frozen(kw_only=True)
class Area:
    """What one part of the domain brings: stores, operations, events, and reactions to others' events.

    *stores* maps each key to a factory ``(connection, fleet_id) -> store``. *operations* are the
    decorated service functions. *reactions* run inside the transaction that emitted the event; *consumers*
    hear of it from a worker, after the commit. *jobs* are the kinds of work that workers do for the area.
    *needs* are stores of others that the area uses; a missing one fails when the Core is opened. *records* finds a
    record of the area by its id, so that others can hang something on it; the names are those of the audit log.
    """

    name: str
    stores: Mapping[StoreKey[Any], StoreFactory] = field(factory=dict)
    operations: tuple[Any, ...] = ()
    events: tuple[type[Event], ...] = ()
    needs: tuple[StoreKey[Any], ...] = ()
    reactions: Mapping[type[Event], Reaction] = field(factory=dict)
    records: Mapping[str, RecordFinder] = field(factory=dict)
    consumers: tuple[Consumer, ...] = ()
    jobs: tuple[JobKind, ...] = ()
