"""Values of the log of changes as people read them: moments, days, and the names of vehicles and persons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from attrs import evolve

from fleetcore.history.model import RecordChange
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.visits import Visit

__all__ = ["names_at_hand", "readable"]

MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
END_OF_ID = re.compile(r"\b[0-9a-f]{8}\b")  # as the log shortens ids
MEMBERS_MAX = 200


def names_at_hand(visit: Visit) -> Mapping[str, str]:
    """Return the names of the vehicles and persons that the visitor may see, by the end of their ids."""
    names = {}
    if visit.may("vehicles.read"):
        names |= {each.id.hex[-8:]: each.name for each in visit.answer(list_vehicles, ListVehicles())}
    if visit.may("people.read"):
        members = visit.answer(list_members, ListMembers(limit=MEMBERS_MAX)).items
        names |= {each.user_id.hex[-8:]: each.name for each in members}
    return names


def readable(visit: Visit, change: RecordChange, names: Mapping[str, str]) -> RecordChange:
    """Return *change* with its values in the words of the visitor."""

    def said(text: str) -> str:
        text = MOMENT.sub(lambda found: _moment(visit, found[0]), text)
        text = DAY.sub(lambda found: _day(visit, found[0]), text)
        return END_OF_ID.sub(lambda found: names.get(found[0], found[0]), text)

    fields = [evolve(each, before=said(each.before), after=said(each.after)) for each in change.fields]
    return evolve(change, sentence=said(change.sentence), fields=tuple(fields))


def _moment(visit: Visit, text: str) -> str:
    try:
        return visit.minute(datetime.fromisoformat(text.replace("Z", "+00:00")))
    except ValueError:
        return text


def _day(visit: Visit, text: str) -> str:
    try:
        return visit.day(date.fromisoformat(text))
    except ValueError:
        return text
