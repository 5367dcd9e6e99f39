"""What other areas ask of the fills of many vehicles: economy per carrier, and distances driven."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Energy, Mass, Quantity, Volume
from fleetcore.kernel.when import ALWAYS, Span
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.distances import odometer_lines, odometer_spans, offsets_of

from .economy import Economy, EconomyFill, Interval, economy_of
from .odometers import positions_of
from .ports import FILL_LOGS
from .trend import Direction, Trend

__all__ = ["Direction", "Driven", "Economy", "Interval", "Trend", "VehicleEconomy", "distances", "economies"]

KINDS: Mapping[str, type[Quantity]] = {"volume": Volume, "mass": Mass, "energy": Energy}
VEHICLES_AT_ONCE = 200  # bounds the memory of a look at a big fleet


@frozen(kw_only=True)
class VehicleEconomy:
    """The economy of one vehicle on one carrier, of quantities of one *kind*; *bought* is the quantity per currency."""

    vehicle_id: UUID
    carrier: Carrier
    kind: type[Quantity]
    economy: Economy
    bought: Mapping[str, int]
    first_at: datetime
    last_at: datetime


@frozen
class Driven:
    """How far a vehicle drove within a span of time, in metres; *began_at* is its first record of all time."""

    metres: int
    began_at: datetime


def economies(
    uow: UnitOfWork, vehicle_ids: Sequence[UUID], span: Span = ALWAYS, carrier: Carrier | None = None
) -> Iterator[VehicleEconomy]:
    """Yield the economy of the fills within *span*, per vehicle and energy carrier; the caller has checked the reach.

    Odometers run on over replaced meters. Consumables are left out: the vehicle does not move by them.
    """
    for start in range(0, len(vehicle_ids), VEHICLES_AT_ONCE):
        chosen = vehicle_ids[start : start + VEHICLES_AT_ONCE]
        offsets = offsets_of(uow, chosen)
        for vehicle_id, logs in uow[FILL_LOGS].logs(chosen, span).items():
            offset = offsets.get(vehicle_id)
            for (burnt, kind), log in logs.items():
                if not burnt.carries_energy or carrier not in {None, burnt}:
                    continue
                economy = economy_of(log if offset is None else _carried_over(log, offset))
                yield VehicleEconomy(
                    vehicle_id=vehicle_id,
                    carrier=burnt,
                    kind=KINDS[kind],
                    economy=economy,
                    bought=_bought(log, economy),
                    first_at=log[0].at,
                    last_at=log[-1].at,
                )


def _carried_over(log: Sequence[EconomyFill], offset: Callable[[datetime], int]) -> list[EconomyFill]:
    return [row if row.odometer_m is None else row._replace(odometer_m=row.odometer_m + offset(row.at)) for row in log]


def _bought(log: Sequence[EconomyFill], economy: Economy) -> dict[str, int]:
    if len(economy.cost_minor) == 1:
        return dict.fromkeys(economy.cost_minor, economy.quantity)
    bought: dict[str, int] = {}
    for row in log:
        bought[row.currency] = bought.get(row.currency, 0) + row.quantity
    return bought


def distances(uow: UnitOfWork, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, Driven]:
    """Return how far each vehicle drove within *span*, as far as its odometer and the trips of its fills tell.

    Where values simply rise it is the highest less the lowest. Where a meter was replaced or a jump accepted,
    or fills tell trips instead of odometers, the whole line is judged as economy judges it. Vehicles without
    any record are left out.
    """
    driven: dict[UUID, Driven] = {}
    for start in range(0, len(vehicle_ids), VEHICLES_AT_ONCE):
        chosen = vehicle_ids[start : start + VEHICLES_AT_ONCE]
        shown, filled = odometer_spans(uow, chosen, span), uow[FILL_LOGS].spans(chosen, span)
        with_trips = [vehicle_id for vehicle_id in chosen if vehicle_id in filled and filled[vehicle_id].trips]
        odd = [vehicle_id for vehicle_id in chosen if vehicle_id in shown and not shown[vehicle_id].is_plain]
        lines = odometer_lines(uow, list(dict.fromkeys([*odd, *with_trips])), span)
        trips = uow[FILL_LOGS].trips(with_trips, span)
        for vehicle_id in chosen:
            odometer, fills = shown.get(vehicle_id), filled.get(vehicle_id)
            if not (began := [found.began_at for found in (odometer, fills) if found]):
                continue
            if vehicle_id in lines or vehicle_id in trips:
                metres = _judged(lines.get(vehicle_id, []), trips.get(vehicle_id, []))
            else:
                metres = (odometer.highest_m or 0) - (odometer.lowest_m or 0) if odometer else 0
            driven[vehicle_id] = Driven(metres, min(began))
    return driven


def _judged(line: Sequence[tuple[datetime, int]], trips: Sequence[tuple[datetime, int]]) -> int:
    rows = sorted(
        [*((at, metres, None) for at, metres in line), *((at, None, trip) for at, trip in trips)],
        key=lambda row: (row[0], -1 if row[1] is None else row[1]),
    )
    return positions_of([row[1] for row in rows], [row[2] for row in rows]).driven_m
