"""Spritmonitor: semicolons, decimal comma, codes for fuel and fill; written from a description of the layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleetcore.imports import numbers
from fleetcore.imports.detection import Conventions, Detection, Options, conclude
from fleetcore.imports.expenses import expense_plan
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.source import Record
from fleetcore.imports.tables import Plan
from fleetcore.imports.words import category_of, fuel_of, label
from fleetcore.vehicles.carriers import Carrier

from .base import Format, Head, TablePlan, detection_of, parse_table, survey_table, with_currency, with_units

__all__ = ["SPRITMONITOR"]

TITLE = "Spritmonitor"
FILLS: Mapping[str, str] = {
    "datum": "at",
    "date": "at",
    "km stand": "odometer",
    "odometer": "odometer",
    "teil km": "trip",
    "trip": "trip",
    "spritmenge": "quantity",
    "quantity": "quantity",
    "kosten": "total",
    "total price": "total",
    "währung": "currency",
    "currency": "currency",
    "tankart": "fill",
    "type": "fill",
    "kraftstoff": "fuel",
    "fuel": "fuel",
    "bemerkung": "notes",
    "note": "notes",
    "tankstelle": "station_name",
    "fuel company": "station_name",
    "ort": "place",
    "city": "place",
}
COSTS: Mapping[str, str] = {
    "datum": "at",
    "date": "at",
    "km stand": "odometer",
    "odometer": "odometer",
    "kostenart": "category",
    "cost type": "category",
    "type": "category",
    "bezeichnung": "title",
    "description": "title",
    "kosten": "total",
    "total price": "total",
    "währung": "currency",
    "currency": "currency",
    "bemerkung": "notes",
    "note": "notes",
}
FUELS: Mapping[str, tuple[Carrier, str]] = {
    "1": (Carrier.DIESEL, ""),
    "2": (Carrier.DIESEL, "biodiesel"),
    "3": (Carrier.DIESEL, "vegetable oil"),
    "4": (Carrier.DIESEL, "premium"),
    "6": (Carrier.PETROL, "normal"),
    "7": (Carrier.PETROL, "Super"),
    "8": (Carrier.PETROL, "SuperPlus"),
    "9": (Carrier.PETROL, "Premium 100"),
    "12": (Carrier.LPG, ""),
    "13": (Carrier.CNG, "H"),
    "14": (Carrier.CNG, "L"),
    "15": (Carrier.PETROL, "ethanol"),
    "16": (Carrier.PETROL, "two-stroke"),
    "18": (Carrier.PETROL, "Premium 95"),
    "19": (Carrier.ELECTRICITY, ""),
    "20": (Carrier.PETROL, "E10"),
    "21": (Carrier.ADBLUE, ""),
    "23": (Carrier.HYDROGEN, ""),
}
COST_CODES = {
    "1": "service",
    "2": "repair",
    "3": "tyres",
    "5": "insurance",
    "6": "tax",
    "7": "inspection",
    "10": "purchase",
    "17": "fine",
    "18": "parking",
    "19": "toll",
}
SERVICES = {"service", "repair", "tyres", "inspection"}


def _named(record: Record, names: Mapping[str, str]) -> dict[str, int]:
    fields: dict[str, int] = {}
    for index, cell in enumerate(record):
        if name := names.get(label(cell)):
            fields.setdefault(name, index)
    return fields


def _fields(record: Record) -> dict[str, int] | None:
    fills, costs = _named(record, FILLS), _named(record, COSTS)
    if {"at", "quantity", "fill", "fuel"} <= fills.keys():
        return fills
    return costs if {"at", "category", "total", "currency"} <= costs.keys() else None


def _score(head: Head) -> int:
    if _fields(head.first) is None:
        return 0
    if {"datum", "spritmenge"} <= set(head.labels):
        return 95
    return 85 if {"datum", "kostenart"} <= set(head.labels) else 60


def _survey(records: Iterator[Record], options: Options) -> Detection:
    row, headers, survey = survey_table(records, _fields, TITLE)
    conventions, notes = conclude(survey, options, usual_order="dmy")
    conventions = with_units(conventions, options, "km", "l", notes)
    shown = {name: headers[index] for name, index in survey.fields.items()}
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    plan = _fill_plan(survey.fields, conventions, len(headers)) if "quantity" in shown else None
    plan = plan or _cost_plan(survey.fields, headers, conventions)
    table = TablePlan(header_row=row, headers=headers, fields=survey.fields, plan=plan)
    return detection_of(
        "spritmonitor", TITLE, options, conventions, plan=table, notes=notes, mapping=shown, currency_sign=sign
    )


def _fuel(text: str) -> tuple[Carrier | None, str]:
    return FUELS.get(text.strip()) or ((None, "") if text.strip().isdecimal() else fuel_of(text))


def _fill_plan(fields: Mapping[str, int], conventions: Conventions, width: int) -> Plan:
    fill, fuel, column = fields["fill"], fields["fuel"], fields["quantity"]
    normalise = conventions.normalise("quantity")
    units = {"l": conventions.volume_unit, "kg": "kg", "kwh": "kwh"}
    readers = {name: numbers.quantity_reader(unit, normalise) for name, unit in units.items()}

    def quantity(cells: Record) -> object:
        carrier, _ = _fuel(cells[fuel])
        unit = {Carrier.CNG: "kg", Carrier.HYDROGEN: "kg", Carrier.ELECTRICITY: "kwh"}
        return readers[unit.get(carrier, "l") if carrier else "l"](cells[column])

    def is_full(cells: Record) -> bool:
        return cells[fill].strip().casefold() in {"1", "full", "voll"}

    rules = FillRules(
        quantity=quantity,
        carrier=lambda cells: _fuel(cells[fuel])[0] or conventions.carrier,
        grade=lambda cells: _fuel(cells[fuel])[1],
        computed=(("is_full", is_full),),
    )
    return fill_plan({name: index for name, index in fields.items() if name != "fuel"}, conventions, width, rules)


def _cost_plan(fields: Mapping[str, int], headers: Record, conventions: Conventions) -> Plan:
    column = fields["category"]

    def category(cells: Record) -> tuple[str, bool]:
        text = cells[column].strip()
        name = COST_CODES.get(text)
        if name is None:
            return ("other", False) if text.isdecimal() else category_of(text)
        return name, name in SERVICES

    return expense_plan(fields, headers, conventions, category=category)


SPRITMONITOR = Format(
    name="spritmonitor",
    title=TITLE,
    how_to_export="On spritmonitor.de open the vehicle, then Export, and save fuelings and costs as CSV.",
    columns="Datum, Km-Stand, Teil-Km, Spritmenge, Kosten (total), Währung, Tankart 1 is full, Kraftstoff by code.",
    score=_score,
    survey=_survey,
    parse=parse_table,
    from_layout_only=True,
    escape="\\",
)
