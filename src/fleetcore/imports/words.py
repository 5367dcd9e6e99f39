"""What the words in a file mean: headers, fuels, answers, categories, units and currency signs."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from fleetcore.kernel.money import currencies
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "Unreadable",
    "answer",
    "category_of",
    "currencies_of_sign",
    "currency_in",
    "field_of",
    "fuel_of",
    "label",
    "tags_of",
    "unit_in",
]

Words = dict[str, dict[str, list[str]]]
SERVICE_CATEGORIES = frozenset({"service", "repair", "maintenance", "tyres"})


class Unreadable(ValueError):
    """A cell that cannot be read; carries what the row's problem says."""

    def __init__(self, message: str, code: str = "unreadable") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the tables of words.toml."""
    return tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))


@lru_cache(maxsize=4096)
def label(text: str) -> str:
    """Return *text* as the tables write it: no case, no punctuation, single spaces, composed accents."""
    text = unicodedata.normalize("NFC", text).casefold()
    return " ".join(re.sub(r"[^\w€£$%]+|_", " ", text).split())


@lru_cache(maxsize=16)
def _reversed(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for meaning, names in words()[table].items():
        for name in names:
            found.setdefault(label(name), meaning)
    return found


def field_of(header: str) -> str | None:
    """Return the field that the column *header* names, in any of the known languages."""
    known = _reversed("headers")
    outside = re.sub(r"[\(\[].*?[\)\]]", " ", header)
    for candidate in (label(header), label(outside), _without_units(label(outside))):
        if candidate and candidate in known:
            return known[candidate]
    return None


def _without_units(text: str) -> str:
    units, tokens = _reversed("units"), text.split()
    while len(tokens) > 1 and (tokens[-1] in units or tokens[-1].upper() in currencies()):
        tokens.pop()
    return " ".join(tokens)


@lru_cache(maxsize=2048)
def fuel_of(text: str) -> tuple[Carrier | None, str]:
    """Return the carrier that *text* names (None if unknown), and its grade if it says more."""
    name = label(text)
    if not name:
        return None, ""
    tokens = set(name.split())
    tokens.update(re.sub(r"(?<=[^\W\d])[ ](?=\d)", "", name).split())  # "sp 95" is "sp95"
    for meaning, stems in words()["fuels"].items():
        for stem in stems:
            if stem in tokens or (len(stem) >= 5 and any(token.startswith(stem) for token in tokens)):
                plain = name in {meaning, "gasoline", "benzin", "gas", "electric", "gazole", "benzina"}
                return Carrier(meaning), "" if plain else " ".join(text.split())
    return None, " ".join(text.split())


@lru_cache(maxsize=512)
def answer(text: str) -> bool:
    """Read a yes or a no in any of the known languages; raises Unreadable for anything else."""
    word = unicodedata.normalize("NFC", text).strip().casefold()
    if word in words()["answers"]["yes"]:
        return True
    if word in words()["answers"]["no"]:
        return False
    raise Unreadable(f"{text.strip()!r} is neither yes nor no")


@lru_cache(maxsize=1024)
def category_of(name: str) -> tuple[str, bool]:
    """Translate the file's *name* of a cost category; also say whether such a row is a service."""
    wanted = label(name)
    known = _reversed("categories")
    found = known.get(wanted)
    if found is None:
        found = next((known[token] for token in wanted.split() if token in known), None)
    category = found or " ".join(name.split()) or "other"
    return category, category in SERVICE_CATEGORIES


def unit_in(text: str) -> str | None:
    """Return the unit that a header or a cell names: km, mi, l, gal, gal_us, gal_uk, kg, kwh or None."""
    known = _reversed("units")
    name = label(text)
    inside = label(" ".join(re.findall(r"[\(\[](.*?)[\)\]]", text)))
    for candidate in (name, inside):
        if candidate in known:
            return known[candidate]
    tokens = name.split()
    if any(known.get(token) in {"gal", "gal_us", "gal_uk"} for token in tokens):
        return _gallons(tokens)
    return next((known[token] for token in tokens if known.get(token) in {"km", "mi", "l", "kg", "kwh"}), None)


def _gallons(tokens: Iterable[str]) -> str:
    known = _reversed("units")
    kinds = {known.get(token) for token in tokens}
    return next((kind for kind in ("gal_uk", "gal_us") if kind in kinds), "gal")


def currency_in(text: str) -> tuple[str | None, str]:
    """Return the ISO code that *text* shows, if it is beyond doubt, and the sign it was read from."""
    for token in re.findall(r"\b[A-Z]{3}\b", text):
        if token in currencies():
            return token, token
    for sign, codes in sorted(words()["currency_signs"].items(), key=lambda pair: -len(pair[0])):
        bounded = rf"(?<![^\W\d_]){re.escape(sign)}(?![^\W\d_])"
        if re.search(bounded, text):
            return (codes[0] if len(codes) == 1 else None), sign
    return None, ""


def currencies_of_sign(sign: str) -> tuple[str, ...]:
    """Return the currencies that *sign* may stand for, the most usual first."""
    return tuple(words()["currency_signs"].get(sign, ()))


@lru_cache(maxsize=2048)
def tags_of(text: str) -> tuple[str, ...]:
    """Split a cell of tags at commas or semicolons, or else at spaces."""
    parts = re.split(r"[,;]", text) if re.search(r"[,;]", text) else text.split()
    return tuple(stripped for part in parts if (stripped := part.strip()))
