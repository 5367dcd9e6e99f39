"""Which actors may hear of which events, at this moment: with the permissions of reading what they are about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.ports import Record, UnitOfWork
from fleetcore.operations import Query
from fleetcore.vehicles.access import reachable_by

from .model import ToldEvent
from .ports import Host
from .rules import Reach, Subject, is_told, needs_reading
from .sights import SIGHTS, Kind, Sight

__all__ = ["Judged", "judge", "says_its_vehicle"]

NOBODY = UUID(int=0)


@frozen(kw_only=True)
class Judged:
    """An event, the vehicle that it is about, and the keys of those who may hear of it."""

    event: ToldEvent
    vehicle_id: UUID | None
    told_to: frozenset[int]


@frozen
class _Asked:
    """What is judged: events of one fleet."""

    events: Sequence[ToldEvent]


def judge(
    host: Host,
    fleet_id: UUID,
    events: Sequence[ToldEvent],
    actors: Mapping[int, Actor],
    wanted: Sequence[Collection[int]] | None = None,
) -> list[Judged]:
    """Return *events*, all of the fleet, each with the keys of the *actors* who may hear of it now.

    *wanted* has the keys of those who listen to each event at all; only they are looked at. Actors of other fleets
    hear of nothing. Raises Unavailable.
    """
    records = _Records(host, fleet_id, {})
    subjects = [_subject(event, records) for event in events]
    told: list[set[int]] = [set() for _ in events]
    for key, actor in actors.items():
        if actor.fleet_id != fleet_id:
            continue
        listened = [
            index
            for index, subject in enumerate(subjects)
            if subject is not None and (wanted is None or key in wanted[index])
        ]
        if listened:
            for index in _heard(host, actor, subjects, listened):
                told[index].add(key)
    return [
        Judged(event=event, vehicle_id=None if subject is None else subject.vehicle_id, told_to=frozenset(keys))
        for event, subject, keys in zip(events, subjects, told, strict=True)
    ]


def says_its_vehicle(name: str) -> bool:
    """Say whether the payload of the event called *name* says its vehicle, if it has one: else its record does."""
    sight = SIGHTS.get(name)
    return sight is not None and not sight.lacks_vehicle and sight.kind is not Kind.BORNE


def _heard(host: Host, actor: Actor, subjects: Sequence[Subject | None], listened: Sequence[int]) -> list[int]:
    """Return which of the subjects at the indexes *listened* *actor* may hear of."""

    def chosen(now: Actor, reach: Reach) -> list[int]:
        asked = ((index, subjects[index]) for index in listened)
        return [index for index, each in asked if each is not None and is_told(each, now, reach)]

    if not needs_reading(actor):
        return chosen(actor, lambda _: None)

    def look(uow: UnitOfWork, _asked: _Asked) -> list[int]:
        known: dict[str, frozenset[UUID] | None] = {}

        def reach(permission: str) -> frozenset[UUID] | None:
            if permission not in known:
                known[permission] = reachable_by(uow, uow.actor, permission)
            return known[permission]

        return chosen(uow.actor, reach)  # a guest's permissions are those of this moment

    return host.read(actor, Query("live.judge", None, look), _Asked(()))


def _subject(event: ToldEvent, records: _Records) -> Subject | None:
    """Return what *event* is about; None for one that nobody may hear of."""
    if (sight := SIGHTS.get(event.name)) is None:
        return None
    if sight.kind is Kind.BORNE:
        return _borne(event, records)
    key, entity = _id(event.key), sight.record
    find = records.finder(entity, key)
    vehicle_id = _id(event.payload.get("vehicle_id"))
    if sight.lacks_vehicle:
        if (record := find()) is None:
            return None
        vehicle_id = record.vehicle_id
    return _about(event, sight, vehicle_id, _id(event.payload.get("person_id")), find)


def _borne(event: ToldEvent, records: _Records) -> Subject | None:
    """Return the subject of a file: the record that it hangs on, under that record's permission."""
    find = records.finder(str(event.payload.get("entity")), _id(event.payload.get("entity_id")))
    if (record := find()) is None:
        return None
    any_own = event.payload.get("entity") == "vehicles.vehicle"
    sight = Sight(kind=Kind.VEHICLE, permission=record.read_permission, any_own=any_own)
    return _about(event, sight, record.vehicle_id, record.person_id, find)


def _about(
    event: ToldEvent, sight: Sight, vehicle_id: UUID | None, person_id: UUID | None, find: Callable[[], Record | None]
) -> Subject:
    def made_by() -> UUID | None:
        record = find()
        return None if record is None else record.created_by

    named_id = None if sight.mine is None else _id(event.payload.get(sight.mine))
    return Subject(sight=sight, vehicle_id=vehicle_id, person_id=person_id, named_id=named_id, made_by=made_by)


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


@frozen
class _Records:
    """Finds records of the fleet, each once."""

    host: Host
    fleet_id: UUID
    known: dict[tuple[str, UUID], Record | None]

    def finder(self, entity: str | None, key: UUID | None) -> Callable[[], Record | None]:
        """Return what looks the record up when it is needed."""
        if entity is None or key is None:
            return lambda: None

        def find() -> Record | None:
            if (entity, key) not in self.known:
                self.known[entity, key] = self._read(entity, key)
            return self.known[entity, key]

        return find

    def _read(self, entity: str, key: UUID) -> Record | None:
        def look(uow: UnitOfWork, _asked: _Asked) -> Record | None:
            try:
                return uow.find_record(entity, key)
            except (NotFound, Rejected, Forbidden):
                return None

        nobody = Actor(user_id=NOBODY, fleet_id=self.fleet_id)
        return self.host.read(nobody, Query("live.find", None, look), _Asked(()))
