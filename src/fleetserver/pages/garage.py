"""The garage: what needs attention first, and each vehicle at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue, Urgency
from fleetcore.reports.costs import cost_report
from fleetcore.reports.economy import economy_report
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport, EconomyRow
from fleetcore.vehicles.model import ListVehicles, Vehicle, VehicleState
from fleetcore.vehicles.service import list_vehicles
from fleetcore.vehicles.standings import ListOdometers, ShownOdometer, list_odometers

from .routing import Outcome, PageRoute, View
from .undoing import undo
from .visits import Visit

__all__ = ["PAGES"]

AHEAD_DAYS = 30
ATTENTION_MAX = 8
ECONOMY_DAYS = 365  # consumption as of late: what a car took when it was new says nothing of today
FEW = 6  # up to here the garage is seen at one look, and needs no search
CARDS_MAX = 60


@frozen(kw_only=True)
class Glance:
    """One vehicle at a glance."""

    vehicle: Vehicle
    next_due: DueReminder | None
    economy: tuple[EconomyRow, ...]
    month: tuple[Money, ...]
    odometer: ShownOdometer | None

    @property
    def words(self) -> str:
        """What a search looks for."""
        said = self.vehicle
        return " ".join([said.name, said.make, said.model, said.plate or "", *said.tags]).casefold()


def glances(visit: Visit, due: Sequence[DueReminder]) -> list[Glance]:
    """Return every vehicle with what is due next, its economy, its odometer and the costs of this month."""
    vehicles = visit.answer(list_vehicles, ListVehicles())
    if not vehicles:
        return []
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    economies: dict[UUID, list[EconomyRow]] = {}
    months: Mapping[UUID | None, tuple[Money, ...]] = {}
    if visit.may("reports.read"):
        for row in visit.answer(economy_report, EconomyReport(since=today - timedelta(days=ECONOMY_DAYS))):
            economies.setdefault(row.vehicle_id, []).append(row)
        spent = visit.answer(cost_report, CostReport(by=CostsBy.VEHICLE, since=today.replace(day=1), until=today))
        months = {row.vehicle_id: row.costs for row in spent.rows}
    odometers = {shown.vehicle_id: shown for shown in visit.answer(list_odometers, ListOdometers())}
    first: dict[UUID | None, DueReminder] = {}
    for each in due:
        first.setdefault(each.vehicle_id, each)
    return [
        Glance(
            vehicle=vehicle,
            next_due=first.get(vehicle.id),
            economy=tuple(economies.get(vehicle.id, ())),
            month=months.get(vehicle.id, ()),
            odometer=odometers.get(vehicle.id),
        )
        for vehicle in vehicles
    ]


def _narrowed(visit: Visit, found: Sequence[Glance]) -> list[Glance]:
    """Return those that have all the words and the state that were asked for; those that need something first."""
    query = visit.sent.query
    words, state = query.get("text", "").casefold().split(), query.get("state", "")
    return [
        each
        for each in found
        if all(word in each.words for word in words) and state in {"", each.vehicle.state.value}
    ]


def show(visit: Visit) -> Outcome:
    """Show the garage."""
    due = visit.answer(list_due, ListDue()) if visit.may("reminders.read") else ()
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    horizon = today + timedelta(days=AHEAD_DAYS)
    urgent = [each for each in due if each.urgency is not Urgency.NOT_DUE or _day_of(each) <= horizon]
    everything = glances(visit, due)
    shown = _narrowed(visit, everything)
    is_narrowed = bool(visit.sent.query.get("text") or visit.sent.query.get("state"))
    return View(
        template="garage/index.html",
        values={
            "glances": shown[:CARDS_MAX],
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
