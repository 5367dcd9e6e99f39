"""Keep tyre sets: buy, change, retire and rotate them; their cost is booked to their vehicle."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.attachments.reach import follow_record
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.days import Calendar
from fleetcore.kernel.errors import Conflict, NotFound, Rejected, reject_if_any
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date
from fleetcore.ledger.model import Posting, cost_lines
from fleetcore.ledger.service import post, repost, reverse
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of

from .ports import TYRES
from .tyre_events import TyreSetAdded, TyreSetEdited, TyreSetRemoved, TyresRotated
from .tyre_model import (
    AddTyreSet,
    EditTyreSet,
    GetTyreSet,
    ListTyreSets,
    RemoveTyreSet,
    RotateTyres,
    TyreSet,
    TyreSetFields,
)
from .tyre_rules import moved, rotation_problems, set_problems

__all__ = [
    "add_tyre_set",
    "calendar_of",
    "edit_tyre_set",
    "get_tyre_set",
    "list_tyre_sets",
    "remove_tyre_set",
    "rotate_tyres",
    "save_set",
    "touchable_set",
]

READ, WORK = "maintenance.read", "maintenance.work"
SOURCE, ACCOUNT = "maintenance.tyre_set", "expenses.tyres"
FIELDS = tuple(a.name for a in attrs.fields(TyreSetFields))
Told = TypeVar("Told", TyreSetAdded, TyreSetEdited, TyreSetRemoved, TyresRotated)


def calendar_of(uow: UnitOfWork) -> Calendar:
    """Return the present instant in the fleet's calendar."""
    return Calendar(now=uow.now, timezone=fleet_of(uow).timezone)


def _told(kind: type[Told], tyre_set: TyreSet) -> Told:
    return kind(set_id=tyre_set.id, vehicle_id=tyre_set.vehicle_id, kind=tyre_set.kind, set_version=tyre_set.version)


def _posting(uow: UnitOfWork, tyre_set: TyreSet) -> Posting:
    fleet = fleet_of(uow)
    day: date = tyre_set.purchased_on or local_date(tyre_set.created_at, fleet.timezone)
    return Posting(
        entry_date=day,
        description="tyres",
        source=SOURCE,
        source_id=tyre_set.id,
        source_version=tyre_set.version,
        lines=cost_lines(ACCOUNT, tyre_set.cost or Money(0, fleet.currency), tyre_set.vehicle_id),
    )


def _booked(tyre_set: TyreSet) -> tuple[object, ...]:
    return (tyre_set.cost, tyre_set.purchased_on, tyre_set.vehicle_id)


def _said(command: TyreSetFields) -> dict[str, Any]:
    return {name: getattr(command, name) for name in FIELDS} | {"name": command.name.strip()}


@operation("maintenance.add_tyre_set", permission=WORK)
def add_tyre_set(uow: UnitOfWork, command: AddTyreSet) -> TyreSet:
    """Add a set of tyres to a vehicle, and book what it cost.

    Raises Forbidden, NotFound for the vehicle, Conflict for a taken id, Rejected with every problem.
    """
    vehicle_for(uow, command.vehicle_id, WORK, lock=True)
    reject_if_any(set_problems(command, calendar_of(uow).today))
    user = uow.actor.user_id
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    tyre_set = TyreSet(id=command.id or uow.new_id(), **_said(command), **history)
    uow[TYRES].add(tyre_set)
    post(uow, _posting(uow, tyre_set))
    uow.record_change(SOURCE, tyre_set.id, None, tyre_set)
    uow.emit(_told(TyreSetAdded, tyre_set))
    return tyre_set


def touchable_set(
    uow: UnitOfWork, set_id: Any, version: int | None = None, part: tuple[str, UUID] | None = None
) -> TyreSet:
    """Return the set that the actor may change, its vehicle locked. Raises NotFound, Forbidden, Conflict.

    *part* is what of the set is asked for, by its name and id: what is not there then.
    """
    try:
        return _touchable(uow, set_id, version)
    except NotFound as missing:
        raise missing if part is None or missing.what == "vehicle" else NotFound(*part) from None


def _touchable(uow: UnitOfWork, set_id: UUID, version: int | None) -> TyreSet:
    vehicle_of(uow, "tyre set", uow[TYRES].get(set_id), WORK, lock=True)
    tyre_set = uow[TYRES].get(set_id, lock=True)
    require_change(uow, "tyre set", tyre_set, read=READ, write=WORK, done="these tyres were added")
    if version is not None and tyre_set.version != version:
        raise Conflict(f"the tyre set {set_id} was changed by someone else meanwhile: read it again, then repeat")
    return tyre_set


def save_set(uow: UnitOfWork, before: TyreSet, **changes: Any) -> TyreSet:
    """Store *before* with *changes* as its next version."""
    after: TyreSet = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[TYRES].replace(after, old_version=before.version)
    follow_record(uow, SOURCE, after.id, old_vehicle_id=before.vehicle_id, vehicle_id=after.vehicle_id)
    uow.record_change(SOURCE, after.id, before, None if after.deleted_at is not None else after)
    return after


@operation("maintenance.edit_tyre_set", permission=WORK)
def edit_tyre_set(uow: UnitOfWork, command: EditTyreSet) -> TyreSet:
    """Replace what was said of a set of tyres; its cost follows, to another vehicle too.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected with every problem, also for retiring a
    set that is on a vehicle.
    """
    before = touchable_set(uow, command.id, command.version)
    if command.vehicle_id != before.vehicle_id:
        vehicle_for(uow, command.vehicle_id, WORK, lock=True)
    reject_if_any(set_problems(command, calendar_of(uow).today))
    if command.retired_on is not None and before.mounted_on is not None:
        raise Rejected.because("retired_on", "cannot be said of tyres that are on a vehicle: unmount them first")
    after = save_set(uow, before, **_said(command))
    if _booked(before) != _booked(after):
        repost(uow, _posting(uow, after))
    uow.emit(_told(TyreSetEdited, after))
    return after


@operation("maintenance.remove_tyre_set", permission=WORK)
def remove_tyre_set(uow: UnitOfWork, command: RemoveTyreSet) -> TyreSet:
    """Remove a set that was entered by mistake, with its cost; one that is worn out is retired by an edit.

    Raises NotFound, Forbidden, Conflict for a stale version, Rejected while it is on a vehicle.
    """
    before = touchable_set(uow, command.id, command.version)
    if before.mounted_on is not None:
        raise Rejected.because("id", "these tyres are on a vehicle: unmount them first", "tyre.mounted")
    after = save_set(uow, before, deleted_at=uow.now)
    reverse(uow, SOURCE, after.id)
    uow.emit(_told(TyreSetRemoved, after))
    return after


@operation("maintenance.rotate_tyres", permission=WORK)
def rotate_tyres(uow: UnitOfWork, command: RotateTyres) -> TyreSet:
    """Let tyres of a set change their places. Raises NotFound, Forbidden, Conflict, Rejected with every problem."""
    before = touchable_set(uow, command.id, command.version)
    reject_if_any(rotation_problems(before, command.moves))
    after = save_set(uow, before, tyres=moved(before, command.moves))
    uow.emit(_told(TyresRotated, after))
    return after


@query("maintenance.get_tyre_set", permission=READ)
def get_tyre_set(uow: UnitOfWork, command: GetTyreSet) -> TyreSet:
    """Return one set of tyres. Raises NotFound."""
    tyre_set = uow[TYRES].get(command.id)
    vehicle_of(uow, "tyre set", tyre_set, READ)
    if not may_touch(uow, READ, tyre_set.created_by):
        raise NotFound("tyre set", tyre_set.id)
    return tyre_set


@query("maintenance.list_tyre_sets", permission=READ)
def list_tyre_sets(uow: UnitOfWork, command: ListTyreSets) -> tuple[TyreSet, ...]:
    """List sets of tyres by name, of one vehicle or of all that one may see. Raises NotFound."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    reachable = reachable_vehicles(uow, READ)
    return tuple(
        tyre_set
        for tyre_set in uow[TYRES].all(command.vehicle_id, retired=command.retired)
        if (reachable is None or tyre_set.vehicle_id in reachable) and own in {None, tyre_set.created_by}
    )
