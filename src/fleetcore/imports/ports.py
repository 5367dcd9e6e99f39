"""Where imports and the rows they brought are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .model import Import, ImportedRow, ImportedService

__all__ = ["IMPORTS", "IMPORT_TIMELINE", "ImportStore"]


class ImportStore(Protocol):
    """The imports of one fleet."""

    def add(self, made: Import, rows: Iterable[ImportedRow]) -> None:
        """Store an import with its rows; raises Conflict when one of the rows was imported meanwhile."""
        ...

    def get(self, import_id: UUID, *, lock: bool = False) -> Import:
        """Return the import; raises NotFound."""
        ...

    def replace(self, made: Import, *, old_version: int) -> None:
        """Write an import over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def keys_of(self, vehicle_id: UUID) -> set[bytes]:
        """Return the keys of all rows imported for a vehicle."""
        ...

    def records(self, import_id: UUID, kind: str) -> Sequence[tuple[UUID, UUID]]:
        """Return (record id, vehicle id) of the rows of one kind that an import brought."""
        ...

    def services(self) -> Sequence[ImportedService]:
        """Return the rows that tell of a service and are kept as expenses."""
        ...

    def point_to_services(self, pairs: Sequence[tuple[ImportedService, UUID]]) -> None:
        """Write which service record each row is from now on."""
        ...

    def forget_rows(self, import_id: UUID) -> None:
        """Erase the keys of an import's rows, so that the file may be imported again."""
        ...

    def page(self, after: Position | None, limit: int) -> Sequence[Import]:
        """Return up to *limit* imports, newest first."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase the rows imported for a vehicle."""
        ...


IMPORTS: StoreKey[ImportStore] = StoreKey("imports.imports")
IMPORT_TIMELINE: StoreKey[TimelineStore] = StoreKey("imports.timeline")
