"""Dates in whatever order a file writes them, decided over the whole column and never cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from functools import lru_cache
from itertools import pairwise

from fleetcore.kernel.errors import Rejected

from .words import Unreadable

__all__ = [
    "ISO_SHAPE",
    "ZONE_SHAPE",
    "Order",
    "date_reader",
    "date_shape",
    "decide_order",
    "has_time",
    "has_zone",
    "is_iso",
    "time_of",
]

Order = str
DIGITS = {ord(digit): "9" for digit in "0123456789"}
ISO_SHAPE = re.compile(r"9999-99-99([ T]99:99(:99(\.9{3,6})?)?)?")
CLOCK = r"(?:[\sT,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*([AaPp])?\.?[Mm]?\.?)?"
ZONE_SHAPE = re.compile(r"9:99.*(Z|[+-]99:?99)$")
ZONE = re.compile(r"\d[:.]\d{2}.*(Z|[+-]\d{2}:?\d{2})$")
YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})\.?" + CLOCK)
YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})\.?" + CLOCK)
DAY_NAMED = re.compile(r"(\d{1,2})[\s.-]+([A-Za-z]{3})[a-z]*[\s.,-]+(\d{4}|\d{2})" + CLOCK)
MONTH_NAMED = re.compile(r"([A-Za-z]{3})[a-z]*[\s.]+(\d{1,2}),?\s+(\d{4})" + CLOCK)
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
Sample = tuple[str, str, str]  # vehicle, date, odometer


def date_shape(text: str) -> str:
    """Return *text* with every digit as 9."""
    return text.translate(DIGITS)


def is_iso(shapes: Iterable[str]) -> bool:
    """Say whether all *shapes* are ISO 8601 dates or local times."""
    return all(ISO_SHAPE.fullmatch(shape) for shape in shapes if shape)


def has_zone(text: str) -> bool:
    """Say whether a date cell ends in an offset from UTC."""
    return ZONE.search(text.strip()) is not None


def has_time(text: str) -> bool:
    """Say whether a date cell also holds a time of day."""
    return ":" in text or " " in text.strip()[10:]


def _order_score(samples: list[Sample], order: Order) -> tuple[int, int]:
    """Return how many dates are unreadable in *order*, and how often the odometer falls in it."""
    read, bad = date_reader(order), 0
    by_vehicle: dict[str, list[tuple[datetime, float]]] = {}
    for vehicle, text, odometer in samples:
        try:
            at = read(text)
        except ValueError:
            bad += 1
            continue
        digits = re.sub(r"[^\d]", "", odometer.rpartition(".")[0] or odometer)
        if digits:
            by_vehicle.setdefault(vehicle, []).append((at, float(digits)))
    falls = 0
    for readings in by_vehicle.values():
        readings.sort()
        falls += sum(later[1] < earlier[1] for earlier, later in pairwise(readings))
    return bad, falls


def decide_order(
    shapes: set[str], samples: list[Sample], *, forced: Order | None, usual: Order | None
) -> tuple[Order, str | None]:
    """Return the order of day, month and year over the whole column, and a note on how it was decided.

    A value above 12 decides; else an odometer that rises in one order only; else the app's *usual*
    order. Where nothing does, raises Rejected that asks for the order.
    """
    numeric = {shape for shape in shapes if re.match(r"9{1,2}[-/. ]9{1,2}[-/. ]9{2}", shape)}
    if forced or not numeric:
        return forced or "ymd", None
    if all(re.match(r"9{1,2}\.", shape) for shape in numeric):
        return "dmy", None
    scores = {order: _order_score(samples, order) for order in ("dmy", "mdy")}
    bad, falls = {order: score[0] for order, score in scores.items()}, {o: score[1] for o, score in scores.items()}
    if bad["dmy"] != bad["mdy"]:
        order = min(bad, key=lambda each: bad[each])
        return order, "Some dates fit no single order; check the rows listed." if bad[order] else None
    if all(len(set(re.split(r"[-/. ]", text)[:2])) == 1 for _, text, _ in samples):
        return usual or "dmy", None  # the same day and month: no order changes anything
    if min(falls.values()) * 3 <= max(falls.values()) and falls["dmy"] != falls["mdy"]:
        order = min(falls, key=lambda each: falls[each])
        return order, f"Dates read as {_in_words(order)}, as the odometer rises only in that order."
    return _usual_or_ask(usual, samples)


def _usual_or_ask(usual: Order | None, samples: list[Sample]) -> tuple[Order, str]:
    if usual:
        return usual, f"Dates read as {_in_words(usual)}, as this app writes them."
    raise Rejected.because(
        "date_order",
        f"every date can be read both ways, for example {samples[0][1]!r}; "
        "say which with --date-order dmy (day first) or --date-order mdy (month first)",
        "ambiguous",
    )


def _in_words(order: Order) -> str:
    return {"dmy": "day/month/year", "mdy": "month/day/year"}.get(order, "year-month-day")


def date_reader(order: Order, *, iso: bool = False) -> Callable[[str], datetime]:
    """Return a reader of dates in *order*; with *iso* the column is known to be ISO 8601 throughout."""
    if iso:
        return _read_iso

    @lru_cache(maxsize=8192)
    def read(text: str) -> datetime:
        text = text.strip()
        if not text:
            raise Unreadable("the date is missing", "missing")
        if ZONE.search(text):
            return _read_iso(text)
        try:
            return _parse(text, order)
        except (KeyError, ValueError):
            raise Unreadable(f"{text!r} is not a date in the order {_in_words(order)}") from None

    return read


def _read_iso(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        if not text.strip():
            raise Unreadable("the date is missing", "missing") from None
        raise Unreadable(f"{text.strip()!r} is not a date such as 2024-03-10 16:01") from None
    if not 1900 <= at.year <= 2200:
        raise Unreadable(f"the year {at.year} is not one in which a vehicle was filled", "out_of_range")
    return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)


def _parse(text: str, order: Order) -> datetime:
    if match := YEAR_FIRST.fullmatch(text):
        year, month, day = match[1], match[2], match[3]
    elif match := YEAR_LAST.fullmatch(text):
        day, month = (match[2], match[1]) if order == "mdy" else (match[1], match[2])
        year = match[3]
    elif match := DAY_NAMED.fullmatch(text):
        day, month, year = match[1], str(MONTHS[match[2].lower()]), match[3]
    elif match := MONTH_NAMED.fullmatch(text):
        month, day, year = str(MONTHS[match[1].lower()]), match[2], match[3]
    elif re.fullmatch(r"(19|20)\d{6}", text):
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 (a log's wall clock has no offset)
    else:
        raise ValueError(text)
    full_year = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 70 else 2000)
    if not 1900 <= full_year <= 2200:
        raise ValueError(text)
    clock = _clock(*match.groups()[3:7])
    return datetime(full_year, int(month), int(day), clock.hour, clock.minute, clock.second)  # noqa: DTZ001


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> time:
    if hour is None:
        return time()
    value = int(hour)
    if half:
        value = value % 12 + (12 if half in "Pp" else 0)
    return time(value, int(minute or 0), int(second or 0))


@lru_cache(maxsize=4096)
def time_of(text: str) -> time | None:
    """Read a time of day in a column of its own; an empty cell is None."""
    text = text.strip()
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*([AaPp])?\.?[Mm]?\.?", text)
    try:
        if match:
            return _clock(match[1], match[2], match[3], match[4])
    except ValueError:
        pass
    raise Unreadable(f"{text!r} is not a time such as 16:01")
