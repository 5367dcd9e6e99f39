"""Real logs of other people: counts and totals as computed independently from the files."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fleetcore.imports.reader import inspect, read
from fleetcore.imports.rows import Parsed, ParsedExpense, ParsedFill, RowProblems
from fleetcore.kernel.quantities import Mass, Volume
from fleetcore.vehicles.carriers import Carrier

LOGS = (
    "fuelio_punto_cng_petrol.csv",
    "fuelio_sample_z3.csv",
    "fuelio_wagonr_inr_noheader.csv",
    "fuelly_tundra_mpg.csv",
    "fuelly_scion_iq_cr_mpg.csv",
)


def rows_of(path: Path) -> list[Parsed]:
    """Read all rows of the file."""
    return list(read(path, inspect(path)))


def expected(shared_data: Path, name: str) -> dict[str, Any]:
    """Return what the file is known to hold."""
    found: dict[str, Any] = json.loads((shared_data / "logs" / "expected.json").read_text("utf-8"))[name]
    return found


def assert_fills(fills: list[ParsedFill], known: dict[str, Any]) -> None:
    """Compare count, flags, quantity, cost and odometers."""
    assert len(fills) == known["count"]
    assert sum(fill.is_full for fill in fills) == known["full"]
    assert sum(fill.missed_previous for fill in fills) == known["missed"]
    amounts = [fill.quantity.grams if isinstance(fill.quantity, Mass) else fill.quantity.millilitres for fill in fills]  # type: ignore[union-attr]
    assert sum(amounts) / 1000 == pytest.approx(known["volume"], rel=1e-4)
    assert float(sum((fill.total or Decimal()) for fill in fills)) == pytest.approx(known["cost"], rel=1e-4)
    odometers = [fill.odometer.metres for fill in fills if fill.odometer]
    assert min(odometers) / 1000 == pytest.approx(known["odo_first_km"], abs=0.06)
    assert max(odometers) / 1000 == pytest.approx(known["odo_last_km"], abs=0.06)


@pytest.mark.parametrize("name", LOGS)
def test_no_row_of_a_real_log_is_refused(shared_data: Path, name: str) -> None:
    """A person would accept every one of them."""
    assert [row for row in rows_of(shared_data / "logs" / name) if isinstance(row, RowProblems)] == []


@pytest.mark.parametrize("name", LOGS[1:])
def test_totals_of_a_log_with_one_fuel(shared_data: Path, name: str) -> None:
    """Count, litres, cost and odometers agree."""
    known = expected(shared_data, name)
    fills = [row for row in rows_of(shared_data / "logs" / name) if isinstance(row, ParsedFill)]
    assert_fills(fills, known["tanks"]["1"] if "tanks" in known else known)


@pytest.mark.parametrize(("tank", "carrier", "kind"), [("1", Carrier.CNG, Mass), ("2", Carrier.PETROL, Volume)])
def test_totals_of_each_tank_of_a_bi_fuel_car(shared_data: Path, tank: str, carrier: Carrier, kind: type) -> None:
    """Gas in kilograms and petrol in litres, though the header says kg for both."""
    rows = rows_of(shared_data / "logs" / LOGS[0])
    fills = [row for row in rows if isinstance(row, ParsedFill) and row.carrier is carrier]
    assert {type(fill.quantity) for fill in fills} == {kind}
    known = expected(shared_data, LOGS[0])["tanks"][tank]
    assert_fills(fills, known)
    assert sum(fill.excluded_distance.km for fill in fills if fill.excluded_distance) == Decimal(
        str(known["exclude_km"])
    )


def test_costs_of_the_bi_fuel_car(shared_data: Path) -> None:
    """Every cost above nothing is there."""
    costs = [row for row in rows_of(shared_data / "logs" / LOGS[0]) if isinstance(row, ParsedExpense)]
    assert float(sum(cost.amount for cost in costs)) == expected(shared_data, LOGS[0])["costs_total"]
    assert Counter(cost.is_service for cost in costs) == {True: 47}


def test_a_log_kept_by_hand(shared_data: Path) -> None:
    """Miles with thousands separators, litres, pence per litre, day first."""
    path = shared_data / "fuel_uk_miles_litres.csv"
    found = inspect(path)
    fills = [row for row in read(path, found) if isinstance(row, ParsedFill)]
    assert (found.date_order, found.distance_unit, found.volume_unit, found.currency) == ("dmy", "mi", "l", "GBP")
    assert len(fills) == len(rows_of(path)) == len(path.read_text().splitlines()) - 1
    assert sum(fill.total or 0 for fill in fills) == Decimal("996.71")
    assert {fill.carrier for fill in fills} == {Carrier.PETROL}
    assert Counter(fill.is_full for fill in fills) == {True: 29, False: 3}


@pytest.mark.parametrize("name", LOGS)
def test_equal_files_have_equal_keys(shared_data: Path, name: str) -> None:
    """A second reading, with other line ends, yields the same keys."""
    path = shared_data / "logs" / name
    again = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    first = Counter(row.key for row in rows_of(path) if isinstance(row, ParsedFill))
    second = Counter(row.key for row in read(again, inspect(again)) if isinstance(row, ParsedFill))
    assert first == second
