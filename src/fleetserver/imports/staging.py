"""Files that somebody is about to import: kept on the server's disk between the upload, the preview and the commit.

What is seen in the preview is what is committed, for both read the same bytes. A file belongs to who sent it; nobody
else finds it. After a day, or when somebody sends too many, the oldest go.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import attrs
from attrs import field, frozen

from fleetcore.imports.model import ImportReport
from fleetcore.kernel.wire import from_json, to_json

__all__ = ["Staged", "Staging"]

KEPT = timedelta(days=1)
FILES_MAX = 5  # of one person
CHUNK = 64 * 1024


@frozen(kw_only=True)
class Staged:
    """A file and how far its import is.

    *doing* is "look" or "commit" while one of them runs, at the row *rows*; *beat_at* is when it was last heard of.
    *refusals* are (field, message) of a file that cannot be imported as it is. *key* makes the commit happen once.
    """

    id: UUID
    fleet_id: UUID
    user_id: UUID
    file_name: str
    size_bytes: int
    created_at: datetime
    options: Mapping[str, str] = field(factory=dict)
    doing: str = ""
    rows: int = 0
    beat_at: datetime | None = None
    report: ImportReport | None = None
    refusals: tuple[tuple[str, str], ...] = ()
    import_id: UUID | None = None
    key: str = ""


@frozen
class Staging:
    """The folder of files that are about to be imported."""

    folder: Path

    def keep(self, source: BinaryIO, *, fleet_id: UUID, user_id: UUID, file_name: str, now: datetime) -> Staged:
        """Keep the bytes of *source* for one person."""
        self._sweep(fleet_id, user_id, now)
        staged = Staged(
            id=uuid4(), fleet_id=fleet_id, user_id=user_id, file_name=file_name[:200], size_bytes=0, created_at=now,
            key=f"import-{uuid4()}",
        )  # fmt: skip
        place = self._place(staged.id)
        place.mkdir(parents=True, mode=0o700)
        with self.path(staged).open("wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
            size = out.tell()
        return self.save(attrs.evolve(staged, size_bytes=size))

    def find(self, staged_id: UUID | None, *, fleet_id: UUID, user_id: UUID) -> Staged | None:
        """Return a file of one person; None where it is another's, gone, or never was."""
        if staged_id is None:
            return None
        try:
            found: Staged = from_json(self._state(staged_id).read_bytes(), Staged)
        except OSError:
            return None
        return found if (found.fleet_id, found.user_id) == (fleet_id, user_id) else None

    def save(self, staged: Staged) -> Staged:
        """Write how far an import is: all of it, or nothing."""
        state = self._state(staged.id)
        fresh = state.with_suffix(f".{uuid4().hex}")
        fresh.write_bytes(to_json(staged))
        fresh.replace(state)
        return staged

    def path(self, staged: Staged) -> Path:
        """Return where the bytes are."""
        return self._place(staged.id) / "file"

    def replace(self, staged: Staged, content: bytes) -> Staged:
        """Put other bytes in the place of a file, all at once, under a new key."""
        fresh = self._place(staged.id) / f"file.{uuid4().hex}"
        fresh.write_bytes(content)
        fresh.replace(self.path(staged))
        return self.save(attrs.evolve(staged, size_bytes=len(content), key=f"import-{uuid4()}"))

    def drop(self, staged: Staged) -> None:
        """Forget a file."""
        shutil.rmtree(self._place(staged.id), ignore_errors=True)

    def digest(self, staged: Staged) -> str:
        """Return what tells the bytes of a file from all others."""
        with self.path(staged).open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()

    def beat(self, staged: Staged, now: Callable[[], datetime]) -> Callable[[str, int], None]:
        """Return what notes, row by row, how far an import is."""

        def note(_doing: str, rows: int) -> None:
            self.save(attrs.evolve(staged, rows=rows, beat_at=now()))

        return note

    def _place(self, staged_id: UUID) -> Path:
        return self.folder / str(staged_id)

    def _state(self, staged_id: UUID) -> Path:
        return self._place(staged_id) / "state.json"

    def _sweep(self, fleet_id: UUID, user_id: UUID, now: datetime) -> None:
        """Let go of what is old, and of the oldest of somebody who has many."""
        if not self.folder.is_dir():
            return
        mine: list[Staged] = []
        for place in self.folder.iterdir():
            try:
                found: Staged = from_json((place / "state.json").read_bytes(), Staged)
            except (OSError, ValueError):
                continue
            if now - found.created_at > KEPT:
                self.drop(found)
            elif (found.fleet_id, found.user_id) == (fleet_id, user_id):
                mine.append(found)
        mine.sort(key=lambda staged: staged.created_at)
        for old in mine[: max(len(mine) - FILES_MAX + 1, 0)]:
            self.drop(old)
