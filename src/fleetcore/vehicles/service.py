"""Add, edit, move, remove, restore and purge vehicles; grant their use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.when import require_aware
from fleetcore.operations import operation, query
from fleetcore.vin.numbers import clean_vin

from .access import reachable_by, reachable_vehicles, require_reach, require_whole_fleet, vehicle_for
from .carriers import Carrier
from .events import (
    GrantRevoked,
    VehicleAdded,
    VehicleEdited,
    VehicleGranted,
    VehiclePurged,
    VehicleRemoved,
    VehicleRestored,
    VehicleStateChanged,
)
from .model import (
    AddVehicle,
    ChangeState,
    EditVehicle,
    GetGrant,
    GetVehicle,
    GrantScope,
    GrantVehicle,
    ListGrants,
    ListVehicles,
    PageVehicles,
    PurgeVehicles,
    RemoveVehicle,
    RestoreVehicle,
    RevokeGrant,
    Vehicle,
    VehicleFields,
    VehicleGrant,
    VehicleState,
)
from .ports import ASSIGNMENTS, GRANTS, VEHICLES
from .rules import TRANSITIONS, check_transition, check_vehicle, clean_plate
from .scopes import opened_by

__all__ = [
    "add_grant",
    "add_vehicle",
    "change_state",
    "edit_vehicle",
    "end_grants",
    "get_grant",
    "get_vehicle",
    "grant_problems",
    "grant_vehicle",
    "learn_carriers",
    "list_grants",
    "list_vehicles",
    "move_to_state",
    "next_states",
    "page_vehicles",
    "purge_vehicles",
    "remove_vehicle",
    "restore_vehicle",
    "revoke_grant",
    "unlearn_carriers",
    "vehicle_problems",
]

F = TypeVar("F", bound=VehicleFields)
WRITE = "vehicles.write"
PURGE_DAYS_MAX = 36_500
FIELDS = tuple(attribute.name for attribute in attrs.fields(VehicleFields))


def _cleaned(command: F) -> F:
    """Return *command* with VIN and plate in their plain form and the default name filled in."""
    name = command.name.strip() or f"{command.make.strip()} {command.model.strip()}".strip()
    return attrs.evolve(command, name=name, vin=clean_vin(command.vin), plate=clean_plate(command.plate))


def _check(uow: UnitOfWork, command: VehicleFields) -> None:
    reject_if_any(check_vehicle(command, uow.now.year))


def vehicle_problems(uow: UnitOfWork, command: AddVehicle) -> Iterator[Problem]:
    """Yield every problem of a vehicle that is yet to be added, without adding it."""
    return check_vehicle(_cleaned(command), uow.now.year)


def _save(uow: UnitOfWork, before: Vehicle, **changes: Any) -> Vehicle:
    """Store *before* with *changes* as its next version, with the audit row."""
    after: Vehicle = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[VEHICLES].replace(after, old_version=before.version)
    uow.record_change("vehicles.vehicle", after.id, before, after)
    return after


def _require_version(vehicle: Vehicle, version: int | None) -> None:
    if version is not None and version != vehicle.version:
        raise Conflict(
            f"the vehicle {vehicle.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )


@operation("vehicles.add", permission=WRITE)
def add_vehicle(uow: UnitOfWork, command: AddVehicle) -> Vehicle:
    """Add a vehicle to the fleet.

    Raises Rejected with every problem, Conflict when the id, VIN or plate is taken.
    """
    require_whole_fleet(uow, WRITE)
    command = _cleaned(command)
    _check(uow, command)
    said = {name: getattr(command, name) for name in FIELDS}
    user = uow.actor.user_id
    vehicle = Vehicle(
        id=command.id or uow.new_id(),
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **said,
    )
    uow[VEHICLES].add(vehicle)
    uow.record_change("vehicles.vehicle", vehicle.id, None, vehicle)
    uow.emit(VehicleAdded(vehicle_id=vehicle.id, vehicle_name=vehicle.name))
    return vehicle


@operation("vehicles.edit", permission=WRITE)
def edit_vehicle(uow: UnitOfWork, command: EditVehicle) -> Vehicle:
    """Replace what is said of a vehicle.

    Raises Rejected with every problem, NotFound, Conflict for a stale version or a taken VIN or plate.
    """
    command = _cleaned(command)
    before = vehicle_for(uow, command.id, WRITE, lock=True)
    _require_version(before, command.version)
    _check(uow, command)
    after = _save(uow, before, **{name: getattr(command, name) for name in FIELDS})
    uow.emit(VehicleEdited(vehicle_id=after.id))
    return after


def learn_carriers(uow: UnitOfWork, vehicle: Vehicle, carriers: tuple[Carrier, ...]) -> Vehicle:
    """Add energy *carriers* that a fill showed the vehicle to have; returns the vehicle as it is now."""
    new = tuple(
        carrier for carrier in dict.fromkeys(carriers) if carrier.carries_energy and carrier not in vehicle.carriers
    )
    if not new:
        return vehicle
    after = _save(uow, vehicle, carriers=vehicle.carriers + new)
    uow.emit(VehicleEdited(vehicle_id=after.id))
    return after


def unlearn_carriers(uow: UnitOfWork, vehicle: Vehicle, carriers: tuple[Carrier, ...]) -> Vehicle:
    """Take back *carriers* that the vehicle was thought to have because of fills that are gone."""
    kept = tuple(carrier for carrier in vehicle.carriers if carrier not in carriers)
    if kept == vehicle.carriers:
        return vehicle
    after = _save(uow, vehicle, carriers=kept)
    uow.emit(VehicleEdited(vehicle_id=after.id))
    return after


def next_states(state: VehicleState) -> frozenset[VehicleState]:
    """Return the states that may follow *state*."""
    return TRANSITIONS[state]


@operation("vehicles.change_state", permission=WRITE)
def change_state(uow: UnitOfWork, command: ChangeState) -> Vehicle:
    """Move a vehicle to another state, along the legal transitions only.

    Decommissioning needs the permission vehicles.decommission too. Raises Rejected, NotFound, Conflict.
    """
    before = vehicle_for(uow, command.id, WRITE, lock=True)
    _require_version(before, command.version)
    reject_if_any(check_transition(before.state, command.state))  # before the permission, as people expect it
    if VehicleState.DECOMMISSIONED in {before.state, command.state}:
        uow.actor.require("vehicles.decommission")
    return move_to_state(uow, before, command.state)


def move_to_state(uow: UnitOfWork, before: Vehicle, state: VehicleState) -> Vehicle:
    """Move a vehicle, whose lock the caller holds, because of a record of another area that has its own permission.

    Raises Rejected when the transition is not legal.
    """
    reject_if_any(check_transition(before.state, state))
    after = _save(uow, before, state=state)
    uow.emit(VehicleStateChanged(vehicle_id=after.id, old_state=before.state, new_state=after.state))
    return after


@operation("vehicles.remove", permission=WRITE)
def remove_vehicle(uow: UnitOfWork, command: RemoveVehicle) -> Vehicle:
    """Put a vehicle and its records out of sight, until it is restored or purged."""
    before = vehicle_for(uow, command.id, WRITE, lock=True)
    _require_version(before, command.version)
    after = _save(uow, before, deleted_at=uow.now)
    uow.emit(VehicleRemoved(vehicle_id=after.id))
    return after


@operation("vehicles.restore", permission=WRITE)
def restore_vehicle(uow: UnitOfWork, command: RestoreVehicle) -> Vehicle:
    """Bring a removed vehicle and its records back.

    Raises Rejected when it is not removed or was purged, Conflict when its VIN or plate was taken meanwhile.
    """
    require_reach(uow, command.id, WRITE)
    before = uow[VEHICLES].get(command.id, lock=True)
    if before.deleted_at is None:
        raise Rejected.because("id", "this vehicle is not removed")
    if not before.name:
        raise Rejected.because("id", "this vehicle was purged and cannot come back")
    after = _save(uow, before, deleted_at=None)
    uow.emit(VehicleRestored(vehicle_id=after.id))
    return after


@operation("vehicles.purge", permission="vehicles.purge")
def purge_vehicles(uow: UnitOfWork, command: PurgeVehicles) -> tuple[UUID, ...]:
    """Erase for good the vehicles removed at least *after_days* ago, with their records; returns their ids.

    The ledger and the readings keep their rows, which hold the bare id; the audit log keeps its images.
    """
    require_whole_fleet(uow, "vehicles.purge")
    if not 0 <= command.after_days <= PURGE_DAYS_MAX:
        raise Rejected.because("after_days", f"must lie between 0 and {PURGE_DAYS_MAX}")
    due = uow[VEHICLES].removed_before(uow.now - timedelta(days=command.after_days))
    blank: dict[str, Any] = {name: getattr(VehicleFields(), name) for name in FIELDS}
    for vehicle in due:
        after = attrs.evolve(vehicle, **blank, updated_at=uow.now, version=vehicle.version + 1)
        uow[VEHICLES].replace(after, old_version=vehicle.version)
        uow[ASSIGNMENTS].remove_of(vehicle.id)
        uow.record_change("vehicles.vehicle", vehicle.id, {"id": vehicle.id}, None)
        uow.emit(VehiclePurged(vehicle_id=vehicle.id))
    return tuple(vehicle.id for vehicle in due)


@query("vehicles.get", permission="vehicles.read")
def get_vehicle(uow: UnitOfWork, command: GetVehicle) -> Vehicle:
    """Return one vehicle. Raises NotFound."""
    return vehicle_for(uow, command.id, "vehicles.read")


@query("vehicles.list", permission="vehicles.read")
def list_vehicles(uow: UnitOfWork, command: ListVehicles) -> tuple[Vehicle, ...]:
    """List the vehicles that the actor may see, by name."""
    reachable = reachable_vehicles(uow, "vehicles.read")
    found = uow[VEHICLES].list(command)
    return tuple(vehicle for vehicle in found if reachable is None or vehicle.id in reachable)


SORTS = {"name": attrgetter("name"), "created_at": attrgetter("created_at")}


@query("vehicles.page", permission="vehicles.read")
def page_vehicles(uow: UnitOfWork, command: PageVehicles) -> Page[Vehicle]:
    """List the vehicles that the actor may see, a page at a time, by name. Raises Rejected."""
    limit = page_limit(command.limit)
    reachable = reachable_vehicles(uow, "vehicles.read")
    rows = uow[VEHICLES].page(command, reachable, decode_cursor(command), limit + 1)
    return page_of(rows, limit, position_by(command.sort, SORTS), command)


@operation("vehicles.grant", permission=WRITE)
def grant_vehicle(uow: UnitOfWork, command: GrantVehicle) -> VehicleGrant:
    """Let a member use a vehicle, for a time or until revoked.

    Raises NotFound, Conflict, Rejected with every problem: an end before the start, permissions that the actor
    lacks, a user who is no member.
    """
    vehicle_for(uow, command.vehicle_id, WRITE)
    starts_at = uow.now if command.starts_at is None else require_aware(command.starts_at)
    ends_at = None if command.ends_at is None else require_aware(command.ends_at)
    problems = list(grant_problems(uow, uow.actor, command.vehicle_id, command.scope))
    if ends_at is not None and ends_at <= starts_at:
        problems.append(Problem("ends_at", "must lie after the start"))
    reject_if_any(problems)
    grant = VehicleGrant(
        id=uow.new_id(),
        vehicle_id=command.vehicle_id,
        user_id=command.user_id,
        scope=command.scope,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    return add_grant(uow, grant)


def add_grant(uow: UnitOfWork, grant: VehicleGrant) -> VehicleGrant:
    """Store a grant that was checked, with its audit row and its event. Raises Rejected for an unknown user."""
    try:
        uow[GRANTS].add(grant)
    except Conflict as unknown:  # told like a user of another fleet, who is not told apart by it
        told = "is no member of this fleet: invite them first, as a guest"
        raise Rejected.because("user_id", told, "member.unknown") from unknown
    uow.record_change("vehicles.grant", grant.id, None, grant)
    uow.emit(VehicleGranted(vehicle_id=grant.vehicle_id, grant_id=grant.id, user_id=grant.user_id))
    return grant


def grant_problems(uow: UnitOfWork, giver: Actor, vehicle_id: UUID, scope: GrantScope | None) -> Iterator[Problem]:
    """Yield what a grant of *scope* would open on the vehicle that *giver* may not do with it."""
    for name, reach in opened_by(scope).items():
        held = giver.scope(name)
        reachable = reachable_by(uow, giver, name)
        if held is None or held < reach or not (reachable is None or vehicle_id in reachable):
            yield Problem(
                "scope", f"gives the permission {name}, which you do not have for this vehicle", "permission.not_yours"
            )


@operation("vehicles.revoke_grant", permission=None)
def revoke_grant(uow: UnitOfWork, command: RevokeGrant) -> VehicleGrant:
    """End a grant now; one's own needs no permission: it gives the vehicle back.

    Raises Forbidden, NotFound, Rejected when it has ended.
    """
    own = any(grant.id == command.id for grant in uow[GRANTS].find(ListGrants(user_id=uow.actor.user_id)))
    if not own:
        uow.actor.require(WRITE)
    before = uow[GRANTS].get(command.id)
    if not own:
        require_reach(uow, before.vehicle_id, WRITE)
    if before.ends_at is not None and before.ends_at <= uow.now:
        raise Rejected.because("id", "this grant has ended already")
    return _end_grant(uow, before)


def _end_grant(uow: UnitOfWork, before: VehicleGrant) -> VehicleGrant:
    """End *before* now, or at its start when that is still to come."""
    after = attrs.evolve(before, ends_at=max(uow.now, before.starts_at))
    uow[GRANTS].end(before.id, after.ends_at or uow.now)
    uow.record_change("vehicles.grant", before.id, before, after)
    uow.emit(GrantRevoked(vehicle_id=before.vehicle_id, grant_id=before.id))
    return after


def end_grants(uow: UnitOfWork, user_id: UUID) -> None:
    """End every grant of *user_id*, who leaves the fleet."""
    for grant in uow[GRANTS].find(ListGrants(user_id=user_id)):
        if grant.ends_at is None or grant.ends_at > max(uow.now, grant.starts_at):
            _end_grant(uow, grant)


@query("vehicles.get_grant", permission="vehicles.read")
def get_grant(uow: UnitOfWork, command: GetGrant) -> VehicleGrant:
    """Return one grant, to who manages its vehicle and to whom it was given. Raises NotFound."""
    grant = uow[GRANTS].get(command.id)
    if grant not in list_grants(uow, ListGrants(vehicle_id=grant.vehicle_id, user_id=grant.user_id)):
        raise NotFound("grant", grant.id)
    return grant


@query("vehicles.list_grants", permission="vehicles.read")
def list_grants(uow: UnitOfWork, command: ListGrants) -> tuple[VehicleGrant, ...]:
    """List who may use the vehicles, newest grant first; who does not manage them sees their own grants.

    Raises NotFound for a vehicle out of reach.
    """
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, "vehicles.read")
    managed = reachable_by(uow, uow.actor, WRITE)
    reachable = reachable_vehicles(uow, "vehicles.read")
    return tuple(
        grant
        for grant in uow[GRANTS].find(command)
        if (reachable is None or grant.vehicle_id in reachable)
        and (managed is None or grant.vehicle_id in managed or grant.user_id == uow.actor.user_id)
    )
