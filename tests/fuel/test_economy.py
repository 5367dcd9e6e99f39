"""Consumption between equal tank levels."""

from __future__ import annotations

from uuid import UUID

import pytest

from fleetcore.fuel.economy import Method, economy_of
from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in

from .builders import economy, log, per_fill

VECTOR = ("10000 40", "10400 20 partial", "10900 45", "11500 50 missed", "12000 35")
MILES_AND_GALLONS = [
    f"{float(km) * 1.609344} {float(quantity) * 3.785411784} {' '.join(words)}"
    for km, quantity, *words in (line.split() for line in VECTOR)
]
MILES_AND_LITRES = [
    f"{float(km) * 1.609344} {quantity} {' '.join(words)}" for km, quantity, *words in (line.split() for line in VECTOR)
]


def test_each_figure_belongs_to_the_fill_that_closes_its_interval() -> None:
    """The known log has two closed intervals: over a partial fill, and after a missed one."""
    assert per_fill(*VECTOR) == [0, 0, 7.2222, 0, 7.0]


def test_the_average_is_a_sum_over_a_sum() -> None:
    """The average weighs intervals by their distance: 100 l over 1,400 km, not the mean of two ratios."""
    assert economy(*VECTOR).per_100km == pytest.approx(7.1429, abs=1e-4)


def test_miles_per_us_gallon() -> None:
    """The same numbers in miles and US gallons give the known miles per gallon."""
    result = economy(*MILES_AND_GALLONS)

    figures = [consumption_in(ConsumptionUnit.MPG_US, one.per_100km) for one in result.intervals]
    assert figures == pytest.approx([13.8462, 14.2857], abs=1e-3)
    assert consumption_in(ConsumptionUnit.MPG_US, result.per_100km or 0) == pytest.approx(14.0, abs=1e-3)


def test_miles_per_uk_gallon() -> None:
    """The same numbers in miles and litres give the known miles per gallon, with the exact gallon."""
    result = economy(*MILES_AND_LITRES)

    figures = [consumption_in(ConsumptionUnit.MPG_UK, one.per_100km) for one in result.intervals]
    assert figures == pytest.approx([62.9446, 64.9429], rel=1e-4)
    assert consumption_in(ConsumptionUnit.MPG_UK, result.per_100km or 0) == pytest.approx(63.6440, rel=1e-4)


def test_a_fill_without_an_odometer_counts_in_the_interval_around_it() -> None:
    """A full tank without a reading closes nothing, but its fuel counts."""
    assert per_fill("10000 40", "- 20", "10900 45") == [0, 0, 7.2222]


def test_a_full_tank_at_the_odometer_of_a_partial_one_loses_nothing() -> None:
    """A partial and a full fill at one odometer close one interval together."""
    lines = ("10000 40", "10400 20 partial", "10400 5", "10900 30")

    assert per_fill(*lines) == [0, 0, 6.25, 6.0]
    assert economy(*lines).per_100km == pytest.approx(6.1111, abs=1e-4)


def test_a_full_tank_without_a_distance_keeps_what_is_pending() -> None:
    """Two full tanks at the opening odometer: the second's fuel waits for the interval that moves."""
    assert per_fill("10000 40", "10000 20 partial", "10000 5", "10900 30") == [0, 0, 0, 6.1111]


def test_a_full_tank_repeated_at_its_odometer_counts_in_the_next_interval() -> None:
    """A second full tank at a closing odometer is not lost from the sums."""
    result = economy("10000 40", "10500 30", "10500 5", "11000 25")

    assert (result.closed_quantity, result.closed_distance_m) == (60_000, 1_000_000)


def test_every_partial_fill_between_two_full_tanks_counts() -> None:
    """Several partial fills in a row are all used."""
    assert per_fill("0 40", "200 10 partial", "400 10 partial", "600 10 partial", "1000 40") == [0, 0, 0, 0, 7]


def test_partial_fills_after_the_last_full_tank_are_left_out() -> None:
    """A trailing partial fill counts in the totals, not in the average."""
    result = economy("0 40", "1000 70", "1500 99 partial")

    assert (result.per_100km, result.quantity, result.distance_m) == (7.0, 209_000, 1_500_000)


def test_partial_fills_before_the_first_full_tank_are_left_out() -> None:
    """Nothing is known before the first full tank."""
    assert per_fill("0 40 partial", "500 40", "1000 30") == [0, 0, 6]


def test_a_missed_partial_fill_leaves_no_open_tank() -> None:
    """After a missed fill that is partial, the next interval opens at the next full tank."""
    assert per_fill("0 40", "500 20 partial missed", "1000 40", "2000 70") == [0, 0, 0, 7]


def test_a_log_without_full_tanks_has_no_consumption() -> None:
    """Where every fill is partial, consumption cannot be known; totals can."""
    result = economy("0 40 partial", "500 40 partial")

    assert (result.per_100km, result.best, result.quantity) == (None, None, 80_000)


def test_an_empty_log_has_an_economy() -> None:
    """No fills are no error."""
    result = economy_of([])

    assert (result.fills, result.intervals, result.per_100km, result.distance_m) == (0, (), None, 0)


def test_excluded_distance_of_all_fills_in_the_interval_is_subtracted() -> None:
    """Excluded distance counts on partial rows as on the closing one, and not on the opening one."""
    assert per_fill("0 40 exclude=99", "600 20 partial exclude=100", "1200 50 exclude=100") == [0, 0, 7]


def test_an_exclusion_as_long_as_the_interval_keeps_it_open() -> None:
    """Without distance left, the interval waits for the next full tank."""
    assert per_fill("0 40", "100 5 exclude=100", "1100 65") == [0, 0, 7]


def test_distance_comes_from_trips_where_a_log_has_no_odometer() -> None:
    """Trips add up over partial fills; the first one lies before the log."""
    result = economy("- 40 trip=700", "- 20 partial trip=300", "- 50 trip=700")

    assert result.per_100km == pytest.approx(7.0)
    assert result.distance_m == 1_000_000


def test_an_odometer_decides_over_trips() -> None:
    """A trip between two odometers is part of their distance, not added to it."""
    assert per_fill("10000 40", "- 20 partial trip=300", "11000 50") == [0, 0, 7]


def test_a_missing_trip_breaks_a_log_of_trips() -> None:
    """Where nothing tells the distance, the fuel before and after is not compared."""
    lines = ("- 40", "- 35 trip=500", "- 60", "- 30 trip=500")

    assert per_fill(*lines) == [0, 7, 0, 6]


def test_a_log_that_goes_on_in_trips() -> None:
    """After the last odometer, trips carry on from it."""
    assert per_fill("10000 40", "10500 35", "- 30 trip=500", "- 9", "- 40 trip=500") == [0, 7, 6, 0, 8]


def test_a_log_that_goes_on_in_odometers() -> None:
    """An odometer that follows trips is tied to them by its own trip, or starts anew."""
    assert per_fill("- 40", "20000 35 trip=500", "20500 30") == [0, 7, 6]
    assert per_fill("- 40", "20000 35", "20500 30") == [0, 0, 6]


def test_an_odometer_written_too_low_is_not_believed() -> None:
    """One slip below its neighbours leaves the interval between them whole."""
    assert per_fill("10000 40", "1050 35", "11000 35", "11500 30") == [0, 0, 7, 6]


def test_an_odometer_written_too_high_is_not_believed() -> None:
    """One slip above its neighbours leaves the interval between them whole."""
    assert per_fill("10000 40", "19500 35", "11000 35", "11500 30") == [0, 0, 7, 6]


def test_a_meter_that_was_set_back_breaks_the_interval() -> None:
    """Where the meter starts anew, the distance to it is unknown, and never negative."""
    result = economy("10000 40", "10500 35", "100 50", "600 30")

    assert [one.per_100km for one in result.intervals] == [7.0, 6.0]
    assert result.distance_m == 1_000_000


def test_a_meter_that_was_set_back_goes_on_by_the_trip() -> None:
    """A trip tells the distance that a new meter cannot."""
    assert per_fill("10000 40", "10500 35", "100 42 trip=600", "600 30") == [0, 7, 7, 6]


def test_a_last_odometer_that_falls_tells_nothing_yet() -> None:
    """Nothing after it says whether the slip was high, low or a new meter."""
    assert per_fill("10000 40", "10500 35", "1100 50") == [0, 7, 0]


def test_costs_are_kept_per_currency() -> None:
    """An interval over two currencies has two sums."""
    result = economy("0 40 cost=1", "500 20 partial cost=3000", "1000 50 cost=250 in=CZK")

    assert result.intervals[0].cost_minor == {"EUR": 3000, "CZK": 250}
    assert result.cost_minor == {"EUR": 3001, "CZK": 250}


def test_an_interval_tells_where_it_opened_and_how_many_fills_it_counts() -> None:
    """Opening and closing fill, the fills in between and the last, and the method are named."""
    interval = economy("0 40", "500 20 partial", "1000 50").intervals[0]

    assert (interval.opening_id, interval.closing_id) == (UUID(int=1), UUID(int=3))
    assert (interval.fills, interval.method) == (2, Method.FULL_TO_FULL)


def test_best_and_worst_are_intervals() -> None:
    """Best takes least, worst takes most."""
    result = economy("0 40", "1000 70", "2000 60", "3000 80")

    assert (result.best, result.worst) == (result.intervals[1], result.intervals[2])


def test_fills_of_one_instant_are_ordered_by_odometer() -> None:
    """A log that knows only days still runs forward along the road."""
    fills = log("600 30 day=1", "0 40 day=1", "1000 30 day=2", "300 18 day=1")

    assert [one.distance_m for one in economy_of(fills).intervals] == [300_000, 300_000, 400_000]
