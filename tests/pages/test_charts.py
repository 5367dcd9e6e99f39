"""Charts: round ticks that hold every value, drawings without a place that is no number, tables that say the same."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fleetserver
from fleetserver.pages.charts.figures import Bar, Curve, Figure, Stack, curves, stacks
from fleetserver.pages.charts.marks import HEIGHT, WIDTH
from fleetserver.pages.charts.scales import DayScale, NumberScale

NUMBERS = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda value: round(value, 3))
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@given(st.lists(NUMBERS, min_size=1, max_size=30), st.booleans())
def test_an_axis_of_numbers_holds_every_value(values: list[float], from_zero: bool) -> None:
    """The first tick is not above the least value, the last not below the greatest, and zero is there if asked."""
    axis = NumberScale.of(values, from_zero=from_zero)
    slack = axis.step * 1e-6
    assert axis.low - slack <= min(values)
    assert max(values) <= axis.high + slack
    assert not from_zero or axis.low - slack <= 0 <= axis.high + slack
    assert all(0 <= axis.place(value) <= 1 for value in values)


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_ticks_are_round_and_few(values: list[float]) -> None:
    """Steps are 1, 2, 2.5 or 5 times a power of ten; every tick is a multiple of the step; there are two to eight."""
    axis = NumberScale.of(values)
    leading = axis.step / 10 ** math.floor(math.log10(axis.step) + 1e-9)
    assert min(abs(leading - factor) for factor in (1, 2, 2.5, 5)) < 1e-6
    assert all(abs(tick / axis.step - round(tick / axis.step)) < 1e-6 for tick in axis.ticks)
    assert 2 <= len(axis.ticks) <= 8


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_ticks_are_told_apart(values: list[float]) -> None:
    """Written with the decimals of the axis, no two ticks read alike."""
    axis = NumberScale.of(values)
    written = [f"{tick:.{axis.decimals}f}" for tick in axis.ticks]
    assert len(set(written)) == len(written)


@given(NUMBERS, NUMBERS, st.lists(NUMBERS, min_size=2, max_size=10))
def test_what_is_more_stands_higher(one: float, other: float, values: list[float]) -> None:
    """Places never fall while values rise."""
    axis = NumberScale.of([one, other, *values])
    assert (one <= other) is (axis.place(one) <= axis.place(other)) or axis.place(one) == axis.place(other)


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf], [0.0], [7.3, 7.3]])
def test_nothing_and_one_value_have_an_axis_too(values: list[float]) -> None:
    """There is always room between the first tick and the last."""
    axis = NumberScale.of(values)
    assert axis.high > axis.low
    assert all(math.isfinite(tick) for tick in axis.ticks)


@given(DAYS, DAYS)
def test_an_axis_of_days_holds_both_ends(one: date, other: date) -> None:
    """Ticks stand at equal distances, the first at the beginning, the last at the end, and are few."""
    axis = DayScale.of(one, other)
    ticks = axis.ticks
    assert ticks[0] <= min(one, other)
    assert max(one, other) <= ticks[-1]
    assert 2 <= len(ticks) <= 9
    assert all(abs(axis.place(tick) - count / (len(ticks) - 1)) < 1e-9 for count, tick in enumerate(ticks))


@given(DAYS, st.integers(min_value=62, max_value=60_000))
def test_ticks_of_long_times_are_firsts_of_months(first: date, days: int) -> None:
    """Those of many years are Januaries."""
    axis = DayScale.of(first, first + timedelta(days=days))
    assert {tick.day for tick in axis.ticks} == {1}
    assert axis.months < 12 or {tick.month for tick in axis.ticks} == {1}


@given(DAYS, st.integers(min_value=0, max_value=4000), st.integers(min_value=0, max_value=4000))
def test_what_is_later_stands_further(first: date, one: int, more: int) -> None:
    """Places never fall while days rise."""
    days = [first, first + timedelta(days=one), first + timedelta(days=one + more)]
    axis = DayScale.of(days[0], days[-1])
    places = [axis.place(day) for day in days]
    assert places == sorted(places)


def drawn(figure: Figure) -> ElementTree.Element:
    """Return the drawing, which must be well-formed and hold no place outside itself or that is no number."""
    tree = ElementTree.fromstring(figure.drawing)  # noqa: S314 - it is our own
    for each in tree.iter():
        assert "style" not in each.attrib
        if "hatch" in each.attrib.get("class", ""):
            continue  # of one cell of a pattern
        for part in re.findall(r"[MLHV]([^MLHVZh]*)", each.attrib.get("d", "")):
            for count, number in enumerate(NUMBER.findall(part)):
                assert 0 <= float(number) <= max(WIDTH, HEIGHT), (each.attrib, count)
        if each.tag == "rect" and "bar" in each.attrib["class"]:
            assert float(each.attrib["x"]) + float(each.attrib["width"]) <= WIDTH + 0.1
            assert float(each.attrib["y"]) + float(each.attrib["height"]) <= HEIGHT + 0.1
    return tree


def level(value: float, decimals: int) -> str:
    """Write a tick."""
    return f"{value:.{decimals}f}"


FIGURE = partial(Figure, id="x", title="x")


@given(st.lists(st.tuples(DAYS, NUMBERS), min_size=1, max_size=80, unique_by=lambda place: place[0]))
def test_a_curve_is_drawn_whole_and_within_its_frame(places: list[tuple[date, float]]) -> None:
    """One place of the line for each value, one label for each line of the grid."""
    curve = Curve(series=1, name="a", places=tuple(sorted(places)))
    figure = curves(FIGURE, [curve], level=level, stop=lambda day, _: str(day))
    tree = drawn(figure)
    lines = [each for each in tree.iter() if each.attrib.get("class") == "line s1"]
    assert len(places) == (lines[0].attrib["d"].count("L") + 1 if lines else 1)
    dots = [each for each in tree.iter() if each.attrib.get("class") == "point s1"]
    assert [len(places)] == [each.attrib["d"].count("M") for each in dots] or len(places) > 60
    grids = [each for each in tree.iter() if each.attrib.get("class") in {"grid", "axis"}]
    assert len(grids) == len(figure.levels) + len(figure.stops) + 1  # no label begins at the last one


@given(st.lists(st.dictionaries(st.integers(1, 6), NUMBERS, max_size=6), min_size=1, max_size=40))
def test_bars_stack_without_gap_or_overlap(parts: list[dict[int, float]]) -> None:
    """The heights of the pieces of a bar are as their values are, above the axis and below it."""
    stack = Stack(chart="c", bars=tuple(Bar(str(count), each) for count, each in enumerate(parts)), names={1: "a"})
    tree = drawn(stacks(FIGURE, stack, level=level))
    pieces = [each for each in tree.iter("rect") if "bar" in each.attrib["class"]]
    assert len(pieces) == sum(1 for each in parts for value in each.values() if value)
    axis = NumberScale.of(
        [sum(v for v in each.values() if (v > 0) is is_up) for each in parts for is_up in (True, False)],
        from_zero=True,
    )
    values = [value for each in parts for _, value in sorted(each.items()) if value]
    for piece, value in zip(pieces, values, strict=True):
        assert abs(float(piece.attrib["height"]) - abs(value) / (axis.high - axis.low) * HEIGHT) < 0.2


def test_a_place_that_is_no_number_is_never_drawn() -> None:
    """It fails where it is made, and not in somebody's browser."""
    curve = Curve(series=1, name="a", places=((date(2026, 1, 1), 1.0), (date(2026, 2, 1), math.nan)))
    with pytest.raises(ValueError, match="is a number"):
        curves(FIGURE, [curve], level=level, stop=lambda day, _: str(day))


def test_every_series_differs_by_more_than_its_colour() -> None:
    """Each has a hatching or is solid, and a dash, a point or a hole of its own."""
    sheet = (Path(fleetserver.__file__).parent / "static/css/53-charts.css").read_text()
    assert ".line.s3:not(.guide) { stroke-dasharray" in sheet
    assert ".point:is(.s2, .s4, .s6) { stroke-linecap: square" in sheet
    assert ".hole:is(.s3, .s4, .s5) { display: inline" in sheet
    names = {number: str(number) for number in range(1, 7)}
    stack = Stack(chart="c", bars=(Bar("x", dict.fromkeys(names, 1.0)),), names=names)
    tree = drawn(stacks(FIGURE, stack, level=level))
    fills = [each.attrib.get("fill") for each in tree.iter("rect") if "bar" in each.attrib["class"]]
    assert len(set(fills)) == 6
    assert len({each.attrib["d"] for each in tree.iter() if "hatch" in each.attrib.get("class", "")}) == 5
