"""The rules of tyres by themselves: the DOT code, and a position between two readings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fleetcore.maintenance.tyre_rules import made_on, position_on


def test_the_dot_code_tells_the_week() -> None:
    """Week 35 of 2023 begins at the end of August; what is no week names none."""
    assert date(2023, 8, 27) == made_on("3523")
    assert [None] * 4 == [made_on(dot) for dot in ("", "0023", "5423", "35²3")]


@settings(max_examples=60, deadline=None)
@given(points=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 5000)), min_size=1, unique_by=lambda p: p[0]),
       hour=st.integers(-10, 1010))  # fmt: skip
def test_a_position_lies_between_its_neighbours(points: list[tuple[int, int]], hour: int) -> None:
    """On a rising line, the position at any hour lies between the readings on both sides, and never falls."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = sorted(point[0] for point in points)
    totals = sorted(point[1] for point in points)
    line = [(start + timedelta(hours=at), total) for at, total in zip(hours, totals, strict=True)]
    at = position_on(line, start + timedelta(hours=hour))
    later = position_on(line, start + timedelta(hours=hour + 1))
    before = [total for when, total in zip(hours, totals, strict=True) if when <= hour] or totals[:1]
    after = [total for when, total in zip(hours, totals, strict=True) if when >= hour] or totals[-1:]

    assert at is not None
    assert later is not None
    assert before[-1] <= at <= after[0]
    assert at <= later
