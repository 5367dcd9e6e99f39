"""A copy of the SQLite file while it is written: one moment, whole, and a database like the one copied."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

import fleetcore
from fleetcore import Core
from fleetcore.kernel.errors import Conflict, Rejected

ROUNDS, WRITES = 5, 60
WRITER = """
import sys, fleetcore
with fleetcore.open(sys.argv[1]) as core:
    owner = core.actor()
    for number in range(int(sys.argv[2])):
        core.perform(owner, "vehicles.add", {"name": f"Car {number}", "carriers": ["petrol"]})
        print(number, flush=True)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a database with a fleet."""
    found = f"sqlite:///{tmp_path / 'fleet.db'}"
    with fleetcore.open(found) as core:
        core.create_fleet("Home")
    return found


def names_in(file: Path) -> list[str]:
    """Return the vehicles of a copy, opened as any database is."""
    with fleetcore.open(f"sqlite:///{file}") as core:
        return [vehicle.name for vehicle in core.perform(core.actor(), "vehicles.list", {})]


def test_a_copy_is_a_database(url: str, tmp_path: Path) -> None:
    """It opens, holds the same, is one file, and is nobody else's to read."""
    with fleetcore.open(url) as core:
        core.perform(core.actor(), "vehicles.add", {"name": "Golf", "carriers": ["petrol"]})
        made = core.snapshot(tmp_path / "copies.db")
    assert ([made.file], made.size_bytes) == (list(tmp_path.glob("copies*")), made.file.stat().st_size)
    assert 0 == made.file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    assert ["Golf"] == names_in(made.file)


def test_copies_taken_under_load_are_each_one_moment(url: str, tmp_path: Path) -> None:
    """While another process writes, every copy is sound, holds all that was acknowledged before, and stops nobody."""
    command = [sys.executable, "-c", WRITER, url, str(WRITES)]
    acknowledged: list[int] = []
    copies = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer, fleetcore.open(url) as core:
        reader = threading.Thread(target=lambda: acknowledged.extend(int(line) for line in writer.stdout or ()))
        reader.start()
        for number in range(ROUNDS):
            while len(acknowledged) <= number * WRITES // ROUNDS // 2:
                time.sleep(0.01)
            before = len(acknowledged)
            copies.append((before, core.snapshot(tmp_path / f"copy-{number}.db").file))
        reader.join(60)
    assert (0, WRITES) == (writer.returncode, len(acknowledged))
    for before, file in copies:
        with closing(sqlite3.connect(file)) as made:
            assert [("ok",)] == made.execute("PRAGMA integrity_check").fetchall()
        assert before <= len(names_in(file)) <= WRITES


def test_what_is_there_is_kept(url: str, tmp_path: Path) -> None:
    """A file that exists is not replaced unless it is said, and a folder that is not there is told."""
    there = tmp_path / "there.db"
    there.write_bytes(b"mine")
    with fleetcore.open(url) as core:
        with pytest.raises(Conflict):
            core.snapshot(there)
        assert b"mine" == there.read_bytes()
        core.snapshot(there, overwrite=True)
        with pytest.raises(Rejected):
            core.snapshot(tmp_path / "nowhere" / "copy.db")
    assert [] == names_in(there)


def test_only_a_file_can_be_copied(core: Core, tmp_path: Path) -> None:
    """PostgreSQL is told to use its own tools."""
    if core.database.dialect == "sqlite":
        assert core.snapshot(tmp_path / "copy.db").size_bytes > 0
    else:
        with pytest.raises(Rejected, match="pg_dump"):
            core.snapshot(tmp_path / "copy.db")
