"""When a message may be sent: quiet hours and digests in the reader's time zone. Pure; clocks may change both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from fleetcore.kernel.when import zone

from .model import Digest, PreferenceFields

__all__ = ["is_quiet", "parse_time", "send_at", "wake_at"]

DAYS_LOOKED_AHEAD = 9  # a week, and a day at each end


def parse_time(text: str) -> time | None:
    """Return the time of day written as ``HH:MM``, or None."""
    hours, mark, minutes = text.partition(":")
    if not (mark and len(hours) == len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdigit()):
        return None
    return time(int(hours), int(minutes)) if int(hours) < 24 and int(minutes) < 60 else None


def _instants(day: date, at: time, timezone: str) -> Iterator[datetime]:
    """Yield the instants at which clocks show *at* on *day*: two where it is passed twice.

    A time that is left out in spring yields the first instant after the gap.
    """
    local = datetime.combine(day, at, zone(timezone))
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if second < first:  # left out: by the new offset it lies before the change of clocks, by the old one after it
        yield _first_after(second, first, timezone)
        return
    yield first
    if second != first:
        yield second


def _first_after(early: datetime, late: datetime, timezone: str) -> datetime:
    """Return the instant between *early* and *late* at which clocks are put forward."""
    offset = late.astimezone(zone(timezone)).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (early, middle) if middle.astimezone(zone(timezone)).utcoffset() == offset else (middle, late)
    return late.replace(microsecond=0)


def is_quiet(instant: datetime, fields: PreferenceFields, timezone: str) -> bool:
    """Say whether the reader's clock shows quiet hours: from their first minute up to their end."""
    if (hours := _quiet_hours(fields)) is None:
        return False
    begins, ends = hours
    shown = instant.astimezone(zone(timezone)).time().replace(tzinfo=None)
    return begins <= shown < ends if begins < ends else shown >= begins or shown < ends


def _quiet_hours(fields: PreferenceFields) -> tuple[time, time] | None:
    begins = parse_time(fields.quiet_from or "")
    ends = parse_time(fields.quiet_until or "")
    return None if begins is None or ends is None or begins == ends else (begins, ends)


def wake_at(instant: datetime, fields: PreferenceFields, timezone: str) -> datetime:
    """Return *instant*, or the end of the quiet hours that it falls into."""
    if not is_quiet(instant, fields, timezone):
        return instant
    hours = _quiet_hours(fields)
    for at in _from(instant, timezone, hours[1] if hours else time()):
        if at > instant and not is_quiet(at, fields, timezone):
            return at
    return instant


def _from(instant: datetime, timezone: str, at: time) -> Iterator[datetime]:
    today = instant.astimezone(zone(timezone)).date()
    for ahead in range(DAYS_LOOKED_AHEAD):
        yield from _instants(today + timedelta(days=ahead), at, timezone)


def send_at(instant: datetime, fields: PreferenceFields, timezone: str, *, is_urgent: bool = False) -> datetime:
    """Return when a message of *instant* is to be sent: at once, after the quiet hours, or with the next digest."""
    if is_urgent:
        return instant
    if fields.digest is Digest.NONE:
        return wake_at(instant, fields, timezone)
    for at in _from(instant, timezone, time(fields.digest_hour)):
        weekday = at.astimezone(zone(timezone)).weekday()
        if at > instant and (fields.digest is Digest.DAILY or weekday == fields.digest_weekday):
            return wake_at(at, fields, timezone)
    return wake_at(instant, fields, timezone)
