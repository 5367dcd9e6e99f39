"""The yearly summary: each vehicle's year beside the year before, and the fleet's, for the screen and for paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from attrs import define, field

from fleetcore.fuel.queries import VehicleEconomy, distances, economies
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.kernel.when import local_date, span_of_days
from fleetcore.ledger.model import AccountType, Dimension, SumLines
from fleetcore.ledger.queries import sum_lines
from fleetcore.maintenance.model import ServiceCategory
from fleetcore.maintenance.ports import SERVICES
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.trips.queries import trips_within
from fleetcore.vehicles.access import reachable_vehicles
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import Vehicle

from .economy import READ, WORDS, seen_vehicles
from .emissions import factors_with
from .groups import group_labels, group_of
from .rules import Sums, amounts
from .years import (
    Co2Factor,
    YearCosts,
    YearEnergy,
    YearFigures,
    YearlyReport,
    YearlyRow,
    YearlySummary,
    YearMonth,
)

__all__ = ["yearly_report"]

TRIPS_READ, BUSINESS = "trips.read", "business"
YEARS = range(1900, 2200)
Key = tuple[UUID | None, int]  # of a vehicle (None: costs of no vehicle) and a year
Sold = tuple[Carrier, type[Quantity]]
SOLD_IN: Mapping[type[Quantity], str] = {Volume: "l", Mass: "kg", Energy: "kWh"}


@define
class _Burnt:
    """What was burnt of one carrier, by one vehicle or several."""

    quantity: int = 0
    metres: int = 0
    closed: int = 0  # the part of the quantity whose distance is known
    fills: int = 0
    costs: dict[str, int] = field(factory=dict)

    def add(self, found: VehicleEconomy) -> None:
        economy = found.economy
        self.quantity += economy.quantity
        self.metres += economy.closed_distance_m
        self.closed += economy.closed_quantity
        self.fills += economy.fills
        for currency, minor in economy.cost_minor.items():
            self.costs[currency] = self.costs.get(currency, 0) + minor


@define
class _Year:
    """What is added up for one vehicle, or for the fleet, in one year."""

    metres: int = 0
    burnt: dict[Sold, _Burnt] = field(factory=dict)
    total: Sums = field(factory=Sums)
    groups: dict[str, Sums] = field(factory=dict)
    months: dict[str, Sums] = field(factory=dict)
    trips: int = 0
    trip_metres: int = 0
    business_metres: int = 0
    counts: dict[ServiceCategory, int] = field(factory=dict)


@query("reports.yearly", permission=READ, snapshot=True)
def yearly_report(uow: UnitOfWork, command: YearlyReport) -> YearlySummary:
    """Return a calendar year and the one before: distance, fuel, costs by kind and month, trips, CO2, records.

    Raises NotFound for a vehicle that is removed, unknown or out of reach, and Rejected with every problem.
    """
    vehicles = seen_vehicles(uow, command.vehicle_id)
    if command.year not in YEARS:
        raise Rejected.because("year", f"must lie between {YEARS[0]} and {YEARS[-1]}")
    if command.grid_g_per_kwh is not None and not 0 <= command.grid_g_per_kwh <= 2000:
        raise Rejected.because("grid_g_per_kwh", "must lie between 0 and 2,000 grams")
    ids = [vehicle.id for vehicle in vehicles]
    whole = command.vehicle_id is None and reachable_vehicles(uow, READ) is None
    years: dict[Key, _Year] = {}
    fleet: dict[int, _Year] = {}
    notes = []

    def each(vehicle_id: UUID | None, year: int) -> Iterator[_Year]:
        yield years.setdefault((vehicle_id, year), _Year())
        yield fleet.setdefault(year, _Year())

    for year in (command.year - 1, command.year):
        _add_use(uow, ids, year, each)
    _add_costs(uow, ids, command.year, each, whole=whole)
    if uow.actor.scope(TRIPS_READ) in {None, Scope.OWN}:
        notes.append("trips are left out: your role does not see all of them")
    else:
        _add_trips(uow, ids, command.year, each)
    factors = factors_with(command.grid_g_per_kwh)
    write = _Writer(factors, group_labels(uow))
    used = {carrier for year in fleet.values() for carrier, _ in year.burnt}
    if Carrier.ELECTRICITY in used and command.grid_g_per_kwh is None:
        notes.append("the CO2 of electricity is not counted: say what your grid emits for a kilowatt-hour")
    return YearlySummary(
        year=command.year,
        vehicles=tuple(_vehicle_rows(vehicles, years, command.year, write)),
        fleet=YearlyRow(
            vehicle_id=None,
            name=fleet_of(uow).name,
            figures=write.figures(fleet.get(command.year, _Year())),
            before=write.figures(fleet.get(command.year - 1, _Year())),
        ),
        factors=tuple(factor for carrier, factor in factors.items() if carrier in used),
        notes=tuple(notes),
    )


Each = Callable[[UUID | None, int], Iterable[_Year]]


def _add_use(uow: UnitOfWork, ids: Sequence[UUID], year: int, each: Each) -> None:
    """Add distances, fuel and service records."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    span = span_of_days(first, last, fleet_of(uow).timezone)
    for vehicle_id, driven in distances(uow, ids, span).items():
        if driven.metres:
            for one in each(vehicle_id, year):
                one.metres += driven.metres
    for found in economies(uow, ids, span):
        for one in each(found.vehicle_id, year):
            one.burnt.setdefault((found.carrier, found.kind), _Burnt()).add(found)
    for vehicle_id, counts in uow[SERVICES].counts(ids, first, last).items():
        for one in each(vehicle_id, year):
            for category, count in counts.items():
                one.counts[category] = one.counts.get(category, 0) + count


def _add_costs(uow: UnitOfWork, ids: Sequence[UUID], year: int, each: Each, *, whole: bool) -> None:
    """Add what was booked in the year and in the one before; with *whole* also for no vehicle."""
    wanted = SumLines(
        by=(Dimension.VEHICLE, Dimension.MONTH, Dimension.ACCOUNT),
        types=(AccountType.EXPENSE, AccountType.INCOME),
        since=date(year - 1, 1, 1),
        until=date(year, 12, 31),
        vehicle_ids=None if whole else frozenset(ids),
        hide_removed=whole,
    )
    for found in sum_lines(uow, wanted):
        if found.month is None:
            continue
        group, month = group_of(str(found.account_code)), f"{found.month:%Y-%m}"
        for one in each(found.vehicle_id, found.month.year):
            for sums in (one.total, one.groups.setdefault(group, Sums()), one.months.setdefault(month, Sums())):
                sums.add(found)


def _add_trips(uow: UnitOfWork, ids: Sequence[UUID], year: int, each: Each) -> None:
    timezone = fleet_of(uow).timezone
    for trip in trips_within(uow, ids, span_of_days(date(year - 1, 1, 1), date(year, 12, 31), timezone)):
        metres = trip.distance.metres if trip.distance else 0
        for one in each(trip.vehicle_id, local_date(trip.started_at, timezone).year):
            one.trips += 1
            one.trip_metres += metres
            one.business_metres += metres if trip.purpose == BUSINESS else 0


def _vehicle_rows(
    vehicles: Sequence[Vehicle], years: Mapping[Key, _Year], year: int, write: _Writer
) -> Iterator[YearlyRow]:
    for vehicle in vehicles:
        now, before = years.get((vehicle.id, year)), years.get((vehicle.id, year - 1))
        if now or before:
            yield YearlyRow(
                vehicle_id=vehicle.id,
                name=vehicle.name,
                figures=write.figures(now or _Year()),
                before=write.figures(before or _Year()),
            )


class _Writer:
    """Turns what was added up into figures."""

    def __init__(self, factors: Mapping[Carrier, Co2Factor], labels: Mapping[str, str]) -> None:
        self.factors = factors
        self.labels = labels

    def figures(self, year: _Year) -> YearFigures:
        """Return the figures of one year."""
        sold = sorted(year.burnt.items(), key=lambda item: (item[0][0], item[0][1].__name__))
        energy = tuple(self._energy(carrier, kind, burnt) for (carrier, kind), burnt in sold)
        co2 = [one.co2_kg for one in energy]
        driven = max(year.metres, year.trip_metres)
        return YearFigures(
            distance=Distance(year.metres),
            energy=energy,
            costs=amounts(year.total.costs),
            income=amounts(year.total.income),
            groups=tuple(
                YearCosts(key=key, label=self.labels.get(key, key), costs=amounts(sums.costs))
                for key, sums in sorted(year.groups.items(), key=lambda item: self.labels.get(item[0], item[0]))
                if sums.costs
            ),
            months=tuple(
                YearMonth(month=month, costs=amounts(sums.costs)) for month, sums in sorted(year.months.items())
            ),
            trips=year.trips,
            trip_distance=Distance(year.trip_metres),
            business_distance=Distance(year.business_metres),
            business_share=year.business_metres / driven if year.trips and driven else None,
            co2_kg=None if None in co2 else round(sum(each for each in co2 if each is not None), 1),
            fills=sum(burnt.fills for burnt in year.burnt.values()),
            services=sum(year.counts.values()),
            repairs=year.counts.get(ServiceCategory.REPAIR, 0),
        )

    def _energy(self, carrier: Carrier, kind: type[Quantity], burnt: _Burnt) -> YearEnergy:
        factor = self.factors.get(carrier)
        if factor is not None and factor.unit != SOLD_IN[kind]:
            factor = None
        quantity, consumption, _ = WORDS[kind]
        said: dict[str, Any] = {quantity: kind(burnt.quantity)}
        if burnt.metres:
            said[consumption] = burnt.closed * 100 / burnt.metres
        return YearEnergy(
            carrier=carrier,
            distance=Distance(burnt.metres),
            fills=burnt.fills,
            costs=amounts(burnt.costs),
            co2_kg=None if factor is None else round(burnt.quantity * factor.grams / 1_000_000, 1),
            **said,
        )
