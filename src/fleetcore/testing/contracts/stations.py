"""Contract of the store of stations."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from fleetcore.fuel.model import ListStations
from fleetcore.fuel.ports import FILLS, STATIONS
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.testing.builders import NOON, fill_fact, station_fact, vehicle_fact
from fleetcore.vehicles.ports import VEHICLES

from .base import Storage, StorageContract

__all__ = ["StationStoreContract"]


class StationStoreContract(StorageContract):
    """What a StationStore must do."""

    def test_a_station_comes_back_as_it_was(self, storage: Storage, owner: Actor, neighbour: Actor) -> None:
        """Everything known about a station is returned unchanged, to its own fleet only."""
        station = station_fact(
            owner,
            brand="Shell",
            address="Weg 1",
            latitude=48.137154,
            longitude=-11.576124,
            phone="+49 1",
            website="https://example.org",
            provider="osm",
            external_id="1",
        )
        self.add(storage, owner, STATIONS, station)

        assert station == self.ask(storage, owner, STATIONS, lambda s: s.get(station.id))
        assert [station] == list(self.ask(storage, owner, STATIONS, lambda s: s.all()))
        with pytest.raises(NotFound):
            self.ask(storage, neighbour, STATIONS, lambda s: s.get(station.id))
        assert list(self.ask(storage, neighbour, STATIONS, lambda s: s.all())) == []

    def test_taken_names_are_conflicts(self, storage: Storage, owner: Actor) -> None:
        """A taken id, or provider with external id, raises a Conflict that names it."""
        station = station_fact(owner, provider="osm", external_id="1")
        self.add(storage, owner, STATIONS, station)
        with pytest.raises(Conflict, match="provider and external id"):
            self.add(storage, owner, STATIONS, station_fact(owner, provider="osm", external_id="1"))
        with pytest.raises(Conflict, match="this id"):
            self.add(storage, owner, STATIONS, station_fact(owner, id=station.id))

    def test_replacing_needs_the_stored_version(self, storage: Storage, owner: Actor) -> None:
        """A station is written over the version that was read."""
        station = station_fact(owner)
        after = attrs.evolve(station, name="New", version=2)
        self.add(storage, owner, STATIONS, station)
        storage.write(owner, lambda uow: uow[STATIONS].replace(after, old_version=1))
        with pytest.raises(Conflict):
            storage.write(owner, lambda uow: uow[STATIONS].replace(station, old_version=1))

        assert after == self.ask(storage, owner, STATIONS, lambda s: s.get(station.id))

    def test_removed_stations_are_forgotten_by_fills(self, storage: Storage, owner: Actor) -> None:
        """After a station was erased its fills have none; which stations are unused is told."""
        station, unused, vehicle = station_fact(owner), station_fact(owner), vehicle_fact(owner)
        fill = fill_fact(owner, vehicle.id, station_id=station.id)
        self.add(storage, owner, STATIONS, station, unused)
        self.add(storage, owner, VEHICLES, vehicle)
        self.add(storage, owner, FILLS, fill)
        ids = [station.id, unused.id]

        assert {unused.id} == self.ask(storage, owner, STATIONS, lambda s: s.unused_of(ids))
        storage.write(owner, lambda uow: uow[STATIONS].remove(station.id))
        assert attrs.evolve(fill, station_id=None) == self.ask(storage, owner, FILLS, lambda s: s.get(fill.id))
        with pytest.raises(NotFound):
            storage.write(owner, lambda uow: uow[STATIONS].remove(station.id))

    def test_pages_run_newest_first(self, storage: Storage, owner: Actor) -> None:
        """A page continues behind a position and can be narrowed by a part of the name, taken literally."""
        made = [
            station_fact(owner, name=name, created_at=NOON + timedelta(seconds=n))
            for n, name in enumerate(("Corner", "MARKET 100%", "Harbour"))
        ]
        self.add(storage, owner, STATIONS, *made)
        position = Position(made[2].created_at, made[2].id)

        assert [made[::-1], [made[1], made[0]], [made[1]], []] == [
            list(self.ask(storage, owner, STATIONS, lambda s, q=q, a=a: s.page(q, a, 10)))  # type: ignore[misc]
            for q, a in (
                (ListStations(), None),
                (ListStations(), position),
                (ListStations(name_contains="market 100%"), None),
                (ListStations(name_contains="_"), None),
            )
        ]
