"""Reads archives, trusting nothing: everything is checked before anyone uses a row, in bounded memory."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from fleetcore.kernel.errors import Rejected, reject_if_any

from .model import MANIFEST, FilePart, Manifest, Progress, TablePart, attachment_member, short_name, table_member
from .rules import damaged, member_problems, read_manifest

__all__ = ["ArchiveReader", "opened"]

CHUNK_BYTES = 1 << 20
LINE_BYTES_MAX = 64 << 20
MANIFEST_BYTES_MAX = 64 << 20
EXPANSION_MAX = 200  # ours shrink to a tenth; what grows more than this is made to fill disks and memory
EXPANSION_FREE_BYTES = 64 << 20
ENCRYPTED = 0x1
BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class ArchiveReader:
    """An open archive whose manifest has been checked; :meth:`verify` checks the rest."""

    def __init__(self, archive: ZipFile, manifest: Manifest) -> None:
        self._zip = archive
        self.manifest = manifest

    def verify(self, progress: Progress | None = None) -> None:
        """Compare every member's checksum and rows with the manifest; raises Rejected for the first that differs."""
        for name, part in self.manifest.members.items():
            self._verify(name, part)
            if progress is not None:
                progress(short_name(name), part.rows if isinstance(part, TablePart) else 0)

    def _verify(self, name: str, part: FilePart) -> None:
        checksum = hashlib.sha256()
        rows = line_bytes = 0
        last = b""
        for chunk in self._chunks(name):
            checksum.update(chunk)
            rows += chunk.count(b"\n")
            end = chunk.rfind(b"\n")
            line_bytes = line_bytes + len(chunk) if end < 0 else len(chunk) - end - 1
            if line_bytes > LINE_BYTES_MAX and isinstance(part, TablePart):
                raise Rejected.because("archive", f"{name} has a row of more than {LINE_BYTES_MAX} bytes")
            last = chunk
        if checksum.hexdigest() != part.sha256:
            raise damaged(f"the checksum of {name} is not that of its manifest")
        if isinstance(part, TablePart) and (rows != part.rows or last[-1:] != b"\n"):
            raise damaged(f"{name} has {rows} rows where its manifest says {part.rows}")

    def lines(self, fleet_id: UUID, table: str) -> Iterator[bytes]:
        """Yield the rows of a table as lines of JSON."""
        held = b""
        for chunk in self._chunks(table_member(fleet_id, table)):
            *whole, held = (held + chunk).split(b"\n")
            yield from whole

    def attachments(self, fleet_id: UUID) -> Iterator[tuple[str, BinaryIO]]:
        """Yield hash and bytes of each attached file of a fleet; each is closed again when the next one comes."""
        folder = attachment_member(fleet_id, "")
        for name in self.manifest.files:
            if name.startswith(folder):
                try:
                    with self._zip.open(name) as member:
                        yield name.removeprefix(folder), cast(BinaryIO, member)
                except BROKEN as error:
                    raise damaged(f"{name} cannot be unpacked ({error})") from error

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                while chunk := member.read(CHUNK_BYTES):
                    yield chunk
        except BROKEN as error:
            raise damaged(f"{name} cannot be unpacked ({error})") from error


@contextmanager
def opened(
    source: Path | BinaryIO, *, tables: Collection[str], revisions: Collection[str], fleet_table: str
) -> Iterator[ArchiveReader]:
    """Lend the archive at *source* when its members and its manifest are in order.

    *tables* and *revisions* are those known here. Raises Rejected, saying what is wrong.
    """
    with _file(source) as file, _zip(file) as archive:
        sizes = _sizes(archive)
        packed = file.seek(0, os.SEEK_END)
        if sum(sizes.values()) > EXPANSION_FREE_BYTES + EXPANSION_MAX * packed:
            raise Rejected.because("archive", f"it would unpack to more than {EXPANSION_MAX} times its size")
        manifest = read_manifest(_manifest(archive, sizes), tables, revisions, fleet_table)
        reject_if_any(member_problems(sizes, manifest.members))
        yield ArchiveReader(archive, manifest)


@contextmanager
def _file(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if not isinstance(source, str | os.PathLike):
        with nullcontext(source) as file:
            yield file
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115
    except OSError as error:
        raise Rejected.because("archive", f"{source} cannot be read: {error.strerror}") from error
    with file:
        yield file


def _zip(file: BinaryIO) -> ZipFile:
    try:
        return ZipFile(file)
    except (*BROKEN, ValueError) as error:
        raise Rejected.because(
            "archive",
            f"this is no fleetcore archive, or its end is missing as after an interrupted copy ({error})",
            "archive.format",
        ) from error


def _sizes(archive: ZipFile) -> dict[str, int]:
    """Return the sizes of the members, refusing what no writer of ours makes."""
    sizes: dict[str, int] = {}
    for info in archive.infolist():
        if info.filename in sizes:
            raise damaged(f"it has the member {info.filename!r} twice")
        if info.flag_bits & ENCRYPTED or info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise Rejected.because("archive", f"its member {info.filename!r} is encrypted or packed in an unknown way")
        sizes[info.filename] = info.file_size
    return sizes


def _manifest(archive: ZipFile, sizes: dict[str, int]) -> bytes:
    if MANIFEST not in sizes:
        raise Rejected.because("archive", f"this is no fleetcore archive: it has no {MANIFEST}", "archive.format")
    if sizes[MANIFEST] > MANIFEST_BYTES_MAX:
        raise Rejected.because("archive", f"its {MANIFEST} is larger than {MANIFEST_BYTES_MAX} bytes")
    try:
        return archive.read(MANIFEST)
    except BROKEN as error:
        raise damaged(f"its {MANIFEST} cannot be unpacked ({error})") from error
