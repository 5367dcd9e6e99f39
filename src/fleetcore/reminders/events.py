"""What is told after a reminder changed, or after time or a reading changed how urgent it is."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.quantities import Distance, EngineHours

from .model import Metric, Urgency

__all__ = [
    "EVENTS",
    "ReminderAdded",
    "ReminderDeleted",
    "ReminderDone",
    "ReminderEdited",
    "ReminderReopened",
    "ReminderRestored",
    "ReminderSkipped",
    "ReminderSnoozed",
    "ReminderStateChanged",
]


@frozen(kw_only=True)
class _ReminderTold(Event):
    """What every event of a reminder tells: which one, and its present due."""

    reminder_id: UUID
    vehicle_id: UUID | None
    person_id: UUID | None
    source: str | None
    source_id: UUID | None
    occurrence: int
    due_on: date | None
    due_odometer: Distance | None
    due_engine_hours: EngineHours | None


@event("reminders.reminder_added", key="reminder_id")
@frozen(kw_only=True)
class ReminderAdded(_ReminderTold):
    """A reminder was set."""


@event("reminders.reminder_edited", key="reminder_id")
@frozen(kw_only=True)
class ReminderEdited(_ReminderTold):
    """What is said of a reminder was changed."""


@event("reminders.reminder_deleted", key="reminder_id")
@frozen(kw_only=True)
class ReminderDeleted(_ReminderTold):
    """A reminder was deleted."""


@event("reminders.reminder_restored", key="reminder_id")
@frozen(kw_only=True)
class ReminderRestored(_ReminderTold):
    """A deleted reminder came back."""


@event("reminders.reminder_done", key="reminder_id")
@frozen(kw_only=True)
class ReminderDone(_ReminderTold):
    """The work was done; the due is the next one."""

    done_on: date
    record_id: UUID | None


@event("reminders.reminder_reopened", key="reminder_id")
@frozen(kw_only=True)
class ReminderReopened(_ReminderTold):
    """An answer was taken back; the due is as if it had never been. *record_id* is the record that had given it."""

    record_id: UUID | None


@event("reminders.reminder_skipped", key="reminder_id")
@frozen(kw_only=True)
class ReminderSkipped(_ReminderTold):
    """One time was left out; the due is the next one."""


@event("reminders.reminder_snoozed", key="reminder_id")
@frozen(kw_only=True)
class ReminderSnoozed(_ReminderTold):
    """A reminder is quiet until a day, or was woken (None)."""

    until: date | None


@event("reminders.state_changed", key="reminder_id")
@frozen(kw_only=True)
class ReminderStateChanged(_ReminderTold):
    """A reminder became more or less urgent; told once for each change, never for each look."""

    old_urgency: Urgency
    new_urgency: Urgency
    metric: Metric
    projected_on: date | None
    looked_on: date


EVENTS: tuple[type[Event], ...] = (
    ReminderAdded,
    ReminderEdited,
    ReminderDeleted,
    ReminderRestored,
    ReminderDone,
    ReminderReopened,
    ReminderSkipped,
    ReminderSnoozed,
    ReminderStateChanged,
)
