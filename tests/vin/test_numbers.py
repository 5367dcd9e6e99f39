"""VINs as numbers: their shape, the check digit, and what may have been meant by a wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.vin.numbers import check_digit_holds, clean_vin, suggestions, vin_problems, vin_warnings
from fleetcore.vin.rules import decoded

GERMAN = "WVWZZZ1JZXW000001"
AMERICAN = "1FTFW5L86RFB45612"
LEGAL = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@pytest.mark.parametrize(
    ("vin", "codes"),
    [
        (AMERICAN, []),
        ("11111111111111111", []),  # the regulation's own example
        ("1M8GDM9AXKP042788", []),  # the check digit 10 is written X
        ("1FTFW5L85RFB45612", ["vin.check_digit"]),
        ("7SAYGDEE5PA000001", ["vin.check_digit"]),  # the United States were given 7F to 70 too
        ("7A8YGDEE5PA000001", []),  # New Zealand has 7A to 7E
        (GERMAN, []),
        ("", ["vin.shape"]),
        ("WVWZZZ1JZXW00000", ["vin.shape"]),
        ("WVWZZZ1JZXW0000011", ["vin.shape"]),
        ("WVWZZZ1JZXW00000I", ["vin.shape"]),
        ("WVWZZZ1JZXW00000O", ["vin.shape"]),
        ("WVWZZZ1JZXW00000Q", ["vin.shape"]),
        ("WVWZZZ1JZXW00000Ä", ["vin.shape"]),
        ("WVWZZZ1JZXW00000\u0661", ["vin.shape"]),
    ],
)
def test_vin_shape_and_check_digit(vin: str, codes: list[str]) -> None:
    """A VIN has 17 letters and digits without I, O and Q; in North America the check digit is the law."""
    assert codes == [problem.code for problem in vin_problems(vin)]


def test_check_digit_elsewhere_is_a_warning() -> None:
    """Outside North America a wrong check digit is odd, not wrong."""
    assert ["vin.check_digit"] == [problem.code for problem in vin_warnings(GERMAN)]
    assert [] == list(vin_warnings(AMERICAN))


def test_a_problem_says_what_is_wrong() -> None:
    """A number of the wrong length is told its length, one with wrong characters which they are."""
    assert "these are 16" in str(next(vin_problems("WVWZZZ1JZXW00000")))
    assert "this one has I Ä" in str(next(vin_problems("WVWZZZ1JIXW00000Ä")))


def test_vins_are_tidied_and_never_guessed() -> None:
    """Blanks, dashes, frames and case in a VIN say nothing; a wrong character stays wrong."""
    assert GERMAN == clean_vin(" *wvw zzz-1jzxw\u2013000001* ")
    assert "WVWZZZ1JZXW00000O" == clean_vin("WVWZZZ1JZXW00000o")
    assert (None, None) == (clean_vin("  "), clean_vin(None))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("WVWZZZ1JZXW00000O", "WVWZZZ1JZXW000000"),  # the letter O for a zero
        ("WVWZZZIJZXW000001", GERMAN),
        ("\u0425\u0422\u0410210990Y2765499", "XTA210990Y2765499"),  # Cyrillic letters
        ("1FTFW5L86RF845612", AMERICAN),  # an 8 for a B, told by the check digit
        ("1FTFW5L86FRB45612", AMERICAN),  # neighbours swapped
    ],
)
def test_what_was_meant_is_suggested(typed: str, meant: str) -> None:
    """Look-alikes and swapped neighbours are offered, and only offered."""
    found = decoded(typed, 2026)

    assert (typed, False) == (found.vin, found.valid)
    assert meant in found.suggestions


@given(st.text(LEGAL, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(LEGAL))
def test_suggestions_are_right_themselves(vin: str, place: int, other: str) -> None:
    """Whatever is suggested may be a VIN, and a right one has no suggestions."""
    typed = vin[:place] + other + vin[place + 1 :]
    for suggested in suggestions(typed):
        assert [] == list(vin_problems(suggested))
    if check_digit_holds(typed):
        assert () == suggestions(typed)


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    """Whatever is typed gets an answer; it is valid only without problems."""
    found = decoded(text, 2026)

    assert found.valid == (not found.problems)
    assert found.valid <= (found.wmi is not None)


@given(st.text(LEGAL, min_size=17, max_size=17), st.integers(1980, 2060))
def test_any_legal_number_is_decoded(vin: str, this_year: int) -> None:
    """17 legal characters always have a region and a serial number, and no year after the next."""
    found = decoded(vin, this_year)

    assert (vin[11:], True) == (found.serial if vin[2] != "9" else vin[11:], found.region is not None)
    assert found.year is None or 1980 <= found.year <= max(this_year + 1, 2009)
