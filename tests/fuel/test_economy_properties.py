"""What holds for the economy of any log."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleetcore.fuel.economy import Economy, EconomyFill, economy_of

from .builders import START


@st.composite
def logs(draw: st.DrawFn, *, with_charges: bool = False) -> list[EconomyFill]:
    """Draw a log along a rising odometer, some rows without one, some with trips, on distinct days."""
    odometer_m, rows = 0, []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        trip_m = draw(st.sampled_from([0, 1, 500_000]) | st.integers(0, 900_000))
        odometer_m += trip_m
        rows.append(
            EconomyFill(
                id=UUID(int=number * 1000),
                at=START + timedelta(days=number),
                odometer_m=odometer_m if draw(st.integers(0, 5)) else None,
                quantity=draw(st.integers(2, 80_000)),
                total_minor=draw(st.integers(0, 10_000)),
                currency=draw(st.sampled_from(["EUR", "CZK"])),
                is_full=draw(st.booleans()),
                missed_previous=draw(st.integers(0, 9)) == 0,
                trip_m=trip_m if draw(st.integers(0, 5)) == 0 else None,
                excluded_m=draw(st.sampled_from([0, 0, 0, 20_000])),
                end_soc_percent=draw(st.sampled_from([None, 80, 90, 100])) if with_charges else None,
            )
        )
    return rows


ANY_LOG = logs() | logs(with_charges=True)


def figures(economy: Economy) -> list[tuple[UUID, int, int]]:
    """Return what each interval says, without how it was put together."""
    return [(one.closing_id, one.distance_m, one.quantity) for one in economy.intervals]


def naive(rows: Sequence[EconomyFill]) -> list[tuple[UUID, int, int]]:
    """Walk full to full, the plain way, over rows that all have odometers."""
    found, opening, pending, excluded = [], None, 0, 0
    for row in rows:
        if row.missed_previous:
            opening = None
        pending, excluded = pending + row.quantity, excluded + row.excluded_m
        if row.is_full:
            distance = row.odometer_m - opening.odometer_m - excluded if opening else 0
            if distance > 0:
                found.append((row.id, distance, pending))
            if distance > 0 or opening is None:
                opening, pending, excluded = row, 0, 0
    return found


@given(logs())
def test_full_to_full_equals_the_plain_walk(rows: list[EconomyFill]) -> None:
    """The chain of longest cover is, for full tanks, what one gets by walking from tank to tank."""
    known = [row for row in rows if row.odometer_m is not None]

    assert figures(economy_of(known)) == naive(known)


@given(ANY_LOG, st.integers(0, 10**6))
def test_the_order_of_entry_is_irrelevant(rows: list[EconomyFill], seed: int) -> None:
    """A log is put in order by time, whatever order it was typed in."""
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - only an order

    assert economy_of(shuffled) == economy_of(rows)


@given(ANY_LOG)
def test_intervals_fit_into_the_distance_driven(rows: list[EconomyFill]) -> None:
    """Intervals follow each other, are longer than nothing and together not longer than the road."""
    result = economy_of(rows)
    row_of = {row.id: row for row in rows}

    assert all(one.distance_m > 0 for one in result.intervals)
    assert (
        result.closed_distance_m
        <= result.distance_m
        <= sum(row.trip_m or 0 for row in rows) + max((row.odometer_m or 0 for row in rows), default=0)
    )
    assert all(row_of[one.opening_id].at < row_of[one.closing_id].at for one in result.intervals)
    assert all(before.closed_at <= after.opened_at for before, after in pairwise(result.intervals))
    assert result.closed_quantity <= result.quantity


@given(ANY_LOG, st.integers(0, 900_000), st.integers(1, 80_000))
def test_a_trailing_partial_fill_changes_nothing(rows: list[EconomyFill], distance_m: int, quantity: int) -> None:
    """What is not closed yet is in no interval."""
    last = max(row.odometer_m or 0 for row in rows)
    trailing = EconomyFill(
        id=UUID(int=1),
        at=START + timedelta(days=99),
        odometer_m=last + distance_m,
        quantity=quantity,
        is_full=False,
    )

    after, before = economy_of([*rows, trailing]), economy_of(rows)

    # A new odometer may tie loose ends at the end of the log; with one there already, there are none.
    assume(rows[-1].odometer_m is not None)
    assert after.intervals == before.intervals
    assert after.per_100km == before.per_100km


@given(ANY_LOG, st.data())
def test_a_fill_split_in_two_changes_no_consumption(rows: list[EconomyFill], data: st.DataObject) -> None:
    """Two pumps instead of one, at one odometer, are the same fuel over the same road."""
    index = data.draw(st.integers(0, len(rows) - 1))
    whole = rows[index]
    part = data.draw(st.integers(1, whole.quantity - 1))
    first = whole._replace(
        id=UUID(int=1),
        quantity=part,
        is_full=False,
        end_soc_percent=None,
        total_minor=0,
        excluded_m=0,
    )
    second = whole._replace(quantity=whole.quantity - part, missed_previous=False, trip_m=None)
    assume(whole.odometer_m is not None)

    split = economy_of([*rows[:index], first, second, *rows[index + 1 :]])

    assume(not whole.missed_previous)
    assert figures(split) == figures(economy_of(rows))


@given(ANY_LOG, st.integers(2, 9))
def test_consumption_scales_with_quantity_and_against_distance(rows: list[EconomyFill], factor: int) -> None:
    """Twice the fuel is twice the consumption, twice the road is half of it; the intervals stay."""
    more = [row._replace(quantity=row.quantity * factor) for row in rows]
    further = [
        row._replace(
            odometer_m=None if row.odometer_m is None else row.odometer_m * factor,
            trip_m=None if row.trip_m is None else row.trip_m * factor,
            excluded_m=row.excluded_m * factor,
        )
        for row in rows
    ]
    base = economy_of(rows).per_100km
    assume(base is not None)

    assert economy_of(more).per_100km == pytest.approx(base * factor)
    assert economy_of(further).per_100km == pytest.approx(base / factor)


@given(st.lists(st.none() | st.integers(0, 9), max_size=12), st.randoms(use_true_random=False))
def test_no_odometer_makes_a_negative_distance(odometers: list[int | None], dice: random.Random) -> None:
    """Whatever was accepted as an odometer, no interval and no total is negative."""
    rows = [
        EconomyFill(
            id=UUID(int=number + 1),
            at=START + timedelta(days=number),
            odometer_m=odometer,
            quantity=1000,
            trip_m=dice.choice([None, None, 3]),
        )
        for number, odometer in enumerate(odometers)
    ]

    result = economy_of(rows)

    assert result.distance_m >= result.closed_distance_m >= 0
    assert all(one.distance_m > 0 for one in result.intervals)
