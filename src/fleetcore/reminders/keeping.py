"""What every change of a reminder goes through: who may, what is due then, what is stored and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import local_date
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_vehicles, require_change, vehicle_of

from .events import ReminderAdded, ReminderStateChanged
from .model import Completion, Reminder, ReminderFields, Urgency
from .outlook import NO_OUTLOOK, Outlook, assessed, first_metric, measured, outlook_of
from .ports import REMINDERS, Sight
from .schedule import Origin, schedule_of

__all__ = [
    "ENTITY",
    "FIELDS",
    "READ",
    "WRITE",
    "answered",
    "changeable",
    "new_reminder",
    "of_vehicle",
    "require_sight",
    "saved",
    "scheduled",
    "set_anew",
    "sight_of",
    "tell_change",
    "today_of",
    "told",
]

READ, WRITE = "reminders.read", "reminders.write"
ENTITY = "reminders.reminder"
FIELDS = tuple(a.name for a in attrs.fields(ReminderFields))
TOLD = (
    *("vehicle_id", "person_id", "source", "source_id"),
    *("occurrence", "due_on", "due_odometer", "due_engine_hours"),
)
T = TypeVar("T")


def today_of(uow: UnitOfWork) -> date:
    """Return the present day of the fleet."""
    return local_date(uow.now, fleet_of(uow).timezone)


def of_vehicle(uow: UnitOfWork, reminder: ReminderFields) -> Outlook:
    """Return the outlook of the reminder's vehicle; that of a person's paper knows no meters."""
    if reminder.vehicle_id is None:
        return NO_OUTLOOK
    return outlook_of(uow, reminder.vehicle_id, fleet_of(uow).timezone)


def sight_of(uow: UnitOfWork, permission: str) -> Sight:
    """Return which reminders *permission* lets the actor see."""
    return Sight(
        user_id=uow.actor.user_id,
        vehicle_ids=reachable_vehicles(uow, permission),
        own_only=uow.actor.scope(permission) is Scope.OWN,
    )


def require_sight(uow: UnitOfWork, reminder: Reminder, permission: str) -> None:
    """Raise NotFound for a reminder on a vehicle out of reach, or about another person's papers."""
    if reminder.vehicle_id is not None:
        vehicle_of(uow, "reminder", reminder, permission)
    elif uow.actor.require(permission) is not Scope.ALL and reminder.person_id != uow.actor.user_id:
        raise NotFound("reminder", reminder.id)


def changeable(uow: UnitOfWork, reminder: Reminder, version: int | None = None) -> Reminder:
    """Return *reminder* when the actor may change it, in the version they read.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale *version*.
    """
    require_sight(uow, reminder, WRITE)
    if reminder.person_id != uow.actor.user_id:
        require_change(uow, "reminder", reminder, read=READ, write=WRITE, done="this reminder was set")
    if version is not None and reminder.version != version:
        raise Conflict(
            f"the reminder {reminder.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )
    return reminder


def told(kind: Callable[..., T], reminder: Reminder, **more: Any) -> T:
    """Return an event of *kind* about *reminder*."""
    return kind(reminder_id=reminder.id, **{name: getattr(reminder, name) for name in TOLD}, **more)


def tell_change(uow: UnitOfWork, before: Urgency, after: Reminder) -> bool:
    """Tell that the urgency of a reminder changed, if it did."""
    if before is after.urgency:
        return False
    uow.emit(
        told(
            ReminderStateChanged,
            after,
            old_urgency=before,
            new_urgency=after.urgency,
            metric=after.metric,
            projected_on=after.projected_on,
            looked_on=after.looked_on,
        )
    )
    return True


def scheduled(uow: UnitOfWork, reminder: Reminder, completions: list[Completion], outlook: Outlook) -> Reminder:
    """Return *reminder* with the due that its rule and *completions* ask for, as it stands today."""
    origin = Origin(
        on=reminder.origin_on,
        total_m=reminder.origin_total_m,
        tenths=None if reminder.origin_engine_hours is None else reminder.origin_engine_hours.tenths,
        said_offset_m=reminder.said_offset_m,
    )
    due = schedule_of(reminder, origin, completions)
    after = attrs.evolve(
        reminder,
        meter_offset_m=outlook.offset_m,
        due_on=due.due_on,
        due_odometer=None if due.due_total_m is None else Distance(due.due_total_m - outlook.offset_m),
        due_engine_hours=None if due.due_tenths is None else EngineHours(due.due_tenths),
        occurrence=due.occurrence,
        is_finished=due.is_finished,
        last_done_on=due.last_done_on,
    )
    return assessed(measured(after, outlook), today_of(uow))


def saved(uow: UnitOfWork, before: Reminder, after: Reminder) -> Reminder:
    """Store *after* as the next version of *before*."""
    after = attrs.evolve(after, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1)
    after = attrs.evolve(after, moves=before.moves + 1, moved_at=max(uow.now, before.moved_at or before.updated_at))
    uow[REMINDERS].replace(after, old_version=before.version)
    uow.record_change(ENTITY, after.id, before, None if after.deleted_at else after)
    return after


def set_anew(uow: UnitOfWork, reminder: Reminder, outlook: Outlook) -> Reminder:
    """Store a new reminder as it stands today, and tell it."""
    reminder = scheduled(uow, reminder, [], outlook)
    uow[REMINDERS].add(reminder)
    uow.record_change(ENTITY, reminder.id, None, reminder)
    uow.emit(told(ReminderAdded, reminder))
    tell_change(uow, Urgency.NOT_DUE, reminder)
    return reminder


def new_reminder(uow: UnitOfWork, fields: ReminderFields, outlook: Outlook, **more: Any) -> Reminder:
    """Return a reminder of *fields* whose first due counts from today and the present meters."""
    today, user = today_of(uow), uow.actor.user_id
    said = {name: getattr(fields, name) for name in FIELDS} | {"title": fields.title.strip()}
    return Reminder(
        origin_on=today,
        origin_total_m=outlook.total_on(today),
        origin_engine_hours=outlook.hours_on(today),
        said_offset_m=outlook.offset_m,
        metric=first_metric(fields),
        looked_on=today,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **said,
        **more,
    )


def answered(
    uow: UnitOfWork, before: Reminder, completions: list[Completion], completion: Completion, outlook: Outlook
) -> Reminder:
    """Store *completion*, in place of the one with its id if there is one, and the reminder as it is after it."""
    others = [other for other in completions if other.id != completion.id]
    if len(others) < len(completions):
        uow[REMINDERS].replace_completions([completion])
    else:
        uow[REMINDERS].add_completion(completion)
    awake: Reminder = attrs.evolve(before, snoozed_until=None)
    return saved(uow, before, scheduled(uow, awake, [*others, completion], outlook))
