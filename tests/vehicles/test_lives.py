"""The life of a vehicle: states, removal with its records, restore, purge."""

from __future__ import annotations

from itertools import product

import attrs
import pytest

from fleetcore import Core
from fleetcore.fuel.model import GetFill, ListFills
from fleetcore.fuel.service import get_fill, list_fills, record_fill
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.testing.builders import a_fill, a_reading, a_vehicle, an_edit_of, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.meters import get_odometer, list_readings, record_reading
from fleetcore.vehicles.model import (
    ChangeState,
    GetVehicle,
    ListVehicles,
    PurgeVehicles,
    RemoveVehicle,
    RestoreVehicle,
    Vehicle,
    VehicleState,
)
from fleetcore.vehicles.readings import GetOdometer, ListReadings
from fleetcore.vehicles.rules import TRANSITIONS, check_transition
from fleetcore.vehicles.service import (
    add_vehicle,
    change_state,
    edit_vehicle,
    get_vehicle,
    list_vehicles,
    purge_vehicles,
    remove_vehicle,
    restore_vehicle,
)

ACTIVE, RENTED, WORKSHOP, GONE = VehicleState
LEGAL = {
    (ACTIVE, RENTED),
    (ACTIVE, WORKSHOP),
    (ACTIVE, GONE),
    (RENTED, ACTIVE),
    (RENTED, WORKSHOP),
    (WORKSHOP, ACTIVE),
    (WORKSHOP, GONE),
    (GONE, ACTIVE),
}


@pytest.mark.parametrize(("old", "new"), list(product(VehicleState, repeat=2)))
def test_only_legal_transitions(old: VehicleState, new: VehicleState) -> None:
    """A vehicle moves between states along the listed transitions only."""
    assert ((old, new) in LEGAL) == (not list(check_transition(old, new)))


def test_states_change_one_by_one(shared_core: Core, resident: Actor) -> None:
    """A vehicle goes through its states, and a step that is not legal is refused with what would be."""
    vehicle = new_vehicle(shared_core, resident)
    for state in (RENTED, WORKSHOP, GONE):
        vehicle = shared_core.run(resident, change_state, ChangeState(id=vehicle.id, state=state))
    with pytest.raises(Rejected, match="it can become active"):
        shared_core.run(resident, change_state, ChangeState(id=vehicle.id, state=RENTED))

    assert (GONE, 4) == (vehicle.state, vehicle.version)


@pytest.mark.parametrize("state", [GONE, ACTIVE])
def test_decommissioning_needs_its_permission(shared_core: Core, resident: Actor, state: VehicleState) -> None:
    """Taking a vehicle out of service and back needs a permission of its own."""
    vehicle = new_vehicle(shared_core, resident)
    if state is ACTIVE:
        shared_core.run(resident, change_state, ChangeState(id=vehicle.id, state=GONE))
    clerk = attrs.evolve(resident, permissions={"vehicles.write": Scope.ALL})
    with pytest.raises(Forbidden, match=r"vehicles\.decommission"):
        shared_core.run(clerk, change_state, ChangeState(id=vehicle.id, state=state))


def test_a_stale_state_change_is_a_conflict(shared_core: Core, resident: Actor) -> None:
    """A change of state that read an older version is refused."""
    vehicle = new_vehicle(shared_core, resident)
    shared_core.run(resident, edit_vehicle, an_edit_of(vehicle, name="New"))
    with pytest.raises(Conflict):
        shared_core.run(resident, change_state, ChangeState(id=vehicle.id, state=RENTED, version=1))


@pytest.mark.parametrize("state", sorted(TRANSITIONS))
def test_transitions_name_every_state(state: VehicleState) -> None:
    """From every state something is possible."""
    assert TRANSITIONS[state]


@pytest.fixture
def removed(shared_core: Core, resident: Actor) -> Vehicle:
    """A removed vehicle that had a fill and a reading."""
    vehicle = new_vehicle(shared_core, resident, vin="WVWZZZ1JZXW000001", notes="scratch", tags=("blue",))
    new_fill(shared_core, resident, vehicle)
    shared_core.run(resident, record_reading, a_reading(vehicle.id))
    return shared_core.run(resident, remove_vehicle, RemoveVehicle(id=vehicle.id))


def test_removal_hides_the_vehicle_and_its_records(shared_core: Core, resident: Actor, removed: Vehicle) -> None:
    """A removed vehicle is in no list and under no id, nor are its fills and readings."""
    read = shared_core.read
    assert () == read(resident, list_vehicles, ListVehicles())
    assert () == read(resident, list_fills, ListFills()).items
    for query, question in (
        (get_vehicle, GetVehicle(id=removed.id)),
        (list_fills, ListFills(vehicle_id=removed.id)),
        (get_odometer, GetOdometer(vehicle_id=removed.id)),
        (list_readings, ListReadings(vehicle_id=removed.id)),
    ):
        with pytest.raises(NotFound):
            read(resident, query, question)  # type: ignore[arg-type]


def test_removed_vehicles_take_no_changes(shared_core: Core, resident: Actor, removed: Vehicle) -> None:
    """Nothing can be recorded for a removed vehicle, and it is not removed twice."""
    run = shared_core.run
    for operation, command in (
        (record_fill, a_fill(removed.id)),
        (record_reading, a_reading(removed.id)),
        (edit_vehicle, an_edit_of(removed)),
        (remove_vehicle, RemoveVehicle(id=removed.id)),
    ):
        with pytest.raises(NotFound):
            run(resident, operation, command)  # type: ignore[arg-type]


def test_restoring_brings_the_records_back(shared_core: Core, resident: Actor, removed: Vehicle) -> None:
    """A restored vehicle has its fills and readings again."""
    vehicle = shared_core.run(resident, restore_vehicle, RestoreVehicle(id=removed.id))

    assert (None, 3) == (vehicle.deleted_at, vehicle.version)
    assert 1 == len(shared_core.read(resident, list_fills, ListFills()).items)
    assert 1 == len(shared_core.read(resident, list_readings, ListReadings(vehicle_id=vehicle.id)).items)


def test_removed_vehicles_are_listed_apart(shared_core: Core, resident: Actor, removed: Vehicle) -> None:
    """Whoever asks for removed vehicles sees those only."""
    new_vehicle(shared_core, resident)

    assert (removed,) == shared_core.read(resident, list_vehicles, ListVehicles(removed=True))


def test_a_living_vehicle_is_not_restored(shared_core: Core, resident: Actor) -> None:
    """Restoring a vehicle that was not removed is refused."""
    vehicle = new_vehicle(shared_core, resident)
    with pytest.raises(Rejected, match="not removed"):
        shared_core.run(resident, restore_vehicle, RestoreVehicle(id=vehicle.id))


def test_purge_waits(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Only vehicles removed at least so many days ago are purged."""
    vehicle = new_vehicle(core, owner)
    core.run(owner, remove_vehicle, RemoveVehicle(id=vehicle.id))
    clock.advance(days=29)
    assert () == core.run(owner, purge_vehicles, PurgeVehicles())
    clock.advance(days=1)

    assert (vehicle.id,) == core.run(owner, purge_vehicles, PurgeVehicles())
    assert () == core.run(owner, purge_vehicles, PurgeVehicles())


def test_purge_erases_and_the_books_stay(shared_core: Core, resident: Actor, removed: Vehicle) -> None:
    """A purged vehicle cannot come back, its fills are gone, and the ledger is still sound."""
    run, read = shared_core.run, shared_core.read
    assert (removed.id,) == run(resident, purge_vehicles, PurgeVehicles(after_days=0))
    with pytest.raises(Rejected, match="purged"):
        run(resident, restore_vehicle, RestoreVehicle(id=removed.id))

    assert () == read(resident, list_vehicles, ListVehicles(removed=True))
    assert read(resident, check_ledger, CheckLedger()).is_sound


def test_a_purged_fill_is_not_found(shared_core: Core, resident: Actor) -> None:
    """A fill of a purged vehicle is erased with it."""
    vehicle = new_vehicle(shared_core, resident)
    fill = new_fill(shared_core, resident, vehicle)
    shared_core.run(resident, remove_vehicle, RemoveVehicle(id=vehicle.id))
    shared_core.run(resident, purge_vehicles, PurgeVehicles(after_days=0))
    with pytest.raises(NotFound):
        shared_core.read(resident, get_fill, GetFill(id=fill.id))


@pytest.mark.parametrize("after_days", [-1, 10**12])
def test_purge_takes_a_sane_delay(shared_core: Core, resident: Actor, after_days: int) -> None:
    """A delay below zero or beyond the calendar is refused."""
    with pytest.raises(Rejected, match="after_days"):
        shared_core.run(resident, purge_vehicles, PurgeVehicles(after_days=after_days))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"year": 1884}, "year"),
        ({"year": 2029}, "year"),
        ({"passenger_capacity": -1}, "passenger_capacity"),
        ({"passenger_capacity": 10**12}, "passenger_capacity"),
        ({"carriers": ("petrol", "petrol")}, "carriers"),
        ({"tags": ("",)}, "tags.0"),
        ({"colour": "x" * 201}, "colour"),
        ({"notes": "x" * 10_001}, "notes"),
        ({"custom_fields": {"": "x"}}, "custom_fields."),
    ],
)
def test_absurd_words_are_refused(shared_core: Core, resident: Actor, said: dict[str, object], field: str) -> None:
    """What cannot be said of a vehicle is refused by the name of the field."""
    with pytest.raises(Rejected) as caught:
        shared_core.perform(resident, "vehicles.add", {"name": "Polo"} | said)

    assert [field] == [problem.field for problem in caught.value.problems]


def test_vehicles_are_listed_by_state_and_tag(shared_core: Core, resident: Actor) -> None:
    """A list of vehicles can be narrowed to a state or a tag, and is sorted by name."""
    zoe = new_vehicle(shared_core, resident, name="Zoe", tags=("blue", "small"))
    ami = shared_core.run(resident, add_vehicle, a_vehicle(name="Ami"))
    shared_core.run(resident, change_state, ChangeState(id=ami.id, state=RENTED))

    def names(**question: object) -> list[str]:
        return [v.name for v in shared_core.read(resident, list_vehicles, ListVehicles(**question))]  # type: ignore[arg-type]

    assert ["Ami", "Zoe"] == names()
    assert ["Ami"] == names(state=RENTED)
    assert [zoe.name] == names(tag="small")
