"""Fuelio: the backup with its sections, or the log section alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, conclude
from fleetcore.imports.expenses import expense_plan
from fleetcore.imports.rows import Parsed, SkippedRow
from fleetcore.imports.source import Record
from fleetcore.imports.tables import row_reader
from fleetcore.imports.words import category_of, label, unit_in

from .base import Format, Head, detection_of, no_header, with_units
from .fuelio_rows import Tanks, fuelio_fill_plan, read_station, read_vehicle

__all__ = ["FUELIO"]

TITLE = "Fuelio"
LOG: Mapping[str, str] = {
    "data": "at",
    "date": "at",
    "odo": "odometer",
    "full": "full",
    "price": "total",
    "latitude": "latitude",
    "longitude": "longitude",
    "city": "place",
    "notes": "notes",
    "missed": "missed_previous",
    "tanknumber": "tank",
    "fueltype": "code",
    "volumeprice": "unit_price",
    "stationid": "station",
    "excludedistance": "excluded_distance",
}
COSTS: Mapping[str, str] = {
    "costtitle": "title",
    "date": "at",
    "odo": "odometer",
    "costtypeid": "category",
    "notes": "notes",
    "cost": "total",
    "isincome": "income",
    "istemplate": "template",
}
SILENT = frozenset({"vehicle", "costcategories", "category"})  # tables that the others look up
CATEGORIES = {"1": "Service", "2": "Maintenance", "4": "Registration", "5": "Parking", "6": "Wash", "7": "Tolls",
              "8": "Tickets/Fines", "9": "Tuning", "31": "Insurance"}  # fmt: skip
OURS = {"1": "service", "2": "maintenance", "4": "registration", "5": "parking", "6": "wash", "7": "toll", "8": "fine",
        "31": "insurance"}  # fmt: skip
STATIONS_MAX = 20_000


def section_of(record: Record) -> str | None:
    """Return the name of the section that *record* opens, or None for any other record."""
    first = record[0]
    if first[:2] != "##":
        return None
    name = first.strip("# ").casefold().replace(" ", "")
    return name if not any(cell.strip() for cell in record[1:]) else None


def _columns(headers: Record, names: Mapping[str, str]) -> dict[str, int]:
    fields: dict[str, int] = {}
    for index, header in enumerate(headers):
        if name := names.get(label(header.partition("(")[0])):
            fields.setdefault(name, index)
    return fields


def _log_fields(headers: Record) -> dict[str, int] | None:
    """Return the columns of the log; the quantity, whose header is its unit, follows the odometer."""
    fields = _columns(headers, LOG)
    if not {"at", "odometer", "full"} <= fields.keys():
        return None
    return {**fields, "quantity": fields["odometer"] + 1}


def _is_log(record: Record) -> bool:
    return (
        bool(record)
        and label(record[0]) in {"data", "date"}
        and len(record) > 4
        and (label(record[1]).split()[:1] == ["odo"] and _log_fields(record) is not None)
    )


def _score(head: Head) -> int:
    if _is_log(head.first):
        return 95
    sections = {section_of(record) for record in head.records if record}
    return 98 if head.firsts[:1] and head.first[0].startswith("## ") and sections & {"vehicle", "log", "costs"} else 0


@frozen(kw_only=True)
class FuelioPlan:
    """What a Fuelio file told in the first pass."""

    conventions: Conventions
    tanks: Tanks
    vehicle: Mapping[str, str] = field(factory=dict)
    categories: Mapping[str, str] = field(factory=dict)
    stations: Mapping[str, str] = field(factory=dict)
    bare_log: bool = False


class _Reader:
    """The first pass: the lookup tables, and surveys of the log and of the costs."""

    def __init__(self) -> None:
        self.vehicle: dict[str, str] = {}
        self.categories: dict[str, str] = {}
        self.stations: dict[str, str] = {}
        self.log: Survey | None = None
        self.costs: Survey | None = None
        self.headers: Record = []
        self.bare_log = False

    def run(self, records: Iterator[Record]) -> None:
        section, headers = "", None
        take: Callable[[Record], None] = _ignore
        for record in records:
            if not record:
                continue
            if (name := section_of(record)) is not None:
                section, headers = name, None
            elif headers is None:
                self.bare_log = not section
                headers = [cell.strip() for cell in record]
                take = self._taker(section or "log", headers)
            else:
                take(record)

    def _taker(self, section: str, headers: Record) -> Callable[[Record], None]:
        if section == "log":
            fields = _log_fields(headers)
            if fields is None:
                raise no_header(TITLE, [headers])
            self.headers, self.log = headers, Survey(fields)
            return self.log.add
        if section == "costs":
            self.costs = Survey(_columns(headers, COSTS))
            return self.costs.add
        names = [label(header) for header in headers]
        if section == "vehicle":
            return lambda cells: self.vehicle.update(zip(names, cells, strict=False))
        if section == "costcategories":
            return lambda cells: self.categories.update({cells[0].strip(): cells[1].strip()} if len(cells) > 1 else {})
        if section == "favstations" and {"stationid", "namebrand"} <= set(names):
            key, brand = names.index("stationid"), names.index("namebrand")
            return lambda cells: self._station(cells, key, brand)
        return _ignore

    def _station(self, cells: Record, key: int, brand: int) -> None:
        if len(cells) > max(key, brand) and len(self.stations) < STATIONS_MAX:
            self.stations[cells[key].strip()] = cells[brand].strip()


def _ignore(_cells: Record) -> None:
    return None


def _order_of(pattern: str) -> str | None:
    """Return the order of a date format such as dd.MM.yyyy, or None if it names none."""
    letters = "".join(dict.fromkeys(char for char in pattern if char in "dMy")).lower()
    return letters if letters in {"dmy", "mdy", "ymd"} else None


def _survey(records: Iterator[Record], options: Options) -> Detection:
    found, notes = _Reader(), list[str]()
    found.run(records)
    survey = found.log or found.costs
    if survey is None:
        if not found.vehicle:
            raise no_header(TITLE, [found.headers])
        survey = Survey({"at": 0})
    if found.log and found.costs:
        survey.merge(found.costs)
    conventions, more = conclude(
        survey, options, usual_order=_order_of(found.vehicle.get("importcsvdateformat", "")), usual_mark="."
    )
    notes += more
    headers = found.headers
    vehicle = found.vehicle
    unit_text = headers[survey.fields["quantity"]] if headers else ""
    distance = unit_in(headers[survey.fields["odometer"]]) if headers else None
    distance = distance or {"0": "km", "1": "mi"}.get(vehicle.get("distunit", ""))
    volume = unit_in(unit_text) or Tanks.UNITS.get(vehicle.get("fuelunit", ""))
    conventions = with_units(conventions, options, distance, volume, notes)
    tanks = Tanks.of(vehicle, conventions, options, notes)
    plan = FuelioPlan(
        conventions=conventions,
        tanks=tanks,
        vehicle=vehicle,
        categories=found.categories,
        stations=found.stations,
        bare_log=found.bare_log,
    )
    shown = {name: headers[index] for name, index in survey.fields.items() if index < len(headers)}
    return detection_of("fuelio", TITLE, options, conventions, plan=plan, notes=notes, mapping=shown)


def _parse(records: Iterator[Record], detection: Detection) -> Iterator[Parsed]:
    plan: FuelioPlan = detection.plan
    section, headers = "log" if plan.bare_log else "", None
    read: Callable[[int, Record], Any] = _nothing
    for row, cells in enumerate(records, 1):
        if not cells:
            continue
        if cells[0][:2] == "##" and (name := section_of(cells)) is not None:
            section, headers = name, None
            continue
        if headers is None:
            headers = [cell.strip() for cell in cells]
            read = _row_reader(section, headers, plan)
            continue
        parsed = read(row, cells)
        if parsed is not None:
            yield parsed


def _nothing(_row: int, _cells: Record) -> None:
    return None


def _row_reader(section: str, headers: Record, plan: FuelioPlan) -> Callable[[int, Record], Any]:
    name = plan.vehicle.get("name", "").strip() or None
    if section == "log":
        fields = _log_fields(headers) or {}
        plan_of_log = fuelio_fill_plan(
            fields, len(headers), plan.conventions, plan.tanks, vehicle=name, stations=plan.stations
        )
        return row_reader(plan_of_log)
    if section == "costs":
        return _cost_reader(headers, plan, name)
    if section == "vehicle":
        names = [label(header) for header in headers]
        return lambda row, cells: read_vehicle(row, dict(zip(names, cells, strict=False)), plan.tanks, plan.conventions)
    if section == "favstations":
        names = [label(header) for header in headers]
        return lambda row, cells: read_station(row, dict(zip(names, cells, strict=False)))
    if section in SILENT:
        return _nothing
    reason = "pictures are not imported" if section == "pictures" else f"the section {section!r} is not imported"
    return lambda row, _cells: SkippedRow(row, reason)


def _cost_reader(headers: Record, plan: FuelioPlan, vehicle: str | None) -> Callable[[int, Record], Any]:
    fields = _columns(headers, COSTS)
    amount, template, income, kind = (fields.get(name) for name in ("total", "template", "income", "category"))

    def skip(cells: Record) -> str | None:
        if amount is None or not cells[amount].strip("0., "):
            return "a template or reminder without a cost"
        if cells[amount].lstrip().startswith("-"):
            return "a template or reminder: the cost is negative"
        if template is not None and cells[template].strip() == "1":
            return "a template for repeated costs"
        return None

    def category(cells: Record) -> tuple[str, bool]:
        code = cells[kind].strip() if kind is not None else ""
        own = plan.categories.get(code) or CATEGORIES.get(code, "")
        if code in OURS:  # the app's own categories keep their numbers in every language
            return OURS[code], code in {"1", "2"}
        return category_of(own)

    return row_reader(
        expense_plan(
            fields,
            headers,
            plan.conventions,
            category=category,
            fixed={"vehicle": vehicle},
            income=lambda cells: income is not None and cells[income].strip() == "1",
            skip=skip,
        )
    )


FUELIO = Format(
    name="fuelio",
    title=TITLE,
    how_to_export="In Fuelio choose Settings, then Import / Export (CSV), or take the zip from the backup folder.",
    columns=(
        "Sections Vehicle, Log, CostCategories, Costs, FavStations; units stand in the header of the log; Price is the "
        "total; Full 0 and 2 are partial; ExcludeDistance, Missed and the second tank are read."
    ),
    score=_score,
    survey=_survey,
    parse=_parse,
)
