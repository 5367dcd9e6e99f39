"""What is due across the fleet, and what the next months will cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import add_months
from fleetcore.operations import query
from fleetcore.reminders.due import list_due
from fleetcore.reminders.keeping import today_of
from fleetcore.reminders.model import ListDue, Urgency
from fleetcore.vehicles.access import reachable_vehicles
from fleetcore.vehicles.model import ListVehicles, Vehicle, VehicleState
from fleetcore.vehicles.ports import VEHICLES

from .economy import READ, seen_vehicles
from .foreseen import (
    DueReport,
    DueSummary,
    ExpectedCost,
    Horizon,
    UpcomingCosts,
    UpcomingMonth,
    UpcomingReport,
    UpcomingVehicle,
    UrgencyCount,
)
from .rules import amounts
from .sources import SOURCES

__all__ = ["due_report", "upcoming_report"]

MONTHS_MAX = 60
SHORT_OF_FUEL = "no fuel is foreseen for {names}: its fills of the last year are too few"


@query("reports.due", permission="reminders.read", snapshot=True)
def due_report(uow: UnitOfWork, command: DueReport) -> DueSummary:
    """Return what is due across the fleet, soonest first, narrowed by urgency, vehicle, tag and days ahead.

    Raises NotFound for the vehicle, Rejected.
    """
    dues = list_due(uow, ListDue(within=command.within, vehicle_id=command.vehicle_id))
    if command.tag is not None:
        tagged = {vehicle.id for vehicle in uow[VEHICLES].list(ListVehicles(tag=command.tag))}
        dues = tuple(due for due in dues if due.vehicle_id in tagged)
    if command.urgencies:
        dues = tuple(due for due in dues if due.urgency in command.urgencies)
    counted = Counter(due.urgency for due in dues)
    counts = tuple(UrgencyCount(urgency=each, count=counted[each]) for each in reversed(Urgency) if counted[each])
    return DueSummary(dues=dues, counts=counts)


@query("reports.upcoming", permission=READ, snapshot=True)
def upcoming_report(uow: UnitOfWork, command: UpcomingReport) -> UpcomingCosts:
    """Return what the next months will probably cost, by month and vehicle, and what is uncertain about it.

    Recurring reminders are followed through the months by date and by recent use, each with what was said or
    typically paid; premiums, instalments and recurring expenses fall on their days; policies are renewed at their
    last price; fuel goes on as in the last year. What the actor's role hides is left out, and said. Raises NotFound
    for the vehicle, Rejected.
    """
    if not 1 <= command.months <= MONTHS_MAX:
        raise Rejected.because("months", f"must lie between 1 and {MONTHS_MAX}")
    vehicles = {vehicle.id: vehicle for vehicle in seen_vehicles(uow, command.vehicle_id) if _is_ours(vehicle)}
    today = today_of(uow)
    horizon = Horizon(
        since=today,
        until=add_months(today, command.months) - timedelta(days=1),
        vehicles=vehicles,
        with_fleet=command.vehicle_id is None and reachable_vehicles(uow, READ) is None,
    )
    found: list[ExpectedCost] = []
    notes: list[str] = []
    for source in SOURCES:
        if uow.actor.scope(source.permission) is None:
            notes.append(f"{source.name} are left out: your role does not see them")
        else:
            found += source.find(uow, horizon)
    found.sort(key=lambda cost: (cost.on, cost.kind, cost.title, str(cost.vehicle_id)))
    notes += _silences(found, vehicles)
    return _summary(horizon, found, notes)


def _is_ours(vehicle: Vehicle) -> bool:
    """Say whether *vehicle* still costs something: it is neither sold nor out of service for good."""
    return vehicle.sold_on is None and vehicle.state is not VehicleState.DECOMMISSIONED


def _silences(found: Iterable[ExpectedCost], vehicles: Mapping[UUID, Vehicle]) -> list[str]:
    """Say for which vehicles no fuel could be foreseen."""
    burning = {cost.vehicle_id for cost in found if cost.kind == "fuel"}
    names = [vehicle.name for vehicle in vehicles.values() if vehicle.id not in burning]
    if not names:
        return []
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return [SHORT_OF_FUEL.format(names=shown)]


class _Tally:
    """Amounts per currency: all of them, and those that rest on recent use."""

    def __init__(self) -> None:
        self.costs: dict[str, int] = {}
        self.projected: dict[str, int] = {}
        self.items = 0

    def add(self, cost: ExpectedCost, amount: Money) -> None:
        self.items += 1
        for sums in (self.costs, self.projected) if cost.is_projected else (self.costs,):
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor


def _summary(horizon: Horizon, found: list[ExpectedCost], notes: list[str]) -> UpcomingCosts:
    total, months, vehicles = _Tally(), dict[str, _Tally](), dict[UUID | None, _Tally]()
    for cost in found:
        if cost.amount is not None:
            month, of = months.setdefault(f"{cost.on:%Y-%m}", _Tally()), vehicles.setdefault(cost.vehicle_id, _Tally())
            for tally in (total, month, of):
                tally.add(cost, cost.amount)
    names: dict[UUID | None, str] = {key: vehicle.name for key, vehicle in horizon.vehicles.items()} | {None: ""}
    return UpcomingCosts(
        since=horizon.since,
        until=horizon.until,
        items=tuple(cost for cost in found if cost.amount is not None),
        unknown=tuple(cost for cost in found if cost.amount is None),
        months=tuple(
            UpcomingMonth(
                month=month, costs=amounts(tally.costs), projected=amounts(tally.projected), items=tally.items
            )
            for month, tally in sorted(months.items())
        ),
        vehicles=tuple(
            UpcomingVehicle(
                vehicle_id=key,
                name=name,
                costs=amounts(vehicles[key].costs),
                projected=amounts(vehicles[key].projected),
            )
            for key, name in names.items()
            if key in vehicles
        ),
        costs=amounts(total.costs),
        projected=amounts(total.projected),
        notes=tuple(notes),
    )
