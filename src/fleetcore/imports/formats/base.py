"""What a format is: how it is recognised, surveyed and parsed; and the walk through a single table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs
from attrs import field, frozen

from fleetcore.imports.detection import Conventions, Detection, Options, Survey, currency_found
from fleetcore.imports.numbers import normaliser
from fleetcore.imports.rows import Parsed, ParsedVehicle, SkippedRow, row_key
from fleetcore.imports.source import Member, Record
from fleetcore.imports.tables import Plan, row_reader
from fleetcore.imports.words import fuel_of, label
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "Format",
    "Head",
    "TablePlan",
    "index_of",
    "no_header",
    "parse_table",
    "survey_table",
    "unknown_fuels",
    "with_currency",
    "with_units",
]

HEADER_ROWS_MAX = 12  # titles and blank lines that may stand above a header
GALLONS = ("gal", "gal_us", "gal_uk")


@frozen
class Head:
    """The first records of a file, split by one separator."""

    separator: str
    records: tuple[Record, ...]

    @property
    def first(self) -> Record:
        """The first record that is not empty."""
        return next((record for record in self.records if any(cell.strip() for cell in record)), [])

    @property
    def labels(self) -> tuple[str, ...]:
        """The first record's cells, normalised."""
        return tuple(label(cell) for cell in self.first)

    @property
    def firsts(self) -> tuple[str, ...]:
        """The first cell of every record."""
        return tuple(record[0].strip() for record in self.records if record)


@frozen(kw_only=True)
class Format:
    """One file format. A plugin brings another by adding an instance to the registry.

    *score* says how sure it is (0 to 100) that a head is of this format. *survey* reads every record
    once and returns a Detection; *parse* reads them again and yields parsed rows. *how_to_export* is
    for the user; *columns* says what is read from where. *from_layout_only* marks a format that was
    written from a description, without a real file. A format that is no table judges the text by *score_text* and
    reads the whole file by *parse_file*.
    """

    name: str
    title: str
    how_to_export: str
    columns: str
    score: Callable[[Head], int] = field(repr=False)
    survey: Callable[[Iterator[Record], Options], Detection] = field(repr=False)
    parse: Callable[[Iterator[Record], Detection], Iterator[Parsed]] = field(repr=False)
    from_layout_only: bool = False
    escape: str | None = None
    score_text: Callable[[str], int] | None = field(default=None, repr=False)
    parse_file: Callable[[Member, Detection], Iterator[Parsed]] | None = field(default=None, repr=False)


@frozen(kw_only=True)
class TablePlan:
    """What a single table's format remembers between the two passes."""

    header_row: int
    headers: Record
    fields: Mapping[str, int]
    plan: Plan
    models: bool = False  # whether a column `model` describes the vehicles


def index_of(headers: Sequence[str], *names: str) -> int | None:
    """Return the column whose normalised header is one of *names*."""
    for index, header in enumerate(headers):
        if header in names:
            return index
    return None


def no_header(title: str, records: Sequence[Record]) -> Rejected:
    """Make the message for a file whose header is not of the wanted format."""
    found = next((record for record in records if any(cell.strip() for cell in record)), [])
    columns = ", ".join(repr(cell.strip()) for cell in found[:30]) or "none"
    return Rejected.because(
        "file",
        f"the header is not that of {title}; columns found: {columns}. "
        "Map them with --format csv and --map, for example --map at=Date --map odometer=Mileage --map quantity=Litres",
        "unknown_header",
    )


def survey_table(
    records: Iterator[Record], fields_of: Callable[[Record], Mapping[str, int] | None], title: str
) -> tuple[int, Record, Survey]:
    """Find the header, then survey every row below it; raises Rejected without a header."""
    seen: list[Record] = []
    for row, record in enumerate(records, 1):
        if row > HEADER_ROWS_MAX:
            break
        seen.append(record)
        fields = fields_of(record) if record else None
        if fields is not None:
            survey = Survey(fields)
            for cells in records:
                if cells:
                    survey.add(cells)
            return row, [cell.strip() for cell in record], survey
    raise no_header(title, seen)


def parse_table(records: Iterator[Record], detection: Detection) -> Iterator[Parsed]:
    """Yield the rows of a single table, and the vehicles that its rows name with a model."""
    table: TablePlan = detection.plan
    read, headers = row_reader(table.plan), table.headers
    model, vehicle = table.fields.get("model"), table.fields.get("vehicle")
    seen: set[str] = set()
    for row, cells in enumerate(records, 1):
        if row <= table.header_row or not cells:
            continue
        if cells[0] == headers[0] and [cell.strip() for cell in cells] == headers:
            yield SkippedRow(row, "a repeated header")
            continue
        if table.models and model is not None and vehicle is not None and len(cells) > max(model, vehicle):
            name = cells[vehicle].strip()
            if name and name not in seen:
                seen.add(name)
                yield ParsedVehicle(row, row_key("vehicle", name, None), name, model=cells[model].strip())
        yield read(row, cells)


def unknown_fuels(survey: Survey) -> tuple[dict[str, Carrier | None], list[str]]:
    """Say what to take unknown fuel names for: the file's only known carrier, else nothing."""
    names = {name.strip() for name in survey.words.get("fuel", ()) if name.strip()}
    unknown = sorted(name for name in names if fuel_of(name)[0] is None)
    known = {carrier for name in names if (carrier := fuel_of(name)[0]) is not None}
    if not unknown:
        return {}, []
    quoted = ", ".join(repr(name) for name in unknown[:10])
    if len(known) == 1:
        carrier = next(iter(known))
        return dict.fromkeys(unknown, carrier), [
            f"Fuel {quoted} is not known; taken for {carrier.value}, as every other row of the file is."
        ]
    return {}, [f"Fuel {quoted} is not known; those rows get the vehicle's own fuel unless --carrier says one."]


def with_units(
    conventions: Conventions, options: Options, distance: str | None, volume: str | None, notes: list[str]
) -> Conventions:
    """Settle the units: the user's word, then the header's, then kilometres, litres and US gallons, noted."""
    unit = options.distance_unit or distance
    if unit is None:
        unit = "mi" if volume in GALLONS else "km"
        notes.append(
            f"The file names no unit of distance; read as {unit}. Say --distance-unit km or mi if that is wrong."
        )
    measure = options.volume_unit or volume
    if measure == "gal":
        measure = "gal_us"
        notes.append("Gallons read as US gallons; say --volume-unit gal_uk if they are imperial.")
    if measure is None:
        measure = "kwh" if options.carrier is Carrier.ELECTRICITY else "l"
        if measure == "l":
            notes.append("The file names no unit of quantity; read as litres. Say --volume-unit if that is wrong.")
    return attrs.evolve(conventions, distance_unit=DistanceUnit(unit), volume_unit=measure)


def with_currency(
    conventions: Conventions, options: Options, survey: Survey, headers: Mapping[str, str], notes: list[str]
) -> tuple[Conventions, str]:
    """Settle the currency: the user's word, then what headers or cells show; also return the sign seen."""
    if options.currency:
        return attrs.evolve(conventions, currency=options.currency), ""
    code, sign = currency_found(survey, headers)
    if sign and code is None:
        notes.append(f"Amounts carry {sign}, which several currencies use; say --currency if it is not your fleet's.")
    return attrs.evolve(conventions, currency=code), sign


def decimal_or_none(text: str, mark: str) -> Decimal | None:
    """Read a sampled number, or None where it is none."""
    try:
        return Decimal(normaliser(mark)(text)) if text else None
    except (InvalidOperation, ValueError):
        return None


def detection_of(
    format_name: str,
    title: str,
    options: Options,
    conventions: Conventions,
    *,
    plan: Any,
    notes: Sequence[str],
    **more: Any,
) -> Detection:
    """Make the Detection of a format from what was settled."""
    return Detection(
        format=format_name,
        title=title,
        decimal_mark=conventions.decimal_mark,
        date_order=conventions.date_order,
        distance_unit=conventions.distance_unit.value,
        volume_unit=conventions.volume_unit,
        currency=conventions.currency,
        notes=tuple(dict.fromkeys(notes)),
        options=options,
        plan=plan,
        **more,
    )
