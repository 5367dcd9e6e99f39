"""Record, edit, delete and restore fills: the fact, its odometer reading and its cost, together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.attachments.reach import attachment_problems, follow_record
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, NotFound, Problem, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Energy, Mass, Volume
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.when import local_date
from fleetcore.ledger.model import Posting, cost_lines
from fleetcore.ledger.service import post, repost, reverse
from fleetcore.operations import operation, query
from fleetcore.people.ports import MEMBERS
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import ReadingNote, note_reading, withdraw_reading
from fleetcore.vehicles.model import Vehicle
from fleetcore.vehicles.service import learn_carriers

from .events import FillDeleted, FillEdited, FillRecorded, FillRestored
from .model import DeleteFill, EditFill, Fill, FillFields, GetFill, ListFills, RecordFill, RestoreFill
from .ports import FILLS
from .rules import complete_purchase, fill_problems

__all__ = ["SOURCE", "delete_fill", "edit_fill", "get_fill", "list_fills", "record_fill", "restore_fill"]

READ, WRITE = "fuel.read", "fuel.write"
SOURCE = "fuel.fill"
Told = TypeVar("Told", FillRecorded, FillEdited, FillRestored)
SORTS = {"at": attrgetter("at"), "total": attrgetter("total.minor")}
DERIVED = {"carrier", "volume", "mass", "energy", "total", "unit_price", "accept_odometer_jump"}
KEPT = tuple(a.name for a in attrs.fields(FillFields) if a.name not in DERIVED)
_kept_values = attrgetter(*KEPT)
TOLD = tuple(a.name for a in attrs.fields(FillRecorded) if a.name not in {"fill_id", "fill_version"})


def accepted_fields(vehicle: Vehicle, command: FillFields, now: datetime) -> dict[str, Any]:
    """Return the fields of the fact that *command* asks for, completed; raises Rejected with every problem."""
    reject_if_any(fill_problems(command, vehicle.carriers, now))
    return completed_fields(vehicle, command)


def completed_fields(vehicle: Vehicle, command: FillFields) -> dict[str, Any]:
    """Return the fields of the fact that *command* asks for, in which no problem was found."""
    purchase = complete_purchase(command, vehicle.carriers)
    quantity = purchase.quantity
    return {
        **dict(zip(KEPT, _kept_values(command), strict=True)),
        "carrier": purchase.carrier,
        "volume": quantity if isinstance(quantity, Volume) else None,
        "mass": quantity if isinstance(quantity, Mass) else None,
        "energy": quantity if isinstance(quantity, Energy) else None,
        "total": purchase.total,
        "unit_price": purchase.unit_price,
    }


def account_of(carrier: Carrier) -> str:
    """Return the ledger account that a fill of *carrier* is booked to."""
    return f"expenses.{'fuel' if carrier.carries_energy else 'consumables'}.{carrier}"


def posting_of(fill: Fill, timezone: str) -> Posting:
    """Return the journal entry that *fill* asks for, dated by the calendar of the fleet."""
    return Posting(
        entry_date=local_date(fill.at, timezone),
        description=f"{fill.carrier} fill",
        source=SOURCE,
        source_id=fill.id,
        source_version=fill.version,
        lines=cost_lines(account_of(fill.carrier), fill.total, fill.vehicle_id),
    )


def _told(kind: type[Told], fill: Fill) -> Told:
    return kind(fill_id=fill.id, fill_version=fill.version, **{name: getattr(fill, name) for name in TOLD})


def _note_odometer(uow: UnitOfWork, fill_id: UUID, fields: FillFields | Fill, *, accept_jump: bool) -> UUID | None:
    if fields.odometer is None:
        return None
    note = ReadingNote(
        vehicle_id=fields.vehicle_id,
        value=fields.odometer.metres,
        at=fields.at,
        source=SOURCE,
        source_id=fill_id,
        accept_jump=accept_jump,
    )
    return note_reading(uow, note).id


def _touchable(uow: UnitOfWork, fill: Fill) -> Fill:
    vehicle_of(uow, "fill", fill, WRITE, lock=True)
    require_change(uow, "fill", fill, read=READ, write=WRITE, done="this fill was recorded")
    return fill


def _driver_problems(uow: UnitOfWork, command: FillFields, before: Fill | None = None) -> Iterator[Problem]:
    """Yield a problem of a driver who is no member: a user of another fleet is nobody here. Who left may stay."""
    driver_id = command.driver_id
    if driver_id is None or driver_id == uow.actor.user_id or (before is not None and driver_id == before.driver_id):
        return
    if uow[MEMBERS].find(driver_id) is None:
        yield Problem("driver_id", "is no member of this fleet", "driver.unknown")


def _require_version(fill: Fill, version: int) -> None:
    if fill.version != version:
        raise Conflict(
            f"the fill {fill.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )


@operation("fuel.record_fill", permission=WRITE)
def record_fill(uow: UnitOfWork, command: RecordFill) -> Fill:
    """Record a fill or a charge: check it, note its odometer, book its cost.

    Of total, unit price and quantity any two are enough. Raises NotFound for the vehicle, Conflict for a
    taken id, Rejected with every problem; the code ``odometer.jump`` asks for *accept_odometer_jump*.
    """
    vehicle = vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    reject_if_any((*attachment_problems(uow, command.attachment_ids, vehicle.id), *_driver_problems(uow, command)))
    fields = accepted_fields(vehicle, command, uow.now)
    fill_id, user = command.id or uow.new_id(), uow.actor.user_id
    reading_id = _note_odometer(uow, fill_id, command, accept_jump=command.accept_odometer_jump)
    fill = Fill(
        id=fill_id,
        reading_id=reading_id,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **fields,
    )
    uow[FILLS].add(fill)
    post(uow, posting_of(fill, fleet_of(uow).timezone))
    learn_carriers(uow, vehicle, (fill.carrier,))
    uow.record_change(SOURCE, fill.id, None, fill)
    uow.emit(_told(FillRecorded, fill))
    return fill


@operation("fuel.edit_fill", permission=WRITE)
def edit_fill(uow: UnitOfWork, command: EditFill) -> Fill:
    """Replace what was said of a fill; its odometer reading and its journal entry follow.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem.
    """
    before = _touchable(uow, uow[FILLS].get(command.id))
    _require_version(before, command.version)
    vehicle = vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    problems = [*attachment_problems(uow, command.attachment_ids, vehicle.id, before.attachment_ids)]
    reject_if_any((*problems, *_driver_problems(uow, command, before)))
    fields = accepted_fields(vehicle, command, uow.now)
    reading_id = _moved_reading(uow, before, command)
    after: Fill = attrs.evolve(before, **fields, reading_id=reading_id, **_next_version(uow, before))
    uow[FILLS].replace(after, old_version=before.version)
    repost(uow, posting_of(after, fleet_of(uow).timezone))
    learn_carriers(uow, vehicle, (after.carrier,))
    follow_record(uow, SOURCE, after.id, old_vehicle_id=before.vehicle_id, vehicle_id=after.vehicle_id)
    uow.record_change(SOURCE, after.id, before, after)
    uow.emit(_told(FillEdited, after))
    return after


def _moved_reading(uow: UnitOfWork, before: Fill, command: EditFill) -> UUID | None:
    same = (before.vehicle_id, before.at, before.odometer) == (command.vehicle_id, command.at, command.odometer)
    if same:
        return before.reading_id
    if before.reading_id is not None:
        withdraw_reading(uow, before.reading_id)
    return _note_odometer(uow, before.id, command, accept_jump=command.accept_odometer_jump)


def _next_version(uow: UnitOfWork, before: Fill) -> dict[str, Any]:
    return {"updated_at": uow.now, "updated_by": uow.actor.user_id, "version": before.version + 1}


@operation("fuel.delete_fill", permission=WRITE)
def delete_fill(uow: UnitOfWork, command: DeleteFill) -> Fill:
    """Delete a fill: its reading is voided, its journal entry reversed; it can be restored.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version.
    """
    before = _touchable(uow, uow[FILLS].get(command.id))
    _require_version(before, command.version)
    if before.reading_id is not None:
        withdraw_reading(uow, before.reading_id)
    after: Fill = attrs.evolve(before, deleted_at=uow.now, reading_id=None, **_next_version(uow, before))
    uow[FILLS].replace(after, old_version=before.version)
    reverse(uow, SOURCE, before.id)
    uow.record_change(SOURCE, before.id, before, None)
    uow.emit(FillDeleted(fill_id=after.id, vehicle_id=after.vehicle_id, fill_version=after.version))
    return after


@operation("fuel.restore_fill", permission=WRITE)
def restore_fill(uow: UnitOfWork, command: RestoreFill) -> Fill:
    """Bring a deleted fill back, with its reading and its cost. Raises NotFound, Forbidden, Rejected."""
    before = _touchable(uow, uow[FILLS].get(command.id, deleted=True))
    reading_id = _note_odometer(uow, before.id, before, accept_jump=True)
    after: Fill = attrs.evolve(before, deleted_at=None, reading_id=reading_id, **_next_version(uow, before))
    uow[FILLS].replace(after, old_version=before.version)
    repost(uow, posting_of(after, fleet_of(uow).timezone))
    uow.record_change(SOURCE, after.id, None, after)
    uow.emit(_told(FillRestored, after))
    return after


@query("fuel.get_fill", permission=READ)
def get_fill(uow: UnitOfWork, command: GetFill) -> Fill:
    """Return one fill. Raises NotFound."""
    fill = uow[FILLS].get(command.id)
    vehicle_of(uow, "fill", fill, READ)
    if not may_touch(uow, READ, fill.created_by):
        raise NotFound("fill", fill.id)
    return fill


@query("fuel.list_fills", permission=READ)
def list_fills(uow: UnitOfWork, command: ListFills) -> Page[Fill]:
    """List fills, newest first, of one vehicle or of all that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    after = decode_cursor(command)
    rows = uow[FILLS].page(command, reachable_vehicles(uow, READ), own, after, limit + 1)
    return page_of(rows, limit, position_by(command.sort, SORTS), command)
