"""Is the consumption rising? A robust slope over the intervals, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from math import sqrt
from statistics import median

from attrs import frozen

__all__ = ["Direction", "Trend", "trend_of"]

BUCKETS_MAX = 40
POINTS_MIN = 5  # with fewer even a perfect order may be chance: 4 in a row come by chance 1 time in 12
Z_MIN = 1.96  # two-sided, 95 %
CHANGE_MIN = 0.02  # less than 2 % over the whole log is nothing that an owner could notice
YEAR_SECONDS = 365.25 * 24 * 3600

Point = tuple[datetime, int, int]


class Direction(StrEnum):
    """Where consumption goes."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Trend:
    """The direction, and the slope in l, kg or kWh per 100 km per year (None where unknown)."""

    direction: Direction
    per_100km_per_year: float | None = None


def trend_of(intervals: Sequence[Point]) -> Trend:
    """Judge *intervals* of (closed at, distance in metres, quantity in ml, g or Wh), in order of time.

    The slope is the median of the slopes between all pairs (Theil 1950, Sen 1968), so single odd fills
    do not bend it. Rising and falling need the test of Mann (1945) and Kendall (1975) to call the order
    more than chance, and a change of 2 % over the whole log; otherwise consumption is steady. Long logs
    are first summed into 40 stretches. Seasons are not taken out: judge whole years.
    """
    points = _bucketed(intervals)
    if len(points) < POINTS_MIN or points[-1][0] <= points[0][0]:
        return Trend(direction=Direction.UNKNOWN)
    slopes = []
    order = 0
    for index, (later, high) in enumerate(points):
        for earlier, low in points[:index]:
            order += (high > low) - (high < low)
            if later > earlier:
                slopes.append((high - low) / (later - earlier))
    slope = median(slopes)
    change = slope * (points[-1][0] - points[0][0])
    level = median(value for _, value in points)
    direction = Direction.STEADY
    if _is_order(order, len(points)) and abs(change) >= CHANGE_MIN * level and slope * order > 0:
        direction = Direction.RISING if slope > 0 else Direction.FALLING
    return Trend(direction=direction, per_100km_per_year=slope)


def _bucketed(intervals: Sequence[Point]) -> list[tuple[float, float]]:
    """Return (years since the first, consumption per 100 km) of at most BUCKETS_MAX stretches."""
    count = min(len(intervals), BUCKETS_MAX)
    points = []
    for bucket in range(count):
        inside = intervals[bucket * len(intervals) // count : (bucket + 1) * len(intervals) // count]
        years = (inside[len(inside) // 2][0] - intervals[0][0]).total_seconds() / YEAR_SECONDS
        points.append((years, 100 * sum(q for _, _, q in inside) / sum(d for _, d, _ in inside)))
    return points


def _is_order(order: int, count: int) -> bool:
    """Say whether *order* (rising less falling pairs) of *count* points is more than chance."""
    variance = count * (count - 1) * (2 * count + 5) / 18
    return (abs(order) - 1) / sqrt(variance) >= Z_MIN
