"""Exports and archives: what is asked, what came of it, and the archive's table of contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.wire import converter

__all__ = [
    "ARCHIVE_FORMAT",
    "ARCHIVE_FORMAT_VERSION",
    "MANIFEST",
    "ArchiveKind",
    "BackupReport",
    "ExportFleet",
    "ExportReport",
    "ExportTable",
    "ExportedTable",
    "FilePart",
    "FleetPart",
    "FleetRows",
    "Manifest",
    "Progress",
    "RestoreReport",
    "TablePart",
    "attachment_member",
    "short_name",
    "table_member",
]

ARCHIVE_FORMAT = "fleetcore-archive"
ARCHIVE_FORMAT_VERSION = 1
MANIFEST = "manifest.json"

Progress = Callable[[str, int], None]


class ArchiveKind(StrEnum):
    """What an archive was made for: one fleet for its owner, or every fleet of a database."""

    EXPORT = "export"
    BACKUP = "backup"


@frozen(kw_only=True)
class ExportFleet:
    """Write everything of the fleet into an archive: to the path *target*, or into an open binary file.

    A path appears only when the archive is complete; one that exists is refused without *overwrite*.
    *progress* is told (table or file, rows so far).
    """

    target: Path | BinaryIO
    overwrite: bool = False
    progress: Progress | None = field(default=None, eq=False, repr=False)


def _from_program(value: Any, _cls: Any) -> ExportFleet:
    if isinstance(value, ExportFleet):
        return value
    raise ValueError("an export is written to a file of this computer: only a program here can ask for it")


converter.register_structure_hook(ExportFleet, _from_program)  # else JSON from afar could name files of the server


@frozen(kw_only=True)
class ExportTable:
    """Ask for one of the tables for people by its *name*, such as ``fills``."""

    name: str


@frozen(kw_only=True)
class ExportedTable:
    """One table of the fleet as CSV."""

    name: str
    text: str


@frozen(kw_only=True)
class FleetRows:
    """How many rows of a fleet an archive holds, by table; tables without rows are not mentioned."""

    id: UUID
    name: str
    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())


@frozen(kw_only=True)
class ExportReport:
    """What was exported: rows by table, the files for people, attached files, and the size of the archive.

    *attachments_missing* counts files of which only the name is left: their bytes are not in the store.
    """

    fleet: FleetRows
    files: tuple[str, ...]
    attachments: int = 0
    attachments_missing: int = 0
    size_bytes: int


@frozen(kw_only=True)
class BackupReport:
    """What was backed up, with how many attached files, and the size of the archive.

    *attachments_missing* counts files of which only the name is left: their bytes are not in the store.
    """

    fleets: tuple[FleetRows, ...]
    attachments: int = 0
    attachments_missing: int = 0
    size_bytes: int


@frozen(kw_only=True)
class RestoreReport:
    """What was restored, or would be with *dry_run*.

    *users_added* are new here; *users_kept* were known by their ids and stay as they are.
    """

    kind: ArchiveKind
    created_at: datetime
    fleets: tuple[FleetRows, ...]
    users_added: int
    users_kept: int
    attachments: int = 0
    dry_run: bool


@frozen(kw_only=True)
class FilePart:
    """A member that people read: its size before compression, and its checksum."""

    size_bytes: int
    sha256: str


@frozen(kw_only=True)
class TablePart(FilePart):
    """A member with one row a line."""

    rows: int


@frozen(kw_only=True)
class FleetPart:
    """The tables of one fleet, in the order in which they can be written; those without rows are left out."""

    id: UUID
    name: str
    tables: Mapping[str, TablePart]


@frozen(kw_only=True)
class Manifest:
    """The table of contents of an archive, which is its last member."""

    format: str
    format_version: int
    kind: ArchiveKind
    schema: tuple[str, ...]
    created_at: datetime
    fleetcore_version: str
    fleets: tuple[FleetPart, ...]
    files: Mapping[str, FilePart]

    @property
    def members(self) -> dict[str, FilePart]:
        """Every member besides the manifest, by name."""
        tables = {table_member(fleet.id, name): part for fleet in self.fleets for name, part in fleet.tables.items()}
        return {**tables, **self.files}


def table_member(fleet_id: UUID, table: str) -> str:
    """Return the name of the member that holds the rows of *table*."""
    return f"fleets/{fleet_id}/{table}.jsonl"


def attachment_member(fleet_id: UUID, sha256: str) -> str:
    """Return the name of the member that holds the bytes of an attached file."""
    return f"fleets/{fleet_id}/attachments/{sha256}"


def short_name(member: str) -> str:
    """Return how people call a member: a table by its name, any other as it is."""
    return member.rpartition("/")[2].removesuffix(".jsonl") if member.endswith(".jsonl") else member
