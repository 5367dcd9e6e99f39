"""Reminders that another area's record brings: set, changed and taken back with it, in its transaction.

The record's own permission was checked; nobody needs ``reminders.write`` besides.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.errors import reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.ports import VEHICLES

from .events import ReminderDeleted, ReminderEdited, ReminderRestored
from .following import replayed
from .keeping import FIELDS, new_reminder, of_vehicle, saved, set_anew, tell_change, today_of, told
from .model import Reminder, ReminderFields
from .outlook import assessed
from .ports import REMINDERS
from .rules import is_silenced, reminder_problems

__all__ = ["drop_sourced_reminder", "keep_sourced_reminder"]


def keep_sourced_reminder(
    uow: UnitOfWork, source: str, source_id: UUID, fields: ReminderFields, *, person_id: UUID | None = None
) -> Reminder:
    """Set the one reminder of a record, or make it say *fields* again; a dropped one comes back.

    What was done before stays counted. One about the papers of a person has *person_id* and no vehicle; one on
    a vehicle that was sold or decommissioned is silent. Raises Rejected with every problem.
    """
    reject_if_any(reminder_problems(fields))
    vehicle_id = fields.vehicle_id
    silent = vehicle_id is not None and is_silenced(uow[VEHICLES].get(vehicle_id))
    outlook = of_vehicle(uow, fields)
    before = uow[REMINDERS].of_source(source, source_id)
    if before is None:
        names: dict[str, Any] = {"source": source, "source_id": source_id, "person_id": person_id}
        return set_anew(uow, new_reminder(uow, fields, outlook, id=uow.new_id(), is_silent=silent, **names), outlook)
    said: dict[str, Any] = {name: getattr(fields, name) for name in FIELDS} | {"title": fields.title.strip()}
    if fields.at_odometer != before.at_odometer:
        said["said_offset_m"] = outlook.offset_m
    after: Reminder = attrs.evolve(before, **said, person_id=person_id, is_silent=silent, deleted_at=None)
    after = saved(uow, before, replayed(uow, after, outlook))
    uow.emit(told(ReminderEdited if before.deleted_at is None else ReminderRestored, after))
    tell_change(uow, before.urgency, after)
    return after


def drop_sourced_reminder(uow: UnitOfWork, source: str, source_id: UUID) -> None:
    """Take the reminder of a record back, if it has one; keeping it again brings it back with what was done."""
    before = uow[REMINDERS].of_source(source, source_id)
    if before is None or before.deleted_at is not None:
        return
    after: Reminder = attrs.evolve(before, deleted_at=uow.now)
    after = saved(uow, before, assessed(after, today_of(uow)))
    uow.emit(told(ReminderDeleted, after))
