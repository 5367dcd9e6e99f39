"""LubeLogger: its CSV of fuel, of service, repair and upgrade, of odometer and of tax records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from statistics import median

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, conclude
from fleetcore.imports.expenses import expense_plan, reading_plan
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.rows import Parsed, SkippedRow
from fleetcore.imports.source import Record
from fleetcore.imports.tables import Plan
from fleetcore.imports.words import label

from .base import (
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

__all__ = ["LUBELOGGER"]

TITLE = "LubeLogger"
GAS = {
    "date": "at",
    "fuelup date": "at",
    "odometer": "odometer",
    "odo": "odometer",
    "fuelconsumed": "quantity",
    "cost": "total",
    "fueleconomy": "economy",
    "isfilltofull": "full",
    "missedfuelup": "missed_previous",
    "notes": "notes",
    "tags": "tags",
}
COSTS = {
    "date": "at",
    "description": "title",
    "cost": "total",
    "notes": "notes",
    "odometer": "odometer",
    "tags": "tags",
}
READINGS = {"date": "at", "initialodometer": "initial", "odometer": "odometer", "notes": "notes", "tags": "tags"}
NO_FACTS = {
    "partnumber": "supplies are not imported",
    "datecreated": "plans are not imported",
    "isequipped": "equipment is not imported",
}
UK_GALLON = Decimal("4.54609")


def _kind(record: Record) -> str | None:
    """Return which of LubeLogger's tables *record* is the header of."""
    labels = {label(cell) for cell in record}
    if {"fuelconsumed", "isfilltofull"} <= labels:
        return "gas"
    if labels & NO_FACTS.keys():
        return "none"
    core = {name for name in labels if not name.startswith("extrafield")}
    if {"date", "odometer", "initialodometer"} <= core:
        return "odometer"
    if core == {"date", "description", "cost", "notes", "odometer", "tags"}:
        return "service"
    return "tax" if core == {"date", "description", "cost", "notes", "tags"} else None


def _fields(record: Record) -> dict[str, int] | None:
    kind = _kind(record)
    if kind is None:
        return None
    names = {"gas": GAS, "odometer": READINGS, "none": {}}.get(kind, COSTS)
    fields: dict[str, int] = {}
    for index, cell in enumerate(record):
        if name := names.get(label(cell)):
            fields.setdefault(name, index)
    return fields


def _score(head: Head) -> int:
    kind = _kind(head.first)
    return {"gas": 95, "odometer": 95, "service": 80, "tax": 75, "none": 80}.get(kind or "", 0)


def _units(survey: Survey, mark: str) -> tuple[str | None, str | None, str | None]:
    """Judge the units, which the file does not name, by the app's own economy; also return a note."""
    rows = []
    for sample in survey.samples:
        names = ("odometer", "quantity", "economy")
        odometer, quantity, economy = (decimal_or_none(sample.get(name, ""), mark) for name in names)
        if odometer and quantity and economy is not None:
            rows.append((odometer, quantity, economy))
    rows.sort()
    per_100, per_volume = [], []
    for earlier, later in pairwise(rows):
        driven = later[0] - earlier[0]
        if driven > 0 and later[2] > 0:
            per_100.append(later[2] * driven / later[1] / 100)
            per_volume.append(later[2] * later[1] / driven)
    if not per_100:
        return None, None, None
    if abs(median(per_100) - 1) < Decimal("0.03"):
        return "km", "l", "Read as kilometres and litres, as the app's own economy is litres per 100 km."
    ratio = median(per_volume)
    if abs(ratio / UK_GALLON - 1) < Decimal("0.03"):
        return "mi", "l", "Read as miles and litres, as the app's own economy is imperial miles per gallon."
    if abs(ratio - 1) < Decimal("0.03"):
        return "mi", "gal", "Read as miles and gallons, as the app's own economy is distance per quantity."
    return None, None, None


def _survey(records: Iterator[Record], options: Options) -> Detection:
    row, headers, survey = survey_table(records, _fields, TITLE)
    kind = _kind(headers)
    if kind == "none":
        reason = next(NO_FACTS[name] for name in map(label, headers) if name in NO_FACTS)
        return detection_of(
            "lubelogger", TITLE, options, Conventions(), plan=(row, reason), notes=[reason.capitalize() + "."]
        )
    conventions, notes = conclude(survey, options)
    distance, volume, note = _units(survey, conventions.decimal_mark) if kind == "gas" else (None, "l", None)
    notes += [note] if note else []
    conventions = with_units(conventions, options, distance, volume, notes)
    shown = {name: headers[index] for name, index in survey.fields.items()}
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    if kind == "service":
        notes.append("LubeLogger writes service, repair and upgrade records alike; all are read as service.")
    compiled = _plan(kind or "", headers, survey.fields, conventions)
    table = TablePlan(header_row=row, headers=headers, fields=survey.fields, plan=compiled)
    return detection_of(
        "lubelogger", TITLE, options, conventions, plan=table, notes=notes, mapping=shown, currency_sign=sign
    )


def _nothing_filled(column: int) -> Callable[[Record], str | None]:
    def skip(cells: Record) -> str | None:
        return "no fuel was filled" if re.fullmatch(r"0*([.,]0*)?", cells[column].strip() or "x") else None

    return skip


def _plan(kind: str, headers: Record, columns: Mapping[str, int], conventions: Conventions) -> Plan:
    if kind == "gas":
        rules = FillRules(skip=_nothing_filled(columns["quantity"]))
        return fill_plan(columns, conventions, len(headers), rules)
    if kind == "odometer":
        return reading_plan(columns, conventions, len(headers))
    category = ("service", True) if kind == "service" else ("tax", False)
    return expense_plan(columns, headers, conventions, category=lambda _cells: category)


def _parse(records: Iterator[Record], detection: Detection) -> Iterator[Parsed]:
    if isinstance(detection.plan, TablePlan):
        yield from parse_table(records, detection)
        return
    header_row, reason = detection.plan
    for row, cells in enumerate(records, 1):
        if row > header_row and cells:
            yield SkippedRow(row, reason)


LUBELOGGER = Format(
    name="lubelogger",
    title=TITLE,
    how_to_export="In LubeLogger open the vehicle's tab (Fuel, Service, Odometer, Taxes) and choose Export to CSV.",
    columns="Date, Odometer, FuelConsumed, Cost (total), IsFillToFull, MissedFuelUp, Notes, Tags; one table per file.",
    score=_score,
    survey=_survey,
    parse=_parse,
)
