"""aCar (now Fuelly's app): blocks of vehicles, fill-ups, events, services, expenses and trips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, conclude
from fleetcore.imports.expenses import expense_plan
from fleetcore.imports.fills import FillRules, coordinate_reader, fill_plan
from fleetcore.imports.rows import Parsed, ParsedVehicle, SkippedRow, row_key
from fleetcore.imports.source import BrokenRecord, Record
from fleetcore.imports.tables import row_reader
from fleetcore.imports.trips import trip_plan
from fleetcore.imports.words import category_of, fuel_of, label, unit_in
from fleetcore.kernel.quantities import DistanceUnit, Quantity, Volume, VolumeUnit
from fleetcore.vehicles.carriers import Carrier

from .base import Format, Head, decimal_or_none, detection_of, no_header, with_currency, with_units

__all__ = ["ACAR"]

TITLE = "aCar"
BLOCKS: Mapping[str, str] = {
    "metadata": "metadata",
    "vehicles": "vehicles",
    "fill up records": "fills",
    "fillup records": "fills",
    "event records": "events",
    "service records": "services",
    "expense records": "expenses",
    "trip records": "trips",
}
FILLS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "date": "at",
    "time": "time",
    "odometer reading": "odometer",
    "distance unit": "distance_unit",
    "volume": "quantity",
    "volume unit": "volume_unit",
    "price per unit": "unit_price",
    "total cost": "total",
    "partial fill up": "partial",
    "previously missed fill ups": "missed_previous",
    "fuel category": "category",
    "fuel type": "fuel",
    "fuel brand": "station_brand",
    "fueling station address": "station_address",
    "place city": "place",
    "place latitude": "latitude",
    "place longitude": "longitude",
    "latitude": "latitude",
    "longitude": "longitude",
    "device latitude": "device_latitude",
    "device longitude": "device_longitude",
    "tags": "tags",
    "notes": "notes",
}
COSTS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "date": "at",
    "time": "time",
    "odometer reading": "odometer",
    "distance unit": "distance_unit",
    "type": "type",
    "sub types": "title",
    "services": "title",
    "expenses": "title",
    "total cost": "total",
    "place name": "place",
    "service center name": "place",
    "expense center name": "place",
    "tags": "tags",
    "notes": "notes",
}
TRIPS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "start date": "at",
    "start time": "time",
    "start odometer reading": "start_odometer",
    "start location": "start_place",
    "end date": "ended_at",
    "end time": "end_time",
    "end odometer reading": "end_odometer",
    "end location": "end_place",
    "start latitude": "start_latitude",
    "start longitude": "start_longitude",
    "end latitude": "end_latitude",
    "end longitude": "end_longitude",
    "distance unit": "distance_unit",
    "distance": "distance",
    "type": "purpose",
    "purpose": "reason",
    "client": "client",
    "tags": "tags",
    "notes": "notes",
}
SURVEYED = {"fills": FILLS, "trips": {**TRIPS, "start odometer reading": "odometer"}}
VOLUME_CODES = {"us gallon": "gal_us", "gallon": "gal_us", "uk gallon": "gal_uk", "imperial gallon": "gal_uk",
                "liter": "l", "litre": "l", "kilowatt hour": "kwh"}  # fmt: skip


def _block_of(record: Record) -> str | None:
    """Return the block that a record of one cell opens; "?" for one of unknown name."""
    if len(record) != 1 and any(cell.strip() for cell in record[1:]):
        return None
    name = label(record[0])
    return BLOCKS.get(name) or ("?" if name.endswith("records") else None)


def _columns(headers: Record, names: Mapping[str, str]) -> dict[str, int]:
    fields: dict[str, int] = {}
    for index, header in enumerate(headers):
        if name := names.get(label(header)):
            fields.setdefault(name, index)
    return fields


def _is_fills(headers: Record) -> bool:
    return {"at", "odometer", "quantity", "volume_unit", "partial"} <= _columns(headers, FILLS).keys()


def _score(head: Head) -> int:
    blocks = {_block_of(record) for record in head.records if record}
    if blocks & {"fills", "vehicles"} and (blocks & {"metadata", "events", "trips", "fills"}):
        return 96
    if "trips" in blocks:
        return 95
    return 90 if _is_fills(head.first) else 0


@frozen(kw_only=True)
class AcarPlan:
    """What an aCar file told in the first pass."""

    conventions: Conventions
    headerless: bool
    volume_units: Mapping[str, str] = field(factory=dict)


class _Walk:
    """Follows the blocks of a file: which block a record lies in, and its header."""

    def __init__(self) -> None:
        self.block, self.headers = "", Record()
        self.headerless = False

    def step(self, record: Record) -> bool:
        """Take a record; return whether it is a row of the present block."""
        if (block := _block_of(record)) is not None:
            self.block, self.headers = block, []
            return False
        if not self.headers:
            self.headers = [cell.strip() for cell in record]
            if not self.block and _is_fills(self.headers):
                self.block, self.headerless = "fills", True
            return False
        return True


def _survey(records: Iterator[Record], options: Options) -> Detection:
    walk, tables = _Walk(), dict[str, tuple[Record, Survey]]()
    metadata: dict[str, str] = {}
    units: dict[str, str] = {}
    for record in records:
        if not record or not walk.step(record):
            continue
        if walk.block == "metadata":
            metadata.update(zip(map(label, walk.headers), record, strict=False))
        elif walk.block == "vehicles":
            cells = dict(zip(map(label, walk.headers), record, strict=False))
            units[cells.get("name", "").strip()] = VOLUME_CODES.get(label(cells.get("volume unit", "")), "")
        elif walk.block in {"fills", "events", "services", "expenses", "trips"}:
            if walk.block not in tables:
                names = SURVEYED.get(walk.block, COSTS)
                tables[walk.block] = walk.headers, Survey(_columns(walk.headers, names))
            tables[walk.block][1].add(record)
    if not tables and not units:
        raise no_header(TITLE, [walk.headers])
    return _concluded(tables, metadata, units, walk.headerless, options)


def _order_of(pattern: str) -> str | None:
    letters = "".join(dict.fromkeys(char for char in pattern.lower() if char in "dmy"))
    return letters if letters in {"dmy", "mdy", "ymd"} else None


def _concluded(
    tables: Mapping[str, tuple[Record, Survey]],
    metadata: Mapping[str, str],
    units: Mapping[str, str],
    headerless: bool,
    options: Options,
) -> Detection:
    headers, survey = next(iter(tables.values()), (Record(), Survey({"at": 0})))
    for _, other in list(tables.values())[1:]:
        survey.merge(other)
    order = _order_of(metadata.get("date format", ""))
    conventions, notes = conclude(survey, options, forced_order=order)
    distances = {unit_in(text) for text in survey.words.get("distance_unit", ())} & {"km", "mi"}
    volumes = {unit_in(text) for text in survey.words.get("volume_unit", ())} - {None}
    gallons = next((unit for unit in units.values() if unit.startswith("gal")), "gal")
    volume = (gallons if any(str(unit).startswith("gal") for unit in volumes) else next(iter(volumes), "l")) or "l"
    distance = "mi" if distances == {"mi"} else "km"
    conventions = with_units(conventions, options, distance, volume, notes)
    shown = {name: headers[index] for name, index in survey.fields.items() if index < len(headers)}
    conventions, sign = with_currency(conventions, options, survey, shown, notes)
    plan = AcarPlan(conventions=conventions, headerless=headerless, volume_units=units)
    return detection_of("acar", TITLE, options, conventions, plan=plan, notes=notes, mapping=shown, currency_sign=sign)


def _parse(records: Iterator[Record], detection: Detection) -> Iterator[Parsed]:
    plan: AcarPlan = detection.plan
    walk, block = _Walk(), ""
    headers: Record = []
    read: Callable[[int, Record], Any] = _nothing
    for row, cells in enumerate(records, 1):
        if isinstance(cells, BrokenRecord):
            yield read(row, cells) or SkippedRow(row, cells.message)
            continue
        if not cells or not walk.step(cells):
            continue
        if walk.block != block or walk.headers is not headers:
            block, headers = walk.block, walk.headers
            read = _row_reader(block, headers, plan)
        if (parsed := read(row, cells)) is not None:
            yield parsed


def _nothing(_row: int, _cells: Record) -> None:
    return None


def _row_reader(block: str, headers: Record, plan: AcarPlan) -> Callable[[int, Record], Any]:
    match block:
        case "fills":
            return _fill_reader(headers, plan.conventions)
        case "events" | "services" | "expenses":
            return _cost_reader(block, headers, plan.conventions)
        case "vehicles":
            names = [label(header) for header in headers]
            return lambda row, cells: _vehicle(row, dict(zip(names, cells, strict=False)))
        case "metadata":
            return _nothing
        case "trips":
            return _trip_reader(headers, plan.conventions)
    return lambda row, _cells: SkippedRow(row, "this block is not imported")


def _fill_reader(headers: Record, conventions: Conventions) -> Callable[[int, Record], Any]:
    fields = _columns(headers, FILLS)
    fuel, category = fields.get("fuel"), fields.get("category")

    def carrier(cells: Record) -> Carrier | None:
        named = fuel_of(cells[fuel])[0] if fuel is not None else None
        return named or (fuel_of(cells[category])[0] if category is not None else None) or conventions.carrier

    rules = FillRules(carrier=carrier, computed=tuple(_coordinates(fields, conventions)))
    wanted = {name: index for name, index in fields.items() if name not in {"latitude", "longitude", "category"}}
    return row_reader(fill_plan(wanted, conventions, len(headers), rules))


def _coordinates(fields: Mapping[str, int], conventions: Conventions) -> Iterator[tuple[str, Callable[[Record], Any]]]:
    """Yield how the place is read: of the station, or else of the device."""
    for name, limit in (("latitude", 90), ("longitude", 180)):
        columns = [fields[key] for key in (name, f"device_{name}") if key in fields]
        read = coordinate_reader(limit, conventions.normalise(name))
        if columns:
            yield (
                name,
                lambda cells, columns=columns, read=read: next(  # type: ignore[misc]
                    (value for column in columns if (value := read(cells[column])) is not None), None
                ),
            )


def _cost_reader(block: str, headers: Record, conventions: Conventions) -> Callable[[int, Record], Any]:
    fields = _columns(headers, COSTS)
    total, kind, title = fields["total"], fields.get("type"), fields.get("title")

    def skip(cells: Record) -> str | None:
        return "an event without a cost" if not cells[total].strip("$€£0., ") else None

    def category(cells: Record) -> tuple[str, bool]:
        word = label(cells[kind]) if kind is not None else block.removesuffix("s")
        if word == "service":
            return "service", True
        return category_of(cells[title] if title is not None else word)

    income = (lambda cells: label(cells[kind]) in {"sold", "income"}) if kind is not None else None
    return row_reader(expense_plan(fields, headers, conventions, category=category, income=income, skip=skip))


def _trip_reader(headers: Record, conventions: Conventions) -> Callable[[int, Record], Any]:
    fields = _columns(headers, TRIPS)
    if not {"at", "ended_at"} <= fields.keys():
        return lambda row, _cells: SkippedRow(row, "a trip whose start and end are no columns of this file")
    return row_reader(trip_plan(fields, conventions, len(headers)))


def _capacity(text: str, unit: str) -> Quantity | None:
    value = decimal_or_none(text.strip(), ".")
    if not value or unit not in set(VolumeUnit):
        return None
    return Volume.of(value, VolumeUnit(unit))


def _vehicle(row: int, cells: Mapping[str, str]) -> Any:
    name = cells.get("name", "").strip()
    if not name:
        return SkippedRow(row, "a vehicle without a name")
    year = cells.get("year", "").strip()
    unit = VOLUME_CODES.get(label(cells.get("volume unit", "")), "")
    distance = unit_in(cells.get("distance unit", ""))
    capacity = _capacity(cells.get("fuel tank capacity", ""), unit)
    return ParsedVehicle(
        row,
        row_key("vehicle", name, None),
        name,
        make=cells.get("make", "").strip(),
        model=cells.get("model", "").strip(),
        year=int(year) if len(year) == 4 and year.isdecimal() else None,
        vin=cells.get("vin", "").strip(),
        plate=cells.get("license plate", "").strip(),
        tank_capacities=(capacity,) if capacity else (),
        distance_unit=DistanceUnit(distance).value if distance in {"km", "mi"} else None,
        volume_unit=unit or None,
        notes=cells.get("notes", "").strip(),
        active=label(cells.get("active", "yes")) not in {"no", "false", "0"},
    )


ACAR = Format(
    name="acar",
    title=TITLE,
    how_to_export="In aCar choose Settings, then Export, and take the CSV of all records.",
    columns=(
        "Blocks Vehicles, Fill-Up Records, Event, Service, Expense and Trip Records; units stand in every row; the "
        "date format is taken from the block Metadata."
    ),
    score=_score,
    survey=_survey,
    parse=_parse,
)
