"""Scales: from values and days to places on an axis, with round ticks at equal distances.

An axis begins and ends at a tick, so that its labels can stand at equal distances in the page, whatever its size.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from datetime import date, timedelta

from attrs import frozen

from fleetcore.kernel.when import add_months

__all__ = ["DayScale", "NumberScale", "month_place"]

FACTORS = (1.0, 2.0, 2.5, 5.0, 10.0)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
DAY_STEPS = (1, 2, 7, 14)
DAYS_FOR_MONTHS = 62  # shorter stretches have ticks of days
QUARTER = 3  # from here on ticks stand at multiples: quarters, half years, years
TICKS = 5


@frozen
class NumberScale:
    """An axis of numbers from *low* in *steps* steps of *step* each."""

    low: float
    step: float
    steps: int

    @classmethod
    def of(cls, values: Iterable[float], *, from_zero: bool = False, steps_max: int = TICKS) -> NumberScale:
        """Return the axis that holds *values*, the finite ones, in at most *steps_max* + 1 steps."""
        found = [value for value in values if math.isfinite(value)]
        low, high = (min(found), max(found)) if found else (0.0, 1.0)
        if from_zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if high - low <= max(abs(low), abs(high)) * 1e-9:  # one value alone: room on both sides of it
            room = abs(high) * 0.1 or 1.0
            low, high = (low, high + room) if from_zero and low >= 0 else (low - room, high + room)
        step = _round_step(high - low, steps_max)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        return cls(first * step, step, max(last - first, 1))

    @property
    def high(self) -> float:
        """The last tick."""
        return self.low + self.step * self.steps

    @property
    def ticks(self) -> tuple[float, ...]:
        """Every tick, from the lowest; zero is zero, and not nearly so."""
        first = round(self.low / self.step)
        return tuple((first + count) * self.step for count in range(self.steps + 1))

    @property
    def decimals(self) -> int:
        """How many decimals tell the ticks apart."""
        return next((places for places in range(9) if _is_whole(self.step * 10**places)), 9)

    def place(self, value: float) -> float:
        """Return where *value* stands: 0 at the lowest tick, 1 at the highest."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def _round_step(span: float, steps_max: int) -> float:
    raw = span / steps_max
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in FACTORS if factor * power >= raw * (1 - 1e-9))


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6 * max(abs(value), 1.0)


def month_place(day: date) -> float:
    """Return *day* in months since the year 0: the 16th of a month of 30 days is half a month."""
    return day.year * 12 + day.month - 1 + (day.day - 1) / calendar.monthrange(day.year, day.month)[1]


@frozen
class DayScale:
    """An axis of days from *first* in *steps* steps of *months* months, or of *days* days where that is 0."""

    first: date
    months: int
    days: int
    steps: int

    @classmethod
    def of(cls, first: date, last: date, *, steps_max: int = 6) -> DayScale:
        """Return the axis that holds the days from *first* to *last*, in at most *steps_max* + 2 steps."""
        first, last = min(first, last), max(first, last)
        span = (last - first).days
        if span < DAYS_FOR_MONTHS:
            step = next((days for days in DAY_STEPS if span <= days * steps_max), DAY_STEPS[-1])
            return cls(first, 0, step, max(-(-span // step), 1))
        start, end = month_place(first), month_place(last)
        step = next((months for months in MONTH_STEPS if end - start <= months * steps_max), MONTH_STEPS[-1])
        low = math.floor(start) if step < QUARTER else math.floor(start / step) * step
        low = max(low, 12)  # there is no year 0
        return cls(_month(low), step, 0, max(math.ceil((end - low) / step), 1))

    @property
    def ticks(self) -> tuple[date, ...]:
        """Every tick, from the first."""
        return tuple(self._tick(count) for count in range(self.steps + 1))

    def place(self, day: date) -> float:
        """Return where *day* stands: 0 at the first tick, 1 at the last."""
        if self.months:
            found = (month_place(day) - month_place(self.first)) / (self.months * self.steps)
        else:
            found = (day - self.first).days / (self.days * self.steps)
        return min(max(found, 0.0), 1.0)

    def _tick(self, count: int) -> date:
        try:
            if self.months:
                return add_months(self.first, self.months * count)
            return self.first + timedelta(days=self.days * count)
        except (OverflowError, ValueError):  # an axis may end after the last day that a calendar knows
            return date.max


def _month(place: int) -> date:
    return date(place // 12, place % 12 + 1, 1)
