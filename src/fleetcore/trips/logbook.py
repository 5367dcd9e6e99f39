"""The chain of a vehicle's trips by their odometers: gaps, overlaps, late entries, later changes, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.quantities import Distance

from .model import Trip

__all__ = [
    "LATE_AFTER",
    "Chain",
    "GetLogbook",
    "Logbook",
    "LogbookBreak",
    "LogbookEntry",
    "PurposeTotal",
    "chain_of",
    "entry_of",
    "totals_of",
]

LATE_AFTER = timedelta(days=7)
ESTIMATE_METRES = 2_000  # how far a distance without odometers may be off


@frozen(kw_only=True)
class GetLogbook:
    """Ask for the logbook of a vehicle; *since* and *until* are both included, by the day on which a trip began."""

    vehicle_id: UUID
    since: date | None = None
    until: date | None = None


@frozen(kw_only=True)
class LogbookBreak:
    """A place where the odometers of two trips do not meet: *distance* is missing between them, or told twice.

    *after_trip_id* is the trip before it, *before_trip_id* the trip behind it; None at an end of the logbook, where
    another reading of the odometer tells.
    """

    distance: Distance
    from_odometer: Distance
    to_odometer: Distance
    from_at: datetime
    to_at: datetime
    after_trip_id: UUID | None = None
    before_trip_id: UUID | None = None


@frozen(kw_only=True)
class LogbookEntry:
    """A trip and what a tax office wants to know about how it was written down."""

    trip: Trip
    is_late: bool
    is_imported: bool
    is_edited: bool
    changed_after_closing: bool


@frozen(kw_only=True)
class PurposeTotal:
    """The trips of one purpose together; *share* is of the distance of all trips, None where there is none."""

    purpose: str
    trips: int
    distance: Distance
    share: float | None


@frozen(kw_only=True)
class Logbook:
    """The logbook of a vehicle for a stretch of days.

    *unaccounted* is the distance of all *gaps* together. *is_gap_free* says that there is neither a gap nor an
    overlap. *without_odometer* counts trips that tell their distance alone.
    """

    vehicle_id: UUID
    name: str
    since: date | None
    until: date | None
    entries: tuple[LogbookEntry, ...]
    gaps: tuple[LogbookBreak, ...]
    overlaps: tuple[LogbookBreak, ...]
    deleted: tuple[Trip, ...]
    totals: tuple[PurposeTotal, ...]
    distance: Distance
    unaccounted: Distance
    late: int
    edited: int
    without_odometer: int
    is_gap_free: bool
    closed_months: tuple[date, ...]


@frozen
class Chain:
    """Where the odometers of trips do not meet."""

    gaps: tuple[LogbookBreak, ...]
    overlaps: tuple[LogbookBreak, ...]


@frozen
class _Position:
    """Where the last trip left the odometer, in metres that run on over replaced meters."""

    metres: int
    at: datetime
    trip_id: UUID | None
    is_estimate: bool


def chain_of(
    trips: Sequence[Trip],
    offset: Callable[[datetime], int],
    before: Trip | None = None,
    last_shown: tuple[datetime, int] | None = None,
) -> Chain:
    """Follow the odometers of *trips*, oldest first, from the trip *before* them to the reading *last_shown*.

    *offset* is what to add to a value shown at an instant where the meter was replaced. Where odometers are known
    on both sides they must meet exactly; a distance without odometers may be off by two kilometres.
    """
    gaps: list[LogbookBreak] = []
    overlaps: list[LogbookBreak] = []

    def meet(left: _Position, metres: int, at: datetime, trip_id: UUID | None) -> None:
        apart = metres - left.metres
        if abs(apart) > (ESTIMATE_METRES if left.is_estimate else 0):
            (gaps if apart > 0 else overlaps).append(
                LogbookBreak(
                    distance=Distance(abs(apart)),
                    from_odometer=Distance(left.metres),
                    to_odometer=Distance(metres),
                    from_at=left.at,
                    to_at=at,
                    after_trip_id=left.trip_id,
                    before_trip_id=trip_id,
                )
            )

    position = None if before is None else _left_by(before, None, offset)
    for trip in trips:
        if position is not None and trip.start_odometer is not None:
            meet(position, trip.start_odometer.metres + offset(trip.started_at), trip.started_at, trip.id)
        position = _left_by(trip, position, offset)
    if position is not None and last_shown is not None and last_shown[1] > position.metres:
        meet(position, last_shown[1], last_shown[0], None)
    return Chain(tuple(gaps), tuple(overlaps))


def _left_by(trip: Trip, position: _Position | None, offset: Callable[[datetime], int]) -> _Position | None:
    at = trip.ended_at or trip.started_at
    if trip.end_odometer is not None:
        return _Position(trip.end_odometer.metres + offset(at), at, trip.id, is_estimate=False)
    if position is None or trip.distance is None:
        return position
    return _Position(position.metres + trip.distance.metres, at, trip.id, is_estimate=True)


def entry_of(trip: Trip) -> LogbookEntry:
    """Return *trip* with its marks; what an import brought was written down elsewhere, so it is not late."""
    is_late = (
        trip.import_id is None
        and trip.finished_at is not None
        and trip.ended_at is not None
        and trip.finished_at - trip.ended_at > LATE_AFTER
    )
    return LogbookEntry(
        trip=trip,
        is_late=is_late,
        is_imported=trip.import_id is not None,
        is_edited=trip.edits > 0,
        changed_after_closing=trip.changed_after_closing,
    )


def totals_of(trips: Iterable[Trip]) -> tuple[PurposeTotal, ...]:
    """Return the trips of each purpose together, the longest distance first."""
    counts: dict[str, tuple[int, int]] = {}
    for trip in trips:
        count, metres = counts.get(trip.purpose, (0, 0))
        counts[trip.purpose] = count + 1, metres + (trip.distance.metres if trip.distance else 0)
    whole = sum(metres for _, metres in counts.values())
    return tuple(
        PurposeTotal(purpose=purpose, trips=count, distance=Distance(metres), share=metres / whole if whole else None)
        for purpose, (count, metres) in sorted(counts.items(), key=lambda item: (-item[1][1], item[0]))
    )
