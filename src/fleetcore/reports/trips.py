"""Reports about trips: what they earn by the mileage rates, and the business share of a vehicle's costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from fleetcore.fuel.queries import distances
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import local_date, span_of_days
from fleetcore.ledger.model import AccountType, Dimension, SumLines
from fleetcore.ledger.queries import sum_lines
from fleetcore.operations import query
from fleetcore.people.ports import MEMBERS
from fleetcore.people.service import fleet_of
from fleetcore.trips.logbook import totals_of
from fleetcore.trips.model import Rate, Trip, purpose_key
from fleetcore.trips.queries import trips_within
from fleetcore.trips.rates import known_rates
from fleetcore.vehicles.access import reachable_vehicles, vehicle_for
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.ports import VEHICLES

from .economy import READ, asked_span, seen_vehicles
from .mileage import Allowance, RateBook, merged
from .model import MileageReport, MileageRow, MileageSummary, PurposeShare, TripTaxReport, TripTaxRow
from .rules import Sums, amounts, divided

__all__ = ["mileage_report", "trip_tax_report"]

TRIPS_READ = "trips.read"
TYPES = (AccountType.EXPENSE, AccountType.INCOME)
RowKey = tuple[UUID | None, str, UUID, str]


def _check_days(since: date | None, until: date | None) -> None:
    if since is not None and until is not None and since > until:
        raise Rejected.because("until", f"lies before since, {since}")


def _rated_trips(
    uow: UnitOfWork, vehicle_ids: Sequence[UUID], since: date | None, until: date | None
) -> Iterator[tuple[Trip, tuple[Rate, int] | None]]:
    """Yield each trip of the asked days beside what it earned, oldest first.

    Trips before *since* are looked at where they use up the tier of a year.
    """
    book, timezone = RateBook(known_rates(uow)), fleet_of(uow).timezone
    from_day = None if since is None else book.counts_from(since)
    found = list(trips_within(uow, vehicle_ids, span_of_days(from_day, until, timezone)))
    for trip in sorted(found, key=lambda trip: (trip.started_at, trip.id)):
        day = local_date(trip.started_at, timezone)
        earned = book.earned(trip, day)
        if since is None or day >= since:
            yield trip, earned


@query("reports.mileage", permission=TRIPS_READ, snapshot=True)
def mileage_report(uow: UnitOfWork, command: MileageReport) -> MileageSummary:
    """Return what trips earn by the mileage rates, by driver, vehicle and purpose: what to pay back, or to deduct.

    Whose role sees only their own trips gets these. Raises NotFound for a vehicle that is removed, unknown or out
    of reach, Rejected when *until* lies before *since*.
    """
    _check_days(command.since, command.until)
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, TRIPS_READ)
    reachable = reachable_vehicles(uow, TRIPS_READ)
    listed = uow[VEHICLES].list(ListVehicles())
    vehicles = {vehicle.id: vehicle for vehicle in listed if reachable is None or vehicle.id in reachable}
    own = uow.actor.user_id if uow.actor.scope(TRIPS_READ) is Scope.OWN else None
    purposes = {purpose_key(purpose) for purpose in command.purposes}
    groups: dict[RowKey, Allowance] = {}
    total = Allowance()
    for trip, earned in _rated_trips(uow, list(vehicles), command.since, command.until):
        if own is not None and own not in {trip.driver_id, trip.created_by}:
            continue
        if command.vehicle_id not in {None, trip.vehicle_id} or command.driver_id not in {None, trip.driver_id}:
            continue
        if purposes and trip.purpose not in purposes:
            continue
        key = (trip.driver_id, trip.driver_name, trip.vehicle_id, trip.purpose)
        for allowance in (groups.setdefault(key, Allowance()), total):
            allowance.add(trip, earned)
    return _summary(uow, groups, total, vehicles)


def _summary(
    uow: UnitOfWork, groups: Mapping[RowKey, Allowance], total: Allowance, vehicles: Mapping[UUID, Vehicle]
) -> MileageSummary:
    names = _driver_names(uow, {driver_id for driver_id, *_ in groups if driver_id is not None})
    earned: dict[str, int] = {}
    rows = []
    for (driver_id, driver_name, vehicle_id, purpose), found in groups.items():
        merged(earned, found.amounts)  # the sum is that of the rows, to the cent
        rows.append(
            MileageRow(
                driver_id=driver_id,
                driver_name=driver_name or names.get(driver_id, ""),
                vehicle_id=vehicle_id,
                name=vehicles[vehicle_id].name,
                purpose=purpose,
                trips=found.trips,
                distance=Distance(found.metres),
                amounts=amounts(found.amounts),
                unrated=Distance(found.unrated_metres),
                tolls=amounts(found.tolls),
                parking=amounts(found.parking),
            )
        )
    return MileageSummary(
        rows=tuple(sorted(rows, key=lambda row: (row.driver_name, row.name, row.purpose))),
        trips=total.trips,
        distance=Distance(total.metres),
        amounts=amounts(earned),
        unrated=Distance(total.unrated_metres),
        tolls=amounts(total.tolls),
        parking=amounts(total.parking),
    )


def _driver_names(uow: UnitOfWork, driver_ids: Iterable[UUID]) -> dict[UUID | None, str]:
    listed = ((driver_id, uow[MEMBERS].listed(driver_id)) for driver_id in driver_ids)
    return {driver_id: "former member" if member is None else member.name for driver_id, member in listed}


@query("reports.trip_tax", permission=READ, snapshot=True)
def trip_tax_report(uow: UnitOfWork, command: TripTaxReport) -> tuple[TripTaxRow, ...]:
    """Return the business share of each vehicle by its trips, that share of its costs, and the allowance instead.

    Needs all trips in sight too. Raises NotFound for a vehicle that is removed, unknown or out of reach, Forbidden
    for who sees only their own trips, Rejected when *until* lies before *since*.
    """
    if uow.actor.require(TRIPS_READ) is Scope.OWN:
        raise Forbidden("this report is made of all trips of a vehicle, and your role sees only your own")
    _check_days(command.since, command.until)
    vehicles = seen_vehicles(uow, command.vehicle_id)
    every = vehicles if command.vehicle_id is None else seen_vehicles(uow, None)  # the tier of a year spans vehicles
    counted = {purpose_key(purpose) for purpose in command.purposes}
    driven = distances(uow, [vehicle.id for vehicle in vehicles], asked_span(uow, command.since, command.until))
    costs = _costs(uow, vehicles, command)
    trips: dict[UUID, list[Trip]] = {}
    allowances: dict[UUID, Allowance] = {}
    for trip, earned in _rated_trips(uow, [vehicle.id for vehicle in every], command.since, command.until):
        trips.setdefault(trip.vehicle_id, []).append(trip)
        if trip.purpose in counted:
            allowances.setdefault(trip.vehicle_id, Allowance()).add(trip, earned)
    return tuple(
        _tax_row(
            vehicle,
            trips.get(vehicle.id, []),
            allowances.get(vehicle.id, Allowance()),
            shown_m=driven[vehicle.id].metres if vehicle.id in driven else 0,
            costs=costs.get(vehicle.id, {}),
        )
        for vehicle in vehicles
    )


def _costs(uow: UnitOfWork, vehicles: Sequence[Vehicle], command: TripTaxReport) -> dict[UUID | None, dict[str, int]]:
    wanted = SumLines(
        by=(Dimension.VEHICLE, Dimension.ACCOUNT),
        types=TYPES,
        since=command.since,
        until=command.until,
        vehicle_ids=frozenset(vehicle.id for vehicle in vehicles),
    )
    sums: dict[UUID | None, Sums] = {}
    for found in sum_lines(uow, wanted):
        sums.setdefault(found.vehicle_id, Sums()).add(found)
    return {vehicle_id: found.costs for vehicle_id, found in sums.items()}


def _tax_row(
    vehicle: Vehicle, trips: Sequence[Trip], business: Allowance, *, shown_m: int, costs: Mapping[str, int]
) -> TripTaxRow:
    totals = totals_of(trips)
    logged_m = sum(total.distance.metres for total in totals)
    driven_m = max(shown_m, logged_m)
    return TripTaxRow(
        vehicle_id=vehicle.id,
        name=vehicle.name,
        driven=Distance(driven_m),
        unlogged=Distance(driven_m - logged_m),
        purposes=tuple(
            PurposeShare(
                purpose=total.purpose,
                trips=total.trips,
                distance=total.distance,
                share=_share(total.distance.metres, driven_m),
            )
            for total in totals
        ),
        business_distance=Distance(business.metres),
        business_share=_share(business.metres, driven_m),
        costs=amounts(costs),
        business_costs=amounts(
            {currency: divided(minor * business.metres, driven_m) for currency, minor in costs.items()}
            if driven_m
            else {}
        ),
        allowance=amounts(business.amounts),
    )


def _share(metres: int, of_metres: int) -> float | None:
    return metres / of_metres if of_metres else None
