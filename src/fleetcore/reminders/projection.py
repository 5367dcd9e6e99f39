"""How fast a meter moves, from readings as people note them: with gaps, seasons and slips.

A year of readings is looked at, so that one winter or one holiday does not decide; a value that the others
contradict is not believed; the pace is the median over stretches long enough to even out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from statistics import median

from .model import Gauge

__all__ = ["DISTANCE_STEP", "HOURS_STEP", "Step", "believed", "gauge_of", "value_on"]

WINDOW_DAYS = 365
POINTS_MAX = 32
STRETCHES_MIN = 4  # fewer say nothing about how much the pace varies
Point = tuple[int, int]
Step = tuple[int, int]

DISTANCE_STEP: Step = (3_000_000, 2_500_000)  # nobody drives further at once, and per day, than this (metres)
HOURS_STEP: Step = (240, 240)  # a day has 24 hours (tenths)


def gauge_of(points: Sequence[Point], step: Step) -> Gauge | None:
    """Return where the meter stands and its pace, from (day, value) by time; None without any reading.

    Two readings on different days are enough for a pace. *step* bounds what can happen at once and per day.
    """
    kept = believed(points, step)
    if not kept:
        return None
    last_day, last_value = kept[-1]
    first = bisect_right(kept, last_day - WINDOW_DAYS, key=lambda point: point[0])
    recent = kept[first:]
    if len(recent) < 2:  # rarely used: the last stretch, however long it was
        recent = kept[-2:]
    paces = _paces(_thinned(recent))
    if not paces:
        return Gauge(last_value, last_day)
    pace = round(median(paces))
    low, high = paces[len(paces) // 10], paces[-1 - len(paces) // 10]
    if len(paces) < STRETCHES_MIN:
        low, high = min(low, pace * 3 // 4), max(high, pace * 5 // 4)
    return Gauge(last_value, last_day, pace, min(low, pace), max(high, pace))


def believed(points: Sequence[Point], step: Step) -> list[Point]:
    """Return the last value of each day, without those that the others contradict.

    What stays is the longest line that never falls; of a last value that nobody could have reached there is
    no witness, so it is not believed either.
    """
    by_day = dict(points)
    days = sorted(by_day)
    line = _longest_rise([(day, by_day[day]) for day in days])
    at_once, per_day = step
    while len(line) > 2 and line[-1][1] - line[-2][1] > at_once + per_day * (line[-1][0] - line[-2][0]):
        line.pop()
    return line


def _longest_rise(points: Sequence[Point]) -> list[Point]:
    """Return a longest subsequence whose values never fall."""
    tails: list[int] = []  # the lowest value at which a line of each length ends
    ends: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(points):
        place = bisect_right(tails, value)
        before.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [value]
        ends[place : place + 1] = [index]
    line = []
    index = ends[-1] if ends else -1
    while index >= 0:
        line.append(points[index])
        index = before[index]
    return line[::-1]


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Return at most ``POINTS_MAX`` of *points*, spread evenly, with the first and the last."""
    if len(points) <= POINTS_MAX:
        return list(points)
    last = len(points) - 1
    return [points[round(place * last / (POINTS_MAX - 1))] for place in range(POINTS_MAX)]


def _paces(points: Sequence[Point]) -> list[int]:
    """Return, sorted, the paces between points at least a quarter of the whole time apart."""
    if len(points) < 2:
        return []
    apart = max((points[-1][0] - points[0][0]) // 4, 1)
    return sorted(
        (value - earlier_value) * 1000 // (day - earlier_day)
        for place, (day, value) in enumerate(points)
        for earlier_day, earlier_value in points[:place]
        if day - earlier_day >= apart
    )


def value_on(points: Sequence[Point], step: Step, day: int) -> int | None:
    """Return what the meter showed on *day*: its last reading until then, else the first one after."""
    kept = believed(points, step)
    place = bisect_right(kept, day, key=lambda point: point[0])
    return kept[max(place - 1, 0)][1] if kept else None
