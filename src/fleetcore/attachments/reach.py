"""Whose attachments an actor reaches: those of the records they reach; and which receipts a record may name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Problem, Rejected
from fleetcore.kernel.ports import Record, UnitOfWork
from fleetcore.vehicles.access import may_touch, reachable_by, vehicle_for

from .model import Attachment
from .ports import ATTACHMENTS

__all__ = ["attachment_problems", "follow_record", "forget_records", "is_seen", "record_for", "rehang_records"]

LISTED_MAX = 100


def _require_sight(uow: UnitOfWork, record: Record, what: str, key: UUID, *, write: bool) -> None:
    """Make sure the actor may see, or with *write* change, a record. Raises Forbidden, NotFound."""
    if not _is_reached(uow, record, record.read_permission) and record.person_id != uow.actor.user_id:
        raise NotFound(what, key)
    if record.vehicle_id is not None:
        vehicle_for(uow, record.vehicle_id, record.read_permission)  # which may have been removed
    if not write:
        return
    uow.actor.require(record.write_permission)
    if not _is_reached(uow, record, record.write_permission, by=uow.actor.user_id):
        raise NotFound(what, key)
    if not may_touch(uow, record.write_permission, record.created_by):
        raise Forbidden("this record was made by someone else, and your role changes only your own")


def _is_reached(uow: UnitOfWork, record: Record, permission: str, by: UUID | None = None) -> bool:
    """Say whether *permission* reaches a record: its vehicle, and itself where it is held for one's own.

    *by* is who is taken to have made it.
    """
    scope = uow.actor.scope(permission)
    if scope is None or (record.vehicle_id is None and scope is not Scope.ALL):
        return False
    reachable = reachable_by(uow, uow.actor, permission)
    if record.vehicle_id is not None and reachable is not None and record.vehicle_id not in reachable:
        return False
    return may_touch(uow, permission, by or record.created_by)


def record_for(uow: UnitOfWork, entity: str, entity_id: UUID, *, write: bool) -> Record:
    """Return the record that the actor may see, or with *write* change. Raises Forbidden, NotFound, Rejected."""
    record = uow.find_record(entity, entity_id)
    _require_sight(uow, record, entity.rpartition(".")[2].replace("_", " "), entity_id, write=write)
    return record


def is_seen(uow: UnitOfWork, attachment: Attachment) -> bool:
    """Say whether the actor may see the record of an attachment."""
    try:
        record_for(uow, attachment.entity, attachment.entity_id, write=False)
    except (NotFound, Forbidden, Rejected):  # Rejected: of an area that is not here
        return False
    return True


def attachment_problems(
    uow: UnitOfWork, attachment_ids: Sequence[UUID], vehicle_id: UUID | None, before: Sequence[UUID] = ()
) -> Iterator[Problem]:
    """Yield a problem for each of *attachment_ids* that names none of the same vehicle; those of *before* may stay.

    For records that list their receipts: the file hangs on the vehicle, or on another record of it.
    """
    new = dict.fromkeys(each for each in attachment_ids if each not in before)
    if not 0 < len(attachment_ids) <= LISTED_MAX or not new:
        return  # a list that is too long is refused for that
    found = {attachment.id: attachment for attachment in uow[ATTACHMENTS].named(list(new))}
    for attachment_id in new:
        index = attachment_ids.index(attachment_id)
        attachment = found.get(attachment_id)
        if attachment is None or not is_seen(uow, attachment):
            message = f"there is no attachment {attachment_id}: add the file first, to the vehicle or to this record"
            yield Problem(f"attachment_ids.{index}", message, "attachment.unknown")
        elif attachment.vehicle_id != vehicle_id:
            yield Problem(f"attachment_ids.{index}", "belongs to another vehicle", "attachment.elsewhere")


def follow_record(
    uow: UnitOfWork, entity: str, entity_id: UUID, *, old_vehicle_id: UUID | None, vehicle_id: UUID | None
) -> None:
    """Let the attachments of a record follow it to another vehicle; a statement only where it has moved."""
    if vehicle_id != old_vehicle_id:
        uow[ATTACHMENTS].move(entity, entity_id, vehicle_id)


def forget_records(uow: UnitOfWork, entity: str, entity_ids: Sequence[UUID]) -> None:
    """Erase the attachments of records that are erased; a sweep removes the bytes."""
    if entity_ids:
        uow[ATTACHMENTS].remove_of(entity, entity_ids)


def rehang_records(uow: UnitOfWork, entity: str, new_entity: str, taken: Mapping[UUID, UUID]) -> None:
    """Hang the attachments of records on those that take their places, by id: what someone filed is not lost."""
    for record_id in sorted(uow[ATTACHMENTS].bearers(entity, list(taken))):
        uow[ATTACHMENTS].rehang(entity, record_id, new_entity=new_entity, new_entity_id=taken[record_id])
