"""What stands in the outbox is what the catalogue promises."""

from __future__ import annotations

import orjson
from sqlalchemy import select
from tests.kernel.validation import faults

from fleetcore import Core
from fleetcore.catalogue import event_catalogue
from fleetcore.fuel.model import DeleteFill, RestoreFill
from fleetcore.fuel.service import delete_fill, edit_fill, restore_fill
from fleetcore.fuel.stations import add_station
from fleetcore.kernel.actor import Actor
from fleetcore.storage.outbox import outbox
from fleetcore.testing.builders import a_reading, a_station, an_edit_of, join_fleet, km, new_fill, new_vehicle
from fleetcore.vehicles.meters import record_reading, void_reading
from fleetcore.vehicles.model import GrantVehicle, RemoveVehicle
from fleetcore.vehicles.readings import VoidReading
from fleetcore.vehicles.service import grant_vehicle, remove_vehicle


def do_something(core: Core, owner: Actor) -> None:
    """Run operations of many kinds."""
    vehicle = new_vehicle(core, owner)
    bob = join_fleet(core, owner, f"Bob-{owner.fleet_id}")
    core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=bob.user_id))
    station = core.run(owner, add_station, a_station())
    fill = new_fill(core, owner, vehicle, odometer=km("10000.5"), station_id=station.id)
    core.run(owner, edit_fill, an_edit_of(fill, notes="rain"))
    core.run(owner, delete_fill, DeleteFill(id=fill.id, version=2))
    core.run(owner, restore_fill, RestoreFill(id=fill.id))
    reading = core.run(owner, record_reading, a_reading(vehicle.id, 9_000))
    core.run(owner, void_reading, VoidReading(id=reading.id))
    core.run(owner, remove_vehicle, RemoveVehicle(id=vehicle.id))


def test_payloads_keep_to_the_catalogue(shared_core: Core, resident: Actor) -> None:
    """Each payload is valid by its schema, carries its key, and the row its version."""
    do_something(shared_core, resident)
    catalogue = {entry["name"]: entry for entry in event_catalogue()}
    with shared_core.database.system() as connection:
        rows = list(connection.execute(select(outbox).where(outbox.c.fleet_id == resident.fleet_id)))
    for row in rows:
        entry, payload = catalogue[row.name], orjson.loads(row.payload)
        assert [] == list(faults(payload, entry["schema"]))
        assert (entry["version"], payload[entry["key"]]) == (row.version, row.key)

    assert len({row.name for row in rows}) >= 12


def test_payloads_hold_no_persons(shared_core: Core) -> None:
    """Names, e-mails and notes are in no payload."""
    owner = shared_core.create_fleet("Home", owner_name="Grace Hopper", owner_email="grace@example.org")
    vehicle = new_vehicle(shared_core, owner)
    new_fill(shared_core, owner, vehicle, notes="with my Neighbour", place="Secret Lane")
    with shared_core.database.system() as connection:
        told = list(connection.execute(select(outbox.c.payload).where(outbox.c.fleet_id == owner.fleet_id)).scalars())

    assert told
    assert not [text for text in told for word in ("Grace", "grace@", "Neighbour", "Secret") if word in text]
