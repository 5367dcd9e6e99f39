"""Bad input: everything that is wrong is listed, and nothing is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.testing.builders import euros, km

from .conftest import MORNING, Desk, after, problems_of

LATER = MORNING + timedelta(days=90)


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"ended_at": after(-1)}, "ended_at", "trip.backwards"),
        ({"start_odometer": km(200), "end_odometer": km(100)}, "end_odometer_km", "trip.backwards"),
        ({"start_odometer": km(100), "end_odometer": km(150), "distance": km(80)}, "distance_km", "invalid"),
        ({"start_odometer": km(100)}, "distance_km", "required"),
        ({"end_odometer": km(10), "distance": km(50)}, "end_odometer_km", "invalid"),
        ({"distance": km(900)}, "distance_km", "trip.too_fast"),
        ({"distance": Distance(-1)}, "distance_km", "invalid"),
        ({"distance": km(20_000_000)}, "distance_km", "absurd"),
        ({"started_at": LATER, "ended_at": LATER}, "ended_at", "time.future"),
        ({"started_at": MORNING - timedelta(days=60)}, "ended_at", "absurd"),
        ({"started_at": MORNING.replace(year=1850)}, "started_at", "time.too_early"),
        ({"ended_at": None, "distance": km(5)}, "distance_km", "invalid"),
        ({"purpose": " - "}, "purpose", "invalid"),
        ({"purpose": "x" * 41}, "purpose", "too_long"),
        ({"tolls": euros(-1)}, "tolls", "invalid"),
        ({"passengers": -1}, "passengers", "invalid"),
        ({"fuel_used": Volume(-1)}, "fuel_used_l", "invalid"),
        ({"start_latitude": 48.0}, "start_longitude", "required"),
        ({"end_latitude": 91.0, "end_longitude": 0.0}, "end_latitude", "invalid"),
        ({"client": "x" * 201}, "client", "too_long"),
        ({"tags": ("",)}, "tags.0", "invalid"),
        ({"driver_id": UUID(int=7)}, "driver_id", "driver.unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_problem_is_named(sqlite_desk: Desk, said: dict[str, Any], field: str, code: str) -> None:
    """Each fault has its field and its code."""
    assert problems_of(lambda: sqlite_desk.record(**said))[field] == code
    assert () == sqlite_desk.list()


def test_all_problems_come_at_once(sqlite_desk: Desk) -> None:
    """Faults of several kinds, an overlap among them, are told together."""
    sqlite_desk.record()

    found = problems_of(lambda: sqlite_desk.record(0.5, distance=Distance(-1), tolls=euros(-1), purpose=""))

    assert {"distance_km", "tolls", "purpose", "started_at"} == found.keys()


def test_an_absurd_speed_is_taken_when_it_is_right(sqlite_desk: Desk) -> None:
    """The speed is a question, not a verdict."""
    assert sqlite_desk.record(distance=km(900), accept_speed=True).distance == km(900)


def test_a_purpose_is_a_word(sqlite_desk: Desk) -> None:
    """However a purpose is written, it is the same word."""
    trips = [sqlite_desk.record(i, purpose=word) for i, word in enumerate(("Site visit", "SITE  VISIT", "site-visit"))]

    assert {"site_visit"} == {trip.purpose for trip in trips}
