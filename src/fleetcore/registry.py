"""What the areas of one Core bring: stores, operations, events, reactions; each area is imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from fleetcore.areas import BUILT_IN
from fleetcore.kernel.area import Area, Reaction, RecordFinder, StoreFactory
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.events import Event
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.work import Consumer, JobKind
from fleetcore.operations import AnyOperation

__all__ = ["Registry"]

Factories = dict[StoreKey[Any], StoreFactory]


class Registry:
    """The areas of one Core: those that ship with fleetcore, imported one by one, and those of plugins.

    *late* makes areas that bring work and nothing else, for when everything is asked for. *given* are stores that no
    area brings but whoever opens the Core. Threads may share it: what two of them find at once is the same.
    """

    def __init__(
        self,
        plugin_areas: Iterable[Area] = (),
        *,
        late: Callable[[], Iterable[Area]] = tuple,
        given: Mapping[StoreKey[Any], StoreFactory] | None = None,
    ) -> None:
        self._built_in: dict[str, Area] = {}
        self._plugin_areas = tuple(plugin_areas)
        self._late = late
        self._factories: Factories = dict(given or {})
        self._reactions: dict[type[Event], tuple[Reaction, ...]] = {}
        if self._plugin_areas:  # they may need, or collide with, anything: find that out now, not at use
            _ = (self.operations, self.events, self.consumers, self.jobs, self._all_factories)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """Every area in rank order, plugins' last."""
        return (*(self._area(entry.name) for entry in BUILT_IN), *self._late(), *self._plugin_areas)

    @cached_property
    def operations(self) -> Mapping[str, AnyOperation]:
        """Every operation by its name. Raises ValueError where two areas use one name."""
        return MappingProxyType(_operations(self.areas))

    @cached_property
    def events(self) -> Mapping[str, type[Event]]:
        """Every event class by its name. Raises ValueError where two areas use one name."""
        return MappingProxyType(_events(self.areas))

    @cached_property
    def consumers(self) -> Mapping[str, Consumer]:
        """Every consumer of committed events by its name. Raises ValueError where two areas use one name."""
        return MappingProxyType(_consumers(self.areas))

    @cached_property
    def jobs(self) -> Mapping[str, JobKind]:
        """Every kind of job by its name. Raises ValueError where two areas use one name."""
        return MappingProxyType(_jobs(self.areas))

    @cached_property
    def _all_factories(self) -> Factories:
        return _factories(self.areas)

    def factory_of(self, key: StoreKey[Any]) -> StoreFactory:
        """Return what makes the store of *key*. Raises KeyError for one that no area brings."""
        if (factory := self._factories.get(key)) is None:
            owner = key.name.partition(".")[0]
            known = self._area(owner).stores if owner in _NAMES else self._all_factories
            factory = self._factories[key] = known[key]
        return factory

    def reactions_to(self, kind: type[Event]) -> tuple[Reaction, ...]:
        """Return the reactions to events of *kind*, in rank order."""
        if (reactions := self._reactions.get(kind)) is None:
            hearing = [self._area(entry.name) for entry in BUILT_IN if kind.name in entry.hears]
            found = (area.reactions.get(kind) for area in (*hearing, *self._plugin_areas))
            reactions = self._reactions[kind] = tuple(reaction for reaction in found if reaction is not None)
        return reactions

    def finder_of(self, entity: str) -> RecordFinder:
        """Return what finds records called *entity*. Raises Rejected, naming all kinds, for one that no area has."""
        owner = entity.partition(".")[0]
        areas = (self._area(owner), *self._plugin_areas) if owner in _NAMES else self._plugin_areas
        for area in areas:
            if (find := area.records.get(entity)) is not None:
                return find
        kinds = ", ".join(sorted(kind for area in self.areas for kind in area.records))
        raise Rejected.because("entity", f"{entity[:100]!r} is no kind of record; there are {kinds}", "entity.unknown")

    def _area(self, name: str) -> Area:
        if (area := self._built_in.get(name)) is None:
            entry = _NAMES[name]
            area = self._built_in[name] = entry.load()
            if entry.sees_all:
                _ = self.areas
        return area


_NAMES = {entry.name: entry for entry in BUILT_IN}


def _operations(areas: Iterable[Area]) -> dict[str, AnyOperation]:
    named: dict[str, AnyOperation] = {}
    for area in areas:
        for found in area.operations:
            if found.name in named:
                raise ValueError(f"two operations are called {found.name}")
            named[found.name] = found
    return named


def _events(areas: Iterable[Area]) -> dict[str, type[Event]]:
    named: dict[str, type[Event]] = {}
    for area in areas:
        for kind in area.events:
            if named.setdefault(kind.name, kind) is not kind:
                raise ValueError(f"two events are called {kind.name}")
    return named


def _consumers(areas: Iterable[Area]) -> dict[str, Consumer]:
    named: dict[str, Consumer] = {}
    for consumer in (consumer for area in areas for consumer in area.consumers):
        if named.setdefault(consumer.name, consumer) is not consumer:
            raise ValueError(f"two consumers are called {consumer.name}")
        if inner := [kind.name for kind in consumer.hears if kind.is_inner]:
            raise ValueError(f"the consumer {consumer.name} cannot hear inner events: {', '.join(inner)}")
    return named


def _jobs(areas: Iterable[Area]) -> dict[str, JobKind]:
    named: dict[str, JobKind] = {}
    for kind in (kind for area in areas for kind in area.jobs):
        if named.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two kinds of jobs are called {kind.name}")
    return named


def _factories(areas: tuple[Area, ...]) -> Factories:
    factories: Factories = {}
    for area in areas:
        if taken := factories.keys() & area.stores.keys():
            raise ValueError(f"the area {area.name} brings stores that exist: {', '.join(key.name for key in taken)}")
        factories.update(area.stores)
    for area in areas:
        if missing := [key.name for key in area.needs if key not in factories]:
            raise ValueError(f"the area {area.name} needs stores that no area brings: {', '.join(missing)}")
    return factories
