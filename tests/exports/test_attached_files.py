"""Attached files travel in archives: every byte comes back, and nothing false is believed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.exports.archives import MANIFEST, changed_table, exported, members, packed
from tests.exports.garage import PICTURE, furnish

import fleetcore
from fleetcore import Core
from fleetcore.attachments.model import Attachment, ListAttachments, OpenAttachment
from fleetcore.attachments.service import list_attachments, open_attachment
from fleetcore.exports.model import ExportFleet
from fleetcore.exports.service import export_fleet
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles


def pictures(core: Core, actor: Actor) -> list[tuple[Attachment, bytes]]:
    """Return the pictures of the fleet's vehicles with their bytes."""
    found = []
    for vehicle in core.read(actor, list_vehicles, ListVehicles()):
        for each in core.read(actor, list_attachments, ListAttachments(vehicle_id=vehicle.id)).items:
            if each.is_picture:
                with core.read(actor, open_attachment, OpenAttachment(id=each.id)) as opened:
                    found.append((each, opened.content.read()))
    return found


@pytest.fixture
def archive(core: Core, owner: Actor) -> bytes:
    """An export of a fleet with everything in it."""
    furnish(core, owner)
    return exported(core, owner)


@pytest.fixture
def empty(sqlite_files: SqliteFiles, clock: FixedClock, tmp_path: Path) -> Core:
    """A Core over an empty SQLite database, with its files in a folder called restored."""
    files = tmp_path / "restored"
    return fleetcore.open(sqlite_files.database(), installed_plugins=False, clock=clock, attachments=files)


def files_in(folder: Path) -> list[str]:
    """Return the names of the files below *folder*."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_restored_fleet_has_its_files(archive: bytes, owner: Actor, empty: Core) -> None:
    """After a restore every attachment can be read, from a store that had none of it."""
    report = empty.restore(io.BytesIO(archive))
    found = pictures(empty, empty.actor(user_id=owner.user_id, fleet_id=owner.fleet_id))

    assert [PICTURE, PICTURE] == [data for _, data in found]
    assert 4 == report.attachments  # the same picture once, its thumbnail, two texts of which one was deleted


def test_a_dry_run_stores_no_file(archive: bytes, empty: Core, tmp_path: Path) -> None:
    """Checking an archive leaves nothing in the store."""
    empty.restore(io.BytesIO(archive), dry_run=True)

    assert [] == files_in(tmp_path / "restored")


def test_a_failed_restore_takes_its_files_back(archive: bytes, empty: Core, tmp_path: Path) -> None:
    """When the rows do not fit, the files that were stored for them go again."""
    broken = changed_table(archive, "ledger_journal_lines", b"")
    with pytest.raises(Rejected):
        empty.restore(io.BytesIO(broken))
    content = members(archive)
    (name,) = (each for each in content if each.endswith("/documents_documents.jsonl"))
    row = json.loads(content[name].splitlines()[0]) | {"renews_id": "01890000-0000-7000-8000-000000000000"}
    with pytest.raises((Rejected, Exception)):
        empty.restore(io.BytesIO(changed_table(archive, "documents_documents", json.dumps(row).encode() + b"\n")))

    assert [] == files_in(tmp_path / "restored")


def test_a_file_that_is_not_called_by_its_checksum_is_refused(archive: bytes, empty: Core) -> None:
    """Other bytes under the hash of an attachment are refused, also with a manifest that agrees with them."""
    content = members(archive)
    manifest = json.loads(content[MANIFEST])
    name, other = [each for each in content if "/attachments/" in each][:2]
    content[name] = content[other]
    manifest["files"][name] = manifest["files"][other]
    content[MANIFEST] = json.dumps(manifest).encode()

    with pytest.raises(Rejected, match="checksum"):
        empty.restore(io.BytesIO(packed(content)))


def test_missing_bytes_are_counted(core: Core, owner: Actor, tmp_path: Path) -> None:
    """When the store has lost a file, the rest is exported and the report says how many are missing."""
    furnish(core, owner)
    lost = next(path for path in (tmp_path / "attachments").rglob("*") if path.is_file())
    lost.unlink()
    report = core.read(owner, export_fleet, ExportFleet(target=io.BytesIO()))

    assert (3, 1) == (report.attachments, report.attachments_missing)


def test_a_backup_has_the_files_of_every_fleet(core: Core, owner: Actor, empty: Core) -> None:
    """A backup of two fleets brings the files of both back."""
    other = core.create_fleet("Other")
    for actor in (owner, other):
        furnish(core, actor)
    out = io.BytesIO()
    assert 8 == core.backup(out).attachments
    empty.restore(out)

    for actor in (owner, other):
        assert 2 == len(pictures(empty, empty.actor(user_id=actor.user_id, fleet_id=actor.fleet_id)))


@pytest.mark.postgres
def test_without_a_place_for_files_nothing_is_restored(
    sqlite_core: Core, sqlite_owner: Actor, postgres_url: str, clock: FixedClock
) -> None:
    """A restore that would lose the files says what to do, and writes nothing."""
    furnish(sqlite_core, sqlite_owner)
    archive = exported(sqlite_core, sqlite_owner)
    with fleetcore.open(postgres_url, installed_plugins=False, clock=clock) as bare:
        with pytest.raises(Unavailable, match="attachments=FOLDER"):
            bare.restore(io.BytesIO(archive))
        assert 0 == bare.restore(io.BytesIO(archive), dry_run=True).users_kept
