"""Opening a database: what is created, upgraded or refused, each with one clear message."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import fleetcore
from fleetcore import Core
from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.storage import schema
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.databases import PostgresServer
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles

(PRESENT,) = schema.SCHEMA_HEADS
NEXT = "9999"
NEW_REVISION = f"""
from alembic import op
import sqlalchemy as sa

revision, down_revision, branch_labels, depends_on = "{NEXT}", "{PRESENT}", None, None


def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("later")
"""


def opened(url: str | Path) -> Core:
    """Open a database, by URL or by the path of a SQLite file."""
    return fleetcore.open(f"sqlite:///{url}" if isinstance(url, Path) else url, installed_plugins=False)


def refusal(url: str | Path) -> str:
    """Return why the database cannot be opened."""
    with pytest.raises(Unavailable) as caught:
        opened(url)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with a fleet and a vehicle, closed."""
    path = tmp_path / "fleet.db"
    with opened(path) as core:
        new_vehicle(core, core.create_fleet("Home"))
    return path


@pytest.fixture
def next_version(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as if its next version had a further revision."""
    migrations = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations)
    (migrations / "versions" / f"{NEXT}_later.py").write_text(NEW_REVISION)
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    monkeypatch.setattr(schema, "SCHEMA_HEADS", frozenset({NEXT}))


def vehicles_in(path: Path) -> int:
    """Count the vehicles of a file, past the library."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM vehicles_vehicles").fetchone()[0])


def test_a_new_file_is_created(tmp_path: Path) -> None:
    """Opening a file that is not there makes a database that works and is found again."""
    path = tmp_path / "new.db"
    with opened(path) as core:
        core.create_fleet("Home")
    with opened(path) as core:
        assert () == core.read(core.actor(), list_vehicles, ListVehicles())


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    """A file of 0 bytes becomes a database."""
    (tmp_path / "empty.db").touch()
    with opened(tmp_path / "empty.db") as core:
        assert core.create_fleet("Home")


def test_a_current_file_is_left_alone(file: Path) -> None:
    """Opening a current database keeps no copy."""
    with opened(file):
        pass
    assert ["fleet.db"] == [path.name for path in file.parent.glob("fleet.db*") if path.suffix == ".db"]
    assert [] == list(file.parent.glob("*before-upgrade*"))


def test_writers_and_readers_do_not_wait(file: Path) -> None:
    """The file keeps a write-ahead log, so that readers and the writer do not block each other."""
    with closing(sqlite3.connect(file)) as connection:
        assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()


@pytest.mark.usefixtures("next_version")
def test_an_older_file_is_copied_and_upgraded(file: Path) -> None:
    """An older schema is upgraded in place; the file as it was stands beside it, whole."""
    with opened(file) as core:
        assert 1 == len(core.read(core.actor(), list_vehicles, ListVehicles()))
    with closing(sqlite3.connect(file)) as connection:
        assert [(NEXT,)] == connection.execute("SELECT version_num FROM alembic_version").fetchall()
    (copy,) = file.parent.glob(f"*before-upgrade-from-{PRESENT}")
    assert 1 == vehicles_in(copy)


@pytest.mark.usefixtures("next_version")
def test_the_copy_holds_what_was_not_yet_written_back(file: Path) -> None:
    """What stands only in the write-ahead log is in the copy too."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE vehicles_vehicles SET name = 'Late'")
        other.commit()
        with opened(file):
            pass
    (copy,) = file.parent.glob(f"*before-upgrade-from-{PRESENT}")
    with closing(sqlite3.connect(copy)) as connection:
        assert [("Late",)] == connection.execute("SELECT name FROM vehicles_vehicles").fetchall()


@pytest.mark.usefixtures("next_version")
@pytest.mark.postgres
def test_an_older_postgres_is_not_upgraded_by_the_way(postgres_server: PostgresServer) -> None:
    """PostgreSQL is upgraded by the command for it, never by opening."""
    url = postgres_server.empty_database()
    schema.migrate(url)
    set_revision(url, PRESENT)

    assert f"has the schema {PRESENT}: run" in refusal(url)
    postgres_server.drop(url)


def set_revision(url: str, revision: str) -> None:
    """Write *revision* as the schema's."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def test_a_newer_schema_is_refused(database_url: str) -> None:
    """A database that a newer version wrote is left alone, and the message says what to do."""
    set_revision(database_url, "9999")
    message = refusal(database_url)

    assert "9999" in message
    assert "upgrade fleetcore" in message


@pytest.mark.parametrize("rubbish", [b"not a database at all" * 100, b"\x00\xff" * 4096, b"PK\x03\x04" * 2048])
def test_other_files_are_refused(tmp_path: Path, rubbish: bytes) -> None:
    """A file that is no database is refused by its name, and left as it was."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(rubbish)

    assert "photo.jpg cannot be opened: file is not a database" in refusal(path)
    assert rubbish == path.read_bytes()


def test_other_programs_databases_are_refused(tmp_path: Path) -> None:
    """A SQLite file of another program is not built into."""
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE moz_places (id INTEGER)")

    assert "belongs to another program (it has the table moz_places)" in refusal(path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A file in a folder that is not there cannot be opened, and the path is named."""
    assert str(tmp_path / "no" / "fleet.db") in refusal(tmp_path / "no" / "fleet.db")


def test_a_read_only_file_can_be_read(file: Path) -> None:
    """What cannot be written can be read; a write says that the file is read-only."""
    with opened(f"sqlite:///file:{file}?mode=ro&uri=true") as core:
        actor = core.actor()
        assert 1 == len(core.read(actor, list_vehicles, ListVehicles()))
        with pytest.raises(Unavailable, match="read-only"):
            new_vehicle(core, actor)


def test_a_locked_file_is_waited_for_in_bounds(file: Path) -> None:
    """A file that another program holds is waited for as long as the URL says, then the message says so."""
    with opened(f"sqlite:///{file}?timeout=0.05") as core, closing(sqlite3.connect(file)) as other:
        actor = core.actor()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked by another program"):
            new_vehicle(core, actor)
        assert 1 == len(core.read(actor, list_vehicles, ListVehicles()))
        other.rollback()
        assert new_vehicle(core, actor)


@pytest.mark.usefixtures("next_version")
def test_a_locked_file_is_not_upgraded(file: Path) -> None:
    """An upgrade that cannot have the file to itself says so and leaves it."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked by another program" in refusal(f"sqlite:///{file}?timeout=0.05")


@pytest.mark.postgres
def test_an_empty_postgres_is_not_touched(postgres_server: PostgresServer) -> None:
    """A PostgreSQL database without tables is refused with the command that makes them."""
    url = postgres_server.empty_database()
    assert "has no fleetcore tables yet: run `fleet --database URL migrate` once" in refusal(url)
    postgres_server.drop(url)


@pytest.mark.postgres
def test_an_unreachable_server_is_told() -> None:
    """A server that does not answer is named without its password."""
    message = refusal("postgresql://ada:secret@127.0.0.1:1/fleet")

    assert "127.0.0.1:1/fleet cannot be opened" in message
    assert "secret" not in message


@pytest.mark.parametrize("url", ["", "fleet.db", "mysql://root@host/fleet", "oracle://x", "sqlite:///x?timeout=soon"])
def test_other_urls_are_refused(url: str) -> None:
    """What names no supported database is refused as input."""
    with pytest.raises(Rejected) as caught:
        opened(url)

    assert ["database"] == [problem.field for problem in caught.value.problems]


def test_two_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Several who open one new file at the same time make one schema."""

    def open_and_close(_number: int) -> bool:
        with opened(tmp_path / "new.db"):
            return True

    with ThreadPoolExecutor(4) as pool:
        assert [True] * 4 == list(pool.map(open_and_close, range(4)))
