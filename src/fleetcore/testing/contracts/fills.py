"""Contract of the store of fills."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from fleetcore.fuel.model import ChargeCurrent, ChargePlace, Fill, ListFills
from fleetcore.fuel.ports import FILL_LOGS, FILLS, STATIONS
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Energy, Mass
from fleetcore.testing.builders import NOON, fill_fact, km, reading_fact, station_fact, vehicle_fact
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import Vehicle
from fleetcore.vehicles.ports import READINGS, VEHICLES

from .base import Storage, StorageContract

__all__ = ["FillStoreContract"]

DAY = timedelta(days=1)


class FillStoreContract(StorageContract):
    """What a FillStore must do."""

    @pytest.fixture
    def vehicle(self, storage: Storage, owner: Actor) -> Vehicle:
        """Return a stored vehicle."""
        made = vehicle_fact(owner)
        self.add(storage, owner, VEHICLES, made)
        return made

    @pytest.fixture
    def varied(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> list[Fill]:
        """Return fills, not yet stored, in which every field says something, newest first."""
        station, reading = station_fact(owner), reading_fact(owner, vehicle.id)
        self.add(storage, owner, STATIONS, station)
        storage.write(owner, lambda uow: uow[READINGS].add([reading]))
        charge = fill_fact(
            owner,
            vehicle.id,
            at=NOON + DAY,
            carrier=Carrier.ELECTRICITY,
            energy=Energy(30_000),
            odometer=km("10000.1"),
            trip=km(1),
            is_full=False,
            missed_previous=True,
            grade="green",
            station_id=station.id,
            place="Weg 1",
            latitude=48.137154,
            longitude=-11.576124,
            start_soc_percent=0,
            end_soc_percent=100,
            charge_place=ChargePlace.HOME,
            current=ChargeCurrent.DC,
            excluded_distance=km(2),
            notes="grün 🚗",
            tags=("a", "b"),
            attachment_ids=(new_id(),),
            driver_id=owner.user_id,
            import_id=new_id(),
            reading_id=reading.id,
        )
        gas = fill_fact(
            owner,
            vehicle.id,
            at=NOON - DAY,
            carrier=Carrier.CNG,
            mass=Mass(12_340),
            total=Money(5000, "JPY"),
            unit_price=UnitPrice.of("405.186", "JPY"),
        )
        return [charge, fill_fact(owner, vehicle.id), gas]

    def every(self, storage: Storage, owner: Actor, question: ListFills | None = None, **asked: Any) -> list[Fill]:
        """Return the fills that match, newest first."""
        usual: dict[str, Any] = {"vehicle_ids": None, "created_by": None, "after": None, "limit": 100}
        wanted = question or ListFills()
        return list(self.ask(storage, owner, FILLS, lambda s: s.page(wanted, **usual | asked)))

    @pytest.mark.parametrize("together", [False, True])
    def test_fills_come_back_as_they_were(
        self, storage: Storage, owner: Actor, varied: list[Fill], *, together: bool
    ) -> None:
        """Fills are returned unchanged, whether added one by one or in bulk."""
        if together:
            storage.write(owner, lambda uow: uow[FILLS].add_many(varied))
        else:
            self.add(storage, owner, FILLS, *varied)

        assert varied == self.every(storage, owner)
        for fill in varied:
            assert fill == self.ask(storage, owner, FILLS, lambda s, f=fill: s.get(f.id))  # type: ignore[misc]

    def test_other_fleets_fills_are_not_found(
        self, storage: Storage, owner: Actor, neighbour: Actor, vehicle: Vehicle
    ) -> None:
        """A fill of another fleet is neither found nor listed nor replaced."""
        fill = fill_fact(owner, vehicle.id)
        self.add(storage, owner, FILLS, fill)
        with pytest.raises(NotFound):
            self.ask(storage, neighbour, FILLS, lambda s: s.get(fill.id))
        with pytest.raises(Conflict):
            storage.write(neighbour, lambda uow: uow[FILLS].replace(fill, old_version=1))
        assert self.every(storage, neighbour) == []

    def test_taken_ids_and_unknown_references_are_conflicts(
        self, storage: Storage, owner: Actor, vehicle: Vehicle
    ) -> None:
        """A taken id, and a station, driver or vehicle that is not there, raise Conflict."""
        fill = fill_fact(owner, vehicle.id)
        self.add(storage, owner, FILLS, fill)
        for wrong in ({"id": fill.id}, {"station_id": new_id()}, {"driver_id": new_id()}, {"vehicle_id": new_id()}):
            changes: Any = {"id": new_id()} | wrong
            other = attrs.evolve(fill, **changes)
            with pytest.raises(Conflict):
                self.add(storage, owner, FILLS, other)

    def test_replacing_needs_the_stored_version(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """A fill is written over the version that was read."""
        fill = fill_fact(owner, vehicle.id)
        after = attrs.evolve(fill, notes="New", version=2)
        self.add(storage, owner, FILLS, fill)
        storage.write(owner, lambda uow: uow[FILLS].replace(after, old_version=1))
        with pytest.raises(Conflict):
            storage.write(owner, lambda uow: uow[FILLS].replace(fill, old_version=1))

        assert [after] == self.every(storage, owner)

    def test_deleted_fills_are_found_when_asked_for(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """A deleted fill is in no list; by id it is found only as a deleted one."""
        fill = fill_fact(owner, vehicle.id, deleted_at=NOON)
        self.add(storage, owner, FILLS, fill)

        assert self.every(storage, owner) == []
        assert fill == self.ask(storage, owner, FILLS, lambda s: s.get(fill.id, deleted=True))
        with pytest.raises(NotFound):
            self.ask(storage, owner, FILLS, lambda s: s.get(fill.id))

    def test_fills_of_removed_vehicles_are_out_of_sight(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """The fills of a removed vehicle are neither found nor listed, and come back with it."""
        fill = fill_fact(owner, vehicle.id)
        gone = attrs.evolve(vehicle, deleted_at=NOON, version=2)
        self.add(storage, owner, FILLS, fill)
        storage.write(owner, lambda uow: uow[VEHICLES].replace(gone, old_version=1))
        with pytest.raises(NotFound):
            self.ask(storage, owner, FILLS, lambda s: s.get(fill.id))
        assert self.every(storage, owner) == []
        storage.write(owner, lambda uow: uow[VEHICLES].replace(attrs.evolve(vehicle, version=3), old_version=2))
        assert [fill] == self.every(storage, owner)

    def test_pages_are_narrowed(self, storage: Storage, owner: Actor, vehicle: Vehicle, varied: list[Fill]) -> None:
        """A page may be of vehicles, a maker, a carrier or a stretch of time, whose end is outside."""
        charge, petrol, gas = varied
        self.add(storage, owner, FILLS, *varied)
        middle = ListFills(since=NOON, until=NOON + DAY)

        assert [petrol] == self.every(storage, owner, middle)
        assert [gas] == self.every(storage, owner, ListFills(carrier=Carrier.CNG))
        assert [gas] == self.every(storage, owner, after=Position(petrol.at, petrol.id))
        assert [charge] == self.every(storage, owner, limit=1)
        assert varied == self.every(storage, owner, vehicle_ids=frozenset({vehicle.id}))
        assert self.every(storage, owner, vehicle_ids=frozenset()) == []
        assert self.every(storage, owner, ListFills(vehicle_id=new_id())) == []
        assert self.every(storage, owner, created_by=new_id()) == []

    def test_imports_are_found_and_erased(self, storage: Storage, owner: Actor, varied: list[Fill]) -> None:
        """What an import brought is named and erased; the rest stays."""
        charge, petrol, gas = varied
        self.add(storage, owner, FILLS, *varied)

        assert [(charge.id, charge.vehicle_id, charge.reading_id)] == self.ask(
            storage, owner, FILLS, lambda s: list(s.of_import(charge.import_id))
        )
        assert storage.write(owner, lambda uow: uow[FILLS].remove_import(charge.import_id or new_id())) == 1
        assert [petrol, gas] == self.every(storage, owner)

    def test_a_vehicle_is_purged_alone(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """Purging erases every fill of one vehicle and tells its carriers no more."""
        other = vehicle_fact(owner, name="Other")
        kept = fill_fact(owner, other.id)
        self.add(storage, owner, VEHICLES, other)
        self.add(storage, owner, FILLS, kept, fill_fact(owner, vehicle.id), fill_fact(owner, vehicle.id))
        carriers = {Carrier.PETROL}
        assert carriers == self.ask(storage, owner, FILLS, lambda s: s.carriers_of(vehicle.id))
        storage.write(owner, lambda uow: uow[FILLS].purge(vehicle.id))

        assert [kept] == self.every(storage, owner)
        assert frozenset() == self.ask(storage, owner, FILLS, lambda s: s.carriers_of(vehicle.id))

    def test_logs_hold_the_numbers(self, storage: Storage, owner: Actor, varied: list[Fill]) -> None:
        """A log has the living fills of each carrier and kind of quantity, by time."""
        charge, petrol, gas = varied
        self.add(storage, owner, FILLS, *varied, fill_fact(owner, charge.vehicle_id, deleted_at=NOON))
        (log,) = self.ask(storage, owner, FILL_LOGS, lambda s: s.logs([charge.vehicle_id])).values()

        assert {
            (Carrier.ELECTRICITY, "energy"): [(charge.id, 30_000, 10_000_100, 100)],
            (Carrier.PETROL, "volume"): [(petrol.id, 40_000, None, None)],
            (Carrier.CNG, "mass"): [(gas.id, 12_340, None, None)],
        } == {
            key: [(row.id, row.quantity, row.odometer_m, row.end_soc_percent) for row in rows]
            for key, rows in log.items()
        }
