"""What people type, as values: numbers with or without a unit, amounts of money, days and times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.money import Money, UnitPrice, currencies
from fleetcore.kernel.quantities import Distance, DistanceUnit, Energy, Mass, Volume, VolumeUnit
from fleetcore.kernel.when import SystemClock, add_months, local_date, zone

from .bad_input import BadInput
from .display import Scale

__all__ = ["Typed", "parse_day", "parse_number"]

T = TypeVar("T")
SHAPE = re.compile(r"(?P<before>[^\W\d]{3}\s*)?(?P<number>[-+]?[\d.,'\u2019\s_]*\d[\d.,]*)\s*(?P<unit>[^\W\d_][\w/]*)?")
NOON = time(12)  # as in imports: no time zone moves it to another day
METRES = {"km": Decimal(1000), "m": Decimal(1), "mi": DistanceUnit.MILE.metres, "mile": DistanceUnit.MILE.metres}
METRES["miles"] = METRES["mi"]
MILLILITRES = {
    "ml": Decimal(1),
    "l": Decimal(1000),
    "gal_us": VolumeUnit.US_GALLON.millilitres,
    "gal_uk": VolumeUnit.UK_GALLON.millilitres,
}
SAME_VOLUME = {
    "litre": "l", "litres": "l", "liter": "l", "liters": "l", "ltr": "l",
    "usgal": "gal_us", "ukgal": "gal_uk", "impgal": "gal_uk",
}  # fmt: skip
GALLONS = {"gal", "gallon", "gallons"}
WATT_HOURS = {"wh": Decimal(1), "kwh": Decimal(1000)}
GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "lb": Decimal("453.59237"), "lbs": Decimal("453.59237")}


def parse_number(text: str, *, with_groups: bool, group_mark: str = "") -> Decimal:
    """Read a number with a decimal point or comma.

    With *with_groups*, "12,345" could be twelve thousand or twelve and a bit: it is refused, unless the reader is known
    to part thousands by this mark, *group_mark*. Raises ValueError.
    """
    digits = re.sub(r"[\s'\u2019_]", "", text)
    marks = [c for c in digits if c in ".,"]
    if len(set(marks)) == 2:
        last = marks[-1]
        if marks.count(last) > 1:
            raise ValueError(f"{text!r} is not a number")
        whole, _, rest = digits.rpartition(last)
        digits = f"{re.sub('[.,]', '', whole)}.{rest}"
    elif len(marks) > 1:
        digits = re.sub(r"[.,]", "", digits)
    elif marks:
        whole, _, rest = digits.partition(marks[0])
        if with_groups and len(rest) == 3 and 1 <= len(whole.lstrip("+-")) <= 3 and whole.lstrip("+-0"):
            if marks[0] == group_mark:
                return Decimal(f"{whole}{rest}")
            fraction = rest.rstrip("0") if rest.endswith("0") else f"{rest}0"
            raise ValueError(f"{text!r} may mean {whole}{rest} or {whole}.{fraction}: write one of these")
        digits = f"{whole}.{rest}"
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None


def parse_day(text: str, today: date, *, end: bool | None = None) -> date:
    """Read a day; unless *end* is None, of a month or a year its first or its last one. Raises ValueError."""
    word = text.strip().lower()
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", word):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if end is not None and (found := re.fullmatch(r"(\d{4})(?:-(\d{2}))?", word)):
        first = date(int(found[1]), int(found[2] or 1), 1)
        return add_months(first, 1 if found[2] else 12) - timedelta(days=1) if end else first
    return date.fromisoformat(word)


class Typed:
    """Reads what was typed for one command; problems are gathered, and :meth:`check` raises them all."""

    def __init__(self, scale: Scale, timezone: str, currency: str, *, group_mark: str = "") -> None:
        self.scale = scale
        self.timezone = timezone
        self.currency = currency
        self.group_mark = group_mark
        self.problems: list[Problem] = []

    def check(self) -> None:
        """Raise BadInput when anything could not be read."""
        if self.problems:
            raise BadInput(self.problems)

    def refuse(self, option: str, reason: str) -> None:
        """Gather a problem that the caller found."""
        self.problems.append(Problem(option, reason))

    def distance(self, option: str, text: str | None) -> Distance | None:
        """Read a distance or an odometer, in the vehicle's unit unless it says another."""

        def read(typed: str) -> Distance:
            amount, unit = _measure(typed, with_groups=True, group_mark=self.group_mark)
            return Distance(_whole(amount * _factor(METRES, unit or self.scale.distance, "km or mi")))

        return self._read(option, text, read)

    def volume(self, option: str, text: str | None) -> Volume | None:
        """Read a volume, in the vehicle's unit unless it says another; gal is the gallon that it means here."""

        def read(typed: str) -> Volume:
            amount, unit = _measure(typed, with_groups=False)
            return Volume(_whole(amount * _factor(MILLILITRES, self._volume_unit(unit), "l, gal_us or gal_uk")))

        return self._read(option, text, read)

    def _volume_unit(self, unit: str) -> str:
        if unit in GALLONS:
            if self.scale.volume is VolumeUnit.LITRE:
                raise ValueError("write gal_us or gal_uk: they differ by a fifth")
            return self.scale.volume
        return SAME_VOLUME.get(unit, unit) or self.scale.volume

    def energy(self, option: str, text: str | None) -> Energy | None:
        """Read an energy, in kWh unless it says Wh."""

        def read(typed: str) -> Energy:
            amount, unit = _measure(typed, with_groups=False)
            return Energy(_whole(amount * _factor(WATT_HOURS, unit or "kwh", "kWh")))

        return self._read(option, text, read)

    def mass(self, option: str, text: str | None) -> Mass | None:
        """Read a mass, in kg unless it says another unit."""

        def read(typed: str) -> Mass:
            amount, unit = _measure(typed, with_groups=False)
            return Mass(_whole(amount * _factor(GRAMS, unit or "kg", "kg or lb")))

        return self._read(option, text, read)

    def decimal(self, option: str, text: str | None) -> Decimal | None:
        """Read a bare number."""

        def read(typed: str) -> Decimal:
            amount, unit = _measure(typed, with_groups=False)
            if unit:
                raise ValueError(f"{typed!r} is not a bare number")
            return amount

        return self._read(option, text, read)

    def money(self, option: str, text: str | None, currency: str | None = None) -> Money | None:
        """Read an amount, in the fleet's currency unless it names one: "67.09", "67.09 GBP"."""

        def read(typed: str) -> Money:
            amount, named = _amount(typed, with_groups=True, group_mark=self.group_mark)
            code = named or currency or self.currency
            money = Money.of(amount, code)
            if money.amount != amount:
                raise ValueError(f"{typed} has more decimal places than {code} has")
            return money

        return self._read(option, text, read)

    def unit_price(self, option: str, text: str | None, sold: str, currency: str | None = None) -> UnitPrice | None:
        """Read the price of one unit of what is *sold* as volume (in the vehicle's unit), mass or energy."""

        def read(typed: str) -> UnitPrice:
            amount, named = _amount(typed, with_groups=False)
            if sold == "volume":
                amount = amount * 1000 / self.scale.volume.millilitres
            return UnitPrice.of(amount, named or currency or self.currency)

        return self._read(option, text, read)

    def instant(self, option: str, text: str | None) -> datetime | None:
        """Read a time in the user's time zone, or with its own offset; a day alone means its noon."""

        def read(typed: str) -> datetime:
            if typed.strip().lower() == "now":
                return SystemClock().now()
            if re.search(r"\d[T ]\d", typed):
                at = datetime.fromisoformat(typed.strip())
            else:
                at = datetime.combine(parse_day(typed, self.today), NOON)
            return (at if at.tzinfo else at.replace(tzinfo=zone(self.timezone))).astimezone(UTC)

        how = "a time like 2026-03-10 or '2026-03-10 16:01'"
        return self._read(option, text, lambda typed: _explained(read, typed, how))

    def day(self, option: str, text: str | None, *, end: bool | None = None) -> date | None:
        """Read a day; unless *end* is None, a month or a year means its first or its last one."""

        def read(typed: str) -> date:
            return parse_day(typed, self.today, end=end)

        how = "a day like 2026-03-10" if end is None else "a day like 2026-03-10, a month like 2026-03, or a year"
        return self._read(option, text, lambda typed: _explained(read, typed, how))

    def span(self, since: str | None, until: str | None) -> tuple[date | None, date | None]:
        """Read --from and --to, both included; each may be a day, a month or a year."""
        return self.day("--from", since, end=False), self.day("--to", until, end=True)

    def midnight(self, day: date | None) -> datetime | None:
        """Return the instant at which *day* begins for the user."""
        if day is None:
            return None
        return datetime.combine(day, time(), tzinfo=zone(self.timezone)).astimezone(UTC)

    def midnight_after(self, day: date | None) -> datetime | None:
        """Return the instant at which *day* ends for the user."""
        return self.midnight(day and day + timedelta(days=1))

    @property
    def today(self) -> date:
        """The user's present day."""
        return local_date(SystemClock().now(), self.timezone)

    def _read(self, option: str, text: str | None, read: Callable[[str], T]) -> T | None:
        if text is None:
            return None
        try:
            return read(text)
        except Rejected as rejected:
            self.problems += (Problem(option, problem.message, problem.code) for problem in rejected.problems)
        except ValueError as error:
            self.problems.append(Problem(option, str(error)))
        return None


def _explained(read: Callable[[str], T], typed: str, how: str) -> T:
    try:
        return read(typed)
    except (ValueError, OverflowError):
        raise ValueError(f"{typed!r} is not {how}") from None


def _measure(text: str, *, with_groups: bool, group_mark: str = "") -> tuple[Decimal, str]:
    found = SHAPE.fullmatch(text.strip())
    if found is None or found["before"]:
        number = text.removesuffix(" km").removesuffix(" mi")  # which --km and --miles put there
        raise ValueError(f"{number!r} is not a number")
    return parse_number(found["number"], with_groups=with_groups, group_mark=group_mark), (found["unit"] or "").lower()


def _amount(text: str, *, with_groups: bool, group_mark: str = "") -> tuple[Decimal, str]:
    """Read a number and a currency code on either side of it."""
    found = SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not an amount such as 67.09 or 67.09 EUR")
    code = (found["before"] or found["unit"] or "").strip().upper()
    groups = with_groups and currencies().get(code, 2) < 3
    return parse_number(found["number"], with_groups=groups, group_mark=group_mark), code


def _factor(factors: dict[str, Decimal], unit: str, known: str) -> Decimal:
    try:
        return factors[unit]
    except KeyError:
        raise ValueError(f"{unit!r} is not a unit that is known here: write {known}") from None


def _whole(amount: Decimal) -> int:
    if abs(amount) >= 10**15:
        raise ValueError("is too large to be real")
    return int(amount.to_integral_value())
