"""GPX: distance over ground, noise, pauses, and tracks that cannot be read; written by hand."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.imports.model import ImportLog, UndoImport
from fleetcore.imports.rows import ParsedTrip
from fleetcore.imports.service import import_log, preview_import, undo_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.testing.builders import new_vehicle
from fleetcore.trips.model import CloseMonth, ListTrips
from fleetcore.trips.months import close_month
from fleetcore.trips.queries import list_trips

from .reading import detected, problems_of, rows_of, skipped_of

DEGREE_METRES = 111_195  # of a meridian, on a sphere of 6,371.0088 km
EIGHT = datetime(2026, 4, 1, 8, tzinfo=UTC)
Point = tuple[float, float, float]  # minutes after eight, latitude, longitude


def track(*points: Point, name: str = "Morning", kind: str = "") -> str:
    """Write one track of *points*."""
    written = "".join(
        f'<trkpt lat="{latitude}" lon="{longitude}">'
        f"<time>{(EIGHT + timedelta(minutes=minutes)).isoformat().replace('+00:00', 'Z')}</time></trkpt>\n"
        for minutes, latitude, longitude in points
    )
    return f"<trk><name>{name}</name><type>{kind}</type><trkseg>{written}</trkseg></trk>\n"


def gpx(*tracks: str) -> str:
    """Write a file of *tracks*."""
    opening = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="us" xmlns="http://www.topografix.com/GPX/1/1">\n'
    return opening + "".join(tracks) + "</gpx>\n"


def trips_of(text: str) -> list[ParsedTrip]:
    """Return the trips of *text*."""
    return [row for row in rows_of(text) if isinstance(row, ParsedTrip)]


def test_distance_and_duration() -> None:
    """Ten minutes along a tenth of a degree of a meridian are eleven kilometres."""
    (trip,) = trips_of(gpx(track((0, 48.0, 11.0), (5, 48.05, 11.0), (10, 48.1, 11.0))))

    assert trip.distance is not None
    assert abs(trip.distance.metres - DEGREE_METRES / 10) < 5
    assert (timedelta(minutes=10), True, "Morning") == (trip.ended_at - trip.at, trip.is_utc, trip.notes)
    assert (48.0, 48.1) == (float(trip.start_latitude or 0), float(trip.end_latitude or 0))


def test_a_degree_of_longitude_is_shorter_in_the_north() -> None:
    """At sixty degrees north it is half of one of a meridian."""
    (trip,) = trips_of(gpx(track((0, 60.0, 11.0), (10, 60.0, 11.1))))

    assert trip.distance is not None
    assert abs(trip.distance.metres - DEGREE_METRES / 20) < 10


def test_wandering_on_the_spot_is_no_distance() -> None:
    """A receiver that stands still adds nothing, and neither begins nor prolongs the trip."""
    still = [(minute, 48.0 + (minute % 2) * 0.00005, 11.0) for minute in range(10)]
    parked = [(20 + minute, 48.1 + (minute % 2) * 0.00005, 11.0) for minute in range(10)]

    (trip,) = trips_of(gpx(track(*still, (20, 48.1, 11.0), *parked[1:])))

    assert trip.distance is not None
    assert abs(trip.distance.metres - DEGREE_METRES / 10) < 20
    assert ((8, 9), (8, 20)) == ((trip.at.hour, trip.at.minute), (trip.ended_at.hour, trip.ended_at.minute))


def test_an_impossible_jump_is_left_out() -> None:
    """A fix a thousand kilometres away is none of the trip."""
    (trip,) = trips_of(gpx(track((0, 48.0, 11.0), (5, 57.0, 11.0), (10, 48.1, 11.0))))

    assert trip.distance is not None
    assert abs(trip.distance.metres - DEGREE_METRES / 10) < 5


def test_a_long_pause_makes_two_trips() -> None:
    """There and back with hours between are two trips."""
    trips = trips_of(gpx(track((0, 48.0, 11.0), (10, 48.1, 11.0), (200, 48.1, 11.0), (210, 48.0, 11.0))))

    assert [8, 11] == [trip.at.hour for trip in trips]


def test_a_track_that_stands_still_is_skipped() -> None:
    """A track without a distance is no trip."""
    (skipped,) = skipped_of(gpx(track((0, 48.0, 11.0), (10, 48.0, 11.0))))

    assert "stood still" in skipped.reason


def test_a_track_without_times_is_rejected() -> None:
    """Without times there is no trip, and the reason says so."""
    points = '<trk><trkseg><trkpt lat="48" lon="11"/><trkpt lat="49" lon="11"/></trkseg></trk>'

    assert {1: {"started_at": "missing"}} == problems_of(gpx(points))


def test_the_type_of_a_track_is_its_purpose() -> None:
    """A type that is a purpose is taken; another, such as driving, is not."""
    points = ((0, 48.0, 11.0), (10, 48.1, 11.0))
    trips = trips_of(gpx(*(track(*points, kind=kind) for kind in ("work", "driving"))))

    assert ["business", ""] == [trip.purpose for trip in trips]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (gpx(track((0, 48.0, 11.0)))[:-30], "broken"),
        (gpx().replace("?>", "?><!DOCTYPE gpx [<!ENTITY a 'b'>]>", 1), "entities"),
        (gpx('<trk><trkseg><trkpt lat="x" lon="11"/></trkseg></trk>'), "broken"),
    ],
    ids=["cut off", "entities", "no number"],
)
def test_what_cannot_be_read_is_refused(text: str, code: str) -> None:
    """A broken file, or one that could unpack without end, is refused as a whole."""
    with pytest.raises(Rejected) as refused:
        rows_of(text)
    assert refused.value.has_code(code)


def test_the_format_is_recognised() -> None:
    """A GPX file is known by its root."""
    assert detected(gpx()).format == "gpx"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without gpxpy the message says what to install."""
    usual = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "gpxpy":
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(Rejected, match=r"fleetcore\[gpx\]"):
        rows_of(gpx(track((0, 48.0, 11.0), (10, 48.1, 11.0))))


def test_a_track_becomes_a_trip_and_is_taken_back(core: Core, owner: Actor) -> None:
    """The only vehicle drove; the same file adds nothing, and an undone import leaves nothing."""
    vehicle = new_vehicle(core, owner)
    text = gpx(track((0, 48.0, 11.0), (10, 48.1, 11.0)))
    command = ImportLog(source=text.encode(), file_name="t.gpx", purpose="business")

    first, second = core.run(owner, import_log, command), core.run(owner, import_log, command)

    (trip,) = core.read(owner, list_trips, ListTrips()).items
    assert (1, 0, 1) == (first.imported, second.imported, second.duplicates)
    assert (vehicle.id, EIGHT, "business") == (trip.vehicle_id, trip.started_at, trip.purpose)
    assert first.import_id is not None
    core.run(owner, undo_import, UndoImport(id=first.import_id))
    assert () == core.read(owner, list_trips, ListTrips()).items


def test_an_import_into_a_closed_month_stays(core: Core, owner: Actor) -> None:
    """Taking an import back does not empty a month that is closed."""
    vehicle = new_vehicle(core, owner)
    text = gpx(track((0, 48.0, 11.0), (10, 48.1, 11.0)))
    made = core.run(owner, import_log, ImportLog(source=text.encode()))
    core.run(owner, close_month, CloseMonth(vehicle_id=vehicle.id, month=EIGHT.date()))
    assert made.import_id is not None

    with pytest.raises(Rejected, match="2026-04"):
        core.run(owner, undo_import, UndoImport(id=made.import_id))
    assert len(core.read(owner, list_trips, ListTrips()).items) == 1


def test_a_track_needs_a_vehicle(core: Core, owner: Actor) -> None:
    """With several vehicles, or none, the file does not say which one drove."""
    command = ImportLog(source=gpx(track((0, 48.0, 11.0), (10, 48.1, 11.0))).encode())

    with pytest.raises(Rejected, match="name the vehicle"):
        core.read(owner, preview_import, command)
