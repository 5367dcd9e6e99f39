"""Figures: a drawing with its labels, the sentence that says what is to be seen, and the table of the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from attrs import frozen

from fleetcore.kernel.html import Markup, element, fragment

from .marks import HEIGHT, WIDTH, area, grid, line, patterns, points, rectangle, swatch
from .scales import DayScale, NumberScale

__all__ = ["SERIES_MAX", "Bar", "Curve", "Figure", "Key", "Label", "Stack", "Strip", "Table", "curves", "stacks"]

SERIES_MAX = 6
LABELS_MAX = 12
POINTS_MAX = 60  # more run into each other
BAR_SHARE = 0.72
NOTHING = Markup("")


@frozen(kw_only=True)
class Table:
    """The numbers of a figure; the columns from *numbers_from* on hold numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1


@frozen
class Label:
    """What stands at a place of an axis; small screens leave *minor* ones out."""

    text: str
    is_minor: bool = False


@frozen
class Key:
    """How a series looks: its number, and whether it is a line, points, a band or bars."""

    series: int
    kind: str
    text: str

    @property
    def drawing(self) -> Markup:
        """What a bar of the series looks like."""
        return swatch(self.series)


@frozen(kw_only=True)
class Strip:
    """One row of a list beside which something is drawn: a bar, or a day in a calendar."""

    label: str
    value: str
    drawing: Markup
    note: str = ""
    is_urgent: bool = False
    to: str = ""


@frozen(kw_only=True)
class Figure:
    """One chart as it stands on a page; one without *drawing* and *strips* says in *empty* what it waits for.

    *levels* stand beside the drawing from the top, *stops* below it: at the lines of the grid, or under each bar.
    """

    id: str
    title: str
    says: str = ""
    note: str = ""
    unit: str = ""
    drawing: Markup = NOTHING
    levels: tuple[Label, ...] = ()
    stops: tuple[Label, ...] = ()
    stops_under_bars: bool = False
    keys: tuple[Key, ...] = ()
    strips: tuple[Strip, ...] = ()
    strip_stops: tuple[Label, ...] = ()
    table: Table | None = None
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.drawing or self.strips)


@frozen(kw_only=True)
class Curve:
    """A series of (day, value), oldest first: joined by a line, with a point at each value, or a dashed guide."""

    series: int
    name: str
    places: tuple[tuple[date, float], ...]
    has_points: bool = True
    is_guide: bool = False
    upper: tuple[tuple[date, float], ...] = ()  # with *lower*: a band
    lower: tuple[tuple[date, float], ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """Every value that must fit."""
        return tuple(value for _, value in (*self.places, *self.upper, *self.lower))

    @property
    def kind(self) -> str:
        """What its key shows."""
        if self.upper:
            return "band"
        if self.is_guide:
            return "guide"
        return "points" if self.shows_points else "line"

    @property
    def shows_points(self) -> bool:
        """Whether its points can be told apart; one that has no line always shows them."""
        return self.has_points and 0 < len(self.places) <= POINTS_MAX


def curves(
    figure: Callable[..., Figure],
    found: Sequence[Curve],
    *,
    level: Callable[[float, int], str],
    stop: Callable[[date, bool], str],
    from_zero: bool = False,
) -> Figure:
    """Draw curves over time.

    *level* writes a value with so many decimals, *stop* a tick, and whether it is the first of its year.
    """
    days = [day for curve in found for day, _ in (*curve.places, *curve.upper)]
    across = DayScale.of(min(days), max(days))
    up = NumberScale.of([value for curve in found for value in curve.values], from_zero=from_zero)

    def at(places: Sequence[tuple[date, float]]) -> list[tuple[float, float]]:
        return [(across.place(day), up.place(value)) for day, value in places]

    parts = [grid(up.steps, across.steps)]
    parts += [area(at(curve.upper), at(curve.lower), f"s{curve.series}") for curve in found if curve.upper]
    for curve in found:
        kind = f"s{curve.series}{' guide' if curve.is_guide else ''}"
        parts += [line(at(curve.places), kind)] if len(curve.places) > 1 else []
        parts += [points(at(curve.places), kind)] if curve.shows_points else []
    ticks = across.ticks
    return figure(
        drawing=_svg(*parts),
        levels=tuple(Label(level(value, up.decimals)) for value in reversed(up.ticks)),
        stops=tuple(
            Label(stop(day, count == 0 or ticks[count - 1].year != day.year), count % 2 == 1)
            for count, day in enumerate(ticks[:-1])  # a label begins at its line; none begins at the last
        ),
        keys=tuple(Key(curve.series, curve.kind, curve.name) for curve in found),
    )


@frozen
class Bar:
    """One bar: what stands under it, and the value of each series by its number."""

    label: str
    parts: Mapping[int, float]


@frozen(kw_only=True)
class Stack:
    """Bars beside each other whose parts stand on each other, with the names of the series by their numbers."""

    chart: str
    bars: tuple[Bar, ...]
    names: Mapping[int, str]


def stacks(figure: Callable[..., Figure], found: Stack, *, level: Callable[[float, int], str]) -> Figure:
    """Draw bars of parts: what costs stands on the axis, what came back hangs below it."""
    sums = [
        sum(value for value in bar.parts.values() if (value > 0) is is_up)
        for bar in found.bars
        for is_up in (True, False)
    ]
    up = NumberScale.of(sums, from_zero=True)
    room = 1 / max(len(found.bars), 1)
    parts = [patterns(found.chart, found.names), grid(up.steps)]
    for place, bar in enumerate(found.bars):
        left = (place + (1 - BAR_SHARE) / 2) * room
        reached = {True: 0.0, False: 0.0}
        for series, value in sorted(bar.parts.items()):
            if not value:
                continue
            start = reached[value > 0]
            reached[value > 0] = start + value
            bottom, top = up.place(start), up.place(start + value)
            parts.append(rectangle((left, left + room * BAR_SHARE), (bottom, top), series, found.chart))
    every = -(-len(found.bars) // LABELS_MAX)
    return figure(
        drawing=_svg(*parts),
        levels=tuple(Label(level(value, up.decimals)) for value in reversed(up.ticks)),
        stops=tuple(
            Label(bar.label if place % every == 0 else "", place // every % 2 == 1 and len(found.bars) > 4)
            for place, bar in enumerate(found.bars)
        ),
        stops_under_bars=True,
        keys=tuple(Key(series, "bar", name) for series, name in sorted(found.names.items())),
    )


def _svg(*parts: Markup) -> Markup:
    return fragment(
        element(
            "svg",
            *parts,
            class_="drawing",
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            preserveAspectRatio="none",
            focusable="false",
            aria_hidden="true",
        )
    )
