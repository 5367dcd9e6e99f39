"""Translations: every text has one, with the same places for values; numbers and days as people write them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import fleetcore
import fleetserver
from fleetcore.kernel.languages import ENGLISH, Language, language_for, languages

SOURCE = Path(fleetcore.__file__).parent
WHO_WRITES = [
    *(path for area in ("kernel", "notifications", "reminders") for path in (SOURCE / area).glob("*.py")),
    Path(fleetserver.__file__).parent / "auth" / "mail.py",  # the texts of pages have a catalogue of their own
]


def texts_in_the_code() -> Iterator[str]:
    """Yield every English text that the code asks to have translated."""
    for path in WHO_WRITES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"text", "count"} and isinstance(node.args[0].value, str):
                yield node.args[0].value


def places(text: str) -> set[str | None]:
    """Return the names of the places for values in *text*."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_every_text_is_translated(code: str) -> None:
    """No text is missing, none is left over, and each has the same places for values."""
    with (SOURCE / "locale" / f"{code}.po").open("rb") as file:
        found = {
            message.id if isinstance(message.id, str) else message.id[0]: message
            for message in read_po(file, locale=code)
            if message.id
        }

    assert set(texts_in_the_code()) == set(found)
    for key, message in found.items():
        for translated in [message.string] if isinstance(message.string, str) else message.string:
            assert translated, key
            assert places(translated) <= places(key) | {"number"}, key
            assert len(places(key) - places(translated)) == 0 or key == "1 day", key


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (("de",), "de"),
        (("de-AT",), "de"),
        (("de_DE",), "de"),
        ((None, "de"), "de"),
        (("xx", "de"), "de"),
        (("en", "de"), "en"),
    ],
)
def test_the_first_language_there_is(tags: tuple[str | None, ...], code: str) -> None:
    """A tag is matched by its language; without any it is English."""
    assert code == language_for(*tags).code
    assert ENGLISH == language_for("zh", None, "") == language_for("en", "de")


def test_numbers_and_days() -> None:
    """Each language has its own marks and order."""
    german = Language("de")

    assert ("1,234.5", "1.234,5") == (ENGLISH.number(Decimal("1234.5"), 1), german.number(Decimal("1234.5"), 1))
    assert ("12,000", "12.000") == (ENGLISH.number(12_000), german.number(12_000))
    assert ("2 March 2027", "2. März 2027") == (ENGLISH.day(date(2027, 3, 2)), german.day(date(2027, 3, 2)))
    assert ("2 March", "2. März") == tuple(each.day(date(2027, 3, 2), with_year=False) for each in (ENGLISH, german))
    assert ("1 Tag", "1.000 Tagen") == tuple(german.count("1 day", "{number} days", number) for number in (1, 1000))
