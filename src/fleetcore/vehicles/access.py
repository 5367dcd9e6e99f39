"""Which vehicles an actor may reach: the one place that other areas ask, so ownership is checked in the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.ports import Record, StoreKey, UnitOfWork

from .model import GrantScope, Vehicle
from .ports import GRANTS, VEHICLES, Opening
from .scopes import opened_by

__all__ = [
    "absent",
    "guest_permissions",
    "may_see_shared",
    "may_touch",
    "reachable_by",
    "reachable_vehicles",
    "record_finder",
    "require_change",
    "require_reach",
    "require_whole_fleet",
    "vehicle_for",
    "vehicle_named",
    "vehicle_of",
]


def reachable_vehicles(uow: UnitOfWork, permission: str) -> frozenset[UUID] | None:
    """Return the vehicles that *permission* reaches for the actor; None means the whole fleet."""
    uow.actor.require(permission)
    return reachable_by(uow, uow.actor, permission)


def reachable_by(uow: UnitOfWork, actor: Actor, permission: str) -> frozenset[UUID] | None:
    """Return the vehicles that *permission* reaches for *actor*, none without it; None means the whole fleet."""
    scope = actor.scope(permission)
    if scope is None:
        return frozenset()
    if scope is Scope.ALL:
        return None
    openings = uow[GRANTS].openings(actor.user_id, uow.now)
    return frozenset(opening.vehicle_id for opening in openings if _opens(opening, actor, permission))


def _opens(opening: Opening, actor: Actor, permission: str) -> bool:
    """Say whether *opening* is for *permission*: a member's grant without a scope opens all of their role."""
    if opening.is_assignment and actor.is_guest:
        return permission in opened_by(GrantScope.DRIVE)
    return opening.scope is None or permission in opened_by(opening.scope)


def guest_permissions(uow: UnitOfWork) -> Mapping[str, Scope]:
    """Return what the actor, a guest, may do at this moment: the part of their role that something opens now."""
    openings = uow[GRANTS].openings(uow.actor.user_id, uow.now)
    return {
        name: scope
        for name, scope in uow.actor.permissions.items()
        if any(_opens(opening, uow.actor, name) for opening in openings)
    }


def may_see_shared(uow: UnitOfWork, created_by: UUID | None) -> bool:
    """Say whether the actor may see a record of no vehicle that *created_by* made: guests see their own."""
    return not uow.actor.is_guest or created_by == uow.actor.user_id


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


def vehicle_of(uow: UnitOfWork, what: str, record: Any, permission: str, *, lock: bool = False) -> Vehicle:
    """Return the living vehicle of a *record*, which is called *what*.

    Raises Forbidden without the permission, NotFound of the record where its vehicle is out of reach: nothing else
    would be told of a record that there is not. NotFound of the vehicle where it was removed.
    """
    reachable = reachable_vehicles(uow, permission)
    if reachable is not None and record.vehicle_id not in reachable:
        raise absent(what, record)
    vehicle = uow[VEHICLES].get(record.vehicle_id, lock=lock)
    if vehicle.deleted_at is not None:
        raise NotFound("vehicle", record.vehicle_id)
    return vehicle


def absent(what: str, record: Any) -> NotFound:
    """Return the error that a store raises where there is no such *record*."""
    is_deleted = getattr(record, "deleted_at", None) is not None
    return NotFound(f"deleted {what}" if is_deleted else what, record.id)


def require_change(uow: UnitOfWork, what: str, record: Any, *, read: str, write: str, done: str) -> None:
    """Make sure the actor may change a *record* of a vehicle that they reach; *done* is what its maker did.

    Raises Forbidden for someone else's that they see, NotFound for one that they do not.
    """
    made_by: UUID = record.recorded_by if hasattr(record, "recorded_by") else record.created_by
    if may_touch(uow, write, made_by):
        return
    if uow.actor.scope(read) in {None, Scope.OWN}:
        raise absent(what, record)
    raise Forbidden(f"{done} by someone else, and your role changes only your own")


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
