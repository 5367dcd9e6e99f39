"""Decimal marks, date orders and encodings, judged over the whole file."""

# ruff: noqa: E501 (words and tables of several languages)

from __future__ import annotations

import pytest

from fleetcore.imports.numbers import decide_mark, normaliser, shape_of
from fleetcore.imports.words import Unreadable, currencies_of_sign, currency_in, fuel_of, unit_in
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.vehicles.carriers import Carrier

from .reading import detected, fills_of

HEADER = "Date,Odometer,Litres,Cost\n"


def dated(*rows: tuple[str, str]) -> str:
    """Write fills of the given dates and odometers."""
    return HEADER + "".join(f"{date},{odometer},20,30\n" for date, odometer in rows)


@pytest.mark.parametrize(
    ("columns", "mark"),
    [
        ({"odometer": ["47,671"], "quantity": ["22.44"]}, "."),
        ({"odometer": ["47.671"], "quantity": ["22,44"]}, ","),
        ({"odometer": ["47,671"], "quantity": ["20"]}, "."),
        ({"quantity": ["46,301"]}, ","),
        ({"quantity": ["0,301"]}, ","),
        ({"odometer": ["1,234,567"]}, "."),
        ({"odometer": ["1.234.567"]}, ","),
        ({"total": ["1.234,50"]}, ","),
        ({"total": ["1,234.50"]}, "."),
        ({"odometer": ["12345"]}, "."),
        ({"odometer": ["12 345,6"]}, ","),
    ],
)
def test_the_decimal_mark_is_judged_over_all_columns(columns: dict[str, list[str]], mark: str) -> None:
    """One sure cell anywhere decides; else the kind of column does."""
    shapes = {name: {shape_of(text) for text in texts} for name, texts in columns.items()}
    assert decide_mark(shapes)[0] == mark


@pytest.mark.parametrize(
    ("text", "mark", "plain"),
    [
        ("1.234,5", ",", "1234.5"),
        ("1 234,5", ",", "1234.5"),
        ("12'345.6", ".", "12345.6"),
        ("€ 79,78", ",", "79.78"),
        ("79.78 USD", ".", "79.78"),
        ("R$ 12,34", ",", "12.34"),
        ("Rs. 500", ".", "500"),
        ("-$3.50", ".", "-3.50"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("40,5 L", ",", "40.5"),
        ("1234 km", ".", "1234"),
    ],
)
def test_numbers_are_cleaned(text: str, mark: str, plain: str) -> None:
    """Signs and separators of thousands are taken off."""
    assert normaliser(mark)(text) == plain


@pytest.mark.parametrize("text", ["abc", "12abc", "x12", "1,23,4", "12 apples", "1.2.3", "", "--5", "1e5", "NaN"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Nothing is guessed from text that merely contains digits."""
    with pytest.raises(Unreadable):
        normaliser(".")(text)


def test_a_day_above_12_decides_the_order() -> None:
    """One date of the column is enough for all."""
    assert fills_of(dated(("01/02/2024", "1"), ("20/02/2024", "2")))[0].at.month == 2
    assert fills_of(dated(("01/02/2024", "1"), ("02/20/2024", "2")))[0].at.month == 1


def test_a_rising_odometer_decides_an_ambiguous_order() -> None:
    """Where both orders are possible, the one in which the odometer rises is taken, and told."""
    text = dated(("01/02/2024", "100"), ("05/01/2024", "50"), ("02/03/2024", "200"))
    assert fills_of(text)[0].at.month == 2
    assert any("odometer rises only in that order" in note for note in detected(text).notes)


def test_an_ambiguous_order_is_asked_for() -> None:
    """The message names the option."""
    with pytest.raises(Rejected, match="--date-order dmy"):
        detected(dated(("01/02/2024", ""), ("03/04/2024", "")))


def test_the_users_order_is_taken() -> None:
    """An option settles it."""
    assert fills_of(dated(("01/02/2024", "")), date_order="mdy")[0].at.month == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-10T16:01:05", "2024-03-10 16:01:05"),
        ("2024/03/10 16:01", "2024-03-10 16:01:00"),
        ("10.03.2024", "2024-03-10 00:00:00"),
        ("3/25/24 8:31 PM", "2024-03-25 20:31:00"),
        ("25-03-99", "1999-03-25 00:00:00"),
        ("10 Mar 2024", "2024-03-10 00:00:00"),
        ("March 10, 2024", "2024-03-10 00:00:00"),
        ("20240310", "2024-03-10 00:00:00"),
    ],
)
def test_dates_in_many_forms(text: str, expected: str) -> None:
    """Separators, two-digit years, names of months, morning and afternoon."""
    assert str(fills_of(f'Date;Odometer;Litres\n"{text}";1;20\n')[0].at) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_western_text_in_any_encoding(encoding: str) -> None:
    """Umlauts survive."""
    text = "Datum;Kilometerstand;Liter;Bemerkung\n2024-03-05;100;20;schön für Größe\n".encode(encoding)
    assert fills_of(text)[0].notes == "schön für Größe"


def test_cyrillic_code_page() -> None:
    """Runs of high bytes are Cyrillic words."""
    text = "Дата;Пробег;Литры;Примечание\n2024-03-05;100;20;полный бак\n".encode("cp1251")
    assert (detected(text).encoding, fills_of(text)[0].notes) == ("cp1251", "полный бак")


def test_a_late_foreign_byte_changes_the_encoding_of_the_whole() -> None:
    """The whole file is looked at, not its first part."""
    rows = b"2024-03-05;100;20;plain\n" * 20_000
    data = b"Datum;Kilometerstand;Liter;Bemerkung\n" + rows + "2024-03-06;200;20;schön\n".encode("cp1252")
    assert detected(data).encoding == "cp1252"


def test_excels_separator_line_is_passed_over() -> None:
    """A line like sep=; is for Excel."""
    assert fills_of("sep=;\nDate;Odometer;Litres\n2024-01-01;100;20,5\n")[0].quantity == Volume(20_500)


def test_bare_carriage_returns() -> None:
    """Old spreadsheets end lines with CR alone."""
    assert fills_of("Date,Odometer,Litres\r2024-01-01,100,20\r2024-01-02,200,20\r")[1].odometer == Distance(200_000)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Odo (mi)", "mi"), ("Fuel (us gallons)", "gal_us"), ("Fuel (uk gallons)", "gal_uk"), ("kg", "kg"), ("l/100km", "l"),
        ("Gallons", "gal"), ("gal (US)", "gal_us"), ("Одометр (км)", "km"), ("Energy kWh", "kwh"), ("Notes", None),
    ],
)  # fmt: skip
def test_units_of_headers(text: str, unit: str | None) -> None:
    """The unit is in the header's text."""
    assert unit_in(text) == unit


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        ("Gasoline - Regular (87)", Carrier.PETROL), ("Premium Diesel", Carrier.DIESEL), ("Бензин АИ 92", Carrier.PETROL),
        ("GNV", Carrier.CNG), ("Autogas", Carrier.LPG), ("Elektrisch", Carrier.ELECTRICITY), ("AdBlue", Carrier.ADBLUE),
        ("premium_gas", Carrier.PETROL), ("Ropa", None), ("", None),
    ],
)  # fmt: skip
def test_names_of_fuels(text: str, carrier: Carrier | None) -> None:
    """Fuels are known by their words in several languages."""
    assert fuel_of(text)[0] is carrier


def test_signs_of_currencies() -> None:
    """A sign of one currency is that currency; of several, it is left open."""
    assert currency_in("79,78 €") == ("EUR", "€")
    assert currency_in("$3.50") == (None, "$")
    assert currency_in("Total (PLN)") == ("PLN", "PLN")
    assert currencies_of_sign("$")[0] == "USD"
