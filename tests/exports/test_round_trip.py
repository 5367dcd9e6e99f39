"""A fleet goes into an archive and comes back the same, on both engines and from each to the other."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.exports.archives import MANIFEST, before_it_was_read, exported, members, table_rows
from tests.exports.garage import furnish

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.storage.archive import SqlFleetTables, archived_tables
from fleetcore.storage.types import metadata
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle


@pytest.fixture
def source(core: Core, owner: Actor) -> bytes:
    """An export of a fleet with everything in it, beside which there is another fleet."""
    furnish(core, owner)
    furnish(core, core.create_fleet("Other", owner_name="Eve", owner_email="eve@example.org"))
    return exported(core, owner)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, clock: FixedClock, tmp_path: Path) -> Iterator[Core]:
    """A Core over an empty database of each engine, besides the one that is exported from."""
    server = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_server")
    url = server.database()
    files = tmp_path / "restored"
    with fleetcore.open(url, installed_plugins=False, clock=clock, attachments=files) as opened:
        yield opened
    if request.param == "postgres":
        server.drop(url)


def test_a_restored_fleet_exports_to_the_same_bytes(source: bytes, owner: Actor, target: Core) -> None:
    """Restored on either engine and exported again, every member is the same, byte for byte."""
    target.restore(io.BytesIO(source))

    again = exported(target, target.actor(user_id=owner.user_id, fleet_id=owner.fleet_id))

    assert members(source) == members(again)


def test_a_restored_fleet_lives_on(source: bytes, owner: Actor, target: Core) -> None:
    """A restored fleet has sound books and takes new records."""
    target.restore(io.BytesIO(source))
    actor = target.actor(user_id=owner.user_id, fleet_id=owner.fleet_id)

    assert target.read(actor, check_ledger, CheckLedger()).is_sound
    furnish(target, target.create_fleet("New"))


def test_every_table_is_in_the_archive(source: bytes) -> None:
    """The fleet of these tests has rows in every table that belongs to a fleet, and the archive has them all."""
    named = {name.partition("/")[2].partition("/")[2].removesuffix(".jsonl") for name in members(source)}

    assert set(archived_tables()) <= named
    left_out = {name for name, table in metadata.tables.items() if "fleet_id" in table.columns} - named
    left_out_here = {"dead_letters", "idempotency_keys", "inbox", "jobs", "notifications_deliveries", "outbox"}
    assert left_out_here | {"accounts_api_keys", "vin_answers"} == left_out


def test_rows_out_of_sight_are_in_the_archive(source: bytes) -> None:
    """Removed and purged vehicles, deleted fills, voids and reversals are all kept."""
    vehicles = table_rows(source, "vehicles_vehicles")
    assert {"", "C"} == {row["name"] for row in vehicles if row["deleted_at"]}
    assert any(row["deleted_at"] for row in table_rows(source, "fuel_fills"))
    assert any(row["voids"] for row in table_rows(source, "vehicles_readings"))
    assert any(row["reverses_id"] for row in table_rows(source, "ledger_journal_entries"))
    assert any(row["undone_at"] for row in table_rows(source, "imports_imports"))


def test_nothing_of_another_fleet_is_in_an_export(source: bytes, core: Core, owner: Actor) -> None:
    """No row and no user of another fleet of the database gets into an export."""
    others = core.actor("eve@example.org")
    foreign = exported(core, others)
    ids = {
        row["id"]
        for name in archived_tables()
        for row in table_rows(foreign, name)
        if UUID(row.get("id", "0" * 32)).int
    }

    text = b"".join(members(source).values()).decode(errors="replace")
    assert [] == [each for each in (*ids, str(others.fleet_id), "eve@example.org") if each in text]


def test_a_member_who_left_comes_along_while_records_name_them(source: bytes) -> None:
    """Users whom grants or fills refer to are in the archive, members or not."""
    assert {"Ada", "Bo", "Gone", "Güest"} == {row["name"] for row in table_rows(source, "people_users")}


def test_a_backup_holds_every_fleet(source: bytes, core: Core, owner: Actor, target: Core) -> None:
    """A backup restores all fleets, and each exports to the same bytes as before."""
    out = io.BytesIO()
    report = core.backup(out)
    restored = target.restore(io.BytesIO(out.getvalue()))

    assert {"Home", "Other"} == {fleet.name for fleet in report.fleets}
    assert report.fleets == restored.fleets
    assert len(out.getvalue()) == report.size_bytes
    assert (8, 0) == (restored.users_added, restored.users_kept)
    actor = target.actor(user_id=owner.user_id, fleet_id=owner.fleet_id)
    assert before_it_was_read(source) == before_it_was_read(exported(target, actor))
    assert MANIFEST == list(members(out.getvalue()))[-1]


def test_a_dry_run_says_the_same_and_writes_nothing(source: bytes, target: Core) -> None:
    """With dry_run the report is that of a restore, and the archive can still be restored."""
    foreseen = target.restore(io.BytesIO(source), dry_run=True)
    done = target.restore(io.BytesIO(source))

    assert foreseen.dry_run
    assert (foreseen.fleets, foreseen.users_added, foreseen.users_kept) == (
        done.fleets,
        done.users_added,
        done.users_kept,
    )


def test_an_archive_shows_one_moment(core: Core, owner: Actor) -> None:
    """What others write while an archive is written is not in it, neither whole nor in part."""
    furnish(core, owner)
    before = before_it_was_read(exported(core, owner))
    backup, written = io.BytesIO(), []

    def meanwhile(_table: str, _rows: int) -> None:
        if not written:
            written.append(core.run(owner, add_vehicle, AddVehicle(name="Late")))

    core.backup(backup, progress=meanwhile)

    late = before_it_was_read(backup.getvalue())
    assert {name: before[name] for name in late} == late
    assert written


@pytest.mark.postgres
def test_row_level_security_guards_exports(postgres_url: str, tmp_path: Path) -> None:
    """Asked for another fleet's rows, a fleet's own connection to PostgreSQL has none of any table."""
    with fleetcore.open(postgres_url, installed_plugins=False, attachments=tmp_path, clock=FixedClock()) as core:
        mine, others = core.create_fleet("Mine"), core.create_fleet("Other")
        furnish(core, others)
        with core.database.snapshot(mine.fleet_id) as connection:
            tables = SqlFleetTables(connection, others.fleet_id)
            seen = {name for name in tables.names if any(tables.lines(name))}

    assert set() == seen
