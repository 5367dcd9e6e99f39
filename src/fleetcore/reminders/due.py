"""What is due, soonest first, as of today or of any day."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.languages import Language
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import vehicle_for
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.ports import VEHICLES

from .engine import FAR, LEVELS, METRICS, Verdict, projected_span
from .explanation import explain
from .keeping import READ, sight_of, today_of
from .model import DueReminder, ListDue, Metric, Reminder, Urgency
from .outlook import Outlook, day_of, first_metric, limits_of, measured, outlook_of, verdict_on
from .ports import REMINDERS
from .rules import day_problems

__all__ = ["list_due", "reason_of"]

LATEST = date(2199, 12, 31)
DAYS_MAX = 36_525


@query("reminders.due", permission=READ, snapshot=True)
def list_due(uow: UnitOfWork, command: ListDue) -> tuple[DueReminder, ...]:
    """List the reminders that the actor may see, soonest first; with *within*, what falls due in so many days.

    With *today* they are judged as of that day, by the readings known at its end; nothing is changed. Raises
    NotFound for the vehicle, Rejected.
    """
    if command.within is not None and not 0 <= command.within <= DAYS_MAX:
        raise Rejected.because("within", f"must lie between 0 and {DAYS_MAX} days")
    if command.today is not None:
        for problem in day_problems("today", command.today, LATEST):
            raise Rejected([problem])
    asked = None if command.vehicle_id is None else vehicle_for(uow, command.vehicle_id, READ)
    found = uow[REMINDERS].open(sight_of(uow, READ), command.vehicle_id)
    if not found:
        return ()
    today = command.today or today_of(uow)
    # Who asks of one vehicle does not wait for the others of a big fleet.
    vehicles = {vehicle.id: vehicle for vehicle in ([asked] if asked else uow[VEHICLES].list(ListVehicles()))}
    outlooks: dict[UUID, Outlook] = {}
    rows = []
    for stored in found:
        reminder = stored
        if command.today is not None and stored.vehicle_id is not None:
            if stored.vehicle_id not in outlooks:
                timezone = fleet_of(uow).timezone
                outlooks[stored.vehicle_id] = outlook_of(uow, stored.vehicle_id, timezone, command.today)
            reminder = measured(stored, outlooks[stored.vehicle_id])
        verdict = verdict_on(reminder, today)
        day = _sort_day(reminder, verdict, today)
        if command.within is None or day <= today + timedelta(days=command.within):
            rows.append((day, -verdict.level, reminder, verdict))
    rows.sort(key=lambda row: (row[0], row[1], row[2].title.casefold(), row[2].id))
    unit = fleet_of(uow).units.distance_unit
    return tuple(
        _due(reminder, verdict, vehicles[reminder.vehicle_id] if reminder.vehicle_id else None, today, unit)
        for _, _, reminder, verdict in rows
    )


def _sort_day(reminder: Reminder, verdict: Verdict, today: date) -> date:
    """Return the day on which *reminder* is due; where nobody can foresee it, the latest that its level lets expect."""
    if verdict.day < FAR:
        day = day_of(verdict.day) or date.max
    elif verdict.level:
        ahead = {Urgency.SOON: reminder.soon_days, Urgency.VERY_SOON: reminder.very_soon_days}
        day = today + timedelta(days=ahead.get(LEVELS[verdict.level], 0))
    else:
        day = date.max
    return max(day, reminder.snoozed_until) if reminder.snoozed_until and today < reminder.snoozed_until else day


def _due(reminder: Reminder, verdict: Verdict, vehicle: Vehicle | None, today: date, unit: DistanceUnit) -> DueReminder:
    limits, odometer, hours, on = limits_of(reminder), reminder.odometer_gauge, reminder.hours_gauge, today.toordinal()
    metric = first_metric(reminder) if verdict.metric is None else METRICS[verdict.metric]
    is_hours = metric is Metric.HOURS or limits.due_m is None
    earliest, latest = projected_span(
        limits.due_tenths if is_hours else limits.due_m, hours if is_hours else odometer, on
    )
    because = explain(verdict, limits, odometer, hours, today=on, unit=(vehicle and vehicle.distance_unit) or unit)
    is_snoozed = reminder.snoozed_until is not None and today < reminder.snoozed_until
    return DueReminder(
        reminder_id=reminder.id,
        vehicle_id=reminder.vehicle_id,
        vehicle_name=None if vehicle is None else vehicle.name,
        person_id=reminder.person_id,
        source=reminder.source,
        title=reminder.title,
        urgency=Urgency.NOT_DUE if is_snoozed else LEVELS[verdict.level],
        metric=metric,
        due_on=reminder.due_on,
        due_odometer=reminder.due_odometer,
        due_engine_hours=reminder.due_engine_hours,
        projected_on=day_of(verdict.projected_day),
        earliest_on=day_of(earliest),
        latest_on=day_of(latest),
        expected_cost=reminder.expected_cost,
        because=f"snoozed until {reminder.snoozed_until}; {because}" if is_snoozed else because,
    )


def reason_of(reminder: Reminder, today: date, unit: DistanceUnit, language: Language) -> str:
    """Say why *reminder* is as urgent as it is on *today*, with distances in *unit*, in *language*."""
    return explain(
        verdict_on(reminder, today),
        limits_of(reminder),
        reminder.odometer_gauge,
        reminder.hours_gauge,
        today=today.toordinal(),
        unit=unit,
        language=language,
    )
