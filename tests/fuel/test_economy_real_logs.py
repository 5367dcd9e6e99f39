"""Logs that other people's apps exported: our figures equal the ones worked out for them.

The files are not ours to ship; the tests look for them beside the checkout and are skipped without them.
The readers here know just these files: reading logs in general is the business of imports.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fleetcore.fuel.economy import Economy, EconomyFill, economy_of
from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, DistanceUnit, Mass, Volume, VolumeUnit

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the sample logs are not at {DATA.name}/ beside the checkout"
)


def rows_of(name: str, section: str | None = None) -> list[dict[str, str]]:
    """Read a file, or one section of it, as dictionaries with trimmed names."""
    text = (DATA / name).read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    if section:
        text = text.split(f'"## {section}"\n')[1].split('"## ')[0]
    reader = csv.reader(io.StringIO(text), skipinitialspace=True)
    header = [title.strip() for title in next(reader)]
    return [dict(zip(header, row, strict=False)) for row in reader if row]


def expected(name: str) -> dict[str, Any]:
    """Return what was worked out for the file."""
    found: dict[str, Any] = json.loads((DATA / "logs" / "expected.json").read_text())[name]
    return found


def fuelio(name: str, tank: str) -> Iterator[EconomyFill]:
    """Read one tank of the Fuelio log in kilometres: the first in kilograms, the second in litres."""
    for number, row in enumerate(rows_of(name, "Log"), start=1):
        if row["TankNumber"] == tank:
            yield EconomyFill(
                id=UUID(int=number),
                at=datetime.fromisoformat(row["Data"]).replace(tzinfo=UTC),
                odometer_m=Distance.of(row["Odo (km)"]).metres,
                quantity=Mass.of(row["kg"]).grams if tank == "1" else Volume.of(row["kg"]).millilitres,
                total_minor=Money.of(row["Price (optional)"], "EUR").minor,
                currency="EUR",
                is_full=row["Full"] == "1",
                missed_previous=row["Missed"] == "1",
                excluded_m=Distance.of(row["ExcludeDistance"]).metres,
            )


def fuelly(name: str, day: str) -> Iterator[EconomyFill]:
    """Read a Fuelly log in miles and US gallons."""
    for number, row in enumerate(rows_of(name), start=1):
        volume = Volume.of(row["gallons"], VolumeUnit.US_GALLON)
        yield EconomyFill(
            id=UUID(int=number),
            at=datetime.strptime(row["fuelup_date"], day).replace(tzinfo=UTC),
            odometer_m=Distance.of(row["odometer"], DistanceUnit.MILE).metres,
            quantity=volume.millilitres,
            is_full=row["partial_fuelup"] == "0",
            missed_previous=row["missed_fuelup"] == "1",
            trip_m=Distance.of(row["miles"], DistanceUnit.MILE).metres,
        )


def closed(economy: Economy) -> tuple[int, float, float, float]:
    """Return the intervals, and their distance, quantity and consumption as the file of figures has them."""
    assert economy.per_100km is not None
    return (
        len(economy.intervals),
        economy.closed_distance_m / 1000,
        economy.closed_quantity / 1000,
        economy.per_100km,
    )


@pytest.mark.parametrize("tank", ["1", "2"])
def test_each_tank_of_a_bi_fuel_car(tank: str) -> None:
    """Natural gas in kilograms and petrol in litres, along one odometer, with excluded distances."""
    name = "fuelio_punto_cng_petrol.csv"
    figures = expected(name)["tanks"][tank]

    economy = economy_of(fuelio(f"logs/{name}", tank))

    assert closed(economy) == pytest.approx(
        (
            figures["closed_intervals"],
            figures["closed_km"],
            figures["closed_volume"],
            figures["avg_per_100km"],
        ),
        rel=1e-4,
    )
    assert (economy.fills, economy.quantity) == (figures["count"], round(figures["volume"] * 1000))
    assert economy.cost_minor == {"EUR": round(figures["cost"] * 100)}
    assert economy.distance_m == (figures["odo_last_km"] - figures["odo_first_km"]) * 1000


@pytest.mark.parametrize(
    ("name", "day", "split"),
    [("fuelly_tundra_mpg.csv", "%Y-%m-%d", 2), ("fuelly_scion_iq_cr_mpg.csv", "%m/%d/%y", 0)],
)
def test_logs_in_miles_and_gallons(name: str, day: str, split: int) -> None:
    """Sums and average equal; of *split* full fills repeated at one odometer no interval is made."""
    figures = expected(name)

    count, *sums = closed(economy_of(fuelly(f"logs/{name}", day)))

    assert count == figures["closed_intervals"] - split
    assert sums == pytest.approx([figures["closed_km"], figures["closed_volume"], figures["avg_per_100km"]], rel=1e-4)


def test_a_log_without_full_tanks_is_unknown() -> None:
    """Where every row says partial there is no consumption, only totals."""
    name = "fuelio_wagonr_inr_noheader.csv"
    rows = [
        EconomyFill(
            id=UUID(int=number),
            at=datetime.fromisoformat(row["Data"]).replace(tzinfo=UTC),
            odometer_m=Distance.of(row["Odo (km)"]).metres,
            quantity=Volume.of(row["Fuel (litres)"]).millilitres,
            is_full=row["Full"] == "1",
        )
        for number, row in enumerate(rows_of(f"logs/{name}"), start=1)
    ]

    economy = economy_of(rows)

    assert (economy.per_100km, economy.intervals) == (None, ())
    assert economy.quantity == expected(name)["volume"] * 1000


def test_a_log_kept_by_hand() -> None:
    """Miles, litres, days and a full flag: from the first tank to the last, both full, all but the first counts."""
    rows = [
        EconomyFill(
            id=UUID(int=number),
            at=datetime.strptime(row["Date"], "%d/%m/%Y").replace(tzinfo=UTC),
            odometer_m=Distance.of(row["Mileage"].replace(",", ""), DistanceUnit.MILE).metres,
            quantity=Volume.of(row["Liters"]).millilitres,
            is_full=row["Filled Tank"].strip() == "Y",
        )
        for number, row in enumerate(rows_of("fuel_uk_miles_litres.csv"), start=1)
    ]

    economy = economy_of(rows)

    litres_after_first = sum(row.quantity for row in rows[1:]) / 1000
    miles = 53_698 - 47_671
    assert economy.fills == 32
    assert economy.distance_m / 1609.344 == pytest.approx(miles, abs=0.01)
    assert economy.per_100km == pytest.approx(litres_after_first / (miles * 1.609344) * 100, rel=1e-5)
    assert consumption_in(ConsumptionUnit.MPG_UK, economy.per_100km or 0) == pytest.approx(42.05, abs=0.01)
