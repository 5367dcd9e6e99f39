"""What checklists and inspections must obey, and what comes out of an inspection."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import attrs

from fleetcore.kernel.days import Calendar, day_problems, text_problems
from fleetcore.kernel.errors import Problem

from .inspection_model import (
    CheckedItem,
    CheckKind,
    Checklist,
    ChecklistFields,
    ChecklistItem,
    CheckResult,
    InspectionFields,
    Outcome,
)
from .rules import LINE_LENGTH_MAX, NOTES_LENGTH_MAX, REMINDERS_MAX, distance_problems

__all__ = [
    "checked_items",
    "checklist_problems",
    "inspection_problems",
    "item_key",
    "items_again",
    "keyed",
    "result_of",
    "result_problems",
    "shipped_checklists",
]

ITEMS_MAX = 300
KEY_LENGTH_MAX = 80
UNIT_LENGTH_MAX = 20
VALUE_MAX = Decimal(1_000_000_000)


@lru_cache(maxsize=1)
def shipped_checklists() -> Mapping[str, Checklist]:
    """Return the checklists that every fleet can use, by their words, from the data file."""
    read = tomllib.loads((files(__package__) / "checklists.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            key: Checklist(key=key, name=said["name"], items=tuple(_item(item) for item in said["items"]))
            for key, said in read.items()
        }
    )


def _item(said: Mapping[str, Any]) -> ChecklistItem:
    limits: dict[str, Any] = {name: Decimal(str(said[name])) for name in ("minimum", "maximum") if name in said}
    kind = CheckKind(said.get("kind", CheckKind.PASS_FAIL))
    return ChecklistItem(key=said["key"], title=said["title"], kind=kind, unit=said.get("unit", ""), **limits)


def item_key(item: ChecklistItem) -> str:
    """Return the stable word of an item: its own, or its title without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", item.key or item.title).casefold()
    word = "-".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))
    return word[:KEY_LENGTH_MAX].strip("-")


def checklist_problems(checklist: ChecklistFields) -> Iterator[Problem]:
    """Yield everything that is wrong with a checklist."""
    if not checklist.name.strip():
        yield Problem("name", "is needed", "required")
    yield from text_problems((("name", checklist.name),), LINE_LENGTH_MAX)
    yield from text_problems((("notes", checklist.notes),), NOTES_LENGTH_MAX)
    if not checklist.items:
        yield Problem("items", "are needed: what is to be checked?", "required")
    if len(checklist.items) > ITEMS_MAX:
        yield Problem("items", f"are more than {ITEMS_MAX}", "too_long")
    seen: set[str] = set()
    for index, item in enumerate(checklist.items):
        where = f"items.{index}"
        key = item_key(item)
        if not key:
            yield Problem(f"{where}.title", "is needed, with a letter or a digit", "required")
        elif key in seen:
            yield Problem(f"{where}.key", f"{key!r} stands twice in the checklist", "item.twice")
        seen.add(key)
        yield from text_problems(((f"{where}.title", item.title), (f"{where}.hint", item.hint)), LINE_LENGTH_MAX)
        yield from text_problems(((f"{where}.unit", item.unit),), UNIT_LENGTH_MAX)
        yield from _limit_problems(where, item)


def _limit_problems(where: str, item: ChecklistItem) -> Iterator[Problem]:
    limits = [(name, getattr(item, name)) for name in ("minimum", "maximum") if getattr(item, name) is not None]
    if limits and item.kind is not CheckKind.MEASURE:
        yield Problem(f"{where}.kind", "must be measure for an item with limits")
    for name, value in limits:
        if not value.is_finite() or abs(value) > VALUE_MAX:
            yield Problem(f"{where}.{name}", "is no number that can be measured")
    if len(limits) == 2 and item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
        yield Problem(f"{where}.maximum", "is lower than the minimum")


def inspection_problems(fields: InspectionFields, calendar: Calendar) -> Iterator[Problem]:
    """Yield what is wrong with an inspection apart from its results."""
    yield from day_problems("done_on", fields.done_on, None, calendar)
    yield from distance_problems("odometer_km", fields.odometer)
    yield from text_problems((("notes", fields.notes),), NOTES_LENGTH_MAX)
    if len(fields.reminder_ids) > REMINDERS_MAX:
        yield Problem("reminder_ids", f"are more than {REMINDERS_MAX}", "too_long")


def result_problems(items: Sequence[ChecklistItem], results: Sequence[CheckResult]) -> Iterator[Problem]:
    """Yield what is wrong with the *results* of *items*: unknown, twice, missing, or against the limits."""
    known = {item.key: item for item in items}
    seen: set[str] = set()
    for index, result in enumerate(results):
        where = f"results.{index}"
        if result.key not in known:
            yield Problem(f"{where}.key", f"there is no item {result.key!r} to check", "item.unknown")
            continue
        if result.key in seen:
            yield Problem(f"{where}.key", f"{result.key!r} is answered twice", "item.twice")
        seen.add(result.key)
        yield from text_problems(((f"{where}.note", result.note),), LINE_LENGTH_MAX)
        yield from _answer_problems(where, known[result.key], result)
    if missing := [item.key for item in items if item.key not in seen]:
        hint = "say pass, fail, or not_applicable of each"
        yield Problem("results", f"lack {', '.join(missing)}: {hint}", "results.missing")


def _answer_problems(where: str, item: ChecklistItem, result: CheckResult) -> Iterator[Problem]:
    if result.value is not None and (not result.value.is_finite() or abs(result.value) > VALUE_MAX):
        yield Problem(f"{where}.value", "is no number that can be measured")
        return
    if item.kind is CheckKind.MEASURE:
        if result.value is None and result.outcome is not Outcome.NOT_APPLICABLE:
            yield Problem(f"{where}.value", f"is needed: {item.title} is measured", "required")
        elif result.value is not None and result.outcome is Outcome.PASS and not _is_within(item, result.value):
            yield Problem(f"{where}.outcome", f"cannot be pass: {result.value:f} is {_limits(item)}", "limits")
    elif result.value is not None:
        yield Problem(f"{where}.value", f"has no place here: {item.title} is not measured")
    elif result.outcome is None and item.kind is CheckKind.PASS_FAIL:
        yield Problem(f"{where}.outcome", "is needed: pass, fail or not_applicable", "required")


def _is_within(item: ChecklistItem, value: Decimal) -> bool:
    return (item.minimum is None or value >= item.minimum) and (item.maximum is None or value <= item.maximum)


def _limits(item: ChecklistItem) -> str:
    if item.minimum is None:
        return f"more than {item.maximum:f} {item.unit}".rstrip()
    if item.maximum is None:
        return f"less than {item.minimum:f} {item.unit}".rstrip()
    return f"not from {item.minimum:f} to {item.maximum:f} {item.unit}".rstrip()


def checked_items(items: Iterable[ChecklistItem], results: Sequence[CheckResult]) -> tuple[CheckedItem, ...]:
    """Return *items* with what was found; :func:`result_problems` found nothing."""
    found = {result.key: result for result in results}
    return tuple(
        CheckedItem(
            **{name: getattr(item, name) for name in ("key", "title", "kind", "unit", "minimum", "maximum")},
            outcome=_outcome(item, found[item.key]),
            value=found[item.key].value,
            note=found[item.key].note,
        )
        for item in items
    )


def _outcome(item: ChecklistItem, result: CheckResult) -> Outcome:
    if result.outcome is not None:
        return result.outcome
    if item.kind is CheckKind.MEASURE and result.value is not None:
        return Outcome.PASS if _is_within(item, result.value) else Outcome.FAIL
    return Outcome.PASS if result.note else Outcome.NOT_APPLICABLE


def items_again(items: Iterable[CheckedItem]) -> tuple[ChecklistItem, ...]:
    """Return checked items as items to be checked again."""
    names = ("key", "title", "kind", "unit", "minimum", "maximum")
    return tuple(ChecklistItem(**{name: getattr(item, name) for name in names}) for item in items)


def keyed(items: Iterable[ChecklistItem]) -> tuple[ChecklistItem, ...]:
    """Return *items* with their keys written out."""
    return tuple(attrs.evolve(item, key=item_key(item), title=" ".join(item.title.split())) for item in items)


def result_of(items: Iterable[CheckedItem]) -> Outcome:
    """Return what comes out of a whole inspection."""
    return Outcome.FAIL if any(item.outcome is Outcome.FAIL for item in items) else Outcome.PASS
