"""Who may reach which vehicle: grants, their time, and scopes below the whole fleet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest

from fleetcore import Core
from fleetcore.fuel.model import DeleteFill, DeleteStation, GetFill, ListFills
from fleetcore.fuel.service import delete_fill, edit_fill, get_fill, list_fills, record_fill
from fleetcore.fuel.stations import add_station, delete_station
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.testing.builders import (
    a_fill,
    a_reading,
    a_station,
    a_vehicle,
    an_edit_of,
    join_fleet,
    new_fill,
    new_vehicle,
)
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.meters import record_reading, void_reading
from fleetcore.vehicles.model import (
    GetVehicle,
    GrantVehicle,
    ListGrants,
    ListVehicles,
    PurgeVehicles,
    RemoveVehicle,
    RestoreVehicle,
    RevokeGrant,
    Vehicle,
)
from fleetcore.vehicles.readings import VoidReading
from fleetcore.vehicles.service import (
    add_vehicle,
    get_vehicle,
    grant_vehicle,
    list_grants,
    list_vehicles,
    purge_vehicles,
    remove_vehicle,
    restore_vehicle,
    revoke_grant,
)


@pytest.fixture
def driver(core: Core, owner: Actor) -> Actor:
    """A member of the family, to whom nothing is granted yet."""
    return join_fleet(core, owner, "Bob", "family")


@pytest.fixture
def vehicle(core: Core, owner: Actor) -> Vehicle:
    """A car of the fleet."""
    return new_vehicle(core, owner)


@pytest.fixture
def granted(core: Core, owner: Actor, driver: Actor, vehicle: Vehicle) -> Iterator[Vehicle]:
    """The car, granted to the driver."""
    core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=driver.user_id))
    return vehicle


def test_without_a_grant_nothing_is_there(core: Core, driver: Actor, vehicle: Vehicle) -> None:
    """A driver sees no vehicle that was not granted, and can record nothing for it."""
    assert () == core.read(driver, list_vehicles, ListVehicles())
    with pytest.raises(NotFound):
        core.read(driver, get_vehicle, GetVehicle(id=vehicle.id))
    with pytest.raises(NotFound):
        core.run(driver, record_fill, a_fill(vehicle.id))
    with pytest.raises(NotFound):
        core.run(driver, record_reading, a_reading(vehicle.id))


def test_a_grant_opens_one_vehicle(core: Core, owner: Actor, driver: Actor, granted: Vehicle) -> None:
    """A driver sees the granted vehicle with everyone's fills, and no other."""
    theirs = new_fill(core, owner, granted)
    new_fill(core, owner, new_vehicle(core, owner, name="Other"))

    assert (granted,) == core.read(driver, list_vehicles, ListVehicles())
    assert (theirs,) == core.read(driver, list_fills, ListFills()).items


def test_drivers_change_their_own_fills(core: Core, owner: Actor, driver: Actor, granted: Vehicle) -> None:
    """A driver edits and deletes what they recorded themselves, nothing else."""
    own, other = new_fill(core, driver, granted), new_fill(core, owner, granted)
    core.run(driver, edit_fill, an_edit_of(own, notes="mine"))
    for run, command in ((edit_fill, an_edit_of(other)), (delete_fill, DeleteFill(id=other.id, version=1))):
        with pytest.raises(Forbidden, match="recorded by someone else"):
            core.run(driver, run, command)  # type: ignore[arg-type]


def test_drivers_write_no_vehicles(core: Core, driver: Actor, granted: Vehicle) -> None:
    """A driver may not add or remove vehicles, nor grant them."""
    for run, command in (
        (add_vehicle, a_vehicle()),
        (remove_vehicle, RemoveVehicle(id=granted.id)),
        (grant_vehicle, GrantVehicle(vehicle_id=granted.id, user_id=driver.user_id)),
    ):
        with pytest.raises(Forbidden, match=r"vehicles\.write"):
            core.run(driver, run, command)  # type: ignore[arg-type]


def test_grants_have_a_time(core: Core, owner: Actor, driver: Actor, vehicle: Vehicle, clock: FixedClock) -> None:
    """A grant opens at its start and closes at its end, to the instant."""
    start, end = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    command = GrantVehicle(vehicle_id=vehicle.id, user_id=driver.user_id, starts_at=start, ends_at=end)
    core.run(owner, grant_vehicle, command)
    seen = []
    for instant in (start - timedelta(microseconds=1), start, end - timedelta(microseconds=1), end):
        clock.set(instant)
        seen.append(len(core.read(driver, list_vehicles, ListVehicles())))

    assert [0, 1, 1, 0] == seen


def test_a_revoked_grant_ends_now(core: Core, owner: Actor, driver: Actor, granted: Vehicle) -> None:
    """After a grant was revoked the vehicle is out of reach; it is revoked once."""
    (grant,) = core.read(owner, list_grants, ListGrants(vehicle_id=granted.id))
    core.run(owner, revoke_grant, RevokeGrant(id=grant.id))

    assert () == core.read(driver, list_vehicles, ListVehicles())
    with pytest.raises(Rejected, match="ended already"):
        core.run(owner, revoke_grant, RevokeGrant(id=grant.id))


def test_grants_need_a_known_user_and_a_stretch(core: Core, owner: Actor, vehicle: Vehicle, clock: FixedClock) -> None:
    """A grant to nobody, or one that ends before it starts, is refused."""
    with pytest.raises(Rejected, match="no member"):
        core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=new_id()))
    command = GrantVehicle(vehicle_id=vehicle.id, user_id=owner.user_id, ends_at=clock.now())
    with pytest.raises(Rejected, match="ends_at"):
        core.run(owner, grant_vehicle, command)


def scoped(actor: Actor, scope: Scope, *permissions: str) -> Actor:
    """Return *actor* with nothing but *permissions*, as far as *scope*, as a custom role may give them."""
    return attrs.evolve(actor, permissions=dict.fromkeys(permissions, scope))


def test_narrow_writers_keep_to_their_vehicles(core: Core, owner: Actor, driver: Actor, vehicle: Vehicle) -> None:
    """A role that writes granted vehicles only can neither add nor restore nor purge, nor touch others' grants."""
    (grant,) = [core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=owner.user_id))]
    narrow = scoped(driver, Scope.GRANTED, "vehicles.write", "vehicles.purge")
    with pytest.raises(NotFound):
        core.run(narrow, revoke_grant, RevokeGrant(id=grant.id))
    core.run(owner, remove_vehicle, RemoveVehicle(id=vehicle.id))
    with pytest.raises(NotFound):
        core.run(narrow, restore_vehicle, RestoreVehicle(id=vehicle.id))
    for run, command in ((add_vehicle, a_vehicle()), (purge_vehicles, PurgeVehicles())):
        with pytest.raises(Forbidden, match="whole fleet"):
            core.run(narrow, run, command)  # type: ignore[arg-type]


def test_own_readers_see_their_own_fills(core: Core, owner: Actor, driver: Actor, granted: Vehicle) -> None:
    """A role that reads its own fills finds no one else's, in lists or by id."""
    own, other = new_fill(core, driver, granted), new_fill(core, owner, granted)
    agent = scoped(driver, Scope.OWN, "fuel.read")

    assert (own,) == core.read(agent, list_fills, ListFills()).items
    assert own == core.read(agent, get_fill, GetFill(id=own.id))
    with pytest.raises(NotFound):
        core.read(agent, get_fill, GetFill(id=other.id))


def test_own_writers_void_their_own_readings(core: Core, owner: Actor, driver: Actor, granted: Vehicle) -> None:
    """A role that records its own readings does not void another's: that it sees is refused, else there is none."""
    reading = core.run(owner, record_reading, a_reading(granted.id))
    technician = scoped(driver, Scope.OWN, "odometer.record")
    with pytest.raises(NotFound):
        core.run(technician, void_reading, VoidReading(id=reading.id))
    seeing = attrs.evolve(technician, permissions={**technician.permissions, "vehicles.read": Scope.GRANTED})
    with pytest.raises(Forbidden, match="someone else"):
        core.run(seeing, void_reading, VoidReading(id=reading.id))


def test_own_writers_keep_to_their_own_stations(core: Core, owner: Actor, driver: Actor) -> None:
    """A driver deletes the station they added, not one of another's."""
    mine, other = (core.run(actor, add_station, a_station()) for actor in (driver, owner))
    core.run(driver, delete_station, DeleteStation(id=mine.id, version=1))
    with pytest.raises(Forbidden, match="someone else"):
        core.run(driver, delete_station, DeleteStation(id=other.id, version=1))
