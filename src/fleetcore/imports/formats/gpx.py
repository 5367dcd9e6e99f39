"""GPX: tracks of a satellite receiver or a phone become trips, with distance and duration but without odometers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from fleetcore.imports.detection import Conventions, Detection, Options
from fleetcore.imports.rows import Parsed, ParsedTrip, RowProblems, SkippedRow, row_key
from fleetcore.imports.source import Member, Record
from fleetcore.imports.trips import purpose_of
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.quantities import Distance

from .base import Format, Head, detection_of

__all__ = ["GPX", "Fix", "Leg", "legs_of"]

TITLE = "GPX track"
OPENING = re.compile(r"<(\w+:)?gpx[\s>]")
HEAD_CHARACTERS = 8192
SIZE_MAX_BYTES = 64 * 1024 * 1024  # a track is read as a whole
EARTH_METRES = 6_371_008.8
JITTER_METRES = 15  # a receiver that stands still wanders by as much
SPEED_METRES_PER_SECOND_MAX = 70  # what jumps faster is no car
JUMPS_MAX = 5  # after so many the place before them was the wrong one
PAUSE_SECONDS = 3600  # a longer silence ends a trip
TRIP_METRES_MIN = 100
PLACES = Decimal("0.000001")  # a tenth of a metre


@frozen
class Fix:
    """Where a receiver was at an instant."""

    at: datetime
    latitude: float
    longitude: float


@frozen
class Leg:
    """A stretch driven without a long pause."""

    start: Fix
    end: Fix
    metres: int


def metres_between(first: Fix, second: Fix) -> float:
    """Return the distance over ground by the haversine formula."""
    north1, north2 = math.radians(first.latitude), math.radians(second.latitude)
    east = math.radians(second.longitude - first.longitude)
    half = math.sin((north2 - north1) / 2) ** 2 + math.cos(north1) * math.cos(north2) * math.sin(east / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(math.sqrt(half), 1))


def legs_of(fixes: Sequence[Fix]) -> Iterator[Leg]:
    """Yield what was driven between pauses of an hour; wandering on the spot and impossible jumps do not count.

    A leg begins when the vehicle leaves and ends when it stands for good, whenever the recording stops.
    """
    part: list[Fix] = []
    for fix in sorted(fixes, key=lambda fix: fix.at):
        if part and (fix.at - part[-1].at).total_seconds() > PAUSE_SECONDS:
            yield _leg(part)
            part = []
        part.append(fix)
    if part:
        yield _leg(part)


def _leg(part: Sequence[Fix]) -> Leg:
    anchor = left = end = part[0]
    total, jumps = 0.0, 0
    for fix in part[1:]:
        step, seconds = metres_between(anchor, fix), (fix.at - anchor.at).total_seconds()
        if step < JITTER_METRES:
            jumps = 0
            if not total:
                left = fix
            continue
        if step > SPEED_METRES_PER_SECOND_MAX * seconds:
            jumps += 1
            if jumps < JUMPS_MAX:
                continue
            if not total:
                left = fix
        else:
            total += step
        anchor, jumps = fix, 0
        end = fix
    return Leg(start=left, end=end, metres=round(total))


def _score_text(text: str) -> int:
    return 100 if OPENING.search(text[:HEAD_CHARACTERS]) else 0


def _score(_head: Head) -> int:
    return 0


def _survey(_records: Iterator[Record], options: Options) -> Detection:
    notes = ["Tracks do not say what they were driven for; trips are private unless --purpose says otherwise."]
    return detection_of("gpx", TITLE, options, Conventions(), plan=None, notes=notes)


def _no_rows(_records: Iterator[Record], _detection: Detection) -> Iterator[Parsed]:
    return iter(())


def _parse_file(member: Member, detection: Detection) -> Iterator[Parsed]:
    row = 0
    for track in _document(member, detection.encoding).tracks:
        points = [point for segment in track.segments for point in segment.points]
        fixes = [Fix(_utc(point.time), point.latitude, point.longitude) for point in points if point.time is not None]
        if not fixes:
            row += 1
            message = "the track has no times" if points else "the track has no points"
            yield RowProblems(row, (Problem("started_at", message, "missing"),), member.name)
        for leg in legs_of(fixes):
            row += 1
            if leg.metres < TRIP_METRES_MIN:
                yield SkippedRow(row, f"a track of less than {TRIP_METRES_MIN} m: the vehicle stood still")
            else:
                yield _trip(row, leg, track)


def _utc(at: datetime) -> datetime:
    """Return the wall clock in UTC, as rows carry it; a time without an offset is UTC by the format."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None)


def _trip(row: int, leg: Leg, track: Any) -> ParsedTrip:
    start, end = leg.start, leg.end
    return ParsedTrip(
        row,
        row_key("trip", None, start.at, end.at, leg.metres, f"{start.latitude:.5f}", f"{start.longitude:.5f}"),
        start.at,
        end.at,
        distance=Distance(leg.metres),
        start_latitude=_degrees(start.latitude),
        start_longitude=_degrees(start.longitude),
        end_latitude=_degrees(end.latitude),
        end_longitude=_degrees(end.longitude),
        purpose=purpose_of(track.type or "")
        if purpose_of(track.type or "") in {"business", "private", "commute"}
        else "",
        notes=(track.name or "").strip(),
        is_utc=True,
    )


def _degrees(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)


def _document(member: Member, encoding: str) -> Any:
    """Read the XML; entities are refused, because a few of them unpack to gigabytes."""
    try:
        import gpxpy
    except ImportError:
        raise Rejected.because(
            "file", "reading GPX needs one more package: pip install 'fleetcore[gpx]'", "missing_package"
        ) from None
    with member.open() as raw:
        data = raw.read(SIZE_MAX_BYTES + 1)
    if len(data) > SIZE_MAX_BYTES:
        raise Rejected.because("file", f"a track of more than {SIZE_MAX_BYTES // 1024**2} MB; split it", "too_large")
    text = data.decode(encoding, "replace").lstrip("\ufeff")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Rejected.because("file", "the GPX file declares entities, which no receiver writes", "entities")
    try:
        return gpxpy.parse(text)
    except Exception as error:  # gpxpy passes on whatever its parser and its readers of numbers raise
        raise Rejected.because("file", f"the GPX file cannot be read: {error}", "broken") from None


GPX = Format(
    name="gpx",
    title=TITLE,
    how_to_export="Most receivers, phones and map services save or share a recorded track as GPX.",
    columns=(
        "Each track becomes a trip, and two of them where it pauses for an hour: start, end, distance over ground and "
        "coordinates. It says neither odometer nor purpose."
    ),
    score=_score,
    survey=_survey,
    parse=_no_rows,
    score_text=_score_text,
    parse_file=_parse_file,
)
