"""Vehicles, odometers, fills, stations and expenses by command: added, listed, edited, removed, restored."""

from __future__ import annotations

import pytest

from .running import Command


def test_no_vehicles_yet_teaches_what_to_do(command: Command) -> None:
    """An empty list says how to fill it."""
    assert "fleet vehicles add --name" in command("vehicles", "list").stdout
    assert {"vehicles": []} == command.json("vehicles", "list")


def test_vehicle_is_added_with_all_its_fields(command: Command) -> None:
    """Fields are read in the user's units and shown again."""
    added = command.json(
        "vehicles", "add", "--name", "Van", "--make", "Ford", "--model", "Transit", "--variant", "L3H2", "--year",
        "2020", "--vin", "1M8GDM9AXKP042788", "--plate", "l ab 1", "--colour", "blue", "--carrier", "diesel",
        "--carrier", "lpg", "--tank", "80,5l", "--battery", "1.2", "--seats", "3", "--load-limit", "1400",
        "--purchased-on", "2020-05-01", "--purchase-price", "32000.50", "--sold-on", "2025-05-01", "--sale-price",
        "9000 EUR", "--distance-unit", "mi", "--volume-unit", "gal_uk", "--tag", "work", "--field", "Key=12",
        "--notes", "dent",
    )  # fmt: skip
    shown = command("vehicles", "show", "van").stdout

    assert 80.5 == added["tank_capacity_l"]
    assert ["diesel", "lpg"] == added["carriers"]
    assert {"amount": "32000.50", "currency": "EUR"} == added["purchase_price"]
    assert {"Key": "12"} == added["custom_fields"]
    for word in ("Ford Transit L3H2", "17.71 gal", "32,000.50 EUR", "1,400.00 kg", "dent", "Key", "work"):
        assert word in shown


def test_vehicle_is_edited_field_by_field(command: Command) -> None:
    """What is not given stays, what is cleared is empty, what is given changes."""
    command("vehicles", "add", "--name", "Golf", "--make", "VW", "--year", "2019", "--plate", "X 1", "--field", "A=1")
    edited = command.json("vehicles", "edit", "golf", "--colour", "red", "--clear", "year", "--field", "B=2")

    assert ("VW", "red", None, "X 1") == tuple(edited[name] for name in ("make", "colour", "year", "plate"))
    assert {"A": "1", "B": "2"} == edited["custom_fields"]
    assert 2 == edited["version"]


def test_vehicle_goes_and_comes_back(golf: Command) -> None:
    """Removing hides a vehicle with its fills, restoring brings both back; states follow the legal transitions."""
    golf("vehicles", "state", "Golf", "rented")
    golf("vehicles", "state", "Golf", "decommissioned", code=1)
    golf("vehicles", "remove", "Golf")
    hidden = (golf.json("vehicles", "list"), golf.json("fuel", "list"))
    removed = golf.json("vehicles", "list", "--removed")["vehicles"]
    golf("vehicles", "restore", "Golf")

    assert ({"vehicles": []}, {"fills": []}) == hidden
    assert ["Golf"] == [vehicle["name"] for vehicle in removed]
    assert 4 == len(golf.json("fuel", "list")["fills"])
    golf("vehicles", "remove", "Golf")
    assert 1 == len(golf.json("vehicles", "purge", "--after-days", "0")["purged"])


def test_odometer_is_noted_listed_and_taken_back(command: Command) -> None:
    """Readings are added in either unit, a jump needs a word, a void keeps the row, a new meter runs on."""
    command("vehicles", "add", "--name", "Golf")
    assert "Nothing noted yet" in command("odometer", "show", "--vehicle", "Golf").stdout
    first = command.json("odometer", "add", "--vehicle", "Golf", "--km", "45210.5", "--on", "2026-03-10")
    command("odometer", "add", "--vehicle", "Golf", "--miles", "28200", "--on", "2026-03-20 08:30")
    jump = command("odometer", "add", "--vehicle", "Golf", "--km", "1000", "--on", "2026-04-01", code=1)
    command("odometer", "add", "--vehicle", "Golf", "--km", "1000", "--on", "2026-04-01", "--accept-jump")
    command("odometer", "add", "--vehicle", "Golf", "--hours", "12.5", "--on", "2026-04-01")
    command("odometer", "void", "--vehicle", "Golf", first["id"][-8:])
    newest = command.json("odometer", "list", "--vehicle", "Golf")["readings"][0]
    command("odometer", "void", "--vehicle", "Golf", newest["id"])
    command("odometer", "replace", "--vehicle", "Golf", "--old", "45500", "--new", "10", "--on", "2026-05-01")
    meters = command.json("odometer", "show", "--vehicle", "Golf")

    assert 45_210_500 == first["value"]
    assert "--accept-jump" in jump.stderr
    assert (10.0, 45500.0, 12.5) == (meters["odometer_km"], meters["total_km"], meters["engine_hours"])
    assert "45,384 km" in command("odometer", "list", "--vehicle", "Golf", "--voided").stdout
    assert "12.5 h" in command("odometer", "list", "--vehicle", "Golf", "--meter", "engine_hours").stdout
    command("odometer", "add", "--vehicle", "Golf", code=2)


def test_fill_is_recorded_edited_removed_and_restored(command: Command) -> None:
    """A fill follows what is typed in any unit; an edit lets derived numbers follow."""
    command("vehicles", "add", "--name", "Golf", "--carrier", "petrol")
    command("stations", "add", "--name", "Aral", "--brand", "Aral")
    fill = command.json(
        "fuel", "add", "--vehicle", "Golf", "--date", "2026-03-10 16:01", "--odometer", "45210mi", "--volume",
        "10gal_us", "--price", "1.7", "--partial", "--station", "aral", "--grade", "E10", "--tag", "trip",
    )  # fmt: skip
    edited = command.json("fuel", "edit", fill["id"][-8:], "--total", "70", "--full", "--clear", "grade")
    dearer = command.json("fuel", "edit", fill["id"], "--price", "2")
    shown = command("fuel", "show", fill["id"]).stdout
    command("fuel", "remove", fill["id"])
    gone = command.json("fuel", "list")
    command("fuel", "restore", fill["id"])

    assert (72758.442, 37.854, "64.35") == (fill["odometer_km"], fill["volume_l"], fill["total"]["amount"])
    assert not fill["is_full"]
    assert ("70.00", True, "") == (edited["total"]["amount"], edited["is_full"], edited["grade"])
    assert ("75.71", 37.854) == (dearer["total"]["amount"], dearer["volume_l"])
    assert "75.71 EUR" in shown
    assert {"fills": []} == gone
    assert "Golf" == command.json("fuel", "list")["fills"][0]["vehicle"]


def test_charge_is_recorded(command: Command) -> None:
    """Energy, states of charge and place belong to a charge."""
    command("vehicles", "add", "--name", "Leaf", "--carrier", "electricity")
    fill = command.json(
        "fuel", "add", "--vehicle", "Leaf", "--trip", "120", "--energy", "22.4", "--price", "0.31", "--currency",
        "gbp", "--start-soc", "20", "--end-soc", "80", "--charge-place", "home", "--current", "ac",
    )  # fmt: skip
    shown = command("fuel", "show", fill["id"]).stdout

    assert {"amount": "6.94", "currency": "GBP"} == fill["total"]
    assert "20 % to 80 %, home, AC" in shown
    assert "22.40 kWh" in command("fuel", "list").stdout


def test_lists_are_cut_and_narrowed(golf: Command) -> None:
    """--limit, dates and kinds choose; the table says when there is more."""
    cut = golf("fuel", "list", "--limit", "2")

    assert "There are more" in cut.stderr
    assert 2 == len(golf.json("fuel", "list", "--limit", "2")["fills"])
    assert 3 == len(golf.json("fuel", "list", "--from", "2026-01", "--to", "2026-01")["fills"])
    assert 1 == len(golf.json("fuel", "list", "--from", "2026-02-01")["fills"])
    assert "No fills of this kind." in golf("fuel", "list", "--carrier", "cng").stdout


def test_stations_are_kept(command: Command) -> None:
    """Stations are found by name or by the end of their id."""
    assert "No stations" in command("stations", "list").stdout
    station = command.json("stations", "add", "--name", "JET", "--latitude", "51.3", "--longitude", "12.3")
    command("stations", "edit", "jet", "--address", "Main St 1")
    assert "Main St 1" in command("stations", "list", "--name", "je").stdout
    command("stations", "remove", station["id"][-8:])
    command("stations", "remove", "JET", code=1)
    assert {"stations": []} == command.json("stations", "list")


def test_expense_is_recorded_edited_removed_and_restored(golf: Command) -> None:
    """Expenses have days or instants, categories and amounts; a refund is below zero."""
    refund = golf.json("expenses", "add", "--category", "toll", "--amount", "-3 GBP", "--date", "2026-01-20 10:00")
    edited = golf.json("expenses", "edit", refund["id"], "--date", "2026-01-21", "--title", "Back", "--vehicle", "golf")
    listed = golf("expenses", "list").stdout
    golf("expenses", "remove", refund["id"][-8:])
    left = golf.json("expenses", "list")["expenses"]
    golf("expenses", "restore", refund["id"][-8:])

    assert ("2026-01-20", "2026-01-21") == (refund["spent_on"], edited["spent_on"])
    assert ("Golf", None) == (edited["vehicle"], refund["vehicle"])
    assert "-3.00 GBP" in listed
    assert ["parking"] == [expense["category"] for expense in left]
    assert 2 == len(golf.json("expenses", "list", "--vehicle", "Golf")["expenses"])
    assert "No expenses of this kind" in golf("expenses", "list", "--category", "fine").stdout


def test_categories_of_ones_own(command: Command) -> None:
    """A category is added, renamed and removed; built-in ones stay."""
    command("expenses", "categories", "add", "Boat ramp")
    command("expenses", "categories", "rename", "boat_ramp", "Slipway")
    assert "Slipway" in command("expenses", "categories", "list").stdout
    command("expenses", "categories", "remove", "slipway")
    command("expenses", "categories", "remove", "parking", code=1)
    command("expenses", "categories", "remove", "nothing", code=1)


def test_recurring_expense_catches_up(command: Command) -> None:
    """A recurring expense records what fell due, once; it can be changed and stopped."""
    command("vehicles", "add", "--name", "Golf")
    assert "No recurring expenses" in command("expenses", "recurring", "list").stdout
    made = command.json(
        "expenses", "recurring", "add", "--vehicle", "Golf", "--category", "insurance", "--amount", "48", "--period",
        "month", "--start", "2026-01-31", "--end", "2026-03-31",
    )  # fmt: skip
    first = command.json("expenses", "recurring", "run")["expenses"]
    second = command.json("expenses", "recurring", "run")["expenses"]

    assert ["2026-01-31", "2026-02-28", "2026-03-31"] == [expense["spent_on"] for expense in first]
    assert [] == second
    assert "insurance" in command("expenses", "recurring", "list", "--ended").stdout
    edited = command.json("expenses", "recurring", "edit", made["id"][-8:], "--amount", "50", "--clear", "ends_on")
    assert (None, "50.00") == (edited["ends_on"], edited["amount"]["amount"])
    command("expenses", "recurring", "stop", made["id"][-8:])


@pytest.mark.parametrize("words", [("fuel", "show"), ("expenses", "remove"), ("expenses", "recurring", "stop")])
def test_a_record_that_is_not_there(golf: Command, words: tuple[str, ...]) -> None:
    """An id that is none ends with 2, one that nothing has with 1."""
    golf(*words, "nonsense", code=2)
    golf(*words, "00000000", code=1)
    golf(*words, "01a1f941-05ad-70bc-9e19-fcfe6b2493c1", code=1)
