"""Schedules by themselves: what is due, whatever the calendar does."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import attrs
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.expenses.model import Recurring
from fleetcore.expenses.rules import due_occurrences, next_due, rescheduled
from fleetcore.kernel.when import Period

from .conftest import euros

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
PERIODS = st.sampled_from(Period)


def recurring(starts_on: date, period: Period, every: int = 1, ends_on: date | None = None) -> Recurring:
    """Make a recurring expense of which nothing is recorded yet."""
    return Recurring(
        id=UUID(int=1), category="tax", amount=euros(1), period=period, every=every, starts_on=starts_on,
        ends_on=ends_on, created_at=NOW, updated_at=NOW, created_by=UUID(int=2), updated_by=UUID(int=2),
    )  # fmt: skip


SCHEDULES = st.builds(recurring, DAYS, PERIODS, st.integers(1, 12))


def run(schedule: Recurring, today: date) -> tuple[list[date], list[int], Recurring]:
    """Return the days and numbers that a run on *today* records, and the schedule after it."""
    dues = list(due_occurrences(schedule, today, None))
    if dues:
        schedule = attrs.evolve(
            schedule, next_index=dues[-1].index + 1, next_occurrence=dues[-1].occurrence + 1, last_on=dues[-1].on
        )
    return [due.on for due in dues], [due.occurrence for due in dues], schedule


@given(DAYS, PERIODS, st.integers(1, 24), st.lists(DAYS, max_size=8))
def test_many_runs_record_what_one_run_would(starts_on: date, period: Period, every: int, days: list[date]) -> None:
    """However often it runs, a schedule records the same days and numbers, each once."""
    days = sorted(days)
    schedule = recurring(starts_on, period, every)
    at_once = run(schedule, days[-1])[:2] if days else ([], [])
    step_by_step: tuple[list[date], list[int]] = ([], [])
    for today in days:
        made, numbers, schedule = run(schedule, today)
        step_by_step[0].extend(made)
        step_by_step[1].extend(numbers)

    assert at_once == step_by_step
    assert list(range(len(at_once[1]))) == at_once[1]


@given(DAYS, st.integers(1, 24), st.integers(0, 3000))
def test_month_ends_never_drift(starts_on: date, every: int, length: int) -> None:
    """Each occurrence lies in its own month, on the first day's number or on the last day of a shorter month."""
    made, _, _ = run(recurring(starts_on, Period.MONTH, every), starts_on + timedelta(days=length))

    for index, on in enumerate(made):
        months = starts_on.year * 12 + starts_on.month - 1 + index * every
        assert divmod(months, 12) == (on.year, on.month - 1)
        assert min(starts_on.day, calendar.monthrange(on.year, on.month)[1]) == on.day


@given(DAYS, st.integers(1, 4), st.integers(0, 20_000))
def test_years_keep_their_day(starts_on: date, every: int, length: int) -> None:
    """A yearly expense keeps its day; of 29 February it is the 28th in common years only."""
    made, _, _ = run(recurring(starts_on, Period.YEAR, every), starts_on + timedelta(days=length))

    for index, on in enumerate(made):
        assert starts_on.year + index * every == on.year
        leaps = starts_on.day == 29 and starts_on.month == 2 and not calendar.isleap(on.year)
        assert (starts_on.month, 28 if leaps else starts_on.day) == (on.month, on.day)


@given(DAYS, st.sampled_from([(Period.DAY, 1), (Period.WEEK, 7)]), st.integers(1, 60), st.integers(0, 2000))
def test_days_and_weeks_are_evenly_spaced(starts_on: date, unit: tuple[Period, int], every: int, length: int) -> None:
    """Days and weeks are counted on the calendar, so summer time moves none of them."""
    period, days = unit
    made, _, _ = run(recurring(starts_on, period, every), starts_on + timedelta(days=length))

    assert length // (days * every) + 1 == len(made)
    assert all(days * every == (b - a).days for a, b in pairwise(made))


@given(SCHEDULES, DAYS, SCHEDULES, DAYS)
def test_a_new_schedule_repeats_no_day(first: Recurring, first_run: date, second: Recurring, second_run: date) -> None:
    """After a change of schedule, days and numbers go on where they were."""
    before, numbers, schedule = run(first, first_run)
    wanted = attrs.evolve(schedule, starts_on=second.starts_on, period=second.period, every=second.every)
    changed = attrs.evolve(wanted, next_index=rescheduled(schedule, wanted))
    after, more, _ = run(changed, second_run)

    assert sorted({*before, *after}) == before + after
    assert list(range(len(before) + len(after))) == numbers + more


@given(DAYS, PERIODS, st.integers(1, 12), DAYS, DAYS)
def test_neither_the_last_day_nor_the_sale_is_passed(
    starts_on: date, period: Period, every: int, ends_on: date, sold_on: date
) -> None:
    """Up to and including the last day, before the day of the sale, everything is due and nothing else."""
    everything, _, _ = run(recurring(starts_on, period, every), date(2061, 1, 1))
    bounded = recurring(starts_on, period, every, ends_on)
    due = [due.on for due in due_occurrences(bounded, date(2061, 1, 1), sold_on)]

    assert [on for on in everything if on <= ends_on and on < sold_on] == due


def test_a_schedule_ends_where_the_ledger_does() -> None:
    """Nothing falls due after the last year that the ledger can write."""
    yearly = recurring(date(2099, 12, 31), Period.YEAR)

    assert date(2099, 12, 31) == next_due(yearly, 0)
    assert next_due(yearly, 1) is None
