"""The service book by command: records, jobs, providers, and services of imported logs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .running import Command

SERVICES = """##Refuelling
"Odometer","Date","Fuel","Price / L","Total cost","Volume","Full tank"
##Service
"Odometer","Date","Total cost","Type of service","Place","Driver","Payment method","Notes"
"45300.0","2025-03-03 12:00:00","89.90","Oil change","Garage","","",""
"""


@pytest.fixture
def car(command: Command) -> Command:
    """The fleet command over a fleet with a Golf and a workshop."""
    command("vehicles", "add", "--name", "Golf")
    command("maintenance", "providers", "add", "--name", "Corner Garage", "--phone", "0123", "--email", "a@example.org")
    return command


def test_empty_lists_teach(command: Command) -> None:
    """Empty lists say how to fill them."""
    assert "fleet maintenance add --vehicle" in command("maintenance", "list").stdout
    assert "fleet maintenance jobs schedule" in command("maintenance", "jobs", "list").stdout
    assert "fleet maintenance providers add" in command("maintenance", "providers", "list").stdout
    assert {"services": []} == command.json("maintenance", "list")
    assert "no imported expense left" in command("imports", "convert-services").stdout


def test_service_is_recorded_with_all_its_fields(car: Command) -> None:
    """Parts, labour, meters and warranty are read as people type them, and shown again."""
    added = car.json(
        "maintenance", "add", "--vehicle", "Golf", "--title", "Oil change", "--date", "2026-03-10", "--category",
        "repair", "--odometer", "45,210.5km", "--hours", "120.5", "--part", "4.5 x Oil #5W-30 @ 8.99", "--part",
        "Filter", "--labour-hours", "1.5", "--labour-rate", "80", "--provider", "corner garage", "--place", "Bay 3",
        "--warranty-until", "2028-03-10", "--warranty-odometer", "85000", "--tag", "oil", "--notes", "squeaked",
    )  # fmt: skip
    shown = car("maintenance", "show", added["id"][-8:]).stdout

    assert {"amount": "160.46", "currency": "EUR"} == added["total"]
    assert (45_210.5, 120.5, 4.5) == (added["odometer_km"], added["engine_hours"], added["parts"][0]["quantity"])
    for word in ("Golf", "4.5 x Oil #5W-30 @ 8.99 EUR", "1 x Filter", "Corner Garage", "160.46 EUR", "85,000 km"):
        assert word in shown


def test_service_is_edited_removed_and_restored(car: Command) -> None:
    """What is not given stays, a sum follows its parts, and a removed record comes back."""
    added = car.json("maintenance", "add", "--vehicle", "Golf", "--title", "Oil", "--part", "Oil @ 30", "--notes", "x")
    edited = car.json("maintenance", "edit", added["id"], "--part", "Oil @ 40", "--clear", "notes")
    moved = car.json("maintenance", "edit", added["id"], "--date", "2026-01-02 10:30")
    car("maintenance", "remove", added["id"][-8:])
    removed = car.json("maintenance", "list", "--removed")["services"]
    car("maintenance", "restore", added["id"][-8:])

    assert ("40.00", "", "Oil") == (edited["total"]["amount"], edited["notes"], edited["title"])
    assert ("2026-01-02", "40.00") == (moved["done_on"], moved["total"]["amount"])
    assert [added["id"]] == [each["id"] for each in removed]
    assert "Oil" in car("maintenance", "list", "--vehicle", "Golf").stdout
    assert "No services of this kind" in car("maintenance", "list", "--category", "recall").stdout


def test_a_part_that_cannot_be_read_is_refused(car: Command) -> None:
    """A part without a name is a mistake of typing, told with an example."""
    result = car("maintenance", "add", "--vehicle", "Golf", "--title", "Oil", "--part", "@ 5", code=2)

    assert "2 x Brake pads" in result.stderr


def test_job_goes_from_plan_to_record(car: Command) -> None:
    """A job is planned, changed, started, completed and reopened; the vehicle's state follows."""
    job = car.json(
        "maintenance", "jobs", "schedule", "--vehicle", "Golf", "--title", "Brakes", "--on", "2026-07-01",
        "--provider", "Corner Garage", "--estimate", "300", "--category", "repair",
    )["id"]  # fmt: skip
    car("maintenance", "jobs", "edit", job, "--on", "2026-07-02")
    car("maintenance", "jobs", "start", job[-8:])
    state = car.json("vehicles", "show", "Golf")["state"]
    listed = car("maintenance", "jobs", "list", "--status", "in_progress").stdout
    done = car.json("maintenance", "jobs", "complete", job, "--total", "280", "--odometer", "45000")
    car("maintenance", "jobs", "complete", job, code=1)

    assert "under_maintenance" == state
    for word in ("2026-07-02", "Golf", "Brakes", "in progress", "300.00 EUR"):
        assert word in listed
    assert ("completed", "Brakes") == (done["job"]["status"], done["service"]["title"])
    assert "active" == car.json("vehicles", "show", "Golf")["state"]
    assert "Reopened" in car("maintenance", "jobs", "reopen", job).stdout
    assert "Cancelled" in car("maintenance", "jobs", "cancel", job, "--reason", "no parts").stdout
    assert {"services": []} == car.json("maintenance", "list")


def test_provider_is_edited_and_removed(car: Command) -> None:
    """A provider is found by its name or id, changed field by field, and taken off the list."""
    car("maintenance", "providers", "edit", "Corner Garage", "--address", "Main St 1")
    (found,) = car.json("maintenance", "providers", "list", "--name", "corner")["providers"]
    listed = car("maintenance", "providers", "list").stdout
    car("maintenance", "providers", "remove", found["id"][-8:])

    assert ("Main St 1", "0123") == (found["address"], found["phone"])
    assert "Corner Garage" in listed
    assert {"providers": []} == car.json("maintenance", "providers", "list")
    assert "no provider" in car("maintenance", "providers", "remove", "Corner Garage", code=1).stderr.lower()


def test_units_are_the_users(car: Command) -> None:
    """A user of miles types and reads miles."""
    car("vehicles", "add", "--name", "Mini", "--distance-unit", "mi")
    added = car.json("maintenance", "add", "--vehicle", "Mini", "--title", "Oil", "--odometer", "1000")

    assert 1609.344 == added["odometer_km"]
    assert "1,000 mi" in car("maintenance", "list", "--vehicle", "Mini").stdout


def test_imported_services_are_converted(car: Command, written: Callable[[str], str]) -> None:
    """Services of an imported log are counted, then made records, once."""
    car("import", written(SERVICES), "--vehicle", "Golf", "--format", "drivvo")
    counted = car("imports", "convert-services", "--dry-run").stdout
    made = car("imports", "convert-services").stdout

    assert "Would make 1 service record." in counted
    assert "Made 1 service record" in made
    assert ["Oil change"] == [each["title"] for each in car.json("maintenance", "list")["services"]]
    assert 0 == car.json("imports", "convert-services")["converted"]
