"""Costs: what was booked for vehicles, in rows and per kilometre and day; from the ledger's lines alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import attrs
from attrs import frozen

from fleetcore.fuel.queries import distances
from fleetcore.kernel.errors import reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date
from fleetcore.ledger.model import AccountType, Dimension, LineSum, SumLines
from fleetcore.ledger.ports import ACCOUNTS
from fleetcore.ledger.queries import sum_lines
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_vehicles
from fleetcore.vehicles.model import Vehicle

from .economy import READ, asked_span, seen_vehicles
from .groups import group_labels, group_of
from .model import CostPart, CostReport, CostRow, CostsBy, CostSummary, Rates
from .rules import Stay, Sums, amounts, check_range, depreciation_of, rates_of, stay_of, within

__all__ = ["Look", "cost_report", "cost_summary", "looks_of"]

TYPES = (AccountType.EXPENSE, AccountType.INCOME)
DIMENSIONS: Mapping[CostsBy, tuple[Dimension, ...]] = {
    CostsBy.MONTH: (Dimension.MONTH, Dimension.ACCOUNT),
    CostsBy.YEAR: (Dimension.MONTH, Dimension.ACCOUNT),
    CostsBy.CATEGORY: (Dimension.ACCOUNT,),
    CostsBy.VEHICLE: (Dimension.VEHICLE, Dimension.ACCOUNT),
}


@query("reports.costs", permission=READ, snapshot=True)
def cost_report(uow: UnitOfWork, command: CostReport) -> CostSummary:
    """Return costs by month, year, category or vehicle, with their sums and, where asked, rates.

    A cost is what was booked to expense accounts less refunds; days are those of the ledger's entries, in the
    fleet's time zone. Costs of removed vehicles are left out; costs of no vehicle belong to the whole fleet.
    Raises NotFound for a vehicle that is removed, unknown or out of reach, and Rejected with every problem.
    """
    reject_if_any(check_range(command))
    vehicles = None
    if command.vehicle_id is not None or command.with_rates or command.by is CostsBy.VEHICLE:
        vehicles = seen_vehicles(uow, command.vehicle_id)
    return cost_summary(uow, command, vehicles)


def cost_summary(uow: UnitOfWork, command: CostReport, vehicles: Sequence[Vehicle] | None) -> CostSummary:
    """Return the costs of *vehicles*, which the actor may see, with their rates; None: all costs, and no rates."""
    found = _sums(uow, command)
    total = Sums()
    by_key: dict[str, Sums] = {}
    for one in found:
        total.add(one)
        by_key.setdefault(_key(command.by, one), Sums()).add(one)
    looks = looks_of(uow, command.since, command.until, vehicles or ())
    rates = None if vehicles is None else _rates(total.costs, list(looks.values()))
    rows = _rows(uow, command.by, by_key, {vehicle.id: vehicle.name for vehicle in vehicles or ()}, looks)
    if command.with_parts:
        parts = _parts(uow, command.by, found)
        rows = tuple(attrs.evolve(row, parts=tuple(parts.get(row.key, ()))) for row in rows)
    return CostSummary(
        by=command.by,
        rows=rows,
        costs=amounts(total.costs),
        income=amounts(total.income),
        rates=rates,
    )


def _sums(uow: UnitOfWork, command: CostReport) -> Sequence[LineSum]:
    reachable = None if command.vehicle_id is not None else reachable_vehicles(uow, READ)
    return sum_lines(
        uow,
        SumLines(
            by=DIMENSIONS[command.by],
            types=TYPES,
            since=command.since,
            until=command.until,
            vehicle_id=command.vehicle_id,
            vehicle_ids=reachable,
            hide_removed=command.vehicle_id is None,
        ),
    )


def _key(by: CostsBy, found: LineSum) -> str:
    match by:
        case CostsBy.MONTH:
            return f"{found.month:%Y-%m}"
        case CostsBy.YEAR:
            return f"{found.month:%Y}"
        case CostsBy.CATEGORY:
            return str(found.account_code)
        case CostsBy.VEHICLE:
            return str(found.vehicle_id or "")


def _parts(uow: UnitOfWork, by: CostsBy, found: Sequence[LineSum]) -> dict[str, list[CostPart]]:
    """Return the parts of each row by its key; a part of no costs, as of an income alone, is none."""
    sums: dict[tuple[str, str], Sums] = {}
    for one in found:
        sums.setdefault((_key(by, one), group_of(str(one.account_code))), Sums()).add(one)
    labels = group_labels(uow)
    parts: dict[str, list[CostPart]] = {}
    for (key, group), of_group in sorted(sums.items(), key=lambda item: labels.get(item[0][1], item[0][1])):
        if costs := amounts(of_group.costs):
            parts.setdefault(key, []).append(CostPart(key=group, label=labels.get(group, group), costs=costs))
    return parts


@frozen(kw_only=True)
class Look:
    """What rates need of one vehicle."""

    metres: int
    stay: Stay | None
    lost: Mapping[str, int]


def looks_of(uow: UnitOfWork, since: date | None, until: date | None, vehicles: Sequence[Vehicle]) -> dict[UUID, Look]:
    """Look at the odometer, the days and the prices of each of *vehicles*."""
    if not vehicles:
        return {}
    timezone = fleet_of(uow).timezone
    today = local_date(uow.now, timezone)
    driven = distances(uow, [vehicle.id for vehicle in vehicles], asked_span(uow, since, until))
    began = {vehicle_id: local_date(found.began_at, timezone) for vehicle_id, found in driven.items()}
    began |= _first_bookings(uow, [v.id for v in vehicles if v.purchased_on is None and v.id not in began])
    looks = {}
    for vehicle in vehicles:
        whole = stay_of(vehicle, began.get(vehicle.id), today)
        asked = within(whole, since, until)
        metres = driven[vehicle.id].metres if vehicle.id in driven else 0
        looks[vehicle.id] = Look(metres=metres, stay=asked, lost=depreciation_of(vehicle, whole, asked))
    return looks


def _first_bookings(uow: UnitOfWork, vehicle_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Return the first day on which something was booked, and stayed so, for each vehicle without other records."""
    if not vehicle_ids:
        return {}
    by = (Dimension.VEHICLE, Dimension.DAY)
    found = sum_lines(uow, SumLines(by=by, types=TYPES, vehicle_ids=frozenset(vehicle_ids)))
    days: dict[UUID, date] = {}
    for one in found:  # by vehicle, then by day
        if one.vehicle_id is not None and one.day is not None:
            days.setdefault(one.vehicle_id, one.day)
    return days


def _rates(costs: Mapping[str, int], looks: Sequence[Look]) -> Rates:
    lost: dict[str, int] = {}
    for look in looks:
        for currency, minor in look.lost.items():
            lost[currency] = lost.get(currency, 0) + minor
    stays = [look.stay for look in looks if look.stay is not None]
    return rates_of(costs, sum(look.metres for look in looks), stays, lost)


def _rows(
    uow: UnitOfWork, by: CostsBy, by_key: Mapping[str, Sums], names: Mapping[UUID, str], looks: Mapping[UUID, Look]
) -> tuple[CostRow, ...]:
    if by is CostsBy.VEHICLE:
        return tuple(_vehicle_rows(by_key, names, looks))
    labels = {key: key for key in by_key}
    if by is CostsBy.CATEGORY:
        labels |= {account.code: account.name.partition(":")[2] for account in uow[ACCOUNTS].all()}
    rows = [
        CostRow(key=key, label=labels[key], costs=amounts(sums.costs), income=amounts(sums.income))
        for key, sums in by_key.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.label, row.key)))


def _vehicle_rows(by_key: Mapping[str, Sums], names: Mapping[UUID, str], looks: Mapping[UUID, Look]) -> list[CostRow]:
    """Return a row for each vehicle with costs, income or a distance, by name, then one for costs of none."""
    rows = []
    for vehicle_id, name in names.items():
        sums, look = by_key.get(str(vehicle_id)), looks[vehicle_id]
        if sums is None and not (look.metres or look.lost):
            continue
        sums = sums or Sums()
        rows.append(
            CostRow(
                key=str(vehicle_id),
                label=name,
                vehicle_id=vehicle_id,
                costs=amounts(sums.costs),
                income=amounts(sums.income),
                rates=_rates(sums.costs, [look]),
            )
        )
    if (rest := by_key.get("")) is not None:
        rows.append(CostRow(key="", label="", costs=amounts(rest.costs), income=amounts(rest.income)))
    return rows
