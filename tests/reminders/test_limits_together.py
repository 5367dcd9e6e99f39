"""A reminder with a date and a distance: the day on which it is expected is that of the limit that comes first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fleetcore.testing.builders import km

from .conftest import TODAY, Keeper


@pytest.mark.parametrize(("every_km", "is_meter_first"), [(2_000, True), (90_000, False)])
def test_what_comes_first_is_expected(keeper: Keeper, every_km: int, is_meter_first: bool) -> None:
    """A car that drives 1,000 km in a month reaches the smaller distance within the year, the larger one not."""
    keeper.read(9_000, TODAY - timedelta(days=30))
    oil = keeper.add(every=km(every_km), every_months=12)
    (due,) = keeper.due()
    assert date(2027, 6, 1) == due.due_on
    assert due.projected_on is not None
    expected = due.projected_on if is_meter_first else due.due_on
    assert expected == due.expected_on == keeper.get(oil).expected_on
    assert is_meter_first == (expected < due.due_on)


def test_what_cannot_be_foreseen_is_expected_on_no_day(keeper: Keeper) -> None:
    """One reading has no pace, and there is no date."""
    oil = keeper.add(every=km(15_000))
    assert keeper.get(oil).expected_on is None
