"""Backups of every fleet, and restoring archives: work across fleets, which no operation does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from fleetcore.areas import built_in_areas
from fleetcore.attachments.ports import BlobStore
from fleetcore.exports.model import (
    ArchiveKind,
    BackupReport,
    FleetRows,
    Manifest,
    Progress,
    RestoreReport,
)
from fleetcore.exports.ports import TABLES
from fleetcore.exports.reading import ArchiveReader, opened
from fleetcore.exports.writing import ArchiveWriter, output
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Unavailable
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.storage.archive import FLEET_TABLE, USER_TABLE, archived_tables, fleets, load, load_users
from fleetcore.storage.database import Database
from fleetcore.storage.schema import SCHEMA_HEADS, known_revisions

__all__ = ["backup", "restore"]

NOBODY = UUID(int=0)


def backup(
    database: Database,
    unit: Callable[[Any, Actor], UnitOfWork],
    now: datetime,
    target: Path | BinaryIO,
    *,
    overwrite: bool,
    progress: Progress | None,
) -> BackupReport:
    """Write every fleet of *database*, as of one moment, into an archive."""
    written: list[FleetRows] = []
    with output(target, overwrite=overwrite) as out, database.system(snapshot=True) as connection:
        with ArchiveWriter(out, kind=ArchiveKind.BACKUP, now=now, progress=progress) as writer:
            for fleet_id, name in fleets(connection):
                uow = unit(connection, Actor(user_id=NOBODY, fleet_id=fleet_id))
                written.append(writer.add_fleet(fleet_id, name, uow[TABLES]))
                writer.add_attachments(uow)
        return BackupReport(
            fleets=tuple(written),
            attachments=writer.attachments,
            attachments_missing=writer.attachments_missing,
            size_bytes=out.size_bytes,
        )


def restore(
    database: Database,
    blobs: BlobStore | None,
    source: Path | BinaryIO,
    now: datetime,
    *,
    dry_run: bool,
    progress: Progress | None,
) -> RestoreReport:
    """Write the fleets of an archive into *database*: all of them, in one transaction, or none.

    Attached files come first, so that no row ever names bytes that are not there; what of them is new is taken
    back when the rows fail.
    """
    built_in_areas()  # an archive holds the tables of every area, in use here or not
    tables = archived_tables()
    with opened(source, tables=tables, revisions=known_revisions(), fleet_table=FLEET_TABLE) as archive:
        archive.verify(progress)
        with database.system(snapshot=True) as connection:
            _refuse_known(archive.manifest, fleets(connection, (part.id for part in archive.manifest.fleets)))
            users = _users(archive, connection, write=False)
        if not dry_run and archive.manifest.fleets:
            with _stored(archive, blobs, now):
                users = database.write(archive.manifest.fleets[0].id, partial(_write, archive, tables, progress))
        return _report(archive.manifest, users, dry_run)


@contextmanager
def _stored(archive: ArchiveReader, blobs: BlobStore | None, now: datetime) -> Iterator[None]:
    """Store the attached files of *archive*, and take the new ones back when the block fails."""
    new: list[tuple[UUID, str]] = []
    try:
        for part in archive.manifest.fleets:
            for sha256, content in archive.attachments(part.id):
                if blobs is None:
                    raise Unavailable("the archive has attached files: say where to keep them, with attachments=FOLDER")
                if not blobs.exists(part.id, sha256):
                    new.append((part.id, sha256))
                blobs.put(part.id, sha256, content, now)
        yield
    except BaseException:  # an interrupt too: files of a restore that did not happen must not stay
        for fleet_id, sha256 in new:
            with suppress(Unavailable):  # the first failure is the one to tell
                blobs.delete(fleet_id, sha256)  # type: ignore[union-attr]  # only a store that is there got any
        raise


def _refuse_known(manifest: Manifest, known: list[tuple[UUID, str]]) -> None:
    if known:
        names = ", ".join(f"{name!r} ({fleet_id})" for fleet_id, name in known[:5])
        raise Conflict(
            f"{len(known)} of the {len(manifest.fleets)} fleets of this archive exist here already: {names}; "
            "nothing was restored: restore into a database without them"
        )


def _write(
    archive: ArchiveReader, tables: tuple[str, ...], progress: Progress | None, connection: Any
) -> tuple[int, int]:
    """Write every row; returns how many users were new and how many were known."""
    users = _users(archive, connection, write=True)
    for part in archive.manifest.fleets:
        for table in (table for table in tables if table in part.tables and table != USER_TABLE):
            lines = partial(archive.lines, part.id, table)
            load(connection, part.id, table, lines, is_older=_is_older(archive.manifest))
            if progress is not None:
                progress(table, part.tables[table].rows)
    return users


def _users(archive: ArchiveReader, connection: Any, *, write: bool) -> tuple[int, int]:
    seen: set[UUID] = set()
    is_older = _is_older(archive.manifest)
    counts = [
        load_users(connection, partial(archive.lines, part.id, USER_TABLE), seen, is_older=is_older, write=write)
        for part in archive.manifest.fleets
        if USER_TABLE in part.tables
    ]
    return sum(added for added, _ in counts), sum(kept for _, kept in counts)


def _is_older(manifest: Manifest) -> bool:
    return frozenset(manifest.schema) != SCHEMA_HEADS


def _report(manifest: Manifest, users: tuple[int, int], dry_run: bool) -> RestoreReport:
    return RestoreReport(
        kind=manifest.kind,
        created_at=manifest.created_at,
        fleets=tuple(
            FleetRows(id=part.id, name=part.name, rows={name: table.rows for name, table in part.tables.items()})
            for part in manifest.fleets
        ),
        attachments=sum(1 for name in manifest.files if "/attachments/" in name),
        users_added=users[0],
        users_kept=users[1],
        dry_run=dry_run,
    )
