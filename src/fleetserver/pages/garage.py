"""The garage: what needs attention first, and each vehicle at a glance: few as cards, many as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue, Urgency
from fleetcore.reports.glance import GlanceConsumption, ListGlances, VehicleGlance, list_glances
from fleetcore.vehicles.model import VehicleState

from .routing import Outcome, PageRoute, View
from .sparklines import Sparkline, sparkline
from .undoing import undo
from .visits import Visit

__all__ = ["PAGES"]

AHEAD_DAYS = 30
ATTENTION_MAX = 5
FEW = 6  # up to here the garage is seen at one look, and needs no search
CARDS_BY_DEFAULT = 12  # more than these are compared in a table
ROWS = {"cards": 24, "table": 50}
KEPT = ("text", "state", "due", "sort", "view")
PRESSING = {Urgency.OVERDUE, Urgency.DUE}


@frozen(kw_only=True)
class Card:
    """One vehicle at a glance, and what is due next: the *place* of that among all that is due."""

    glance: VehicleGlance
    next_due: DueReminder | None
    place: int | None

    @property
    def words(self) -> str:
        """What a search looks for."""
        said = self.glance.vehicle
        return " ".join([said.name, said.make, said.model, said.plate or "", *said.tags]).casefold()

    @property
    def course(self) -> GlanceConsumption | None:
        """The consumption on the carrier that was closed most often, whose course is drawn."""
        return max(self.glance.consumption, key=lambda each: len(each.recent_per_100km), default=None)

    @property
    def line(self) -> Sparkline | None:
        """The course as a line."""
        return sparkline(self.course.recent_per_100km) if self.course is not None else None


def cards(visit: Visit, due: Sequence[DueReminder]) -> list[Card]:
    """Return every vehicle at a glance, with what is due next."""
    first: dict[UUID | None, tuple[int, DueReminder]] = {}
    for place, each in enumerate(due):
        first.setdefault(each.vehicle_id, (place, each))
    found = []
    for glance in visit.answer(list_glances, ListGlances()):
        due_place, next_due = first.get(glance.vehicle.id, (None, None))
        found.append(Card(glance=glance, next_due=next_due, place=due_place))
    return found


def _odometer(card: Card) -> tuple[bool, int]:
    return card.glance.odometer is None, 0 if card.glance.odometer is None else card.glance.odometer.metres


def _economy(card: Card) -> tuple[bool, str, float]:
    told = next((each for each in card.glance.consumption if each.year_per_100km), None)
    return (True, "", 0.0) if told is None else (False, told.unit.value, told.year_per_100km or 0.0)


def _month(card: Card) -> tuple[bool, int]:
    return not card.glance.month_costs, sum([each.minor for each in card.glance.month_costs])


def _place(card: Card) -> tuple[bool, int]:
    return card.place is None, card.place or 0


ORDERS: Mapping[str, Callable[[Card], Any]] = {
    "name": lambda card: (False, card.glance.vehicle.name.casefold()),
    "odometer": _odometer,
    "economy": _economy,
    "month": _month,
    "due": _place,
}


def in_order(found: Sequence[Card], sort: str) -> list[Card]:
    """Return *found* in the order that *sort* names, with a ``-`` the other way round; what says nothing comes last."""
    key = ORDERS[sort.removeprefix("-")]
    told, silent = [each for each in found if not key(each)[0]], [each for each in found if key(each)[0]]
    return sorted(told, key=key, reverse=sort.startswith("-")) + silent


def _narrowed(visit: Visit, found: Sequence[Card]) -> list[Card]:
    """Return those that have all the words and the state that were asked for."""
    query = visit.sent.query
    words, state = query.get("text", "").casefold().split(), query.get("state", "")
    is_pressed = query.get("due") == "1"
    return [
        each
        for each in found
        if all(word in each.words for word in words)
        and state in {"", each.glance.vehicle.state.value}
        and (not is_pressed or (each.next_due is not None and each.next_due.urgency in PRESSING))
    ]


def _month_total(found: Sequence[Card]) -> list[Money]:
    sums: dict[str, int] = {}
    for cost in [cost for card in found for cost in card.glance.month_costs]:
        sums[cost.currency] = sums.get(cost.currency, 0) + cost.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def _listed(visit: Visit, everything: Sequence[Card]) -> dict[str, Any]:
    """Return the vehicles of one page, in the form and the order that were asked for."""
    query = visit.sent.query
    usual = "cards" if len(everything) <= CARDS_BY_DEFAULT else "table"
    view = query.get("view") if query.get("view") in ROWS else usual
    sort = query.get("sort", "")
    sort = sort if sort.removeprefix("-") in ORDERS else "name"
    shown = in_order(_narrowed(visit, everything), sort)
    size = ROWS[str(view)]
    last = max(1, -(-len(shown) // size))
    said = query.get("page", "1")
    number = min(last, max(1, int(said))) if said.isascii() and said.isdigit() and len(said) < 7 else 1
    kept = {name: query[name] for name in KEPT if query.get(name)}

    def link(**changed: object) -> str:
        asked = {name: value for name, value in {**kept, **changed}.items() if value not in {"", None}}
        return f"/?{urlencode(asked)}" if asked else "/"

    return {
        "cards": shown[(number - 1) * size : number * size],
        "found_count": len(shown),
        "view": view,
        "usual_view": usual,
        "sort": sort,
        "number": number,
        "last": last,
        "link": link,
    }


def show(visit: Visit) -> Outcome:
    """Show the garage."""
    due = visit.answer(list_due, ListDue()) if visit.may("reminders.read") else ()
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    horizon = today + timedelta(days=AHEAD_DAYS)
    urgent = [each for each in due if each.urgency is not Urgency.NOT_DUE or _day_of(each) <= horizon]
    everything = cards(visit, due)
    query = visit.sent.query
    return View(
        template="garage/index.html",
        values={
            **_listed(visit, everything),
            "is_empty": not everything,
            "is_narrowed": any(query.get(name) for name in ("text", "state", "due")),
            "can_search": len(everything) > FEW,
            "can_choose": len(everything) > CARDS_BY_DEFAULT // 2,
            "states": list(VehicleState),
            "asked": query,
            "has_reminders": bool(due),
            "urgent": urgent[:ATTENTION_MAX],
            "more": max(0, len(urgent) - ATTENTION_MAX),
            "pressing": sum([each.urgency in PRESSING for each in due]),
            "in_workshop": sum([each.glance.vehicle.state is VehicleState.UNDER_MAINTENANCE for each in everything]),
            "count": len(everything),
            "month_total": _month_total(everything),
        },
    )


def _day_of(due: DueReminder) -> date:
    return due.expected_on or date.max


PAGES = (
    PageRoute(method="GET", path="/", show=show),
    PageRoute(method="POST", path="/undo", show=undo),
)
