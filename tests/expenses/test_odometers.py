"""An expense with an odometer owns a reading, which follows it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.quantities import Volume
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

from .conftest import TODAY, Desk, euros, km

YESTERDAY = date(2026, 5, 31)


def fill(desk: Desk, hour: int, odometer_km: int) -> None:
    """Fill up yesterday at *hour*."""
    command = RecordFill(
        vehicle_id=desk.vehicle_id, at=datetime(2026, 5, 31, hour, tzinfo=UTC), odometer=km(odometer_km),
        volume=Volume.of(40), total=euros(60), carrier=Carrier.PETROL,
    )  # fmt: skip
    desk.core.run(desk.actor, record_fill, command)


def test_an_expense_notes_its_odometer(desk: Desk) -> None:
    """The vehicle's odometer shows what the expense said, and forgets it with the expense."""
    recorded = desk.record(odometer=km(1200))
    assert 1200 == desk.odometer_km()

    deleted = desk.delete(recorded)
    assert desk.odometer_km() is None

    desk.restore(deleted)
    assert 1200 == desk.odometer_km()


def test_the_reading_follows_an_edit(desk: Desk) -> None:
    """Another odometer is another reading; none is none; a new title keeps the reading."""
    recorded = desk.record(odometer=km(1200))
    edited = desk.edit(recorded, odometer=km(1100))
    assert 1100 == desk.odometer_km()

    renamed = desk.edit(edited, title="Garage")
    assert edited.reading_id == renamed.reading_id

    cleared = desk.edit(renamed, odometer=None)
    assert desk.odometer_km() is None
    assert cleared.reading_id is None


def test_the_reading_moves_with_the_vehicle(desk: Desk) -> None:
    """An expense that is given to another vehicle takes its reading along."""
    other = desk.core.run(desk.actor, add_vehicle, AddVehicle(name="Bus"))
    desk.edit(desk.record(odometer=km(1200)), vehicle_id=other.id)

    assert desk.odometer_km() is None
    assert 1200 == Desk(desk.core, desk.actor, other.id).odometer_km()


def test_a_jump_is_a_question(desk: Desk) -> None:
    """An odometer that goes back is refused until it is accepted."""
    desk.record(odometer=km(1200), spent_on=YESTERDAY)
    with pytest.raises(Rejected) as caught:
        desk.record(odometer=km(1100), spent_on=TODAY)

    assert caught.value.has_code("odometer.jump")
    assert 1100 == desk.record(odometer=km(1100), accept_odometer_jump=True).odometer.km  # type: ignore[union-attr]


@pytest.mark.parametrize("odometer_km", [950, 1000, 1050, 1100, 1150, 1200, 1250])
def test_a_day_without_an_hour_fits_between_the_fills_of_the_day(sqlite_desk: Desk, odometer_km: int) -> None:
    """When nobody said the hour, the odometer decides where in the day the expense belongs."""
    fill(sqlite_desk, 8, 1000)
    fill(sqlite_desk, 14, 1100)
    fill(sqlite_desk, 18, 1200)

    assert sqlite_desk.record(spent_on=YESTERDAY, odometer=km(odometer_km)).reading_id


def test_an_hour_that_was_said_is_believed(sqlite_desk: Desk) -> None:
    """With the hour the neighbours in time are asked, as for a fill."""
    fill(sqlite_desk, 8, 1000)
    with pytest.raises(Rejected, match="lower"):
        sqlite_desk.record(at=datetime(2026, 5, 31, 9, tzinfo=UTC), odometer=km(950))


def test_todays_expense_does_not_lie_ahead_of_todays_fill(sqlite_desk: Desk) -> None:
    """An expense of today stands no later than now, so that the next fill is no jump."""
    sqlite_desk.core.clock.set(datetime(2026, 5, 31, 9, tzinfo=UTC))  # type: ignore[attr-defined]
    sqlite_desk.record(spent_on=YESTERDAY, odometer=km(1000))
    sqlite_desk.core.clock.advance(hours=1)  # type: ignore[attr-defined]
    fill(sqlite_desk, 10, 1010)

    assert 1010 == sqlite_desk.odometer_km()
