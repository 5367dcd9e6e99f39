"""Why a reminder is as urgent as it is, in a sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from attrs import frozen

from fleetcore.kernel.languages import ENGLISH, Language
from fleetcore.kernel.quantities import DistanceUnit

from .engine import FAR, METRICS, Limits, Verdict
from .model import Gauge, Metric

__all__ = ["explain", "explain_lastingly"]


def explain(
    verdict: Verdict,
    limits: Limits,
    odometer: Gauge | None,
    hours: Gauge | None,
    *,
    today: int,
    unit: DistanceUnit = DistanceUnit.KM,
    language: Language = ENGLISH,
) -> str:
    """Say why *verdict* was found, with distances in *unit*, in *language*."""
    said = _Saying(today, unit, language)
    if verdict.metric is None:
        return language.text("waits for the first reading to count from")
    metric = METRICS[verdict.metric]
    if metric is Metric.DATE:
        return said.of_date(verdict.day)
    due, gauge = (limits.due_m, odometer) if metric is Metric.DISTANCE else (limits.due_tenths, hours)
    if due is None or gauge is None:
        raise ValueError(f"the verdict names {metric}, which has no limit or no gauge")
    return said.of_meter(due, gauge, metric, reached=verdict.day)


def explain_lastingly(metric: Metric, due: int, gauge: Gauge | None, day: int, unit: DistanceUnit) -> str:
    """Say why something is due on *day* in words that stay true tomorrow: for calendars, which keep them."""
    if metric is Metric.DATE or gauge is None:
        return f"Due on {_whole_day(due)}."
    said = _Saying(day, unit, ENGLISH)
    limit, now = said.shown(due, metric), f"{said.shown(gauge.value, metric)} on {_whole_day(gauge.day)}"
    if due <= gauge.value:
        return f"Due at {limit}; the meter showed {now}."
    pace = said.pace(gauge.pace, metric)
    return f"Due at {limit}, which will be reached about {_whole_day(day)} at {pace}; the last reading was {now}."


def _whole_day(ordinal: int) -> str:
    return ENGLISH.day(date.fromordinal(ordinal), with_year=True)


@frozen
class _Saying:
    """How a reason is put: as of which day, in which unit and language."""

    today: int
    unit: DistanceUnit
    language: Language

    def of_date(self, due: int) -> str:
        left, text = due - self.today, self.language.text
        if left > 0:
            return text("due in {days}, on {day}", days=self.days(left), day=self.day(due))
        if left == 0:
            return text("due today, {day}", day=self.day(due))
        return text("overdue by {days}, since {day}", days=self.days(-left), day=self.day(due))

    def of_meter(self, due: int, gauge: Gauge, metric: Metric, *, reached: int) -> str:
        left, text = due - gauge.value, self.language.text
        limit, now = self.shown(due, metric), self.shown(gauge.value, metric)
        if left < 0:
            beyond = self.shown(-left, metric)
            return text(
                "overdue by {beyond}: {limit} was due and the meter shows {now}", beyond=beyond, limit=limit, now=now
            )
        if left == 0:
            return text("due because {limit} is reached", limit=limit)
        read = {"now": now, "read_day": self.day(gauge.day)}
        if reached == FAR:
            left_shown = self.shown(left, metric)
            return text(
                "due in {left}, at {limit}; {now} was shown on {read_day}", left=left_shown, limit=limit, **read
            )
        when = {"limit": limit, "day": self.day(reached), "pace": self.pace(gauge.pace, metric)}
        if reached <= self.today:
            return text(
                "due because {limit} was probably reached about {day} at {pace}; "
                "the last reading was {now} on {read_day}",
                **when,
                **read,
            )
        days = self.days(reached - self.today)
        return text("due in {days} because {limit} will be reached about {day} at {pace}", days=days, **when)

    def days(self, count: int) -> str:
        return self.language.count("1 day", "{number} days", count)

    def day(self, ordinal: int) -> str:
        day = date.fromordinal(ordinal)
        return self.language.day(day, with_year=day.year != date.fromordinal(self.today).year)

    def shown(self, value: int, metric: Metric) -> str:
        number = self.language.number
        if metric is Metric.HOURS:
            return f"{number(Decimal(value) / 10, 1 if value % 10 else 0)} h"
        amount = Decimal(value) / self.unit.metres
        whole = amount.quantize(Decimal(1))
        exact = abs(amount - whole) < Decimal("0.05")  # a mile is no round number of metres
        return f"{number(whole) if exact else number(amount, 1)} {self.unit}"

    def pace(self, pace: int, metric: Metric) -> str:
        text = self.language.text
        if metric is Metric.HOURS:
            hours = f"{pace / 10_000:,.2g}"
            return text("{amount} h/day", amount=hours if self.language is ENGLISH else hours.replace(".", ","))
        amount = Decimal(pace) / 1000 / self.unit.metres
        number = self.language.number(amount, 0 if amount >= 10 else 1)
        return text("{amount} {unit}/day", amount=number, unit=self.unit)
