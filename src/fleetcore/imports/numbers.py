"""Numbers as people and spreadsheets write them, judged over whole columns rather than cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from fleetcore.kernel.quantities import Distance, DistanceUnit, Energy, Mass, Quantity, Volume

from .words import Unreadable, currency_in, unit_in

__all__ = [
    "amount_reader",
    "decide_mark",
    "distance_reader",
    "integer_of",
    "is_plain",
    "normaliser",
    "quantity_reader",
    "shape_of",
    "unit_price_reader",
]

SHAPES = {ord(digit): "9" for digit in "123456789"}
PLAIN_SHAPE = re.compile(r"-?[09]+(\.[09]*)?|-?\.[09]+|")
CORE = re.compile(r"[09][09.,'\u2019 \u00a0\u202f]*")
SPACES = dict.fromkeys(map(ord, " '\u2019\u00a0\u202f"))
SIGNS = re.compile(  # a currency or a unit may stand before or after the number, and so may a minus
    r"^(?P<minus>-?)\s*(?P<before>(?:[^\d\s.,+-]{1,4}\.?)?)\s*(?P<minus2>-?)"
    r"(?P<number>[\d.,](?:.*?\d)?[.,]?)\s*(?P<after>(?:[^\d\s.,]{1,4}\.?)?)$"
)
POWERS: tuple[int, ...] = tuple(10**places for places in range(40))
MILES = (1609344, 1000)  # metres in one mile, as a fraction
DISTANCE_MAX_METRES = 10_000_000_000
QUANTITY_MAX = 2_000_000
AMOUNT_MAX = Decimal(10**9)
FACTORS: Mapping[str, tuple[type[Quantity], int, int, str]] = {
    "l": (Volume, 1000, 1, "litres"),
    "gal_us": (Volume, 3785411784, 1000000, "US gallons"),
    "gal_uk": (Volume, 454609, 100, "UK gallons"),
    "kwh": (Energy, 1000, 1, "kWh"),
    "kg": (Mass, 1000, 1, "kg"),
}


def shape_of(text: str) -> str:
    """Return *text* with its digits 1 to 9 as 9, so that a column has few different shapes."""
    return text.translate(SHAPES)


def is_plain(shapes: Iterable[str]) -> bool:
    """Say whether all *shapes* are plain numbers with a point, which need no cleaning."""
    return all(PLAIN_SHAPE.fullmatch(shape) for shape in shapes)


def _evidence(shape: str) -> tuple[str, bool]:
    """Return the decimal mark that a shape speaks for ("" for none) and whether beyond doubt."""
    match = CORE.search(shape)
    core = match.group().translate(SPACES).strip(".,") if match else ""
    marks = [char for char in core if char in ".,"]
    if not marks:
        return "", False
    if len(set(marks)) == 2:
        return marks[-1], True
    if len(marks) > 1:
        return ("," if marks[0] == "." else "."), True
    before, _, after = core.partition(marks[0])
    if len(after) != 3 or len(before) > 3 or before == "0":
        return marks[0], True
    return marks[0], False


def decide_mark(columns: Mapping[str, set[str]], *, usual: str | None = None) -> tuple[str, str | None]:
    """Return the decimal mark of a file, given the shapes of its number columns, and a note if assumed.

    "47,671" alone could be either; other cells of the column or of the file's other columns decide. If
    none does, it is the mark that the app *usual*ly writes; else three digits after a mark are decimals in
    a quantity or a price and thousands in an odometer.
    """
    sure = {".": 0, ",": 0}
    unsure: dict[str, set[str]] = {".": set(), ",": set()}
    for name, shapes in columns.items():
        for shape in shapes:
            mark, certain = _evidence(shape)
            if certain:
                sure[mark] += 1
            elif mark:
                unsure[mark].add(name)
    if sure["."] or sure[","]:
        mark = "," if sure[","] > sure["."] else "."
        mixed = sure["."] and sure[","]
        return mark, "Some numbers use another decimal mark; check the rows listed." if mixed else None
    if usual and unsure[usual] and not unsure["," if usual == "." else "."]:
        return usual, None
    for mark, other in ((",", "."), (".", ",")):
        if names := unsure[mark]:
            if names <= {"odometer", "trip", "excluded_distance"}:
                return other, f"Read {mark!r} in the odometer as a thousands separator."
            told = f"Read {mark!r} as the decimal mark, as most cells would be absurd otherwise."
            return mark, told if mark == "," else None
    return ".", None


@lru_cache(maxsize=8)
def normaliser(mark: str) -> Callable[[str], str]:
    """Return a function that rewrites a number with decimal *mark* plainly ("1.234,5 €" to "1234.5")."""
    other = "," if mark == "." else "."
    grouped = rf"\d{{1,3}}(?:{re.escape(other)}\d{{3}})+"
    spaced = r"\d{1,3}(?:[ '\u2019\u00a0\u202f]\d{3})+"
    pattern = re.compile(rf"({grouped}|{spaced}|\d*)(?:{re.escape(mark)}(\d*))?")

    @lru_cache(maxsize=8192)
    def normalise(text: str) -> str:
        parts = SIGNS.match(text.strip())
        number = pattern.fullmatch(parts["number"]) if parts else None
        if parts is None or number is None or not (number[1] or number[2]) or not _is_dressing(parts):
            raise Unreadable(f"{text.strip()!r} is not a number with the decimal mark {mark!r}")
        minus = parts["minus"] or parts["minus2"]
        whole = re.sub(r"\D", "", number[1]) or "0"
        return f"{minus}{whole}.{number[2]}" if number[2] else f"{minus}{whole}"

    return normalise


def _is_dressing(parts: re.Match[str]) -> bool:
    """Say whether what surrounds a number is a currency or a unit, and no second minus."""
    around = [text for text in (parts["before"], parts["after"]) if text]
    known = all(unit_in(text) or currency_in(text)[1] for text in around)
    return known and not (parts["minus"] and parts["minus2"])


def _scaled(text: str, numerator: int, denominator: int) -> int:
    """Return a plain number times a fraction as an integer, rounded half to even, without Decimal."""
    whole, _, fraction = text.partition(".")
    value: int = int(whole + fraction) * numerator
    divisor: int = POWERS[len(fraction)] * denominator
    quotient, rest = divmod(value, divisor)
    if rest and (rest * 2 > divisor or (rest * 2 == divisor and quotient & 1)):
        return quotient + 1
    return quotient


def distance_reader(
    unit: DistanceUnit, normalise: Callable[[str], str] | None, *, zero: bool = True
) -> Callable[[str], Distance | None]:
    """Return a reader of distances in *unit*; an empty cell, and 0 unless *zero*, is None."""
    numerator, denominator = MILES if unit is DistanceUnit.MILE else (1000, 1)

    def read(text: str) -> Distance | None:
        if not text:
            return None
        if normalise is not None:
            if not (text := text.strip()):
                return None
            text = normalise(text)
        metres = _scaled(text, numerator, denominator)
        if not 0 <= metres <= DISTANCE_MAX_METRES:
            raise Unreadable(f"{text} is not a distance a vehicle can have", "out_of_range")
        return Distance(metres) if metres or zero else None

    return read


def quantity_reader(unit: str, normalise: Callable[[str], str] | None) -> Callable[[str], Quantity]:
    """Return a reader of quantities in *unit* (l, gal_us, gal_uk, kwh, kg); more than 0, below absurd."""
    kind, numerator, denominator, name = FACTORS[unit]

    def read(text: str) -> Quantity:
        if normalise is not None:
            text = text.strip()
        if not text:
            raise Unreadable("the quantity is missing", "missing")
        if normalise is not None:
            text = normalise(text)
        thousandths = _scaled(text, numerator, denominator)
        if not 0 < thousandths <= QUANTITY_MAX:
            raise Unreadable(f"{text} {name} is not a quantity a tank or battery can take", "out_of_range")
        return kind(thousandths)

    return read


def amount_reader(
    normalise: Callable[[str], str] | None, *, divisor: int = 1, signed: bool = False
) -> Callable[[str], Decimal | None]:
    """Return a reader of amounts of money; an empty cell is None."""

    def read(text: str) -> Decimal | None:
        if not text:
            return None
        if normalise is not None:
            if not (text := text.strip()):
                return None
            text = normalise(text)
        value = Decimal(text)
        if divisor != 1:
            value /= divisor
        if not (-AMOUNT_MAX if signed else 0) <= value <= AMOUNT_MAX:
            raise Unreadable(f"{text} is not an amount that can have been paid", "out_of_range")
        return value

    return read


def unit_price_reader(
    unit: str, normalise: Callable[[str], str] | None, *, divisor: int = 1
) -> Callable[[str], Decimal | None]:
    """Return a reader of prices per *unit* that yields prices per litre, kilogram or kilowatt-hour."""
    _, numerator, denominator, _ = FACTORS[unit]
    plain = amount_reader(normalise, divisor=divisor)
    if (numerator, denominator) == (1000, 1):
        return lru_cache(maxsize=4096)(plain)
    size = Decimal(numerator) / denominator / 1000

    @lru_cache(maxsize=4096)
    def read(text: str) -> Decimal | None:
        price = plain(text)
        return None if price is None else (price / size).quantize(Decimal("1e-9"))

    return read


def integer_of(text: str) -> int | None:
    """Read a whole number such as a percentage; an empty cell is None."""
    text = text.strip().rstrip("%").strip()
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "."))
        whole = int(value)
    except (ArithmeticError, ValueError):
        raise Unreadable(f"{text!r} is not a whole number") from None
    if value != whole:
        raise Unreadable(f"{text!r} is not a whole number")
    return whole
