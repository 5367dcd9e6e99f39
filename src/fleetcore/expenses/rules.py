"""What an expense, a category and a schedule must obey, and which days a schedule means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import count

from attrs import frozen

from fleetcore.kernel.days import NOT_BEFORE, Calendar, day_problems, tag_problems, text_problems
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.when import Period, local_date, occurrence

from .model import BUILT_IN_CATEGORIES, Category, ExpenseFields, Recurring, RecurringFields, category_key

__all__ = [
    "NAME_LENGTH_MAX",
    "Due",
    "category_problems",
    "day_of",
    "due_occurrences",
    "expense_problems",
    "name_problems",
    "next_due",
    "own_account_code",
    "recurring_problems",
    "rescheduled",
]

ODOMETER_METRES_MAX = 10_000_000_000  # ten million kilometres: three times the record
NOT_AFTER = date(2099, 12, 31)  # what every export of the ledger can write
EVERY_MAX: Mapping[Period, int] = {Period.DAY: 3660, Period.WEEK: 520, Period.MONTH: 1200, Period.YEAR: 100}
LINE_LENGTH_MAX = 200
NOTES_LENGTH_MAX = 10_000
ATTACHMENTS_MAX = 100
NAME_LENGTH_MAX = 100
ACCOUNT_WORD_LENGTH_MAX = 60


@frozen
class Due:
    """One occurrence of a schedule: the number it carries, its place in the schedule, and its day."""

    occurrence: int
    index: int
    on: date


def day_of(expense: ExpenseFields, timezone: str) -> date:
    """Return the day of *expense*, in which :func:`expense_problems` found nothing."""
    if expense.spent_on is not None:
        return expense.spent_on
    if expense.at is None:
        raise ValueError("the day is missing; check the expense with expense_problems first")
    return local_date(expense.at, timezone)


def expense_problems(expense: ExpenseFields, calendar: Calendar) -> Iterator[Problem]:
    """Yield everything that is wrong with *expense* by itself, its category aside."""
    yield from day_problems("spent_on", expense.spent_on, expense.at, calendar)
    if expense.odometer is not None:
        if expense.vehicle_id is None:
            yield Problem("odometer_km", "needs a vehicle whose odometer it is")
        if expense.odometer.metres < 0:
            yield Problem("odometer_km", "must not be negative")
        elif expense.odometer.metres > ODOMETER_METRES_MAX:
            yield Problem("odometer_km", f"{expense.odometer.km} km is too far to be real", "absurd")
    yield from _words_problems(expense)
    if len(expense.attachment_ids) > ATTACHMENTS_MAX:
        yield Problem("attachment_ids", f"are more than {ATTACHMENTS_MAX}", "too_long")


def _words_problems(said: ExpenseFields | RecurringFields) -> Iterator[Problem]:
    yield from text_problems((("title", said.title), ("place", said.place)), LINE_LENGTH_MAX)
    yield from text_problems((("notes", said.notes),), NOTES_LENGTH_MAX)
    yield from tag_problems(said.tags)


def category_problems(name: str, known: Iterable[Category]) -> Iterator[Problem]:
    """Yield a problem when *name* is none of the *known* categories."""
    words = {category.key for category in known}
    if category_key(name) not in words:
        own = sorted(words - BUILT_IN_CATEGORIES.keys())
        message = (
            f"{name[:NAME_LENGTH_MAX]!r} is not a category of this fleet; there are "
            f"{', '.join([*BUILT_IN_CATEGORIES, *own])}; add your own with expenses.add_category"
        )
        yield Problem("category", message, "category.unknown")


def name_problems(name: str) -> Iterator[Problem]:
    """Yield what is wrong with the *name* of an own category."""
    if not category_key(name):
        yield Problem("name", "must have at least one letter or digit", "required")
    yield from text_problems((("name", name),), NAME_LENGTH_MAX)
    if len(category_key(name)) > NAME_LENGTH_MAX:
        yield Problem("name", f"is longer than {NAME_LENGTH_MAX} characters", "too_long")


def own_account_code(key: str) -> str:
    """Return the code of the account of the own category *key*; codes are plain ASCII, categories are not."""
    if key.isascii() and len(key) <= ACCOUNT_WORD_LENGTH_MAX:
        return f"expenses.own.{key.replace('_', '-')}"
    return f"expenses.own.{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def recurring_problems(recurring: RecurringFields) -> Iterator[Problem]:
    """Yield everything that is wrong with a recurring expense by itself, its category aside."""
    yield from _words_problems(recurring)
    if not 1 <= recurring.every <= EVERY_MAX[recurring.period]:
        yield Problem("every", f"must be from 1 to {EVERY_MAX[recurring.period]} for the period {recurring.period}")
    for name, day in (("starts_on", recurring.starts_on), ("ends_on", recurring.ends_on)):
        if isinstance(day, datetime):
            yield Problem(name, "is a day without a time")
        elif day is not None and not NOT_BEFORE <= day <= NOT_AFTER:
            yield Problem(name, f"must lie between {NOT_BEFORE} and {NOT_AFTER}")
    if recurring.ends_on is not None and recurring.ends_on < recurring.starts_on:
        yield Problem("ends_on", "lies before the first day")


def next_due(schedule: RecurringFields, index: int) -> date | None:
    """Return the day of the *index*-th occurrence, or None when the schedule has ended before it."""
    on = occurrence(schedule.starts_on, schedule.period, schedule.every, index)
    return on if on <= min(schedule.ends_on or NOT_AFTER, NOT_AFTER) else None


def due_occurrences(recurring: Recurring, today: date, sold_on: date | None) -> Iterator[Due]:
    """Yield what has fallen due up to *today* and is not made yet; nothing from the day the vehicle was sold."""
    for step in count():
        index = recurring.next_index + step
        on = next_due(recurring, index)
        if on is None or on > today or (sold_on is not None and on >= sold_on):
            return
        yield Due(recurring.next_occurrence + step, index, on)


def rescheduled(before: Recurring, wanted: RecurringFields) -> int:
    """Return where in its new schedule a recurring expense goes on: after the newest day that was made."""
    same = (before.starts_on, before.period, before.every) == (wanted.starts_on, wanted.period, wanted.every)
    if same:
        return before.next_index
    if before.last_on is None:
        return 0
    last_on = before.last_on
    return next(i for i in count() if occurrence(wanted.starts_on, wanted.period, wanted.every, i) > last_on)
