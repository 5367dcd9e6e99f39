"""Where a vehicle's meters stand and how fast they move, in the calendar of its fleet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import attrs
from attrs import frozen

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import local_date, span_of_days
from fleetcore.vehicles.ports import READINGS, RECENT

from .engine import FAR, LEVELS, METRICS, Limits, Verdict, evaluate
from .model import Gauge, MeterBasis, Metric, Reminder, ReminderFields, Urgency
from .projection import DISTANCE_STEP, HOURS_STEP, gauge_of, value_on

__all__ = [
    "NO_OUTLOOK",
    "Outlook",
    "assessed",
    "day_of",
    "first_metric",
    "limits_of",
    "measured",
    "moved",
    "outlook_of",
    "verdict_on",
]

# Where a reminder stands in a calendar, besides the words that people said.
PLACE = (
    *("due_on", "due_odometer", "due_engine_hours", "projected_on"),
    *("occurrence", "snoozed_until", "is_finished", "is_silent"),
)
Points = Sequence[tuple[int, int]]


@frozen(kw_only=True)
class Outlook:
    """The recent readings of a vehicle by day: the odometer in totals, the hour meter in tenths.

    *replacements* are (day, what totals gain from then on). Of days up to *odometer_from* and *hours_from* it
    may not know every reading; None where it knows all.
    """

    odometer: Points
    hours: Points
    replacements: Points
    odometer_from: int | None = None
    hours_from: int | None = None

    @property
    def offset_m(self) -> int:
        """What to add to the present odometer for its total."""
        return sum(gain for _, gain in self.replacements)

    def odometer_gauge(self) -> Gauge | None:
        """The gauge of the odometer, as the present meter shows it."""
        gauge = gauge_of(self.odometer, DISTANCE_STEP)
        return gauge and attrs.evolve(gauge, value=gauge.value - self.offset_m)

    def hours_gauge(self) -> Gauge | None:
        """The gauge of the hour meter."""
        return gauge_of(self.hours, HOURS_STEP)

    def total_on(self, day: date, shown: Distance | None = None) -> int | None:
        """Return the total of the odometer on *day*: of what was *shown*, else of its readings."""
        if shown is None:
            return value_on(self.odometer, DISTANCE_STEP, day.toordinal())
        return shown.metres + sum(gain for on, gain in self.replacements if on <= day.toordinal())

    def hours_on(self, day: date, shown: EngineHours | None = None) -> EngineHours | None:
        """Return the engine hours on *day*: what was *shown*, else by the readings."""
        if shown is not None:
            return shown
        tenths = value_on(self.hours, HOURS_STEP, day.toordinal())
        return None if tenths is None else EngineHours(tenths)

    def total_by(self, basis: MeterBasis, day: date, total_m: int | None) -> int | None:
        """Return what the total of *day* is by now, which was *total_m* when it was taken from the readings."""
        if _stays(self.odometer, self.odometer_from, basis, day, total_m):
            return total_m
        return self.total_on(day)

    def hours_by(self, basis: MeterBasis, day: date, hours: EngineHours | None) -> EngineHours | None:
        """Return what the engine hours of *day* are by now, which were *hours* when taken from the readings."""
        if _stays(self.hours, self.hours_from, basis, day, None if hours is None else hours.tenths):
            return hours
        return self.hours_on(day)


def _stays(points: Points, known_from: int | None, basis: MeterBasis, day: date, taken: int | None) -> bool:
    """Say whether a meter of *day* stays as it was *taken*."""
    if basis is MeterBasis.SAID or (known_from is not None and day.toordinal() <= known_from):
        return True
    return basis is MeterBasis.PRESENT and taken is not None and any(value == taken for _, value in points)


NO_OUTLOOK = Outlook(odometer=(), hours=(), replacements=())


def outlook_of(uow: UnitOfWork, vehicle_id: UUID, timezone: str, today: date | None = None) -> Outlook:
    """Return the outlook of a vehicle; with *today* as it was known at the end of that day."""
    until = None if today is None else span_of_days(None, today, timezone).until
    recent = uow[READINGS].recent(vehicle_id, until)

    def by_day(points: Sequence[tuple[datetime, int]]) -> list[tuple[int, int]]:
        return [(local_date(at, timezone).toordinal(), value) for at, value in points]

    replaced = iter(recent.replacements)
    pending = next(replaced, None)
    offset = 0
    totals = []
    for at, value in recent.odometer:
        while pending is not None and pending[0] <= at:
            offset += pending[1]
            pending = next(replaced, None)
        totals.append((local_date(at, timezone).toordinal(), value + offset))
    hours = by_day(recent.engine_hours)
    return Outlook(
        odometer=totals,
        hours=hours,
        replacements=by_day(recent.replacements),
        odometer_from=totals[0][0] if len(totals) >= RECENT else None,
        hours_from=hours[0][0] if len(hours) >= RECENT else None,
    )


def measured(reminder: Reminder, outlook: Outlook) -> Reminder:
    """Return *reminder* with the gauges of *outlook*; what waited for a first reading counts from it now."""
    odometer, hours, offset = outlook.odometer_gauge(), outlook.hours_gauge(), outlook.offset_m
    due, due_hours = reminder.due_odometer, reminder.due_engine_hours
    origin, origin_hours = reminder.origin_total_m, reminder.origin_engine_hours
    if due is not None:
        due = Distance(due.metres + reminder.meter_offset_m - offset)
    elif reminder.every is not None and odometer is not None and not reminder.is_finished:
        origin = odometer.value + offset
        due = Distance(odometer.value + reminder.every.metres)
    if due_hours is None and reminder.every_engine_hours is not None and hours is not None:
        origin_hours = EngineHours(hours.value)
        due_hours = EngineHours(hours.value + reminder.every_engine_hours.tenths)
    return attrs.evolve(
        reminder,
        meter_offset_m=offset,
        due_odometer=due,
        due_engine_hours=due_hours,
        origin_total_m=origin,
        origin_engine_hours=origin_hours,
        odometer_gauge=odometer,
        hours_gauge=hours,
    )


def limits_of(reminder: Reminder) -> Limits:
    """Return the present due of *reminder* in the engine's integers."""
    return Limits(
        None if reminder.due_on is None else reminder.due_on.toordinal(),
        None if reminder.due_odometer is None else reminder.due_odometer.metres,
        None if reminder.due_engine_hours is None else reminder.due_engine_hours.tenths,
        reminder.soon_days,
        reminder.very_soon_days,
        reminder.soon_distance.metres,
        reminder.very_soon_distance.metres,
        reminder.soon_engine_hours.tenths,
        reminder.very_soon_engine_hours.tenths,
    )


def verdict_on(reminder: Reminder, today: date) -> Verdict:
    """Return how urgent *reminder* is on *today*, whether it is snoozed or not."""
    return evaluate(limits_of(reminder), reminder.odometer_gauge, reminder.hours_gauge, today.toordinal())


def assessed(reminder: Reminder, today: date) -> Reminder:
    """Return *reminder* as it stands on *today*, or on the day it was last looked at if the clock went back."""
    today = max(today, reminder.looked_on)
    if reminder.is_finished or reminder.is_silent or reminder.deleted_at is not None:
        urgency = Urgency.NOT_DUE if reminder.is_finished else reminder.urgency
        return attrs.evolve(reminder, looked_on=today, next_look_on=None, urgency=urgency)
    verdict = verdict_on(reminder, today)
    snoozed = reminder.snoozed_until
    is_snoozed = snoozed is not None and today < snoozed
    return attrs.evolve(
        reminder,
        urgency=Urgency.NOT_DUE if is_snoozed else LEVELS[verdict.level],
        metric=METRICS[verdict.metric] if verdict.metric is not None else first_metric(reminder),
        projected_on=day_of(verdict.projected_day),
        looked_on=today,
        next_look_on=snoozed if is_snoozed else day_of(verdict.look_day),
        snoozed_until=snoozed if is_snoozed else None,
    )


def moved(before: Reminder, after: Reminder, now: datetime) -> Reminder:
    """Return *after*, with its move counted when it stands elsewhere in the calendar than *before*.

    A clock that went back does not make it look older than it was.
    """
    names = [*PLACE]
    if after.due_odometer is not None:
        names.append("odometer_gauge")
    if after.due_engine_hours is not None:
        names.append("hours_gauge")
    if all(getattr(before, name) == getattr(after, name) for name in names):
        return after
    last = before.moved_at or before.updated_at
    return attrs.evolve(after, moves=before.moves + 1, moved_at=max(now, last))


def first_metric(reminder: ReminderFields) -> Metric:
    """Return the metric that a reminder waits for, while nothing can be measured."""
    if reminder.every is not None or reminder.at_odometer is not None:
        return Metric.DISTANCE
    is_hours = reminder.every_engine_hours is not None or reminder.at_engine_hours is not None
    return Metric.HOURS if is_hours else Metric.DATE


def day_of(ordinal: int | None) -> date | None:
    """Return the date of an ordinal that lies within the calendar."""
    return None if ordinal is None or ordinal > FAR else date.fromordinal(ordinal)
