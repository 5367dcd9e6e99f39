"""What the charts of reports have in common: how numbers and days stand on axes, and what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.languages import MONTHS
from fleetcore.kernel.money import Money
from fleetcore.vehicles.model import Vehicle
from fleetserver.pages.charts.figures import Figure
from fleetserver.pages.faults import told
from fleetserver.pages.periods import Period
from fleetserver.pages.visits import Visit

__all__ = ["Asked", "Pen", "in_currency", "nothing"]

T = TypeVar("T")
DAY = re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")
AMOUNT = re.compile(r"\b(\d+(?:\.\d+)?) ([A-Z]{3})\b")


@frozen(kw_only=True)
class Asked:
    """What a chart is asked for: of which vehicle (None: all), beside which other, and when."""

    vehicle: Vehicle | None
    beside: Vehicle | None = None
    period: Period

    @property
    def vehicle_id(self) -> UUID | None:
        """The id of the vehicle."""
        return None if self.vehicle is None else self.vehicle.id


@frozen
class Pen:
    """Writes the words of charts as the visitor reads them."""

    visit: Visit

    def text(self, message: str, **values: object) -> str:
        """Return *message* in the visitor's language."""
        return self.visit.language.text(message, **values)

    def word(self, text: str) -> str:
        """Return a name of ours in the visitor's language; one that people gave is left as it is."""
        return text if not text or "{" in text or "}" in text else self.visit.language.text(text)

    def number(self, value: float, decimals: int) -> str:
        """Write a number; nothing is less than zero by rounding alone."""
        rounded = round(Decimal(repr(float(value))), decimals)
        return self.visit.language.number(rounded or abs(rounded), decimals)

    def month(self, day: date, *, with_year: bool) -> str:
        """Write a month shortly: Mar, or Mar 2027."""
        if self.visit.language.code == "en":
            return f"{MONTHS[day.month - 1][:3]}{f' {day.year}' if with_year else ''}"
        from babel.dates import format_date

        return str(format_date(day, "LLL y" if with_year else "LLL", locale=self.visit.language.code))

    def stop(self, ticks_are_years: bool, with_days: bool) -> _Stop:
        """Return what writes the ticks of an axis of days."""
        return _Stop(self, ticks_are_years, with_days)

    def day(self, value: date) -> str:
        """Write a day."""
        return self.visit.day(value)

    def remark(self, text: str) -> str:
        """Write a remark of the library: in the visitor's language, with days and amounts as they read them."""
        said = told(self.visit.language, text)
        said = DAY.sub(self._day, said)
        return AMOUNT.sub(self._amount, said)

    def _day(self, found: re.Match[str]) -> str:
        try:
            return self.day(date.fromisoformat(found[0]))
        except ValueError:  # no calendar has it
            return found[0]

    def _amount(self, found: re.Match[str]) -> str:
        try:
            return self.visit.money(Money.of(found[1], found[2]))
        except Rejected:  # three letters that are no currency
            return found[0]

    def money(self, minor: int, currency: str) -> str:
        """Write an amount."""
        return self.visit.money(Money(minor, currency))


@frozen
class _Stop:
    pen: Pen
    are_years: bool
    with_days: bool

    def __call__(self, day: date, is_first: bool) -> str:
        if self.are_years:
            return str(day.year)
        if self.with_days:
            month = self.pen.month(day, with_year=False)
            return self.pen.text("{day} {month}", day=day.day, month=month)
        return self.pen.month(day, with_year=is_first)


def nothing(figure_id: str, title: str, waits_for: str) -> Figure:
    """Return the figure of what cannot be drawn yet."""
    return Figure(id=figure_id, title=title, empty=waits_for)


def in_currency(amounts: Iterable[Money], currency: str) -> int:
    """Return the sum of *amounts* in *currency*, in its smallest unit."""
    return sum(amount.minor for amount in amounts if amount.currency == currency)


def median(values: Sequence[float]) -> float:
    """Return the middle of *values*, at least one."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
