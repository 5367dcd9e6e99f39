"""Imports: what is asked, what came of it, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "ConversionReport",
    "ConvertServices",
    "GetImport",
    "Import",
    "ImportLog",
    "ImportReport",
    "ImportedRow",
    "ImportedService",
    "ImportedVehicle",
    "ListImports",
    "PlannedRow",
    "RejectedRow",
    "RowNote",
    "UndoImport",
]

Progress = Callable[[str, int], None]


@frozen(kw_only=True)
class ImportLog:
    """Import a log of another app; what is None is found out from the file.

    *source* is a path or the bytes of the file, *file_name* how people call it. *vehicle* is the name,
    plate or VIN under which all rows go; it is created when there is none. *purpose* is that of trips
    which do not say theirs. *strict* keeps nothing when
    a single row is rejected. *progress* is told ("reading" | "storing", rows so far).
    """

    source: Path | bytes
    file_name: str = ""
    vehicle: str | None = None
    format: str = "auto"
    currency: str | None = None
    carrier: Carrier | None = None
    mapping: Mapping[str, str] | None = None
    date_order: str | None = None
    decimal_mark: str | None = None
    encoding: str | None = None
    distance_unit: str | None = None
    volume_unit: str | None = None
    purpose: str | None = None
    strict: bool = False
    progress: Progress | None = field(default=None, eq=False, repr=False)


@frozen
class RejectedRow:
    """A row that was not accepted, with everything that is wrong with it."""

    row: int
    problems: tuple[Problem, ...]
    file: str = ""


@frozen
class RowNote:
    """Something to know about a row: why it was left out, or what is odd about it."""

    row: int
    message: str
    file: str = ""


@frozen(kw_only=True)
class PlannedRow:
    """One of the first records as it is stored: *kind* is fill, expense, reading or trip.

    Of *at* and *on* an expense may have the day alone; of *volume*, *mass* and *energy* a fill has at most one.
    """

    row: int
    kind: str
    vehicle: str
    at: datetime | None = None
    on: date | None = None
    odometer: Distance | None = None
    distance: Distance | None = None
    carrier: Carrier | None = None
    volume: Volume | None = None
    mass: Mass | None = None
    energy: Energy | None = None
    total: Money | None = None
    title: str = ""


@frozen(kw_only=True)
class ImportedVehicle:
    """What an import brought to one vehicle."""

    id: UUID
    name: str
    is_new: bool
    fills: int
    expenses: int
    readings: int
    trips: int = 0


@frozen(kw_only=True)
class ImportReport:
    """What came of an import, or would come of it: *import_id* is None for a dry run and when nothing is new.

    *imported* counts the records stored, *skipped* the rows that are no news: those imported before
    (*duplicates*) and those that are no facts (*left_out*). *notes* are the assumptions made. *first_rows* show some
    of the records.
    """

    import_id: UUID | None
    file_name: str
    format: str
    format_title: str
    encoding: str
    separator: str
    decimal_mark: str
    date_order: str
    distance_unit: str | None
    volume_unit: str | None
    currency: str
    imported: int
    skipped: int
    duplicates: int
    rejected: tuple[RejectedRow, ...]
    left_out: tuple[RowNote, ...]
    warnings: tuple[RowNote, ...]
    notes: tuple[str, ...]
    vehicles: tuple[ImportedVehicle, ...]
    first_rows: tuple[PlannedRow, ...] = ()


@frozen(kw_only=True)
class ImportedRow:
    """A row of a file and the record it became; *raw* is kept where a later step needs the row as it stood."""

    key: bytes
    row: int
    kind: str
    record_id: UUID
    vehicle_id: UUID
    raw: Mapping[str, str] | None = None


@frozen(kw_only=True)
class Import:
    """An import as remembered; *undone_at* is set once it was taken back."""

    id: UUID
    file_name: str
    format: str
    imported: int
    rejected: int
    new_vehicle_ids: tuple[UUID, ...]
    station_ids: tuple[UUID, ...]
    learned: Mapping[str, tuple[Carrier, ...]]
    category_keys: tuple[str, ...] = ()
    created_at: datetime
    created_by: UUID
    undone_at: datetime | None = None
    undone_by: UUID | None = None
    version: int = 1


@frozen(kw_only=True)
class GetImport:
    """Ask for one import."""

    id: UUID


@frozen(kw_only=True)
class ListImports:
    """Ask for the imports, newest first."""

    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class UndoImport:
    """Take back everything that an import brought."""

    id: UUID


@frozen(kw_only=True)
class ConvertServices:
    """Make service records of the expenses that logs imported earlier call services; with *dry_run* only count."""

    dry_run: bool = False


@frozen(kw_only=True)
class ImportedService:
    """An imported row that tells of a service and is kept as the expense *record_id*."""

    vehicle_id: UUID
    key: bytes
    import_id: UUID
    record_id: UUID
    raw: Mapping[str, str]


@frozen(kw_only=True)
class ConversionReport:
    """What became of the expenses that were services: *converted* of them in each vehicle, or that would be.

    *left* counts those that stay as they are: deleted, moved or recurring ones and those of removed vehicles.
    """

    converted: int
    left: int
    vehicle_ids: tuple[UUID, ...] = ()
    is_dry_run: bool = False
