"""Every vehicle at a glance: where it stands, what it took of late, and what it cost this month."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen

from fleetcore.attachments.ports import ATTACHMENTS
from fleetcore.fuel.queries import economies
from fleetcore.kernel.consumption import ConsumptionUnit
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity
from fleetcore.kernel.when import Span, local_date
from fleetcore.ledger.model import AccountType, Dimension, SumLines
from fleetcore.ledger.queries import sum_lines
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_by, reachable_vehicles
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.ports import READING_LINES, VEHICLES

from .economy import READ
from .rules import Sums, amounts

__all__ = [
    "GlanceConsumption",
    "ListGlances",
    "ListMonthCosts",
    "MonthCosts",
    "VehicleGlance",
    "list_glances",
    "list_month_costs",
]

VEHICLE = "vehicles.vehicle"
RECENT_MAX = 12  # intervals: as many as a small picture can show
LATELY = timedelta(days=365)  # what a car took when it was new says nothing of today


@frozen(kw_only=True)
class ListGlances:
    """Ask for vehicles at a glance: for those of *vehicle_ids*; for every one where none is named."""

    vehicle_ids: tuple[UUID, ...] = ()


@frozen(kw_only=True)
class ListMonthCosts:
    """Ask what each vehicle cost this month."""


@frozen(kw_only=True)
class MonthCosts:
    """What a vehicle cost from the first of this month until today, in each currency."""

    vehicle_id: UUID
    costs: tuple[Money, ...]


@frozen(kw_only=True)
class GlanceConsumption:
    """What a vehicle took on one carrier: between its last two full tanks, and over the last year, in *unit*.

    Unrounded; None where it cannot be known. *recent_per_100km* is of the last few full tanks, oldest first.
    """

    carrier: Carrier
    unit: ConsumptionUnit
    last_per_100km: float | None
    year_per_100km: float | None
    recent_per_100km: tuple[float, ...] = ()


@frozen(kw_only=True)
class VehicleGlance:
    """One vehicle with its odometer as last shown, its consumption of late, and the costs booked this month.

    *picture_id* is of its newest photo, None without one. *consumption* and *month_costs* are empty for who may not
    see reports of it.
    """

    vehicle: Vehicle
    odometer: Distance | None
    odometer_at: datetime | None
    consumption: tuple[GlanceConsumption, ...]
    month_costs: tuple[Money, ...]
    picture_id: UUID | None = None


@query("reports.glances", permission="vehicles.read", snapshot=True)
def list_glances(uow: UnitOfWork, command: ListGlances) -> tuple[VehicleGlance, ...]:
    """Return the vehicles that the actor may see, by name, each at a glance; so many statements for any number.

    One that is removed, unknown or out of reach is not among them.
    """
    reachable = reachable_vehicles(uow, "vehicles.read")
    named = frozenset(command.vehicle_ids)
    vehicles = [
        each
        for each in uow[VEHICLES].list(ListVehicles())
        if (not named or each.id in named) and (reachable is None or each.id in reachable)
    ]
    told = reachable_by(uow, uow.actor, READ)
    reported = [each.id for each in vehicles if told is None or each.id in told]
    pictures = uow[ATTACHMENTS].newest_pictures(VEHICLE, [each.id for each in vehicles])
    newest = uow[READING_LINES].newest([each.id for each in vehicles])
    consumption = _consumption(uow, reported)
    costs = _month_costs(uow, reported)
    return tuple(
        VehicleGlance(
            vehicle=vehicle,
            odometer=Distance(newest[vehicle.id][1]) if vehicle.id in newest else None,
            odometer_at=newest[vehicle.id][0] if vehicle.id in newest else None,
            consumption=tuple(sorted(consumption.get(vehicle.id, ()), key=lambda found: found.carrier)),
            month_costs=costs.get(vehicle.id, ()),
            picture_id=pictures.get(vehicle.id),
        )
        for vehicle in vehicles
    )


@query("reports.month_costs", permission=READ, snapshot=True)
def list_month_costs(uow: UnitOfWork, command: ListMonthCosts) -> tuple[MonthCosts, ...]:  # noqa: ARG001 - it asks for all
    """Return what each vehicle cost this month, of those that the actor may report on; one without costs is left out.

    What the fleet paid for itself is not here.
    """
    found = _month_costs(uow, reachable_vehicles(uow, READ))
    return tuple([MonthCosts(vehicle_id=vehicle_id, costs=found[vehicle_id]) for vehicle_id in sorted(found)])


def _consumption(uow: UnitOfWork, vehicle_ids: Sequence[UUID]) -> dict[UUID, list[GlanceConsumption]]:
    found: dict[UUID, list[GlanceConsumption]] = {}
    for one in economies(uow, vehicle_ids, Span(since=uow.now - LATELY)):
        closed = one.economy.closed
        recent = tuple([quantity * 100 / distance_m for _, distance_m, quantity in closed[-RECENT_MAX:]])
        glance = GlanceConsumption(
            carrier=one.carrier,
            unit=_unit(one.kind),
            last_per_100km=recent[-1] if recent else None,
            year_per_100km=one.economy.per_100km,
            recent_per_100km=recent,
        )
        found.setdefault(one.vehicle_id, []).append(glance)
    return found


def _unit(kind: type[Quantity]) -> ConsumptionUnit:
    if kind is Energy:
        return ConsumptionUnit.KWH_PER_100KM
    return ConsumptionUnit.KG_PER_100KM if kind is Mass else ConsumptionUnit.L_PER_100KM


def _month_costs(uow: UnitOfWork, vehicle_ids: Collection[UUID] | None) -> dict[UUID, tuple[Money, ...]]:
    """Return the costs of these vehicles, or of all living ones; those without any are left out."""
    if vehicle_ids is not None and not vehicle_ids:
        return {}
    today = local_date(uow.now, fleet_of(uow).timezone)
    asked = SumLines(
        by=(Dimension.VEHICLE, Dimension.ACCOUNT),
        types=(AccountType.EXPENSE, AccountType.INCOME),
        since=today.replace(day=1),
        until=today,
        vehicle_ids=None if vehicle_ids is None else frozenset(vehicle_ids),
        hide_removed=True,
    )
    sums: dict[UUID, Sums] = {}
    for line in sum_lines(uow, asked):
        if line.vehicle_id is not None:
            sums.setdefault(line.vehicle_id, Sums()).add(line)
    return {vehicle_id: amounts(found.costs) for vehicle_id, found in sums.items()}
