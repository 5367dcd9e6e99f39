"""The pace of a meter from readings with gaps, seasons and slips."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetcore.reminders.model import Gauge
from fleetcore.reminders.projection import DISTANCE_STEP, believed, gauge_of, value_on

DAY = 739_000
PACE_M = 41_000


def gauge(points: list[tuple[int, int]]) -> Gauge:
    """Return the gauge of an odometer."""
    found = gauge_of(points, DISTANCE_STEP)
    assert found is not None
    return found


def steady(days: range) -> list[tuple[int, int]]:
    """Return readings of a car that runs 41 km each day."""
    return [(DAY + day, 1_000_000 + PACE_M * day) for day in days]


def test_two_readings_are_enough() -> None:
    """The pace is their difference over the days between, with room on both sides."""
    found = gauge(steady(range(0, 21, 20)))

    assert PACE_M * 1000 == found.pace
    assert found.pace_low < found.pace < found.pace_high


def test_one_reading_has_no_pace() -> None:
    """A single reading, or several of one day, says where the meter is and no more."""
    assert Gauge(2000, DAY) == gauge([(DAY, 1000), (DAY, 2000)])


def test_no_reading_is_no_gauge() -> None:
    """Without readings there is nothing to say."""
    assert None is gauge_of([], DISTANCE_STEP)


@pytest.mark.parametrize("wrong", [0, 100_000, 900_000_000])
def test_a_slip_is_not_believed(wrong: int) -> None:
    """One value that its neighbours contradict changes neither the pace nor where the meter is."""
    line = steady(range(0, 200, 10))
    line[10] = (line[10][0], wrong)

    assert gauge(steady(range(0, 200, 10))) == gauge(line)


def test_a_last_value_out_of_reach_is_not_believed() -> None:
    """A digit too many at the end is no journey of 11,000 km in a day."""
    line = steady(range(0, 200, 10))

    assert line[-1][1] == gauge([*line, (line[-1][0] + 1, line[-1][1] + 11_000_000)]).value


def test_a_gap_does_not_slow_the_pace() -> None:
    """Half a year without notes, driven on, gives the same pace."""
    assert PACE_M * 1000 == gauge(steady(range(0, 60, 10)) + steady(range(240, 300, 10))).pace


def test_a_season_evens_out() -> None:
    """A car that stands in winter is forecast by its year, between its slow and its fast months."""
    points, shown = [], 0
    for day in range(0, 365, 5):
        points.append((DAY + day, shown))
        shown += 5 * (10_000 if day < 180 else 60_000)
    found = gauge(points)

    assert 20_000_000 < found.pace < 50_000_000


def test_old_habits_are_forgotten() -> None:
    """What was driven more than a year before the last reading no longer counts."""
    old = [(DAY + day, 200_000 * day) for day in range(0, 1000, 50)]
    start = old[-1][1]

    assert PACE_M * 1000 == gauge(old + [(DAY + 1000 + day, start + PACE_M * day) for day in range(0, 400, 10)]).pace


def test_a_rarely_read_meter_uses_its_last_stretch() -> None:
    """With one reading in the last year, the one before it is taken, however old."""
    assert PACE_M * 1000 == gauge(steady(range(0, 1601, 800))).pace


@given(st.integers(0, 300_000), st.lists(st.integers(1, 60), min_size=2, max_size=40))
def test_a_steady_car_is_known_exactly(pace: int, gaps: list[int]) -> None:
    """However unevenly it is read, a steady car has its pace."""
    day, points = DAY, []
    for gap in gaps:
        day += gap
        points.append((day, pace * (day - DAY)))

    assert pace * 1000 == gauge(points).pace


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(DAY, DAY + 900), st.integers(0, 10**9)), max_size=40))
def test_any_readings_give_a_gauge_that_makes_sense(points: list[tuple[int, int]]) -> None:
    """Whatever was noted, the pace is never negative and lies between its bounds."""
    found = gauge_of(points, DISTANCE_STEP)

    assert (found is None) is (not points)
    assert found is None or 0 <= found.pace_low <= found.pace <= found.pace_high
    kept = [value for _, value in believed(points, DISTANCE_STEP)]
    assert sorted(kept) == kept


def test_the_meter_of_a_day_is_its_last_reading_until_then() -> None:
    """Between readings the earlier one counts, before the first the first."""
    line = steady(range(0, 30, 10))

    assert [line[0][1], line[0][1], line[1][1]] == [value_on(line, DISTANCE_STEP, DAY + day) for day in (-5, 9, 15)]
