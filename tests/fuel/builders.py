"""Small builders: a log is written as lines of text, a fill as keywords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fleetcore.fuel.economy import Economy, EconomyFill, economy_of
from fleetcore.fuel.model import RecordFill
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Volume

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
VEHICLE = UUID(int=7)


def log(*lines: str) -> list[EconomyFill]:
    """Make a log, one fill a day, from lines like ``"10400 20 partial missed trip=400 soc=80"``.

    First the odometer in km ("-" without), then litres; a fill is full unless it is partial. Ids count
    from 1. ``exclude=`` is in km, ``cost=`` in minor units, ``in=`` the currency, ``day=`` days from START.
    """
    return [_fill(number, *line.split()) for number, line in enumerate(lines, start=1)]


def _fill(number: int, odometer_km: str, litres: str, *words: str) -> EconomyFill:
    named = dict(word.split("=") for word in words if "=" in word)
    return EconomyFill(
        id=UUID(int=number),
        at=START + timedelta(days=float(named.get("day", number))),
        odometer_m=None if odometer_km == "-" else round(float(odometer_km) * 1000),
        quantity=round(float(litres) * 1000),
        total_minor=int(named.get("cost", 0)),
        currency=named.get("in", "EUR"),
        is_full="partial" not in words,
        missed_previous="missed" in words,
        trip_m=round(float(named["trip"]) * 1000) if "trip" in named else None,
        excluded_m=round(float(named.get("exclude", 0)) * 1000),
        end_soc_percent=int(named["soc"]) if "soc" in named else None,
    )


def economy(*lines: str) -> Economy:
    """Compute the economy of the log written in *lines*."""
    return economy_of(log(*lines))


def per_fill(*lines: str) -> list[float]:
    """Return the consumption that each line closes, 0 where it closes nothing, to 4 places."""
    closed = {interval.closing_id: interval.per_100km for interval in economy(*lines).intervals}
    return [round(closed.get(UUID(int=number), 0), 4) for number in range(1, len(lines) + 1)]


def a_fill(**stated: Any) -> RecordFill:
    """Make a petrol fill of 40 l for 60.00 EUR with whatever is *stated* instead."""
    usual: dict[str, Any] = {
        "vehicle_id": VEHICLE,
        "at": START,
        "volume": Volume.of(40),
        "total": Money.of(60, "EUR"),
    }
    return RecordFill(**usual | stated)
