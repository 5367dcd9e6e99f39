"""Reminders: the facts, and the commands and questions about them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.sorting import sort_field

__all__ = [
    "AddReminder",
    "Completion",
    "CompletionKind",
    "DeleteReminder",
    "DueReminder",
    "EditReminder",
    "FinishReminder",
    "Gauge",
    "GetReminder",
    "ListDue",
    "ListReminders",
    "MeterBasis",
    "Metric",
    "Reminder",
    "ReminderFields",
    "RestoreReminder",
    "SkipReminder",
    "SnoozeReminder",
    "Tick",
    "TickReport",
    "Urgency",
]

SOON_DISTANCE, VERY_SOON_DISTANCE = Distance(1_000_000), Distance(250_000)
SOON_HOURS, VERY_SOON_HOURS = EngineHours(500), EngineHours(100)


class Urgency(StrEnum):
    """How near a due is, least urgent first."""

    NOT_DUE = "not_due"
    SOON = "soon"
    VERY_SOON = "very_soon"
    DUE = "due"
    OVERDUE = "overdue"


class Metric(StrEnum):
    """What a due is measured by."""

    DATE = "date"
    DISTANCE = "distance"
    HOURS = "hours"


@frozen
class Gauge:
    """Where a meter stood on its last day, and how fast it moves.

    *value* is in metres or tenths of an hour, *day* an ordinal (``date.toordinal``). *pace* with its likely
    bounds *pace_low* and *pace_high* is in thousandths of these units per day; 0 where it is not known.
    """

    value: int
    day: int
    pace: int = 0
    pace_low: int = 0
    pace_high: int = 0


@frozen(kw_only=True)
class ReminderFields:
    """What is said of a reminder: the rule and how early to tell.

    An interval (*every...*) makes it recurring. *on*, *at_odometer* and *at_engine_hours* say the first due;
    without them the first due counts from the day and the meters of adding. With *is_fixed* the dues keep
    their grid; otherwise each counts from when the work was done. *expected_cost* is what one time costs,
    as far as one knows. Only the reminders of a person's papers have no vehicle.
    """

    vehicle_id: UUID | None
    title: str
    notes: str = ""
    expected_cost: Money | None = None
    every: Distance | None = None
    every_months: int | None = None
    every_days: int | None = None
    every_engine_hours: EngineHours | None = None
    on: date | None = None
    at_odometer: Distance | None = None
    at_engine_hours: EngineHours | None = None
    is_fixed: bool = False
    soon_days: int = 30
    very_soon_days: int = 7
    soon_distance: Distance = SOON_DISTANCE
    very_soon_distance: Distance = VERY_SOON_DISTANCE
    soon_engine_hours: EngineHours = SOON_HOURS
    very_soon_engine_hours: EngineHours = VERY_SOON_HOURS


@frozen(kw_only=True)
class AddReminder(ReminderFields):
    """Set a reminder on a vehicle; *id* may be chosen by the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditReminder(ReminderFields):
    """Replace what was said of a reminder; *version* is the one that was read."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Reminder(ReminderFields):
    """A reminder with its present due and how urgent that is.

    *due_odometer* is as the present meter shows it; *meter_offset_m* more is the total over replaced meters,
    in which *origin_total_m* (where an interval counts from) is kept. *said_offset_m* is that offset when
    *at_odometer* was said. A reminder that a record brought names it by *source* and *source_id*, and a person
    whose paper it is about by *person_id*. *next_look_on* is the next day on which the urgency can change by
    time alone. A silent reminder belongs to a vehicle that is removed, sold or decommissioned. *moves* counts how
    often its place in the calendar changed, by people or by readings, last at *moved_at*.
    """

    id: UUID
    source: str | None = None
    source_id: UUID | None = None
    person_id: UUID | None = None
    origin_on: date
    origin_total_m: int | None = None
    origin_engine_hours: EngineHours | None = None
    said_offset_m: int = 0
    meter_offset_m: int = 0
    due_on: date | None = None
    due_odometer: Distance | None = None
    due_engine_hours: EngineHours | None = None
    occurrence: int = 0
    is_finished: bool = False
    is_silent: bool = False
    last_done_on: date | None = None
    snoozed_until: date | None = None
    odometer_gauge: Gauge | None = None
    hours_gauge: Gauge | None = None
    urgency: Urgency = Urgency.NOT_DUE
    metric: Metric
    projected_on: date | None = None
    looked_on: date
    next_look_on: date | None = None
    moves: int = 0
    moved_at: datetime | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1

    @property
    def expected_on(self) -> date | None:
        """The day on which it will be due, by the date or by the first meter, whichever comes first."""
        return _first(self.due_on, self.projected_on)


class CompletionKind(StrEnum):
    """How a due was answered."""

    DONE = "done"
    SKIPPED = "skipped"


class MeterBasis(StrEnum):
    """Where the meter of an answer is from, and so which readings move it later.

    *said*: a person named it, no reading moves it. *day*: an answer about a day holds from what the readings show
    of that day, whenever they are entered. *present*: one about now holds from the meter that was known then, as
    long as that reading stands: a receipt entered late must not push a due away of which people were told.
    """

    SAID = "said"
    DAY = "day"
    PRESENT = "present"


@frozen(kw_only=True)
class Completion:
    """One answer to a reminder: the work was done, or this time was skipped.

    *total_m* counts replaced meters in; *record_id* names the record that did the work, if there is one.
    """

    id: UUID
    reminder_id: UUID
    kind: CompletionKind
    done_on: date
    total_m: int | None = None
    total_from: MeterBasis = MeterBasis.SAID
    engine_hours: EngineHours | None = None
    hours_from: MeterBasis = MeterBasis.SAID
    record_id: UUID | None = None
    created_at: datetime
    created_by: UUID


@frozen(kw_only=True)
class FinishReminder:
    """Say that the work was done: today, or on *done_on*, and what the meters showed.

    Without a meter the last reading of that day counts. The same *record_id* again moves what it said before.
    """

    id: UUID
    done_on: date | None = None
    odometer: Distance | None = None
    engine_hours: EngineHours | None = None
    record_id: UUID | None = None


@frozen(kw_only=True)
class SkipReminder:
    """Leave this time out and go on with the next."""

    id: UUID


@frozen(kw_only=True)
class ReopenReminder:
    """Take the last answer back: done or skipped by mistake. *version* is the one that was read."""

    id: UUID
    version: int | None = None


@frozen(kw_only=True)
class SnoozeReminder:
    """Be quiet until the day *until*; None wakes it."""

    id: UUID
    until: date | None = None


@frozen(kw_only=True)
class DeleteReminder:
    """Delete a reminder; it can be restored."""

    id: UUID
    version: int | None = None


@frozen(kw_only=True)
class RestoreReminder:
    """Bring a deleted reminder back."""

    id: UUID


@frozen(kw_only=True)
class GetReminder:
    """Ask for one reminder."""

    id: UUID


@frozen(kw_only=True)
class ListReminders:
    """Ask for reminders, newest first; finished ones and deleted ones only when asked for."""

    vehicle_id: UUID | None = None
    include_finished: bool = False
    deleted: bool = False
    text: str = ""
    sort: str = sort_field("-created_at", "created_at", "due_on")
    cursor: str | None = None
    limit: int = 50


@frozen(kw_only=True)
class ListDue:
    """Ask what is due, soonest first, at most *within* days ahead; as of *today*, ignoring later readings."""

    within: int | None = None
    today: date | None = None
    vehicle_id: UUID | None = None


@frozen(kw_only=True)
class DueReminder:
    """One reminder as it stands on a day; *earliest_on* and *latest_on* bound the projected day.

    One about a person's papers has *person_id* and no vehicle.
    """

    reminder_id: UUID
    vehicle_id: UUID | None
    vehicle_name: str | None
    person_id: UUID | None
    source: str | None
    title: str
    urgency: Urgency
    metric: Metric
    due_on: date | None
    due_odometer: Distance | None
    due_engine_hours: EngineHours | None
    projected_on: date | None
    earliest_on: date | None
    latest_on: date | None
    expected_cost: Money | None
    because: str

    @property
    def expected_on(self) -> date | None:
        """The day on which it will be due, by the date or by the first meter, whichever comes first."""
        return _first(self.due_on, self.projected_on)


@frozen(kw_only=True)
class Tick:
    """Look again at the reminders whose urgency can have changed with time, at most *limit* of them."""

    limit: int = 5000


@frozen(kw_only=True)
class TickReport:
    """What a tick found: how many reminders it looked at, how many changed, and whether more are waiting."""

    ticked_on: date
    looked_at: int
    changed: int
    has_more: bool


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
