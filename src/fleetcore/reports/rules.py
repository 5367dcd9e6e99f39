"""The arithmetic of reports: rates, depreciation, and the words for a trend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from attrs import frozen

from fleetcore.fuel.queries import Direction
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money, UnitPrice, exponent_of
from fleetcore.kernel.quantities import Distance
from fleetcore.ledger.model import AccountType, LineSum
from fleetcore.vehicles.model import Vehicle

from .model import Depreciation, Rates

__all__ = [
    "METRES_PER_100KM",
    "METRES_PER_KM",
    "REFUND",
    "Stay",
    "Sums",
    "amounts",
    "check_range",
    "days_of",
    "depreciation_of",
    "depreciations",
    "divided",
    "per",
    "rates_of",
    "stay_of",
    "total_stay",
    "trend_sentence",
    "within",
]

MICROS_EXPONENT = 6
METRES_PER_KM = 1000
METRES_PER_100KM = 100_000
REFUND = "income.refund"


class _Ranged(Protocol):
    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...


def check_range(command: _Ranged) -> Iterator[Problem]:
    """Yield what is wrong with the asked days."""
    if command.since is not None and command.until is not None and command.since > command.until:
        yield Problem("until", f"lies before since, {command.since}")


def divided(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half to even; *denominator* is more than 0."""
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1))


def per(costs: Mapping[str, int], divisor: int, times: int = 1) -> tuple[UnitPrice, ...]:
    """Return each of *costs*, minor units per currency, times *times* over *divisor*; nothing over 0."""
    if divisor <= 0:
        return ()
    return tuple(
        UnitPrice(divided(minor * times * 10 ** (MICROS_EXPONENT - exponent_of(currency)), divisor), currency)
        for currency, minor in sorted(costs.items())
    )


def amounts(minor: Mapping[str, int]) -> tuple[Money, ...]:
    """Return minor units per currency as money, by currency."""
    return tuple(Money(value, currency) for currency, value in sorted(minor.items()))


class Sums:
    """Costs and income in minor units per currency, added up from sums of journal lines."""

    def __init__(self) -> None:
        self.costs: dict[str, int] = {}
        self.income: dict[str, int] = {}

    def add(self, found: LineSum) -> None:
        """Add *found*: expenses and refunds are costs, whatever else came in is income."""
        code, amount = str(found.account_code), found.amount
        is_cost = code == REFUND or not code.startswith(f"{AccountType.INCOME}.")
        side, minor = (self.costs, amount.minor) if is_cost else (self.income, -amount.minor)
        side[amount.currency] = side.get(amount.currency, 0) + minor


@frozen(kw_only=True)
class Stay:
    """The days of a vehicle in the fleet; both ends are included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many days there are."""
        return max((self.until - self.since).days + 1, 0)


def stay_of(vehicle: Vehicle, first_record: date | None, today: date) -> Stay | None:
    """Return all days of *vehicle*: from its purchase or first record to its sale or today; None without either."""
    begins = vehicle.purchased_on or first_record
    return None if begins is None else Stay(since=begins, until=vehicle.sold_on or today)


def within(stay: Stay | None, since: date | None, until: date | None) -> Stay | None:
    """Return the days of *stay* that lie in the asked range; None for no day."""
    if stay is None:
        return None
    cut = Stay(since=max(stay.since, since or date.min), until=min(stay.until, until or date.max))
    return cut if cut.days else None


def total_stay(stays: Iterable[Stay]) -> Stay | None:
    """Return the days from the first to the last of *stays*; None when no vehicle was there."""
    there = list(stays)
    if not there:
        return None
    return Stay(since=min(stay.since for stay in there), until=max(stay.until for stay in there))


def days_of(stays: Iterable[Stay]) -> int:
    """Return on how many days at least one of *stays* goes on."""
    days, after = 0, date.min
    for stay in sorted(stays, key=lambda stay: stay.since):
        begins = max(stay.since, after)
        if stay.until >= begins:
            days += (stay.until - begins).days + 1
            after = stay.until + timedelta(days=1)
    return days


def rates_of(costs: Mapping[str, int], metres: int, stays: Sequence[Stay], lost: Mapping[str, int]) -> Rates:
    """Return *costs*, and the depreciation *lost*, per kilometre and per day of *stays*."""
    whole, days = total_stay(stays), days_of(stays)
    return Rates(
        distance=Distance(metres),
        since=whole.since if whole else None,
        until=whole.until if whole else None,
        days=days,
        costs_per_km=per(costs, metres, METRES_PER_KM),
        costs_per_day=per(costs, days),
        depreciation=depreciations(lost, metres, days),
    )


def depreciation_of(vehicle: Vehicle, whole: Stay | None, asked: Stay | None) -> dict[str, int]:
    """Return what *vehicle* lost in the days *asked*, as their share of the *whole* of its days.

    Nothing unless both prices are known, in one currency.
    """
    bought, sold = vehicle.purchase_price, vehicle.sale_price
    if bought is None or sold is None or bought.currency != sold.currency:
        return {}
    if whole is None or asked is None or not whole.days:
        return {}
    return {bought.currency: divided((bought.minor - sold.minor) * asked.days, whole.days)}


def depreciations(minor: Mapping[str, int], metres: int, days: int) -> tuple[Depreciation, ...]:
    """Return each amount of depreciation with its rates."""
    return tuple(
        Depreciation(
            amount=Money(value, currency),
            per_km=next(iter(per({currency: value}, metres, METRES_PER_KM)), None),
            per_day=next(iter(per({currency: value}, days)), None),
        )
        for currency, value in sorted(minor.items())
    )


def trend_sentence(direction: Direction, per_year: float | None, unit: str) -> str:
    """Say where consumption goes, in *unit*."""
    if direction is Direction.UNKNOWN or per_year is None:
        return "There are too few full fills to say whether consumption rises."
    if direction is Direction.STEADY:
        return "Consumption is steady."
    return f"Consumption is {direction}, by {abs(per_year):.2f} {unit} a year."
