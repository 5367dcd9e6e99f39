"""Reminders and the records that do their work: a record answers them, moves its answer, and takes it back.

The record's own permission was checked; nobody needs ``reminders.write`` besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import attrs

from fleetcore.kernel.errors import NotFound, Problem, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.events import Work

from .events import ReminderDone, ReminderReopened
from .following import follow, remeasure_one
from .keeping import ENTITY, scheduled, tell_change, told
from .model import Completion, CompletionKind, MeterBasis, Reminder
from .outlook import Outlook, moved, outlook_of
from .ports import REMINDERS

__all__ = ["answer_reminders", "remeasured"]


def answer_reminders(uow: UnitOfWork, vehicle_id: UUID, work: Work) -> None:
    """Make the answers of a record to the reminders of its vehicle those of *work*, where no reading of it moved.

    The ones that it answers go on from its day and meters; those it releases are due as if it had never been.
    The same record again moves what it said before. Raises NotFound for a reminder that is not this vehicle's,
    Rejected for one that was finished by something else.
    """
    if work.answers or work.released:
        settle(uow, vehicle_id, work, only_named=True)


def remeasured(uow: UnitOfWork, vehicle_id: UUID, work: Work | None) -> None:
    """Judge the reminders of a vehicle by its readings, which have moved, and by what their record did."""
    if work is not None and (work.answers or work.released):
        settle(uow, vehicle_id, work)
        return
    if not (found := uow[REMINDERS].with_answers(vehicle_id, frozenset())):
        return
    outlook = outlook_of(uow, vehicle_id, fleet_of(uow).timezone)
    followed = [follow(reminder, answers, outlook) for reminder, answers in found]
    after = [
        moved(old, remeasure_one(uow, each, outlook), uow.now) for (old, _), each in zip(found, followed, strict=True)
    ]
    uow[REMINDERS].advance(after)
    uow[REMINDERS].replace_completions([answer for each in followed for answer in each.moved])
    for (old, _), new in zip(found, after, strict=True):
        tell_change(uow, old.urgency, new)


def settle(uow: UnitOfWork, vehicle_id: UUID, work: Work, *, only_named: bool = False) -> None:
    """Judge the reminders of a vehicle, and move on those that *work* answers: one read and one write for all."""
    named = frozenset((*work.answers, *work.released))
    found = uow[REMINDERS].with_answers(vehicle_id, named)
    wanted = frozenset(work.answers)
    if not work.is_restored:
        _require_answerable(found, wanted, work.record_id)
    outlook = outlook_of(uow, vehicle_id, fleet_of(uow).timezone)
    changed: list[tuple[Reminder, Reminder]] = []
    new: list[Completion] = []
    stale: list[UUID] = []
    corrected: list[Completion] = []
    settled: set[UUID] = set()
    for before, answers in found:
        known = next((each for each in answers if each.record_id == work.record_id), None)
        followed = follow(before, [each for each in answers if each is not known], outlook)
        if before.id not in wanted and known is None:
            if not only_named and not before.is_finished and before.deleted_at is None:
                corrected += followed.moved
                changed.append((before, remeasure_one(uow, followed, outlook)))
            continue
        settled.add(before.id)
        corrected += followed.moved
        others = followed.answers
        if known is not None:
            stale.append(before.id)
        if before.id in wanted:
            others.append(_completion(uow, before, work, outlook, known))
            new.append(others[-1])
        awake: Reminder = attrs.evolve(
            followed.reminder,
            snoozed_until=None,
            updated_at=uow.now,
            updated_by=uow.actor.user_id,
            version=before.version + 1,
        )
        changed.append((before, scheduled(uow, awake, others, outlook)))
    changed = [(before, moved(before, after, uow.now)) for before, after in changed]
    uow[REMINDERS].settle([after for _, after in changed], work.record_id, stale, new)
    uow[REMINDERS].replace_completions(corrected)
    for before, after in changed:
        _tell(uow, before, after, work, is_named=before.id in settled, is_answered=before.id in wanted)


def _require_answerable(
    found: Sequence[tuple[Reminder, Sequence[Completion]]], wanted: frozenset[UUID], record_id: UUID
) -> None:
    """Raise NotFound for a reminder that is not there, Rejected for those that something else finished."""
    answered = {
        reminder.id: any(each.record_id == record_id for each in completions) for reminder, completions in found
    }
    for reminder_id in sorted(wanted):
        if reminder_id not in answered:
            raise NotFound("reminder", reminder_id)
    for reminder, _ in found:
        if reminder.id in wanted and reminder.deleted_at is not None and not answered[reminder.id]:
            raise NotFound("reminder", reminder.id)
    reject_if_any(
        Problem("reminder_ids", f"{reminder.title} is finished already", "reminder.finished")
        for reminder, _ in found
        if reminder.id in wanted and reminder.is_finished and not answered[reminder.id]
    )


def _completion(
    uow: UnitOfWork, reminder: Reminder, work: Work, outlook: Outlook, known: Completion | None
) -> Completion:
    return Completion(
        id=known.id if known else uow.new_id(),
        reminder_id=reminder.id,
        kind=CompletionKind.DONE,
        done_on=work.done_on,
        total_m=outlook.total_on(work.done_on, work.odometer),
        total_from=MeterBasis.DAY if work.odometer is None else MeterBasis.SAID,
        engine_hours=outlook.hours_on(work.done_on, work.engine_hours),
        hours_from=MeterBasis.DAY if work.engine_hours is None else MeterBasis.SAID,
        record_id=work.record_id,
        created_at=known.created_at if known else uow.now,
        created_by=known.created_by if known else uow.actor.user_id,
    )


def _tell(uow: UnitOfWork, before: Reminder, after: Reminder, work: Work, *, is_named: bool, is_answered: bool) -> None:
    if is_named:
        uow.record_change(ENTITY, after.id, before, None if after.deleted_at else after)
        if is_answered:
            uow.emit(told(ReminderDone, after, done_on=work.done_on, record_id=work.record_id))
        else:
            uow.emit(told(ReminderReopened, after, record_id=work.record_id))
    if after.deleted_at is None:
        tell_change(uow, before.urgency, after)
