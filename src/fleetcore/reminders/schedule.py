"""When a reminder is due next: replayed from its rule, where it started and how it was answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from attrs import frozen

from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import add_months

from .model import Completion, CompletionKind, ReminderFields

__all__ = ["Origin", "Schedule", "schedule_of"]


@frozen(kw_only=True)
class Origin:
    """Where intervals count from before anything was done; a meter is None until it is first read."""

    on: date
    total_m: int | None
    tenths: int | None
    said_offset_m: int


@frozen(kw_only=True)
class Schedule:
    """The present due in totals, how often the reminder was answered, and whether it is over."""

    due_on: date | None
    due_total_m: int | None
    due_tenths: int | None
    occurrence: int
    is_finished: bool
    last_done_on: date | None


@frozen
class _Mark:
    """An answer on one metric: None where the meter was not known."""

    is_done: bool
    value: int | None


def schedule_of(fields: ReminderFields, origin: Origin, completions: Sequence[Completion]) -> Schedule:
    """Return what *fields* ask for after *completions*.

    A rolling rule counts from the last time it was done. A fixed one, and a skip, go on to the next point of
    the grid after both the present due and the answer, however many were missed. Only metrics with an
    interval go on.
    """
    answers = sorted(completions, key=lambda c: (c.done_on, c.created_at, c.id))
    is_recurring = any((fields.every, fields.every_months, fields.every_days, fields.every_engine_hours))
    at = None if fields.at_odometer is None else fields.at_odometer.metres + origin.said_offset_m

    def marks(value: Callable[[Completion], int | None]) -> list[_Mark]:
        return [_Mark(answer.kind is CompletionKind.DONE, value(answer)) for answer in answers]

    done = [answer.done_on for answer in answers if answer.kind is CompletionKind.DONE]
    return Schedule(
        due_on=_date_due(fields, origin.on, answers),
        due_total_m=_meter_due(
            at, _metres(fields.every), origin.total_m, marks(lambda c: c.total_m), is_fixed=fields.is_fixed
        ),
        due_tenths=_meter_due(
            _tenths(fields.at_engine_hours),
            _tenths(fields.every_engine_hours),
            origin.tenths,
            marks(lambda c: _tenths(c.engine_hours)),
            is_fixed=fields.is_fixed,
        ),
        occurrence=len(answers),
        is_finished=bool(answers) and not is_recurring,
        last_done_on=done[-1] if done else None,
    )


def _metres(distance: Distance | None) -> int | None:
    return None if distance is None else distance.metres


def _tenths(hours: EngineHours | None) -> int | None:
    return None if hours is None else hours.tenths


def _meter_due(
    at: int | None, every: int | None, origin: int | None, marks: Sequence[_Mark], *, is_fixed: bool
) -> int | None:
    if not every:
        return None if marks else at
    base, index = (origin, 1) if at is None else (at, 0)
    for mark in marks:
        if mark.is_done and not is_fixed:
            base, index = (origin if mark.value is None else mark.value), 1
        elif base is not None:
            passed = 0 if mark.value is None else (mark.value - base) // every
            index = max(index, passed) + 1
    return None if base is None else base + index * every


def _date_due(fields: ReminderFields, origin: date, answers: Sequence[Completion]) -> date | None:
    every = fields.every_months or fields.every_days
    if not every:
        return None if answers else fields.on
    base, index = (origin, 1) if fields.on is None else (fields.on, 0)
    for answer in answers:
        if answer.kind is CompletionKind.DONE and not fields.is_fixed:
            base, index = answer.done_on, 1
        else:
            index = max(index + 1, _first_after(fields, base, answer.done_on))
    return _point(fields, base, index)


def _point(fields: ReminderFields, base: date, index: int) -> date:
    """Return the *index*-th day of the grid, always counted from its base, so that it never drifts."""
    try:
        if fields.every_months:
            return add_months(base, fields.every_months * index)
        return base + timedelta(days=(fields.every_days or 0) * index)
    except (ValueError, OverflowError):  # beyond the year 9999
        return date.max


def _first_after(fields: ReminderFields, base: date, day: date) -> int:
    """Return the first index whose day lies after *day*."""
    if fields.every_months:
        months = (day.year - base.year) * 12 + day.month - base.month
        index = months // fields.every_months
    else:
        index = (day - base).days // (fields.every_days or 1)
    while _point(fields, base, index) <= day:
        index += 1
    return index
