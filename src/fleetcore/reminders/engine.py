"""How urgent a due is: a pure function of limits, gauges and today, in plain integers.

Days are ordinals, distances metres, engine hours tenths. A date is due on its day and overdue from the next.
A meter is due at exactly its limit and overdue beyond it; between readings its pace carries it on, which can
make it due, but only a reading can prove it overdue.
"""

from __future__ import annotations

from attrs import frozen

from .model import Gauge, Metric, Urgency

__all__ = ["FAR", "LEVELS", "METRICS", "Limits", "Verdict", "evaluate", "projected_span"]

FAR = 3_652_059  # the ordinal of 9999-12-31: never, for all that reminders are about
DAYS_AHEAD_MAX = 36_525  # a limit a century away is no limit
LEVELS = tuple(Urgency)
METRICS = tuple(Metric)
DATE, DISTANCE, HOURS = range(3)
NOT_DUE, SOON, VERY_SOON, DUE, OVERDUE = range(5)


@frozen
class Limits:
    """The present due of a reminder and how early each metric is told."""

    due_day: int | None = None
    due_m: int | None = None
    due_tenths: int | None = None
    soon_days: int = 30
    very_soon_days: int = 7
    soon_m: int = 1_000_000
    very_soon_m: int = 250_000
    soon_tenths: int = 500
    very_soon_tenths: int = 100


class Verdict:
    """What was found: positions in ``LEVELS`` and ``METRICS``, and days.

    *metric* is None where nothing can be measured yet. *day* is when the deciding metric reaches its limit,
    *projected_day* when the first meter does (None: not foreseeable), *look_day* the next day on which time
    alone can change the level or the metric (None: never).
    """

    __slots__ = ("day", "level", "look_day", "metric", "projected_day")

    def __init__(
        self, level: int, metric: int | None, day: int, projected_day: int | None, look_day: int | None
    ) -> None:
        self.level = level
        self.metric = metric
        self.day = day
        self.projected_day = projected_day
        self.look_day = look_day


def evaluate(limits: Limits, odometer: Gauge | None, hours: Gauge | None, today: int) -> Verdict:
    """Return how urgent the due is on *today*; of several metrics the most urgent decides, then the sooner."""
    level, metric, day, look, projected = -1, None, FAR, FAR, FAR
    if limits.due_day is not None:
        metric, day = DATE, limits.due_day
        level, look = _date(day, limits.soon_days, limits.very_soon_days, today)
    for which, due, gauge, soon, very_soon in (
        (DISTANCE, limits.due_m, odometer, limits.soon_m, limits.very_soon_m),
        (HOURS, limits.due_tenths, hours, limits.soon_tenths, limits.very_soon_tenths),
    ):
        if due is None or gauge is None:
            continue
        found, reached, changes = _meter(due, soon, very_soon, gauge, today)
        look = min(look, changes)
        if gauge.value < due:
            projected = min(projected, reached)
        if found > level or (found == level and reached < day):
            level, metric, day = found, which, reached
    return Verdict(
        level if level > 0 else NOT_DUE,
        metric,
        day,
        projected if projected < FAR else None,
        look if look < FAR else None,
    )


def _date(due: int, soon: int, very_soon: int, today: int) -> tuple[int, int]:
    """Return the level of a date and the day on which it changes next."""
    left = due - today
    if left > soon:
        return NOT_DUE, due - soon
    if left > very_soon:
        return SOON, due - very_soon
    if left > 0:
        return VERY_SOON, due
    return (OVERDUE, FAR) if left else (DUE, due + 1)


def _meter(due: int, soon: int, very_soon: int, gauge: Gauge, today: int) -> tuple[int, int, int]:
    """Return the level of a meter, the day on which it reaches its limit, and when its level changes next."""
    left = due - gauge.value
    if left <= 0:
        return (OVERDUE if left else DUE), gauge.day, FAR
    pace = gauge.pace
    reached = gauge.day - (-left * 1000 // pace) if pace else FAR
    if reached - today > DAYS_AHEAD_MAX:
        return (VERY_SOON if left <= very_soon else SOON if left <= soon else NOT_DUE), FAR, FAR
    passed = today - gauge.day
    estimate = left * 1000 - (pace * passed if passed > 0 else 0)  # thousandths that are left today
    if estimate <= 0:
        return DUE, reached, FAR
    if estimate <= very_soon * 1000:
        return VERY_SOON, reached, reached
    if estimate <= soon * 1000:
        return SOON, reached, gauge.day - ((very_soon - left) * 1000 // pace)
    return NOT_DUE, reached, gauge.day - ((soon - left) * 1000 // pace)


def projected_span(due: int | None, gauge: Gauge | None, today: int) -> tuple[int | None, int | None]:
    """Return the likely earliest and latest day on which a meter reaches *due*; None where it is open."""
    if due is None or gauge is None or not gauge.pace or due <= gauge.value:
        return None, None
    left = due - gauge.value
    earliest, latest = (
        gauge.day - (-left * 1000 // pace) if pace else None for pace in (gauge.pace_high, gauge.pace_low)
    )
    return (
        None if earliest is None or earliest - today > DAYS_AHEAD_MAX else max(earliest, today),
        None if latest is None or latest - today > DAYS_AHEAD_MAX else max(latest, today),
    )
