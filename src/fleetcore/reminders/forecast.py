"""On which days a reminder falls due, the next time and after, as far as its rule and recent use let one foresee."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

import attrs
from attrs import frozen

from fleetcore.kernel.quantities import Distance, DistanceUnit, EngineHours

from .engine import FAR, Limits, evaluate, projected_span
from .explanation import explain_lastingly
from .model import Completion, CompletionKind, Gauge, Metric, Reminder
from .outlook import day_of
from .schedule import Origin, schedule_of

__all__ = ["Foreseen", "days_ahead", "lasting_reason", "next_day"]

OCCURRENCES_MAX = 400
NOBODY = UUID(int=0)


@frozen(kw_only=True)
class Foreseen:
    """A day on which something falls due, and by which metric.

    *is_projected* says that recent use, not a date or a reading, puts it there; then *earliest* and *latest*
    bound it where they are known.
    """

    day: date
    metric: Metric
    is_projected: bool = False
    earliest: date | None = None
    latest: date | None = None


def _meters(reminder: Reminder) -> Iterator[tuple[Metric, int, Gauge]]:
    """Yield each metered due with its gauge, in the engine's integers."""
    if reminder.due_odometer is not None and reminder.odometer_gauge is not None:
        yield Metric.DISTANCE, reminder.due_odometer.metres, reminder.odometer_gauge
    if reminder.due_engine_hours is not None and reminder.hours_gauge is not None:
        yield Metric.HOURS, reminder.due_engine_hours.tenths, reminder.hours_gauge


def next_day(reminder: Reminder) -> Foreseen | None:
    """Return when *reminder* falls due, by whichever metric comes first; None where nobody can foresee it.

    What is overdue has the day on which it fell due, or on which a reading first showed it.
    """
    if reminder.is_finished:
        return None
    found = [] if reminder.due_on is None else [Foreseen(day=reminder.due_on, metric=Metric.DATE)]
    for metric, due, gauge in _meters(reminder):
        reached = evaluate(Limits(due_m=due), gauge, None, gauge.day).day
        if (day := None if reached >= FAR else day_of(reached)) is None:
            continue
        earliest, latest = projected_span(due, gauge, gauge.day)
        found.append(
            Foreseen(
                day=day,
                metric=metric,
                is_projected=gauge.value < due,
                earliest=day_of(earliest),
                latest=day_of(latest),
            )
        )
    return min(found, key=lambda each: each.day, default=None)


def days_ahead(reminder: Reminder, today: date, until: date) -> list[Foreseen]:
    """Return when *reminder* falls due up to and including *until*, if each time is answered on its day.

    What is late counts as done *today*. At most 400 times.
    """
    found: list[Foreseen] = []
    current, is_recurring = reminder, is_again(reminder)
    while len(found) < OCCURRENCES_MAX and (upcoming := next_day(current)) is not None:
        day = max(upcoming.day, today)
        if day > until:
            break
        found.append(attrs.evolve(upcoming, day=day))
        if not is_recurring:
            break
        current = _answered(current, day)
    return found


def is_again(reminder: Reminder) -> bool:
    """Say whether the rule goes on after it is done."""
    return any((reminder.every, reminder.every_months, reminder.every_days, reminder.every_engine_hours))


def _answered(reminder: Reminder, day: date) -> Reminder:
    """Return *reminder* as it would stand after it was done on *day*, with the meters at their pace."""
    total, tenths = _shown_on(reminder.odometer_gauge, day), _shown_on(reminder.hours_gauge, day)
    done = Completion(
        id=NOBODY,
        reminder_id=reminder.id,
        kind=CompletionKind.DONE,
        done_on=max(day, reminder.due_on or day) if reminder.is_fixed else day,
        total_m=None if total is None else total + reminder.meter_offset_m,
        engine_hours=None if tenths is None else EngineHours(tenths),
        created_at=datetime.min,  # noqa: DTZ901 - it is the only one: nothing is compared with it
        created_by=NOBODY,
    )
    origin = Origin(
        on=reminder.origin_on,
        total_m=reminder.origin_total_m,
        tenths=_tenths(reminder.origin_engine_hours),
        said_offset_m=reminder.said_offset_m,
    )
    due = schedule_of(reminder, origin, [done])
    metres = None if due.due_total_m is None else due.due_total_m - reminder.meter_offset_m
    hours = due.due_tenths
    if reminder.is_fixed:  # each answer takes a point of the grid, reached or not: how many were before is in the due
        metres = _next_on_grid(_metres(reminder.due_odometer), _metres(reminder.every), total)
        hours = _next_on_grid(_tenths(reminder.due_engine_hours), _tenths(reminder.every_engine_hours), tenths)
    return attrs.evolve(
        reminder,
        due_on=due.due_on,
        due_odometer=None if metres is None else Distance(metres),
        due_engine_hours=None if hours is None else EngineHours(hours),
    )


def _metres(distance: Distance | None) -> int | None:
    return None if distance is None else distance.metres


def _tenths(hours: EngineHours | None) -> int | None:
    return None if hours is None else hours.tenths


def _next_on_grid(due: int | None, every: int | None, shown: int | None) -> int | None:
    """Return the point of the grid after both the present *due* and what is *shown*."""
    if due is None or not every:
        return None
    passed = 0 if shown is None else max((shown - due) // every, 0)
    return due + (passed + 1) * every


def _shown_on(gauge: Gauge | None, day: date) -> int | None:
    if gauge is None:
        return None
    return gauge.value + max(day.toordinal() - gauge.day, 0) * gauge.pace // 1000


def lasting_reason(reminder: Reminder, foreseen: Foreseen, unit: DistanceUnit) -> str:
    """Say why it is due on the *foreseen* day, with distances in *unit*, in words that stay true tomorrow."""
    for metric, due, gauge in _meters(reminder):
        if metric is foreseen.metric:
            return explain_lastingly(metric, due, gauge, foreseen.day.toordinal(), unit)
    day = foreseen.day.toordinal()
    return explain_lastingly(Metric.DATE, day, None, day, unit)
