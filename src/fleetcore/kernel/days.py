"""Days of a fleet's calendar, and what no record may say of its day, its instant and its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from attrs import frozen

from .checks import NOT_TEXT, is_text
from .errors import Problem
from .when import local_date, zone

__all__ = [
    "NOT_BEFORE",
    "Calendar",
    "day_problems",
    "noon_of",
    "stretch_of",
    "tag_problems",
    "text_problems",
]

NOT_BEFORE = date(1900, 1, 1)
FUTURE_MAX = timedelta(days=1)  # a clock or a time zone may be off by as much
TAG_LENGTH_MAX = 200
TAGS_MAX = 50


@frozen(kw_only=True)
class Calendar:
    """The present instant, and the time zone in which the fleet's days begin."""

    now: datetime
    timezone: str

    @property
    def today(self) -> date:
        """The present day of the fleet."""
        return local_date(self.now, self.timezone)


def noon_of(on: date, calendar: Calendar) -> datetime:
    """Return the instant that stands for a whole day: its noon, but never later than now."""
    noon = datetime.combine(on, time(12), zone(calendar.timezone)).astimezone(UTC)
    return min(noon, calendar.now)


def stretch_of(on: date, timezone: str) -> tuple[datetime, datetime]:
    """Return the instants at which the day *on* begins and at which it is over."""
    local = zone(timezone)
    ends = (datetime.combine(day, time(), local).astimezone(UTC) for day in (on, on + timedelta(days=1)))
    start, end = ends
    return start, end


def day_problems(field: str, on: date | None, at: datetime | None, calendar: Calendar) -> Iterator[Problem]:
    """Yield what is wrong with a record's day, called *field*, and with its instant, called ``at``."""
    if isinstance(on, datetime):
        yield Problem(field, "is a day without a time; the time belongs in at")
    elif on is None:
        if at is None:
            yield Problem(field, "is needed, or the instant as at", "required")
    elif on > calendar.today + FUTURE_MAX:
        yield Problem(field, f"lies in the future: {on}", "time.future")
    elif on < NOT_BEFORE:
        yield Problem(field, f"lies before the year {NOT_BEFORE.year}", "time.too_early")
    if at is not None:
        yield from _instant_problems(at, on, calendar)


def _instant_problems(at: datetime, on: date | None, calendar: Calendar) -> Iterator[Problem]:
    if at.tzinfo is None:
        yield Problem("at", "needs an offset, for example +00:00")
    elif at > calendar.now + FUTURE_MAX:
        yield Problem("at", f"lies in the future: {at.isoformat()}", "time.future")
    elif at < datetime(NOT_BEFORE.year, 1, 2, tzinfo=UTC):  # also in the zones whose new year comes later
        yield Problem("at", f"lies before the year {NOT_BEFORE.year}", "time.too_early")
    elif on is not None and local_date(at, calendar.timezone) != on:
        yield Problem("at", f"lies on {local_date(at, calendar.timezone)} in {calendar.timezone}, not on {on}")


def text_problems(texts: Iterable[tuple[str, str]], length_max: int) -> Iterator[Problem]:
    """Yield what is wrong with *texts*, pairs of a field and what it says."""
    for name, text in texts:
        if len(text) > length_max:
            yield Problem(name, f"is longer than {length_max} characters", "too_long")
        if not is_text(text):
            yield Problem(name, NOT_TEXT)


def tag_problems(tags: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with the *tags* of a record."""
    if len(tags) > TAGS_MAX:
        yield Problem("tags", f"are more than {TAGS_MAX}", "too_long")
    for index, tag in enumerate(tags):
        if not tag.strip():
            yield Problem(f"tags.{index}", "must not be empty")
        yield from text_problems(((f"tags.{index}", tag),), TAG_LENGTH_MAX)
