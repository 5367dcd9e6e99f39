"""Vehicle identification numbers: their shape, the check digit, and who may have one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.testing.builders import a_vehicle, an_edit_of, new_vehicle
from fleetcore.vehicles.model import CheckVin, RemoveVehicle, RestoreVehicle
from fleetcore.vehicles.rules import clean_plate, clean_vin, vin_problems, vin_warnings
from fleetcore.vehicles.service import add_vehicle, check_vin, edit_vehicle, remove_vehicle, restore_vehicle

GERMAN = "WVWZZZ1JZXW000001"
AMERICAN = "1FTFW5L86RFB45612"


@pytest.mark.parametrize(
    ("vin", "codes"),
    [
        (AMERICAN, []),
        ("11111111111111111", []),  # the regulation's own example
        ("1M8GDM9AXKP042788", []),  # the check digit 10 is written X
        ("1FTFW5L85RFB45612", ["vin.check_digit"]),
        (GERMAN, []),
        ("WVWZZZ1JZXW00000", ["vin.shape"]),
        ("WVWZZZ1JZXW0000011", ["vin.shape"]),
        ("WVWZZZ1JZXW00000I", ["vin.shape"]),
        ("WVWZZZ1JZXW00000O", ["vin.shape"]),
        ("WVWZZZ1JZXW00000Q", ["vin.shape"]),
        ("WVWZZZ1JZXW00000Ä", ["vin.shape"]),
        ("WVWZZZ1JZXW00000\u0661", ["vin.shape"]),
    ],
)
def test_vin_shape_and_check_digit(vin: str, codes: list[str]) -> None:
    """A VIN has 17 letters and digits without I, O and Q; in North America the check digit is the law."""
    assert codes == [problem.code for problem in vin_problems(vin)]


def test_check_digit_elsewhere_is_a_warning() -> None:
    """Outside North America a wrong check digit is odd, not wrong."""
    assert ["vin.check_digit"] == [problem.code for problem in vin_warnings(GERMAN)]
    assert [] == list(vin_warnings(AMERICAN))


def test_real_vins_are_judged_as_recorded(shared_data: Path) -> None:
    """Every VIN of the collection is accepted or refused as its recorded check digit says."""
    records = [json.loads(line) for line in (shared_data / "vins.jsonl").read_text("utf-8").splitlines()]
    wrong = []
    for record in records:
        problems = {problem.code for problem in vin_problems(record["vin"])}
        odd = problems | {problem.code for problem in vin_warnings(record["vin"])}
        if "vin.shape" not in problems and record["check_digit_ok"] == ("vin.check_digit" in odd):
            wrong.append(record["vin"])

    assert len(records) > 10
    assert [] == wrong


def test_vins_and_plates_are_tidied() -> None:
    """Blanks and case in a VIN, and runs of blanks in a plate, say nothing."""
    assert GERMAN == clean_vin(" wvw zzz1jzxw 000001 ")
    assert "B XY 1" == clean_plate("  B  XY 1 ")
    assert (None, None) == (clean_vin("  "), clean_plate(""))


def test_a_vin_can_be_checked_alone(sqlite_core: Core, sqlite_owner: Actor) -> None:
    """Problems and warnings of a VIN are told without adding a vehicle."""
    found = sqlite_core.read(sqlite_owner, check_vin, CheckVin(vin="1ftfw5l85rfb45612"))

    assert ("1FTFW5L85RFB45612", 1, 0) == (found.vin, len(found.problems), len(found.warnings))


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
