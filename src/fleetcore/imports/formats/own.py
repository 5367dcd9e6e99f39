"""fleetcore's own CSV: one table of fills, expenses or readings, always metric, ISO dates, decimal point."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TextIO, TypeVar

from fleetcore.imports import numbers
from fleetcore.imports.detection import Conventions, Detection, Options, conclude
from fleetcore.imports.expenses import expense_plan, reading_plan
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.rows import ParsedExpense, ParsedFill, ParsedReading
from fleetcore.imports.source import Record
from fleetcore.imports.tables import Plan
from fleetcore.imports.words import SERVICE_CATEGORIES, Unreadable, answer
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.vehicles.carriers import Carrier

from .base import Format, Head, TablePlan, detection_of, parse_table, survey_table

__all__ = [
    "EXPENSE_COLUMNS",
    "FILL_COLUMNS",
    "OWN",
    "READING_COLUMNS",
    "write_expenses",
    "write_fills",
    "write_readings",
]

T = TypeVar("T")
TITLE = "fleetcore CSV"
FILL_FIELDS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "at": "at",
    "odometer_km": "odometer",
    "trip_km": "trip",
    "carrier": "carrier",
    "volume_l": "quantity",
    "mass_kg": "mass",
    "energy_kwh": "energy",
    "unit_price": "unit_price",
    "total": "total",
    "currency": "currency",
    "is_full": "full",
    "missed_previous": "missed_previous",
    "excluded_distance_km": "excluded_distance",
    "grade": "grade",
    "station": "station_name",
    "station_brand": "station_brand",
    "station_provider": "station_provider",
    "station_external_id": "station_external_id",
    "station_address": "station_address",
    "latitude": "latitude",
    "longitude": "longitude",
    "place": "place",
    "notes": "notes",
    "tags": "tags",
    "start_soc_percent": "start_soc_percent",
    "end_soc_percent": "end_soc_percent",
    "is_home": "is_home",
    "current": "current",
    "driver": "driver",
}
EXPENSE_FIELDS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "at": "at",
    "odometer_km": "odometer",
    "category": "category",
    "title": "title",
    "amount": "total",
    "currency": "currency",
    "is_income": "income",
    "is_service": "service",
    "place": "place",
    "notes": "notes",
    "tags": "tags",
}
READING_FIELDS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "at": "at",
    "odometer_km": "odometer",
    "notes": "notes",
    "tags": "tags",
}
FILL_COLUMNS = tuple(FILL_FIELDS)
EXPENSE_COLUMNS = tuple(EXPENSE_FIELDS)
READING_COLUMNS = tuple(READING_FIELDS)
MEASURES = {"l": "quantity", "kg": "mass", "kwh": "energy"}
QUANTITIES = {"volume_l": "l", "mass_kg": "kg", "energy_kwh": "kwh"}


def _fields(record: Record) -> dict[str, int] | None:
    columns = {cell.strip().casefold(): index for index, cell in enumerate(record)}
    if not {"at"} <= columns.keys():
        return None
    if columns.keys() & QUANTITIES.keys() and columns.keys() <= FILL_FIELDS.keys():
        known = FILL_FIELDS
    elif "amount" in columns and columns.keys() <= EXPENSE_FIELDS.keys():
        known = EXPENSE_FIELDS
    elif "odometer_km" in columns and columns.keys() <= READING_FIELDS.keys():
        known = READING_FIELDS
    else:
        return None
    return {known[name]: index for name, index in columns.items()}


def _score(head: Head) -> int:
    return 100 if _fields(head.first) else 0


def _survey(records: Iterator[Record], options: Options) -> Detection:
    row, headers, survey = survey_table(records, _fields, TITLE)
    conventions, notes = conclude(survey, options, usual_mark=".")
    fields = {name: index for name, index in survey.fields.items() if name not in {"mass", "energy"}}
    if survey.fields.keys() & {"quantity", "mass", "energy"}:
        plan = _fill_plan(headers, fields, conventions)
    elif "total" in fields:
        plan = _expense_plan(headers, fields, conventions)
    else:
        plan = reading_plan(fields, conventions, len(headers))
    table = TablePlan(header_row=row, headers=headers, fields=fields, plan=plan)
    shown = {name: headers[index] for name, index in survey.fields.items()}
    return detection_of("fleetcore", TITLE, options, conventions, plan=table, notes=notes, mapping=shown)


def _carrier(text: str) -> Carrier | None:
    text = text.strip().casefold()
    if not text:
        return None
    try:
        return Carrier(text)
    except ValueError:
        raise Unreadable(f"{text!r} is not one of {', '.join(Carrier)}") from None


def _fill_plan(headers: Record, fields: dict[str, int], conventions: Conventions) -> Plan:
    columns = {name.casefold(): index for index, name in enumerate(headers)}
    measures = [(columns[name], unit) for name, unit in QUANTITIES.items() if name in columns]
    readers = [
        (index, numbers.quantity_reader(unit, conventions.normalise(MEASURES[unit]))) for index, unit in measures
    ]
    carriers = {text: _carrier(text) for text in [*Carrier, ""]}
    column = fields.pop("carrier", None)

    def quantity(cells: Record) -> Quantity:
        for index, read in readers:
            if cells[index]:
                return read(cells[index])
        raise Unreadable(f"one of {', '.join(QUANTITIES)} is needed", "missing")

    def carrier(cells: Record) -> Carrier | None:
        if column is None:
            return conventions.carrier
        text = cells[column]
        return (carriers[text] if text in carriers else _carrier(text)) or conventions.carrier

    fields.setdefault("quantity", measures[0][0])
    rules = FillRules(
        quantity=quantity,
        carrier=carrier,
        full=lambda text: answer(text) if text else True,
        zero_odometer=True,
        zero_trip=True,
        derive_total=False,
    )
    return fill_plan(fields, conventions, len(headers), rules)


def _expense_plan(headers: Record, fields: dict[str, int], conventions: Conventions) -> Plan:
    category, service, income = fields.get("category"), fields.get("service"), fields.get("income")

    def sort(cells: Record) -> tuple[str, bool]:
        name = (cells[category].strip() if category is not None else "") or "other"
        flag = cells[service] if service is not None else ""
        return name, answer(flag) if flag.strip() else name in SERVICE_CATEGORIES

    def earned(cells: Record) -> bool:
        return income is not None and answer(cells[income])

    return expense_plan(fields, headers, conventions, category=sort, income=earned)


OWN = Format(
    name="fleetcore",
    title=TITLE,
    how_to_export="fleet export writes it; any program can, with the column names of the reference.",
    columns="Names carry the unit: odometer_km, volume_l, mass_kg, energy_kwh; any order, any subset.",
    score=_score,
    survey=_survey,
    parse=parse_table,
)


def _km(value: Distance | None) -> str:
    return "" if value is None else _thousandths(value.metres)


def _thousandths(value: int) -> str:
    sign, size = ("-" if value < 0 else ""), abs(value)
    return f"{sign}{size // 1000}.{size % 1000:03d}".rstrip("0").rstrip(".")


def _time(at: datetime, has_time: bool, is_utc: bool) -> str:
    if not has_time:
        return f"{at:%Y-%m-%d}" if at.year >= 1000 else at.date().isoformat()
    return at.isoformat(sep=" ") + ("+00:00" if is_utc else "")


def _flag(value: bool | None) -> str:
    return "" if value is None else "true" if value else "false"


def _number(value: Decimal | int | None) -> str:
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def _quantities(quantity: Quantity) -> tuple[str, str, str]:
    match quantity:
        case Volume():
            return _thousandths(quantity.millilitres), "", ""
        case Mass():
            return "", _thousandths(quantity.grams), ""
        case Energy():
            return "", "", _thousandths(quantity.watt_hours)


def _fill_cells(fill: ParsedFill) -> tuple[str, ...]:
    return (
        fill.vehicle or "",
        _time(fill.at, fill.has_time, fill.is_utc),
        _km(fill.odometer),
        _km(fill.trip),
        fill.carrier.value if fill.carrier else "",
        *_quantities(fill.quantity),
        _number(fill.unit_price),
        _number(fill.total),
        fill.currency or "",
        _flag(fill.is_full),
        _flag(fill.missed_previous),
        _km(fill.excluded_distance),
        fill.grade,
        fill.station_name,
        fill.station_brand,
        fill.station_provider,
        fill.station_external_id,
        fill.station_address,
        _number(fill.latitude),
        _number(fill.longitude),
        fill.place,
        fill.notes,
        ",".join(fill.tags),
        _number(fill.start_soc_percent),
        _number(fill.end_soc_percent),
        _flag(fill.is_home),
        fill.current,
        fill.driver,
    )


def _expense_cells(expense: ParsedExpense) -> tuple[str, ...]:
    return (
        expense.vehicle or "",
        _time(expense.at, expense.has_time, expense.is_utc),
        _km(expense.odometer),
        expense.category,
        expense.title,
        _number(expense.amount),
        expense.currency or "",
        _flag(expense.is_income),
        _flag(expense.is_service),
        expense.place,
        expense.notes,
        ",".join(expense.tags),
    )


def _reading_cells(reading: ParsedReading) -> tuple[str, ...]:
    time = _time(reading.at, reading.has_time, reading.is_utc)
    return (reading.vehicle or "", time, _km(reading.odometer), reading.notes, ",".join(reading.tags))


def _write(out: TextIO, columns: tuple[str, ...], rows: Iterable[T], cells: Callable[[T], tuple[str, ...]]) -> int:
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(columns)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 (the count is the result)
        writer.writerow(cells(row))
    return count


def write_fills(out: TextIO, fills: Iterable[ParsedFill]) -> int:
    """Write *fills* as own CSV and return how many; open *out* with ``newline=""``."""
    return _write(out, FILL_COLUMNS, fills, _fill_cells)


def write_expenses(out: TextIO, expenses: Iterable[ParsedExpense]) -> int:
    """Write *expenses* as own CSV and return how many."""
    return _write(out, EXPENSE_COLUMNS, expenses, _expense_cells)


def write_readings(out: TextIO, readings: Iterable[ParsedReading]) -> int:
    """Write odometer *readings* as own CSV and return how many."""
    return _write(out, READING_COLUMNS, readings, _reading_cells)
