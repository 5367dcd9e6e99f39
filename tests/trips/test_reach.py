"""Who may see and change which trips."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from fleetcore.kernel.errors import Forbidden, NotFound
from fleetcore.reports.model import MileageReport
from fleetcore.reports.trips import mileage_report
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.trips.model import GetTrip
from fleetcore.trips.queries import get_trip
from fleetcore.vehicles.model import RemoveVehicle
from fleetcore.vehicles.service import remove_vehicle

from .conftest import Desk, problems_of


def test_a_driver_keeps_their_own_trips(desk: Desk, driver: Desk) -> None:
    """A driver records, edits, deletes and restores on a granted vehicle; the owner sees it."""
    trip = driver.edit(driver.record(), notes="mine")
    restored = driver.restore(driver.delete(trip))

    assert (restored,) == driver.list() == desk.list()


def test_others_trips_do_not_exist_for_a_driver(desk: Desk, driver: Desk) -> None:
    """What the owner drove with the same vehicle is neither listed nor found nor changed."""
    trip = desk.record()

    assert () == driver.list()
    with pytest.raises(NotFound):
        driver.core.read(driver.actor, get_trip, GetTrip(id=trip.id))
    with pytest.raises(NotFound):
        driver.edit(trip, notes="x")
    with pytest.raises(NotFound):
        driver.delete(trip)


def test_a_trip_that_was_recorded_for_a_driver_is_theirs(desk: Desk, driver: Desk) -> None:
    """A driver sees and edits what the owner wrote down for them."""
    trip = desk.record(driver_id=driver.actor.user_id)

    assert (trip,) == driver.list()
    assert driver.edit(trip, notes="right").notes == "right"


def test_a_driver_does_not_record_for_others(desk: Desk, driver: Desk) -> None:
    """Whose role has only their own trips cannot put one on someone else."""
    assert {"driver_id": "driver.not_you"} == problems_of(lambda: driver.record(driver_id=desk.actor.user_id))


def test_a_vehicle_that_is_not_granted_is_out_of_reach(desk: Desk, driver: Desk) -> None:
    """A driver cannot record on, move to or list another vehicle."""
    other = new_vehicle(desk.core, desk.actor, name="Bus").id
    trip = driver.record()

    for act in (
        lambda: driver.record(2, vehicle_id=other),
        lambda: driver.edit(trip, vehicle_id=other),
        lambda: driver.list(vehicle_id=other),
    ):
        with pytest.raises(NotFound, match="vehicle"):
            act()


def test_the_logbook_needs_all_trips_in_sight(driver: Desk) -> None:
    """A driver who sees only their own trips cannot judge the chain, close a month or set a rate."""
    with pytest.raises(Forbidden):
        driver.logbook()
    with pytest.raises(Forbidden):
        driver.rate("0.30")


def test_a_driver_reports_their_own_mileage(desk: Desk, driver: Desk) -> None:
    """The report of a driver has their trips alone."""
    desk.record()
    driver.record(2)

    (row,) = driver.core.read(driver.actor, mileage_report, MileageReport()).rows

    assert (driver.actor.user_id, "Bob") == (row.driver_id, row.driver_name)


def test_an_accountant_sees_trips_without_their_places(desk: Desk) -> None:
    """Places are a permission of their own: lists, single trips and logbooks leave them out."""
    recorded = desk.record(start_place="Home", end_place="Clinic", end_latitude=48.0, end_longitude=11.0)
    theirs = Desk(desk.core, join_fleet(desk.core, desk.actor, "Cora", "accountant"), desk.vehicle_id)

    (trip,) = theirs.list()
    (entry,) = theirs.logbook(since=date(2026, 5, 1)).entries

    assert ("", "", None) == (trip.start_place, trip.end_place, trip.end_latitude)
    assert trip == entry.trip == theirs.core.read(theirs.actor, get_trip, GetTrip(id=recorded.id))


def test_a_mechanic_sees_no_trips(desk: Desk) -> None:
    """Trips are none of a workshop's business."""
    theirs = Desk(desk.core, join_fleet(desk.core, desk.actor, "Cora", "mechanic"), desk.vehicle_id)

    with pytest.raises(Forbidden, match=r"trips\.read"):
        theirs.list()


def test_another_fleet_finds_nothing(desk: Desk) -> None:
    """The ids of one fleet mean nothing in another."""
    trip = desk.record()
    stranger = desk.core.create_fleet("Next door")
    theirs = Desk(desk.core, stranger, desk.vehicle_id)

    assert () == theirs.list()
    for act in (lambda: theirs.edit(trip), lambda: theirs.delete(trip), theirs.record, theirs.logbook):
        with pytest.raises(NotFound):
            act()


def test_a_removed_vehicle_takes_no_trips(desk: Desk) -> None:
    """Neither an unknown nor a removed vehicle drives."""
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))

    for vehicle_id in (desk.vehicle_id, UUID(int=5)):
        with pytest.raises(NotFound):
            desk.record(vehicle_id=vehicle_id)
