"""GasBuddy: the fuel log of the app; written from a description of the layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleetcore.imports.detection import Detection, Options, conclude
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.source import Record
from fleetcore.imports.words import label, unit_in

from .base import (
    Format,
    Head,
    TablePlan,
    detection_of,
    parse_table,
    survey_table,
    unknown_fuels,
    with_currency,
    with_units,
)

__all__ = ["GASBUDDY"]

TITLE = "GasBuddy"
NAMES: Mapping[str, str] = {
    "date utc": "at",
    "location": "station_name",
    "address": "station_address",
    "city": "place",
    "total cost": "total",
    "currency": "currency",
    "fuel type": "fuel",
    "quantity": "quantity",
    "unit": "volume_unit",
    "vehicle": "vehicle",
    "unit price": "unit_price",
    "odometer": "odometer",
    "fuel economy": "economy",
    "fuel economy unit": "economy_unit",
    "fillup": "full",
}


def _fields(record: Record) -> dict[str, int] | None:
    fields: dict[str, int] = {}
    for index, cell in enumerate(record):
        if name := NAMES.get(label(cell)):
            fields.setdefault(name, index)
    return fields if {"at", "quantity", "volume_unit", "full"} <= fields.keys() else None


def _score(head: Head) -> int:
    return 95 if _fields(head.first) else 0


def _distance(headers: Record, units: list[str]) -> str | None:
    """Return the unit of the odometer, which only the unit of the economy tells."""
    words = {label(text) for text in units}
    if any("mpg" in word or "mi" in word.split() for word in words):
        return "mi"
    return "km" if any("km" in word for word in words) else unit_in(" ".join(headers))


def _survey(records: Iterator[Record], options: Options) -> Detection:
    row, headers, survey = survey_table(records, _fields, TITLE)
    conventions, notes = conclude(survey, options, usual_order="mdy")
    units = {unit_in(text) for text in survey.words["volume_unit"]} - {None}
    distance = _distance([], survey.column("economy_unit"))
    if distance is None:
        distance = "mi" if any(unit and unit.startswith("gal") for unit in units) else "km" if units else None
    volume = "gal" if "gal" in units else next(iter(sorted(unit for unit in units if unit)), None)
    conventions = with_units(conventions, options, distance, volume, notes)
    shown = {name: headers[index] for name, index in survey.fields.items()}
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    fuels, more = unknown_fuels(survey)
    fields = survey.fields
    economy = fields.get("economy")
    missed = (
        (("missed_previous", lambda cells: cells[economy].strip() == "missingPrevious"),) if economy is not None else ()
    )
    rules = FillRules(fuels=fuels, fixed={"is_utc": True}, computed=missed)
    notes.append("GasBuddy writes times in UTC.")
    plan = fill_plan(fields, conventions, len(headers), rules)
    table = TablePlan(header_row=row, headers=headers, fields=fields, plan=plan)
    return detection_of(
        "gasbuddy", TITLE, options, conventions, plan=table, notes=notes + more, mapping=shown, currency_sign=sign
    )


GASBUDDY = Format(
    name="gasbuddy",
    title=TITLE,
    how_to_export="In GasBuddy open the fuel log book and choose Export; the CSV comes by e-mail.",
    columns="Date (UTC), Quantity with Unit, Unit price, Total Cost, Currency, Odometer, Fillup YES or NO.",
    score=_score,
    survey=_survey,
    parse=parse_table,
    from_layout_only=True,
)
