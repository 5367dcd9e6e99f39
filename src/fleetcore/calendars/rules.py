"""What a feed must obey, how a reminder becomes an entry of a calendar, and what its token looks like."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.errors import Forbidden, Problem
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.reminders.forecast import Foreseen, lasting_reason
from fleetcore.reminders.model import Metric, Reminder, Urgency
from fleetcore.vehicles.model import Vehicle

from .model import CalendarEntry, MakeFeed, Series

__all__ = ["FeedKey", "entry_of", "feed_problems", "new_key", "read_token", "series_of"]

NAME_LENGTH_MAX = 100
PREFIX = "fleetcal_"
SECRET_BYTES = 32
ALARM_DAYS_MAX = 365
NO_SUCH = "this calendar address is not known, or was taken back: make a new one with `fleet calendar token`"


@frozen
class FeedKey:
    """What the token of a feed holds: which fleet and feed, and the secret that opens it."""

    fleet_id: UUID
    feed_id: UUID
    secret: bytes = field(repr=False)

    @property
    def token(self) -> str:
        """The key as text that stands in an address."""
        packed = self.fleet_id.bytes + self.feed_id.bytes + self.secret
        return PREFIX + base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @property
    def secret_hash(self) -> str:
        """What is kept of the secret: it is random and long, so that one round of SHA-256 hides it."""
        return hashlib.sha256(self.secret).hexdigest()

    def opens(self, secret_hash: str) -> bool:
        """Say whether this key is the one whose *secret_hash* was kept; takes as long either way."""
        return hmac.compare_digest(self.secret_hash, secret_hash)


def new_key(fleet_id: UUID, feed_id: UUID) -> FeedKey:
    """Return a key that nobody can guess."""
    return FeedKey(fleet_id, feed_id, secrets.token_bytes(SECRET_BYTES))


def read_token(token: str) -> FeedKey:
    """Return the key that *token* holds; raises Forbidden where it holds none."""
    text = token.removeprefix(PREFIX)
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        packed = b""
    if text == token or len(packed) != 32 + SECRET_BYTES:
        raise Forbidden(NO_SUCH)
    return FeedKey(UUID(bytes=packed[:16]), UUID(bytes=packed[16:32]), packed[32:])


def feed_problems(command: MakeFeed) -> Iterator[Problem]:
    """Yield what is wrong with a feed that is asked for."""
    if not command.name.strip():
        yield Problem("name", "say which device or program is to have it")
    if len(command.name) > NAME_LENGTH_MAX:
        yield Problem("name", f"is longer than {NAME_LENGTH_MAX} characters", "too_long")


def entry_of(
    reminder: Reminder, vehicle: Vehicle | None, foreseen: Foreseen, urgency: Urgency, unit: DistanceUnit
) -> CalendarEntry:
    """Return the entry of *reminder*, which falls due on the *foreseen* day and is as urgent as *urgency* today.

    What is snoozed waits for its day. A recurrence by date alone is one series; else each occurrence is an entry of
    its own, which keeps its identity while readings and edits move it.
    """
    snoozed = reminder.snoozed_until
    day = foreseen.day if snoozed is None else max(foreseen.day, snoozed)
    series = series_of(reminder) if day == foreseen.day else None
    changed = reminder.moved_at or reminder.updated_at
    return CalendarEntry(
        uid=f"{reminder.id}@fleetcore" if series else f"{reminder.id}-{reminder.occurrence}@fleetcore",
        day=day,
        summary=f"{vehicle.name}: {reminder.title}" if vehicle else reminder.title,
        description="\n".join(_description(reminder, foreseen, unit)),
        category=urgency.value.replace("_", " ").capitalize(),
        is_projected=foreseen.is_projected,
        alarm_days=_alarm_days(reminder, foreseen.metric),
        series=series,
        created_at=reminder.created_at,
        changed_at=changed if vehicle is None else max(changed, vehicle.updated_at),
        sequence=reminder.moves,
    )


def _description(reminder: Reminder, foreseen: Foreseen, unit: DistanceUnit) -> Iterator[str]:
    yield lasting_reason(reminder, foreseen, unit)
    if foreseen.is_projected:
        likely = _likely(foreseen.earliest, foreseen.latest)
        yield f"This day is a projection from recent use{likely}; it moves with every reading."
    if reminder.snoozed_until is not None and reminder.snoozed_until > foreseen.day:
        yield f"Snoozed until {reminder.snoozed_until}."
    if reminder.notes:
        yield reminder.notes


def _likely(earliest: date | None, latest: date | None) -> str:
    if earliest is None or earliest == latest:
        return ""
    return f", likely {earliest} or later" if latest is None else f", likely between {earliest} and {latest}"


def _alarm_days(reminder: Reminder, metric: Metric) -> tuple[int, ...]:
    """Return how many days ahead it rings: soon, very soon and on the day, by the rule's own thresholds."""
    match metric:
        case Metric.DATE:
            ahead = [reminder.soon_days, reminder.very_soon_days]
        case Metric.DISTANCE:
            pace = reminder.odometer_gauge.pace if reminder.odometer_gauge else 0
            ahead = [_days_for(limit.metres, pace) for limit in (reminder.soon_distance, reminder.very_soon_distance)]
        case Metric.HOURS:
            pace = reminder.hours_gauge.pace if reminder.hours_gauge else 0
            ahead = [
                _days_for(limit.tenths, pace) for limit in (reminder.soon_engine_hours, reminder.very_soon_engine_hours)
            ]
    return tuple(sorted({0, *(min(days, ALARM_DAYS_MAX) for days in ahead)}, reverse=True))


def _days_for(amount: int, pace: int) -> int:
    return amount * 1000 // pace if pace else 0


def series_of(reminder: Reminder) -> Series | None:
    """Return the recurrence of a reminder that keeps a grid of dates and measures nothing else; else None."""
    by_meter = (reminder.every, reminder.at_odometer, reminder.every_engine_hours, reminder.at_engine_hours)
    if not reminder.is_fixed or any(said is not None for said in by_meter):
        return None
    base = reminder.on or reminder.origin_on
    if reminder.every_months:
        return Series(months=reminder.every_months, day_of_month=base.day, month=base.month)
    return Series(days=reminder.every_days) if reminder.every_days else None
