"""Fuelly: header with spaces, unit price, trip instead of odometer, and the older mixed export."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fleetcore.imports.rows import ParsedVehicle
from fleetcore.kernel.quantities import Distance, Volume

from .reading import detected, expenses_of, fills_of, rows_of

HEADER = (
    "car_name, model, mpg,  odometer, miles, gallons, price, city_percentage, fuelup_date, date_added, tags, notes, "
    "missed_fuelup, partial_fuelup, latitude, longitude\n"
)


def row(economy: str = "30", odometer: str = "9000", gallons: str = "10", *, missed: int = 0, partial: int = 0) -> str:
    """Write one fuel-up."""
    return (
        f"Van,Ford Transit,{economy},{odometer},300,{gallons},3.5,50,3/14/14,3/13/14 20:31,,ok,{missed},{partial},,\n"
    )


def test_price_is_per_gallon_and_the_total_is_exact() -> None:
    """The total is unit price times quantity, and the unit price is given per litre."""
    (fill,) = fills_of(HEADER + row())
    assert (fill.total, fill.unit_price) == (Decimal("35.0"), Decimal("0.924602183"))
    assert (fill.odometer, fill.trip, fill.quantity) == (Distance(14_484_096), Distance(482_803), Volume(37_854))


def test_flags_of_missed_and_partial() -> None:
    """partial_fuelup and missed_fuelup are 1 where true."""
    first, second = fills_of(HEADER + row(missed=1) + row(partial=1))
    assert (first.is_full, first.missed_previous) == (True, True)
    assert (second.is_full, second.missed_previous) == (False, False)


def test_a_row_without_odometer_keeps_its_trip() -> None:
    """The odometer is optional in Fuelly."""
    (fill,) = fills_of(HEADER + row(odometer=""))
    assert fill.odometer is None
    assert fill.trip == Distance(482_803)


def test_the_vehicle_comes_once_with_its_model() -> None:
    """Each car name is told once."""
    vehicles = [each for each in rows_of(HEADER + row() + row()) if isinstance(each, ParsedVehicle)]
    assert [(each.name, each.model) for each in vehicles] == [("Van", "Ford Transit")]


@pytest.mark.parametrize(("economy", "unit"), [("30", "gal_us"), ("36.03", "gal_us"), ("24.98", "gal_uk")])
def test_the_apps_own_economy_tells_the_gallon(economy: str, unit: str) -> None:
    """An mpg that is a fifth more or a sixth less than miles per gallon gives the gallon away."""
    assert detected(HEADER + row(economy=economy)).volume_unit == unit


def test_the_metric_export_reads_kilometres_and_litres() -> None:
    """The header l/100km comes with km and litres."""
    text = HEADER.replace("mpg", "l/100km").replace("miles", "km").replace("gallons", "litres") + row()
    (fill,) = fills_of(text)
    assert (fill.odometer, fill.quantity, fill.unit_price) == (Distance(9_000_000), Volume(10_000), Decimal("3.5"))


def test_the_variant_with_a_plain_date() -> None:
    """car_name,model,date,odometer,miles,gallons,price is accepted, its price being per unit."""
    text = "car_name,model,date,odometer,miles,gallons,price\nVan,Ford,2020-01-05,1000,300,20,2.5\n"
    (fill,) = fills_of(text)
    assert (detected(text).format, fill.total) == ("fuelly", Decimal("50.0"))


def test_the_date_is_month_first_where_nothing_else_tells() -> None:
    """The app writes month, day, year."""
    (fill,) = fills_of(HEADER + row().replace("3/14/14,", "3/4/14,"))
    assert (fill.at.month, fill.at.day) == (3, 4)


def test_the_older_export_mixes_fuel_and_services() -> None:
    """It is read by position; a service row becomes a cost."""
    text = (
        "Type,MPG,Date,Time,Vehicle,Odometer,Filled Up,Cost/Gallon,Gallons,Total Cost,Octane,Gas Brand,Location,Tags,"
        "Payment Type,Tire Pressure,Notes,Services\n"
        "Gas,25.1,2019-05-01,14:30,Van,10000,Full,2.5,12,30.00,Regular,Shell,Reno,,Visa,,fine,\n"
        "Gas,0,2019-05-09,09:00,Van,10200,Partial,2.5,5,12.50,Regular,,,,,,,\n"
        "Service,,2019-06-01,10:00,Van,10400,,,,89.90,,,Reno,,,,checked,Oil Change\n"
    )
    first, second = fills_of(text)
    assert (first.is_full, second.is_full, first.at.hour, first.station_brand) == (True, False, 14, "Shell")
    (cost,) = expenses_of(text)
    assert (cost.category, cost.title, cost.amount, cost.is_service) == (
        "service",
        "Oil Change",
        Decimal("89.90"),
        True,
    )
