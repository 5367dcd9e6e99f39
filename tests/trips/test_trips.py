"""Trips through the core: facts, readings, costs, marks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Volume
from fleetcore.testing.builders import euros, km, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.trips.model import GetTrip
from fleetcore.trips.queries import get_trip
from fleetcore.vehicles.model import PurgeVehicles, RemoveVehicle
from fleetcore.vehicles.service import purge_vehicles, remove_vehicle

from .conftest import Desk, after, problems_of


def test_everything_said_is_kept(desk: Desk) -> None:
    """A trip is read back as it was accepted, with the actor as its driver."""
    recorded = desk.record(
        start_place="Home", end_place="Ulm", start_latitude=48.1, start_longitude=11.5, client="Ada & Co",
        passengers=2, fuel_used=Volume(3_500), notes="rain", tags=("a", "b"), start_odometer=km(100), distance=km(50),
    )  # fmt: skip

    found = desk.core.read(desk.actor, get_trip, GetTrip(id=recorded.id))

    assert recorded == found
    assert (desk.actor.user_id, km(150), ("a", "b")) == (found.driver_id, found.end_odometer, found.tags)


@pytest.mark.parametrize(
    "said",
    [
        {"start_odometer": 100, "end_odometer": 150},
        {"start_odometer": 100, "distance": 50},
        {"end_odometer": 150, "distance": 50},
        {"start_odometer": 100, "end_odometer": 150, "distance": 51},
    ],
    ids="+".join,
)
def test_two_of_three_are_enough(sqlite_desk: Desk, said: dict[str, int]) -> None:
    """Of two odometers and the distance any two give the third, and odometers decide over a rough distance."""
    trip = sqlite_desk.record(**{name: km(value) for name, value in said.items()})

    assert (km(100), km(150), km(50)) == (trip.start_odometer, trip.end_odometer, trip.distance)


def test_a_trip_owns_its_readings(desk: Desk) -> None:
    """Both odometers become readings, which follow an edit, a deletion and a restoration."""
    trip = desk.drive(0, 100, 150)
    assert [150, 100] == desk.readings_km()

    trip = desk.edit(trip, end_odometer=km(160), distance=None)
    assert [160, 100] == desk.readings_km()

    gone = desk.delete(trip)
    assert [] == desk.readings_km()

    desk.restore(gone)
    assert [160, 100] == desk.readings_km()


def test_an_edit_that_leaves_the_odometers_keeps_the_readings(desk: Desk) -> None:
    """Readings are voided only where what they say has changed."""
    trip = desk.drive(0, 100, 150)

    edited = desk.edit(trip, notes="rain")

    assert (trip.start_reading_id, trip.end_reading_id) == (edited.start_reading_id, edited.end_reading_id)


def test_tolls_and_parking_are_booked(desk: Desk) -> None:
    """Costs of a trip are in the books as long as the trip is there, as it was last told."""
    trip = desk.record(tolls=euros("12.50"), parking=euros(3))
    assert {"expenses.toll": 1250, "expenses.parking": 300, "assets.bank": -1550} == desk.balances()

    trip = desk.edit(trip, tolls=euros(10), parking=None)
    assert {"expenses.toll": 1000, "assets.bank": -1000} == desk.balances()

    gone = desk.delete(trip)
    assert {} == desk.balances()

    trip = desk.restore(gone)
    assert {"expenses.toll": 1000, "assets.bank": -1000} == desk.balances()

    desk.edit(trip, tolls=None)
    assert {} == desk.balances()


def test_a_running_trip_is_finished(desk: Desk, clock: FixedClock) -> None:
    """A trip begun on the phone is ended with its odometer; what was said at the start stays."""
    started = desk.start(start_odometer=km(100), purpose="business", client="Ada & Co")
    assert (started,) == desk.list(running=True)
    clock.set(clock.now() + timedelta(hours=1))

    finished = desk.finish(end_odometer=km(140), end_place="Ulm", parking=euros(2))

    assert (started.id, km(40), "Ada & Co", 0) == (finished.id, finished.distance, finished.client, finished.edits)
    assert () == desk.list(running=True)
    assert [140, 100] == desk.readings_km()
    assert desk.balances()["expenses.parking"] == 200


def test_a_vehicle_is_on_one_trip_at_a_time(desk: Desk) -> None:
    """A second trip does not start while one is running."""
    desk.start()

    assert {"started_at": "trip.overlap"} == problems_of(desk.start)


def test_nothing_is_finished_when_nothing_runs(desk: Desk) -> None:
    """Ending a trip that was never begun is refused."""
    assert {"vehicle_id": "trip.not_running"} == problems_of(lambda: desk.finish(distance=km(1)))


def test_trips_of_one_vehicle_do_not_overlap(desk: Desk) -> None:
    """A trip within, around or across another is refused; one that begins when the other ends is fine."""
    desk.record(0)
    desk.record(1)

    for begin, end in ((-0.5, 0.5), (0.25, 0.5), (-1, 3), (1.5, 4)):
        said = {"started_at": after(begin), "ended_at": after(end)}
        assert problems_of(lambda said=said: desk.record(**said))["started_at"] == "trip.overlap"


def test_another_vehicle_drives_at_the_same_time(desk: Desk) -> None:
    """Two vehicles may be on the road at once."""
    desk.record()
    desk.record(vehicle_id=new_vehicle(desk.core, desk.actor, name="Bus").id)

    assert len(desk.list()) == 2


def test_a_trip_may_be_moved_within_its_own_time(desk: Desk) -> None:
    """An edited trip does not overlap with what it was."""
    trip = desk.record()

    edited = desk.edit(trip, started_at=after(0.25))

    assert edited.started_at == after(0.25)


def test_a_deleted_trip_whose_time_is_taken_stays_deleted(desk: Desk) -> None:
    """Restoring checks the time again."""
    gone = desk.delete(desk.record())
    desk.record()

    assert {"started_at": "trip.overlap"} == problems_of(lambda: desk.restore(gone))


def test_an_odometer_against_its_neighbours_is_asked_about(desk: Desk) -> None:
    """A value below that of an earlier trip is refused with a code, and taken when it is said to be right."""
    desk.drive(0, 100, 150)

    wrong = problems_of(lambda: desk.drive(2, 90, 95))
    assert {"start_odometer_km": "odometer.jump", "end_odometer_km": "odometer.jump"} == wrong
    assert desk.drive(2, 90, 95, accept_odometer_jump=True)


def test_edits_are_counted_and_in_the_audit_log(desk: Desk) -> None:
    """A change is marked in the trip, and the audit log has what was said before and after."""
    edited = desk.edit(desk.record(purpose="private"), purpose="business")

    entry = desk.core.read(desk.actor, list_audit, ListAudit(entity_id=edited.id)).items[0]
    assert (1, desk.core.clock.now()) == (edited.edits, edited.edited_at)
    assert ("private", "business") == (entry.before["purpose"], entry.after["purpose"])


def test_a_stale_edit_is_refused(desk: Desk) -> None:
    """Whoever edits must have read the latest version."""
    trip = desk.record()
    desk.edit(trip, notes="one")

    with pytest.raises(Conflict, match="meanwhile"):
        desk.edit(trip, notes="two")


def test_a_list_is_narrowed_and_paged(desk: Desk) -> None:
    """Purpose and days narrow a list; days are those of the fleet's calendar, both included."""
    for day in range(3):
        desk.record(24 * day, purpose="business" if day else "Site Visit")

    assert len(desk.list(purpose="business")) == 2
    assert len(desk.list(purpose="site visit")) == 1
    assert len(desk.list(since=date(2026, 5, 5), until=date(2026, 5, 5))) == 1
    assert [after(48), after(24)] == [trip.started_at for trip in desk.list(limit=2)]
    assert {"until": "invalid"} == problems_of(lambda: desk.list(since=date(2026, 5, 5), until=date(2026, 5, 4)))


def test_trips_go_with_their_vehicle(desk: Desk, clock: FixedClock) -> None:
    """Trips of a removed vehicle are out of sight, and erased with it."""
    trip = desk.record(tolls=Money(500, "EUR"))
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))
    assert () == desk.list()
    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_trip, GetTrip(id=trip.id))
    clock.set(clock.now() + timedelta(days=31))

    desk.core.run(desk.actor, purge_vehicles, PurgeVehicles())

    assert () == desk.list(deleted=True)


def test_an_id_of_the_client_is_kept_once(desk: Desk) -> None:
    """A trip may bring its id; the same id again is a conflict."""
    trip = desk.record()
    with pytest.raises(Conflict):
        desk.record(2, id=trip.id)
