"""Run the fleet command as users do: a database file of its own, output apart from messages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fleetcore.testing.databases import SqliteFiles

from .running import LOG, Command


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test: a folder of its own, no locale, 80 columns, UTC."""
    for name in ("FLEET_ATTACHMENTS", "FLEET_DATABASE", "FLEET_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture(scope="session")
def founded_file(tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles) -> Path:
    """A database with one fleet in euros and metric units, to copy."""
    file = tmp_path_factory.mktemp("cli") / "fleet.db"
    shutil.copyfile(sqlite_files.database().removeprefix("sqlite:///"), file)
    Command(f"sqlite:///{file}")(
        "init", "--name", "Home", "--currency", "EUR", "--timezone", "UTC", "--units", "metric"
    )
    return file


@pytest.fixture
def command(founded_file: Path, tmp_path: Path) -> Command:
    """The fleet command over a database with an empty fleet."""
    file = tmp_path / "fleet.db"
    shutil.copyfile(founded_file, file)
    return Command(f"sqlite:///{file}")


@pytest.fixture
def fresh(tmp_path: Path) -> Command:
    """The fleet command over a database that does not exist yet."""
    return Command(f"sqlite:///{tmp_path / 'new' / 'fleet.db'}")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], str]:
    """Write text to a file and return its path."""

    def write(text: str) -> str:
        file = tmp_path / "log.csv"
        file.write_text(text, "utf-8")
        return str(file)

    return write


@pytest.fixture
def golf(command: Command, written: Callable[[str], str]) -> Command:
    """The fleet command over a fleet whose Golf has four fills, one partial, and a parking ticket."""
    command("import", written(LOG), "--vehicle", "Golf")
    command("expenses", "add", "--vehicle", "Golf", "--category", "parking", "--amount", "4.50", "--date", "2026-01-15")
    return command
