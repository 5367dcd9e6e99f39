"""Drivvo: sections with localised headers, therefore read by position; up to three fuels in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, conclude
from fleetcore.imports.expenses import expense_plan
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.rows import Parsed, ParsedVehicle, SkippedRow, row_key
from fleetcore.imports.source import Record
from fleetcore.imports.tables import row_reader
from fleetcore.imports.words import Unreadable, answer, category_of, field_of, label, unit_in

from .base import Format, Head, decimal_or_none, detection_of, no_header, unknown_fuels, with_currency, with_units

__all__ = ["DRIVVO"]

TITLE = "Drivvo"
SECTIONS: Mapping[str, frozenset[str]] = {
    "refuelling": frozenset(
        [
            "refuelling",
            "refueling",
            "reabastecimiento",
            "abastecimento",
            "rifornimento",
            "tankowanie",
            "заправка",
            "betankung",
            "ravitaillement",
        ]
    ),
    "service": frozenset(["service", "servicio", "serviço", "servizio", "serwis", "entretien", "сервис", "wartung"]),
    "expense": frozenset(["expense", "gasto", "despesa", "spesa", "wydatek", "dépense", "расход", "ausgabe"]),
    "income": frozenset(["income", "ingreso", "receita", "entrata", "przychód", "revenu", "доход", "einnahme"]),
    "route": frozenset(["route", "ruta", "percurso", "trayecto", "percorso", "trasa", "trajet", "маршрут", "strecke"]),
    "vehicle": frozenset(
        [
            "vehicle",
            "vehículo",
            "vehiculo",
            "veículo",
            "veiculo",
            "veicolo",
            "pojazd",
            "véhicule",
            "автомобиль",
            "fahrzeug",
        ]
    ),
}
FUEL_WIDTH = 5  # fuel, price, total, volume, full
FIRST_FUEL, SECOND_FUEL, THIRD_FUEL = 2, 7, 12
NEW_WIDTH = 28
NEW = {"economy": 17, "charge": 19, "start_soc_percent": 20, "end_soc_percent": 21, "station_name": 23, "driver": 24,
       "notes": 27, "vehicle": 29}  # fmt: skip
OLD: Mapping[int, Mapping[str, int]] = {  # by the number of columns
    19: {"station_name": 17, "notes": 18},
    20: {"station_name": 17, "notes": 19},
    22: {"economy": 17, "station_name": 19, "notes": 21},
}
COST_NOTES: Mapping[int, int] = {6: 5, 7: 6}  # else 7, after place, driver and payment


@frozen(kw_only=True)
class DrivvoPlan:
    """What a Drivvo file told in the first pass."""

    conventions: Conventions
    rules: FillRules
    vehicle: str | None


def _section_of(record: Record) -> str | None:
    """Return the section that *record* opens; "?" for one of unknown name; None for any other record."""
    first = record[0].strip()
    if not first.startswith("#") or any(cell.strip() for cell in record[1:]):
        return None
    name = first.lstrip("# ").casefold()
    return next((section for section, names in SECTIONS.items() if name in names), "?")


def _score(head: Head) -> int:
    sections = [
        (_section_of(record), record[0].strip()) for record in head.records if record and record[0].startswith("#")
    ]
    known = [text for section, text in sections if section not in {None, "?"}]
    return 96 if known and not known[0].startswith("## ") else 0


def _fields(headers: Record, offset: int = FIRST_FUEL) -> dict[str, int]:
    """Return the columns of a refuelling whose fuel starts at column *offset*."""
    width = len(headers)
    fields = {"odometer": 0, "at": 1}
    fields |= {name: offset + place for place, name in enumerate(("fuel", "unit_price", "total", "quantity", "full"))}
    named: dict[str, int] = {}
    for index in range(THIRD_FUEL + FUEL_WIDTH, width):
        if (name := field_of(headers[index])) in {"notes", "station_name", "driver", "vehicle"}:
            named.setdefault(name, index)
    placed = NEW if width >= NEW_WIDTH else OLD.get(width, {})
    placed = {name: index for name, index in placed.items() if index < width and index not in named.values()}
    return {**fields, **placed, **named}


def _survey(records: Iterator[Record], options: Options) -> Detection:
    section, headers, vehicle = "", None, None
    tables: dict[str, tuple[Record, Survey]] = {}
    for record in records:
        if not record:
            continue
        if (name := _section_of(record)) is not None:
            section, headers = name, None
        elif headers is None:
            headers = [cell.strip() for cell in record]
            if section == "refuelling":
                tables[section] = headers, Survey(_fields(headers))
            elif section in {"service", "expense", "income"}:
                tables[section] = headers, Survey({"odometer": 0, "at": 1, "total": 2})
        elif section in tables:
            tables[section][1].add(record)
        elif section == "vehicle" and vehicle is None:
            vehicle = record[0].strip() or None
    if not tables:
        raise no_header(TITLE, [headers or []])
    return _concluded(tables, vehicle, options)


def _concluded(tables: Mapping[str, tuple[Record, Survey]], vehicle: str | None, options: Options) -> Detection:
    headers, survey = next(iter(tables.values()))
    for _, other in list(tables.values())[1:]:
        survey.merge(other)
    conventions, notes = conclude(survey, options, usual_order="dmy", usual_mark=".")
    economy = " ".join(survey.column("economy")[:50]) if "economy" in survey.fields else ""
    distance, volume = _units(headers, survey.fields, economy)
    conventions = with_units(conventions, options, distance, volume, notes)
    shown = {name: headers[index] for name, index in survey.fields.items() if index < len(headers)}
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    fuels, more = unknown_fuels(survey)
    unknown = sorted({text for text in survey.words.get("full", ()) if _full(text) is None})
    if unknown:
        more = [*more, f"{', '.join(map(repr, unknown[:5]))} is not known to mean a full tank; read as partial."]
    rules = FillRules(fuels=fuels, full=lambda text: bool(_full(text)))
    plan = DrivvoPlan(conventions=conventions, rules=rules, vehicle=vehicle)
    return detection_of(
        "drivvo", TITLE, options, conventions, plan=plan, notes=notes + more, mapping=shown, currency_sign=sign
    )


def _full(text: str) -> bool | None:
    try:
        return answer(text)
    except Unreadable:
        return None


def _units(headers: Record, fields: Mapping[str, int], economy: str) -> tuple[str | None, str | None]:
    """Return the units that headers tell, else those that the app's own economy is written in."""
    distance, volume = unit_in(headers[0]), None
    if "quantity" in fields and fields["quantity"] < len(headers):
        volume = unit_in(headers[fields["quantity"]]) or unit_in(headers[fields["unit_price"]])
    words = label(economy)
    if "mpg" in words:
        distance, volume = distance or "mi", volume or ("gal_uk" if "uk" in words or "imp" in words else "gal")
    elif "km" in words or "км" in words:
        volume = volume or ("kwh" if "kwh" in words else "l")
        distance = distance or "km"
    elif "mi" in words.split():
        distance = distance or "mi"
    return (distance if distance in {"km", "mi"} else None), volume


def _parse(records: Iterator[Record], detection: Detection) -> Iterator[Parsed]:
    plan: DrivvoPlan = detection.plan
    section, headers = "", None
    read: Callable[[int, Record], Iterator[Any]] = _nothing
    for row, cells in enumerate(records, 1):
        if not cells:
            continue
        if cells[0][:1] == "#" and (name := _section_of(cells)) is not None:
            section, headers = name, None
            continue
        if headers is None:
            headers = [cell.strip() for cell in cells]
            read = _row_reader(section, headers, plan)
            continue
        yield from read(row, cells)


def _nothing(_row: int, _cells: Record) -> Iterator[Any]:
    return iter(())


def _row_reader(section: str, headers: Record, plan: DrivvoPlan) -> Callable[[int, Record], Iterator[Any]]:
    if section == "refuelling":
        return _fill_reader(headers, plan)
    if section in {"service", "expense", "income"}:
        read = _cost_reader(section, headers, plan)
        return lambda row, cells: iter((read(row, cells),))
    if section == "vehicle":
        return _vehicle
    reason = "routes come with the trips area" if section == "route" else "this section is not known"
    return lambda row, _cells: iter((SkippedRow(row, reason),))


def _fill_reader(headers: Record, plan: DrivvoPlan) -> Callable[[int, Record], Iterator[Any]]:
    """Return a reader that yields the row's first fuel, and a further fill for each further fuel."""
    readers, columns = [], []
    mark = plan.conventions.decimal_mark
    for offset in (FIRST_FUEL, SECOND_FUEL, THIRD_FUEL):
        if offset + FUEL_WIDTH > len(headers):
            break
        fields = _fields(headers, offset)
        charge = fields.get("charge")
        current = (("current", lambda cells, column=charge: _current(cells[column])),) if charge is not None else ()
        rules = FillRules(
            fuels=plan.rules.fuels, full=plan.rules.full, fixed={"vehicle": plan.vehicle}, computed=current, loose=True
        )
        readers.append(row_reader(fill_plan(fields, plan.conventions, len(headers), rules)))
        columns.append(fields["quantity"])

    def amount(cells: Record, column: int) -> bool:
        value = decimal_or_none(cells[column].strip(), mark) if column < len(cells) else None
        return value is not None and value > 0

    def read(row: int, cells: Record) -> Iterator[Any]:
        further = [reader for reader, column in zip(readers[1:], columns[1:], strict=True) if amount(cells, column)]
        if not further or amount(cells, columns[0]):
            yield readers[0](row, cells)
        for reader in further:
            yield reader(row, cells)

    return read


def _current(text: str) -> str:
    words = set(label(text).split())
    return "DC" if words & {"dc", "fast", "ccs", "chademo"} else "AC" if words & {"ac", "slow", "home"} else ""


def _cost_reader(section: str, headers: Record, plan: DrivvoPlan) -> Callable[[int, Record], Any]:
    width = len(headers)
    named = {name: index for index in range(4, width) if (name := field_of(headers[index]))}
    fields = {"odometer": 0, "at": 1, "total": 2, "title": 3}
    fields["notes"] = named.get("notes", COST_NOTES.get(width, 7))
    fields |= {"place": 4} if width > 4 else {}
    fields |= {"vehicle": named["vehicle"]} if "vehicle" in named else {}
    fields = {name: index for name, index in fields.items() if index < width}

    def category(cells: Record) -> tuple[str, bool]:
        if section == "service":
            return "service", True
        return category_of(cells[3]) if section == "expense" else ("other", False)

    return row_reader(
        expense_plan(
            fields,
            headers,
            plan.conventions,
            category=category,
            fixed={"vehicle": plan.vehicle},
            income=lambda _cells: section == "income",
        )
    )


def _vehicle(row: int, cells: Record) -> Iterator[Any]:
    texts = [cell.strip() for cell in cells] + [""] * 6
    name, model, plate, _, year, notes = texts[:6]
    if not name:
        yield SkippedRow(row, "a vehicle without a name")
        return
    known = int(year) if len(year) == 4 and year.isdecimal() else None
    yield ParsedVehicle(row, row_key("vehicle", name, None), name, model=model, plate=plate, year=known, notes=notes)


DRIVVO = Format(
    name="drivvo",
    title=TITLE,
    how_to_export="In Drivvo open More, then Export to CSV, and send the file to yourself.",
    columns=(
        "By position, whatever the language: odometer, date, fuel, price per unit, total, quantity, full tank; then a "
        "second and a third fuel, economy, station, driver, notes; sections for services, expenses and income."
    ),
    score=_score,
    survey=_survey,
    parse=_parse,
)
