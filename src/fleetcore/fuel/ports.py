"""Where fills and stations are kept, and what they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore
from fleetcore.kernel.when import ALWAYS, Span
from fleetcore.vehicles.carriers import Carrier

from .economy import EconomyFill
from .model import Fill, ListFills, ListStations, Station

__all__ = [
    "FILLS",
    "FILL_LOGS",
    "FILL_TIMELINE",
    "STATIONS",
    "FillLogs",
    "FillSpan",
    "FillStore",
    "Log",
    "StationStore",
]


class FillStore(Protocol):
    """The fills of one fleet; those of removed vehicles are out of sight, deleted ones too."""

    def add(self, fill: Fill) -> None:
        """Store *fill*; a taken id or an unknown station raises Conflict."""
        ...

    def add_many(self, fills: Iterable[Fill]) -> None:
        """Store many fills in bulk."""
        ...

    def get(self, fill_id: UUID, *, deleted: bool = False) -> Fill:
        """Return the fill; raises NotFound. Deleted ones only with *deleted*."""
        ...

    def replace(self, fill: Fill, *, old_version: int) -> None:
        """Write *fill* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(
        self,
        question: ListFills,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Fill]:
        """Return up to *limit* fills, newest first; None as *vehicle_ids* means every vehicle."""
        ...

    def carriers_of(self, vehicle_id: UUID) -> frozenset[Carrier]:
        """Return the carriers of a vehicle's fills."""
        ...

    def of_import(self, import_id: UUID) -> Iterator[tuple[UUID, UUID, UUID | None]]:
        """Yield (fill id, vehicle id, reading id) of what an import brought, deleted ones too."""
        ...

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought; returns how many rows."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every fill of a vehicle."""
        ...


Log = dict[tuple[Carrier, str], list[EconomyFill]]


@frozen
class FillSpan:
    """The first fill of all time, and the first and the last one of a span of time, if it has any.

    *trips* counts those of the span that tell a trip but no odometer.
    """

    began_at: datetime
    first_at: datetime | None
    last_at: datetime | None
    trips: int


class FillLogs(Protocol):
    """The fills of one fleet as reports need them: of many vehicles at once, and no more than the numbers.

    Deleted fills are left out; which vehicles are in sight is for the caller to say.
    """

    def logs(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, Log]:
        """Return what economy needs of each vehicle's fills, by carrier and kind of quantity, by time."""
        ...

    def spans(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, FillSpan]:
        """Return the first and the last fill of each vehicle that ever had any."""
        ...

    def trips(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, list[tuple[datetime, int]]]:
        """Return instant and metres, by time, of the fills that tell a trip but no odometer."""
        ...


class StationStore(Protocol):
    """The stations of one fleet."""

    def add(self, station: Station) -> None:
        """Store *station*; a taken id or a taken provider and external id raise Conflict."""
        ...

    def get(self, station_id: UUID) -> Station:
        """Return the station; raises NotFound."""
        ...

    def replace(self, station: Station, *, old_version: int) -> None:
        """Write *station* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, station_id: UUID) -> None:
        """Erase the station; its fills forget it, and keep their place as text."""
        ...

    def page(self, question: ListStations, after: Position | None, limit: int) -> Sequence[Station]:
        """Return up to *limit* stations, newest first."""
        ...

    def all(self) -> Sequence[Station]:
        """Return every station."""
        ...

    def unused_of(self, station_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Return those of *station_ids* that no fill names."""
        ...


FILLS: StoreKey[FillStore] = StoreKey("fuel.fills")
FILL_LOGS: StoreKey[FillLogs] = StoreKey("fuel.logs")
STATIONS: StoreKey[StationStore] = StoreKey("fuel.stations")
FILL_TIMELINE: StoreKey[TimelineStore] = StoreKey("fuel.timeline")
