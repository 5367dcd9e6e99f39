"""Economy: how much each vehicle takes of each carrier, and whether it takes more than it used to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fleetcore.fuel.queries import Economy, Interval, VehicleEconomy, economies
from fleetcore.kernel.errors import Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.kernel.when import ALWAYS, Span, span_of_days
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_vehicles, vehicle_for
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.ports import VEHICLES

from .model import ConsumptionTrend, EconomyInterval, EconomyReport, EconomyRow
from .rules import METRES_PER_100KM, amounts, check_range, per, trend_sentence

__all__ = ["READ", "economy_report", "economy_rows", "seen_vehicles"]

READ = "reports.read"
COURSE_POINTS_MAX = 40
# The wire's words for each kind of quantity.
WORDS: Mapping[type[Quantity], tuple[str, str, str]] = {
    Volume: ("volume", "consumption_l_per_100km", "l/100 km"),
    Mass: ("mass", "consumption_kg_per_100km", "kg/100 km"),
    Energy: ("energy", "consumption_kwh_per_100km", "kWh/100 km"),
}


@query("reports.economy", permission=READ, snapshot=True)
def economy_report(uow: UnitOfWork, command: EconomyReport) -> tuple[EconomyRow, ...]:
    """Return the consumption of each vehicle on each energy carrier, by the vehicles' names.

    AdBlue and oil are consumables: they are among the costs, not here. Raises NotFound for a vehicle that is
    removed, unknown or out of reach, and Rejected with every problem.
    """
    reject_if_any(check_range(command))
    if command.carrier is not None and not command.carrier.carries_energy:
        raise Rejected.because("carrier", f"{command.carrier} is a consumable, which no vehicle moves by")
    return economy_rows(uow, command, seen_vehicles(uow, command.vehicle_id))


def seen_vehicles(uow: UnitOfWork, vehicle_id: UUID | None) -> Sequence[Vehicle]:
    """Return the one vehicle, or all living ones that the actor may report on, by name; raises NotFound."""
    if vehicle_id is not None:
        return [vehicle_for(uow, vehicle_id, READ)]
    reachable = reachable_vehicles(uow, READ)
    listed = uow[VEHICLES].list(ListVehicles())
    return [vehicle for vehicle in listed if reachable is None or vehicle.id in reachable]


def asked_span(uow: UnitOfWork, since: date | None, until: date | None) -> Span:
    """Return the stretch of time of the asked days in the fleet's time zone."""
    return ALWAYS if since is None and until is None else span_of_days(since, until, fleet_of(uow).timezone)


def economy_rows(uow: UnitOfWork, command: EconomyReport, vehicles: Sequence[Vehicle]) -> tuple[EconomyRow, ...]:
    """Return the rows of *vehicles*, which the actor may see."""
    span = asked_span(uow, command.since, command.until)
    places = {vehicle.id: place for place, vehicle in enumerate(vehicles)}
    found = economies(uow, list(places), span, command.carrier)
    rows = [_row(vehicles[places[one.vehicle_id]].name, one, with_intervals=command.with_intervals) for one in found]
    return tuple(sorted(rows, key=lambda row: (places[row.vehicle_id], row.carrier)))


def _row(name: str, found: VehicleEconomy, *, with_intervals: bool) -> EconomyRow:
    economy, kind = found.economy, found.kind
    trend = economy.trend
    return EconomyRow(
        vehicle_id=found.vehicle_id,
        name=name,
        carrier=found.carrier,
        fills=economy.fills,
        distance=Distance(economy.distance_m),
        **_consumed(kind, economy.quantity, economy.per_100km),
        costs=amounts(economy.cost_minor),
        costs_per_100km=per(economy.closed_cost_minor, economy.closed_distance_m, METRES_PER_100KM),
        average_prices=tuple(
            price
            for currency, quantity in sorted(found.bought.items())
            for price in per({currency: economy.cost_minor[currency]}, quantity, 1000)
        ),
        distance_closed=Distance(economy.closed_distance_m),
        intervals_closed=len(economy.closed),
        first_fill_at=found.first_at,
        last_fill_at=found.last_at,
        best=economy.best and _interval(kind, economy.best),
        worst=economy.worst and _interval(kind, economy.worst),
        trend=ConsumptionTrend(
            direction=trend.direction.value,
            per_100km_per_year=trend.per_100km_per_year,
            sentence=trend_sentence(trend.direction, trend.per_100km_per_year, WORDS[kind][2]),
        ),
        course=_course(economy),
        intervals=tuple(_interval(kind, interval) for interval in economy.intervals) if with_intervals else (),
    )


def _consumed(kind: type[Quantity], quantity: int, per_100km: float | None) -> dict[str, Any]:
    name, consumption, _ = WORDS[kind]
    return {name: kind(quantity), consumption: per_100km}


def _interval(kind: type[Quantity], interval: Interval) -> EconomyInterval:
    return EconomyInterval(
        opening_fill_id=interval.opening_id,
        closing_fill_id=interval.closing_id,
        opened_at=interval.opened_at,
        closed_at=interval.closed_at,
        distance=Distance(interval.distance_m),
        **_consumed(kind, interval.quantity, interval.per_100km),
        fills=interval.fills,
        method=interval.method.value,
        costs=amounts(interval.cost_minor),
    )


def _course(economy: Economy) -> tuple[float, ...]:
    """Return the consumption of at most COURSE_POINTS_MAX stretches of equally many intervals, oldest first."""
    closed = economy.closed
    count = min(len(closed), COURSE_POINTS_MAX)
    stretches = (closed[place * len(closed) // count : (place + 1) * len(closed) // count] for place in range(count))
    return tuple(
        sum(quantity for _, _, quantity in stretch) * 100 / sum(distance_m for _, distance_m, _ in stretch)
        for stretch in stretches
    )
