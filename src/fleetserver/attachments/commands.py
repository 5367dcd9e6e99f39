"""``fleet attachments``: photos, receipts and papers on any record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

import click

from fleetcore.attachments.blobs import chunks_of
from fleetcore.attachments.model import (
    AddAttachment,
    Attachment,
    DeleteAttachment,
    GetAttachment,
    ListAttachments,
    OpenAttachment,
    RestoreAttachment,
    SweepAttachments,
)
from fleetcore.attachments.service import (
    add_attachment,
    delete_attachment,
    get_attachment,
    list_attachments,
    open_attachment,
    restore_attachment,
    sweep_attachments,
)
from fleetcore.kernel.errors import NotFound, Rejected
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, pick, short_id, some_of, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, limit_option, rows_wanted, vehicle_option
from fleetserver.cli.tables import Column, details, table
from fleetserver.maintenance.tyre_words import find_set

__all__ = ["attachments"]

# What people call a kind of record: its entity, and the operation that lists such records.
KINDS = {
    "document": ("documents.document", "documents.list"),
    "expense": ("expenses.expense", "expenses.list"),
    "fill": ("fuel.fill", "fuel.list_fills"),
    "inspection": ("maintenance.inspection", "maintenance.list_inspections"),
    "job": ("maintenance.job", "maintenance.list_jobs"),
    "plan": ("maintenance.plan_item", "maintenance.list_plan_items"),
    "provider": ("maintenance.provider", "maintenance.list_providers"),
    "reminder": ("reminders.reminder", "reminders.list"),
    "service": ("maintenance.service", "maintenance.list_services"),
    "trip": ("trips.trip", "trips.list"),
}
NAMED = {"vehicle": "vehicles.vehicle", "tyres": "maintenance.tyre_set"}
WORDS = {entity: word for word, (entity, _) in KINDS.items()} | {entity: word for word, entity in NAMED.items()}
COLUMNS = (
    Column("Added"),
    Column("Name", flexible=True),
    Column("On", drop=2),
    Column("Type", drop=3),
    Column("Size", right=True, drop=1),
    Column("Id"),
)
SHORT_MAX = 1000
RECORD_HELP = f"The record: vehicle:NAME, tyres:NAME, or one of {', '.join(f'{kind}:ID' for kind in sorted(KINDS))}."


@click.group("attachments", cls=FleetGroup)
def attachments() -> None:
    """Keep photos, receipts and papers with the records that they belong to."""


def _record(session: Session, text: str) -> tuple[str, UUID]:
    """Return the entity and the id of the record that *text* names."""
    kind, _, name = text.partition(":")
    if kind == "vehicle" and name:
        return NAMED[kind], find_vehicle(session, name).id
    if kind == "tyres" and name:
        return NAMED[kind], find_set(session, name).id
    if kind not in KINDS or not name:
        raise BadInput.because(
            "--to", f"{text!r} does not look like vehicle:Golf, tyres:Winter or {'ID, '.join(sorted(KINDS))}:ID"
        )
    entity, listing = KINDS[kind]
    found = session.core.operations[listing]

    def candidates() -> Iterator[Any]:
        return everything(lambda cursor, most: session.read(found, found.command_type(cursor=cursor, limit=most)))  # type: ignore[arg-type]  # they are lists

    def get(key: UUID) -> Any:
        return next((each for each in candidates() if each.id == key), _Named(key))

    return entity, pick(name, kind, get, candidates).id


class _Named:
    """A record that only its id is known of: the library says whether it is there."""

    def __init__(self, key: UUID) -> None:
        self.id = key


def _size(size_bytes: int) -> str:
    if size_bytes < SHORT_MAX:
        return f"{size_bytes} bytes"
    return f"{size_bytes / 1000:,.0f} kB" if size_bytes < SHORT_MAX**2 else f"{size_bytes / 1_000_000:,.1f} MB"


def _on(attachment: Attachment) -> str:
    word = WORDS.get(attachment.entity, attachment.entity)
    return word if word == "vehicle" else f"{word} {short_id(attachment.entity_id)}"


def _find(session: Session, text: str, *, removed: bool = False) -> Attachment:
    def candidates() -> Iterator[Attachment]:
        for vehicle_id in vehicles_by_id(session):
            yield from everything(
                lambda cursor, most, one=vehicle_id: session.read(  # type: ignore[misc]  # the default binds it
                    list_attachments, ListAttachments(vehicle_id=one, deleted=removed, cursor=cursor, limit=most)
                )
            )

    def get(key: UUID) -> Attachment:
        if not removed:
            return session.read(get_attachment, GetAttachment(id=key))
        if (found := next((each for each in candidates() if each.id == key), None)) is None:
            raise NotFound("deleted attachment", key)
        return found

    return pick(text, "attachment", get, candidates)


@attachments.command("add")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "record", metavar="RECORD", required=True, help=RECORD_HELP)
@click.option("--name", help="What to call it. Default: the name of the file.")
@pass_session
def add(session: Session, *, files: tuple[Path, ...], record: str, name: str | None) -> None:
    """Hang FILE on a record: a photo, a PDF, a text or CSV; up to 25 MB.

    What it is, its content says, not its name. Pictures get a thumbnail, without the place where they were taken.

    fleet attachments add policy.pdf --to document:1a2b3c4d

    fleet attachments add scratch.jpg --to vehicle:Golf
    """
    if name and len(files) > 1:
        raise BadInput.because("--name", "fits one file: several keep their own names")
    entity, entity_id = _record(session, record)
    added = []
    for file in files:
        try:
            command = AddAttachment(entity=entity, entity_id=entity_id, content=file, name=name or file.name)
            added.append(session.run(add_attachment, command))
        except Rejected as rejected:
            raise BadInput.because("", f"{file}: {'; '.join(p.message for p in rejected.problems)}") from None
    words = ", ".join(f"{each.name} ({_size(each.size_bytes)}, {short_id(each.id)})" for each in added)
    session.done({"attachments": added}, f"Added {words}.")


@attachments.command("list")
@vehicle_option()
@click.option("--of", "record", metavar="RECORD", help=RECORD_HELP)
@click.option("--removed", is_flag=True, help="Those that were deleted and can be restored.")
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session, *, vehicle: str | None, record: str | None, removed: bool, limit: int | None, show_all: bool
) -> None:
    """List the attachments of a record, of a vehicle's records, or of all vehicles, newest first."""
    if vehicle and record:
        raise BadInput.because("--of", "name either a record or a vehicle")
    found: list[Attachment] = []
    more = False
    wanted = rows_wanted(limit, show_all, session.as_json)
    for names in _asked(session, vehicle, record):
        some, more_here = some_of(
            lambda cursor, most, names=names: session.read(  # type: ignore[misc]  # the default binds it
                list_attachments, ListAttachments(**names, deleted=removed, cursor=cursor, limit=most)
            ),
            wanted,
        )
        found, more = found + some, more or more_here
    found.sort(key=lambda each: (each.created_at, each.id), reverse=True)
    if wanted is not None and len(found) > wanted:
        found, more = found[:wanted], True

    def human() -> Iterator[str]:
        if not found:
            yield "No attachments. Add one: fleet attachments add receipt.jpg --to vehicle:Golf"
            return
        yield from table(COLUMNS, [_row(session, each) for each in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"attachments": found}, human)


def _asked(session: Session, vehicle: str | None, record: str | None) -> Iterator[dict[str, Any]]:
    if record:
        entity, entity_id = _record(session, record)
        yield {"entity": entity, "entity_id": entity_id}
    elif vehicle:
        yield {"vehicle_id": find_vehicle(session, vehicle).id}
    else:
        yield from ({"vehicle_id": each} for each in vehicles_by_id(session))


def _row(session: Session, each: Attachment) -> list[str]:
    kind = each.media_type.rpartition("/")[2]
    return [session.display.day(each.created_at), each.name, _on(each), kind, _size(each.size_bytes), short_id(each.id)]


@attachments.command("show")
@click.argument("attachment_id", metavar="ID")
@pass_session
def show(session: Session, attachment_id: str) -> None:
    """Show what is known of the attachment ID."""
    found = _find(session, attachment_id)
    pixels = f"{found.width} x {found.height}" if found.width else ""

    def human() -> Iterator[str]:
        yield from details(
            [
                ("Name", found.name),
                ("On", _on(found)),
                ("Type", found.media_type),
                ("Size", _size(found.size_bytes)),
                ("Pixels", pixels),
                ("Thumbnail", "yes" if found.thumbnail_sha256 else ""),
                ("Added", session.display.minute(found.created_at)),
                ("SHA-256", found.sha256),
                ("Id", str(found.id)),
            ]
        )

    session.show(found, human)


@attachments.command("download")
@click.argument("attachment_id", metavar="ID")
@click.argument("target", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--thumbnail", is_flag=True, help="The small picture instead of the file itself.")
@click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
@pass_session
def download(session: Session, *, attachment_id: str, target: Path | None, thumbnail: bool, overwrite: bool) -> None:
    """Write the attachment ID to FILE, or into the folder FILE; by default here, under its own name.

    fleet attachments download 1a2b3c4d policy.pdf
    """
    found = _find(session, attachment_id)
    path = target or Path(found.name)
    path = path / found.name if path.is_dir() else path
    if path.exists() and not overwrite:
        raise BadInput.because("", f"{path} exists already: name another file, or add --overwrite")
    with session.read(open_attachment, OpenAttachment(id=found.id, thumbnail=thumbnail)) as opened:
        _write(path, chunks_of(opened.content))
        size = opened.size_bytes
    session.done({"file": str(path), "size_bytes": size}, f"Wrote {path} ({_size(size)}).")


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """Write *pieces* to *path*, whole or not at all."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=".fleet-", delete=False) as file:
            try:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                Path(file.name).chmod(0o666 & ~_umask())
                Path(file.name).replace(path)
            finally:
                Path(file.name).unlink(missing_ok=True)
    except OSError as error:
        raise BadInput.because("", f"{path} cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@attachments.command("delete")
@click.argument("attachment_id", metavar="ID")
@pass_session
def delete(session: Session, attachment_id: str) -> None:
    """Take the attachment ID off its record; it can be restored for 30 days."""
    found = _find(session, attachment_id)
    after = session.run(delete_attachment, DeleteAttachment(id=found.id, version=found.version))
    session.done(after, f"Deleted {after.name}. Back: fleet attachments restore {short_id(after.id)}")


@attachments.command("restore")
@click.argument("attachment_id", metavar="ID")
@pass_session
def restore(session: Session, attachment_id: str) -> None:
    """Bring the deleted attachment ID back."""
    found = _find(session, attachment_id, removed=True)
    after = session.run(restore_attachment, RestoreAttachment(id=found.id))
    session.done(after, f"{after.name} is back.")


@attachments.command("sweep")
@click.option("--kept-days", type=click.IntRange(min=1), default=30, show_default=True, metavar="N",
              help="Erase what was deleted this many days ago or earlier.")  # fmt: skip
@pass_session
def sweep(session: Session, kept_days: int) -> None:
    """Erase attachments deleted long ago, and stored bytes that no record names any more."""
    rows = files = size = 0
    while True:
        report = session.run(sweep_attachments, SweepAttachments(kept_days=kept_days))
        rows, files, size = rows + report.attachments, files + report.files, size + report.size_bytes
        if not report.has_more:
            break
    value = {"attachments": rows, "files": files, "size_bytes": size}
    session.done(value, f"Erased {rows} attachments and {files} stored files ({_size(size)}).")
