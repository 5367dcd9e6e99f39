"""Any other CSV: columns found by their headers in several languages, or named by the user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from statistics import fmean, median, pstdev

import attrs

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, conclude
from fleetcore.imports.expenses import expense_plan, reading_plan
from fleetcore.imports.fills import FillRules, fill_plan
from fleetcore.imports.source import Record
from fleetcore.imports.tables import Plan
from fleetcore.imports.words import category_of, currency_in, field_of, label, unit_in
from fleetcore.kernel.errors import Problem, Rejected, reject_if_any

from .base import (
    GALLONS,
    HEADER_ROWS_MAX,
    Format,
    Head,
    TablePlan,
    decimal_or_none,
    detection_of,
    no_header,
    parse_table,
    survey_table,
    unknown_fuels,
    with_currency,
    with_units,
)

__all__ = ["GENERIC", "MAPPABLE"]

TITLE = "CSV with a header"
MAPPABLE = frozenset(
    [
        "vehicle",
        "at",
        "time",
        "odometer",
        "trip",
        "quantity",
        "total",
        "unit_price",
        "price",
        "currency",
        "full",
        "partial",
        "missed_previous",
        "excluded_distance",
        "fuel",
        "grade",
        "station_name",
        "station_brand",
        "station_address",
        "place",
        "notes",
        "tags",
        "latitude",
        "longitude",
        "driver",
        "volume_unit",
        "start_soc_percent",
        "end_soc_percent",
        "economy",
        "category",
        "title",
        "is_home",
        "current",
    ]
)
MEASURES = {"l", "kg", "kwh", *GALLONS}
VAGUE = {"fuel", "consumption", "volume", "amount of fuel"}
TRIP_MAX = 2_000  # a "km" column with more than that in most rows is an odometer
PENCE = {"ppl", "ppg", "pence per litre", "pence per liter", "pence litre", "p l", "cents per litre", "cents litre"}


def _automatic(record: Record) -> dict[str, int]:
    """Return the columns whose headers are known; of two for a quantity, the plainer word wins."""
    fields: dict[str, int] = {}
    for index, cell in enumerate(record):
        name = field_of(cell) if cell.strip() else None
        if name == "total" and unit_in(cell) in MEASURES and "quantity" not in fields:
            name = "quantity"  # "Amount (L)" is no money
        if name == "quantity" and name in fields and label(record[fields[name]]) in VAGUE:
            vague = fields.pop(name)
            fields.setdefault("fuel" if label(record[vague]) == "fuel" else "economy", vague)
        if name == "quantity" and name in fields and label(cell) == "fuel":
            name = "fuel"
        if name:
            fields.setdefault(name, index)
    return fields


def _is_enough(fields: Mapping[str, int]) -> bool:
    names = fields.keys()
    return "at" in names and bool(names & {"quantity", "total", "price", "odometer"}) and len(names) > 1


def _header_fields(record: Record) -> dict[str, int] | None:
    fields = _automatic(record)
    return fields if _is_enough(fields) else None


def _score(head: Head) -> int:
    best = 0
    for record in head.records[:HEADER_ROWS_MAX]:
        if fields := _header_fields(record):
            best = max(best, min(40, 10 + 5 * len(fields)))
    return best


def _mapped(mapping: Mapping[str, str], record: Record) -> dict[str, int] | None:
    """Return the columns that the user's *mapping* names, by header or by number, or None if not this row."""
    labels = [label(cell) for cell in record]
    fields: dict[str, int] = {}
    for name, column in mapping.items():
        if label(column) in labels and label(column):
            fields[name] = labels.index(label(column))
        elif column.isdecimal() and 1 <= int(column) <= len(record):
            fields[name] = int(column) - 1
        else:
            return None
    automatic = {name: index for name, index in _automatic(record).items() if index not in fields.values()}
    return {**automatic, **fields}


def _check_mapping(mapping: Mapping[str, str]) -> None:
    problems = [
        Problem(f"mapping.{name}", f"is no field; choose from {', '.join(sorted(MAPPABLE))}", "imports.column")
        for name in mapping
        if name not in MAPPABLE
    ]
    reject_if_any(problems)


def _survey(records: Iterator[Record], options: Options) -> Detection:
    mapping = dict(options.mapping or {})
    _check_mapping(mapping)
    seen: list[Record] = []

    def fields_of(record: Record) -> dict[str, int] | None:
        seen.append(record)
        return _mapped(mapping, record) if mapping else _header_fields(record)

    try:
        row, headers, survey = survey_table(records, fields_of, TITLE)
    except Rejected as error:
        raise _without_columns(mapping, seen) if mapping and error.has_code("unknown_header") else error from None
    if not _is_enough(survey.fields):
        raise no_header(f"{TITLE} with at least a date and a quantity, a cost or an odometer", [headers])
    conventions, notes = conclude(survey, options)
    fields = dict(survey.fields)
    _settle_price(fields, survey, conventions, notes)
    _settle_odometer(fields, survey, conventions, notes)
    shown = {name: headers[index] for name, index in fields.items()}
    conventions = _settle_units(conventions, options, shown, headers, notes)
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    conventions = _settle_pence(conventions, options, shown, notes)
    fuels, more = unknown_fuels(survey)
    plan = _plan(fields, headers, conventions, FillRules(fuels=fuels), notes)
    table = TablePlan(header_row=row, headers=headers, fields=fields, plan=plan)
    return detection_of(
        "csv", TITLE, options, conventions, plan=table, notes=notes + more, mapping=shown, currency_sign=sign
    )


def _without_columns(mapping: Mapping[str, str], seen: list[Record]) -> Rejected:
    found = next((record for record in seen if any(cell.strip() for cell in record)), [])
    labels = {label(cell) for cell in found}
    columns = ", ".join(repr(cell.strip()) for cell in found) or "none"
    return Rejected(
        Problem(f"mapping.{name}", f"there is no column {column!r}; columns found: {columns}", "unknown_column")
        for name, column in mapping.items()
        if label(column) not in labels and not (column.isdecimal() and 1 <= int(column) <= len(found))
    )


def _settle_price(fields: dict[str, int], survey: Survey, conventions: Conventions, notes: list[str]) -> None:
    """Decide whether a column called just "price" is the total or the price of one unit."""
    if "price" not in fields:
        return
    column = fields.pop("price")
    if "total" in fields and "unit_price" in fields:
        return
    if "unit_price" in fields or "total" in fields:
        fields["total" if "unit_price" in fields else "unit_price"] = column
        return
    meaning = _meaning_of_price(survey, conventions.decimal_mark)
    fields[meaning] = column
    named = "the total" if meaning == "total" else "the price of one unit"
    notes.append(f"The price column is read as {named}; map it to total or unit_price if that is wrong.")


def _settle_odometer(fields: dict[str, int], survey: Survey, conventions: Conventions, notes: list[str]) -> None:
    """Decide whether a column called just "km" or "miles" is the odometer or the distance since the last fill."""
    if "odometer" in fields or "trip" not in fields:
        return
    values = [value for text in survey.column("trip") if (value := decimal_or_none(text, conventions.decimal_mark))]
    if values and median(values) > TRIP_MAX:
        fields["odometer"] = fields.pop("trip")
        notes.append("The column of distances is read as the odometer, as its values are too large for one tank.")


def _meaning_of_price(survey: Survey, mark: str) -> str:
    """Compare how much price and price per quantity vary: what people pay per unit varies less."""
    pairs = []
    for price, quantity in zip(survey.column("price"), survey.column("quantity"), strict=False):
        paid, much = decimal_or_none(price, mark), decimal_or_none(quantity, mark)
        if paid and much:
            pairs.append((float(paid), float(paid / much)))
    if not pairs:
        return "total"
    if len(pairs) < 3:
        return "unit_price" if all(paid < Decimal("10") for paid, _ in pairs) else "total"
    spread = [pstdev(values) / fmean(values) for values in zip(*pairs, strict=True)]
    return "unit_price" if spread[0] < spread[1] else "total"


def _settle_units(
    conventions: Conventions, options: Options, shown: Mapping[str, str], headers: Record, notes: list[str]
) -> Conventions:
    """Read the units off the headers; "mileage" alone means miles only where other columns are British or US."""
    labels = {label(header) for header in headers}
    distance = unit_in(shown.get("odometer", "")) or unit_in(shown.get("trip", "")) or unit_in(shown.get("economy", ""))
    volume = unit_in(shown.get("quantity", "")) or (
        unit_in(shown.get("unit_price", "")) if "quantity" in shown else None
    )
    if volume not in MEASURES:
        volume = "l" if labels & PENCE and "ppg" not in labels else None
    if "quantity" not in shown:
        volume = volume or "l"
    hints = labels & (PENCE | {"mpg", "ppg"}) or volume in GALLONS or currency_in(" ".join(shown.values()))[1] == "£"
    if distance not in {"km", "mi"}:
        distance = "mi" if hints else None
        if distance and not options.distance_unit:
            notes.append(
                "Distances read as miles, as other columns are in British or US units; --distance-unit says otherwise."
            )
    if volume == "gal" and labels & PENCE:
        volume = "gal_uk"
    return with_units(conventions, options, distance, volume, notes)


def _settle_pence(
    conventions: Conventions, options: Options, shown: Mapping[str, str], notes: list[str]
) -> Conventions:
    header = label(shown.get("unit_price", ""))
    if header not in PENCE:
        return conventions
    currency = conventions.currency
    if (currency is None and not options.currency and "pence" in header) or (header in {"ppl", "ppg"} and not currency):
        currency = "GBP"
        notes.append("Unit prices are pence, so the currency is read as GBP; say --currency if that is wrong.")
    return attrs.evolve(conventions, price_divisor=100, currency=currency)


def _plan(
    fields: dict[str, int], headers: Record, conventions: Conventions, rules: FillRules, notes: list[str]
) -> Plan:
    width = len(headers)
    if "quantity" in fields:
        if not fields.keys() & {"full", "partial"}:
            notes.append("No column says full or partial; every fill is read as full.")
        return fill_plan(fields, conventions, width, rules)
    if "total" in fields:
        category = fields.get("category")
        notes.append("There is no quantity, so the rows are read as costs.")
        return expense_plan(
            fields,
            headers,
            conventions,
            category=lambda cells: category_of(cells[category]) if category is not None else ("other", False),
        )
    notes.append("There is neither a quantity nor a cost, so the rows are read as odometer readings.")
    return reading_plan(fields, conventions, width)


GENERIC = Format(
    name="csv",
    title=TITLE,
    how_to_export="Save the sheet as CSV with one header row; name the columns with --map where they are not found.",
    columns="Found by header in several languages; --map field=column overrides, with fields "
    + ", ".join(sorted(MAPPABLE))
    + ".",
    score=_score,
    survey=_survey,
    parse=parse_table,
)
