"""Contract of the unit of work and the database behind it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.testing.builders import vehicle_fact
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.ports import VEHICLES

from .base import Storage, StorageContract

__all__ = ["UnitOfWorkContract"]

THREADS = 8


class UnitOfWorkContract(StorageContract):
    """What a unit of work must do, whatever the engine."""

    def names(self, storage: Storage, actor: Actor) -> list[str]:
        """Return the names of the fleet's vehicles."""
        return [vehicle.name for vehicle in self.ask(storage, actor, VEHICLES, lambda s: s.list(ListVehicles()))]

    def test_what_returns_is_kept(self, storage: Storage, owner: Actor) -> None:
        """What a unit wrote is there for the next one."""
        storage.write(owner, lambda uow: uow[VEHICLES].add(vehicle_fact(owner)))

        assert self.names(storage, owner) == ["Polo"]

    @pytest.mark.parametrize("error", [Rejected([]), RuntimeError("a bug"), KeyboardInterrupt()])
    def test_what_raises_is_undone(self, storage: Storage, owner: Actor, error: BaseException) -> None:
        """Whatever a unit raises, nothing that it wrote is kept."""

        def write_and_raise(uow: UnitOfWork) -> None:
            uow[VEHICLES].add(vehicle_fact(owner))
            raise error

        with pytest.raises(type(error)):
            storage.write(owner, write_and_raise)

        assert self.names(storage, owner) == []

    def test_a_unit_sees_what_it_wrote(self, storage: Storage, owner: Actor) -> None:
        """Within a unit, its own writes are visible before anyone else sees them."""

        def write_and_look(uow: UnitOfWork) -> tuple[int, list[str]]:
            uow[VEHICLES].add(vehicle_fact(owner))
            return len(uow[VEHICLES].list(ListVehicles())), []

        assert storage.write(owner, write_and_look) == (1, [])

    def test_units_belong_to_one_fleet(self, storage: Storage, owner: Actor, neighbour: Actor) -> None:
        """A unit knows its actor and fleet, and sees no other fleet's records."""
        storage.write(owner, lambda uow: uow[VEHICLES].add(vehicle_fact(owner)))

        assert (neighbour, neighbour.fleet_id) == storage.read(neighbour, lambda uow: (uow.actor, uow.fleet_id))
        assert self.names(storage, neighbour) == []

    def test_a_unit_has_one_instant_and_many_ids(self, storage: Storage, owner: Actor) -> None:
        """Time stands still within a unit and carries its zone; ids are new and in order."""
        instants, ids = storage.read(owner, lambda uow: ([uow.now, uow.now], [uow.new_id(), uow.new_id()]))

        assert instants[0] == instants[1]
        assert instants[0].utcoffset() is not None
        assert sorted(set(ids)) == ids

    def test_a_key_gives_one_store(self, storage: Storage, owner: Actor) -> None:
        """Within a unit, one key gives one store."""
        assert storage.read(owner, lambda uow: uow[VEHICLES] is uow[VEHICLES])

    def test_locks_let_writers_in_one_by_one(self, storage: Storage, owner: Actor) -> None:
        """Of threads that lock a record, read it and write it, none overwrites another."""
        vehicle = vehicle_fact(owner, year=0)
        self.add(storage, owner, VEHICLES, vehicle)

        def count(_number: int) -> Vehicle:
            def one_more(uow: UnitOfWork) -> Vehicle:
                before = uow[VEHICLES].get(vehicle.id, lock=True)
                after = attrs.evolve(before, year=(before.year or 0) + 1, version=before.version + 1)
                uow[VEHICLES].replace(after, old_version=before.version)
                return after

            return storage.write(owner, one_more)

        with ThreadPoolExecutor(THREADS) as pool:
            written = list(pool.map(count, range(THREADS * 3)))

        assert list(range(1, THREADS * 3 + 1)) == sorted(v.year or 0 for v in written)

    def test_without_a_lock_the_version_guards(self, storage: Storage, owner: Actor) -> None:
        """A write over a version that has moved on is a Conflict, also where the record is gone."""
        vehicle = vehicle_fact(owner)
        with pytest.raises((Conflict, NotFound)):
            storage.write(owner, lambda uow: uow[VEHICLES].replace(vehicle, old_version=1))
