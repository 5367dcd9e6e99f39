"""Fills and stations on the wire, and the events that tell of them."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from attrs import evolve, fields_dict

from fleetcore.fuel import events
from fleetcore.fuel.model import EditFill, Fill, RecordFill
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.events import Event
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, Volume
from fleetcore.kernel.wire import from_json, to_json
from fleetcore.vehicles.carriers import Carrier

from .builders import START, VEHICLE, a_fill

FILL = Fill(
    id=UUID(int=1),
    vehicle_id=VEHICLE,
    at=START,
    odometer=Distance.of(341948),
    carrier=Carrier.PETROL,
    volume=Volume.of("46.301"),
    total=Money.of("67.09", "GBP"),
    unit_price=UnitPrice.of("1.449", "GBP"),
    created_at=START,
    updated_at=START,
    created_by=UUID(int=2),
    updated_by=UUID(int=2),
)


def test_a_fill_reads_well_as_json() -> None:
    """Quantities carry their unit in the name; the other kinds of quantity are null."""
    wire = json.loads(to_json(FILL))

    assert (wire["odometer_km"], wire["volume_l"], wire["mass_kg"], wire["energy_kwh"]) == (341948, 46.301, None, None)
    assert wire["total"] == {"amount": "67.09", "currency": "GBP"}


def test_a_fill_comes_back_from_json() -> None:
    """A fact that was written is read as the same fact."""
    assert from_json(to_json(FILL), Fill) == FILL


@pytest.mark.parametrize("kind", [RecordFill, EditFill])
def test_a_command_is_read_strictly(kind: type) -> None:
    """An unknown field is a problem with its name."""
    with pytest.raises(Rejected) as caught:
        from_json(b'{"odometer": 5}', kind)

    assert "odometer" in {problem.field for problem in caught.value.problems}


def test_a_quantity_is_whatever_was_stated() -> None:
    """Volume, mass or energy; a command may leave all of them out, a fact may not."""
    assert a_fill(volume=None, energy=Energy.of(8)).quantity == Energy.of(8)
    assert a_fill(volume=None).quantity is None
    with pytest.raises(ValueError, match="no quantity"):
        _ = evolve(FILL, volume=None).quantity


@pytest.mark.parametrize("told", events.EVENTS)
def test_every_event_has_a_name_a_version_and_a_key(told: type[Event]) -> None:
    """The catalogue finds what it needs on each event class."""
    assert told.name.startswith("fuel.")
    assert (told.version, told.producer) == (1, "fuel")
    assert told.key in fields_dict(told)
