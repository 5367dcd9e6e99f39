"""Odometer and engine hours: backfill, jumps, voids, replaced meters."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.quantities import EngineHours
from fleetcore.testing.builders import NOON, a_reading, km, new_fill, new_vehicle
from fleetcore.vehicles.meters import get_odometer, list_readings, record_reading, replace_meter, void_reading
from fleetcore.vehicles.model import Vehicle
from fleetcore.vehicles.odometer import JUMP
from fleetcore.vehicles.readings import (
    GetOdometer,
    ListReadings,
    Meter,
    Odometer,
    Reading,
    ReadingKind,
    ReplaceMeter,
    VoidReading,
)


@pytest.fixture
def vehicle(shared_core: Core, resident: Actor) -> Vehicle:
    """A car that showed 10,000 km on 1 May and 11,000 km ten days later."""
    made = new_vehicle(shared_core, resident)
    shared_core.run(resident, record_reading, a_reading(made.id, 10_000))
    shared_core.run(resident, record_reading, a_reading(made.id, 11_000, at=day(10)))
    return made


def day(number: int) -> datetime:
    """Return noon, so many days after 1 May."""
    return NOON + timedelta(days=number)


def shown(core: Core, actor: Actor, vehicle: Vehicle) -> Odometer:
    """Return where the vehicle's meters stand."""
    return core.read(actor, get_odometer, GetOdometer(vehicle_id=vehicle.id))


def listed(core: Core, actor: Actor, vehicle: Vehicle, **question: object) -> tuple[Reading, ...]:
    """Return the vehicle's readings, newest first."""
    return core.read(actor, list_readings, ListReadings(vehicle_id=vehicle.id, **question)).items  # type: ignore[arg-type]


def test_a_vehicle_without_readings_stands_nowhere(shared_core: Core, resident: Actor) -> None:
    """Before the first reading nothing is known."""
    odometer = shown(shared_core, resident, new_vehicle(shared_core, resident))

    assert (None, None, None, None) == (odometer.odometer, odometer.total, odometer.engine_hours, odometer.at)


def test_older_readings_are_entered_late(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A reading between two others fits between their values, and the newest stays the newest."""
    late = shared_core.run(resident, record_reading, a_reading(vehicle.id, 10_400, at=day(4)))

    assert not late.is_override
    assert [11_000, 10_400, 10_000] == [r.value // 1000 for r in listed(shared_core, resident, vehicle)]
    assert (km(11_000), day(10)) == (
        shown(shared_core, resident, vehicle).odometer,
        shown(shared_core, resident, vehicle).at,
    )


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (9_999, day(11)),  # lower than the one before
        (9_999, day(4)),
        (11_001, day(4)),  # higher than the one after
        (10_001, day(-1)),
        (15_000, day(10) + timedelta(hours=1)),  # nobody drives 4,000 km in an hour
    ],
)
def test_jumps_are_questions(shared_core: Core, resident: Actor, vehicle: Vehicle, value: int, at: datetime) -> None:
    """A value that its neighbours contradict is refused, and accepted with a recorded override."""
    with pytest.raises(Rejected) as caught:
        shared_core.run(resident, record_reading, a_reading(vehicle.id, value, at=at))
    sure = a_reading(vehicle.id, value, at=at, accept_odometer_jump=True)
    accepted = shared_core.run(resident, record_reading, sure)

    assert [JUMP] == [problem.code for problem in caught.value.problems]
    assert accepted.is_override
    assert not [r for r in listed(shared_core, resident, vehicle)[1:] if r.is_override and r.id != accepted.id]


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"odometer": km(-1)}, "odometer_km"),
        ({"odometer": km(10_000_001)}, "odometer_km"),
        ({"odometer": None, "engine_hours": EngineHours(-1)}, "engine_hours"),
        ({"odometer": None}, "odometer_km"),
        ({"engine_hours": EngineHours(1)}, "odometer_km"),
        ({"at": day(33)}, "at"),
        ({"at": NOON.replace(year=1)}, "at"),
        ({"note": "x" * 10_001}, "note"),
    ],
)
def test_absurd_readings_are_refused(
    shared_core: Core, resident: Actor, vehicle: Vehicle, stated: dict[str, object], field: str
) -> None:
    """No override helps a value, a time or a note that cannot be."""
    with pytest.raises(Rejected) as caught:
        shared_core.run(resident, record_reading, a_reading(vehicle.id, accept_odometer_jump=True, **stated))

    assert [field] == [problem.field for problem in caught.value.problems]


def test_engine_hours_run_beside_the_odometer(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """Hours are a meter of their own, with jumps of its own."""
    hours = a_reading(vehicle.id, None, engine_hours=EngineHours.of("120.5"))
    shared_core.run(resident, record_reading, hours)
    later = a_reading(vehicle.id, None, engine_hours=EngineHours.of(120), at=day(1))
    with pytest.raises(Rejected, match=r"engine_hours: is lower than the 120\.5 h"):
        shared_core.run(resident, record_reading, later)

    assert (km(11_000), EngineHours(1205)) == (
        shown(shared_core, resident, vehicle).odometer,
        shown(shared_core, resident, vehicle).engine_hours,
    )
    assert [1205] == [r.value for r in listed(shared_core, resident, vehicle, meter=Meter.ENGINE_HOURS)]


def test_a_void_takes_back_and_stays(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A voided reading counts no more, but it and its void stay in the books."""
    newest = listed(shared_core, resident, vehicle)[0]
    shared_core.run(resident, void_reading, VoidReading(id=newest.id, note="typing error"))
    books = listed(shared_core, resident, vehicle, with_voided=True)

    assert km(10_000) == shown(shared_core, resident, vehicle).odometer
    assert [newest.id] == [reading.voids for reading in books if reading.kind is ReadingKind.VOID]
    assert 3 == len(books)


def test_a_reading_is_voided_once(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """Neither a voided reading nor a void can be voided."""
    newest = listed(shared_core, resident, vehicle)[0]
    shared_core.run(resident, void_reading, VoidReading(id=newest.id))
    for reading in listed(shared_core, resident, vehicle, with_voided=True)[:2]:
        with pytest.raises(Rejected, match="voided already"):
            shared_core.run(resident, void_reading, VoidReading(id=reading.id))


def test_the_reading_of_a_fill_is_the_fills(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A reading that a record implies is changed by changing the record."""
    fill = new_fill(shared_core, resident, vehicle, at=day(11), odometer=km(11_300))
    assert fill.reading_id is not None
    with pytest.raises(Rejected, match=r"belongs to a fuel\.fill"):
        shared_core.run(resident, void_reading, VoidReading(id=fill.reading_id))


def test_unknown_readings_are_not_found(shared_core: Core, resident: Actor) -> None:
    """Voiding what is not there says so."""
    with pytest.raises(NotFound):
        shared_core.run(resident, void_reading, VoidReading(id=new_id()))


def test_a_taken_id_is_a_conflict(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A client that chooses the id of a reading chooses a new one."""
    taken = listed(shared_core, resident, vehicle)[0].id
    with pytest.raises(Conflict, match="this id exists"):
        shared_core.run(resident, record_reading, a_reading(vehicle.id, 12_000, at=day(20), id=taken))


def replacement(vehicle: Vehicle, old: int, new: int, at: datetime) -> ReplaceMeter:
    """Make the command that exchanges the odometer."""
    return ReplaceMeter(vehicle_id=vehicle.id, at=at, old_odometer=km(old), new_odometer=km(new))


def test_distances_run_on_over_a_new_meter(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """After the odometer was exchanged it counts from its new value, and the total goes on."""
    shared_core.run(resident, replace_meter, replacement(vehicle, 11_200, 5, day(12)))
    shared_core.run(resident, record_reading, a_reading(vehicle.id, 305, at=day(14)))
    odometer = shown(shared_core, resident, vehicle)

    assert (km(305), km(11_500)) == (odometer.odometer, odometer.total)


def test_readings_before_an_exchange_obey_the_old_meter(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A late reading before the exchange is compared with what the old meter showed last."""
    shared_core.run(resident, replace_meter, replacement(vehicle, 11_200, 5, day(12)))
    late = shared_core.run(resident, record_reading, a_reading(vehicle.id, 11_100, at=day(11)))
    with pytest.raises(Rejected, match="higher than the 11,200 km"):
        shared_core.run(resident, record_reading, a_reading(vehicle.id, 11_201, at=day(11)))

    assert not late.is_override


@pytest.mark.parametrize(
    ("exchange", "field"),
    [
        ((9_000, 0, day(12)), "old_odometer_km"),
        ((-1, 0, day(12)), "old_odometer_km"),
        ((12_000, -1, day(12)), "new_odometer_km"),
        ((10_500, 11_500, day(5)), "new_odometer_km"),
        ((12_000, 0, day(40)), "at"),
    ],
)
def test_impossible_exchanges_are_refused(
    shared_core: Core, resident: Actor, vehicle: Vehicle, exchange: tuple[int, int, datetime], field: str
) -> None:
    """Both meters must fit to the readings on their side of the exchange."""
    with pytest.raises(Rejected) as caught:
        shared_core.run(resident, replace_meter, replacement(vehicle, *exchange))

    assert [field] == [problem.field for problem in caught.value.problems]


def test_readings_come_in_pages(shared_core: Core, resident: Actor, vehicle: Vehicle) -> None:
    """A list of readings is continued by its cursor without loss or repetition."""
    cursor, found = None, []
    while True:
        question = ListReadings(vehicle_id=vehicle.id, limit=1, cursor=cursor)
        page = shared_core.read(resident, list_readings, question)
        found += page.items
        if (cursor := page.next) is None:
            break

    assert [11_000_000, 10_000_000] == [reading.value for reading in found]
