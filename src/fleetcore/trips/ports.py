"""Where trips, rates and closed months are kept, and what they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore
from fleetcore.kernel.when import Span

from .model import ClosedMonth, ListTrips, Rate, Trip
from .rules import Stretch

__all__ = ["MONTHS", "RATES", "TRIPS", "TRIP_TIMELINE", "ImportedTrip", "MonthStore", "RateStore", "TripStore"]


@frozen
class ImportedTrip:
    """A trip that an import brought, deleted or not, and the readings that it owns."""

    id: UUID
    vehicle_id: UUID
    started_at: datetime
    start_reading_id: UUID | None
    end_reading_id: UUID | None


class TripStore(Protocol):
    """The trips of one fleet; those of removed vehicles are out of sight, deleted ones too."""

    def add(self, trip: Trip) -> None:
        """Store *trip*; a taken id raises Conflict."""
        ...

    def add_many(self, trips: Iterable[Trip]) -> None:
        """Store many trips in bulk."""
        ...

    def get(self, trip_id: UUID, *, deleted: bool = False) -> Trip:
        """Return the trip; raises NotFound. Deleted ones only with *deleted*."""
        ...

    def replace(self, trip: Trip, *, old_version: int) -> None:
        """Write *trip* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def running(self, vehicle_id: UUID) -> Trip | None:
        """Return the running trip of the vehicle, or None."""
        ...

    def overlapping(self, vehicle_id: UUID, stretch: Stretch, besides: UUID | None = None) -> Sequence[Stretch]:
        """Return the stretches of up to ten trips that overlap with *stretch*, the trip *besides* left out."""
        ...

    def stretches(self, vehicle_id: UUID) -> Sequence[Stretch]:
        """Return the stretches of every trip of the vehicle, oldest first."""
        ...

    def last_before(self, vehicle_id: UUID, span: Span) -> Trip | None:
        """Return the last trip with an odometer at its end that began before *span*, or None."""
        ...

    def within(self, vehicle_ids: Sequence[UUID], span: Span, *, deleted: bool = False) -> Iterator[Trip]:
        """Yield the ended trips of the vehicles that begin within *span*, by vehicle and time."""
        ...

    def page(
        self,
        question: ListTrips,
        vehicle_ids: frozenset[UUID] | None,
        after: Position | None,
        limit: int,
        *,
        span: Span,
        own: UUID | None,
    ) -> Sequence[Trip]:
        """Return up to *limit* trips, newest first; with *own* those that this user recorded or drove."""
        ...

    def of_import(self, import_id: UUID) -> Sequence[ImportedTrip]:
        """Return what an import brought, deleted ones too."""
        ...

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought; returns how many rows."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every trip of a vehicle."""
        ...


class RateStore(Protocol):
    """The mileage rates of one fleet."""

    def add(self, rate: Rate) -> None:
        """Store *rate*; raises Conflict for a taken id, or a second rate of a purpose on one day."""
        ...

    def get(self, rate_id: UUID) -> Rate:
        """Return the rate; raises NotFound."""
        ...

    def remove(self, rate_id: UUID) -> None:
        """Erase the rate; raises NotFound."""
        ...

    def all(self) -> Sequence[Rate]:
        """Return every rate, by purpose, newest first."""
        ...


class MonthStore(Protocol):
    """The closed months of one fleet's logbooks."""

    def add(self, closed: ClosedMonth) -> None:
        """Store *closed*; raises Conflict when the month is closed already."""
        ...

    def is_closed(self, vehicle_id: UUID, month: date) -> bool:
        """Say whether the month that begins on *month* is closed."""
        ...

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[ClosedMonth]:
        """Return the closed months of a vehicle, newest first."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase the closed months of a vehicle."""
        ...


TRIPS: StoreKey[TripStore] = StoreKey("trips.trips")
RATES: StoreKey[RateStore] = StoreKey("trips.rates")
MONTHS: StoreKey[MonthStore] = StoreKey("trips.months")
TRIP_TIMELINE: StoreKey[TimelineStore] = StoreKey("trips.timeline")
