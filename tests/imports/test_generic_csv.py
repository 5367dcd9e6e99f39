"""Any CSV with a header: automatic columns, the user's mapping, the meaning of a price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fleetcore.imports.rows import ParsedReading
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.quantities import Distance, Energy, Volume
from fleetcore.vehicles.carriers import Carrier

from .reading import detected, expenses_of, fills_of, rows_of


@pytest.mark.parametrize(
    "header",
    [
        "Datum;Kilometerstand;Liter;Betrag",
        "Fecha;Odómetro;Litros;Importe",
        "Date;Compteur;Litres;Montant",
        "Data;Przebieg;Litry;Kwota",
        "Дата;Пробег;Литры;Сумма",
        "Data;Quilometragem;Litros;Valor total",
        "Data;Chilometri;Litri;Importo",
    ],
)
def test_headers_in_several_languages(header: str) -> None:
    """The same four columns are found in each."""
    (fill,) = fills_of(header + "\n2024-03-05;12345;45,2;79,78\n")
    assert (fill.odometer, fill.quantity, fill.total) == (Distance(12_345_000), Volume(45_200), Decimal("79.78"))


def test_pence_per_litre_make_pounds() -> None:
    """PPL is in pence and the plain price is then the total."""
    (fill,) = fills_of(
        'Date,Mileage,Liters,PPL,Fuel Type,Price,Filled Tank\n20/12/2022,"47,671",22.44,139.90,E10,31.39,Y\n'
    )
    assert (fill.unit_price, fill.total, fill.currency) == (Decimal("1.399"), Decimal("31.39"), "GBP")
    assert (fill.odometer, fill.carrier, fill.grade) == (Distance(76_719_038), Carrier.PETROL, "E10")


def test_the_users_mapping_names_columns_by_header_or_number() -> None:
    """A header or its position will do."""
    text = "When,Clock,Filled\n2024-01-01,100,20\n"
    (fill,) = fills_of(text, mapping={"at": "when", "odometer": "2", "quantity": "Filled"})
    assert (fill.odometer, fill.quantity) == (Distance(100_000), Volume(20_000))


def test_a_mapping_to_a_missing_column_lists_the_columns() -> None:
    """The message names what was asked for and what is there."""
    with pytest.raises(Rejected, match=r"there is no column 'Wen'; columns found: 'When', 'Clock'"):
        rows_of("When,Clock\n2024-01-01,100\n", mapping={"at": "Wen", "odometer": "Clock"})


def test_a_mapping_of_an_unknown_field_lists_the_fields() -> None:
    """A slip in a field's name is told."""
    with pytest.raises(Rejected, match=r"mapping.odometre: is no field; choose from"):
        rows_of("When,Clock\n2024-01-01,100\n", mapping={"at": "When", "odometre": "Clock"})


@pytest.mark.parametrize(
    ("prices", "total"), [(("30", "62", "16"), Decimal(30)), (("1.5", "1.51", "1.49"), Decimal("30.0"))]
)
def test_a_lone_price_is_judged_by_what_varies_less(prices: tuple[str, str, str], total: Decimal) -> None:
    """Per unit people pay much the same; in total they do not."""
    rows = "".join(
        f"2024-01-0{i},{i}00,{q},{p}\n" for i, (q, p) in enumerate(zip((20, 40, 10), prices, strict=True), 1)
    )
    assert fills_of("date,odometer,liters,price\n" + rows)[0].total == total


def test_title_lines_above_the_header_are_passed_over() -> None:
    """Spreadsheets often carry a heading."""
    (fill,) = fills_of("My car 2024,,,\n,,,\nDate,Odometer,Litres,Cost\n2024-01-01,100,20,30\n")
    assert fill.row == 4


def test_an_unknown_fuel_is_taken_for_the_only_known_one() -> None:
    """It is told in the notes."""
    text = "Date,Odometer,Litres,Fuel Type\n2024-01-01,1,20,E10\n2024-01-02,2,20,Supreme\n"
    assert [fill.carrier for fill in fills_of(text)] == [Carrier.PETROL, Carrier.PETROL]
    assert any("'Supreme' is not known" in note for note in detected(text).notes)


def test_an_unknown_fuel_among_several_stays_unknown() -> None:
    """Nothing is guessed where the file has two carriers."""
    text = "Date,Odometer,Litres,Fuel Type\n2024-01-01,1,20,E10\n2024-01-02,2,20,Diesel\n2024-01-03,3,20,Zorp\n"
    assert fills_of(text)[2].carrier is None


def test_kilowatt_hours_are_charges() -> None:
    """A quantity in kWh is electricity."""
    (fill,) = fills_of("Date,Odometer (km),kWh,Cost (EUR)\n2024-01-01,100,20.5,5\n")
    assert (fill.quantity, fill.carrier, fill.currency) == (Energy(20_500), Carrier.ELECTRICITY, "EUR")


def test_a_file_without_quantities_holds_costs() -> None:
    """Category and title are read."""
    (cost,) = expenses_of("Date,Category,Cost,Notes\n2024-01-01,Car wash,9.50,good\n")
    assert (cost.category, cost.amount, cost.notes) == ("wash", Decimal("9.50"), "good")


def test_a_file_of_readings() -> None:
    """Date and odometer alone are readings."""
    (reading,) = rows_of("Date,Odometer (mi)\n2024-01-01,100\n")
    assert isinstance(reading, ParsedReading)
    assert reading.odometer == Distance(160_934)


def test_a_file_without_a_full_column_has_only_full_fills() -> None:
    """And the notes say so."""
    text = "Date,Odometer,Litres\n2024-01-01,100,20\n"
    assert fills_of(text)[0].is_full
    assert "No column says full or partial; every fill is read as full." in detected(text).notes


def test_units_of_the_user_win() -> None:
    """Options override what the header suggests."""
    text = "Date,Mileage,Gallons\n2024-01-01,100,10\n"
    (fill,) = fills_of(text, distance_unit="km", volume_unit="gal_uk")
    assert (fill.odometer, fill.quantity) == (Distance(100_000), Volume(45_461))


def test_price_0_is_a_fill() -> None:
    """Free fuel is fuel."""
    (fill,) = fills_of("Date,Odometer,Litres,Cost\n2024-01-01,100,20,0\n")
    assert fill.total == 0


def test_a_column_called_km_is_the_odometer_where_its_values_are_large() -> None:
    """Nobody drives that far on a tank."""
    (fill,) = fills_of("Date,Km,Litres,Cost\n2024-01-01,45000,20,30\n")
    assert (fill.odometer, fill.trip) == (Distance(45_000_000), None)


def test_a_column_called_km_is_the_trip_where_its_values_are_small() -> None:
    """Some people note only the distance since the last fill."""
    (fill,) = fills_of("Date,Km,Litres,Cost\n2024-01-01,450,20,30\n")
    assert (fill.odometer, fill.trip) == (None, Distance(450_000))


def test_the_plainer_word_is_the_quantity() -> None:
    """A consumption beside litres is the economy; a fuel beside litres is its name."""
    (fill,) = fills_of("Date,Odometer,Consumption,Litres,Fuel,Amount\n2024-01-01,450,5.5,20,Diesel,30\n")
    assert (fill.quantity, fill.carrier, fill.total) == (Volume(20_000), Carrier.DIESEL, Decimal(30))


def test_an_amount_in_litres_is_a_quantity() -> None:
    """The unit in the header tells it from money."""
    (fill,) = fills_of("Date,Odometer,Amount (L),Total\n2024-01-01,450,20,30\n")
    assert (fill.quantity, fill.total) == (Volume(20_000), Decimal(30))
