"""Set, change, finish, skip, snooze and delete reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import local_date
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import may_touch, reachable_vehicles, vehicle_for
from fleetcore.vehicles.model import Vehicle

from .events import (
    ReminderAdded,
    ReminderDeleted,
    ReminderDone,
    ReminderEdited,
    ReminderRestored,
    ReminderSkipped,
    ReminderSnoozed,
    ReminderStateChanged,
)
from .model import (
    AddReminder,
    Completion,
    CompletionKind,
    DeleteReminder,
    EditReminder,
    FinishReminder,
    GetReminder,
    ListReminders,
    Reminder,
    ReminderFields,
    RestoreReminder,
    SkipReminder,
    SnoozeReminder,
    Urgency,
)
from .outlook import Outlook, assessed, first_metric, measured, outlook_of
from .ports import REMINDERS
from .rules import day_problems, is_silenced, reminder_problems, vehicle_problems
from .schedule import Origin, schedule_of

__all__ = [
    "add_reminder",
    "delete_reminder",
    "edit_reminder",
    "finish_reminder",
    "get_reminder",
    "list_reminders",
    "restore_reminder",
    "skip_reminder",
    "snooze_reminder",
    "tell_change",
    "today_of",
]

READ, WRITE = "reminders.read", "reminders.write"
ENTITY = "reminders.reminder"
SNOOZE_MAX = timedelta(days=3660)
FIELDS = tuple(a.name for a in attrs.fields(ReminderFields))
TOLD = ("vehicle_id", "occurrence", "due_on", "due_odometer", "due_engine_hours")
T = TypeVar("T")


def today_of(uow: UnitOfWork) -> date:
    """Return the present day of the fleet."""
    return local_date(uow.now, fleet_of(uow).timezone)


def _outlook(uow: UnitOfWork, vehicle: Vehicle) -> Outlook:
    return outlook_of(uow, vehicle.id, fleet_of(uow).timezone)


def _told(kind: Callable[..., T], reminder: Reminder, **more: Any) -> T:
    return kind(reminder_id=reminder.id, **{name: getattr(reminder, name) for name in TOLD}, **more)


def tell_change(uow: UnitOfWork, before: Urgency, after: Reminder) -> bool:
    """Tell that the urgency of a reminder changed, if it did."""
    if before is after.urgency:
        return False
    uow.emit(
        _told(
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


def _current(uow: UnitOfWork, reminder: Reminder, version: int | None = None) -> Vehicle:
    """Return the vehicle of a reminder that the actor may change, in the version they read."""
    vehicle = vehicle_for(uow, reminder.vehicle_id, WRITE)
    if not may_touch(uow, WRITE, reminder.created_by):
        raise Forbidden("this reminder was set by someone else, and your role changes only your own")
    if version is not None and reminder.version != version:
        raise Conflict(
            f"the reminder {reminder.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )
    return vehicle


def _scheduled(uow: UnitOfWork, reminder: Reminder, completions: list[Completion], outlook: Outlook) -> Reminder:
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


def _save(uow: UnitOfWork, before: Reminder, after: Reminder) -> Reminder:
    after = attrs.evolve(after, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1)
    after = attrs.evolve(after, moves=before.moves + 1, moved_at=max(uow.now, before.moved_at or before.updated_at))
    uow[REMINDERS].replace(after, old_version=before.version)
    uow.record_change(ENTITY, after.id, before, None if after.deleted_at else after)
    return after


@operation("reminders.add", permission=WRITE)
def add_reminder(uow: UnitOfWork, command: AddReminder) -> Reminder:
    """Set a reminder on a vehicle; its first due counts from today and the present meters unless it is named.

    Raises NotFound for the vehicle, Conflict for a taken id, Rejected with every problem, also for a vehicle
    that was sold or decommissioned.
    """
    vehicle = vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    reject_if_any((*reminder_problems(command), *vehicle_problems(vehicle)))
    outlook, today, user = _outlook(uow, vehicle), today_of(uow), uow.actor.user_id
    fields = {name: getattr(command, name) for name in FIELDS} | {"title": command.title.strip()}
    reminder = Reminder(
        id=command.id or uow.new_id(),
        origin_on=today,
        origin_total_m=outlook.total_on(today),
        origin_engine_hours=outlook.hours_on(today),
        said_offset_m=outlook.offset_m,
        metric=first_metric(command),
        looked_on=today,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **fields,
    )
    reminder = _scheduled(uow, reminder, [], outlook)
    uow[REMINDERS].add(reminder)
    uow.record_change(ENTITY, reminder.id, None, reminder)
    uow.emit(_told(ReminderAdded, reminder))
    tell_change(uow, Urgency.NOT_DUE, reminder)
    return reminder


@operation("reminders.edit", permission=WRITE)
def edit_reminder(uow: UnitOfWork, command: EditReminder) -> Reminder:
    """Replace what was said of a reminder; its due is worked out anew from all that was done.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem.
    """
    before = uow[REMINDERS].get(command.id, lock=True)
    vehicle = _current(uow, before, command.version)
    if command.vehicle_id != before.vehicle_id:
        raise Rejected.because("vehicle_id", "a reminder stays with its vehicle: add one to the other vehicle")
    reject_if_any(reminder_problems(command))
    outlook = _outlook(uow, vehicle)
    fields: dict[str, Any] = {name: getattr(command, name) for name in FIELDS} | {"title": command.title.strip()}
    if command.at_odometer != before.at_odometer:
        fields["said_offset_m"] = outlook.offset_m
    after: Reminder = attrs.evolve(before, **fields)
    after = _save(uow, before, _scheduled(uow, after, list(uow[REMINDERS].completions(after.id)), outlook))
    uow.emit(_told(ReminderEdited, after))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.done", permission=WRITE)
def finish_reminder(uow: UnitOfWork, command: FinishReminder) -> Reminder:
    """Say that the work was done, today or on a day, and move on to the next due.

    A recurring rule goes on from that day and its meters, in one step however late it was; a fixed one keeps
    its grid; a single one is finished. The same *record_id* again moves what it said before. Raises NotFound,
    Forbidden for someone else's, Rejected for a day to come and for a finished reminder.
    """
    before = uow[REMINDERS].get(command.id, lock=True)
    vehicle = _current(uow, before)
    done_on = command.done_on or today_of(uow)
    reject_if_any(day_problems("done_on", done_on, today_of(uow) + timedelta(days=1)))
    if command.odometer is not None and command.odometer.metres < 0:
        raise Rejected.because("odometer_km", "must be zero or more")
    completions = list(uow[REMINDERS].completions(before.id))
    known = next((c for c in completions if command.record_id is not None and c.record_id == command.record_id), None)
    if before.is_finished and known is None:
        raise Rejected.because("id", "this reminder is finished already")
    outlook = _outlook(uow, vehicle)
    completion = Completion(
        id=known.id if known else uow.new_id(),
        reminder_id=before.id,
        kind=CompletionKind.DONE,
        done_on=done_on,
        total_m=outlook.total_on(done_on, command.odometer),
        engine_hours=outlook.hours_on(done_on, command.engine_hours),
        record_id=command.record_id,
        created_at=known.created_at if known else uow.now,
        created_by=known.created_by if known else uow.actor.user_id,
    )
    after = _answer(uow, before, completions, completion, outlook)
    uow.emit(_told(ReminderDone, after, done_on=done_on, record_id=command.record_id))
    tell_change(uow, before.urgency, after)
    return after


def _answer(
    uow: UnitOfWork, before: Reminder, completions: list[Completion], completion: Completion, outlook: Outlook
) -> Reminder:
    """Store *completion*, in place of the one with its id if there is one, and the reminder as it is after it."""
    others = [other for other in completions if other.id != completion.id]
    if len(others) < len(completions):
        uow[REMINDERS].replace_completion(completion)
    else:
        uow[REMINDERS].add_completion(completion)
    awake: Reminder = attrs.evolve(before, snoozed_until=None)
    return _save(uow, before, _scheduled(uow, awake, [*others, completion], outlook))


@operation("reminders.skip", permission=WRITE)
def skip_reminder(uow: UnitOfWork, command: SkipReminder) -> Reminder:
    """Leave this time out and go on with the next that is still to come. Raises NotFound, Forbidden, Rejected."""
    before = uow[REMINDERS].get(command.id, lock=True)
    vehicle = _current(uow, before)
    if before.is_finished:
        raise Rejected.because("id", "this reminder is finished already")
    outlook, today = _outlook(uow, vehicle), today_of(uow)
    completion = Completion(
        id=uow.new_id(),
        reminder_id=before.id,
        kind=CompletionKind.SKIPPED,
        done_on=today,
        total_m=outlook.total_on(today),
        engine_hours=outlook.hours_on(today),
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    after = _answer(uow, before, list(uow[REMINDERS].completions(before.id)), completion, outlook)
    uow.emit(_told(ReminderSkipped, after))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.snooze", permission=WRITE)
def snooze_reminder(uow: UnitOfWork, command: SnoozeReminder) -> Reminder:
    """Be quiet until a day, which lies ahead; without one, wake up. Raises NotFound, Forbidden, Rejected."""
    before = uow[REMINDERS].get(command.id, lock=True)
    _current(uow, before)
    today = today_of(uow)
    if before.is_finished:
        raise Rejected.because("id", "this reminder is finished already")
    if command.until is not None and command.until <= today:
        raise Rejected.because("until", f"must lie after today, {today}")
    if command.until is not None and command.until - today > SNOOZE_MAX:
        raise Rejected.because("until", "lies more than ten years ahead: delete the reminder instead")
    after = _save(uow, before, assessed(attrs.evolve(before, snoozed_until=command.until), today))
    uow.emit(_told(ReminderSnoozed, after, until=command.until))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.delete", permission=WRITE)
def delete_reminder(uow: UnitOfWork, command: DeleteReminder) -> Reminder:
    """Delete a reminder; it can be restored. Raises NotFound, Forbidden for someone else's, Conflict."""
    before = uow[REMINDERS].get(command.id, lock=True)
    _current(uow, before, command.version)
    after = _save(uow, before, assessed(attrs.evolve(before, deleted_at=uow.now), today_of(uow)))
    uow.emit(_told(ReminderDeleted, after))
    return after


@operation("reminders.restore", permission=WRITE)
def restore_reminder(uow: UnitOfWork, command: RestoreReminder) -> Reminder:
    """Bring a deleted reminder back, as urgent as it is now. Raises NotFound, Forbidden for someone else's."""
    before = uow[REMINDERS].get(command.id, lock=True, deleted=True)
    vehicle = _current(uow, before)
    after: Reminder = attrs.evolve(before, deleted_at=None, is_silent=is_silenced(vehicle))
    after = _save(uow, before, assessed(measured(after, _outlook(uow, vehicle)), today_of(uow)))
    uow.emit(_told(ReminderRestored, after))
    tell_change(uow, before.urgency, after)
    return after


@query("reminders.get", permission=READ)
def get_reminder(uow: UnitOfWork, command: GetReminder) -> Reminder:
    """Return one reminder. Raises NotFound."""
    reminder = uow[REMINDERS].get(command.id)
    vehicle_for(uow, reminder.vehicle_id, READ)
    if not may_touch(uow, READ, reminder.created_by):
        raise NotFound("reminder", reminder.id)
    return reminder


@query("reminders.list", permission=READ)
def list_reminders(uow: UnitOfWork, command: ListReminders) -> Page[Reminder]:
    """List reminders, newest first, of one vehicle or of all that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    rows = uow[REMINDERS].page(command, reachable_vehicles(uow, READ), own, decode_cursor(command.cursor), limit + 1)
    return page_of(rows, limit, lambda reminder: Position(reminder.created_at, reminder.id))
