"""The tables behind the numbers: manufacturers, countries, and the patterns of positions 4 to 8."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

from attrs import frozen

__all__ = ["Maker", "body_of", "brands_of", "country_of", "engine_of", "makes_and_models", "models_of", "region_of"]

ORDER = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"
REGIONS = (
    ("ABCDEFGH", "Africa"),
    ("JKLMNPR", "Asia"),
    ("STUVWXYZ", "Europe"),
    ("12345", "North America"),
    ("67", "Oceania"),
    ("890", "South America"),
)
AMERICAN_SEVENS = frozenset(ORDER) - frozenset("ABCDE")


@frozen(kw_only=True)
class Maker:
    """Whom a manufacturer code was given to: the kind of vehicles it was given for, and the brands."""

    wmi: str
    kind: str
    brands: tuple[str, ...]


def _lines(name: str) -> Iterator[list[str]]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _makers() -> dict[str, Maker]:
    """Return every manufacturer code; what is written by hand goes before the NHTSA's table."""
    return {
        wmi: Maker(wmi=wmi, kind=kind, brands=tuple(brands.split("|")))
        for name in ("nhtsa_wmi.txt", "world_wmi.txt")
        for wmi, kind, brands in _lines(name)
    }


def brands_of(vin: str) -> Maker | None:
    """Return whom the manufacturer code of *vin* was given to; None for an unknown one.

    A third character 9 marks a maker of few vehicles, whose code goes on in positions 12 to 14.
    """
    makers = _makers()
    if vin[2] == "9" and (small := makers.get(vin[:3] + vin[11:14])):
        return small
    return makers.get(vin[:3])


@cache
def _countries() -> tuple[tuple[str, int, int, str, str], ...]:
    found = []
    for span, code, name in _lines("countries.txt"):
        first, last = span.split("-")
        found.append((first[0], ORDER.index(first[1]), ORDER.index(last[1]), code, name))
    return tuple(found)


def country_of(vin: str) -> tuple[str, str] | None:
    """Return (ISO 3166 code, name) of the country that the first two characters were given to."""
    place = ORDER.find(vin[1])
    for first, low, high, code, name in _countries():
        if vin[0] == first and low <= place <= high:
            return code, name
    return None


def region_of(vin: str) -> str | None:
    """Return the part of the world that the first two characters were given to."""
    if vin[0] == "7" and vin[1] in AMERICAN_SEVENS:
        return "North America"
    return next((name for characters, name in REGIONS if vin[0] in characters), None)


@cache
def _pattern_lines(name: str) -> tuple[str, ...]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))


@lru_cache(maxsize=512)
def _patterns(name: str, wmi: str) -> tuple[tuple[int, int, str, tuple[str, ...]], ...]:
    """Return (first year, last year, what, keys) of each line of a table that holds for *wmi*."""
    found = []
    for line in _pattern_lines(name):
        if wmi in line:
            what, first, last, wmis, keys = line.split("\t")
            if wmi in wmis.split(","):
                found.append((int(first), int(last), what, tuple(keys.split(" "))))
    return tuple(found)


@lru_cache(maxsize=4096)
def _compiled(key: str) -> tuple[re.Pattern[str], float]:
    """Return the expression of *key* and how much it says: a character more than a choice, a choice more than any.

    A key tells positions 4 to 8 and, behind a bar, those from 10 on; ``*`` is any character.
    """
    parts = re.findall(r"\[[^\]]*\]|.", key)
    weight = sum(0 if part in "*|" else 1 - (len(part) - 1) / 100 for part in parts)
    front, _, back = key.partition("|")
    expression = front.replace("*", ".")
    if back:
        expression = f"{expression}.*\\|{back.replace('*', '.')}"
    return re.compile(expression), weight


def _matches(name: str, vin: str, year: int | None) -> dict[str, float]:
    """Return what the patterns that say most name for *vin*, with how much the best of each says."""
    told = f"{vin[3:8]}|{vin[9:]}"
    best: dict[str, float] = {}
    for first, last, what, keys in _patterns(name, vin[:3]):
        if year is not None and not first <= year <= last:
            continue
        for key in keys:
            expression, weight = _compiled(key)
            if expression.match(told):
                best[what] = max(best.get(what, 0), weight)
    return best


def models_of(vin: str, year: int | None) -> list[tuple[str, str]]:
    """Return (make, model) of what positions 4 to 8 name; several where they cannot be told apart."""
    best = _matches("nhtsa_models.txt", vin, year)
    most = max(best.values(), default=0)
    found = sorted(what.split("|") for what, weight in best.items() if weight == most)
    return [(make, model) for make, model in found]


def body_of(vin: str, year: int | None) -> str | None:
    """Return the kind of body, where positions 4 to 8 name one."""
    return _only(_matches("nhtsa_bodies.txt", vin, year))


def engine_of(vin: str, year: int | None) -> str | None:
    """Return litres, cylinders and fuel, where positions 4 to 8 name one engine."""
    return _only(_matches("nhtsa_engines.txt", vin, year))


def _only(best: dict[str, float]) -> str | None:
    most = max(best.values(), default=0)
    found = [what for what, weight in best.items() if weight == most]
    return found[0] if len(found) == 1 else None


@cache
def makes_and_models() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the catalogue: the models of each make, with the bodies that they are known with."""
    book: dict[str, dict[str, tuple[str, ...]]] = {}
    for make, models in _lines("catalogue.txt"):
        listed = book.setdefault(make, {})
        for said in models.split("; "):
            model, _, bodies = said.partition(": ")
            listed[model] = tuple(bodies.split(", ")) if bodies else ()
    for line in _pattern_lines("nhtsa_models.txt"):
        make, model = line.partition("\t")[0].split("|")
        book.setdefault(make, {}).setdefault(model, ())
    return book
