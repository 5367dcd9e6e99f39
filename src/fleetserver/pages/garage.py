"""The garage: what needs attention first, and each vehicle at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue, Urgency
from fleetcore.reports.glance import ListGlances, VehicleGlance, list_glances
from fleetcore.vehicles.model import VehicleState

from .routing import Outcome, PageRoute, View
from .undoing import undo
from .visits import Visit

__all__ = ["PAGES"]

AHEAD_DAYS = 30
ATTENTION_MAX = 8
FEW = 6  # up to here the garage is seen at one look, and needs no search
CARDS_MAX = 60


@frozen(kw_only=True)
class Card:
    """One vehicle at a glance, and what is due next."""

    glance: VehicleGlance
    next_due: DueReminder | None

    @property
    def words(self) -> str:
        """What a search looks for."""
        said = self.glance.vehicle
        return " ".join([said.name, said.make, said.model, said.plate or "", *said.tags]).casefold()


def cards(visit: Visit, due: Sequence[DueReminder]) -> list[Card]:
    """Return every vehicle at a glance, with what is due next."""
    first: dict[UUID | None, DueReminder] = {}
    for each in due:
        first.setdefault(each.vehicle_id, each)
    return [
        Card(glance=glance, next_due=first.get(glance.vehicle.id))
        for glance in visit.answer(list_glances, ListGlances())
    ]


def _narrowed(visit: Visit, found: Sequence[Card]) -> list[Card]:
    """Return those that have all the words and the state that were asked for."""
    query = visit.sent.query
    words, state = query.get("text", "").casefold().split(), query.get("state", "")
    return [
        each
        for each in found
        if all(word in each.words for word in words) and state in {"", each.glance.vehicle.state.value}
    ]


def show(visit: Visit) -> Outcome:
    """Show the garage."""
    due = visit.answer(list_due, ListDue()) if visit.may("reminders.read") else ()
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    horizon = today + timedelta(days=AHEAD_DAYS)
    urgent = [each for each in due if each.urgency is not Urgency.NOT_DUE or _day_of(each) <= horizon]
    everything = cards(visit, due)
    shown = _narrowed(visit, everything)
    is_narrowed = bool(visit.sent.query.get("text") or visit.sent.query.get("state"))
    return View(
        template="garage/index.html",
        values={
            "cards": shown[:CARDS_MAX],
            "hidden_count": max(0, len(shown) - CARDS_MAX),
            "is_empty": not everything,
            "is_narrowed": is_narrowed,
            "can_search": len(everything) > FEW,
            "states": list(VehicleState),
            "asked": visit.sent.query,
            "urgent": urgent[:ATTENTION_MAX],
            "more": max(0, len(urgent) - ATTENTION_MAX),
        },
    )


def _day_of(due: DueReminder) -> date:
    return due.due_on or due.projected_on or date.max


PAGES = (
    PageRoute(method="GET", path="/", show=show),
    PageRoute(method="POST", path="/undo", show=undo),
)
