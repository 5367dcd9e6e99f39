"""The model year of a VIN: position 10, whose code comes round every 30 years."""

from __future__ import annotations

from importlib.resources import files

from attrs import frozen

from .model import Confidence
from .numbers import check_digit_holds, is_north_american

__all__ = ["YearFound", "model_year"]

CODES = {code: 1980 + index for index, code in enumerate("ABCDEFGHJKLMNPRSTVWXY123456789")}
FIRST = 1980
CYCLE = 30
AHEAD_MAX = 1  # a model year begins in the autumn before it
# Makers that write the model year in position 10 also where nobody asks them to. Others have plants, body kinds or
# a zero there, or the year elsewhere: of those nothing is said rather than something wrong.
CUSTOMARY = frozenset(
    line for line in (files(__package__) / "data" / "year_makers.txt").read_text("utf-8").splitlines() if line[0] != "#"
)


@frozen
class YearFound:
    """A model year and how sure it is."""

    year: int
    confidence: Confidence


def model_year(vin: str, *, kind: str | None, makes: frozenset[str], this_year: int) -> YearFound | None:
    """Return the model year of a VIN of legal shape; None where position 10 need not tell it.

    In North America a car or light truck of before 2010 has a digit in position 7, a later one a letter (49 CFR
    565.15). Where that does not bind, and where it would lead past next year, it is the latest year that has been.
    """
    code = CODES.get(vin[9])
    latest = code + (this_year + AHEAD_MAX - code) // CYCLE * CYCLE if code else 0
    if not code or latest < FIRST:
        return None
    by_seven = code if vin[6].isdigit() else code + CYCLE
    if not (is_north_american(vin) or check_digit_holds(vin)):
        customary = bool(makes) and makes <= CUSTOMARY
        return YearFound(latest, Confidence.LIKELY if latest <= this_year else Confidence.GUESS) if customary else None
    if kind not in {None, "car", "truck"}:
        return YearFound(latest, Confidence.LIKELY)
    if by_seven > this_year + AHEAD_MAX:
        return YearFound(latest, Confidence.GUESS)
    law = is_north_american(vin) and check_digit_holds(vin) and kind == "car"
    return YearFound(by_seven, Confidence.CERTAIN if law else Confidence.LIKELY)
