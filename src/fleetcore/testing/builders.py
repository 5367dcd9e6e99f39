"""Builders: commands and facts that are fine as they are, with whatever a test states instead.

``a_...`` makes a command for ``core.run``; ``..._fact`` makes a fact for a store.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs

from fleetcore.audit.model import AuditEntry
from fleetcore.core import Core
from fleetcore.fuel.model import AddStation, EditFill, Fill, FillFields, RecordFill, Station
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle, EditVehicle, Vehicle, VehicleFields, VehicleGrant
from fleetcore.vehicles.readings import Reading, RecordReading
from fleetcore.vehicles.service import add_vehicle

__all__ = [
    "NOON",
    "a_fill",
    "a_reading",
    "a_station",
    "a_vehicle",
    "an_edit_of",
    "audit_entry",
    "euros",
    "fill_fact",
    "grant_fact",
    "join_fleet",
    "km",
    "litres",
    "new_fill",
    "new_vehicle",
    "reading_fact",
    "station_fact",
    "vehicle_fact",
]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def km(amount: str | int) -> Distance:
    """Make a distance in kilometres."""
    return Distance.of(amount)


def litres(amount: str | int) -> Volume:
    """Make a volume in litres."""
    return Volume.of(amount)


def euros(amount: str | int) -> Money:
    """Make an amount in euros."""
    return Money.of(amount, "EUR")


def a_vehicle(**stated: Any) -> AddVehicle:
    """Make the command that adds a petrol car."""
    return AddVehicle(**{"name": "Polo", "carriers": (Carrier.PETROL,)} | stated)


def a_fill(vehicle_id: UUID, **stated: Any) -> RecordFill:
    """Make the command that records 40 l for 60.00 EUR at noon of 1 May 2026."""
    usual: dict[str, Any] = {"vehicle_id": vehicle_id, "at": NOON, "volume": litres(40), "total": euros(60)}
    return RecordFill(**usual | stated)


def a_reading(vehicle_id: UUID, odometer_km: str | int | None = 10_000, **stated: Any) -> RecordReading:
    """Make the command that notes an odometer at noon of 1 May 2026."""
    odometer = None if odometer_km is None else km(odometer_km)
    usual: dict[str, Any] = {"vehicle_id": vehicle_id, "at": NOON, "odometer": odometer}
    return RecordReading(**usual | stated)


def a_station(**stated: Any) -> AddStation:
    """Make the command that adds a station."""
    return AddStation(**{"name": "Corner"} | stated)


def an_edit_of(fact: Vehicle | Fill, **stated: Any) -> Any:
    """Make the command that repeats what is said of a vehicle or a fill, with whatever is *stated* instead."""
    command: type[Any] = EditVehicle if isinstance(fact, Vehicle) else EditFill
    fields: type[Any] = VehicleFields if isinstance(fact, Vehicle) else FillFields
    said = {a.name: getattr(fact, a.name) for a in attrs.fields(fields) if hasattr(fact, a.name)}
    return command(**{"id": fact.id, "version": fact.version} | said | stated)


def new_vehicle(core: Core, actor: Actor, **stated: Any) -> Vehicle:
    """Add a petrol car to the actor's fleet."""
    return core.run(actor, add_vehicle, a_vehicle(**stated))


def new_fill(core: Core, actor: Actor, vehicle: Vehicle, **stated: Any) -> Fill:
    """Record a fill of the vehicle."""
    return core.run(actor, record_fill, a_fill(vehicle.id, **stated))


def join_fleet(core: Core, actor: Actor, name: str = "Bob", role: str = "family") -> Actor:
    """Add a member to the actor's fleet and return them as an actor."""
    command = AddMember(name=name, email=f"{name.lower()}@example.org", roles=(role,))
    member = core.run(actor, add_member, command)
    return core.actor(user_id=member.user_id, fleet_id=actor.fleet_id)


def _history(actor: Actor) -> dict[str, Any]:
    return {"created_at": NOON, "created_by": actor.user_id, "updated_at": NOON, "updated_by": actor.user_id}


def vehicle_fact(actor: Actor, **stated: Any) -> Vehicle:
    """Make a vehicle as a store keeps it."""
    return Vehicle(**{"id": new_id(), "name": "Polo", **_history(actor)} | stated)


def reading_fact(actor: Actor, vehicle_id: UUID, value: int = 10_000_000, **stated: Any) -> Reading:
    """Make an odometer reading, in metres, as a store keeps it."""
    usual: dict[str, Any] = {"id": new_id(), "at": NOON, "recorded_at": NOON, "recorded_by": actor.user_id}
    return Reading(**{**usual, "vehicle_id": vehicle_id, "value": value} | stated)


def grant_fact(actor: Actor, vehicle_id: UUID, **stated: Any) -> VehicleGrant:
    """Make a grant of the vehicle to the actor as a store keeps it."""
    usual: dict[str, Any] = {"id": new_id(), "user_id": actor.user_id, "starts_at": NOON, "created_at": NOON}
    return VehicleGrant(**{**usual, "vehicle_id": vehicle_id, "created_by": actor.user_id} | stated)


def fill_fact(actor: Actor, vehicle_id: UUID, **stated: Any) -> Fill:
    """Make a petrol fill of 40 l for 60.00 EUR as a store keeps it."""
    usual: dict[str, Any] = {
        "id": new_id(),
        "at": NOON,
        "carrier": Carrier.PETROL,
        "total": euros(60),
        "unit_price": UnitPrice.of("1.5", "EUR"),
    }
    quantity = {} if {"mass", "energy"} & stated.keys() else {"volume": litres(40)}
    return Fill(**{**usual, **quantity, **_history(actor), "vehicle_id": vehicle_id} | stated)


def station_fact(actor: Actor, **stated: Any) -> Station:
    """Make a station as a store keeps it."""
    return Station(**{"id": new_id(), "name": "Corner", **_history(actor)} | stated)


def audit_entry(actor: Actor, **stated: Any) -> AuditEntry:
    """Make an audit entry of a created vehicle."""
    usual: dict[str, Any] = {"id": new_id(), "at": NOON, "actor_id": actor.user_id, "operation": "vehicles.add"}
    return AuditEntry(**usual | {"entity": "vehicles.vehicle", "entity_id": new_id(), "after": {}} | stated)
