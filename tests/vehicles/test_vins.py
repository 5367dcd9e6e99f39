"""The VINs and plates of vehicles: which are refused, and who may have one."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.testing.builders import a_vehicle, an_edit_of, new_vehicle
from fleetcore.vehicles.model import RemoveVehicle, RestoreVehicle
from fleetcore.vehicles.rules import clean_plate
from fleetcore.vehicles.service import add_vehicle, edit_vehicle, remove_vehicle, restore_vehicle

GERMAN = "WVWZZZ1JZXW000001"


def test_a_vehicle_needs_a_right_vin(sqlite_core: Core, sqlite_owner: Actor) -> None:
    """A VIN of a wrong shape is refused, and in North America one with a wrong check digit; elsewhere that is odd."""
    for wrong in ("WVWZZZ1JZXW00000", "1FTFW5L85RFB45612"):
        with pytest.raises(Rejected, match="vin"):
            sqlite_core.run(sqlite_owner, add_vehicle, a_vehicle(vin=wrong))

    assert GERMAN == new_vehicle(sqlite_core, sqlite_owner, vin=" wvw-zzz1jzxw 000001 ").vin


def test_plates_are_tidied() -> None:
    """Runs of blanks in a plate say nothing."""
    assert ("B XY 1", None) == (clean_plate("  B  XY 1 "), clean_plate(""))


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ({"vin": GERMAN}, {"vin": GERMAN.lower()}, "VIN"),
        ({"plate": "B-XY 1"}, {"plate": "b xy1"}, "plate"),
        ({"plate": "ÄÖ-1"}, {"plate": "äö 1"}, "plate"),
    ],
)
def test_living_vehicles_are_distinct(
    shared_core: Core, resident: Actor, first: dict[str, str], second: dict[str, str], word: str
) -> None:
    """A VIN or plate belongs to one living vehicle of a fleet, however it is written."""
    new_vehicle(shared_core, resident, **first)
    other = new_vehicle(shared_core, resident)
    with pytest.raises(Conflict, match=word):
        shared_core.run(resident, add_vehicle, a_vehicle(**second))
    with pytest.raises(Conflict, match=word):
        shared_core.run(resident, edit_vehicle, an_edit_of(other, **second))


def test_another_fleet_may_have_the_same_vin(shared_core: Core, resident: Actor) -> None:
    """The same vehicle may be kept by two fleets."""
    new_vehicle(shared_core, resident, vin=GERMAN, plate="B 1")

    assert GERMAN == new_vehicle(shared_core, shared_core.create_fleet("Other"), vin=GERMAN, plate="B 1").vin


def test_a_removed_vehicle_frees_its_vin(shared_core: Core, resident: Actor) -> None:
    """The VIN of a removed vehicle can be used again; the removed one then cannot come back."""
    old = new_vehicle(shared_core, resident, vin=GERMAN)
    shared_core.run(resident, remove_vehicle, RemoveVehicle(id=old.id))
    new_vehicle(shared_core, resident, vin=GERMAN)
    with pytest.raises(Conflict, match="VIN"):
        shared_core.run(resident, restore_vehicle, RestoreVehicle(id=old.id))


def test_a_taken_id_is_a_conflict(shared_core: Core, resident: Actor) -> None:
    """A client that chooses an id chooses a new one."""
    vehicle = new_vehicle(shared_core, resident)
    with pytest.raises(Conflict, match="this id exists"):
        shared_core.run(resident, add_vehicle, a_vehicle(id=vehicle.id))


def test_a_vehicle_needs_a_name(sqlite_core: Core, sqlite_owner: Actor) -> None:
    """A vehicle without a name is called by make and model; without all three it is refused."""
    assert "VW Polo" == new_vehicle(sqlite_core, sqlite_owner, name=" ", make="VW", model="Polo").name
    with pytest.raises(Rejected, match="give a name"):
        sqlite_core.run(sqlite_owner, add_vehicle, a_vehicle(name=" "))
