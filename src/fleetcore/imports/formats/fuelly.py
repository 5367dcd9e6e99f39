"""Fuelly: the export of fuel-ups, a variant with plain dates, and the older mixed export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from statistics import median

import attrs

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, conclude
from fleetcore.imports.expenses import expense_plan
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.rows import Parsed
from fleetcore.imports.source import Record
from fleetcore.imports.tables import Plan, row_reader
from fleetcore.imports.words import answer, label, unit_in

from .base import (
    GALLONS,
    Format,
    Head,
    TablePlan,
    decimal_or_none,
    detection_of,
    parse_table,
    survey_table,
    with_currency,
    with_units,
)

__all__ = ["FUELLY"]

TITLE = "Fuelly"
UK_PER_US = Decimal("1.20095")
NAMES: Mapping[str, str] = {
    "car name": "vehicle",
    "model": "model",
    "odometer": "odometer",
    "miles": "trip",
    "km": "trip",
    "kilometers": "trip",
    "kilometres": "trip",
    "gallons": "quantity",
    "litres": "quantity",
    "liters": "quantity",
    "kwh": "quantity",
    "price": "unit_price",
    "fuelup date": "at",
    "date": "at",
    "tags": "tags",
    "notes": "notes",
    "missed fuelup": "missed_previous",
    "partial fuelup": "partial",
    "latitude": "latitude",
    "longitude": "longitude",
    "brand": "station_brand",
    "mpg": "economy",
    "l 100km": "economy",
    "km l": "economy",
}
MIXED = [
    "type",
    "economy",
    "at",
    "time",
    "vehicle",
    "odometer",
    "full",
    "unit_price",
    "quantity",
    "total",
    "grade",
    "station_brand",
    "place",
    "tags",
]
MIXED_NOTES, MIXED_SERVICES, MIXED_WIDTH = 16, 17, 17


def _fields(record: Record) -> dict[str, int] | None:
    fields: dict[str, int] = {}
    for index, cell in enumerate(record):
        if name := NAMES.get(label(cell)):
            fields.setdefault(name, index)
    return fields if {"vehicle", "at", "quantity", "unit_price"} <= fields.keys() else None


def _is_mixed(record: Record) -> bool:
    labels = [label(cell) for cell in record[:3]]
    economy = len(labels) > 2 and labels[1] in {"mpg", "l 100km", "km l", "l 100 km", "economy"}
    return economy and labels[0] == "type" and len(record) >= MIXED_WIDTH


def _mixed_fields(record: Record) -> dict[str, int] | None:
    if not _is_mixed(record):
        return None
    return {name: index for index, name in enumerate(MIXED)} | {"notes": MIXED_NOTES}


def _score(head: Head) -> int:
    if _is_mixed(head.first):
        return 90
    if _fields(head.first) is None:
        return 0
    return 95 if "fuelup date" in head.labels else 85


def _gallons(survey: Survey, mark: str) -> tuple[str | None, str | None]:
    """Judge the gallons by the app's own mpg: return the unit if it tells, and a note."""
    ratios = []
    for sample in survey.samples:
        values = [decimal_or_none(sample.get(name, ""), mark) for name in ("trip", "quantity", "economy")]
        trip, quantity, economy = values
        if trip and quantity and economy:
            ratios.append(economy * quantity / trip)
    if not ratios:
        return None, None
    ratio = median(ratios)
    if abs(ratio / UK_PER_US - 1) < Decimal("0.01"):
        return "gal_us", "Quantities are US gallons, as the app's own mpg is imperial and larger by a fifth."
    if abs(ratio * UK_PER_US - 1) < Decimal("0.01"):
        return "gal_uk", "Quantities are imperial gallons, as the app's own mpg is US and smaller by a sixth."
    if abs(ratio - 1) > Decimal("0.02"):
        return None, "The app's own economy does not fit its distances and quantities; check the units."
    return None, None


def _survey(records: Iterator[Record], options: Options) -> Detection:
    notes: list[str] = []
    row, headers, survey = survey_table(records, lambda cells: _mixed_fields(cells) or _fields(cells), TITLE)
    fields, mixed = survey.fields, _is_mixed(headers)
    conventions, more = conclude(survey, options, usual_order="mdy", usual_mark=".")
    notes += more
    economy = label(headers[fields["economy"]]) if "economy" in fields else ""
    distance = unit_in(headers[fields["trip"]]) if "trip" in fields else unit_in(headers[fields["odometer"]])
    distance = distance or ("mi" if economy == "mpg" else "km" if economy else None)
    volume = unit_in(headers[fields["quantity"]]) or ("gal" if economy == "mpg" else "l" if economy else None)
    if volume in GALLONS and economy == "mpg":
        judged, note = _gallons(survey, conventions.decimal_mark)
        volume = judged or volume
        notes += [note] if note else []
    conventions = with_units(conventions, options, distance, volume, notes)
    shown = {name: headers[index] for name, index in fields.items()}
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    if mixed:
        plan: object = (row, headers, *_mixed_plans(headers, fields, conventions))
    else:
        compiled = fill_plan(fields, conventions, len(headers), FillRules(zero_trip=False))
        plan = TablePlan(header_row=row, headers=headers, fields=fields, plan=compiled, models=True)
    return detection_of(
        "fuelly", TITLE, options, conventions, plan=plan, notes=notes, mapping=shown, currency_sign=sign
    )


def _full(text: str) -> bool:
    word = text.strip().casefold()
    return True if word == "reset" or not word else answer(text)


def _mixed_plans(headers: Record, fields: Mapping[str, int], conventions: Conventions) -> tuple[Plan, Plan]:
    gas_fields = {name: index for name, index in fields.items() if name not in {"type", "economy"}}
    full = gas_fields["full"]
    rules = FillRules(
        full=_full, computed=(("missed_previous", lambda cells: cells[full].strip().casefold() == "reset"),)
    )
    gas = fill_plan(gas_fields, conventions, len(headers), rules)
    cost_fields = {
        name: index
        for name, index in fields.items()
        if name in {"at", "time", "vehicle", "odometer", "total", "place", "tags", "notes"}
    }
    if len(headers) > MIXED_SERVICES:
        cost_fields["title"] = MIXED_SERVICES
    cost = expense_plan(cost_fields, headers, conventions, category=lambda _cells: ("service", True))
    return gas, cost


def _parse(records: Iterator[Record], detection: Detection) -> Iterator[Parsed]:
    if isinstance(detection.plan, TablePlan):
        yield from parse_table(records, detection)
        return
    header_row, headers, gas, cost = detection.plan
    read_fill, read_cost = row_reader(gas), row_reader(attrs.evolve(cost, width=max(len(headers), MIXED_WIDTH)))
    for row, cells in enumerate(records, 1):
        if row <= header_row or not cells:
            continue
        read = read_cost if cells[0].strip().casefold() == "service" else read_fill
        yield read(row, cells)


FUELLY = Format(
    name="fuelly",
    title=TITLE,
    how_to_export="On fuelly.com open the vehicle, choose Export and save the CSV of fuel-ups.",
    columns=(
        "car_name is the vehicle; odometer or miles/km (distance since the last fill); gallons or litres; price is "
        "per unit; fuelup_date; partial_fuelup and missed_fuelup 0 or 1; the older mixed export is read by position."
    ),
    score=_score,
    survey=_survey,
    parse=_parse,
)
