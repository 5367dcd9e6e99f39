"""Hang files on records, read them, take them off, and sweep what nothing needs any more."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TypeVar, cast
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.work import QUEUE, Found, JobKind, Payload
from fleetcore.operations import operation, query
from fleetcore.people.ports import FLEETS
from fleetcore.people.service import storage_limit_bytes
from fleetcore.vehicles.access import absent, require_whole_fleet, vehicle_for

from .blobs import chunks_of
from .events import AttachmentAdded, AttachmentDeleted, AttachmentRestored, AttachmentsSwept
from .formats import examine, size_text
from .model import (
    AddAttachment,
    Attachment,
    DeleteAttachment,
    GetAttachment,
    ListAttachments,
    OpenAttachment,
    OpenedAttachment,
    RestoreAttachment,
    StagedFile,
    SweepAttachments,
    SweepReport,
)
from .names import clean_name, disposition
from .ports import ATTACHMENTS, BLOBS
from .reach import is_seen, record_for
from .thumbnails import thumbnail

__all__ = [
    "ENTITY",
    "SWEEP",
    "add_attachment",
    "delete_attachment",
    "get_attachment",
    "list_attachments",
    "open_attachment",
    "restore_attachment",
    "sweep_attachments",
]

ENTITY = "attachments.attachment"
SPOOLED_BYTES = 1 << 20
HASHES_AT_ONCE = 500
Told = TypeVar("Told", AttachmentAdded, AttachmentDeleted, AttachmentRestored)


def _stage(uow: UnitOfWork, command: AddAttachment) -> AddAttachment:
    """Check the file of *command* and store its bytes, before any transaction: bytes first, the row after."""
    record_for(uow, command.entity, command.entity_id, write=True)
    if command.content is None:
        raise Rejected.because("content", "is needed: a path, or an open binary file", "required")
    name = command.name or (Path(command.content).name if isinstance(command.content, str | os.PathLike) else "")
    blobs = uow[BLOBS]
    with _source(command.content, blobs.size_max_bytes) as source, SpooledTemporaryFile(SPOOLED_BYTES) as spooled:
        file = cast(BinaryIO, spooled)
        sha256, size = _copy(source, file, blobs.size_max_bytes)
        finding = examine(file, name)
        small = thumbnail(file, finding)
        file.seek(0)
        blobs.put(sha256, file, uow.now)
    small_hash = None
    if small is not None:
        small_hash = hashlib.sha256(small).hexdigest()
        blobs.put(small_hash, io.BytesIO(small), uow.now)
    staged = StagedFile(sha256=sha256, size_bytes=size, finding=finding, thumbnail_sha256=small_hash)
    return attrs.evolve(command, content=None, name=clean_name(name, finding.media_type), staged=staged)


@contextmanager
def _source(content: Path | BinaryIO, size_max: int) -> Iterator[BinaryIO]:
    if not isinstance(content, str | os.PathLike):
        yield content
        return
    path = Path(content)
    try:
        with path.open("rb") as file:
            if not path.is_file():
                raise Rejected.because("content", f"{path} is not a file")
            if (size := path.stat().st_size) > size_max:  # refused before a byte of it is read
                raise _too_large(size_max, size_text(size))
            yield file
    except OSError as error:
        raise Rejected.because("content", f"{path} cannot be read: {error.strerror}") from error


def _copy(source: BinaryIO, target: BinaryIO, size_max: int) -> tuple[str, int]:
    checksum, size = hashlib.sha256(), 0
    for chunk in chunks_of(source):
        size += len(chunk)
        if size > size_max:
            raise _too_large(size_max, "more")
        checksum.update(chunk)
        target.write(chunk)
    return checksum.hexdigest(), size


def _too_large(size_max: int, has: str) -> Rejected:
    message = f"is too large: a file may have {size_text(size_max)}, this one has {has}"
    return Rejected.because("content", message, "attachment.too_large")


@operation("attachments.add", permission=None, before=_stage)
def add_attachment(uow: UnitOfWork, command: AddAttachment) -> Attachment:
    """Hang a file on a record that the actor may change: JPEG, PNG, GIF, WebP, HEIC, PDF, text or CSV by content.

    Pictures get a thumbnail, upright and without the place where they were taken. Raises NotFound for the
    record, Forbidden, Rejected for a file that is too large, of another kind, broken or two things at once, or
    when the fleet's storage is full, Unavailable when the bytes cannot be stored.
    """
    record, staged = record_for(uow, command.entity, command.entity_id, write=True), command.staged
    if staged is None:
        raise Rejected.because("content", "is needed", "required")
    uow[FLEETS].get(lock=True)  # what a sweep holds too: bytes that are there now stay, and sums are true
    if not uow[BLOBS].exists(staged.sha256):
        raise Conflict("the bytes of this file were swept away this moment: try again")
    limit = storage_limit_bytes(uow)
    is_new = not uow[ATTACHMENTS].used([staged.sha256])
    if limit is not None and is_new and uow[ATTACHMENTS].total_bytes() + staged.size_bytes > limit:
        message = f"the files of this fleet may have {size_text(limit)} in all: delete some, or raise the limit"
        raise Rejected.because("content", message, "storage.full")
    user = uow.actor.user_id
    attachment = Attachment(
        id=command.id or uow.new_id(),
        entity=command.entity,
        entity_id=command.entity_id,
        vehicle_id=record.vehicle_id,
        name=command.name,
        media_type=staged.finding.media_type,
        size_bytes=staged.size_bytes,
        sha256=staged.sha256,
        width=staged.finding.width,
        height=staged.finding.height,
        thumbnail_sha256=staged.thumbnail_sha256,
        created_at=uow.now,
        updated_at=uow.now,
        created_by=user,
        updated_by=user,
    )
    uow[ATTACHMENTS].add(attachment)
    uow.record_change(ENTITY, attachment.id, None, attachment)
    uow.emit(_told(AttachmentAdded, attachment))
    return attachment


def _told(kind: type[Told], attachment: Attachment) -> Told:
    return kind(
        attachment_id=attachment.id,
        entity=attachment.entity,
        entity_id=attachment.entity_id,
        vehicle_id=attachment.vehicle_id,
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
    )


def _seen(uow: UnitOfWork, attachment_id: UUID, *, write: bool = False, deleted: bool = False) -> Attachment:
    """Return an attachment whose record the actor may see, or with *write* change."""
    attachment = uow[ATTACHMENTS].get(attachment_id, deleted=deleted)
    try:
        record_for(uow, attachment.entity, attachment.entity_id, write=write)
    except NotFound:
        raise absent("attachment", attachment) from None
    return attachment


def _changed(uow: UnitOfWork, before: Attachment, after: Attachment) -> Attachment:
    after = attrs.evolve(after, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1)
    uow[ATTACHMENTS].replace(after, old_version=before.version)
    return after


@operation("attachments.delete", permission=None)
def delete_attachment(uow: UnitOfWork, command: DeleteAttachment) -> Attachment:
    """Take a file off its record; it can be restored until a sweep erases it, 30 days later.

    Raises NotFound, Forbidden, Conflict for a stale version.
    """
    before = _seen(uow, command.id, write=True)
    if before.version != command.version:
        raise Conflict(f"the attachment {before.id} was changed by someone else meanwhile: read it again, then repeat")
    after = _changed(uow, before, attrs.evolve(before, deleted_at=uow.now))
    uow.record_change(ENTITY, before.id, before, None)
    uow.emit(_told(AttachmentDeleted, after))
    return after


@operation("attachments.restore", permission=None)
def restore_attachment(uow: UnitOfWork, command: RestoreAttachment) -> Attachment:
    """Bring a deleted attachment back. Raises NotFound, also when it was swept, and Forbidden."""
    before = _seen(uow, command.id, write=True, deleted=True)
    after = _changed(uow, before, attrs.evolve(before, deleted_at=None))
    uow.record_change(ENTITY, after.id, None, after)
    uow.emit(_told(AttachmentRestored, after))
    return after


@query("attachments.get", permission=None)
def get_attachment(uow: UnitOfWork, command: GetAttachment) -> Attachment:
    """Return what is known of one attachment, without its bytes. Raises NotFound, Forbidden."""
    return _seen(uow, command.id)


def _shows_content(_actor: Actor, command: OpenAttachment, _result: OpenedAttachment) -> bool:
    """Say that the file is sensitive; a thumbnail stands in every list."""
    return not command.thumbnail


@query("attachments.open", permission=None, sensitive=_shows_content)
def open_attachment(uow: UnitOfWork, command: OpenAttachment) -> OpenedAttachment:
    """Return the bytes of an attachment, or of its thumbnail, open to be read and to be closed by the caller.

    Raises NotFound, also for a picture without a thumbnail and where the store has lost the bytes, and Forbidden.
    """
    attachment = _seen(uow, command.id)
    sha256, media_type, name = attachment.sha256, attachment.media_type, attachment.name
    if command.thumbnail:
        if attachment.thumbnail_sha256 is None:
            raise NotFound("thumbnail of attachment", attachment.id)
        sha256, media_type = attachment.thumbnail_sha256, "image/jpeg"
        name = clean_name(f"{Path(name).stem}-small.jpg", media_type)
    blobs = uow[BLOBS]
    return OpenedAttachment(
        attachment=attachment,
        media_type=media_type,
        size_bytes=blobs.size(sha256),
        sha256=sha256,
        disposition=disposition(name, media_type),
        content=blobs.open(sha256),
    )


SORTS = {"created_at": attrgetter("created_at"), "size_bytes": attrgetter("size_bytes")}


@query("attachments.list", permission=None)
def list_attachments(uow: UnitOfWork, command: ListAttachments) -> Page[Attachment]:
    """List the attachments of one record, or of all the records of a vehicle that the actor may see, newest first.

    A page of a vehicle may hold fewer than asked for, and go on. Raises NotFound, Forbidden, Rejected.
    """
    if command.entity is not None and command.entity_id is not None:
        record_for(uow, command.entity, command.entity_id, write=False)
    elif command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, "vehicles.read")
    else:
        raise Rejected.because("entity_id", "name the record, by entity and entity_id, or the vehicle", "required")
    limit = page_limit(command.limit)
    rows = uow[ATTACHMENTS].page(command, decode_cursor(command), limit + 1)
    page = page_of(rows, limit, position_by(command.sort, SORTS), command)
    seen: dict[tuple[str, UUID], bool] = {}
    for row in page.items:
        if (row.entity, row.entity_id) not in seen:
            seen[row.entity, row.entity_id] = is_seen(uow, row)
    return attrs.evolve(page, items=tuple(row for row in page.items if seen[row.entity, row.entity_id]))


@operation("attachments.sweep", permission="documents.write")
def sweep_attachments(uow: UnitOfWork, command: SweepAttachments) -> SweepReport:
    """Erase what was deleted long ago, and stored bytes that no attachment names, as a broken-off upload leaves.

    For a worker: run it again while there is more. Raises Forbidden unless documents.write reaches the whole
    fleet, Rejected.
    """
    require_whole_fleet(uow, "documents.write")
    reject_if_any(
        Problem(name, "must be at least 1")
        for name in ("kept_days", "grace_hours", "limit")
        if getattr(command, name) < 1
    )
    uow[FLEETS].get(lock=True)
    gone = uow[ATTACHMENTS].deleted_before(uow.now - timedelta(days=command.kept_days), command.limit)
    if gone:
        uow[ATTACHMENTS].remove([attachment.id for attachment in gone])
    before = uow.now - timedelta(hours=command.grace_hours)
    blobs, files, size, has_more = uow[BLOBS], 0, 0, len(gone) == command.limit
    for batch in _old_blobs(uow, before):
        used = uow[ATTACHMENTS].used([sha256 for sha256, _ in batch])
        for sha256, size_bytes in batch:
            if sha256 in used:
                continue
            if files == command.limit:
                has_more = True
                break
            blobs.delete(sha256)
            files, size = files + 1, size + size_bytes
    blobs.discard_unfinished(before)
    uow.emit(AttachmentsSwept(sweep_id=uow.new_id(), attachments=len(gone), files=files, size_bytes=size))
    return SweepReport(attachments=len(gone), files=files, size_bytes=size, has_more=has_more)


def _old_blobs(uow: UnitOfWork, before: datetime) -> Iterator[list[tuple[str, int]]]:
    batch: list[tuple[str, int]] = []
    for blob in uow[BLOBS].entries():
        if blob.stored_at < before:
            batch.append((blob.sha256, blob.size_bytes))
        if len(batch) == HASHES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def find_files(uow: UnitOfWork, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - every day has its sweep
    """Yield each fleet that has attached files, or bytes that nothing names any more."""
    stored = list(uow[BLOBS].fleets())
    return (Found(fleet_id=fleet_id, dedupe_key="") for fleet_id in uow[ATTACHMENTS].fleets(stored))


def sweep_fleet(uow: UnitOfWork, payload: Payload) -> None:
    """Sweep the fleet, and leave the rest to a job of its own."""
    if sweep_attachments(uow, SweepAttachments()).has_more:
        uow[QUEUE].enqueue(SWEEP.name, payload, now=uow.now, dedupe_key="")


SWEEP = JobKind(name="attachments.sweep", run=sweep_fleet, every=timedelta(days=1), find=find_files)
