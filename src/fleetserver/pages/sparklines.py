"""Sparklines: a few values as one small line, drawn as SVG without any style, with a name that can be read aloud."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

__all__ = ["HEIGHT", "WIDTH", "Sparkline", "sparkline"]

WIDTH, HEIGHT = 120, 32
MARGIN = 4  # so that neither the line nor its last point is cut
FEWEST = 3  # two values are no course


@frozen(kw_only=True)
class Sparkline:
    """The points of a line as SVG wants them, and where the newest value stands."""

    points: str
    last_x: float
    last_y: float
    count: int


def sparkline(values: Sequence[float]) -> Sparkline | None:
    """Return the line of *values*, oldest first; None for so few that they show no course. Equal ones are level."""
    if len(values) < FEWEST:
        return None
    low, high = min(values), max(values)
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    height = HEIGHT - 2 * MARGIN

    def level(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - MARGIN - share * height, 1)

    found = [(round(MARGIN + place * step, 1), level(value)) for place, value in enumerate(values)]
    return Sparkline(
        points=" ".join([f"{x:g},{y:g}" for x, y in found]),
        last_x=found[-1][0],
        last_y=found[-1][1],
        count=len(values),
    )
