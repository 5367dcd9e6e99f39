"""Calendars: the facts, and the commands and questions about them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from attrs import field, frozen

__all__ = [
    "Calendar",
    "CalendarEntry",
    "Feed",
    "ListFeeds",
    "MakeFeed",
    "NewFeed",
    "ReadCalendar",
    "RevokeFeed",
    "Series",
]


@frozen(kw_only=True)
class Feed:
    """A secret address of the calendar of one user in one fleet; *name* says which device or program has it."""

    id: UUID
    user_id: UUID
    name: str
    created_at: datetime


@frozen(kw_only=True)
class NewFeed(Feed):
    """A feed that was just made, with its *token*, which is told once: the same request again answers without it."""

    token: str | None = field(repr=False, metadata={"secret": True})


@frozen(kw_only=True)
class MakeFeed:
    """Make an address for one's own calendar."""

    name: str = "Calendar"


@frozen(kw_only=True)
class ListFeeds:
    """Ask for one's own feeds, the oldest first."""


@frozen(kw_only=True)
class RevokeFeed:
    """Take one of one's own feeds back: its address shows nothing any more."""

    id: UUID


@frozen(kw_only=True)
class ReadCalendar:
    """Ask for the calendar of what is due on the vehicles that the actor may see, or on one of them."""

    vehicle_id: UUID | None = None


@frozen(kw_only=True)
class Calendar:
    """The calendar as an iCalendar file (RFC 5545).

    *etag* stands for the bytes of *text*: the same state gives the same. *entries* counts what is in it, *undated*
    the reminders that are not because nobody can foresee their day yet.
    """

    text: str
    etag: str
    entries: int
    undated: int


@frozen(kw_only=True)
class Series:
    """A recurrence by date alone: every so many months or days, on *day_of_month* or the month's last before it."""

    months: int | None = None
    days: int | None = None
    day_of_month: int | None = None
    month: int | None = None


@frozen(kw_only=True)
class CalendarEntry:
    """One whole day in the calendar.

    *uid* stays while the same occurrence moves; *sequence* and *changed_at* rise when it does. *alarm_days* are how
    many days ahead it rings.
    """

    uid: str
    day: date
    summary: str
    description: str
    category: str
    is_projected: bool
    alarm_days: tuple[int, ...]
    series: Series | None
    created_at: datetime
    changed_at: datetime
    sequence: int
