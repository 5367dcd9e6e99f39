"""What a fill-up just saved says of the consumption: what it was, and how that compares with what is usual."""

from __future__ import annotations

from collections.abc import Sequence

from fleetcore.fuel.model import Fill
from fleetcore.kernel.consumption import ConsumptionUnit
from fleetcore.kernel.errors import FleetError
from fleetcore.kernel.quantities import Energy, Mass
from fleetcore.reports.economy import economy_report
from fleetcore.reports.model import EconomyInterval, EconomyReport, EconomyRow
from fleetcore.vehicles.model import Vehicle
from fleetserver.pages.visits import Visit

__all__ = ["result_of"]

SAME_PERCENT = 1  # less than this apart is as usual


def _used(fill: Fill, told: EconomyRow | EconomyInterval) -> float | None:
    if isinstance(fill.quantity, Energy):
        return told.consumption_kwh_per_100km
    return told.consumption_kg_per_100km if isinstance(fill.quantity, Mass) else told.consumption_l_per_100km


def _unit(fill: Fill) -> ConsumptionUnit:
    if isinstance(fill.quantity, Energy):
        return ConsumptionUnit.KWH_PER_100KM
    return ConsumptionUnit.KG_PER_100KM if isinstance(fill.quantity, Mass) else ConsumptionUnit.L_PER_100KM


def result_of(visit: Visit, fill: Fill, vehicle: Vehicle | None) -> str:
    """Return a sentence on the consumption that *fill* closes; "" where it closes none, or may not be seen."""
    if not fill.is_full or not visit.may("reports.read"):
        return ""
    try:
        asked = EconomyReport(vehicle_id=fill.vehicle_id, carrier=fill.carrier, with_intervals=True)
        rows = visit.answer(economy_report, asked)
    except FleetError:
        return ""
    intervals = rows[0].intervals if rows else ()
    place = next((place for place, each in enumerate(intervals) if each.closing_fill_id == fill.id), None)
    now = None if place is None else _used(fill, intervals[place])
    if not now:
        return ""
    return _sentence(visit, visit.display.consumption(now, _unit(fill), vehicle), now, _usual(fill, intervals[:place]))


def _sentence(visit: Visit, said: str, now: float, usual: float | None) -> str:
    _ = visit.language.text
    if usual is None:
        return f"{said}."
    percent = round(abs(now - usual) / usual * 100)
    if percent < SAME_PERCENT:
        return _("{consumption}, as on average.", consumption=said)
    if now < usual:
        return _("{consumption}, {percent} % better than your average.", consumption=said, percent=percent)
    return _("{consumption}, {percent} % more than your average.", consumption=said, percent=percent)


def _usual(fill: Fill, before: Sequence[EconomyInterval]) -> float | None:
    """Return what was used on average before, each stretch by its length."""
    rates = [(rate, each.distance.metres) for each in before if (rate := _used(fill, each))]
    metres = sum([length for _, length in rates])
    return sum([rate * length for rate, length in rates]) / metres if metres else None
