"""Lists of the command line, narrowed and sorted as those of the API are; the database copied; the demo served."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from .running import Command

LISTS = (
    *("fuel list", "expenses list", "trips list", "maintenance list", "documents list", "reminders list"),
    *("ledger entries", "vehicles list"),
)
SERVING = re.compile(r"Serving http://(127\.0\.0\.1:\d+)/api/v1")


@pytest.fixture
def golf(command: Command) -> Command:
    """A garage in which a Golf was filled up three times, beside a Zoe."""
    command("vehicles", "add", "--name", "Golf", "--carrier", "petrol")
    command("vehicles", "add", "--name", "Zoe", "--carrier", "electricity")
    for day, total in ((1, "50"), (2, "70"), (3, "60")):
        said = ("--date", f"2025-03-0{day}", "--volume", "40", "--total", total, "--notes", f"note {day}")
        command("fuel", "add", "--vehicle", "Golf", *said)
    return command


def totals(golf: Command, *options: str) -> list[str]:
    """Return what the listed fills cost."""
    return [fill["total"]["amount"] for fill in golf.json("fuel", "list", *options)["fills"]]


def test_fills_are_sorted_and_narrowed(golf: Command) -> None:
    """By what they cost, backwards, by a text, and those that were removed."""
    assert ["60.00", "70.00", "50.00"] == totals(golf)
    assert ["50.00", "60.00", "70.00"] == totals(golf, "--sort", "total")
    assert ["70.00"] == totals(golf, "--sort", "-total", "--limit", "1")
    assert ["70.00"] == totals(golf, "--text", "NOTE 2")
    (fill, *_rest) = golf.json("fuel", "list")["fills"]
    golf("fuel", "remove", fill["id"])
    assert ["60.00"] == totals(golf, "--removed")


def test_vehicles_are_narrowed(golf: Command) -> None:
    """By what they take and what they are called."""
    for options, expected in (
        (("--carrier", "electricity"), ["Zoe"]),
        (("--text", "gol"), ["Golf"]),
        (("--sort", "-name"), ["Zoe", "Golf"]),
    ):
        assert expected == [vehicle["name"] for vehicle in golf.json("vehicles", "list", *options)["vehicles"]]


@pytest.mark.parametrize("words", LISTS)
def test_every_list_names_its_orders(golf: Command, words: str) -> None:
    """An unknown one is refused with those that there are."""
    golf(*words.split(), "--text", "note")
    refused = golf(*words.split(), "--sort", "colour", code=2)
    assert "'colour' is not one of" in refused.stderr


def test_the_database_is_copied(golf: Command, tmp_path: Path) -> None:
    """Fleet snapshot writes a database that the command takes; a file that is there is kept."""
    copy = tmp_path / "copy.db"
    assert "a sound copy" in golf("snapshot", str(copy)).stderr + golf("snapshot", str(copy), "--overwrite").stdout
    golf("snapshot", str(copy), code=2)
    assert 3 == len(totals(Command(f"sqlite:///{copy}")))


def test_the_demo_is_served(tmp_path: Path) -> None:
    """One line makes a garage and answers at the address that it prints, without a login; a signal ends it."""
    own = {**os.environ, "FLEET_DATA_DIR": str(tmp_path)}
    words = "-m fleetserver.cli.main demo --keep demo.db --serve --port 0 --today 2026-06-01"
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, *shlex.split(words)], cwd=tmp_path, env=own, text=True, **pipes) as demo:  # type: ignore[call-overload]  # the pipes are two of many options
        try:
            address = next(told[1] for line in demo.stderr if (told := SERVING.search(line)))
            connection = HTTPConnection(address, timeout=300)
            connection.request("GET", "/api/v1/vehicles?sort=-name&limit=1")
            (vehicle,) = json.load(connection.getresponse())["items"]
            connection.close()
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.stderr.read()
        assert ("Zoe", 0) == (vehicle["name"], demo.wait(20))
