"""What a reminder must obey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fleetcore.kernel.errors import Problem
from fleetcore.vehicles.model import Vehicle, VehicleState

from .model import ReminderFields

__all__ = ["day_problems", "is_silenced", "reminder_problems", "vehicle_problems"]

TITLE_LENGTH_MAX = 200
NOTES_LENGTH_MAX = 10_000
METRES_MAX = 10_000_000_000  # ten million kilometres
TENTHS_MAX = 10_000_000
MONTHS_MAX = 1200
DAYS_MAX = 36_525
NOT_BEFORE, NOT_AFTER = date(1900, 1, 1), date(2199, 12, 31)


def reminder_problems(fields: ReminderFields) -> Iterator[Problem]:
    """Yield what is wrong with what is said of a reminder."""
    if not fields.title.strip():
        yield Problem("title", "say what is to be done, in a few words")
    if len(fields.title) > TITLE_LENGTH_MAX:
        yield Problem("title", f"is longer than {TITLE_LENGTH_MAX} characters", "too_long")
    if len(fields.notes) > NOTES_LENGTH_MAX:
        yield Problem("notes", f"is longer than {NOTES_LENGTH_MAX} characters", "too_long")
    if fields.expected_cost is not None and fields.expected_cost.minor < 0:
        yield Problem("expected_cost", "must be zero or more")
    yield from _interval_problems(fields)
    yield from _first_problems(fields)
    yield from _threshold_problems(fields)


def _interval_problems(fields: ReminderFields) -> Iterator[Problem]:
    intervals = (
        ("every_km", fields.every and fields.every.metres, METRES_MAX, fields.every is None),
        ("every_months", fields.every_months, MONTHS_MAX, fields.every_months is None),
        ("every_days", fields.every_days, DAYS_MAX, fields.every_days is None),
        (
            "every_engine_hours",
            fields.every_engine_hours and fields.every_engine_hours.tenths,
            TENTHS_MAX,
            fields.every_engine_hours is None,
        ),
    )
    for name, value, most, is_unsaid in intervals:
        if not is_unsaid and (value or 0) <= 0:
            yield Problem(name, "must be more than zero")
        elif (value or 0) > most:
            yield Problem(name, "is too long to be real")
    if fields.every_months is not None and fields.every_days is not None:
        yield Problem("every_days", "give every_months or every_days, not both")
    measured = (fields.on, fields.at_odometer, fields.at_engine_hours)
    if all(is_unsaid for *_, is_unsaid in intervals) and all(first is None for first in measured):
        yield Problem("", "nothing to measure: give an interval, a date, an odometer or engine hours")


def _first_problems(fields: ReminderFields) -> Iterator[Problem]:
    if fields.on is not None:
        yield from day_problems("on", fields.on, NOT_AFTER)
    if fields.at_odometer is not None and not 0 <= fields.at_odometer.metres <= METRES_MAX:
        yield Problem("at_odometer_km", "must lie between 0 and ten million")
    if fields.at_engine_hours is not None and not 0 <= fields.at_engine_hours.tenths <= TENTHS_MAX:
        yield Problem("at_engine_hours", "must lie between 0 and one million")


def _threshold_problems(fields: ReminderFields) -> Iterator[Problem]:
    for unit, soon, very_soon, most in (
        ("days", fields.soon_days, fields.very_soon_days, DAYS_MAX),
        ("distance_km", fields.soon_distance.metres, fields.very_soon_distance.metres, METRES_MAX),
        ("engine_hours", fields.soon_engine_hours.tenths, fields.very_soon_engine_hours.tenths, TENTHS_MAX),
    ):
        if not 0 <= soon <= most:
            yield Problem(f"soon_{unit}", "must be zero or more, and real")
        if not 0 <= very_soon <= soon:
            yield Problem(f"very_soon_{unit}", f"must lie between zero and soon_{unit}")


def day_problems(field: str, day: date, latest: date) -> Iterator[Problem]:
    """Yield what is wrong with a day that must lie between 1900 and *latest*."""
    if day < NOT_BEFORE:
        yield Problem(field, f"lies before the year {NOT_BEFORE.year}")
    elif day > latest:
        yield Problem(field, f"lies after {latest}", "time.future")


def is_silenced(vehicle: Vehicle) -> bool:
    """Say whether nothing is due on *vehicle*: it is removed, sold or decommissioned."""
    return vehicle.deleted_at is not None or vehicle.sold_on is not None or vehicle.state is VehicleState.DECOMMISSIONED


def vehicle_problems(vehicle: Vehicle) -> Iterator[Problem]:
    """Yield why nothing can be due on *vehicle*."""
    if is_silenced(vehicle):
        what = "was sold" if vehicle.sold_on is not None else "is decommissioned"
        yield Problem("vehicle_id", f"{vehicle.name} {what}: nothing falls due on it", "vehicle.silent")
