"""Drivvo: by position in any language, several fuels in a row, old and new widths."""

# ruff: noqa: RUF001, E501 (a Russian export, in the lines that it has)

from __future__ import annotations

from decimal import Decimal

from fleetcore.imports.rows import ParsedVehicle
from fleetcore.kernel.quantities import Distance, Energy, Volume
from fleetcore.vehicles.carriers import Carrier

from .reading import detected, expenses_of, fills_of, problems_of, rows_of, skipped_of

NEW_HEADER = (
    '"Одометр (км)","Дата","Топливо","Цена / л","Итоговая стоимость","Объем","Полный бак","Второе топливо","Цена / л",'
    '"Итоговая стоимость","Объем","Полный бак" 2,"Третье топливо","Цена / л","Итоговая стоимость","Объем","Полный бак" 3,'
    '"Расход","Расстояние","Тип зарядки","SoC 1","SoC 2","Минуты","АЗС","Водитель","Причина","Оплата","Примечание","Скидка"\n'
)


def row(
    *, odometer: str = "50100.0", full: str = "Да", second: str = '"","0","0","0","Нет"', fuel: str = "Бензин АИ95"
) -> str:
    """Write one refuelling of the new layout."""
    return (
        f'"{odometer}","2025-08-24 17:37:33","{fuel}","55","2200","40","{full}",{second},"","0","0","0","Нет",'
        '"6,414 л/100км","623","","20","80","30","Lukoil","Ivan","","Card","long way","0"\n'
    )


def test_a_localised_export_is_read_by_position() -> None:
    """Neither the language nor the malformed header cell matters."""
    (fill,) = fills_of("##Refuelling\n" + NEW_HEADER + row())
    assert (fill.odometer, fill.quantity, fill.total) == (Distance(50_100_000), Volume(40_000), Decimal(2200))
    assert (fill.carrier, fill.grade, fill.is_full) == (Carrier.PETROL, "Бензин АИ95", True)
    assert (fill.station_name, fill.driver, fill.notes) == ("Lukoil", "Ivan", "long way")
    assert (fill.start_soc_percent, fill.end_soc_percent) == (20, 80)


def test_the_second_fuel_becomes_a_further_fill() -> None:
    """Two fuels in one row are two fills at one odometer."""
    first, second = fills_of("##Refuelling\n" + NEW_HEADER + row(second='"Газ","30","600","20","Нет"'))
    assert (second.carrier, second.quantity, second.total, second.is_full) == (
        Carrier.LPG, Volume(20_000), Decimal(600), False,
    )  # fmt: skip
    assert first.odometer == second.odometer
    assert first.key != second.key


def test_yes_is_known_in_many_languages() -> None:
    """A word for yes is a full tank, a word for no is not."""
    text = "##Refuelling\n" + NEW_HEADER + "".join(row(full=word) for word in ("Sim", "Tak", "Ja", "Não", "Nie"))
    assert [fill.is_full for fill in fills_of(text)] == [True, True, True, False, False]


def test_a_word_that_is_not_known_is_told() -> None:
    """It counts as partial, and the notes say so."""
    notes = detected("##Refuelling\n" + NEW_HEADER + row(full="Blah")).notes
    assert any("'Blah' is not known to mean a full tank" in note for note in notes)


def test_electricity_is_energy() -> None:
    """A charge is read in kilowatt-hours."""
    (fill,) = fills_of("##Refuelling\n" + NEW_HEADER + row(fuel="Elétrico"))
    assert fill.quantity == Energy(40_000)


def test_the_older_form_of_twenty_columns() -> None:
    """Station and note stand at the end."""
    header = ",".join(f"c{index}" for index in range(20))
    text = f"##Refuelling\n{header}\n12345,5/3/2024,Gasolina,1.85,55.50,30.0,Si,,0,0,0,No,,0,0,0,No,Shell,work,far\n"
    (fill,) = fills_of(text + text.splitlines()[-1].replace("5/3/2024", "25/3/2024").replace("12345", "12745"))[:1]
    assert (fill.at.month, fill.at.day, fill.station_name, fill.notes) == (3, 5, "Shell", "far")


def test_services_expenses_and_income_become_costs() -> None:
    """Each section has its own meaning; a zero odometer is unknown."""
    text = (
        "##Refuelling\n" + NEW_HEADER + row()
        + "##Service\nOdometer,Date,Cost,Type,Place,Notes\n12500,2024-03-10 10:00:00,150.00,Oil change,ASO,regular\n"
        + "##Expense\nOdometer,Date,Cost,Type,Place,Reason,Notes\n0,2024-03-15 10:00:00,45.00,Parking,Centre,,pass\n"
        + "##Income\nOdometer,Date,Value,Type,Place,Notes\n12700,2024-03-16 10:00:00,20,Ride,,\n"
    )  # fmt: skip
    service, parking, income = expenses_of(text)
    assert (service.category, service.title, service.is_service, service.notes) == (
        "service",
        "Oil change",
        True,
        "regular",
    )
    assert (parking.category, parking.odometer, parking.notes, parking.place) == ("parking", None, "pass", "Centre")
    assert income.is_income


def test_the_vehicle_section_names_every_fill() -> None:
    """It stands at the end, yet its name is known from the start."""
    text = (
        "##Refuelling\n" + NEW_HEADER + row() + "##Vehicle\nName,Model,Plate,x,Year,Notes\nLada,Vesta,A 1,,2019,grey\n"
    )
    assert fills_of(text)[0].vehicle == "Lada"
    vehicle = next(each for each in rows_of(text) if isinstance(each, ParsedVehicle))
    assert (vehicle.model, vehicle.plate, vehicle.year) == ("Vesta", "A 1", 2019)


def test_routes_are_skipped_with_a_reason() -> None:
    """Trips are counted, not lost in silence."""
    text = "##Refuelling\n" + NEW_HEADER + row() + "##Route\nA,B\n1,2\n"
    assert [each.reason for each in skipped_of(text)] == ["routes come with the trips area"]


def test_an_old_export_with_one_hash_and_spanish_sections() -> None:
    """Section names may be localised too."""
    text = "#Reabastecimiento\n" + NEW_HEADER + row() + "#Servicio\na,b,c,d,e,f\n1,2024-03-10 10:00:00,5,x,y,z\n"
    assert detected(text).format == "drivvo"
    assert len(fills_of(text)) == len(expenses_of(text)) == 1


def test_a_bad_row_lists_its_problems() -> None:
    """Text where numbers belong is told by field."""
    text = "##Refuelling\n" + NEW_HEADER + row(odometer="far") + row()
    assert problems_of(text) == {3: {"odometer": "unreadable"}}
