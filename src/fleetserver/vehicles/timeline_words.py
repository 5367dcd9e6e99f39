"""Entries of a vehicle's timeline in the visitor's language: the library tells them in English, with codes in them.

Each phrase of the library is known by its form; what people typed themselves fits none, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from attrs import evolve

from fleetcore.kernel.languages import Language
from fleetcore.kernel.timeline import TimelineEntry
from fleetserver.pages.log_words import field_word
from fleetserver.pages.visits import Visit

__all__ = ["CODES", "PARTS", "TITLES", "spoken_entries"]

# How the library heads entries of a kind. A ``code`` is a word of the library's, other names are what people typed.
TITLES: Mapping[str, tuple[str, ...]] = {
    "file": ("photo added", "file added"),
    "vehicle": ("added", "erased", "removed", "restored", "state", "changed"),
    "document": ("{code} filed", "{code} renewed"),
    "document_end": ("{code} ended", "{code} cancelled"),
    "payment": ("{code} paid",),
    "import": ("import of {file}",),
    "inspection": ("{title}, retest",),
    "tyres": ("{name} mounted",),
    "tread": ("tread of {name} measured",),
    "trip": ("{code} trip",),
    "reading": ("odometer read", "odometer replaced", "engine hours read", "engine hours replaced"),
    "driver": ("second driver: {name}", "driver: {name}"),
}
# What it tells of them, a part after the other; the first form that fits counts.
PARTS: Mapping[str, tuple[str, ...]] = {
    "fill": ("not full",),
    "trip": ("{start} to {end}",),
    "job": ("planned for {day}",),
    "document": ("from {start} until {end}", "until {day}", "from {day}"),
    "import": ("{number} records",),
    "inspection": ("failed: {items}; closed by a retest", "failed: {items}"),
    "tyres": ("until {day}",),
    "driver": ("until {day}",),
    "tread": ("{low} to {high} mm",),
    "reminder": ("reminder done", "reminder skipped"),
    "reading": ("accepted as a jump",),
    "vehicle": ("{code} to {other_code}",),
}
# Codes that stand in those, and that no page has a word for.
CODES = (
    *("winter", "rented", "under maintenance"),
    *("liability insurance", "partial insurance", "comprehensive insurance", "accident insurance"),
    *("breakdown insurance", "legal insurance", "gap insurance", "other insurance"),
)
# Where a whole title, or the first parts of what is told, may be a code: as many as there are codes at most.
CODES_IN_TITLE = {"expense", "service", "job", "fill"}
CODES_TOLD: Mapping[str, int] = {"expense": 1, "job": 1, "tyres": 1, "document": 2, "inspection": 1}
NAMED_BY_KIND = {"fill", "trip"}
ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
CODE = re.compile(r"[A-Za-z][A-Za-z ]*")
NUMBER = re.compile(r"(\d[\d,]*)(?:\.(\d+))?")
MEASURE = re.compile(r"(\d[\d,]*)(?:\.(\d+))?( (?:l|kg|kWh|km|h|mm))")
PLACE = re.compile(r"\\{(\w+)\\}")


def spoken_entries(visit: Visit, items: Iterable[TimelineEntry], names: Mapping[str, str]) -> list[TimelineEntry]:
    """Return entries in the visitor's language, headed by *names* of their kinds where the library has only a code."""
    told = []
    for entry in items:
        title, detail = _title(visit.language, entry), _detail(visit, entry)
        if entry.kind in NAMED_BY_KIND:
            title, detail = names[entry.kind], ", ".join(filter(None, [title, detail]))
        told.append(evolve(entry, title=f"{title[:1].upper()}{title[1:]}", detail=detail))
    return told


def _title(language: Language, entry: TimelineEntry) -> str:
    said = _phrase(language, TITLES.get(entry.kind, ()), entry.title)
    if said is None:
        said = _code(language, entry.title) if entry.kind in CODES_IN_TITLE else entry.title
    return said


def _detail(visit: Visit, entry: TimelineEntry) -> str:
    language, codes = visit.language, CODES_TOLD.get(entry.kind, 0)
    told = []
    for number, part in enumerate(entry.detail.split(", ")):
        if entry.kind == "vehicle" and entry.title == "changed":
            said: str | None = field_word(language, part)
        else:
            said = _phrase(language, PARTS.get(entry.kind, ()), part)
        if said is None and number < codes:
            said = _code(language, part)
        said = part if said is None else said
        if (found := MEASURE.fullmatch(said)) is not None:
            said = f"{_number(language, found)}{found[3]}"
        told.append(ISO_DAY.sub(lambda found: _day(visit, found[0]), said))
    return ", ".join(told)


def _phrase(language: Language, forms: Iterable[str], text: str) -> str | None:
    """Return *text* in the language, where it has one of the *forms*."""
    for form in forms:
        if (found := _form(form).fullmatch(text)) is not None:
            said = {name: _value(language, name, each) for name, each in found.groupdict().items()}
            return language.text(form, **said)
    return None


@lru_cache(maxsize=64)
def _form(form: str) -> re.Pattern[str]:
    return re.compile(PLACE.sub(r"(?P<\1>.+)", re.escape(form)), re.DOTALL)


def _value(language: Language, name: str, text: str) -> str:
    if (found := NUMBER.fullmatch(text)) is not None:
        return _number(language, found)
    return _code(language, text) if "code" in name else text


def _code(language: Language, word: str) -> str:
    """Return a code of the library in the language; the pages know some of them only as they head a line."""
    if CODE.fullmatch(word) is None:
        return word
    for known in (word, word.capitalize()):
        if (said := language.text(known)) != known:
            return said
    return word


def _number(language: Language, found: re.Match[str]) -> str:
    whole, decimals = found[1].replace(",", ""), found[2] or ""
    return language.number(Decimal(f"{whole}.{decimals or 0}"), len(decimals))


def _day(visit: Visit, text: str) -> str:
    """Return a day as the visitor reads it; what only looks like one, as somebody's note may, stays."""
    try:
        return visit.day(date.fromisoformat(text))
    except ValueError:
        return text
