"""Settings, members, operations, archives and migration by command."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from fleetserver.cli import places

from .running import Command


def test_fleet_is_founded_with_settings(fresh: Command) -> None:
    """Init takes every setting, and settings shows and changes them."""
    founded = fresh.json(
        "init", "--name", "Shop", "--currency", "gbp", "--timezone", "Europe/London", "--units", "imperial",
        "--country", "gb", "--locale", "en-GB", "--owner", "Ada", "--email", "ada@example.org",
    )  # fmt: skip
    changed = fresh.json("settings", "--name", "Garage", "--currency", "eur")

    assert ("Shop", "GBP", "Europe/London", "imperial", "GB") == tuple(
        founded[name] for name in ("name", "currency", "timezone", "units", "country")
    )
    assert ("Garage", "EUR", "imperial") == (changed["name"], changed["currency"], changed["units"])
    assert "Europe/London" in fresh("settings").stdout
    fresh("settings", "--timezone", "Mars/Base", code=1)


def test_members_come_change_and_go(command: Command) -> None:
    """Members are added with roles, get others, and leave; the last owner stays."""
    command("members", "add", "--email", "bob@example.org", "--name", "Bob", "--role", "driver")
    command("members", "edit", "bob", "--role", "mechanic")
    listed = command.json("members", "list")["members"]

    assert ["mechanic"] == listed[1]["roles"]
    assert "bob@example.org" in command("members", "list").stdout
    assert "Mechanic" in command("members", "roles").stdout
    assert command("--as", "bob@example.org", "ledger", "check", code=1).stderr.startswith("fleet: this needs")
    command("members", "remove", "bob@example.org")
    command("members", "remove", "bob@example.org", code=1)
    command("members", "remove", "Owner", code=1)


def test_everything_the_library_can_do_is_there(golf: Command) -> None:
    """Operations are listed, explained, and run with JSON in and out."""
    assert "fuel.record_fill" in golf("operations", "list", "fuel").stdout
    assert "volume_l" in golf("operations", "show", "fuel.record_fill").stdout
    golf("operations", "show", "fuel.nothing", code=1)
    checked = orjson.loads(golf("operations", "run", "vin.decode", '{"vin": "1M8GDM9AXKP042788"}').stdout)
    added = orjson.loads(golf("operations", "run", "vehicles.add", "-", stdin='{"name": "Van"}').stdout)

    assert [] == checked["problems"]
    assert "Van" == added["name"]
    golf("operations", "run", "vehicles.add", "{", code=2)
    golf("operations", "run", "vehicles.add", "[]", code=2)
    golf("operations", "run", "vehicles.add", '{"nonsense": 1}', code=1)


def test_everything_goes_into_a_file_and_back(golf: Command, fresh: Command, tmp_path: Path) -> None:
    """A backup and an export are restored into another database, to the same reports."""
    backup, export = str(tmp_path / "b.zip"), str(tmp_path / "e.zip")
    golf("backup", backup)
    golf("backup", backup, code=2)
    golf("export", export)
    golf("export", export, "--overwrite")
    fresh("restore", backup, "--dry-run")
    assert not Path(fresh.url.removeprefix("sqlite:///")).exists()
    restored = fresh.json("restore", export)

    assert "export" == restored["kind"]
    assert golf.json("report", "economy") == fresh.json("report", "economy")
    fresh("restore", backup, code=1)
    fresh("restore", str(tmp_path / "none.zip"), code=2)
    (tmp_path / "bad.zip").write_text("no archive")
    fresh("restore", str(tmp_path / "bad.zip"), code=2)


def test_migration_says_what_it_did(fresh: Command) -> None:
    """Migrate makes the schema, and has nothing to do the second time."""
    assert fresh.json("migrate")["changed"]
    assert "nothing to do" in fresh("migrate").stdout


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/x"}, "/x/fleetcore"),
        ("linux", {}, "/home/ada/.local/share/fleetcore"),
        ("darwin", {}, "/home/ada/Library/Application Support/fleetcore"),
        ("win32", {"LOCALAPPDATA": "/appdata"}, "/appdata/fleetcore"),
        ("linux", {"FLEET_DATA_DIR": "/d"}, "/d"),
    ],
)
def test_data_lies_where_the_platform_keeps_such_things(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    """The default folder follows the platform and its variables."""
    for name in ("FLEET_DATA_DIR", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setattr(places.sys, "platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Path(expected) == places.data_folder()


def test_time_zone_and_units_are_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time zone is the machine's, the units are those of people who pay in the currency."""
    monkeypatch.setenv("TZ", "Europe/Berlin")

    assert "Europe/Berlin" == places.local_timezone()
    assert ["us", "imperial", "metric"] == [places.local_units(currency) for currency in ("USD", "GBP", "EUR")]
    assert "EUR" == places.local_currency()
