"""Whether consumption rises."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from fleetcore.fuel.trend import Direction, trend_of

from .builders import START


def points(*per_100km: float, days: float = 30) -> list[tuple]:
    """Make intervals of 500 km with the given consumptions, one every *days*."""
    return [
        (START + timedelta(days=days * index), 500_000, round(value * 5000)) for index, value in enumerate(per_100km)
    ]


def test_a_consumption_that_grows_is_rising() -> None:
    """A steady growth has its slope per year."""
    trend = trend_of(points(6.0, 6.1, 6.2, 6.3, 6.4, 6.5, days=36.525))

    assert trend.direction is Direction.RISING
    assert trend.per_100km_per_year == pytest.approx(1.0, rel=1e-3)


def test_a_consumption_that_shrinks_is_falling() -> None:
    """The slope of a falling one is negative."""
    trend = trend_of(points(8.0, 7.8, 7.5, 7.4, 7.0, 6.9))

    assert trend.direction is Direction.FALLING
    assert (trend.per_100km_per_year or 0) < 0


def test_one_odd_interval_bends_nothing() -> None:
    """A single typing error leaves the slope where it was."""
    assert trend_of(points(7, 7, 7, 7, 70, 7, 7, 7, 7)).direction is Direction.STEADY


def test_a_growth_that_nobody_can_notice_is_steady() -> None:
    """An order that is more than chance, but under 2 % in all, is not called rising."""
    assert trend_of(points(7.00, 7.01, 7.02, 7.03, 7.04, 7.05)).direction is Direction.STEADY


def test_noise_is_steady() -> None:
    """A log that goes up and down has no direction."""
    noise = random.Random(4)  # noqa: S311 - a fixed series, not a secret

    assert trend_of(points(*(noise.gauss(7, 0.5) for _ in range(60)))).direction is Direction.STEADY


def test_few_intervals_have_no_trend() -> None:
    """Four in a row may be chance."""
    trend = trend_of(points(6, 7, 8, 9))

    assert (trend.direction, trend.per_100km_per_year) == (Direction.UNKNOWN, None)


def test_intervals_of_one_instant_have_no_trend() -> None:
    """Without time there is no direction in time."""
    assert trend_of(points(6, 7, 8, 9, 10, days=0)).direction is Direction.UNKNOWN


def test_a_long_log_is_judged_as_well() -> None:
    """Thousands of intervals are first summed into stretches."""
    trend = trend_of(points(*(6 + index / 4000 for index in range(4000)), days=1))

    assert trend.direction is Direction.RISING
    assert trend.per_100km_per_year == pytest.approx(0.0913, rel=0.01)
