"""Set, change, finish, skip, reopen, snooze and delete reminders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

import attrs

from fleetcore.kernel.errors import NotFound, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import may_touch, vehicle_for
from fleetcore.vehicles.ports import VEHICLES

from .events import (
    ReminderDeleted,
    ReminderDone,
    ReminderEdited,
    ReminderReopened,
    ReminderRestored,
    ReminderSkipped,
    ReminderSnoozed,
)
from .following import replayed
from .keeping import (
    FIELDS,
    READ,
    WRITE,
    answered,
    changeable,
    new_reminder,
    of_vehicle,
    require_sight,
    saved,
    set_anew,
    sight_of,
    tell_change,
    today_of,
    told,
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
    MeterBasis,
    Reminder,
    ReopenReminder,
    RestoreReminder,
    SkipReminder,
    SnoozeReminder,
)
from .outlook import assessed
from .ports import REMINDERS
from .rules import day_problems, is_silenced, reminder_problems, vehicle_problems

__all__ = [
    "add_reminder",
    "delete_reminder",
    "edit_reminder",
    "finish_reminder",
    "get_reminder",
    "list_reminders",
    "reopen_reminder",
    "restore_reminder",
    "skip_reminder",
    "snooze_reminder",
]

SNOOZE_MAX = timedelta(days=3660)


def _require_own_rule(reminder: Reminder) -> None:
    """Raise Rejected for a reminder that a record brought: what is said of it is said there."""
    if reminder.source is not None:
        raise Rejected.because(
            "id", f"this reminder belongs to a record ({reminder.source} {reminder.source_id}): change that instead"
        )


def _is_silent(uow: UnitOfWork, reminder: Reminder) -> bool:
    """Say whether the vehicle of a reminder that comes back wants to hear of nothing."""
    return reminder.vehicle_id is not None and is_silenced(uow[VEHICLES].get(reminder.vehicle_id))


@operation("reminders.add", permission=WRITE)
def add_reminder(uow: UnitOfWork, command: AddReminder) -> Reminder:
    """Set a reminder on a vehicle; its first due counts from today and the present meters unless it is named.

    Raises NotFound for the vehicle, Conflict for a taken id, Rejected with every problem, also for a vehicle
    that was sold or decommissioned.
    """
    if command.vehicle_id is None:
        raise Rejected.because("vehicle_id", "name the vehicle to be reminded of")
    vehicle = vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    reject_if_any((*reminder_problems(command), *vehicle_problems(vehicle)))
    outlook = of_vehicle(uow, command)
    return set_anew(uow, new_reminder(uow, command, outlook, id=command.id or uow.new_id()), outlook)


@operation("reminders.edit", permission=WRITE)
def edit_reminder(uow: UnitOfWork, command: EditReminder) -> Reminder:
    """Replace what was said of a reminder; its due is worked out anew from all that was done.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem.
    """
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True), command.version)
    _require_own_rule(before)
    if command.vehicle_id != before.vehicle_id:
        raise Rejected.because("vehicle_id", "a reminder stays with its vehicle: add one to the other vehicle")
    reject_if_any(reminder_problems(command))
    outlook = of_vehicle(uow, before)
    fields: dict[str, Any] = {name: getattr(command, name) for name in FIELDS} | {"title": command.title.strip()}
    if command.at_odometer != before.at_odometer:
        fields["said_offset_m"] = outlook.offset_m
    after: Reminder = attrs.evolve(before, **fields)
    after = saved(uow, before, replayed(uow, after, outlook))
    uow.emit(told(ReminderEdited, after))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.done", permission=WRITE)
def finish_reminder(uow: UnitOfWork, command: FinishReminder) -> Reminder:
    """Say that the work was done, today or on a day, and move on to the next due.

    A recurring rule goes on from that day and its meters, in one step however late it was; a fixed one keeps
    its grid; a single one is finished. The same *record_id* again moves what it said before. Raises NotFound,
    Forbidden for someone else's, Rejected for a day to come and for a finished reminder.
    """
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True))
    done_on = command.done_on or today_of(uow)
    reject_if_any(day_problems("done_on", done_on, today_of(uow) + timedelta(days=1)))
    if command.odometer is not None and command.odometer.metres < 0:
        raise Rejected.because("odometer_km", "must be zero or more")
    completions = list(uow[REMINDERS].completions(before.id))
    known = next((c for c in completions if command.record_id is not None and c.record_id == command.record_id), None)
    if before.is_finished and known is None:
        raise Rejected.because("id", "this reminder is finished already")
    outlook = of_vehicle(uow, before)
    basis = MeterBasis.PRESENT if command.done_on is None else MeterBasis.DAY
    completion = Completion(
        id=known.id if known else uow.new_id(),
        reminder_id=before.id,
        kind=CompletionKind.DONE,
        done_on=done_on,
        total_m=outlook.total_on(done_on, command.odometer),
        total_from=basis if command.odometer is None else MeterBasis.SAID,
        engine_hours=outlook.hours_on(done_on, command.engine_hours),
        hours_from=basis if command.engine_hours is None else MeterBasis.SAID,
        record_id=command.record_id,
        created_at=known.created_at if known else uow.now,
        created_by=known.created_by if known else uow.actor.user_id,
    )
    after = answered(uow, before, completions, completion, outlook)
    uow.emit(told(ReminderDone, after, done_on=done_on, record_id=command.record_id))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.skip", permission=WRITE)
def skip_reminder(uow: UnitOfWork, command: SkipReminder) -> Reminder:
    """Leave this time out and go on with the next that is still to come. Raises NotFound, Forbidden, Rejected."""
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True))
    if before.is_finished:
        raise Rejected.because("id", "this reminder is finished already")
    outlook, today = of_vehicle(uow, before), today_of(uow)
    completion = Completion(
        id=uow.new_id(),
        reminder_id=before.id,
        kind=CompletionKind.SKIPPED,
        done_on=today,
        total_m=outlook.total_on(today),
        total_from=MeterBasis.PRESENT,
        engine_hours=outlook.hours_on(today),
        hours_from=MeterBasis.PRESENT,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    after = answered(uow, before, list(uow[REMINDERS].completions(before.id)), completion, outlook)
    uow.emit(told(ReminderSkipped, after))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.reopen", permission=WRITE)
def reopen_reminder(uow: UnitOfWork, command: ReopenReminder) -> Reminder:
    """Take back that a reminder was done or skipped last; its due is as if that had never been said.

    It is awake then, also where it slept before. Raises NotFound, Forbidden for someone else's, Conflict for a
    stale version, Rejected where nobody answered, or a record did: that is changed or deleted instead.
    """
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True), command.version)
    answers = sorted(uow[REMINDERS].completions(before.id), key=lambda answer: (answer.created_at, answer.id))
    if not answers:
        raise Rejected.because("id", "this reminder was not answered yet: there is nothing to take back")
    if answers[-1].record_id is not None:
        said = f"a record answered this reminder ({answers[-1].record_id}): change or delete that instead"
        raise Rejected.because("id", said)
    uow[REMINDERS].remove_completion(answers[-1].id)
    awake: Reminder = attrs.evolve(before, snoozed_until=None, is_silent=_is_silent(uow, before))
    after = saved(uow, before, replayed(uow, awake, of_vehicle(uow, awake)))
    uow.emit(told(ReminderReopened, after, record_id=None))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.snooze", permission=WRITE)
def snooze_reminder(uow: UnitOfWork, command: SnoozeReminder) -> Reminder:
    """Be quiet until a day, which lies ahead; without one, wake up. Raises NotFound, Forbidden, Rejected."""
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True))
    today = today_of(uow)
    if before.is_finished:
        raise Rejected.because("id", "this reminder is finished already")
    if command.until is not None and command.until <= today:
        raise Rejected.because("until", f"must lie after today, {today}")
    if command.until is not None and command.until - today > SNOOZE_MAX:
        raise Rejected.because("until", "lies more than ten years ahead: delete the reminder instead")
    after = saved(uow, before, assessed(attrs.evolve(before, snoozed_until=command.until), today))
    uow.emit(told(ReminderSnoozed, after, until=command.until))
    tell_change(uow, before.urgency, after)
    return after


@operation("reminders.delete", permission=WRITE)
def delete_reminder(uow: UnitOfWork, command: DeleteReminder) -> Reminder:
    """Delete a reminder; it can be restored. Raises NotFound, Forbidden for someone else's, Conflict."""
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True), command.version)
    _require_own_rule(before)
    after = saved(uow, before, assessed(attrs.evolve(before, deleted_at=uow.now), today_of(uow)))
    uow.emit(told(ReminderDeleted, after))
    return after


@operation("reminders.restore", permission=WRITE)
def restore_reminder(uow: UnitOfWork, command: RestoreReminder) -> Reminder:
    """Bring a deleted reminder back, as urgent as it is now. Raises NotFound, Forbidden for someone else's."""
    before = changeable(uow, uow[REMINDERS].get(command.id, lock=True, deleted=True))
    _require_own_rule(before)
    after: Reminder = attrs.evolve(before, deleted_at=None, is_silent=_is_silent(uow, before))
    after = saved(uow, before, replayed(uow, after, of_vehicle(uow, after)))
    uow.emit(told(ReminderRestored, after))
    tell_change(uow, before.urgency, after)
    return after


@query("reminders.get", permission=READ)
def get_reminder(uow: UnitOfWork, command: GetReminder) -> Reminder:
    """Return one reminder. Raises NotFound."""
    reminder = uow[REMINDERS].get(command.id)
    require_sight(uow, reminder, READ)
    if reminder.person_id != uow.actor.user_id and not may_touch(uow, READ, reminder.created_by):
        raise NotFound("reminder", reminder.id)
    return reminder


SORTS: Mapping[str, Callable[[Any], Any]] = {
    "created_at": attrgetter("created_at"),
    "due_on": lambda reminder: reminder.due_on or date.max,
}


@query("reminders.list", permission=READ)
def list_reminders(uow: UnitOfWork, command: ListReminders) -> Page[Reminder]:
    """List reminders, newest first, of one vehicle or of all that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    rows = uow[REMINDERS].page(command, sight_of(uow, READ), decode_cursor(command), limit + 1)
    return page_of(rows, limit, position_by(command.sort, SORTS), command)
