"""Writes archives: member by member in one go, with a fixed time, so equal content gives equal members."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import BinaryIO, Self, cast
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson

from fleetcore import __version__
from fleetcore.attachments.blobs import chunks_of
from fleetcore.attachments.ports import ATTACHMENTS, BLOBS
from fleetcore.kernel.errors import Conflict, NotFound, Rejected, Unavailable
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.wire import unstructure

from .model import (
    ARCHIVE_FORMAT,
    ARCHIVE_FORMAT_VERSION,
    MANIFEST,
    ArchiveKind,
    FilePart,
    FleetPart,
    FleetRows,
    Manifest,
    Progress,
    TablePart,
    attachment_member,
    short_name,
    table_member,
)
from .ports import FleetTables

__all__ = ["ArchiveWriter", "Output", "output"]

CHUNK_BYTES = 1 << 18
COMPRESSION = 6
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first instant that zip knows
UNIX = 3


class Output:
    """A binary file to write into that counts what it gets, and is never sought in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        """Write *data*."""
        self._file.write(data)
        self.size_bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """Hand on what was written."""
        self._file.flush()


@contextmanager
def output(target: Path | BinaryIO, *, overwrite: bool) -> Iterator[Output]:
    """Lend what an archive is written into; a path appears only when the block has ended without an error.

    Raises Conflict for a path that exists, Rejected for one that cannot be, Unavailable when writing fails.
    """
    if not isinstance(target, str | os.PathLike):
        yield Output(target)
        return
    path = Path(target)
    _refuse_existing(path, overwrite)
    try:
        file = NamedTemporaryFile(dir=path.parent, prefix=".fleetcore-", suffix=".part", delete=False)  # noqa: SIM115
    except OSError as error:
        raise Rejected.because("target", f"{path} cannot be written: {error.strerror}: {path.parent}") from error
    try:
        with file:
            yield Output(cast(BinaryIO, file))
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(path, overwrite)
        Path(file.name).replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        Path(file.name).unlink(missing_ok=True)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise Rejected.because("target", f"{path} is a folder: name a file in it")
    if path.exists() and not overwrite:
        raise Conflict(f"{path} exists already: choose another name, or say that it may be overwritten")


class ArchiveWriter:
    """An archive being written; leaving the block without an error completes it with its manifest."""

    def __init__(self, out: Output, *, kind: ArchiveKind, now: datetime, progress: Progress | None = None) -> None:
        self._zip = ZipFile(cast(BinaryIO, out), "w", ZIP_DEFLATED, compresslevel=COMPRESSION)
        self._kind = kind
        self._now = now
        self._progress = progress or (lambda _name, _rows: None)
        self._schema: tuple[str, ...] = ()
        self._fleets: list[FleetPart] = []
        self._files: dict[str, FilePart] = {}
        self.attachments = 0
        self.attachments_missing = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._zip:
            if error is None:
                self._write(MANIFEST, [orjson.dumps(unstructure(self._manifest()), option=_MANIFEST_FORM)])

    def _manifest(self) -> Manifest:
        return Manifest(
            format=ARCHIVE_FORMAT,
            format_version=ARCHIVE_FORMAT_VERSION,
            kind=self._kind,
            schema=self._schema,
            created_at=self._now,
            fleetcore_version=__version__,
            fleets=tuple(self._fleets),
            files=self._files,
        )

    def add_fleet(self, fleet_id: UUID, name: str, tables: FleetTables) -> FleetRows:
        """Write every table of a fleet that has rows."""
        self._schema = tables.schema
        parts: dict[str, TablePart] = {}
        for table in tables.names:
            lines = tables.lines(table)
            if (first := next(lines, None)) is not None:
                rows, part = self._write(table_member(fleet_id, table), _with_first(first, lines))
                parts[table] = TablePart(size_bytes=part.size_bytes, sha256=part.sha256, rows=rows)
        self._fleets.append(FleetPart(id=fleet_id, name=name, tables=parts))
        return FleetRows(id=fleet_id, name=name, rows={table: part.rows for table, part in parts.items()})

    def add_file(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file for people."""
        _, self._files[name] = self._write(name, pieces)

    def add_attachments(self, uow: UnitOfWork) -> None:
        """Write the bytes of every attached file of a fleet, thumbnails too; counts those that are missing."""
        for sha256 in uow[ATTACHMENTS].hashes():
            try:
                content = uow[BLOBS].open(sha256)
            except (NotFound, Unavailable):
                self.attachments_missing += 1
                continue
            with content:
                name = attachment_member(uow.fleet_id, sha256)
                _, self._files[name] = self._write(name, chunks_of(content), packing=ZIP_STORED)
                self.attachments += 1

    def _write(self, name: str, pieces: Iterable[bytes], packing: int = ZIP_DEFLATED) -> tuple[int, FilePart]:
        info = ZipInfo(name, LONG_AGO)
        info.compress_type = packing
        info.create_system = UNIX
        info.external_attr = 0o600 << 16
        checksum = hashlib.sha256()
        count = size = 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for counted, chunk in _chunks(pieces):
                checksum.update(chunk)
                member.write(chunk)
                size += len(chunk)
                count += counted
                self._progress(short_name(name), count)
        return count, FilePart(size_bytes=size, sha256=checksum.hexdigest())


_MANIFEST_FORM = orjson.OPT_UTC_Z | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _chunks(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Join *pieces* to chunks worth compressing; yields how many went in, and the chunk."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield len(held), b"".join(held)
            held, size = [], 0
    if held:
        yield len(held), b"".join(held)
