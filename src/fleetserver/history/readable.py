"""Values of the log of changes as people read them: moments, days, amounts, and the names of vehicles and persons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime

from fleetcore.history.model import RecordChange
from fleetcore.kernel.money import Money, currencies
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.log_words import field_word, value_word
from fleetserver.pages.visits import Visit

__all__ = ["names_at_hand", "steps_of"]

END_OF_ID = re.compile("[0-9a-f]{8}")  # as the log shortens ids
DAY = re.compile(r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
MOMENT = re.compile(DAY.pattern + r"T[012]\d:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
AMOUNT = re.compile(r"(-?\d{1,15}(?:\.\d+)?) ([A-Z]{3})")
MEMBERS_MAX = 200


def names_at_hand(visit: Visit) -> Mapping[str, str]:
    """Return the names of the vehicles and persons that the visitor may see, by the end of their ids."""
    names: dict[str, str] = {}
    if visit.may("vehicles.read"):
        names |= {each.id.hex[-8:]: each.name for each in visit.answer(list_vehicles, ListVehicles())}
    if visit.may("people.read"):
        members = visit.answer(list_members, ListMembers(limit=MEMBERS_MAX)).items
        names |= {each.user_id.hex[-8:]: each.name for each in members}
    return names


def steps_of(visit: Visit, change: RecordChange, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return each field that a change touched, before and after, in words; ids without a name are left out."""
    rows = []
    for each in change.fields:
        before, after = (_value(visit, value, names) for value in (each.before, each.after))
        if before or after:
            rows.append((field_word(visit.language, each.field), before, after))
    return rows


def _value(visit: Visit, value: str, names: Mapping[str, str]) -> str:
    """Write a value of the log as the visitor reads it; nothing for an id that stands for no name."""
    if END_OF_ID.fullmatch(value):
        return names.get(value, "")
    with suppress(ValueError):  # somebody may have written a day that no calendar has
        if MOMENT.fullmatch(value):
            return visit.minute(datetime.fromisoformat(value.replace("Z", "+00:00")))
        if DAY.fullmatch(value):
            return visit.day(date.fromisoformat(value))
    if (amount := AMOUNT.fullmatch(value)) and amount[2] in currencies():
        return visit.money(Money.of(amount[1], amount[2]))
    return value_word(visit.language, value)
