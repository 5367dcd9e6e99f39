"""Why a reminder is as urgent as it is, in a sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fleetcore.kernel.quantities import DistanceUnit

from .engine import FAR, METRICS, Limits, Verdict
from .model import Gauge, Metric

__all__ = ["explain", "explain_lastingly"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def explain(
    verdict: Verdict,
    limits: Limits,
    odometer: Gauge | None,
    hours: Gauge | None,
    *,
    today: int,
    unit: DistanceUnit = DistanceUnit.KM,
) -> str:
    """Say why *verdict* was found, with distances in *unit*."""
    if verdict.metric is None:
        return "waits for the first reading to count from"
    metric = METRICS[verdict.metric]
    if metric is Metric.DATE:
        return _date_reason(verdict.day, today)
    due, gauge = (limits.due_m, odometer) if metric is Metric.DISTANCE else (limits.due_tenths, hours)
    if due is None or gauge is None:
        raise ValueError(f"the verdict names {metric}, which has no limit or no gauge")
    return _meter_reason(due, gauge, metric, today=today, reached=verdict.day, unit=unit)


def explain_lastingly(metric: Metric, due: int, gauge: Gauge | None, day: int, unit: DistanceUnit) -> str:
    """Say why something is due on *day* in words that stay true tomorrow: for calendars, which keep them."""
    if metric is Metric.DATE or gauge is None:
        return f"Due on {_whole_day(due)}."
    limit, now = _shown(due, metric, unit), f"{_shown(gauge.value, metric, unit)} on {_whole_day(gauge.day)}"
    if due <= gauge.value:
        return f"Due at {limit}; the meter showed {now}."
    pace = _pace(gauge.pace, metric, unit)
    return f"Due at {limit}, which will be reached about {_whole_day(day)} at {pace}; the last reading was {now}."


def _whole_day(ordinal: int) -> str:
    day = date.fromordinal(ordinal)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _date_reason(due: int, today: int) -> str:
    left = due - today
    if left > 0:
        return f"due in {_days(left)}, on {_day(due, today)}"
    if left == 0:
        return f"due today, {_day(due, today)}"
    return f"overdue by {_days(-left)}, since {_day(due, today)}"


def _meter_reason(due: int, gauge: Gauge, metric: Metric, *, today: int, reached: int, unit: DistanceUnit) -> str:
    left = due - gauge.value
    limit, now = _shown(due, metric, unit), _shown(gauge.value, metric, unit)
    if left < 0:
        return f"overdue by {_shown(-left, metric, unit)}: {limit} was due and the meter shows {now}"
    if left == 0:
        return f"due because {limit} is reached"
    if reached == FAR:
        return f"due in {_shown(left, metric, unit)}, at {limit}; {now} was shown on {_day(gauge.day, today)}"
    pace = f"at {_pace(gauge.pace, metric, unit)}"
    if reached <= today:
        return (
            f"due because {limit} was probably reached about {_day(reached, today)} {pace}; "
            f"the last reading was {now} on {_day(gauge.day, today)}"
        )
    return f"due in {_days(reached - today)} because {limit} will be reached about {_day(reached, today)} {pace}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def _day(ordinal: int, today: int) -> str:
    day = date.fromordinal(ordinal)
    year = "" if day.year == date.fromordinal(today).year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def _shown(value: int, metric: Metric, unit: DistanceUnit) -> str:
    if metric is Metric.HOURS:
        return f"{value / 10:,.10g} h"
    amount = Decimal(value) / unit.metres
    whole = amount.quantize(Decimal(1))
    exact = abs(amount - whole) < Decimal("0.05")  # a mile is no round number of metres
    return f"{whole:,} {unit}" if exact else f"{amount:,.1f} {unit}"


def _pace(pace: int, metric: Metric, unit: DistanceUnit) -> str:
    if metric is Metric.HOURS:
        return f"{pace / 10_000:,.2g} h/day"
    amount = Decimal(pace) / 1000 / unit.metres
    return f"{amount:,.0f} {unit}/day" if amount >= 10 else f"{amount:,.1f} {unit}/day"
