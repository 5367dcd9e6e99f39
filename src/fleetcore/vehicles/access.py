"""Which vehicles an actor may reach: the one place that other areas ask, so ownership is checked in the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.ports import Record, StoreKey, UnitOfWork

from .model import Vehicle
from .ports import GRANTS, VEHICLES

__all__ = [
    "may_touch",
    "reachable_vehicles",
    "record_finder",
    "require_reach",
    "require_whole_fleet",
    "vehicle_for",
    "vehicle_named",
]


def reachable_vehicles(uow: UnitOfWork, permission: str) -> frozenset[UUID] | None:
    """Return the vehicles that *permission* reaches for the actor; None means the whole fleet."""
    if uow.actor.require(permission) is Scope.ALL:
        return None
    return uow[GRANTS].vehicles_of(uow.actor.user_id, uow.now)


def vehicle_for(uow: UnitOfWork, vehicle_id: UUID, permission: str, *, lock: bool = False) -> Vehicle:
    """Return a living vehicle that the actor may reach by *permission*.

    Raises Forbidden without the permission, NotFound for a vehicle that is removed, unknown, of
    another fleet, or out of reach: what one may not see does not exist.
    """
    require_reach(uow, vehicle_id, permission)
    vehicle = uow[VEHICLES].get(vehicle_id, lock=lock)
    if vehicle.deleted_at is not None:
        raise NotFound("vehicle", vehicle_id)
    return vehicle


def require_reach(uow: UnitOfWork, vehicle_id: UUID, permission: str) -> None:
    """Raise NotFound when *permission* does not reach the vehicle, removed or not."""
    reachable = reachable_vehicles(uow, permission)
    if reachable is not None and vehicle_id not in reachable:
        raise NotFound("vehicle", vehicle_id)


def require_whole_fleet(uow: UnitOfWork, permission: str) -> None:
    """Raise Forbidden unless *permission* reaches every vehicle of the fleet."""
    if uow.actor.require(permission) is not Scope.ALL:
        raise Forbidden(f"this needs the permission {permission} for the whole fleet")


def may_touch(uow: UnitOfWork, permission: str, created_by: UUID) -> bool:
    """Say whether *permission* lets the actor change a record that *created_by* made."""
    return uow.actor.require(permission) is not Scope.OWN or created_by == uow.actor.user_id


def record_finder(store: StoreKey[Any], read: str, write: str) -> Callable[[UnitOfWork, UUID], Record]:
    """Make what an area offers others to find a record of its *store* by, with the permissions that it is under."""

    def find(uow: UnitOfWork, record_id: UUID) -> Record:
        fact = uow[store].get(record_id)
        return Record(
            vehicle_id=getattr(fact, "vehicle_id", None),
            person_id=getattr(fact, "person_id", None),
            created_by=fact.created_by,
            read_permission=read,
            write_permission=write,
        )

    return find


def vehicle_named(name: str, vehicles: tuple[Vehicle, ...]) -> Vehicle:
    """Return the one of *vehicles* that people mean by *name*: its name, plate or VIN, ignoring case.

    Raises NotFound, or Rejected when several match.
    """
    wanted = name.casefold()
    found = [
        v
        for v in vehicles
        if wanted in {v.name.casefold(), (v.plate or "").casefold(), (v.vin or "").casefold(), str(v.id)}
    ]
    if not found:
        raise NotFound("vehicle", name)
    if len(found) > 1:
        raise Rejected.because(
            "vehicle", f"{len(found)} vehicles are called {name!r}: use the plate, the VIN or the id"
        )
    return found[0]
