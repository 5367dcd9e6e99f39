"""Files on records: added, read, deleted, restored, swept."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import fleetcore
from fleetcore.attachments.model import AddAttachment, Attachment, SweepAttachments, SweepReport
from fleetcore.attachments.ports import BLOBS
from fleetcore.attachments.service import add_attachment, sweep_attachments
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.operations import Operation, Query
from fleetcore.people.model import Quotas
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import PurgeVehicles, RemoveVehicle
from fleetcore.vehicles.service import purge_vehicles, remove_vehicle

from .conftest import Drawer
from .files import PDF, picture, png_bomb


def sweep(drawer: Drawer, **said: Any) -> SweepReport:
    """Sweep the fleet of *drawer*."""
    return drawer.core.run(drawer.actor, sweep_attachments, SweepAttachments(**said))


def stored(drawer: Drawer) -> set[str]:
    """Return the hashes of what is in the blob store."""
    query: Query[Any, set[str]] = Query("test.blobs", None, lambda uow, _: {b.sha256 for b in uow[BLOBS].entries()})
    return drawer.core.read(drawer.actor, query, None)


def test_a_photo_comes_back_as_it_was(drawer: Drawer) -> None:
    """What was added can be listed and read, byte for byte."""
    data = picture()
    attachment = drawer.add(data, name="../Beule vorn.jpg")

    assert ("Beule vorn.jpg", "image/jpeg", len(data)) == (
        attachment.name,
        attachment.media_type,
        attachment.size_bytes,
    )
    assert (640, 320) == (attachment.width, attachment.height)
    assert data == drawer.read(attachment)
    assert (attachment,) == drawer.list()
    assert (attachment,) == drawer.list(entity="vehicles.vehicle", entity_id=drawer.vehicle_id)


def test_a_thumbnail_is_upright_and_says_nothing_of_the_place(drawer: Drawer) -> None:
    """The thumbnail of a turned photo stands upright and has no metadata; the photo itself is untouched."""
    data = picture(size=(3200, 1600), turned=True, place=True)
    attachment = drawer.add(data)
    with Image.open(io.BytesIO(drawer.read(attachment, thumbnail=True))) as small:
        assert ((160, 320), {}) == (small.size, dict(small.getexif()))
    assert data == drawer.read(attachment)


def test_a_paper_has_no_thumbnail(drawer: Drawer) -> None:
    """There is no thumbnail of a PDF, and asking for it says so."""
    attachment = drawer.add(PDF, name="policy.pdf")

    with pytest.raises(NotFound):
        drawer.read(attachment, thumbnail=True)
    assert PDF == drawer.read(attachment)


def test_without_pillow_there_are_no_thumbnails(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Pillow is not installed, photos are kept all the same."""
    data = picture()
    monkeypatch.setitem(sys.modules, "PIL", None)
    attachment = drawer.add(data)

    assert attachment.thumbnail_sha256 is None
    assert data == drawer.read(attachment)


def test_a_path_is_read_and_gives_the_name(drawer: Drawer, tmp_path: Path) -> None:
    """A file may be named by its path."""
    file = tmp_path / "receipt.pdf"
    file.write_bytes(PDF)
    command = AddAttachment(entity="vehicles.vehicle", entity_id=drawer.vehicle_id, content=file)

    assert "receipt.pdf" == drawer.core.run(drawer.actor, add_attachment, command).name


def test_a_file_of_a_gigabyte_is_refused_unread(drawer: Drawer, tmp_path: Path) -> None:
    """A path to a huge file is refused by its size, and an endless stream as soon as it is over the limit."""
    file = tmp_path / "huge.jpg"
    with file.open("wb") as out:
        out.truncate(1 << 30)  # a hole: it takes no room
    command = AddAttachment(entity="vehicles.vehicle", entity_id=drawer.vehicle_id, content=file)
    with pytest.raises(Rejected) as by_size:
        drawer.core.run(drawer.actor, add_attachment, command)

    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"\xff" * size

    endless = Endless()
    with pytest.raises(Rejected) as by_stream:
        drawer.core.run(
            drawer.actor,
            add_attachment,
            AddAttachment(entity="vehicles.vehicle", entity_id=drawer.vehicle_id, content=endless),  # type: ignore[arg-type]
        )

    assert by_size.value.has_code("attachment.too_large")
    assert by_stream.value.has_code("attachment.too_large")
    assert endless.given < 26_000_000
    assert set() == stored(drawer)


def test_the_size_limit_is_a_setting(sqlite_url: str, clock: FixedClock) -> None:
    """How large a file may be is said when the core is opened."""
    with fleetcore.open(sqlite_url, installed_plugins=False, clock=clock, attachment_size_max_bytes=100) as core:
        me = core.create_fleet("Home")
        drawer = Drawer(core, me, new_vehicle(core, me).id)

        with pytest.raises(Rejected, match="100 bytes"):
            drawer.add(b"x" * 101)
        assert drawer.add(b"x" * 100)


@pytest.mark.parametrize("data", [png_bomb(), picture() + PDF, b"", b"MZ\x90\x00"])
def test_bad_files_leave_nothing_behind(drawer: Drawer, data: bytes) -> None:
    """A bomb, a polyglot, an empty file and a program are refused before anything is stored."""
    with pytest.raises(Rejected):
        drawer.add(data)

    assert () == drawer.list()
    assert set() == stored(drawer)


def test_the_same_bytes_are_stored_once(drawer: Drawer) -> None:
    """Two attachments of the same content share their bytes, which stay as long as one of them does."""
    first, second = drawer.add(PDF, name="a.pdf"), drawer.add(PDF, name="b.pdf")

    assert first.sha256 == second.sha256
    assert {first.sha256} == stored(drawer)


def test_the_same_file_may_arrive_twice_at_once(drawer: Drawer) -> None:
    """Racing uploads of the same content are all accepted, and all can be read."""
    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(lambda n: drawer.add(PDF, name=f"{n}.pdf"), range(6)))

    assert 6 == len({each.id for each in added}) == len(drawer.list())
    assert {PDF} == {drawer.read(each) for each in added}
    assert 1 == len(stored(drawer))


def test_a_repeated_request_adds_once(drawer: Drawer) -> None:
    """The same idempotency key with the same file answers as before; with another file it conflicts."""

    def add(data: bytes) -> Attachment:
        command = AddAttachment(
            entity="vehicles.vehicle", entity_id=drawer.vehicle_id, name="a.pdf", content=io.BytesIO(data)
        )
        return drawer.core.run(drawer.actor, add_attachment, command, idempotency_key="k")

    assert add(PDF) == add(PDF)
    with pytest.raises(Conflict):
        add(PDF.replace(b"1.7", b"1.6"))
    assert 1 == len(drawer.list())


def test_deleted_attachments_can_be_restored(drawer: Drawer) -> None:
    """Deleting takes a file off its record, restoring brings it back, bytes and all."""
    attachment = drawer.add(PDF)
    drawer.delete(attachment)

    assert () == drawer.list()
    with pytest.raises(NotFound):
        drawer.read(attachment)
    assert attachment.id == drawer.restore(attachment).id
    assert PDF == drawer.read(attachment)


def test_a_stale_version_is_refused(drawer: Drawer) -> None:
    """Who read an older version does not delete the newer one."""
    attachment = drawer.add(PDF)
    drawer.delete(attachment)
    drawer.restore(attachment)

    with pytest.raises(Conflict):
        drawer.delete(attachment)


def test_a_crash_between_bytes_and_row_leaves_an_orphan_that_is_swept(drawer: Drawer, clock: FixedClock) -> None:
    """When the row is never written, its bytes lie about until the sweep after the grace period."""

    def crash(uow: Any, command: AddAttachment) -> Attachment:
        raise ConnectionAbortedError("power cut")

    cut: Operation[AddAttachment, Attachment] = Operation("test.add", None, crash, add_attachment.before)
    command = AddAttachment(
        entity="vehicles.vehicle", entity_id=drawer.vehicle_id, name="p.jpg", content=io.BytesIO(picture())
    )
    with pytest.raises(ConnectionAbortedError):
        drawer.core.run(drawer.actor, cut, command)

    assert 2 == len(stored(drawer))  # with its thumbnail
    assert 0 == sweep(drawer).files
    clock.advance(hours=25)
    assert 2 == sweep(drawer).files
    assert set() == stored(drawer)


def test_a_sweep_spares_what_is_named(drawer: Drawer, clock: FixedClock) -> None:
    """Bytes go only when nothing names them: an attachment deleted for 30 days is erased with its bytes."""
    kept, gone = drawer.add(), drawer.add(PDF)
    drawer.delete(gone)
    clock.advance(days=29)
    assert SweepReport(attachments=0, files=0, size_bytes=0, has_more=False) == sweep(drawer)

    clock.advance(days=2)
    assert SweepReport(attachments=1, files=1, size_bytes=len(PDF), has_more=False) == sweep(drawer)
    assert picture() == drawer.read(kept)
    with pytest.raises(NotFound):
        drawer.restore(gone)


def test_a_sweep_goes_in_bounded_steps(drawer: Drawer, clock: FixedClock) -> None:
    """No more than the limit is erased at once, and the report says that there is more."""
    for number in range(5):
        drawer.delete(drawer.add(PDF + b"\n" * number))
    clock.advance(days=31)
    reports = [sweep(drawer, limit=2) for _ in range(4)]

    assert [2, 2, 1, 0] == [report.attachments for report in reports]
    assert [2, 2, 1, 0] == [report.files for report in reports]
    assert [True, True, False, False] == [report.has_more for report in reports]


def test_an_upload_that_meets_a_sweep_is_told_to_come_again(drawer: Drawer) -> None:
    """When the bytes are swept away between storing and naming them, no row is written that names nothing."""
    before = add_attachment.before
    assert before is not None

    def swept(uow: Any, command: AddAttachment) -> AddAttachment:
        staged = before(uow, command)
        assert staged.staged is not None
        uow[BLOBS].delete(staged.staged.sha256)
        return staged

    raced: Operation[AddAttachment, Attachment] = Operation("test.add", None, add_attachment.function, swept)
    command = AddAttachment(
        entity="vehicles.vehicle", entity_id=drawer.vehicle_id, name="p.pdf", content=io.BytesIO(PDF)
    )
    with pytest.raises(Conflict, match="try again"):
        drawer.core.run(drawer.actor, raced, command)
    assert () == drawer.list()


def test_lost_bytes_are_reported_by_name(drawer: Drawer) -> None:
    """When the store has lost the bytes, reading says what is missing."""
    attachment = drawer.add(PDF)
    query: Query[Any, None] = Query("test.lose", None, lambda uow, _: uow[BLOBS].delete(attachment.sha256))
    drawer.core.read(drawer.actor, query, None)

    with pytest.raises(NotFound, match=attachment.sha256):
        drawer.read(attachment)


def test_purging_a_vehicle_takes_its_attachments(drawer: Drawer, clock: FixedClock) -> None:
    """When a vehicle is erased for good, the files of its records go, and their bytes with the next sweep."""
    drawer.add(PDF)
    other = Drawer(drawer.core, drawer.actor, new_vehicle(drawer.core, drawer.actor, name="Other").id)
    kept = other.add(picture())
    drawer.core.run(drawer.actor, remove_vehicle, RemoveVehicle(id=drawer.vehicle_id))
    drawer.core.run(drawer.actor, purge_vehicles, PurgeVehicles(after_days=0))
    clock.advance(days=2)

    assert 1 == sweep(drawer).files
    assert picture() == other.read(kept)


def test_the_files_of_a_fleet_fit_its_quota(sqlite_url: str, clock: FixedClock) -> None:
    """What would go over the quota is refused; the same content again takes no room."""
    limits = Quotas(storage_bytes_max=len(PDF) + 10)
    with fleetcore.open(sqlite_url, installed_plugins=False, clock=clock, quotas=limits) as core:
        me = core.create_fleet("Home")
        drawer = Drawer(core, me, new_vehicle(core, me).id)
        drawer.add(PDF)
        drawer.add(PDF)

        with pytest.raises(Rejected) as caught:
            drawer.add(b"eleven more")
        assert caught.value.has_code("storage.full")
        assert drawer.add(b"ten more..")
