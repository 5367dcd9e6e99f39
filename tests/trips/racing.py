"""What each of several racing processes does with one vehicle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import fleetcore
from fleetcore.kernel.errors import Rejected
from fleetcore.testing.builders import NOON, km
from fleetcore.testing.clock import FixedClock
from fleetcore.trips.model import RecordTrip
from fleetcore.trips.service import record_trip

PROCESSES = 3
ROUNDS = 6


def race(number: int, url: str, vehicle_id: UUID, start: Any) -> list[int]:
    """Record a trip in each round, which overlaps with those of the others; returns the rounds that were won."""
    won = []
    with fleetcore.open(url, installed_plugins=False, clock=FixedClock()) as core:
        owner = core.actor()
        for index in range(ROUNDS):
            began = NOON + timedelta(days=index, minutes=number)
            start.wait(60)
            command = RecordTrip(
                vehicle_id=vehicle_id, started_at=began, ended_at=began + timedelta(hours=1), distance=km(10)
            )
            try:
                core.run(owner, record_trip, command)
            except Rejected as rejected:
                if not rejected.has_code("trip.overlap"):
                    raise
            else:
                won.append(index)
    return won
