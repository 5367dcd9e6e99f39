"""Economy: how much of one carrier a vehicle takes for a distance, from what was filled in.

What was filled in between two equal tank levels is what was used between them. So an **interval** runs
from one full tank to the next (or between two charges that end at the same state of charge), counts
everything filled in after the first up to and including the last, and closes only when the vehicle
moved. Averages are sums over sums, never means of ratios; what was filled after the last interval is
left out of them.

Where several chains of intervals are possible (states of charge 80, 100, 80, 100) the one that covers
the longest distance counts, and of equal ones the one with the most intervals; so intervals never
overlap and their sums count nothing twice. A full charge without a state of charge ends at 100 %.

Three things break a chain: a missed fill (its own fuel belongs to an unknown distance; when full, it
opens the next interval), a meter that was set back, and a log of trips in which one trip is missing.

Quantities are thousandths of litres, kilograms or kilowatt-hours, distances metres: plain integers, for
a log of thousands of fills is computed on every look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from attrs import field, frozen

from .odometers import positions_of
from .trend import Trend, trend_of

__all__ = ["Economy", "EconomyFill", "Interval", "Method", "economy_of"]

LEVEL_FULL_PERCENT = 100
# A chain's score is its distance, then its number of intervals, in one integer: cheap to compare.
SCORE_PER_METRE = 1 << 24


class EconomyFill(NamedTuple):
    """What economy needs of a fill.

    *odometer_m* is the total distance, already carried over replaced meters; *trip_m* the distance since
    the fill before; either or both may be None. *quantity* is in ml, g or Wh: all fills of one log in
    the same unit. *total_minor* is in minor units of *currency*.
    """

    id: UUID
    at: datetime
    odometer_m: int | None
    quantity: int
    total_minor: int = 0
    currency: str = ""
    is_full: bool = True
    missed_previous: bool = False
    trip_m: int | None = None
    excluded_m: int = 0
    end_soc_percent: int | None = None


class Method(StrEnum):
    """How the two ends of an interval are known to be equal."""

    FULL_TO_FULL = "full_to_full"
    STATE_OF_CHARGE = "state_of_charge"


class Interval(NamedTuple):
    """What was used between two equal tank levels; it belongs to the fill that closes it.

    A named tuple like its fills, because a third of the time went into making these.

    *quantity* is in ml, g or Wh, *distance_m* is more than 0, *fills* counts those whose quantity is in
    it, *cost_minor* is per currency and never added over currencies.
    """

    opening_id: UUID
    closing_id: UUID
    opened_at: datetime
    closed_at: datetime
    distance_m: int
    quantity: int
    fills: int
    cost_minor: Mapping[str, int]
    method: Method

    @property
    def per_100km(self) -> float:
        """Consumption in l, kg or kWh per 100 km, unrounded."""
        return self.quantity * 100 / self.distance_m


@frozen(kw_only=True)
class Economy:
    """The economy of one vehicle on one carrier: all intervals in order of time, and their sums.

    *fills*, *quantity* and *cost_minor* are of the whole log; *distance_m* is driven from its first to
    its last fill; the closed ones are the sums over the intervals. *closed* has the end, the distance and the
    quantity of each interval; the intervals themselves are made when somebody looks at them.
    """

    rows: Sequence[EconomyFill] = field(repr=False)
    ends: Sequence[tuple[int, int]] = field(repr=False)
    closed: Sequence[tuple[datetime, int, int]] = field(repr=False)
    fills: int
    quantity: int
    cost_minor: Mapping[str, int]
    distance_m: int
    closed_distance_m: int
    closed_quantity: int
    closed_cost_minor: Mapping[str, int]
    best: Interval | None
    worst: Interval | None
    trend: Trend

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """All intervals, oldest first."""
        return tuple(
            _interval(self.rows, first, last, distance_m)
            for (first, last), (_, distance_m, _) in zip(self.ends, self.closed, strict=True)
        )

    @property
    def per_100km(self) -> float | None:
        """Consumption in l, kg or kWh per 100 km, unrounded; None without a closed interval."""
        return self.closed_quantity * 100 / self.closed_distance_m if self.closed_distance_m else None


def economy_of(fills: Iterable[EconomyFill]) -> Economy:
    """Compute the economy of *fills*: all of one vehicle and carrier, in any order."""
    rows = sorted(fills, key=_order)
    positions = positions_of([row.odometer_m for row in rows], [row.trip_m for row in rows])
    opened_by, counted_m = _chain(rows, positions.frames, positions.metres)
    ends = _ends(opened_by)
    upto = list(accumulate([row.quantity for row in rows]))
    closed = [(rows[last].at, counted_m[last] - counted_m[first], upto[last] - upto[first]) for first, last in ends]
    rates = [quantity / distance_m for _, distance_m, quantity in closed]

    def at(place: int) -> Interval:
        return _interval(rows, *ends[place], closed[place][1])

    return Economy(
        rows=rows,
        ends=ends,
        closed=closed,
        fills=len(rows),
        quantity=upto[-1] if upto else 0,
        cost_minor=_costs(rows),
        distance_m=positions.driven_m,
        closed_distance_m=sum([distance_m for _, distance_m, _ in closed]),
        closed_quantity=sum([quantity for _, _, quantity in closed]),
        closed_cost_minor=_costs([row for first, last in ends for row in rows[first + 1 : last + 1]]),
        best=at(rates.index(min(rates))) if rates else None,
        worst=at(rates.index(max(rates))) if rates else None,
        trend=trend_of(closed),
    )


def _order(row: EconomyFill) -> tuple[datetime, int, bool, UUID]:
    # At one instant: without an odometer first, so that the next odometer covers it; then by odometer;
    # partial before full, as two pumps fill one tank.
    return row.at, -1 if row.odometer_m is None else row.odometer_m, row.is_full, row.id


def _ends(opened_by: Sequence[int | None]) -> list[tuple[int, int]]:
    """Return the first and the last row of each interval of the best chain, oldest first."""
    found = []
    last = len(opened_by) - 1
    while last > 0:
        first = opened_by[last]
        if first is None:
            last -= 1
            continue
        found.append((first, last))
        last = first
    found.reverse()
    return found


def _chain(
    rows: Sequence[EconomyFill], frames: Sequence[int], metres: Sequence[int | None]
) -> tuple[list[int | None], list[int]]:
    """Find, for each row, the row that opened the interval which it closes in the best chain so far.

    Also returns the distance that counts up to each row: only while an interval may be open, without
    the excluded distance. The best chain that may start an interval at a row scores ``best``
    there; kept per level is the row with the most of ``best - counted``, the earliest of equal ones, so
    that a full tank at the same odometer drops nothing of what is pending.
    """
    opened_by: list[int | None] = [None] * len(rows)
    counted_m = [0] * len(rows)
    openers: dict[int, tuple[int, int]] = {}
    best = counted = excluded = 0
    frame = -1
    for index, (row, position) in enumerate(zip(rows, metres, strict=True)):
        if row.missed_previous or frames[index] != frame:
            frame = frames[index]
            openers.clear()
        excluded += row.excluded_m
        if position is not None:
            if not openers:
                excluded = position - counted  # nothing counts while no interval is open
            counted = position - excluded
        counted_m[index] = counted
        level = _level(row)
        if level is None or position is None:
            continue
        opener = openers.get(level)
        here = counted * SCORE_PER_METRE
        if opener is None:
            openers[level] = (best - here, index)
            continue
        value, first = opener
        if counted > counted_m[first]:
            if value + here + 1 > best:
                best = value + here + 1
                opened_by[index] = first
        else:  # no distance, or more excluded than driven: only a longer chain is a reason to open anew
            here = counted_m[first] * SCORE_PER_METRE
        if best - here > value:
            openers[level] = (best - counted * SCORE_PER_METRE, index)
    return opened_by, counted_m


def _level(row: EconomyFill) -> int | None:
    # What was measured decides over the flag, which forms and files set unless told otherwise.
    if row.end_soc_percent is not None:
        return row.end_soc_percent
    return LEVEL_FULL_PERCENT if row.is_full else None


def _interval(rows: Sequence[EconomyFill], first: int, last: int, distance_m: int) -> Interval:
    opening, closing, inside = rows[first], rows[last], rows[first + 1 : last + 1]
    by_charge = opening.end_soc_percent is not None or closing.end_soc_percent is not None
    method = Method.STATE_OF_CHARGE if by_charge else Method.FULL_TO_FULL
    return Interval(
        opening.id,
        closing.id,
        opening.at,
        closing.at,
        distance_m,
        sum([row.quantity for row in inside]),
        last - first,
        _costs(inside),
        method,
    )


def _costs(rows: Sequence[EconomyFill]) -> dict[str, int]:
    costs: dict[str, int] = {}
    for row in rows:
        costs[row.currency] = costs.get(row.currency, 0) + row.total_minor
    return costs
