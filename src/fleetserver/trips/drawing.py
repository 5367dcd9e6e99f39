"""The way of a trip as a picture: what is stored of it, to scale; the place of a point is a number of the picture."""

from __future__ import annotations

from math import cos, hypot, radians

from attrs import frozen

from fleetcore.trips.model import Trip

__all__ = ["Point", "Track", "track_of"]

WIDTH, HEIGHT, MARGIN = 640.0, 360.0, 40.0
METRES_PER_DEGREE = 111_320.0  # of latitude, on a sphere
GRID_LINES_MAX = 8


@frozen
class Point:
    """A place in the picture, from its upper left corner."""

    x: float
    y: float


@frozen(kw_only=True)
class Track:
    """A way from *start* to *end* as the crow flies, with lines of a grid *grid_km* apart."""

    start: Point
    end: Point
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    grid_km: float
    straight_km: float


def track_of(trip: Trip) -> Track | None:
    """Return the picture of a trip; None where the places of its ends are not stored."""
    ends = (trip.start_latitude, trip.start_longitude, trip.end_latitude, trip.end_longitude)
    if any(each is None for each in ends):
        return None
    north, west, south, east = (float(each or 0.0) for each in ends)
    metres_x = (east - west) * METRES_PER_DEGREE * cos(radians((north + south) / 2))
    metres_y = (north - south) * METRES_PER_DEGREE  # down the picture
    scale = min(
        (WIDTH - 2 * MARGIN) / max(abs(metres_x), 100.0),
        (HEIGHT - 2 * MARGIN) / max(abs(metres_y), 100.0),
    )
    middle_x, middle_y = WIDTH / 2, HEIGHT / 2
    step = next(each for each in _steps() if WIDTH / (each * 1000 * scale) <= GRID_LINES_MAX)
    gap = step * 1000 * scale
    return Track(
        start=Point(round(middle_x - metres_x * scale / 2, 1), round(middle_y - metres_y * scale / 2, 1)),
        end=Point(round(middle_x + metres_x * scale / 2, 1), round(middle_y + metres_y * scale / 2, 1)),
        columns=tuple(round(gap * number, 1) for number in range(1, int(WIDTH / gap) + 1)),
        rows=tuple(round(gap * number, 1) for number in range(1, int(HEIGHT / gap) + 1)),
        grid_km=step,
        straight_km=hypot(metres_x, metres_y) / 1000,
    )


def _steps() -> tuple[float, ...]:
    return tuple(factor * 10.0**power for power in range(-3, 6) for factor in (1, 2, 5))
