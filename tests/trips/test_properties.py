"""Whatever is done to trips, the ledger and the odometer equal what is there."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

import fleetcore
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles
from fleetcore.trips.model import Trip
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.readings import ListReadings

from .conftest import Desk, after, problems_of

COSTS = st.none() | st.integers(0, 5000).map(lambda minor: Money(minor, "EUR"))
BEGINS = st.integers(0, 40).map(lambda half_hours: half_hours / 2)
WAYS = st.fixed_dictionaries({"distance": st.integers(0, 50_000).map(Distance)}) | st.integers(0, 99_000).flatmap(
    lambda start: st.integers(0, 50_000).map(
        lambda more: {"start_odometer": Distance(start), "end_odometer": Distance(start + more), "distance": None}
    )
)


class Trips(RuleBasedStateMachine):
    """Record, edit, delete and restore in any order, beside a plain model."""

    files: SqliteFiles
    kept = Bundle("kept")
    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.core = fleetcore.open(self.files.database(), installed_plugins=False, clock=FixedClock())
        owner = self.core.create_fleet("Home", timezone="UTC")
        self.desk = Desk(self.core, owner, new_vehicle(self.core, owner).id)
        self.live: dict[object, Trip] = {}

    def teardown(self) -> None:
        """Close the database."""
        self.core.close()

    def is_free(self, begin: float, besides: Trip | None = None) -> bool:
        """Say whether the model has no other trip within the hour from *begin*."""
        start, end = after(begin), after(begin) + timedelta(hours=1)
        others = (trip for trip in self.live.values() if besides is None or trip.id != besides.id)
        return not any(trip.started_at < end and (trip.ended_at or end) > start for trip in others)

    @rule(target=kept, begin=BEGINS, way=WAYS, tolls=COSTS, parking=COSTS)
    def record(self, begin: float, way: dict[str, Any], tolls: Money | None, parking: Money | None) -> Any:
        """Record one; it is refused where the model says that another goes on."""
        said = way | {"tolls": tolls, "parking": parking, "accept_odometer_jump": True}
        if not self.is_free(begin):
            assert problems_of(lambda: self.desk.record(begin, **said))["started_at"] == "trip.overlap"
            return None
        trip = self.desk.record(begin, **said)
        self.live[trip.id] = trip
        return trip

    @rule(target=kept, trip=consumes(kept), begin=BEGINS, way=WAYS, tolls=COSTS)
    def edit(self, trip: Trip | None, begin: float, way: dict[str, Any], tolls: Money | None) -> Any:
        """Edit one."""
        if trip is None or not self.is_free(begin, trip):
            return trip
        blank = {"start_odometer": None, "end_odometer": None}
        times = {"started_at": after(begin), "ended_at": after(begin + 1)}
        edited = self.desk.edit(trip, **blank | way | times, tolls=tolls, accept_odometer_jump=True)
        self.live[trip.id] = edited
        return edited

    @rule(target=gone, trip=consumes(kept))
    def delete(self, trip: Trip | None) -> Any:
        """Delete one."""
        if trip is None:
            return None
        del self.live[trip.id]
        return self.desk.delete(trip)

    @rule(target=kept, trip=consumes(gone))
    def restore(self, trip: Trip | None) -> Any:
        """Bring one back, unless its time is taken."""
        if trip is None or any(
            other.started_at < trip.ended_at and other.ended_at > trip.started_at  # type: ignore[operator]
            for other in self.live.values()
        ):
            return None
        self.live[trip.id] = restored = self.desk.restore(trip)
        return restored

    @invariant()
    def facts_are_the_models(self) -> None:
        """What is listed is what the model holds."""
        assert self.live == {trip.id: trip for trip in self.desk.list(limit=1000)}

    @invariant()
    def balances_are_recomputed_ones(self) -> None:
        """Tolls and parking in the books are those of the live trips."""
        tolls = sum(trip.tolls.minor for trip in self.live.values() if trip.tolls)
        parking = sum(trip.parking.minor for trip in self.live.values() if trip.parking)
        wanted = {"expenses.toll": tolls, "expenses.parking": parking, "assets.bank": -tolls - parking}
        assert {code: minor for code, minor in wanted.items() if minor} == self.desk.balances()
        assert self.core.read(self.desk.actor, check_ledger, CheckLedger()).is_sound

    @invariant()
    def readings_are_those_of_live_trips(self) -> None:
        """The live readings are the odometers of the live trips."""
        asked = ListReadings(vehicle_id=self.desk.vehicle_id, limit=1000)
        found = Counter(reading.value for reading in self.core.read(self.desk.actor, list_readings, asked).items)
        shown = (odometer for trip in self.live.values() for odometer in (trip.start_odometer, trip.end_odometer))
        assert Counter(odometer.metres for odometer in shown if odometer is not None) == found


def test_any_sequence_keeps_books_and_readings(sqlite_files: SqliteFiles) -> None:
    """After any sequence of dealings, ledger and readings equal those recomputed from the live trips."""
    machine = type("Machine", (Trips,), {"files": sqlite_files})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=checks),
    )
