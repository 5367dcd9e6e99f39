"""The garage: what needs attention first, and each vehicle at a glance: few as cards, many as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue, Urgency
from fleetcore.reports.glance import (
    GlanceConsumption,
    ListGlances,
    ListMonthCosts,
    VehicleGlance,
    list_glances,
    list_month_costs,
)
from fleetcore.vehicles.model import ListVehicles, Vehicle, VehicleState
from fleetcore.vehicles.service import list_vehicles

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
ORDERS = {"name", "odometer", "economy", "month", "due"}
PRESSING = {Urgency.OVERDUE, Urgency.DUE}


@frozen(kw_only=True)
class Card:
    """One vehicle at a glance, and what is due next."""

    glance: VehicleGlance
    next_due: DueReminder | None

    @property
    def course(self) -> GlanceConsumption | None:
        """The consumption on the carrier that was closed most often, whose course is drawn."""
        return max(self.glance.consumption, key=lambda each: len(each.recent_per_100km), default=None)

    @property
    def line(self) -> Sparkline | None:
        """The course as a line."""
        return sparkline(self.course.recent_per_100km) if self.course is not None else None


@frozen(kw_only=True)
class Garage:
    """Every vehicle, the *first* that is due of each with its place among all that is due, and this month's costs."""

    vehicles: tuple[Vehicle, ...]
    first: Mapping[UUID | None, tuple[int, DueReminder]]
    costs: Mapping[UUID, tuple[Money, ...]]


def garage_of(visit: Visit, due: Sequence[DueReminder]) -> Garage:
    """Return what is known of all vehicles without a look at any of them."""
    first: dict[UUID | None, tuple[int, DueReminder]] = {}
    for place, each in enumerate(due):
        first.setdefault(each.vehicle_id, (place, each))
    costs = visit.answer(list_month_costs, ListMonthCosts()) if visit.may("reports.read") else ()
    return Garage(
        vehicles=visit.answer(list_vehicles, ListVehicles()),
        first=first,
        costs={each.vehicle_id: each.costs for each in costs},
    )


def _words(vehicle: Vehicle) -> str:
    """Return what a search looks for."""
    return " ".join([vehicle.name, vehicle.make, vehicle.model, vehicle.plate or "", *vehicle.tags]).casefold()


def _odometer(glance: VehicleGlance) -> int | None:
    return None if glance.odometer is None else glance.odometer.metres


def _economy(glance: VehicleGlance) -> tuple[str, float] | None:
    told = next((each for each in glance.consumption if each.year_per_100km), None)
    return None if told is None else (told.unit.value, told.year_per_100km or 0.0)


def _glanced(visit: Visit, found: Sequence[Vehicle]) -> Mapping[UUID, VehicleGlance]:
    """Return *found* at a glance."""
    asked = ListGlances(vehicle_ids=tuple(each.id for each in found))
    return {each.vehicle.id: each for each in visit.answer(list_glances, asked)} if found else {}


def _keys(visit: Visit, garage: Garage, found: Sequence[Vehicle], by: str) -> Mapping[UUID, Any]:
    """Return by what *found* are put in order; None for what says nothing. Two orders need a look at each of them."""
    match by:
        case "due":
            return {each.id: garage.first[each.id][0] for each in found if each.id in garage.first}
        case "month":
            return {
                each.id: sum([cost.minor for cost in garage.costs[each.id]])
                for each in found
                if each.id in garage.costs
            }
        case "odometer" | "economy":
            said = _odometer if by == "odometer" else _economy
            return {key: said(glance) for key, glance in _glanced(visit, found).items()}
        case _:
            return {each.id: each.name.casefold() for each in found}


def _in_order(visit: Visit, garage: Garage, found: Sequence[Vehicle], sort: str) -> list[Vehicle]:
    """Return *found* in the order that *sort* names, with a ``-`` the other way round; what says nothing comes last."""
    keys = _keys(visit, garage, found, sort.removeprefix("-"))
    told: list[Vehicle] = []
    silent: list[Vehicle] = []
    for each in found:
        (silent if keys.get(each.id) is None else told).append(each)
    return sorted(told, key=lambda each: keys[each.id], reverse=sort.startswith("-")) + silent


def _narrowed(visit: Visit, garage: Garage) -> list[Vehicle]:
    """Return those that have all the words and the state that were asked for."""
    query = visit.sent.query
    words, state = query.get("text", "").casefold().split(), query.get("state", "")
    pressed = (
        {key for key, (_, due) in garage.first.items() if due.urgency in PRESSING} if query.get("due") == "1" else None
    )
    found = []
    for each in garage.vehicles:
        said = _words(each) if words else ""
        if (
            all(word in said for word in words)
            and state in {"", each.state.value}
            and (pressed is None or each.id in pressed)
        ):
            found.append(each)
    return found


def _month_total(garage: Garage) -> list[Money]:
    sums: dict[str, int] = {}
    for each in garage.vehicles:
        for cost in garage.costs.get(each.id, ()):
            sums[cost.currency] = sums.get(cost.currency, 0) + cost.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def _listed(visit: Visit, garage: Garage) -> dict[str, Any]:
    """Return the vehicles of one page, in the form and the order that were asked for; only these are looked at."""
    query = visit.sent.query
    usual = "cards" if len(garage.vehicles) <= CARDS_BY_DEFAULT else "table"
    view = query.get("view") if query.get("view") in ROWS else usual
    sort = query.get("sort", "")
    sort = sort if sort.removeprefix("-") in ORDERS else "name"
    found = _in_order(visit, garage, _narrowed(visit, garage), sort)
    size = ROWS[str(view)]
    last = max(1, -(-len(found) // size))
    said = query.get("page", "1")
    number = min(last, max(1, int(said))) if said.isascii() and said.isdigit() and len(said) < 7 else 1
    kept = {name: query[name] for name in KEPT if query.get(name)}
    shown = found[(number - 1) * size : number * size]
    glances = _glanced(visit, shown)

    def link(**changed: object) -> str:
        asked = {name: value for name, value in {**kept, **changed}.items() if value not in {"", None}}
        return f"/?{urlencode(asked)}" if asked else "/"

    return {
        "cards": [Card(glance=glances[each.id], next_due=garage.first.get(each.id, (0, None))[1]) for each in shown],
        "found_count": len(found),
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
    garage = garage_of(visit, due)
    count = len(garage.vehicles)
    query = visit.sent.query
    return View(
        template="garage/index.html",
        values={
            **_listed(visit, garage),
            "is_empty": not count,
            "is_narrowed": any(query.get(name) for name in ("text", "state", "due")),
            "can_search": count > FEW,
            "can_choose": count > CARDS_BY_DEFAULT // 2,
            "states": list(VehicleState),
            "asked": query,
            "has_reminders": bool(due),
            "urgent": urgent[:ATTENTION_MAX],
            "more": max(0, len(urgent) - ATTENTION_MAX),
            "pressing": sum([each.urgency in PRESSING for each in due]),
            "in_workshop": sum([each.state is VehicleState.UNDER_MAINTENANCE for each in garage.vehicles]),
            "count": count,
            "month_total": _month_total(garage),
        },
    )


def _day_of(due: DueReminder) -> date:
    return due.expected_on or date.max


PAGES = (
    PageRoute(method="GET", path="/", show=show),
    PageRoute(method="POST", path="/undo", show=undo),
)
