"""Positions along the road, from odometers and trips as people write them down: with gaps and slips."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

__all__ = ["Positions", "positions_of"]


@frozen
class Positions:
    """Where each row of a log stands, in metres from the start of its frame.

    Rows of one frame can be compared; between two frames the distance is unknown. A row that tells no
    distance (None) lies somewhere before the next row of its frame that does.
    """

    frames: tuple[int, ...]
    metres: tuple[int | None, ...]

    @property
    def driven_m(self) -> int:
        """The distance driven within all frames."""
        furthest: dict[int, int] = {}
        for frame, metre in zip(self.frames, self.metres, strict=True):
            if metre is not None:
                furthest[frame] = metre  # positions never fall within a frame
        return sum(furthest.values())


def positions_of(odometers: Sequence[int | None], trips: Sequence[int | None]) -> Positions:
    """Place the rows of a log, in order of time, by their *odometers*, else by their *trips* (metres).

    A trip is the distance since the row before. An odometer decides over trips; what it shows beyond
    them was driven in rows that told nothing.
    """
    odometers, set_back = believed(odometers)
    last_with_odometer = max((i for i, value in enumerate(odometers) if value is not None), default=-1)
    frames: list[int] = []
    metres: list[int | None] = []
    frame = position = 0
    zero: int | None = None  # what the odometer shows where the frame starts; None until it has shown
    for index, (odometer, trip) in enumerate(zip(odometers, trips, strict=True)):
        after_known = index > 0 and metres[-1] is not None
        if index in set_back or index > last_with_odometer:
            zero = None
        here: int | None
        if odometer is not None and zero is not None:
            here = max(position, odometer - zero)
        elif trip is not None and after_known:
            here = position + trip
        elif zero is not None:
            here = None
        else:  # nothing ties this row to the one before
            frame += index > 0
            here = 0
        if here is not None:
            position = here
            if odometer is not None:
                zero = odometer - here
        frames.append(frame)
        metres.append(here)
    return Positions(tuple(frames), tuple(metres))


def believed(odometers: Sequence[int | None]) -> tuple[Sequence[int | None], set[int]]:
    """Return *odometers* without those that cannot be, and the rows at which the meter was set back.

    Where a value falls, its neighbours tell what happened: if the next one is again as high as before,
    this one was written too low; if the one before the peak fits in front of it, the peak was written
    too high; otherwise the meter itself was set back. A last value that falls has no such witness and
    is not believed.
    """
    shown = [index for index, value in enumerate(odometers) if value is not None]
    kept: list[int] = []
    ignored: set[int] = set()
    set_back: set[int] = set()
    values = [value or 0 for value in odometers]
    for place, index in enumerate(shown):
        value = values[index]
        if not kept or value >= values[kept[-1]]:
            kept.append(index)
            continue
        following = shown[place + 1] if place + 1 < len(shown) else None
        if following is None or values[following] >= values[kept[-1]]:
            ignored.add(index)
        elif len(kept) > 1 and kept[-1] not in set_back and values[kept[-2]] <= value:
            ignored.add(kept.pop())
            kept.append(index)
        else:
            set_back.add(index)
            kept.append(index)
    if not ignored:
        return odometers, set_back
    return [None if index in ignored else value for index, value in enumerate(odometers)], set_back
