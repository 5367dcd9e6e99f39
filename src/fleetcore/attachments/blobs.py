"""Keeps bytes by their hash: in a folder, or in memory beside a database in memory."""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.errors import NotFound, Unavailable

from .model import SIZE_MAX_BYTES
from .ports import Blob, BlobStore

__all__ = ["FleetBlobs", "FolderBlobs", "MemoryBlobs", "blob_store", "chunks_of"]

CHUNK_BYTES = 1 << 18
HASH = re.compile("[0-9a-f]{64}")
UNFINISHED = ".part"
MEMORY_NAMES = {"", ":memory:"}


def chunks_of(content: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of *content*, a piece at a time."""
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def _checked(sha256: str) -> str:
    if not HASH.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no SHA-256 in lower hex")  # and may be a path out of the folder
    return sha256


@contextmanager
def _storage_failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the store of attachments fails: {error.strerror or error}: {error.filename}") from error


@frozen
class FolderBlobs:
    """Bytes in files: ``folder/FLEET/ab/ab12...``. A file appears whole or not at all, and outlives a power cut."""

    folder: Path

    def _path(self, fleet_id: UUID, sha256: str) -> Path:
        return self.folder / str(fleet_id) / _checked(sha256)[:2] / sha256

    def put(self, fleet_id: UUID, sha256: str, content: BinaryIO, at: datetime) -> None:
        """Store what is left of *content*."""
        path = self._path(fleet_id, sha256)
        with _storage_failures():
            path.parent.mkdir(parents=True, exist_ok=True)
            times = (at.timestamp(), at.timestamp())
            if path.exists():
                with suppress(FileNotFoundError):  # deleted this moment: then it is written again
                    os.utime(path, times)
                    return
            _write(path, sha256, content, times)

    def open(self, fleet_id: UUID, sha256: str) -> BinaryIO:
        """Return the bytes, open to be read."""
        with _storage_failures():
            try:
                return self._path(fleet_id, sha256).open("rb")
            except FileNotFoundError:
                raise NotFound("stored file", sha256) from None

    def exists(self, fleet_id: UUID, sha256: str) -> bool:
        """Say whether the bytes are stored."""
        with _storage_failures():
            return self._path(fleet_id, sha256).is_file()

    def size(self, fleet_id: UUID, sha256: str) -> int:
        """Return how many bytes they are."""
        with _storage_failures():
            try:
                return self._path(fleet_id, sha256).stat().st_size
            except FileNotFoundError:
                raise NotFound("stored file", sha256) from None

    def delete(self, fleet_id: UUID, sha256: str) -> None:
        """Forget the bytes."""
        with _storage_failures():
            self._path(fleet_id, sha256).unlink(missing_ok=True)

    def entries(self, fleet_id: UUID) -> Iterator[Blob]:
        """Yield what is stored of a fleet."""
        with _storage_failures():
            for path in sorted((self.folder / str(fleet_id)).glob("??/*")):
                if HASH.fullmatch(path.name):
                    with suppress(FileNotFoundError):
                        found = path.stat()
                        stored_at = datetime.fromtimestamp(found.st_mtime, UTC)
                        yield Blob(sha256=path.name, size_bytes=found.st_size, stored_at=stored_at)

    def fleets(self) -> Iterator[UUID]:
        """Yield every fleet that has a folder."""
        with _storage_failures(), suppress(FileNotFoundError):
            for path in sorted(self.folder.iterdir()):
                with suppress(ValueError):
                    yield UUID(path.name)

    def discard_unfinished(self, fleet_id: UUID, before: datetime) -> None:
        """Remove what broken-off puts left behind."""
        with _storage_failures():
            for path in (self.folder / str(fleet_id)).glob(f"??/*{UNFINISHED}"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()


def _write(path: Path, sha256: str, content: BinaryIO, times: tuple[float, float]) -> None:
    checksum = hashlib.sha256()
    file = NamedTemporaryFile(dir=path.parent, prefix=".", suffix=UNFINISHED, delete=False)  # noqa: SIM115 - closed below
    try:
        with file:
            for chunk in chunks_of(content):
                checksum.update(chunk)
                file.write(chunk)
            if checksum.hexdigest() != sha256:
                raise ValueError("the bytes have another hash than they are to be stored under")
            file.flush()
            os.fsync(file.fileno())
        os.utime(file.name, times)
        Path(file.name).replace(path)
        _sync_folder(path.parent)
    finally:
        Path(file.name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a new name in *folder* outlive a power cut, where folders can be opened for it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@frozen
class MemoryBlobs:
    """Bytes in memory, for a database in memory."""

    _held: dict[tuple[UUID, str], tuple[bytes, datetime]] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def put(self, fleet_id: UUID, sha256: str, content: BinaryIO, at: datetime) -> None:
        """Store what is left of *content*."""
        key = (fleet_id, _checked(sha256))
        with self._lock:
            known = self._held.get(key)
            data = known[0] if known else b"".join(chunks_of(content))
            if hashlib.sha256(data).hexdigest() != sha256:
                raise ValueError("the bytes have another hash than they are to be stored under")
            self._held[key] = (data, at)

    def _get(self, fleet_id: UUID, sha256: str) -> bytes:
        try:
            return self._held[fleet_id, _checked(sha256)][0]
        except KeyError:
            raise NotFound("stored file", sha256) from None

    def open(self, fleet_id: UUID, sha256: str) -> BinaryIO:
        """Return the bytes, open to be read."""
        return io.BytesIO(self._get(fleet_id, sha256))

    def exists(self, fleet_id: UUID, sha256: str) -> bool:
        """Say whether the bytes are stored."""
        return (fleet_id, _checked(sha256)) in self._held

    def size(self, fleet_id: UUID, sha256: str) -> int:
        """Return how many bytes they are."""
        return len(self._get(fleet_id, sha256))

    def delete(self, fleet_id: UUID, sha256: str) -> None:
        """Forget the bytes."""
        self._held.pop((fleet_id, _checked(sha256)), None)

    def entries(self, fleet_id: UUID) -> Iterator[Blob]:
        """Yield what is stored of a fleet."""
        for (owner, sha256), (data, at) in list(self._held.items()):
            if owner == fleet_id:
                yield Blob(sha256=sha256, size_bytes=len(data), stored_at=at)

    def fleets(self) -> Iterator[UUID]:
        """Yield every fleet that has something."""
        yield from dict.fromkeys(fleet_id for fleet_id, _ in list(self._held))

    def discard_unfinished(self, fleet_id: UUID, before: datetime) -> None:
        """Remove nothing: what breaks off here leaves nothing behind."""


def blob_store(chosen: Path | str | BlobStore | None, url: str) -> BlobStore | None:
    """Return the blob store that was chosen, else the one that belongs to the database at *url*.

    That is a folder beside a SQLite file, memory beside SQLite in memory, and none for another engine.
    """
    if isinstance(chosen, str | os.PathLike):
        return FolderBlobs(Path(chosen))
    if chosen is not None:
        return chosen
    if not url.startswith("sqlite"):
        return None
    name = url.partition("://")[2].removeprefix("/").partition("?")[0]
    return MemoryBlobs() if name in MEMORY_NAMES else FolderBlobs(Path(f"{name}.attachments"))


@frozen
class FleetBlobs:
    """A blob store, for one fleet."""

    store: BlobStore | None
    fleet_id: UUID
    size_max_bytes: int = SIZE_MAX_BYTES

    @property
    def _there(self) -> BlobStore:
        if self.store is None:
            raise Unavailable(
                "nobody has said where attached files are kept: open the core with attachments=FOLDER, "
                "or set FLEET_ATTACHMENTS for the command"
            )
        return self.store

    def put(self, sha256: str, content: BinaryIO, at: datetime) -> None:
        """Store what is left of *content*."""
        self._there.put(self.fleet_id, sha256, content, at)

    def open(self, sha256: str) -> BinaryIO:
        """Return the bytes, open to be read."""
        return self._there.open(self.fleet_id, sha256)

    def exists(self, sha256: str) -> bool:
        """Say whether the bytes are stored."""
        return self._there.exists(self.fleet_id, sha256)

    def size(self, sha256: str) -> int:
        """Return how many bytes they are."""
        return self._there.size(self.fleet_id, sha256)

    def delete(self, sha256: str) -> None:
        """Forget the bytes."""
        self._there.delete(self.fleet_id, sha256)

    def entries(self) -> Iterator[Blob]:
        """Yield what is stored."""
        return self._there.entries(self.fleet_id)

    def fleets(self) -> Iterator[UUID]:
        """Yield every fleet that may have something stored."""
        return iter(()) if self.store is None else self.store.fleets()

    def discard_unfinished(self, before: datetime) -> None:
        """Remove what broken-off puts left behind."""
        self._there.discard_unfinished(self.fleet_id, before)
