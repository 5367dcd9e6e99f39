"""The rules of meters: neighbours in time, jumps, and totals over replaced meters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from fleetcore.kernel.errors import Problem

from .readings import Meter, Reading, ReadingKind

__all__ = ["JUMP", "Mark", "Neighbours", "Shown", "check_reading", "offset_at", "value_when_leaving"]

JUMP = "odometer.jump"
VALUE_MAX = {Meter.ODOMETER: 10_000_000_000, Meter.ENGINE_HOURS: 10_000_000}  # 10 million km, 1 million hours
# Faster than this over more than the first stretch is a typing error rather than a journey.
STRETCH_M = 3_000_000
DAY_M = 2_500_000
FIELD = {Meter.ODOMETER: "odometer_km", Meter.ENGINE_HOURS: "engine_hours"}
SCALE = {Meter.ODOMETER: (1000, "km"), Meter.ENGINE_HOURS: (10, "h")}


class Shown(Protocol):
    """What a rule needs of a reading, or of one that is yet to be added."""

    @property
    def value(self) -> int:
        """What the meter showed."""
        ...

    @property
    def value_before(self) -> int | None:
        """What the old meter showed last, for a replacement."""
        ...

    @property
    def at(self) -> datetime:
        """When it was shown."""
        ...


@frozen
class Mark:
    """What is left of a reading when its neighbours are checked against it."""

    value: int
    value_before: int | None
    at: datetime


@frozen
class Neighbours:
    """The live readings on either side of an instant; None where there is none."""

    before: Shown | None
    after: Shown | None


def value_when_leaving(reading: Shown) -> int:
    """Return what the meter must not pass before *reading*: for a replacement, the old meter's last value."""
    return reading.value if reading.value_before is None else reading.value_before


def check_reading(meter: Meter, value: int, at: datetime, neighbours: Neighbours) -> Iterator[Problem]:
    """Yield what is wrong with a value: absurd ones, and jumps (code ``odometer.jump``) that may be accepted."""
    field = FIELD[meter]
    if not 0 <= value <= VALUE_MAX[meter]:
        yield Problem(field, f"must lie between 0 and {shown(meter, VALUE_MAX[meter])}")
        return
    before, after = neighbours.before, neighbours.after
    how_to = "check the number and the date; if it is right, accept the jump"
    if before is not None and value < before.value:
        yield Problem(field, f"is lower than the {shown(meter, before.value)} of {before.at.date()}: {how_to}", JUMP)
    elif before is not None and meter is Meter.ODOMETER and is_too_fast(value - before.value, at - before.at):
        yield Problem(field, f"is {shown(meter, value - before.value)} more than on {before.at.date()}: {how_to}", JUMP)
    if after is not None and value > value_when_leaving(after):
        yield Problem(
            field,
            f"is higher than the {shown(meter, value_when_leaving(after))} of {after.at.date()}: {how_to}",
            JUMP,
        )


def is_too_fast(distance_m: int, time: timedelta) -> bool:
    """Say whether nobody drives *distance_m* in *time*."""
    return distance_m > STRETCH_M + DAY_M * max(time / timedelta(days=1), 0)


def shown(meter: Meter, value: int) -> str:
    """Write a meter's value for people."""
    scale, unit = SCALE[meter]
    return f"{value / scale:,.10g} {unit}"


def offset_at(at: datetime, replacements: Sequence[Reading]) -> int:
    """Return what to add to a value shown at *at*, so that totals run on over replaced meters."""
    return sum(
        value_when_leaving(reading) - reading.value
        for reading in replacements
        if reading.kind is ReadingKind.REPLACEMENT and reading.at <= at
    )
