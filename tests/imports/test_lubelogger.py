"""LubeLogger: one table per file, units judged by its own economy."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fleetcore.imports.rows import ParsedReading
from fleetcore.kernel.quantities import Distance, Volume

from .reading import detected, expenses_of, fills_of, rows_of, skipped_of

GAS = "Date,Odometer,FuelConsumed,Cost,FuelEconomy,IsFillToFull,MissedFuelUp,Notes,Tags\n"
ROWS = "{a},10000,40,70.5,0,True,False,,\n{b},10900,45,80,{economy},True,False,trip,long far\n"


def gas(economy: str) -> str:
    """Write two fills, the second with the app's own economy."""
    return GAS + ROWS.format(a="2024-01-05", b="2024-01-25", economy=economy)


@pytest.mark.parametrize(
    ("economy", "units"),
    [("5", ("km", "l")), ("20", ("mi", "gal_us")), ("90.92", ("mi", "l"))],
)
def test_the_apps_economy_tells_the_units(economy: str, units: tuple[str, str]) -> None:
    """Litres per 100 km, miles per gallon, and imperial miles per gallon of stored litres."""
    found = detected(gas(economy))
    assert (found.distance_unit, found.volume_unit) == units


def test_a_fill() -> None:
    """Cost is the total, tags are split at spaces."""
    _, fill = fills_of(gas("5"))
    assert (fill.odometer, fill.quantity, fill.total) == (Distance(10_900_000), Volume(45_000), Decimal(80))
    assert (fill.is_full, fill.missed_previous, fill.tags) == (True, False, ("long", "far"))


def test_odometer_0_is_unknown() -> None:
    """A row may leave the odometer out."""
    assert fills_of(gas("5").replace("10900", "0"))[1].odometer is None


def test_a_row_without_fuel_is_skipped() -> None:
    """Nothing filled is no fill."""
    assert [each.reason for each in skipped_of(gas("5").replace(",40,", ",0,"))] == ["no fuel was filled"]


def test_services_and_taxes_become_costs() -> None:
    """The columns tell the one from the other."""
    service = "Date,Description,Cost,Notes,Odometer,Tags\n2024-01-13,Oil,$45.50,,12000,\n"
    tax = "Date,Description,Cost,Notes,Tags\n2024-01-13,Road tax,$180.00,,\n"
    (first,), (second,) = expenses_of(service), expenses_of(tax)
    assert (first.category, first.is_service, first.amount) == ("service", True, Decimal("45.50"))
    assert (second.category, second.is_service, second.title) == ("tax", False, "Road tax")


def test_odometer_records_are_readings() -> None:
    """They say a reading and nothing else."""
    (reading,) = rows_of("Date,InitialOdometer,Odometer,Notes,Tags\n2024-01-13,100,250,x,\n")
    assert isinstance(reading, ParsedReading)
    assert (reading.odometer, reading.notes) == (Distance(250_000), "x")


def test_supplies_plans_and_equipment_are_skipped() -> None:
    """They are recognised and counted."""
    for header in (
        "Date,PartNumber,PartSupplier,PartQuantity,Description,Notes,Cost,Tags",
        "DateCreated,DateModified,Description,Notes,Type,Priority,Progress,Cost",
        "Description,Notes,Tags,IsEquipped",
    ):
        text = header + "\n" + ",".join(["x"] * (header.count(",") + 1)) + "\n"
        assert len(skipped_of(text)) == 1, header
