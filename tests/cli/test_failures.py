"""What goes wrong is told once, clearly, with an exit code and no traceback; JSON stays alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import orjson
import pytest

from fleetserver.cli.failures import report
from fleetserver.vehicles import commands

from .running import LOG, Command


def file_of(command: Command) -> Path:
    """Return the file of the command's database."""
    return Path(command.url.removeprefix("sqlite:///"))


def test_no_garage_yet(fresh: Command) -> None:
    """Looking at a database that is not there makes none, and says what to do."""
    result = fresh("vehicles", "list", code=1)

    assert "fleet init" in result.stderr
    assert "fleet import FILE" in result.stderr
    assert not file_of(fresh).exists()


def test_no_fleet_in_the_database(fresh: Command) -> None:
    """A database without a fleet says to found one."""
    fresh("migrate")

    assert "fleet init" in fresh("vehicles", "list", code=1).stderr


def test_every_problem_is_listed(command: Command) -> None:
    """All that is wrong with what was typed, and with what it means, comes at once."""
    command("vehicles", "add", "--name", "Golf")
    typed = command("fuel", "add", "--vehicle", "Golf", "--volume", "x", "--total", "y", "--date", "z", code=2)
    meant = command("vehicles", "add", "--name", "Van", "--vin", "SHORT", "--year", "1700", code=1)

    assert "3 things are wrong" in typed.stderr
    assert "2 things are wrong" in meant.stderr


def test_errors_are_json_too(command: Command) -> None:
    """With --json standard output is an object with the problems; usage errors as well."""
    rejected = orjson.loads(command("vehicles", "add", "--vin", "SHORT", "--json", code=1).stdout)["error"]
    missing = command.json("vehicles", "show", "Gulf", code=1)["error"]
    usage = orjson.loads(command("--json", "vehicles", "show", code=2).stdout)["error"]

    assert "rejected" == rejected["kind"]
    assert {"field", "message", "code"} == set(rejected["problems"][0])
    assert "vehicle.unknown" == missing["problems"][0]["code"]
    assert "usage" == usage["kind"]


def test_unknown_vehicle_is_answered_with_what_may_be_meant(golf: Command) -> None:
    """A name that is nearly right gets a suggestion."""
    assert "did you mean 'Golf'?" in golf("fuel", "list", "--vehicle", "Gulf", code=1).stderr


def test_several_fleets_want_a_name(command: Command) -> None:
    """With several fleets one is named; a second one is founded only when it is meant."""
    command("init", "--name", "Work", code=1)
    command("init", "--name", "Work", "--another", "--currency", "chf", "--email", "bob@example.org", "--owner", "Bob")

    assert "fleet --fleet NAME" in command("vehicles", "list", code=1).stderr
    assert "CHF" == command.json("--fleet", "work", "settings")["currency"]
    assert "Work" == command.json("--as", "bob@example.org", "settings")["name"]
    assert "no user" in command("--as", "eve@example.org", "settings", code=1).stderr


def test_locked_database(golf: Command) -> None:
    """A database that another program holds is named, after the wait that the URL asks for."""
    connection = sqlite3.connect(file_of(golf), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    golf.url += "?timeout=0.1"
    try:
        result = golf("vehicles", "add", "--name", "Van", code=1)
    finally:
        connection.close()

    assert "locked" in result.stderr


def test_newer_schema(golf: Command) -> None:
    """A database of a newer version is refused with what to do."""
    with sqlite3.connect(file_of(golf)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert "upgrade fleetcore" in golf("vehicles", "list", code=1).stderr


def test_a_file_that_is_no_database(command: Command) -> None:
    """A text file is not opened as a database, and stays as it is."""
    file_of(command).write_text(LOG * 100)

    assert command("vehicles", "list", code=1).stderr.startswith("fleet: ")
    assert LOG * 100 == file_of(command).read_text()


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense://x", "what?.db"])
def test_a_database_that_is_none(url: str) -> None:
    """A URL of another kind is refused with an example."""
    result = Command(url)("vehicles", "list", code=2 if "?" in url else 1)

    assert result.stderr.startswith("fleet: ")


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where no folder can be made, the message says so."""
    (tmp_path / "file").write_text("")
    result = Command(str(tmp_path / "file" / "fleet.db"))("init", code=1)

    assert "cannot be made" in result.stderr


def test_plain_path_is_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path, relative or not, is a SQLite file; without one it lies in FLEET_DATA_DIR."""
    monkeypatch.chdir(tmp_path)
    Command("garage.db")("init", "--name", "Home")

    assert (tmp_path / "garage.db").is_file()


def test_unexpected_error_has_no_traceback(golf: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is one line too; FLEET_DEBUG=1 shows where it is."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(commands, "find_vehicle", fail)
    result = golf("vehicles", "show", "Golf", code=1)

    assert "should not have happened: ZeroDivisionError: oh" in result.stderr
    assert "Traceback" not in result.stderr
    monkeypatch.setenv("FLEET_DEBUG", "1")
    golf("vehicles", "show", "Golf", code=1)


def test_interrupt_ends_with_130(golf: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C ends the command, without a word."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "find_vehicle", interrupt)

    assert "Traceback" not in golf("vehicles", "show", "Golf", code=130).stderr


def test_system_errors_name_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of the operating system is told with its file."""
    code = report(PermissionError(13, "Permission denied", "/x/y.zip"), as_json=False)

    assert (1, "fleet: /x/y.zip: Permission denied\n") == (code, capsys.readouterr().err)


def test_quiet_says_only_what_was_asked(command: Command) -> None:
    """--quiet keeps notes and confirmations back."""
    result = command("--quiet", "vehicles", "add", "--name", "Golf")

    assert ("", "") == (result.stdout, result.stderr)
