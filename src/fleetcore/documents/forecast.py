"""How far a leased vehicle will have gone when the lease ends, and what the overrun costs."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.reminders.outlook import Outlook, outlook_of

from .commands import ForecastLease
from .model import Document, DocumentKind, LeaseForecast
from .payments import today_of
from .ports import DOCUMENTS
from .rules import allowed_metres, end_of
from .service import READ, require_sight

__all__ = ["forecast_lease"]


@query("documents.lease_forecast", permission=READ)
def forecast_lease(uow: UnitOfWork, command: ForecastLease) -> LeaseForecast:
    """Say how far a leased vehicle will have gone at the end of its lease, by its recent use, with an interval.

    What the meter showed at the start is *start_odometer*, else its reading nearest to the start. Raises NotFound,
    Rejected for what is no lease, has no allowed distance, or whose vehicle has too few readings.
    """
    lease = require_sight(uow, uow[DOCUMENTS].get(command.id))
    if lease.kind is not DocumentKind.LEASE or lease.vehicle_id is None:
        raise Rejected.because("id", f"is no lease but {lease.kind}", "lease.none")
    ends_on = end_of(lease)
    if lease.allowed_distance is None or lease.starts_on is None or ends_on is None:
        raise Rejected.because("id", "this lease says no allowed distance: edit it first", "lease.unlimited")
    today = command.today or today_of(uow)
    outlook = outlook_of(uow, lease.vehicle_id, fleet_of(uow).timezone, command.today)
    return _forecast(lease, lease.vehicle_id, outlook, (lease.starts_on, today, ends_on))


def _forecast(lease: Document, vehicle_id: UUID, outlook: Outlook, days: tuple[date, date, date]) -> LeaseForecast:
    starts_on, today, ends_on = days
    gauge, start = outlook.odometer_gauge(), outlook.total_on(starts_on, lease.start_odometer)
    if gauge is None or start is None:
        message = "the vehicle has no odometer reading yet: note one with odometer add"
        raise Rejected.because("id", message, "lease.no_readings")
    last = gauge.value + outlook.offset_m
    left = max(ends_on.toordinal() - gauge.day, 0)
    expected, low, high = (
        max(last - start, 0) + pace * left // 1000 for pace in (gauge.pace, gauge.pace_low, gauge.pace_high)
    )
    driven = max(last - start, 0) + gauge.pace * max(min(today, ends_on).toordinal() - gauge.day, 0) // 1000
    allowed = allowed_metres(lease, ends_on)
    overruns = [metres - allowed for metres in (expected, low, high)]
    fees = [_fee(metres, lease.excess_fee_per_km) for metres in overruns]
    return LeaseForecast(
        document_id=lease.id,
        vehicle_id=vehicle_id,
        today=today,
        ends_on=ends_on,
        days_left=max((ends_on - today).days, 0),
        allowed=Distance(allowed),
        allowed_by_today=Distance(allowed_metres(lease, min(today, ends_on))),
        driven=Distance(driven),
        per_day=Distance(gauge.pace // 1000),
        expected=Distance(expected),
        expected_low=Distance(low),
        expected_high=Distance(high),
        overrun=Distance(overruns[0]),
        overrun_low=Distance(overruns[1]),
        overrun_high=Distance(overruns[2]),
        fee=fees[0],
        fee_low=fees[1],
        fee_high=fees[2],
        because=_because(driven, gauge.pace, (expected, low, high), ends_on),
    )


def _fee(overrun_m: int, per_km: UnitPrice | None) -> Money | None:
    if per_km is None:
        return None
    amount = per_km.amount * Decimal(max(overrun_m, 0)) / 1000
    return Money.of(amount.quantize(Decimal("0.000001"), ROUND_HALF_EVEN), per_km.currency)


def _because(driven_m: int, pace: int, expected: tuple[int, int, int], ends_on: date) -> str:
    km, low, high = (f"{metres / 1000:,.0f}" for metres in expected)
    if not pace:
        return f"{driven_m / 1000:,.0f} km since the start; two readings are needed to tell how fast it goes on"
    return (
        f"{driven_m / 1000:,.0f} km since the start, at {pace / 1_000_000:,.0f} km/day {km} km on {ends_on}, "
        f"likely {low} to {high} km"
    )
