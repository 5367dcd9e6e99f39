"""Marks: the parts of a drawing as SVG, placed by shares of its width and height; looks come from classes alone.

A drawing is stretched to the room it gets, while the widths of its lines stay, so points are strokes without length.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fleetcore.kernel.html import Markup, element, fragment

__all__ = [
    "HEIGHT",
    "WIDTH",
    "area",
    "grid",
    "line",
    "pattern_id",
    "patterns",
    "points",
    "rectangle",
    "swatch",
    "tracks",
]

WIDTH, HEIGHT = 1000, 400
Place = tuple[float, float]  # shares of the width from the left, and of the height from the bottom
CELL = (24, 20)
HATCHES = {
    2: "M0 20 L24 0",
    3: "M0 10 H24",
    4: "M12 0 V20",
    5: "M0 20 L24 0 M0 0 L24 20",
    6: "M12 10 h0.01",
}


# The same in a key of 40 by 20, which is never stretched.
SWATCHES = {
    2: "M-4 20 L20 0 M8 20 L32 0 M20 20 L44 0",
    3: "M0 7 H40 M0 14 H40",
    4: "M8 0 V20 M20 0 V20 M32 0 V20",
    5: "M0 20 L20 0 M20 20 L40 0 M0 0 L20 20 M20 0 L40 20",
    6: "M8 10 h0.01 M20 10 h0.01 M32 10 h0.01",
}


def _x(share: float) -> str:
    return _number(share * WIDTH)


def _y(share: float) -> str:
    return _number((1 - share) * HEIGHT)


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("a place in a drawing is a number")
    return f"{value:.1f}".removesuffix(".0")


def grid(rows: int, columns: int = 0) -> Markup:
    """Draw the lines of *rows* and *columns* equal steps; the lowest one is the axis."""
    across = [(f"M0 {_y(count / rows)} H{WIDTH}", "axis" if count == 0 else "grid") for count in range(rows + 1)]
    down = [(f"M{_x(count / columns)} 0 V{HEIGHT}", "grid") for count in range(columns + 1)] if columns else []
    return fragment([element("path", d=way, class_=kind) for way, kind in (*down, *across)])


def line(places: Sequence[Place], kind: str) -> Markup:
    """Draw a line through *places*."""
    return element("path", d="M" + " L".join(f"{_x(x)} {_y(y)}" for x, y in places), class_=f"line {kind}")


def points(places: Iterable[Place], kind: str) -> Markup:
    """Draw a point at each of *places*, and what makes those of some series hollow."""
    way = " ".join(f"M{_x(x)} {_y(y)} h0.01" for x, y in places)
    return fragment(element("path", d=way, class_=f"point {kind}"), element("path", d=way, class_=f"hole {kind}"))


def area(upper: Sequence[Place], lower: Sequence[Place], kind: str) -> Markup:
    """Fill what lies between two lines."""
    way = [*upper, *reversed(lower)]
    return element("path", d="M" + " L".join(f"{_x(x)} {_y(y)}" for x, y in way) + " Z", class_=f"band {kind}")


def rectangle(across: Place, up: Place, series: int, chart: str) -> Markup:
    """Draw one piece of a bar between two shares of the width and two of the height; all but series 1 are hatched."""
    (left, right), (bottom, top) = across, sorted(up)
    return element(
        "rect",
        x=_x(left),
        y=_y(top),
        width=_number((right - left) * WIDTH),
        height=_number((top - bottom) * HEIGHT),
        class_=f"bar s{series}",
        fill=f"url(#{pattern_id(chart, series)})" if series in HATCHES else None,
    )


def swatch(series: int) -> Markup:
    """Draw how a piece of a bar looks, for its key."""
    box = {"x": 1, "y": 1, "width": 38, "height": 18}
    if series not in SWATCHES:
        return element("rect", **box, class_=f"bar s{series}")
    way = element("path", d=SWATCHES[series], class_=f"hatch s{series}{' dots' if series == 6 else ''}")
    return fragment(element("rect", **box, class_=f"wash s{series}"), way)


def pattern_id(chart: str, series: int) -> str:
    """Return the id of the hatching of a series."""
    return f"{chart}-hatch-{series}"


def patterns(chart: str, series: Iterable[int]) -> Markup:
    """Define the hatchings of *series*."""
    width, height = CELL
    return element(
        "defs",
        [
            element(
                "pattern",
                element("rect", width=width, height=height, class_=f"wash s{number}"),
                element("path", d=HATCHES[number], class_=f"hatch s{number}{' dots' if number == 6 else ''}"),
                id=pattern_id(chart, number),
                width=width,
                height=height,
                patternUnits="userSpaceOnUse",
            )
            for number in series
            if number in HATCHES
        ],
    )


def tracks(since: float, until: float, at: float | None, columns: int) -> Markup:
    """Draw one row of a calendar: its months, the stretch that is likely, and the day."""
    return fragment(
        grid(1, columns),
        element("rect", x=_x(since), y=120, width=_number(max(until - since, 0) * WIDTH), height=160, class_="band s1")
        if until > since
        else None,
        points([(at, 0.5)], "s1") if at is not None else None,
    )
