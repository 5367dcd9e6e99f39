"""Consumption of what is charged, between equal states of charge, and of vehicles with two carriers."""

from __future__ import annotations

import pytest

from fleetcore.fuel.economy import Method

from .builders import economy, per_fill


def test_charges_to_the_same_state_of_charge_make_an_interval() -> None:
    """What was charged after the first up to and including the last was used between them."""
    assert per_fill("1000 30 soc=80", "1100 5 soc=60", "1300 49 soc=80") == [0, 0, 18]


def test_the_state_of_charge_need_not_be_full() -> None:
    """An interval by state of charge says so."""
    interval = economy("1000 30 soc=80", "1200 36 soc=80").intervals[0]

    assert (interval.per_100km, interval.method) == (18.0, Method.STATE_OF_CHARGE)


def test_two_charges_without_moving_have_no_economy() -> None:
    """Without distance there is nothing to divide by; the energy waits for the next interval."""
    assert per_fill("1000 30 soc=80", "1000 2 soc=80", "1200 34 soc=80") == [0, 0, 18]


def test_charges_to_different_states_have_no_economy() -> None:
    """Unequal levels cannot be compared."""
    assert economy("1000 30 soc=80", "1200 36 soc=90").per_100km is None


def test_a_full_charge_without_a_state_is_a_hundred_percent() -> None:
    """A log that began with full charges goes on with states of charge."""
    result = economy("1000 30", "1200 36", "1400 38 soc=100")

    assert [one.per_100km for one in result.intervals] == [18.0, 19.0]
    assert [one.method for one in result.intervals] == [Method.FULL_TO_FULL, Method.STATE_OF_CHARGE]


def test_the_state_of_charge_decides_over_the_full_flag() -> None:
    """A charge to 80 % that is flagged full is one to 80 %."""
    assert per_fill("1000 30", "1200 36 soc=80", "1400 40 soc=100") == [0, 0, 19]


def test_overlapping_chains_are_not_counted_twice() -> None:
    """Of the chains 80, 80, 80 and 100, 100 the one that covers more distance counts, once."""
    result = economy("0 1 soc=80", "100 20 soc=100", "200 14 soc=80", "300 20 soc=100", "400 14 soc=80")

    assert (result.closed_distance_m, result.closed_quantity) == (400_000, 68_000)
    assert len(result.intervals) == 2


def test_a_long_interval_is_better_than_a_short_one_inside_it() -> None:
    """Two full charges inside a longer interval do not hide most of the distance."""
    result = economy("0 1 soc=80", "100 20 soc=100", "200 18 soc=100", "500 50 soc=80")

    assert [one.distance_m for one in result.intervals] == [500_000]


def test_a_missed_charge_breaks_the_chain_of_every_level() -> None:
    """After a charge that was not recorded, no earlier level can be compared with a later one."""
    lines = ("0 1 soc=80", "100 9 soc=60", "200 30 soc=80 missed", "300 12 soc=60", "400 24 soc=80")

    assert per_fill(*lines) == [0, 0, 0, 0, 18]


def test_each_carrier_of_a_hybrid_is_taken_over_the_whole_distance() -> None:
    """Petrol and electricity are two logs along one odometer, each over every kilometre driven."""
    petrol = economy("10000 40", "11000 25", "12000 15")
    electricity = economy("10000 8 soc=100", "10050 8 soc=100", "12000 80 soc=100")

    assert petrol.per_100km == pytest.approx(2.0)
    assert electricity.per_100km == pytest.approx(4.4)
    assert petrol.distance_m == electricity.distance_m == 2_000_000
