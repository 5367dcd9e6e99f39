"""Money in minor units; never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from importlib.resources import files

from attrs import field, frozen

from .errors import Rejected

__all__ = ["Money", "UnitPrice", "currencies", "exponent_of"]

MICROS = 1_000_000
MINOR_MAX = 10**17  # leaves room for sums in 64 bits on both engines
MAGNITUDE_MAX = 40
PLAIN_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


@lru_cache(maxsize=1)
def currencies() -> dict[str, int]:
    """Return every active ISO 4217 code with the number of its decimal places."""
    text = (files(__package__) / "iso4217.txt").read_text("ascii")
    rows = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {code: int(exponent) for code, exponent in rows}


@lru_cache(maxsize=256)  # of refusals nothing is kept
def exponent_of(currency: str) -> int:
    """Return the decimal places of *currency*; raises Rejected for a code outside ISO 4217."""
    try:
        return currencies()[currency]
    except KeyError:
        raise Rejected.because("currency", f"{currency!r} is not an ISO 4217 currency code such as EUR") from None


def parse_decimal(text: str | int | Decimal) -> Decimal:
    """Read a plain decimal number with a point; raises Rejected for anything else, floats among it."""
    if isinstance(text, str):
        if not PLAIN_DECIMAL.fullmatch(text):
            raise Rejected.because("", f"{text[:40]!r} is not a decimal number such as 67.09")
    elif isinstance(text, bool) or not isinstance(text, int | Decimal):
        raise Rejected.because("", f"{text!r} is not a decimal number such as '67.09'")
    number = Decimal(text)
    if not number.is_finite():
        raise Rejected.because("", f"{text!r} is not a finite number")
    if number.adjusted() > MAGNITUDE_MAX:  # beyond, arithmetic on it would overflow
        raise Rejected.because("", "the number is too large to be real")
    return number


@frozen(order=False)
class Money:
    """An amount in minor units of an ISO 4217 currency, for example cents."""

    minor: int = field()
    currency: str = field()

    @currency.validator
    def _known(self, _attribute: object, value: str) -> None:
        exponent_of(value)

    @minor.validator
    def _bounded(self, _attribute: object, value: int) -> None:
        if not -MINOR_MAX < value < MINOR_MAX:
            raise Rejected.because("amount", "the amount is too large to be real")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Make money from a decimal *amount*, rounded half to even to the currency's places."""
        exponent = exponent_of(currency)
        scaled = parse_decimal(amount).scaleb(exponent)
        if abs(scaled) >= MINOR_MAX:
            raise Rejected.because("amount", "the amount is too large to be real")
        return cls(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's decimal places."""
        return Decimal(self.minor).scaleb(-exponent_of(self.currency))

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")


@frozen(order=False)
class UnitPrice:
    """The price of one litre, kilogram or kilowatt-hour, in millionths of the currency's major unit."""

    micros: int = field()
    currency: str = field()

    @currency.validator
    def _known(self, _attribute: object, value: str) -> None:
        exponent_of(value)

    @micros.validator
    def _bounded(self, _attribute: object, value: int) -> None:
        if not -MINOR_MAX < value < MINOR_MAX:
            raise Rejected.because("unit_price", "the unit price is too large to be real")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> UnitPrice:
        """Make a unit price from a decimal *amount*, rounded half to even to six places."""
        micros = (parse_decimal(amount) * MICROS).to_integral_value(rounding=ROUND_HALF_EVEN)
        if abs(micros) >= MINOR_MAX:
            raise Rejected.because("unit_price", "the unit price is too large to be real")
        return cls(int(micros), currency)

    @property
    def amount(self) -> Decimal:
        """The price in major units."""
        return Decimal(self.micros) / MICROS

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
