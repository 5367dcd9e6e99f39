"""The VIN as a number: its plain form, its check digit, what is wrong with it, and what may have been meant.

ISO 3779 gives the 17 characters, 49 CFR 565.15 the check digit, which is the law in North America only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fleetcore.kernel.errors import Problem

__all__ = [
    "check_digit_holds",
    "clean_vin",
    "has_vin_shape",
    "is_north_american",
    "suggestions",
    "vin_problems",
    "vin_warnings",
]

LENGTH = 17
SHAPE = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
NOISE = re.compile(r"[\s\-\u2010-\u2015_.*/]+")  # how people and printers part and frame it
VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)],
        strict=True,
    )
)
WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
NEVER = str.maketrans("OQI", "001")
# Cyrillic and Greek letters that look like ours.
ALIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u0420\u0421\u0422\u0423\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u039a\u039c\u039d\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHPCTYXABEZHKMNPTYX",
)
MISREAD = {
    "0": "D",
    "D": "0",
    "1": "L",
    "L": "1",
    "2": "Z",
    "Z": "2",
    "5": "S",
    "S": "5",
    "6": "G",
    "G": "6",
    "8": "B",
    "B": "8",
    "U": "V",
    "V": "U",
    "4": "A",
    "A": "4",
    "7": "1",
}
SUGGESTIONS_MAX = 3


def clean_vin(vin: str | None) -> str | None:
    """Return the VIN in capitals without blanks, dashes and frames; empty becomes None. No character is guessed."""
    return NOISE.sub("", vin or "").upper() or None


def has_vin_shape(vin: str) -> bool:
    """Say whether *vin* has 17 letters and digits without I, O and Q."""
    return SHAPE.fullmatch(vin) is not None


def check_digit_holds(vin: str) -> bool:
    """Say whether the ninth character is the check digit of a 17-character VIN (49 CFR 565.15)."""
    remainder = sum(VALUES[character] * weight for character, weight in zip(vin, WEIGHTS, strict=True)) % 11
    return vin[8] == ("X" if remainder == 10 else str(remainder))


def is_north_american(vin: str) -> bool:
    """Say whether the VIN's region is North America, where the check digit is the law."""
    return vin[0] in "12345" or (vin[0] == "7" and vin[1:2] not in tuple("ABCDE"))


def vin_problems(vin: str) -> Iterator[Problem]:
    """Yield what forbids a VIN."""
    if not has_vin_shape(vin):
        yield Problem("vin", f"must be 17 letters and digits, without I, O and Q{_counted(vin)}", "vin.shape")
    elif is_north_american(vin) and not check_digit_holds(vin):
        yield Problem(
            "vin", "has a wrong check digit (position 9): compare it with the registration", "vin.check_digit"
        )


def _counted(vin: str) -> str:
    if len(vin) != LENGTH:
        return f"; these are {len(vin)}. Leave it empty for older vehicles"
    wrong = " ".join(dict.fromkeys(character for character in vin if not SHAPE.fullmatch(character * LENGTH)))
    return f"; this one has {wrong}"


def vin_warnings(vin: str) -> Iterator[Problem]:
    """Yield what is odd about an allowed VIN: elsewhere the check digit is a custom, not a rule."""
    if has_vin_shape(vin) and not is_north_american(vin) and not check_digit_holds(vin):
        yield Problem(
            "vin",
            "has no valid check digit, which is common outside North America: compare it once",
            "vin.check_digit",
        )


def suggestions(vin: str) -> tuple[str, ...]:
    """Return up to three VINs that may have been meant by a wrong one: look-alikes, and neighbours swapped.

    Where the check digit is the law, only those in which it holds.
    """
    plain = vin.translate(ALIKE).translate(NEVER)
    if not has_vin_shape(plain):
        return ()
    if not is_north_american(plain) or check_digit_holds(plain):
        return (plain,) if plain != vin else ()
    found = dict.fromkeys(other for other in _slips(plain) if is_north_american(other) and check_digit_holds(other))
    return tuple(found)[:SUGGESTIONS_MAX]


def _slips(vin: str) -> Iterator[str]:
    for index, character in enumerate(vin):
        if character in MISREAD:
            yield vin[:index] + MISREAD[character] + vin[index + 1 :]
    for index in range(LENGTH - 1):
        left, right = vin[index], vin[index + 1]
        if left != right:
            yield vin[:index] + right + left + vin[index + 2 :]
