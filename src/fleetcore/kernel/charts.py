"""Charts as SVG that stands in a page: drawn here, without scripts, with a name and a description in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from attrs import frozen

from .html import Markup, element, fragment

__all__ = ["Point", "bar_chart", "line_chart"]

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 92, 20, 12, 26  # room for the words around the drawing
TICKS = 4
LABELS_MAX = 8
POINTS_MAX = 400  # more cannot be told apart at this size


@frozen
class Point:
    """One value of a line: where it stands on the axis, how high, and whether it looks odd."""

    x: float
    y: float
    is_odd: bool = False


def nice_step(span: float, steps: int = TICKS) -> float:
    """Return the round distance (1, 2, 2.5 or 5 times a power of ten) that divides *span* into at most *steps*."""
    if not math.isfinite(span) or span <= 0:
        return 1.0
    raw = span / steps
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))


def line_chart(
    points: Sequence[Point],
    *,
    title: str,
    description: str,
    y_label: Callable[[float], str],
    x_marks: Sequence[tuple[float, str]],
) -> Markup:
    """Draw *points*, in the order of their x, as a line; *x_marks* are places on the axis with their words.

    Nothing is drawn for fewer than two places on the axis.
    """
    if len({point.x for point in points}) < 2:
        return Markup("")
    drawn = _thinned(points)
    low_x, high_x = drawn[0].x, drawn[-1].x
    low, high, step = _scale([point.y for point in drawn])

    def x_of(value: float) -> float:
        return LEFT + (value - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)

    def y_of(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    way = " ".join(f"{x_of(point.x):.1f},{y_of(point.y):.1f}" for point in drawn)
    marks = [(x_of(at), words) for at, words in x_marks if low_x <= at <= high_x]
    return _chart(
        title,
        description,
        _grid(low, high, step, y_of, y_label),
        _x_labels(marks),
        element("polyline", points=way, class_="line"),
        [_dot(x_of(point.x), y_of(point.y)) for point in points if point.is_odd],
    )


def bar_chart(
    bars: Sequence[tuple[str, float]], *, title: str, description: str, y_label: Callable[[float], str]
) -> Markup:
    """Draw one bar, from zero, for each (words, value); negative values hang below."""
    if not bars:
        return Markup("")
    low, high, step = _scale([0.0, *(value for _, value in bars)])
    room = (WIDTH - LEFT - RIGHT) / len(bars)

    def y_of(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def bar(index: int, value: float) -> Markup:
        top, bottom = sorted((y_of(value), y_of(0.0)))
        left = LEFT + index * room + room * 0.15
        sizes = {"x": left, "y": top, "width": room * 0.7, "height": bottom - top}
        return element("rect", class_="bar", **{name: f"{size:.1f}" for name, size in sizes.items()})

    marks = [(LEFT + (index + 0.5) * room, words) for index, (words, _) in enumerate(bars)]
    return _chart(
        title,
        description,
        _grid(low, high, step, y_of, y_label),
        _x_labels(marks),
        [bar(index, value) for index, (_, value) in enumerate(bars)],
    )


def _chart(title: str, description: str, *children: Markup | Sequence[Markup]) -> Markup:
    drawing = element(
        "svg",
        element("title", title),
        element("desc", description),
        *children,
        class_="chart",
        role="img",
        aria_label=f"{title}. {description}",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
    )
    return element("figure", drawing, element("figcaption", description))


def _scale(values: Sequence[float]) -> tuple[float, float, float]:
    low, high = min(values), max(values)
    step = nice_step(high - low)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return (low, high, step) if high > low else (low, low + step, step)


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Return a few hundred of *points*: the first, the last and every odd one among them."""
    if len(points) <= POINTS_MAX:
        return list(points)
    every = (len(points) - 1) / (POINTS_MAX - 1)
    kept = {round(index * every) for index in range(POINTS_MAX)}
    return [point for index, point in enumerate(points) if index in kept or point.is_odd]


def _grid(
    low: float, high: float, step: float, y_of: Callable[[float], float], y_label: Callable[[float], str]
) -> Markup:
    lines = []
    for index in range(round((high - low) / step) + 1):
        value = low + index * step
        y = f"{y_of(value):.1f}"
        kind = "axis" if abs(value) < step / 1000 or index == 0 else "grid"
        lines.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=kind))
        lines.append(element("text", y_label(value), x=LEFT - 6, y=y, dy="0.35em", text_anchor="end"))
    return fragment(lines)


def _x_labels(marks: Sequence[tuple[float, str]]) -> Markup:
    every = max(math.ceil(len(marks) / LABELS_MAX), 1)
    y = HEIGHT - 8
    return fragment([element("text", words, x=f"{x:.1f}", y=y, text_anchor="middle") for x, words in marks[::every]])


def _dot(x: float, y: float) -> Markup:
    return element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4, class_="odd")
