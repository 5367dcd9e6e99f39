"""A desk at which tests keep trips, with a vehicle to drive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.money import UnitPrice
from fleetcore.ledger.model import TrialBalance
from fleetcore.ledger.queries import trial_balance
from fleetcore.testing.builders import join_fleet, km, new_vehicle
from fleetcore.trips.logbook import GetLogbook, Logbook
from fleetcore.trips.model import (
    AddRate,
    DeleteTrip,
    EditTrip,
    FinishTrip,
    ListTrips,
    Rate,
    RecordTrip,
    RestoreTrip,
    StartTrip,
    Trip,
    TripFields,
)
from fleetcore.trips.queries import get_logbook, list_trips
from fleetcore.trips.rates import add_rate
from fleetcore.trips.service import delete_trip, edit_trip, finish_trip, record_trip, restore_trip, start_trip
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.readings import ListReadings
from fleetcore.vehicles.service import grant_vehicle

MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def after(hours: float) -> datetime:
    """Return the instant so many hours after eight o'clock of 4 May 2026."""
    return MORNING + timedelta(hours=hours)


@frozen
class Desk:
    """Short words for one actor's dealings with trips of one vehicle."""

    core: Core
    actor: Actor
    vehicle_id: UUID

    def record(self, begin: float = 0, **said: Any) -> Trip:
        """Record a business trip of 50 km that takes an hour, with whatever is *said* instead."""
        usual: dict[str, Any] = {
            "vehicle_id": self.vehicle_id,
            "started_at": after(begin),
            "ended_at": after(begin) + HOUR,
            "purpose": "business",
        }
        if not {"distance", "start_odometer", "end_odometer"} & said.keys():
            usual["distance"] = km(50)
        return self.core.run(self.actor, record_trip, RecordTrip(**usual | said))

    def drive(self, begin: float, start_km: int, end_km: int, **said: Any) -> Trip:
        """Record a trip by its odometers."""
        return self.record(begin, start_odometer=km(start_km), end_odometer=km(end_km), **said)

    def edit(self, trip: Trip, **said: Any) -> Trip:
        """Change what is *said* of *trip* and leave the rest."""
        facts = {a.name: getattr(trip, a.name) for a in attrs.fields(TripFields) if hasattr(trip, a.name)}
        command = EditTrip(**{"id": trip.id, "version": trip.version} | facts | {"reason": ""} | said)
        return self.core.run(self.actor, edit_trip, command)

    def delete(self, trip: Trip, reason: str = "") -> Trip:
        """Delete *trip*."""
        return self.core.run(self.actor, delete_trip, DeleteTrip(id=trip.id, version=trip.version, reason=reason))

    def restore(self, trip: Trip, reason: str = "") -> Trip:
        """Bring *trip* back."""
        return self.core.run(self.actor, restore_trip, RestoreTrip(id=trip.id, reason=reason))

    def start(self, **said: Any) -> Trip:
        """Begin a trip now."""
        return self.core.run(self.actor, start_trip, StartTrip(vehicle_id=self.vehicle_id, **said))

    def finish(self, **said: Any) -> Trip:
        """End the running trip."""
        return self.core.run(self.actor, finish_trip, FinishTrip(vehicle_id=self.vehicle_id, **said))

    def list(self, **asked: Any) -> tuple[Trip, ...]:
        """List the trips that are *asked* for."""
        return self.core.read(self.actor, list_trips, ListTrips(**asked)).items

    def logbook(self, since: date | None = None, until: date | None = None) -> Logbook:
        """Return the logbook of the vehicle."""
        return self.core.read(self.actor, get_logbook, GetLogbook(vehicle_id=self.vehicle_id, since=since, until=until))

    def rate(self, per_km: str, valid_from: date = date(2026, 1, 1), **said: Any) -> Rate:
        """Set a rate for business trips in euros."""
        usual = {"purpose": "business", "valid_from": valid_from, "per_km": UnitPrice.of(per_km, "EUR")}
        return self.core.run(self.actor, add_rate, AddRate(**usual | said))

    def balances(self) -> dict[str, int]:
        """Return the balance of each account in minor units, those of nothing left out."""
        rows = self.core.read(self.actor, trial_balance, TrialBalance())
        return {row.account_code: row.balance.minor for row in rows if row.balance.minor}

    def readings_km(self) -> list[int]:
        """Return what the live readings of the odometer show, newest first."""
        asked = ListReadings(vehicle_id=self.vehicle_id, limit=1000)
        return [reading.value // 1000 for reading in self.core.read(self.actor, list_readings, asked).items]


def problems_of(act: Callable[[], object]) -> dict[str, str]:
    """Return the code of what is wrong, by field, when *act* is rejected."""
    with pytest.raises(Rejected) as refused:
        act()
    return {problem.field: problem.code for problem in refused.value.problems}


@pytest.fixture
def desk(core: Core, owner: Actor) -> Desk:
    """The owner's desk, on each engine in turn."""
    return Desk(core, owner, new_vehicle(core, owner).id)


@pytest.fixture
def sqlite_desk(sqlite_core: Core, sqlite_owner: Actor) -> Desk:
    """The owner's desk on SQLite only."""
    return Desk(sqlite_core, sqlite_owner, new_vehicle(sqlite_core, sqlite_owner).id)


@pytest.fixture
def driver(desk: Desk) -> Desk:
    """The desk of a driver who may use the vehicle and sees their own trips only."""
    member = join_fleet(desk.core, desk.actor, "Bob", "driver")
    desk.core.run(desk.actor, grant_vehicle, GrantVehicle(vehicle_id=desk.vehicle_id, user_id=member.user_id))
    return Desk(desk.core, desk.core.actor(user_id=member.user_id, fleet_id=member.fleet_id), desk.vehicle_id)
