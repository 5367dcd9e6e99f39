"""Time: the injected clock, and calendar arithmetic that never drifts."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from .errors import Rejected

__all__ = [
    "ALWAYS",
    "LONGEST_LEAD",
    "Clock",
    "Period",
    "Span",
    "SystemClock",
    "add_months",
    "local_date",
    "occurrence",
    "occurrences",
    "require_aware",
    "span_of_days",
    "zone",
]


LONGEST_LEAD = timedelta(hours=14)  # by which the first time zone of the day is ahead of UTC


class Clock(Protocol):
    """What the time is; injected, so tests and replays decide it."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class Period(StrEnum):
    """The unit in which something recurs."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone *name*; raises Rejected for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Rejected.because("timezone", f"{name!r} is not an IANA time zone such as Europe/Berlin or UTC") from None


def local_date(instant: datetime, timezone: str) -> date:
    """Return the calendar date of *instant* in *timezone*."""
    return instant.astimezone(zone(timezone)).date()


def require_aware(instant: datetime) -> datetime:
    """Return *instant* in UTC; raises Rejected when it carries no offset or has no UTC form."""
    if instant.utcoffset() is None:
        raise Rejected.because("", f"the time {instant.isoformat()} needs an offset, for example +00:00")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise Rejected.because("", f"the time {instant.isoformat()} lies outside the calendar") from None


@frozen
class Span:
    """A stretch of time from *since* up to but not including *until*; None leaves that end open."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Span()


def span_of_days(since: date | None, until: date | None, timezone: str) -> Span:
    """Return the stretch of the calendar days *since* to *until*, both included, in *timezone*."""
    return Span(
        None if since is None else _midnight(since, timezone),
        None if until is None or until == date.max else _midnight(until + timedelta(days=1), timezone),
    )


def _midnight(day: date, timezone: str) -> datetime | None:
    """Return the instant at which *day* begins; None where the calendar cannot tell it in UTC."""
    try:
        return datetime.combine(day, time(), zone(timezone)).astimezone(UTC)
    except OverflowError:
        return None


def add_months(start: date, months: int) -> date:
    """Add calendar *months* to *start*, clamped to the end of a shorter month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def occurrence(start: date, period: Period, every: int, index: int) -> date:
    """Return the *index*-th recurrence of *start*, always counted from *start*, so it never drifts."""
    match period:
        case Period.DAY:
            return start + timedelta(days=every * index)
        case Period.WEEK:
            return start + timedelta(weeks=every * index)
        case Period.MONTH:
            return add_months(start, every * index)
        case Period.YEAR:
            return add_months(start, 12 * every * index)


def occurrences(start: date, period: Period, every: int, until: date) -> Iterator[tuple[int, date]]:
    """Yield (index, date) of each recurrence from *start* up to and including *until*."""
    if every < 1:
        raise Rejected.because("every", "must be 1 or more")
    index = 0
    while (on := _within_calendar(start, period, every, index)) is not None and on <= until:
        yield index, on
        index += 1


def _within_calendar(start: date, period: Period, every: int, index: int) -> date | None:
    try:
        return occurrence(start, period, every, index)
    except (OverflowError, ValueError):  # beyond the year 9999
        return None
