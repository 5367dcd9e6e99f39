"""``fleet due``, ``fleet reminders`` and ``fleet tick`` as people and scripts use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleetserver.cli.main import fleet

Call = Callable[..., Result]
FIELDS = ["vehicle", "title", "urgency", "metric", "due_on", "due_odometer_km", "projected_on", "because"]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run ``fleet`` over a new garage with a Golf, which shows 14,000 km on the first of January 2026."""
    monkeypatch.setenv("FLEET_DATABASE", f"sqlite:///{tmp_path / 'fleet.db'}")

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(fleet, list(arguments))
        assert code == result.exit_code, result.output
        return result

    run("init", "--timezone", "UTC")
    run("vehicles", "add", "--name", "Golf")
    run("odometer", "add", "--vehicle", "Golf", "--km", "14000", "--on", "2026-01-01")
    return run


def due(call: Call, *arguments: str) -> list[dict[str, Any]]:
    """Return what ``fleet due --json`` prints."""
    return list(json.loads(call("due", "--json", *arguments).stdout))


def test_due_prints_exactly_its_fields(call: Call) -> None:
    """The JSON is a list of objects with the promised names, with the sentence of the pace."""
    call("odometer", "add", "--vehicle", "Golf", "--km", "14492", "--on", "2026-01-13")
    call("reminders", "add", "--vehicle", "Golf", "--title", "Oil", "--at-km", "15000")
    (row,) = due(call, "--today", "2026-01-14")

    assert FIELDS == list(row)
    assert {
        "vehicle": "Golf", "title": "Oil", "urgency": "soon", "metric": "distance", "due_on": None,
        "due_odometer_km": 15000.0, "projected_on": "2026-01-26",
        "because": "due in 12 days because 15,000 km will be reached about 26 January at 41 km/day",
    } == row  # fmt: skip


def test_within_bounds_what_is_listed(call: Call) -> None:
    """Only what falls due in so many days is listed; without the option every rule is."""
    call("reminders", "add", "--vehicle", "Golf", "--title", "Near", "--on", "2026-03-01")
    call("reminders", "add", "--vehicle", "Golf", "--title", "Far", "--on", "2027-03-01")

    assert ["Near"] == [row["title"] for row in due(call, "--today", "2026-02-01", "--within", "60d")]
    assert ["Near", "Far"] == [row["title"] for row in due(call, "--today", "2026-02-01")]
    assert "is not a number of days" in call("due", "--within", "soonish", code=2).stderr


def test_a_person_reads_urgency_and_reason(call: Call) -> None:
    """The table says in words how urgent each is, and why below it."""
    call("reminders", "add", "--vehicle", "Golf", "--title", "Tyres", "--on", "2026-02-01")
    shown = call("due", "--today", "2026-02-02").stdout

    assert "overdue  Golf     Tyres" in shown
    assert "  overdue by 1 day, since 1 February" in shown


def test_an_empty_list_teaches(call: Call) -> None:
    """Where there is nothing, the next command is named."""
    assert "fleet reminders add" in call("due").stdout
    assert "fleet reminders add" in call("reminders", "list").stdout


def test_a_reminder_is_found_by_its_title(call: Call) -> None:
    """Show, done, skip, reopen, snooze, remove and restore take the title as well as the id."""
    call(
        "reminders", "add", "--vehicle", "Golf", "--title", "Oil change", "--every-km", "15000", "--every-months", "12"
    )

    assert "every 15,000 km or 12 months" in call("reminders", "show", "oil change").stdout
    assert "25,000 km" in call("reminders", "done", "oil change", "--on", "2026-02-01", "--km", "10000").stdout
    assert "40,000 km" in call("reminders", "skip", "oil change").stdout
    assert "25,000 km" in call("reminders", "reopen", "oil change").stdout
    assert "awake" in call("reminders", "snooze", "oil change").stdout
    call("reminders", "remove", "oil change")
    assert "No reminders" in call("reminders", "list").stdout
    call("reminders", "restore", "oil change")
    call("reminders", "edit", "oil change", "--fixed", "--clear", "every_months")
    assert "every 15,000 km, fixed" in call("reminders", "show", "oil change").stdout


def test_a_rule_that_measures_nothing_is_refused(call: Call) -> None:
    """An interval of zero, or none at all, ends in a message and not in a reminder."""
    assert (
        "more than zero"
        in call("reminders", "add", "--vehicle", "Golf", "--title", "x", "--every-km", "0", code=1).stderr
    )
    assert "nothing to measure" in call("reminders", "add", "--vehicle", "Golf", "--title", "x", code=1).stderr


def test_tick_says_what_changed(call: Call) -> None:
    """The daily evaluation is a command, and a second one finds nothing."""
    call("reminders", "add", "--vehicle", "Golf", "--title", "Tyres", "--on", "2026-02-01")

    assert {"looked_at": 0, "changed": 0} == {
        name: value for name, value in json.loads(call("tick", "--json").stdout).items() if name != "ticked_on"
    }
