"""Fuelio's sections, units by header, second tank, costs and zip."""

# ruff: noqa: E501 (lines as long as the app writes them)

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

from fleetcore.imports.rows import ParsedStation, ParsedVehicle
from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.vehicles.carriers import Carrier

from .reading import detected, expenses_of, fills_of, problems_of, rows_of, skipped_of

VEHICLE = (
    '"## Vehicle"\n'
    '"Name","Description","DistUnit","FuelUnit","ConsumptionUnit","ImportCSVDateFormat","VIN","Insurance","Plate","Make",'
    '"Model","Year","TankCount","Tank1Type","Tank2Type","Active","Tank1Capacity","Tank2Capacity","FuelUnitTank2",'
    '"FuelConsumptionTank2","guid","lastupdated"\n'
)
ONE_TANK = '"Kombi","blue","0","0","0","yyyy-MM-dd","VIN1","","B-AB 1","Opel","Astra","2014","1","100","0","1","52.0","0","0","0","g","1"\n'
TWO_TANKS = '"Gas","","0","4","3","yyyy-MM-dd","","","","Fiat","Doblo","2012","2","500","100","1","20.0","22.0","0","3","g","1"\n'
LOG = (
    '"## Log"\n"Data","Odo ({distance})","{volume}","Full","Price (optional)","l/100km (optional)","latitude (optional)",'
    '"longitude (optional)","City (optional)","Notes (optional)","Missed","TankNumber","FuelType","VolumePrice",'
    '"StationID (optional)","ExcludeDistance","UniqueId","TankCalc","Weather","guid","lastupdated"\n'
)
COSTS = (
    '"## CostCategories"\n"CostTypeID","Name","priority","color"\n"7","Maut","0",""\n"40","Reifen","0",""\n'
    '"41","Pflege","0",""\n"## Costs"\n"CostTitle","Date","Odo","CostTypeID","Notes","Cost","flag","idR","read",'
    '"RemindOdo","RemindDate","isTemplate","RepeatOdo","RepeatMonths","isIncome","UniqueId"\n'
)


def cost(title: str, kind: str, amount: str, *, template: str = "0", income: str = "0") -> str:
    """Write one row of costs."""
    return f'"{title}","2024-02-01 10:00","5000","{kind}","","{amount}","0","0","1","0","2011-01-01","{template}","0","0","{income}","1"\n'


def log(*rows: str, distance: str = "km", volume: str = "Fuel (litres)") -> str:
    """Write the log section."""
    return LOG.format(distance=distance, volume=volume) + "".join(row + "\n" for row in rows)


def fill(
    at: str = "2024-03-10 16:01", quantity: str = "40.5", full: str = "1", *, tank: str = "1", code: str = "0"
) -> str:
    """Write one row of the log."""
    return f'"{at}","10500.5","{quantity}","{full}","60.75","7","52.5","13.4","Berlin","top up","1","{tank}","{code}","1.5","77","12.0","3","0.0","","g","1"'


def test_a_row_of_the_log_becomes_a_fill_with_its_vehicle() -> None:
    """Every column of the log that we know lands in the fill."""
    (found,) = fills_of(VEHICLE + ONE_TANK + log(fill()))
    assert (found.vehicle, found.odometer, found.quantity) == ("Kombi", Distance(10_500_500), Volume(40_500))
    assert (found.total, found.unit_price, found.carrier) == (Decimal("60.75"), Decimal("1.5"), Carrier.PETROL)
    assert (found.missed_previous, found.excluded_distance, found.place) == (True, Distance(12_000), "Berlin")
    assert (found.station_provider, found.station_external_id, found.has_time) == ("fuelio", "77", True)


def test_the_vehicle_section_becomes_a_vehicle() -> None:
    """Make, model, plate, capacity and fuel are read."""
    vehicle = next(
        row for row in rows_of(VEHICLE + TWO_TANKS + log(fill(), volume="kg")) if isinstance(row, ParsedVehicle)
    )
    assert (vehicle.name, vehicle.make, vehicle.year) == ("Gas", "Fiat", 2012)
    assert vehicle.carriers == (Carrier.CNG, Carrier.PETROL)
    assert vehicle.tank_capacities == (Mass(20_000), Volume(22_000))


def test_full_2_is_an_estimate_and_therefore_partial() -> None:
    """Only 1 is a full tank."""
    found = fills_of(log(fill(full="0"), fill(full="1"), fill(full="2")))
    assert [each.is_full for each in found] == [False, True, False]


def test_the_header_names_miles_and_gallons() -> None:
    """The header's units win over the codes of the vehicle section."""
    for header, millilitres in (("Fuel (us gallons)", 37_854), ("Fuel (uk gallons)", 45_461)):
        text = VEHICLE + ONE_TANK + log(fill(quantity="10"), distance="mi", volume=header)
        (found,) = fills_of(text)
        assert (found.odometer, found.quantity) == (Distance(16_898_917), Volume(millilitres))


def test_a_gallon_price_becomes_a_litre_price() -> None:
    """The price per unit is always per litre."""
    (found,) = fills_of(log(fill(), volume="Fuel (us gallons)"))
    assert found.unit_price == Decimal("0.396258079")


def test_the_second_tank_has_a_unit_of_its_own() -> None:
    """A header of kg speaks of tank 1; the petrol of tank 2 is litres."""
    text = VEHICLE + TWO_TANKS + log(fill(quantity="14", code="501"), fill(tank="2", code="110"), volume="kg")
    first, second = fills_of(text)
    assert (first.quantity, first.carrier) == (Mass(14_000), Carrier.CNG)
    assert (second.quantity, second.carrier, second.grade) == (Volume(40_500), Carrier.PETROL, "95")


def test_without_a_vehicle_section_the_fuel_code_decides_the_unit() -> None:
    """A log alone under a header of kg still knows that petrol is sold in litres."""
    _, second = fills_of(log(fill(quantity="14", code="501"), fill(tank="2", code="110"), volume="kg"))
    assert second.quantity == Volume(40_500)


def test_electricity_is_energy_whatever_the_header_says() -> None:
    """Codes 601 and 602 are charges."""
    (found,) = fills_of(log(fill(code="601")))
    assert (found.quantity, found.carrier) == (Energy(40_500), Carrier.ELECTRICITY)


def test_the_log_alone_is_recognised() -> None:
    """A file that starts with the log's header, unquoted, is Fuelio's."""
    text = log(fill()).split("\n", 1)[1].replace('"', "")
    assert detected(text).format == "fuelio"
    assert len(fills_of(text)) == 1


def test_a_negative_quantity_is_a_problem_of_its_row_alone() -> None:
    """A bad row is listed and the next one read."""
    text = log(fill(quantity="-3"), fill())
    assert problems_of(text) == {3: {"quantity": "out_of_range"}}
    assert len(fills_of(text)) == 1


def test_costs_get_our_categories() -> None:
    """The app's own categories by number, other names by their words, unknown ones as they are."""
    text = VEHICLE + ONE_TANK + COSTS + cost("A4", "7", "12.5") + cost("New", "40", "300") + cost("Wax", "41", "9")
    found = expenses_of(text)
    assert [(each.category, each.is_service, each.amount) for each in found] == [
        ("toll", False, Decimal("12.5")),
        ("tyres", True, Decimal(300)),
        ("Pflege", False, Decimal(9)),
    ]
    assert found[0].raw["CostTitle"] == "A4"


def test_templates_are_skipped_with_a_reason() -> None:
    """A cost of nothing, and a template for repetition, are no facts."""
    found = skipped_of(VEHICLE + ONE_TANK + COSTS + cost("MOT", "7", "0.0") + cost("Tax", "7", "9", template="1"))
    assert [each.reason for each in found] == [
        "a template or reminder without a cost",
        "a template for repeated costs",
    ]


def test_income_is_marked() -> None:
    """Money earned is marked by isIncome 1."""
    (found,) = expenses_of(VEHICLE + ONE_TANK + COSTS + cost("Fare", "41", "20", income="1"))
    assert found.is_income


def test_favourite_stations_name_the_station_of_a_fill() -> None:
    """The section comes after the log, yet its names are known."""
    text = (
        log(fill()) + '"## FavStations"\n"NameBrand","Latitude","Longitude","StationID","Description","CountryCode"\n'
    )
    text += '"Aral","52.5","13.4","77","Street 1","DEU"\n'
    assert fills_of(text)[0].station_name == "Aral"
    station = next(row for row in rows_of(text) if isinstance(row, ParsedStation))
    assert (station.name, station.external_id, station.country) == ("Aral", "77", "DEU")


def test_unknown_sections_are_counted() -> None:
    """A section of a later version is told, not lost in silence."""
    text = log(fill()) + '"## TripLog"\n"A","B"\n"1","2"\n'
    assert [each.reason for each in skipped_of(text)] == ["the section 'triplog' is not imported"]


def test_the_date_format_of_the_vehicle_section_settles_the_order() -> None:
    """Where every date can be read both ways, the app's own format decides."""
    text = VEHICLE + ONE_TANK.replace("yyyy-MM-dd", "dd/MM/yyyy") + log(fill(at="03/04/2024 10:00"))
    assert fills_of(text)[0].at.month == 4


def test_a_zip_holds_one_file_per_vehicle() -> None:
    """Every CSV of a backup is read, and each has its own detection."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("vehicle-1-sync.csv", VEHICLE + ONE_TANK + log(fill()))
        archive.writestr("vehicle-2-sync.csv", VEHICLE + TWO_TANKS + log(fill(code="501"), volume="kg"))
        archive.writestr("pictures.data", b"\0\1")
    assert [fill.vehicle for fill in fills_of(buffer.getvalue())] == ["Kombi", "Gas"]
    assert [part.member for part in detected(buffer.getvalue()).parts] == ["vehicle-1-sync.csv", "vehicle-2-sync.csv"]
