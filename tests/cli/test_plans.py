"""Plans, inspections and tyres by command."""

from __future__ import annotations

import pytest

from .running import Command


@pytest.fixture
def car(command: Command) -> Command:
    """The fleet command over a fleet with a petrol Golf that shows 40,000 km."""
    command("vehicles", "add", "--name", "Golf", "--make", "VW", "--carrier", "petrol")
    command("odometer", "add", "--vehicle", "Golf", "--km", "40000", "--on", "2026-03-01")
    return command


def test_empty_lists_teach(car: Command) -> None:
    """Empty lists say how to fill them."""
    assert "fleet plans apply petrol" in car("plans", "list").stdout
    assert "fleet inspections record" in car("inspections", "list").stdout
    assert "fleet tyres add" in car("tyres", "list").stdout
    assert "No tyres were thrown away" in car("tyres", "list", "--retired").stdout
    assert "No inspection is open" in car("inspections", "list", "--open").stdout
    assert {"items": []} == car.json("plans", "list")


def test_item_is_planned_done_edited_and_removed(car: Command) -> None:
    """An item is next where it says, a service moves it on, and it goes by its title."""
    added = car(
        "plans", "add", "--vehicle", "Golf", "--title", "Engine oil", "--every-km", "15000", "--last-odometer", "38000",
        "--expected-cost", "90", "--part", "5W-30", "--category", "routine",
    ).stdout  # fmt: skip
    car("maintenance", "add", "--vehicle", "Golf", "--title", "Oil", "--odometer", "40500", "--done", "engine-oil")
    (item,) = car.json("plans", "list", "--vehicle", "Golf")["items"]
    car("plans", "edit", "Engine oil", "--every-km", "10000", "--clear", "expected_cost")
    shown = car("plans", "show", item["id"][-8:]).stdout
    paused = car("plans", "edit", "engine-oil", "--pause").stdout
    refused = car("maintenance", "add", "--vehicle", "Golf", "--title", "x", "--done", "engine-oil", code=2).stderr
    car("plans", "edit", "engine-oil", "--resume")
    listed = car("plans", "list").stdout
    removed = car("plans", "remove", "engine-oil").stdout

    assert "Planned: Golf, Engine oil, next 53,000 km" in added
    assert 55_500 == item["next"]["due_odometer_km"]
    for word in ("Golf", "every 10,000 km", "50,500 km", "5W-30"):
        assert word in shown
    assert ("90.00", False) == (item["expected_cost"]["amount"], "90.00" in shown)
    assert "paused" in paused
    assert "--resume" in refused
    assert "50,500 km" in listed
    assert "Removed Engine oil" in removed
    assert "No reminders" in car("reminders", "list").stdout or "fleet reminders add" in car("reminders", "list").stdout
    assert "no plan item" in car("plans", "show", "engine-oil", code=2).stderr


def test_service_answers_a_reminder_by_its_title(car: Command) -> None:
    """Recording moves it on, removing the record takes that back."""
    car("reminders", "add", "--vehicle", "Golf", "--title", "Oil change", "--every-km", "15000")
    added = car.json(
        "maintenance", "add", "--vehicle", "Golf", "--title", "Oil", "--odometer", "41000", "--reminder", "oil change"
    )
    done = car.json("reminders", "list")["reminders"][0]["due_odometer_km"]
    car("maintenance", "remove", added["id"])
    undone = car.json("reminders", "list")["reminders"][0]["due_odometer_km"]

    assert (56_000, 55_000) == (done, undone)


def test_template_is_applied_saved_and_applied_again(car: Command) -> None:
    """A dry run adds nothing; what is there is kept; an own template tells which vehicles differ."""
    tried = car("plans", "apply", "petrol", "--vehicle", "Golf", "--dry-run").stdout
    none = car.json("plans", "list")["items"]
    applied = car.json(
        "plans", "apply", "petrol", "--vehicle", "Golf", "--leave-out", "timing-belt", "--last",
        "brake-fluid=2025-03-01", "--last", "engine-oil=2026-01-02@39000",
    )  # fmt: skip
    saved = car("plans", "templates", "save", "--name", "Ours", "--vehicle", "Golf", "--make", "VW").stdout
    car("plans", "apply", "Ours", "--vehicle", "Golf", "--update")
    car("plans", "edit", "wipers", "--every-months", "6")
    car("plans", "templates", "save", "--name", "ours", "--vehicle", "Golf")
    car("plans", "edit", "wipers", "--every-months", "9")
    used = car("plans", "templates", "uses", "Ours").stdout
    kept = car("plans", "apply", "Ours", "--vehicle", "Golf").stdout
    changed = car("plans", "apply", "Ours", "--vehicle", "Golf", "--update").stdout
    listed = car("plans", "templates", "list", "--vehicle", "Golf").stdout
    shown = car("plans", "templates", "show", "trailer").stdout

    assert "Would add: Engine oil and filter (engine-oil)" in tried
    assert [] == none
    assert "timing-belt" not in [each["key"] for each in applied["added"]]
    assert "Saved Ours: 9 items" in saved
    assert "No vehicle has items of ours" in used
    assert "Kept as it is: Wiper blades (wipers): differs in every_months" in kept
    assert "Changed: Wiper blades" in changed
    for word in ("ours", "petrol", "motorcycle"):
        assert word in listed
    assert "every 10,000 km or 12 months" in shown
    assert "is shipped" in car("plans", "templates", "remove", "petrol", code=2).stderr
    assert "there are" in car("plans", "apply", "steam", "--vehicle", "Golf", code=2).stderr
    assert "does not look like" in car("plans", "apply", "petrol", "--vehicle", "Golf", "--last", "x", code=2).stderr
    assert "Removed the template" in car("plans", "templates", "remove", "Ours").stdout


def test_inspection_fails_is_repaired_and_tested_again(car: Command) -> None:
    """What failed is told, planned as a job, and closed by a retest."""
    failed = car(
        "inspections", "record", "--vehicle", "Golf", "--checklist", "winter", "--value", "tread=3.5", "--fail",
        "washer", "--note", "washer=summer fluid", "--pass-rest", "--odometer", "40100",
    ).stdout  # fmt: skip
    (found,) = car.json("inspections", "list", "--open")["inspections"]
    shown = car("inspections", "show", found["id"][-8:]).stdout
    repair = car("inspections", "repair", found["id"], "--on", "2026-11-25", "--estimate", "100").stdout
    again = car("inspections", "retest", found["id"], "--value", "tread=8", "--pass-rest").stdout
    listed = car("inspections", "list", "--vehicle", "Golf").stdout
    retest = car.json("inspections", "list")["inspections"][0]
    edited = car("inspections", "edit", retest["id"], "--value", "tread=7.9").stdout
    car("inspections", "remove", retest["id"])

    assert "Failed: Least tread depth, Washer fluid is for frost" in failed
    for word in ("3.5 mm, fail", "summer fluid", "does not apply", "40,100 km"):
        assert word in shown
    assert "Planned the job" in repair
    assert "Repairs after" in car("maintenance", "jobs", "list").stdout
    assert "Tested again: Golf, Ready for winter, passed" in again
    assert "failed, tested again" in listed
    assert "passed" in edited
    assert [found["id"]] == [each["id"] for each in car.json("inspections", "list", "--open")["inspections"]]


def test_a_half_filled_checklist_is_refused(car: Command) -> None:
    """What is missing and what is unknown is named."""
    arguments = ("inspections", "record", "--vehicle", "Golf", "--checklist", "pre-trip")
    missing = car(*arguments, "--pass", "tyres", code=1).stderr

    assert "lights" in missing
    assert "no item 'wings'" in car(*arguments, "--fail", "wings", "--pass-rest", code=1).stderr
    assert "two answers" in car(*arguments, "--fail", "tyres", "--pass", "tyres", code=2).stderr
    assert "there are" in car(*arguments[:4], "--checklist", "steam", code=2).stderr


def test_checklist_is_saved_and_used(car: Command) -> None:
    """Items, limits and notes are read as people type them."""
    car(
        "inspections", "checklists", "save", "--name", "Trailer", "--item", "Lights work", "--measure",
        "Tread 1.6.. mm", "--measure", "Pressure 2.5..3.5 bar", "--note", "Remarks",
    )  # fmt: skip
    shown = car("inspections", "checklists", "show", "trailer").stdout
    listed = car("inspections", "checklists", "list").stdout
    made = car.json(
        "inspections", "record", "--vehicle", "Golf", "--checklist", "Trailer", "--value", "tread=5", "--value",
        "pressure=3.6", "--pass-rest",
    )  # fmt: skip
    bad = car("inspections", "checklists", "save", "--name", "x", "--measure", "Tread", code=2).stderr
    car("inspections", "checklists", "remove", "Trailer")

    for word in ("at least 1.6 mm", "at least 2.5 and at most 3.5 bar", "a note"):
        assert word in shown
    assert "Trailer" in listed
    assert "pre-trip" in listed
    assert "fail" == made["result"]
    assert "does not look like" in bad
    assert "is shipped" in car("inspections", "checklists", "remove", "winter", code=2).stderr


def test_tyres_are_mounted_measured_and_shown(car: Command) -> None:
    """A year of two sets: distances, wear and advice are told."""
    car(
        "tyres", "add", "--vehicle", "Golf", "--name", "Winter", "--kind", "winter", "--dot", "3523", "--cost", "480",
        "--size", "205/55 R16", "--storage", "Cellar",
    )  # fmt: skip
    car("tyres", "add", "--vehicle", "Golf", "--name", "Summer", "--kind", "summer")
    car("tyres", "mount", "Winter", "--on", "2025-11-01", "--odometer", "34000")
    car("tyres", "measure", "Winter", "8", "8", "8", "8", "--on", "2025-11-01")
    car("tyres", "measure", "Winter", "1=3.8", "2=7", "--on", "2026-03-01")
    mounted = car("tyres", "mount", "Summer", "--on", "2026-03-01", "--odometer", "40000").stdout
    shown = car("tyres", "show", "Winter").stdout
    listed = car("tyres", "list").stdout
    grown = car("tyres", "measure", "Winter", "6", "--on", "2026-03-02", code=1).stderr
    rotated = car("tyres", "rotate", "Winter", "1=rear_left", "3=front-left").stdout
    off = car("tyres", "unmount", "Summer", "--on", "2026-03-05", "--storage", "Shelf").stdout
    stretch = car.json("tyres", "show", "Summer")["fittings"][0]["fitting"]["id"]
    car("tyres", "undo", stretch[-8:], "--set", "Summer")
    car("tyres", "edit", "Summer", "--retired", "2026-03-06")
    car("tyres", "remove", "Winter")

    assert "Summer is on Golf from 2026-03-01" in mounted
    for word in ("6,000 km", "3.8 mm", "7.00", "winter tyres below 4 mm", "480.00 EUR", "Cellar"):
        assert word in shown
    assert "on Golf" in listed
    assert "tread does not grow" in grown
    assert "1 rear left, 2 front right, 3 front left" in rotated
    assert "off since 2026-03-05" in off
    assert {"tyre_sets": []} == car.json("tyres", "list")
    assert "Summer" in car("tyres", "list", "--retired").stdout


def test_odd_tyres_are_told_as_typed(car: Command) -> None:
    """Positions and depths that cannot be read are named."""
    add = ("tyres", "add", "--vehicle", "Golf", "--name", "X", "--kind", "summer")
    car(*add, "--tyre", "front", "--tyre", "rear:1224", "--limit", "2")

    assert "no position" in car(*add, "--tyre", "middle", code=2).stderr
    assert "does not look like" in car("tyres", "measure", "X", "a=5", code=2).stderr
    assert "does not look like" in car("tyres", "rotate", "X", "front", code=2).stderr
    assert "no stretch" in car("tyres", "undo", "1234", "--set", "X", code=2).stderr
    assert "week and year" in car("tyres", "edit", "X", "--dot", "9923", code=1).stderr
