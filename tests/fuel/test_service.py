"""Fills through the core: what follows from recording, editing, deleting and restoring one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import (
    AddStation,
    DeleteFill,
    DeleteStation,
    EditStation,
    Fill,
    GetFill,
    ListFills,
    ListStations,
    RestoreFill,
)
from fleetcore.fuel.service import delete_fill, edit_fill, get_fill, list_fills, record_fill, restore_fill
from fleetcore.fuel.stations import add_station, delete_station, edit_station, list_stations
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Energy
from fleetcore.ledger.model import ListEntries
from fleetcore.ledger.queries import list_entries
from fleetcore.testing.builders import (
    NOON,
    a_fill,
    a_reading,
    a_station,
    an_edit_of,
    euros,
    km,
    litres,
    new_fill,
    new_vehicle,
)
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import list_readings, record_reading
from fleetcore.vehicles.model import GetVehicle, Vehicle
from fleetcore.vehicles.readings import ListReadings
from fleetcore.vehicles.service import get_vehicle


@pytest.fixture
def vehicle(shared_core: Core, resident: Actor) -> Vehicle:
    """A petrol car."""
    return new_vehicle(shared_core, resident)


def odometers(core: Core, actor: Actor, vehicle: Vehicle) -> list[int]:
    """Return the live readings in km, newest first."""
    page = core.read(actor, list_readings, ListReadings(vehicle_id=vehicle.id))
    return [reading.value // 1000 for reading in page.items]


def booked(core: Core, actor: Actor, fill: Fill) -> list[int]:
    """Return what each entry of the fill and each reversal debits, oldest first, in cents."""
    entries = core.read(actor, list_entries, ListEntries(limit=1000)).items
    own = [entry for entry in entries if entry.source_id == fill.id]
    reversals = [entry for entry in entries if entry.reverses_id in {e.id for e in own}]
    return sorted(entry.lines[0].amount.minor for entry in (*own, *reversals))


def test_two_of_three_are_enough(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """Of total, unit price and quantity the third follows."""
    price = UnitPrice.of("1.5", "EUR")
    fills = [
        new_fill(shared_core, resident, vehicle),
        new_fill(shared_core, resident, vehicle, total=None, unit_price=price),
        new_fill(shared_core, resident, vehicle, volume=None, unit_price=price),
    ]

    assert [(litres(40), euros(60), price)] * 3 == [(f.volume, f.total, f.unit_price) for f in fills]


def test_an_edit_moves_reading_and_cost(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """After an edit the odometer and the books say what the fill says now; the old entry is reversed."""
    fill = new_fill(shared_core, resident, vehicle, odometer=km(10_000))
    edited = shared_core.run(
        resident, edit_fill, an_edit_of(fill, odometer=km(10_050), total=euros(61), unit_price=None)
    )

    assert [10_050] == odometers(shared_core, resident, vehicle)
    assert [-6000, 6000, 6100] == booked(shared_core, resident, fill)
    assert (2, fill.created_at) == (edited.version, edited.created_at)


def test_an_edit_of_words_leaves_the_reading(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """An edit that says nothing new of the odometer keeps its reading."""
    fill = new_fill(shared_core, resident, vehicle, odometer=km(10_000))

    assert fill.reading_id == shared_core.run(resident, edit_fill, an_edit_of(fill, notes="rain")).reading_id


def test_an_edit_can_move_a_fill_to_another_vehicle(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A fill that was put to the wrong vehicle moves with its reading and its cost."""
    fill = new_fill(shared_core, resident, vehicle, odometer=km(10_000))
    other = new_vehicle(shared_core, resident, name="Other")
    shared_core.run(resident, edit_fill, an_edit_of(fill, vehicle_id=other.id))

    assert ([], [10_000]) == (
        odometers(shared_core, resident, vehicle),
        odometers(shared_core, resident, other),
    )
    assert 1 == len(shared_core.read(resident, list_fills, ListFills(vehicle_id=other.id)).items)


def test_deletion_takes_everything_back(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A deleted fill is found no more, its reading is voided, its cost reversed."""
    fill = new_fill(shared_core, resident, vehicle, odometer=km(10_000))
    shared_core.run(resident, delete_fill, DeleteFill(id=fill.id, version=1))

    assert ([], [-6000, 6000]) == (odometers(shared_core, resident, vehicle), booked(shared_core, resident, fill))
    with pytest.raises(NotFound):
        shared_core.read(resident, get_fill, GetFill(id=fill.id))


def test_restoring_brings_everything_back(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A restored fill has a reading and a cost again, and its next version."""
    fill = new_fill(shared_core, resident, vehicle, odometer=km(10_000))
    shared_core.run(resident, delete_fill, DeleteFill(id=fill.id, version=1))
    restored = shared_core.run(resident, restore_fill, RestoreFill(id=fill.id))

    assert ([10_000], [-6000, 6000, 6000]) == (
        odometers(shared_core, resident, vehicle),
        booked(shared_core, resident, fill),
    )
    assert (3, None) == (restored.version, restored.deleted_at)


def test_a_jump_is_a_question(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A fill whose odometer goes back is refused until the jump is accepted; then the override is recorded."""
    shared_core.run(resident, record_reading, a_reading(vehicle.id, 10_000))
    jump = a_fill(vehicle.id, at=NOON + timedelta(days=1), odometer=km(9_000))
    with pytest.raises(Rejected) as caught:
        shared_core.run(resident, record_fill, jump)
    new_fill(shared_core, resident, vehicle, at=jump.at, odometer=jump.odometer, accept_odometer_jump=True)

    assert caught.value.has_code("odometer.jump")
    page = shared_core.read(resident, list_readings, ListReadings(vehicle_id=vehicle.id))
    assert [True, False] == [reading.is_override for reading in page.items]


def test_the_first_fill_teaches_the_carrier(shared_core: Core, resident: Actor) -> None:
    """A vehicle whose carriers nobody stated learns them from its fills; AdBlue is none."""
    plain = new_vehicle(shared_core, resident, carriers=())
    new_fill(shared_core, resident, plain, carrier=Carrier.ADBLUE)
    new_fill(shared_core, resident, plain, carrier=Carrier.DIESEL)

    assert (Carrier.DIESEL,) == shared_core.read(resident, get_vehicle, GetVehicle(id=plain.id)).carriers


def test_a_free_charge_is_a_fill(shared_core: Core, resident: Actor) -> None:
    """A charge that costs nothing is recorded, and books nothing."""
    car = new_vehicle(shared_core, resident, carriers=(Carrier.ELECTRICITY,))
    fill = new_fill(shared_core, resident, car, volume=None, energy=Energy.of(30), total=Money(0, "EUR"))

    assert (Carrier.ELECTRICITY, []) == (fill.carrier, booked(shared_core, resident, fill))


def test_fills_are_listed_by_time_and_carrier(shared_core: Core, resident: Actor) -> None:
    """A list can be narrowed to a stretch of time, whose end is outside, and to a carrier, and comes in pages."""
    car = new_vehicle(shared_core, resident, carriers=(Carrier.PETROL, Carrier.LPG))
    days = [NOON + timedelta(days=number) for number in range(4)]
    for at, carrier in zip(days, [Carrier.PETROL, Carrier.LPG] * 2, strict=True):
        new_fill(shared_core, resident, car, at=at, carrier=carrier)

    def found(**question: Any) -> list[Any]:
        return [fill.at for fill in shared_core.read(resident, list_fills, ListFills(**question)).items]

    assert [days[2], days[1]] == found(since=days[1], until=days[3])
    assert [days[3], days[1]] == found(carrier=Carrier.LPG)
    first = shared_core.read(resident, list_fills, ListFills(limit=3))
    assert [days[0]] == found(limit=3, cursor=first.next)


@pytest.mark.parametrize("latitude", [float("nan"), 91.0])
def test_no_place_on_earth_is_refused(shared_core: Core, resident: Actor, vehicle: Vehicle, latitude: float) -> None:
    """A position off the globe is refused."""
    with pytest.raises(Rejected, match="latitude"):
        shared_core.run(resident, record_fill, a_fill(vehicle.id, latitude=latitude, longitude=0.0))


def test_unknown_stations_are_refused(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A fill at a station that is not there leaves nothing."""
    with pytest.raises(Conflict, match="station"):
        shared_core.run(resident, record_fill, a_fill(vehicle.id, station_id=vehicle.id))


def test_a_deleted_station_is_forgotten(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """The fills of a deleted station stay, with their place as text; deleted fills can still be restored."""
    station = shared_core.run(resident, add_station, a_station())
    fill = new_fill(shared_core, resident, vehicle, station_id=station.id, place="Main Street")
    shared_core.run(resident, delete_fill, DeleteFill(id=fill.id, version=1))
    shared_core.run(resident, delete_station, DeleteStation(id=station.id, version=1))
    restored = shared_core.run(resident, restore_fill, RestoreFill(id=fill.id))

    assert (None, "Main Street") == (restored.station_id, restored.place)


def test_stations_are_unique_per_provider(shared_core: Core, resident: Actor) -> None:
    """A provider's id names one station of a fleet; stations without one may share a name."""
    named = a_station(provider="osm", external_id="1")
    shared_core.run(resident, add_station, named)
    for _ in range(2):
        shared_core.run(resident, add_station, a_station())
    with pytest.raises(Conflict, match="provider and external id"):
        shared_core.run(resident, add_station, named)


def test_stations_are_edited_and_searched(shared_core: Core, resident: Actor) -> None:
    """A station is changed by version and found by a part of its name."""
    station = shared_core.run(resident, add_station, AddStation(name="Corner", brand="Shell"))
    edited = shared_core.run(resident, edit_station, EditStation(id=station.id, version=1, name="Market 100%"))
    with pytest.raises(Conflict):
        shared_core.run(resident, edit_station, EditStation(id=station.id, version=1, name="Other"))

    assert (edited,) == shared_core.read(resident, list_stations, ListStations(name_contains="ARKET 100%")).items
    assert () == shared_core.read(resident, list_stations, ListStations(name_contains="_")).items


@pytest.mark.postgres
@pytest.mark.parametrize(("key", "most"), [(None, 9), ("k", 11)])
def test_a_fill_takes_few_statements(postgres_url: str, key: str | None, most: int) -> None:
    """A fill with odometer and station takes 9 statements on PostgreSQL, and 2 more with an idempotency key.

    Settings are not counted; one of the statements asks whether the vehicle has reminders.
    """
    statements: list[str] = []
    with fleetcore.open(postgres_url, installed_plugins=False) as core:
        owner = core.create_fleet("Home")
        vehicle = new_vehicle(core, owner, carriers=(Carrier.PETROL,))
        station = core.run(owner, add_station, a_station())
        event.listen(core.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        command = a_fill(vehicle.id, odometer=km(10_000), station_id=station.id)
        core.run(owner, record_fill, command, idempotency_key=key)

    counted = [statement for statement in statements if "set_config" not in statement]
    assert 5 < len(counted) <= most, counted
