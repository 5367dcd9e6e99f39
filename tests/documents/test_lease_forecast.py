"""How far a leased vehicle will have gone at the end, and what that costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleetcore.documents.commands import ForecastLease
from fleetcore.documents.forecast import forecast_lease
from fleetcore.documents.model import Allowance, Document, LeaseForecast
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.money import UnitPrice
from fleetcore.testing.builders import euros, km

from .conftest import Folder


def drive(folder: Folder, *readings: tuple[str, int]) -> None:
    """Note odometers."""
    for on, odometer in readings:
        said = {"vehicle_id": str(folder.vehicle_id), "odometer_km": odometer, "at": f"{on}T10:00:00Z"}
        folder.core.perform(folder.actor, "vehicles.record_reading", said)


def lease(folder: Folder, **said: Any) -> Document:
    """File a lease of three years with 15,000 km a year and 10 cents for each one more."""
    usual: dict[str, Any] = {
        "starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31), "start_odometer": km(0),
        "allowed_distance": km(15_000), "excess_fee_per_km": UnitPrice.of("0.10", "EUR"),
    }  # fmt: skip
    return folder.add("lease", **usual | said)


def ask(folder: Folder, document: Document, **asked: Any) -> LeaseForecast:
    """Ask for the forecast of *document*."""
    return folder.core.read(folder.actor, forecast_lease, ForecastLease(id=document.id, **asked))


def test_the_overrun_is_told_with_its_cost_and_an_interval(folder: Folder) -> None:
    """At 50 km a day, three years make some 54,750 km where 45,000 are allowed: 9,750 too many, 975 euros."""
    drive(folder, ("2026-01-01", 0), ("2026-02-10", 2000), ("2026-03-22", 4000), ("2026-05-31", 7500))
    forecast = ask(folder, lease(folder))

    assert km(45_000) == forecast.allowed
    assert km(50) == forecast.per_day
    assert km(50 * 1095) == forecast.expected
    assert (km(9750), euros(975)) == (forecast.overrun, forecast.fee)
    assert forecast.overrun_low <= forecast.overrun <= forecast.overrun_high
    assert km(7550) == forecast.driven
    assert "54,750 km on 2028-12-31" in forecast.because


def test_who_drives_less_pays_nothing(folder: Folder) -> None:
    """Distance that is left is a negative overrun, and costs nothing."""
    drive(folder, ("2026-01-01", 0), ("2026-05-31", 1500))
    forecast = ask(folder, lease(folder))

    assert forecast.overrun.metres < 0
    assert euros(0) == forecast.fee


def test_the_distance_before_the_lease_does_not_count(folder: Folder) -> None:
    """A used vehicle begins its lease with what its meter shows: as said, or by the readings."""
    drive(folder, ("2026-01-01", 30_000), ("2026-05-31", 37_500))

    assert ask(folder, lease(folder, start_odometer=km(30_000))).expected == km(54_750)
    assert ask(folder, lease(folder, start_odometer=None)).expected == km(54_750)


def test_an_allowance_for_the_whole_length(folder: Folder) -> None:
    """Forty thousand in all are forty thousand, whatever the years."""
    drive(folder, ("2026-01-01", 0), ("2026-05-31", 7500))
    forecast = ask(folder, lease(folder, allowed_distance=km(40_000), allowance=Allowance.TOTAL))

    assert km(40_000) == forecast.allowed
    assert km(14_750) == forecast.overrun


def test_a_forecast_for_a_day_ignores_later_readings(folder: Folder) -> None:
    """Asked as of a day, only what was known then counts."""
    drive(folder, ("2026-01-01", 0), ("2026-02-10", 2000), ("2026-05-31", 20_000))

    assert km(50) == ask(folder, lease(folder), today=date(2026, 2, 11)).per_day


def test_what_cannot_be_forecast_says_why(folder: Folder) -> None:
    """A policy, a lease without a limit and a vehicle without readings are refused in words."""
    for document, word in ((folder.add(), "no lease"), (folder.add("lease"), "no allowed distance")):
        with pytest.raises(Rejected, match=word):
            ask(folder, document)
    with pytest.raises(Rejected, match="no odometer reading"):
        ask(folder, lease(folder))


def test_only_who_sees_the_lease_sees_its_forecast(folder: Folder) -> None:
    """A member without the vehicle finds no lease."""
    document = lease(folder)
    with pytest.raises(NotFound):
        ask(folder.as_member("driver", granted=False), document)
