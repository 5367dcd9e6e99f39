"""When things happen in the demo's life."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import add_months, zone

__all__ = ["TIMEZONE", "LivedTime", "euro", "first_met", "grid", "moment"]

TIMEZONE = "Europe/Berlin"


class LivedTime:
    """A clock that shows the day that is being lived."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        """Return the instant that is being lived."""
        return self.at


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant of *day* where the household lives."""
    return datetime.combine(day, time(hour, minute), zone(TIMEZONE)).astimezone(UTC)


def euro(cents: float) -> Money:
    """Return so many cents, rounded."""
    return Money(round(cents), "EUR")


def first_met(first: date, on: date, months: int) -> date:
    """Return the first day after *first* of the grid of so many *months* that meets the day *on*."""
    day: date = grid(first, on, months)["on"]
    return day


def grid(first: date, on: date, months: int) -> dict[str, Any]:
    """Return a fixed rule every so many *months* that meets the day *on*, with its first day after *first*."""
    count = 0
    while add_months(on, -(count + 1) * months) > first:
        count += 1
    while add_months(on, -count * months) <= first:
        count -= 1
    return {"on": add_months(on, -count * months), "every_months": months, "is_fixed": True}
