"""Total cost of ownership, and vehicles side by side: costs from the ledger's lines, the loss of value beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import attrs

from fleetcore.kernel.errors import Rejected, reject_if_any
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.ledger.model import AccountType, Dimension, SumLines
from fleetcore.ledger.queries import sum_lines
from fleetcore.maintenance.model import ServiceCategory
from fleetcore.maintenance.ports import SERVICES
from fleetcore.operations import query
from fleetcore.vehicles.model import Vehicle

from .comparing import ComparedVehicle, CompareVehicles, CostGroup, Ownership, OwnershipReport
from .costs import Look, looks_of
from .economy import READ, economy_rows, seen_vehicles
from .groups import group_labels, group_of
from .model import EconomyReport, EconomyRow
from .rules import METRES_PER_KM, Sums, amounts, check_range, depreciations, divided, per

__all__ = ["compare_vehicles", "ownership_report"]

DAYS_PER_MONTH_HUNDREDTHS = 3044  # 365.25 / 12
VEHICLES_MAX = 12
REPAIR_METRES = 10_000_000


@query("reports.ownership", permission=READ, snapshot=True)
def ownership_report(uow: UnitOfWork, command: OwnershipReport) -> tuple[Ownership, ...]:
    """Return what each vehicle costs to own: by kind, per kilometre and per month, with its loss of value.

    Raises NotFound for a vehicle that is removed, unknown or out of reach, and Rejected with every problem.
    """
    reject_if_any(check_range(command))
    if command.value_today is not None and command.vehicle_id is None:
        raise Rejected.because("value_today", "is the value of one vehicle: say of which")
    vehicles = list(seen_vehicles(uow, command.vehicle_id))
    if command.value_today is not None:
        if vehicles[0].sold_on is not None:
            raise Rejected.because("value_today", f"{vehicles[0].name} was sold: its sale price counts")
        vehicles = [attrs.evolve(vehicles[0], sale_price=command.value_today)]
    return _ownerships(uow, vehicles, command)


def _ownerships(
    uow: UnitOfWork, vehicles: Sequence[Vehicle], command: OwnershipReport | CompareVehicles
) -> tuple[Ownership, ...]:
    wanted = SumLines(
        by=(Dimension.VEHICLE, Dimension.ACCOUNT),
        types=(AccountType.EXPENSE, AccountType.INCOME),
        since=command.since,
        until=command.until,
        vehicle_ids=frozenset(vehicle.id for vehicle in vehicles),
    )
    sums: dict[UUID | None, dict[str, Sums]] = {}
    for found in sum_lines(uow, wanted):
        sums.setdefault(found.vehicle_id, {}).setdefault(group_of(str(found.account_code)), Sums()).add(found)
    looks, labels = looks_of(uow, command.since, command.until, vehicles), group_labels(uow)
    return tuple(_ownership(vehicle, looks[vehicle.id], sums.get(vehicle.id, {}), labels) for vehicle in vehicles)


def _ownership(vehicle: Vehicle, look: Look, groups: Mapping[str, Sums], labels: Mapping[str, str]) -> Ownership:
    costs, income = _merged(sums.costs for sums in groups.values()), _merged(sums.income for sums in groups.values())
    total = _merged((costs, look.lost))
    days = look.stay.days if look.stay else 0
    return Ownership(
        vehicle_id=vehicle.id,
        name=vehicle.name,
        since=look.stay.since if look.stay else None,
        until=look.stay.until if look.stay else None,
        days=days,
        months_owned=round(days * 100 / DAYS_PER_MONTH_HUNDREDTHS, 1),
        distance=Distance(look.metres),
        purchase_price=vehicle.purchase_price,
        sale_price=vehicle.sale_price,
        groups=tuple(
            CostGroup(
                key=key,
                label=labels.get(key, key),
                costs=amounts(sums.costs),
                costs_per_km=per(sums.costs, look.metres, METRES_PER_KM),
            )
            for key, sums in sorted(groups.items(), key=lambda item: labels.get(item[0], item[0]))
            if sums.costs
        ),
        costs=amounts(costs),
        income=amounts(income),
        depreciation=depreciations(look.lost, look.metres, days),
        total=amounts(total),
        net=amounts(_merged((total, {currency: -minor for currency, minor in income.items()}))),
        total_per_km=per(total, look.metres, METRES_PER_KM),
        total_per_month=_per_month(total, days),
        missing=tuple(_missing(vehicle, look, costs)),
    )


def _merged(parts: Iterator[Mapping[str, int]] | tuple[Mapping[str, int], ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for currency, minor in part.items():
            found[currency] = found.get(currency, 0) + minor
    return found


def _per_month(minor: Mapping[str, int], days: int) -> tuple[Money, ...]:
    if not days:
        return ()
    return amounts({c: divided(value * DAYS_PER_MONTH_HUNDREDTHS, days * 100) for c, value in minor.items()})


def _missing(vehicle: Vehicle, look: Look, costs: Mapping[str, int]) -> Iterator[str]:
    """Yield what is not known and would change the total."""
    if vehicle.purchase_price is None:
        yield "the purchase price: without it the loss of value is unknown"
    elif vehicle.sale_price is None:
        yield "the sale price, or what it would fetch today: without it the loss of value is unknown"
    elif vehicle.purchase_price.currency != vehicle.sale_price.currency:
        yield "both prices in one currency: without that the loss of value is unknown"
    if vehicle.purchased_on is None:
        yield "the day of purchase: it counts from the first record"
    if not look.metres:
        yield "the distance driven: without two odometer readings nothing is known per kilometre"
    if not costs:
        yield "any cost: nothing was booked for it"


@query("reports.compare", permission=READ, snapshot=True)
def compare_vehicles(uow: UnitOfWork, command: CompareVehicles) -> tuple[ComparedVehicle, ...]:
    """Return vehicles side by side: what they cost per kilometre by kind, what they take, how often they broke.

    Raises NotFound for a vehicle that is removed, unknown or out of reach, and Rejected with every problem.
    """
    reject_if_any(check_range(command))
    ids = command.vehicle_ids
    if not 1 <= len(ids) <= VEHICLES_MAX or len(set(ids)) < len(ids):
        raise Rejected.because("vehicle_ids", f"name one to {VEHICLES_MAX} vehicles, each once")
    seen = {vehicle.id: vehicle for vehicle in seen_vehicles(uow, None)}
    vehicles = [seen[each] if each in seen else seen_vehicles(uow, each)[0] for each in ids]
    economy: dict[UUID, list[EconomyRow]] = {}
    for row in economy_rows(uow, EconomyReport(since=command.since, until=command.until), vehicles):
        economy.setdefault(row.vehicle_id, []).append(row)
    counts = uow[SERVICES].counts(ids, command.since, command.until)
    return tuple(
        _compared(owned, tuple(economy.get(owned.vehicle_id, ())), counts.get(owned.vehicle_id, {}))
        for owned in _ownerships(uow, vehicles, command)
    )


def _compared(
    owned: Ownership, economy: tuple[EconomyRow, ...], counts: Mapping[ServiceCategory, int]
) -> ComparedVehicle:
    repairs, metres = counts.get(ServiceCategory.REPAIR, 0), owned.distance.metres
    return ComparedVehicle(
        ownership=owned,
        economy=economy,
        services=sum(counts.values()),
        repairs=repairs,
        repairs_per_10000km=repairs * REPAIR_METRES / metres if metres else None,
    )
