"""Contracts of the stores of vehicles, readings and grants."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import attrs
import pytest

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import DistanceUnit, Energy, Mass, Volume, VolumeUnit
from fleetcore.testing.builders import NOON, euros, grant_fact, reading_fact, vehicle_fact
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import ListGrants, ListVehicles, Vehicle, VehicleState
from fleetcore.vehicles.ports import GRANTS, READINGS, VEHICLES
from fleetcore.vehicles.readings import Meter, Reading, ReadingKind

from .base import Storage, StorageContract

__all__ = ["GrantStoreContract", "ReadingStoreContract", "VehicleStoreContract"]

DAY = timedelta(days=1)


class VehicleStoreContract(StorageContract):
    """What a VehicleStore must do."""

    def full(self, owner: Actor) -> Vehicle:
        """Make a vehicle of which everything is said."""
        return vehicle_fact(
            owner,
            make="VW",
            model="Polo",
            variant="GTI",
            year=2020,
            vin="WVWZZZ1JZXW000001",
            plate="B-XY 1",
            colour="grün",
            carriers=(Carrier.PETROL, Carrier.ELECTRICITY),
            tank_capacity=Volume.of("45.5"),
            battery_capacity=Energy.of("13.2"),
            passenger_capacity=5,
            load_limit=Mass.of(450),
            purchased_on=date(2020, 2, 29),
            purchase_price=euros("21999.99"),
            sold_on=date(2026, 5, 1),
            sale_price=euros(0),
            distance_unit=DistanceUnit.MILE,
            volume_unit=VolumeUnit.UK_GALLON,
            tags=("blue", "small"),
            custom_fields={"Key": "Value 🚗"},
            notes="a\nb",
            state=VehicleState.RENTED,
            deleted_at=NOON,
        )

    def test_a_vehicle_comes_back_as_it_was(self, storage: Storage, owner: Actor) -> None:
        """Everything said of a vehicle is returned unchanged, and so is nothing."""
        for vehicle in (self.full(owner), vehicle_fact(owner)):
            self.add(storage, owner, VEHICLES, vehicle)
            assert vehicle == self.ask(storage, owner, VEHICLES, lambda s, v=vehicle: s.get(v.id))  # type: ignore[misc]

    def test_unknown_vehicles_are_not_found(self, storage: Storage, owner: Actor) -> None:
        """An id that is not there raises NotFound."""
        with pytest.raises(NotFound):
            self.ask(storage, owner, VEHICLES, lambda s: s.get(new_id()))

    def test_other_fleets_vehicles_are_not_found(self, storage: Storage, owner: Actor, neighbour: Actor) -> None:
        """A vehicle of another fleet is neither found nor listed nor replaced."""
        vehicle = vehicle_fact(owner)
        self.add(storage, owner, VEHICLES, vehicle)
        with pytest.raises(NotFound):
            self.ask(storage, neighbour, VEHICLES, lambda s: s.get(vehicle.id))
        with pytest.raises(Conflict):
            storage.write(neighbour, lambda uow: uow[VEHICLES].replace(vehicle, old_version=1))
        assert list(self.ask(storage, neighbour, VEHICLES, lambda s: s.list(ListVehicles()))) == []

    @pytest.mark.parametrize(
        ("stated", "word"),
        [({"vin": "WVWZZZ1JZXW000001"}, "VIN"), ({"plate": "B-XY 1"}, "plate"), ({"id": UUID(int=7)}, "id")],
    )
    def test_taken_words_are_conflicts(
        self, storage: Storage, owner: Actor, stated: dict[str, object], word: str
    ) -> None:
        """A taken id, VIN or plate raises a Conflict that names it."""
        self.add(storage, owner, VEHICLES, vehicle_fact(owner, **stated))
        with pytest.raises(Conflict, match=word):
            self.add(storage, owner, VEHICLES, vehicle_fact(owner, **stated))

    def test_removed_vehicles_free_their_words(self, storage: Storage, owner: Actor) -> None:
        """VIN and plate are unique among living vehicles only."""
        words = {"vin": "WVWZZZ1JZXW000001", "plate": "B-XY 1"}
        self.add(storage, owner, VEHICLES, vehicle_fact(owner, deleted_at=NOON, **words), vehicle_fact(owner, **words))

        assert len(self.ask(storage, owner, VEHICLES, lambda s: s.list(ListVehicles()))) == 1

    def test_replacing_needs_the_stored_version(self, storage: Storage, owner: Actor) -> None:
        """A vehicle is written over the version that was read; a stale one raises Conflict and changes nothing."""
        vehicle = vehicle_fact(owner)
        after = attrs.evolve(vehicle, name="New", version=2)
        self.add(storage, owner, VEHICLES, vehicle)
        storage.write(owner, lambda uow: uow[VEHICLES].replace(after, old_version=1))
        with pytest.raises(Conflict):
            storage.write(owner, lambda uow: uow[VEHICLES].replace(attrs.evolve(after, name="X"), old_version=1))

        assert after == self.ask(storage, owner, VEHICLES, lambda s: s.get(vehicle.id))

    def test_lists_are_sorted_and_narrowed(self, storage: Storage, owner: Actor) -> None:
        """A list runs by name, without removed vehicles, and can be narrowed to a state or a tag."""
        zoe, ami = vehicle_fact(owner, name="Zoe", tags=("blue",)), vehicle_fact(owner, name="Ami")
        gone = vehicle_fact(owner, name="Gone", deleted_at=NOON)
        self.add(storage, owner, VEHICLES, zoe, ami, gone)
        for question, wanted in (
            (ListVehicles(), [ami, zoe]),
            (ListVehicles(tag="blue"), [zoe]),
            (ListVehicles(state=VehicleState.RENTED), []),
            (ListVehicles(removed=True), [gone]),
        ):
            assert wanted == list(self.ask(storage, owner, VEHICLES, lambda s, q=question: s.list(q)))  # type: ignore[misc]

    def test_removed_vehicles_are_found_by_time(self, storage: Storage, owner: Actor) -> None:
        """Vehicles removed at the instant or before it are due, others not."""
        gone = vehicle_fact(owner, deleted_at=NOON)
        self.add(storage, owner, VEHICLES, gone, vehicle_fact(owner), vehicle_fact(owner, deleted_at=NOON + DAY))

        assert [gone] == list(self.ask(storage, owner, VEHICLES, lambda s: s.removed_before(NOON)))


class ReadingStoreContract(StorageContract):
    """What a ReadingStore must do."""

    @pytest.fixture
    def vehicle(self, storage: Storage, owner: Actor) -> Vehicle:
        """Return a stored vehicle."""
        made = vehicle_fact(owner)
        self.add(storage, owner, VEHICLES, made)
        return made

    def append(self, storage: Storage, owner: Actor, *readings: Reading) -> None:
        """Append *readings* together."""
        storage.write(owner, lambda uow: uow[READINGS].add(readings))

    def line(self, owner: Actor, vehicle: Vehicle, *values: int) -> list[Reading]:
        """Make one reading a day with *values* in metres."""
        return [reading_fact(owner, vehicle.id, v, at=NOON + n * DAY) for n, v in enumerate(values)]

    def void_of(self, reading: Reading) -> Reading:
        """Make the row that takes *reading* back."""
        return attrs.evolve(reading, id=new_id(), kind=ReadingKind.VOID, voids=reading.id)

    def test_readings_come_back_as_they_were(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """One reading, or many at once, are returned unchanged."""
        full = reading_fact(
            owner,
            vehicle.id,
            kind=ReadingKind.REPLACEMENT,
            meter=Meter.ENGINE_HOURS,
            value_before=5,
            source="fuel.fill",
            source_id=new_id(),
            is_override=True,
            note="grün",
        )
        rest = self.line(owner, vehicle, 1, 2, 3)
        self.append(storage, owner, full)
        self.append(storage, owner, *rest)
        self.append(storage, owner)

        for reading in (full, *rest):
            assert reading == self.ask(storage, owner, READINGS, lambda s, r=reading: s.get(r.id))  # type: ignore[misc]

    def test_other_fleets_readings_are_not_found(
        self, storage: Storage, owner: Actor, neighbour: Actor, vehicle: Vehicle
    ) -> None:
        """A reading of another fleet is neither found nor listed."""
        (reading,) = self.line(owner, vehicle, 1)
        self.append(storage, owner, reading)
        with pytest.raises(NotFound):
            self.ask(storage, neighbour, READINGS, lambda s: s.get(reading.id))
        assert list(self.ask(storage, neighbour, READINGS, lambda s: s.live(vehicle.id, Meter.ODOMETER))) == []

    def test_voids_hide_what_they_name(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """A voided reading and its void are not live, but both are found by id."""
        first, second = self.line(owner, vehicle, 1, 2)
        void = self.void_of(second)
        self.append(storage, owner, first, second, void)

        assert [first] == list(self.ask(storage, owner, READINGS, lambda s: s.live(vehicle.id, Meter.ODOMETER)))
        assert [
            self.ask(storage, owner, READINGS, lambda s, r=reading: s.is_voided(r.id))  # type: ignore[misc]
            for reading in (first, second)
        ] == [False, True]
        assert void == self.ask(storage, owner, READINGS, lambda s: s.get(void.id))

    def test_a_second_void_is_refused(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """A reading is voided once, whoever asks."""
        (reading,) = self.line(owner, vehicle, 1)
        self.append(storage, owner, reading)
        self.append(storage, owner, self.void_of(reading))
        with pytest.raises(Conflict):
            self.append(storage, owner, self.void_of(reading))

    def test_neighbours_in_time(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """The neighbours of an instant are the nearest live readings of the meter; one at the instant is neither."""
        first, second, third, fourth = self.line(owner, vehicle, 1, 2, 3, 4)
        self.append(storage, owner, first, second, third, fourth, self.void_of(second))

        def around(days: float) -> list[int | None]:
            at = NOON + days * DAY
            found = self.ask(storage, owner, READINGS, lambda s: s.neighbours(vehicle.id, Meter.ODOMETER, at))
            return [shown and shown.value for shown in (found.before, found.after)]

        assert [[None, 1], [None, 3], [1, 3], [1, 4], [4, None]] == [around(days) for days in (-1, 0, 1, 2, 9)]

    def test_newest_of_each_meter(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """The newest live reading is told for each meter."""
        first, second = self.line(owner, vehicle, 1, 2)
        hours = reading_fact(owner, vehicle.id, 7, meter=Meter.ENGINE_HOURS)
        self.append(storage, owner, first, second, hours, self.void_of(second))
        newest = self.ask(storage, owner, READINGS, lambda s: s.newest(vehicle.id))

        assert {Meter.ODOMETER: first, Meter.ENGINE_HOURS: hours} == newest

    def test_replacements(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """Live replacements are found for some vehicles or for all."""
        first, second = [
            attrs.evolve(r, kind=ReadingKind.REPLACEMENT, value_before=9) for r in self.line(owner, vehicle, 1, 2)
        ]
        self.append(storage, owner, first, second, self.void_of(second))

        assert [[first], [first], []] == [
            list(self.ask(storage, owner, READINGS, lambda s, ids=ids: s.replacements(ids)))  # type: ignore[misc]
            for ids in (None, [vehicle.id], [new_id()])
        ]

    def test_pages_run_newest_first(self, storage: Storage, owner: Actor, vehicle: Vehicle) -> None:
        """A page continues behind a position, and shows voided readings only when asked."""
        readings = self.line(owner, vehicle, 1, 2, 3)
        void = self.void_of(readings[2])
        self.append(storage, owner, *readings, void)
        second = Position(readings[1].at, readings[1].id)

        def page(after: Position | None, *, with_voided: bool) -> list[Reading]:
            return list(
                self.ask(
                    storage,
                    owner,
                    READINGS,
                    lambda s: s.page(vehicle.id, Meter.ODOMETER, after, 10, with_voided=with_voided),
                )
            )

        assert [readings[1], readings[0]] == page(None, with_voided=False)
        assert [readings[0]] == page(second, with_voided=False)
        assert {r.id for r in (*readings, void)} == {r.id for r in page(None, with_voided=True)}


class GrantStoreContract(StorageContract):
    """What a GrantStore must do."""

    def test_grants_open_for_a_time(self, storage: Storage, owner: Actor) -> None:
        """A grant opens its vehicle from its start up to its end, which can be set later."""
        vehicle = vehicle_fact(owner)
        grant = grant_fact(owner, vehicle.id, ends_at=NOON + DAY)
        self.add(storage, owner, VEHICLES, vehicle)
        self.add(storage, owner, GRANTS, grant)

        def reach(*days: float) -> list[int]:
            return [
                len(self.ask(storage, owner, GRANTS, lambda s, d=d: s.openings(owner.user_id, NOON + d * DAY)))  # type: ignore[misc]  # d is bound
                for d in days
            ]

        assert reach(-0.1, 0, 0.9, 1) == [0, 1, 1, 0]
        storage.write(owner, lambda uow: uow[GRANTS].end(grant.id, NOON))
        assert reach(0.5) == [0]
        assert self.ask(storage, owner, GRANTS, lambda s: s.get(grant.id)).ends_at == NOON

    def test_grants_are_listed_by_vehicle(self, storage: Storage, owner: Actor, neighbour: Actor) -> None:
        """The grants of a vehicle run newest first; those of other fleets are not found."""
        vehicle = vehicle_fact(owner)
        grants = [grant_fact(owner, vehicle.id, starts_at=NOON + n * DAY) for n in range(2)]
        self.add(storage, owner, VEHICLES, vehicle)
        self.add(storage, owner, GRANTS, *grants)

        assert grants[::-1] == list(
            self.ask(storage, owner, GRANTS, lambda s: s.find(ListGrants(vehicle_id=vehicle.id)))
        )
        assert list(self.ask(storage, neighbour, GRANTS, lambda s: s.find(ListGrants(vehicle_id=vehicle.id)))) == []
        with pytest.raises(NotFound):
            self.ask(storage, neighbour, GRANTS, lambda s: s.get(grants[0].id))

    @pytest.mark.parametrize("unknown", ["vehicle_id", "user_id"])
    def test_unknown_parties_are_refused(self, storage: Storage, owner: Actor, unknown: str) -> None:
        """A grant of a vehicle or to a user that is not there raises Conflict."""
        vehicle = vehicle_fact(owner)
        self.add(storage, owner, VEHICLES, vehicle)
        grant = attrs.evolve(grant_fact(owner, vehicle.id), **{unknown: new_id()})  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            self.add(storage, owner, GRANTS, grant)
