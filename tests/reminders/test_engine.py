"""The engine against a slow, obviously right model, and the vectors that peers taught us."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetcore.reminders.engine import DAYS_AHEAD_MAX, FAR, LEVELS, METRICS, Limits, evaluate
from fleetcore.reminders.explanation import explain
from fleetcore.reminders.model import Gauge, Metric, Urgency

TODAY = date(2026, 2, 18).toordinal()
KM = 1000
DAYS = st.integers(TODAY - 500, TODAY + 500)
WARNINGS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted)


def slow_meter(due: int, soon: int, very_soon: int, gauge: Gauge, today: int) -> tuple[Urgency, int]:
    """Walk the meter on, day by day, in thousandths; return the urgency of today and the day of the limit."""
    if gauge.value > due:
        return Urgency.OVERDUE, gauge.day
    if gauge.value == due:
        return Urgency.DUE, gauge.day
    here = Fraction(gauge.value * 1000 + gauge.pace * max(today - gauge.day, 0), 1000)
    reached = FAR
    if gauge.pace:
        day, shown = gauge.day, gauge.value * 1000
        while shown < due * 1000 and day <= today + DAYS_AHEAD_MAX:
            day, shown = day + 1, shown + gauge.pace
        if day <= today + DAYS_AHEAD_MAX:
            reached = day
    if here >= due and reached < FAR:
        return Urgency.DUE, reached
    left = due - (here if reached < FAR else gauge.value)
    urgency = Urgency.VERY_SOON if left <= very_soon else Urgency.SOON if left <= soon else Urgency.NOT_DUE
    return urgency, reached


def slow_date(due: int, soon: int, very_soon: int, today: int) -> Urgency:
    """Compare the days one by one."""
    if today > due:
        return Urgency.OVERDUE
    if today == due:
        return Urgency.DUE
    if today + very_soon >= due:
        return Urgency.VERY_SOON
    return Urgency.SOON if today + soon >= due else Urgency.NOT_DUE


def slow(limits: Limits, odometer: Gauge | None, hours: Gauge | None, today: int) -> tuple[Urgency, Metric | None]:
    """Judge every metric by itself and let the most urgent win, then the sooner, then the first."""
    found: list[tuple[int, int, int, Metric]] = []
    if limits.due_day is not None:
        urgency = slow_date(limits.due_day, limits.soon_days, limits.very_soon_days, today)
        found.append((-LEVELS.index(urgency), limits.due_day, 0, Metric.DATE))
    if limits.due_m is not None and odometer is not None:
        urgency, reached = slow_meter(limits.due_m, limits.soon_m, limits.very_soon_m, odometer, today)
        found.append((-LEVELS.index(urgency), reached, 1, Metric.DISTANCE))
    if limits.due_tenths is not None and hours is not None:
        urgency, reached = slow_meter(limits.due_tenths, limits.soon_tenths, limits.very_soon_tenths, hours, today)
        found.append((-LEVELS.index(urgency), reached, 2, Metric.HOURS))
    if not found:
        return Urgency.NOT_DUE, None
    level, _, _, metric = min(found)
    return LEVELS[-level], metric


def gauges(pace_max: int) -> st.SearchStrategy[Gauge | None]:
    """Draw a gauge, often standing still, or none."""
    pace = st.one_of(st.just(0), st.integers(500, pace_max), st.integers(1, 3))
    return st.one_of(st.none(), st.builds(Gauge, st.integers(0, 500), st.integers(TODAY - 60, TODAY + 1), pace))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Limits, Gauge | None, Gauge | None, int]:
    """Draw limits, two gauges and a day, with small numbers so that borders are hit."""
    very_days, days = draw(WARNINGS)
    very_m, metres = draw(WARNINGS)
    very_tenths, tenths = draw(WARNINGS)
    limits = Limits(
        draw(st.none() | DAYS),
        draw(st.none() | st.integers(0, 600)),
        draw(st.none() | st.integers(0, 600)),
        days, very_days, metres, very_m, tenths, very_tenths,
    )  # fmt: skip
    return limits, draw(gauges(40_000)), draw(gauges(40_000)), draw(st.integers(TODAY, TODAY + 400))


@settings(max_examples=500, deadline=None)
@given(cases())
def test_the_engine_agrees_with_the_slow_model(case: tuple[Limits, Gauge | None, Gauge | None, int]) -> None:
    """Urgency and deciding metric are those of a model that walks day by day."""
    verdict = evaluate(*case)
    metric = None if verdict.metric is None else METRICS[verdict.metric]

    assert slow(*case) == (LEVELS[verdict.level], metric)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_nothing_changes_before_the_next_look(case: tuple[Limits, Gauge | None, Gauge | None, int]) -> None:
    """Until the day to look again the level stands still, and without such a day it does for good."""
    limits, odometer, hours, today = case
    verdict = evaluate(*case)
    last = today + 700 if verdict.look_day is None else min(verdict.look_day - 1, today + 700)

    assert verdict.look_day is None or verdict.look_day > today
    assert {verdict.level} == {evaluate(limits, odometer, hours, day).level for day in range(today, last + 1)}


@settings(max_examples=200, deadline=None)
@given(cases())
def test_time_alone_never_makes_a_due_less_urgent(case: tuple[Limits, Gauge | None, Gauge | None, int]) -> None:
    """With the same readings, a later day is at least as urgent."""
    limits, odometer, hours, today = case
    levels = [evaluate(limits, odometer, hours, day).level for day in range(today, today + 60)]

    assert sorted(levels) == levels


@settings(max_examples=200, deadline=None)
@given(cases())
def test_every_verdict_can_be_explained(case: tuple[Limits, Gauge | None, Gauge | None, int]) -> None:
    """Whatever is found, there is a sentence for it."""
    limits, odometer, hours, today = case

    assert explain(evaluate(*case), limits, odometer, hours, today=today)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (31, Urgency.NOT_DUE), (30, Urgency.SOON), (8, Urgency.SOON), (7, Urgency.VERY_SOON), (1, Urgency.VERY_SOON),
        (0, Urgency.DUE), (-1, Urgency.OVERDUE), (-4000, Urgency.OVERDUE),
    ],
)  # fmt: skip
def test_a_date_is_due_on_its_day_and_overdue_from_the_next(days: int, urgency: Urgency) -> None:
    """Dates are dates: due today is due, not past due; the default thresholds are 30 and 7 days."""
    assert urgency is LEVELS[evaluate(Limits(due_day=TODAY + days), None, None, TODAY).level]


@pytest.mark.parametrize(
    ("left_km", "urgency"),
    [
        (1000.001, Urgency.NOT_DUE), (1000, Urgency.SOON), (250.001, Urgency.SOON), (250, Urgency.VERY_SOON),
        (0.001, Urgency.VERY_SOON), (0, Urgency.DUE), (-0.001, Urgency.OVERDUE),
    ],
)  # fmt: skip
def test_a_distance_is_due_at_exactly_its_limit(left_km: float, urgency: Urgency) -> None:
    """At the limit it is due, a metre beyond it overdue; the default thresholds are 1,000 and 250 km."""
    gauge = Gauge(15_000 * KM, TODAY)

    assert urgency is LEVELS[evaluate(Limits(due_m=15_000 * KM + round(left_km * KM)), gauge, None, TODAY).level]


def test_thresholds_stay_with_their_reminder() -> None:
    """A reminder with thresholds of its own leaves those of the next one alone."""
    own = Limits(due_day=TODAY + 20, soon_days=10)
    levels = [evaluate(limits, None, None, TODAY).level for limits in (own, Limits(due_day=TODAY + 20))]

    assert [LEVELS.index(Urgency.NOT_DUE), LEVELS.index(Urgency.SOON)] == levels


def test_pace_makes_due_but_only_a_reading_proves_overdue() -> None:
    """A limit that use has probably passed is due; it is overdue when a reading says so."""
    limits, stale = Limits(due_m=15_000 * KM), Gauge(14_900 * KM, TODAY - 300, 41_000_000)

    assert Urgency.DUE is LEVELS[evaluate(limits, stale, None, TODAY).level]
    assert Urgency.OVERDUE is LEVELS[evaluate(limits, Gauge(15_001 * KM, TODAY), None, TODAY).level]


def test_the_forecast_of_a_peer_is_met() -> None:
    """At 94 a day, last seen 47 days ago, the limit is reached on the day that the peer's formula names."""
    gauge = Gauge(85_035 * KM, TODAY - 47, 94_000_000)
    verdict = evaluate(Limits(due_m=90_000 * KM), gauge, None, TODAY)

    assert date.fromordinal(TODAY) + timedelta(days=6) == date.fromordinal(verdict.projected_day or 0)


def test_a_distance_is_explained_by_its_use() -> None:
    """The sentence names days, limit, date and pace."""
    gauge, limits = Gauge(14_508 * KM, TODAY, 41_000_000), Limits(due_m=15_000 * KM)
    sentence = explain(evaluate(limits, gauge, None, TODAY), limits, gauge, None, today=TODAY)

    assert "due in 12 days because 15,000 km will be reached about 2 March at 41 km/day" == sentence
