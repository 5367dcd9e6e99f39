"""A calendar as text: iCalendar (RFC 5545, with the names of RFC 7986), written by the library ``icalendar``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fleetcore.kernel.errors import Unavailable

from .model import CalendarEntry, Series

if TYPE_CHECKING:
    from icalendar import Alarm, Event

__all__ = ["calendar_text"]

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # RFC 5545 has no way to write them
PRODUCT = "-//fleetcore//Dues//EN"
REFRESH = timedelta(hours=6)
RINGS_AT = timedelta(hours=9)  # of the day: midnight is no time to ring
SHORTEST_MONTH = 28


def calendar_text(name: str, entries: Sequence[CalendarEntry]) -> str:
    """Return *entries* as an iCalendar file called *name*; the same entries give the same text.

    Raises Unavailable without the library that writes it.
    """
    try:
        from icalendar import Calendar, vText
    except ImportError:
        raise Unavailable("calendars need one more package: pip install 'fleetcore[calendar]'") from None
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for label in ("name", "x-wr-calname"):
        calendar.add(label, vText(_printable(name)))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical()).decode()


def _event(entry: CalendarEntry) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at.replace(microsecond=0))
    event.add("created", entry.created_at.replace(microsecond=0))
    event.add("last-modified", entry.changed_at.replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("summary", _printable(entry.summary))
    event.add("description", _printable(entry.description))
    event.add("categories", [entry.category])
    event.add("status", "TENTATIVE" if entry.is_projected else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy because an inspection is due
    if entry.series is not None:
        event.add("rrule", _rule(entry.series))
    for days in entry.alarm_days:
        event.add_component(_alarm(days, _printable(entry.summary)))
    return event


def _printable(text: str) -> str:
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def _alarm(days: int, summary: str) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", RINGS_AT - timedelta(days=days))
    return alarm


def _rule(series: Series) -> dict[str, Any]:
    """Return the recurrence; a day that a month lacks becomes the month's last, not the next month's first."""
    if series.days is not None:
        return {"FREQ": "DAILY", "INTERVAL": series.days}
    months = series.months or 1
    is_yearly = months % 12 == 0
    rule: dict[str, Any] = {"FREQ": "YEARLY" if is_yearly else "MONTHLY", "INTERVAL": months // 12 or 1}
    if not is_yearly:
        rule["INTERVAL"] = months
    if (day := series.day_of_month or 1) > SHORTEST_MONTH:
        rule |= {"BYMONTHDAY": list(range(SHORTEST_MONTH, day + 1)), "BYSETPOS": -1}
        if is_yearly:
            rule["BYMONTH"] = series.month
    return rule
