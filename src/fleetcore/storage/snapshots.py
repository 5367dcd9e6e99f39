"""A copy of an SQLite database while others read and write it, by SQLite's own backup: one moment, whole."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from attrs import frozen

from fleetcore.kernel.errors import Conflict, Rejected, Unavailable

from .database import Database

__all__ = ["Snapshot", "snapshot"]


@frozen(kw_only=True)
class Snapshot:
    """What was copied: a sound SQLite database of *size_bytes*."""

    file: Path
    size_bytes: int


def snapshot(database: Database, target: Path, *, overwrite: bool = False) -> Snapshot:
    """Copy the SQLite *database* to *target*, and check the copy from end to end.

    All pages are copied in one step under a reader's lock: with the write-ahead log writers go on meanwhile, and
    the copy holds what was committed when it began. It is made beside *target* and takes its name when it is found
    sound, so that what stands there is always whole. Raises Rejected for another engine or a path that cannot be,
    Conflict for one that exists, Unavailable when writing fails or the copy is damaged.
    Source: https://www.sqlite.org/backup.html
    """
    if database.dialect != "sqlite":
        raise Rejected.because("database", "only an SQLite database is a file to copy: use pg_dump, or fleet backup")
    if target.exists() and not overwrite:
        raise Conflict(f"{target} exists already: name another file")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")  # only its owner may read it
    except OSError as error:
        raise Rejected.because("target", f"{target} cannot be written: {error.strerror}") from error
    os.close(handle)
    copied = Path(name)
    try:
        _copy(database, copied)
        with copied.open("rb") as file:
            os.fsync(file.fileno())
        copied.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"{target} could not be written: {error}") from error
    finally:
        for left in (copied, *(copied.with_name(copied.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
    return Snapshot(file=target, size_bytes=target.stat().st_size)


def _copy(database: Database, copied: Path) -> None:
    with database.lent() as source, closing(sqlite3.connect(copied)) as made:
        source.backup(made)
        found = [row[0] for row in made.execute("PRAGMA integrity_check")]
        if found != ["ok"] or made.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise Unavailable(f"the copy is damaged, and so is {database.name}: {found[0]}")
