"""What is wrong with what somebody typed, in their language.

The library says it in English, with values in it. A translation is found by the shape of the sentence: what stands
between its fixed words is put into the places of the same names. What has no translation stays as it is.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from fleetcore.kernel.errors import KeyReused, NotFound, Rejected
from fleetcore.kernel.languages import Language
from fleetserver.auth.errors import LimitExceeded

from .languages import FAULT_LOCALE

__all__ = ["told", "told_error"]

PLACE = re.compile(r"\{(\w+)\}")
OUR_WORDS = frozenset({"carrier", "kind"})
LENGTH_MAX = 2000  # what is longer holds what somebody typed: it is not compared


def told(language: Language, message: str) -> str:
    """Return what is wrong, in *language* where it is known there."""
    if language.code == "en" or len(message) > LENGTH_MAX:
        return message
    plain, shapes = _faults(language.code)
    if message in plain:
        return plain[message]
    for shape, translation in shapes:
        if found := shape.fullmatch(message):
            return PLACE.sub(lambda place: _value(language, place[1], found[place[1]]), translation)
    return message


def _value(language: Language, name: str, value: str) -> str:
    """Return what stands in a place: our own words in *language*, what people typed as they did."""
    return language.text(value) if name in OUR_WORDS and "{" not in value else value


def told_error(language: Language, error: Exception) -> str:
    """Return what an error says to whom it stopped."""
    if isinstance(error, Rejected):
        return "; ".join(told(language, problem.message) for problem in error.problems)
    if isinstance(error, KeyReused):
        return language.text(
            "This form was saved before, with something else in it. Press the button once more to save this as well, "
            "or open what was saved and change it there."
        )
    if isinstance(error, LimitExceeded):
        minutes = math.ceil(error.retry_after_seconds / 60)
        return language.count(
            "Too many tries: try again in one minute.", "Too many tries: try again in {number} minutes.", minutes
        )
    if isinstance(error, NotFound):
        return language.text("It is not here, or not any more; or it belongs to others.")
    return told(language, str(error))


@lru_cache(maxsize=8)
def _faults(code: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Return the translations of sentences without values, and of those with them, the most words first."""
    from babel.messages.pofile import read_po

    source = FAULT_LOCALE / f"{code}.po"
    if not source.is_file():
        return {}, []
    with source.open("rb") as file:
        said = {str(entry.id): str(entry.string) for entry in read_po(file, locale=code) if entry.id and entry.string}
    plain = {english: text for english, text in said.items() if not PLACE.search(english)}
    shaped = sorted(said.keys() - plain.keys(), key=lambda english: -len(PLACE.sub("", english)))
    return plain, [(_shape(english), said[english]) for english in shaped]


def _shape(english: str) -> re.Pattern[str]:
    parts = PLACE.split(english)
    fixed = [re.escape(part) if number % 2 == 0 else f"(?P<{part}>.+?)" for number, part in enumerate(parts)]
    return re.compile("".join(fixed), re.DOTALL)
