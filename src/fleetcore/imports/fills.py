"""Tables of fills and charges: how each field of a fill is read from its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from attrs import frozen

from fleetcore.kernel.quantities import Energy, Mass, Quantity, Volume
from fleetcore.vehicles.carriers import Carrier

from . import numbers
from .detection import Conventions
from .rows import ParsedFill, digest, vehicle_key
from .source import Record
from .tables import Computed, Plan, distance_by_unit, read_currency, when_columns
from .words import Unreadable, answer, fuel_of, tags_of, unit_in

__all__ = ["FillRules", "coordinate_reader", "fill_plan"]

Found = TypeVar("Found")
REMEMBERED = 2048
TEXTS = frozenset(
    [
        "vehicle",
        "grade",
        "station_name",
        "station_brand",
        "station_provider",
        "station_external_id",
        "station_address",
        "place",
        "notes",
        "current",
        "driver",
    ]
)


def shared(read: Callable[[str], Found]) -> Callable[[str], Found]:
    """Return *read* with a memory: a log names the same few places again and again, and keeps one of each."""
    return lru_cache(maxsize=REMEMBERED)(read)


def coordinate_reader(limit: int, normalise: Callable[[str], str] | None) -> Callable[[str], Decimal | None]:
    """Return a reader of degrees; empty, unreadable, impossible and exactly 0 mean unknown."""
    bound = Decimal(limit)

    @shared
    def read(text: str) -> Decimal | None:
        text = text.strip()
        if not text or text in {"0", "0.0"}:
            return None
        try:
            value = Decimal(text if normalise is None else normalise(text))
            return value if value and -bound <= value <= bound else None
        except (ArithmeticError, ValueError):
            return None  # where it was filled is not worth losing the fill

    return read


def _percent(text: str) -> int | None:
    value = numbers.integer_of(text)
    if value is not None and not 0 <= value <= 100:
        raise Unreadable(f"{value} is not a percentage between 0 and 100", "out_of_range")
    return value


def _maybe_answer(text: str) -> bool | None:
    return answer(text) if text.strip() else None


def _not(text: str) -> bool:
    return not answer(text)


@frozen(kw_only=True)
class FillRules:
    """What a format does its own way; None leaves it to the usual reading."""

    quantity: Computed | None = None
    carrier: Computed | None = None
    grade: Computed | None = None
    full: Callable[[str], bool] | None = None
    zero_odometer: bool = False
    zero_trip: bool = False
    fixed: Mapping[str, Any] = {}
    computed: tuple[tuple[str, Computed], ...] = ()
    skip: Callable[[Record], str | None] | None = None
    loose: bool = False
    derive_total: bool = True  # whether a missing total is unit price times quantity
    fuels: Mapping[str, Carrier | None] = {}  # unknown fuel names and what to take them for


def fill_plan(fields: Mapping[str, int], conventions: Conventions, width: int, rules: FillRules | None = None) -> Plan:
    """Compile the plan of a table of fills whose *fields* lie in the given columns."""
    rules = rules or FillRules()
    plain, computed = when_columns(fields, conventions)
    readers = _fill_readers(conventions, rules)
    plain += [(name, index, readers[name]) for name, index in fields.items() if name in readers]
    stripped = shared(str.strip)
    plain += [(name, index, stripped) for name, index in fields.items() if name in TEXTS]
    if "partial" in fields:
        plain.append(("is_full", fields["partial"], _not))
    elif "full" in fields:
        plain.append(("is_full", fields["full"], rules.full or answer))
    quantity = rules.quantity or _quantity(fields, conventions, rules)
    computed.append(("quantity", quantity))
    computed += _fuel(fields, conventions, rules)
    computed += _money(fields, conventions, derive=rules.derive_total)
    for name in ("odometer", "trip"):
        if by_unit := distance_by_unit(fields, conventions, name, zero=False):
            computed.append((name, by_unit))
            plain = [each for each in plain if each[0] != name]
    computed += rules.computed
    fixed: dict[str, Any] = {"vehicle": None, "currency": conventions.currency, "odometer": None, "trip": None}
    fixed |= {"total": None, "unit_price": None} | dict(rules.fixed)
    return Plan(tuple(plain), tuple(computed), _build_fill, fixed, width, rules.skip, rules.loose)


def _fill_readers(conventions: Conventions, rules: FillRules) -> dict[str, Callable[[str], Any]]:
    unit, normalise = conventions.distance_unit, conventions.normalise
    return {
        "odometer": numbers.distance_reader(unit, normalise("odometer"), zero=rules.zero_odometer),
        "trip": numbers.distance_reader(unit, normalise("trip"), zero=rules.zero_trip),
        "excluded_distance": numbers.distance_reader(unit, normalise("excluded_distance"), zero=False),
        "missed_previous": answer,
        "latitude": coordinate_reader(90, normalise("latitude")),
        "longitude": coordinate_reader(180, normalise("longitude")),
        "tags": tags_of,
        "start_soc_percent": _percent,
        "end_soc_percent": _percent,
        "currency": lambda text: read_currency(text) or conventions.currency,
        "is_home": _maybe_answer,
    }


def _unit_for(carrier: Carrier | None, unit: str) -> str:
    """Return the unit a carrier is measured in, given the file's unit for liquids."""
    kind = carrier.quantity_type if carrier else None
    if kind is Energy:
        return "kwh"
    if kind is Mass:
        return "kg"
    return "l" if carrier and unit in {"kg", "kwh"} else unit


def _quantity(fields: Mapping[str, int], conventions: Conventions, rules: FillRules) -> Computed:
    """Return how a row's quantity is read: in its own unit's column, else by its fuel, else as the file says."""
    column, normalise = fields["quantity"], conventions.normalise("quantity")
    readers = {unit: numbers.quantity_reader(unit, normalise) for unit in numbers.FACTORS}
    usual = readers[conventions.volume_unit]
    if "volume_unit" in fields:
        unit_column, gallons = fields["volume_unit"], conventions.volume_unit

        def by_unit(cells: Record) -> Quantity:
            unit = unit_in(cells[unit_column]) or conventions.volume_unit
            unit = (gallons if gallons.startswith("gal") else "gal_us") if unit == "gal" else unit
            return readers[unit](cells[column])

        return by_unit
    if "fuel" in fields:
        fuel_column, found = fields["fuel"], dict[str, Callable[[str], Quantity]]()

        def by_fuel(cells: Record) -> Quantity:
            name = cells[fuel_column]
            if name not in found:
                carrier = fuel_of(name)[0] or rules.fuels.get(name.strip())
                found[name] = readers[_unit_for(carrier or conventions.carrier, conventions.volume_unit)]
            return found[name](cells[column])

        return by_fuel
    if conventions.carrier:
        usual = readers[_unit_for(conventions.carrier, conventions.volume_unit)]
    return lambda cells: usual(cells[column])


def _fuel(fields: Mapping[str, int], conventions: Conventions, rules: FillRules) -> Iterator[tuple[str, Computed]]:
    bare = {"kwh": Carrier.ELECTRICITY}.get(conventions.volume_unit, conventions.carrier)
    if rules.carrier:
        yield "carrier", rules.carrier
    elif "fuel" in fields:
        column = fields["fuel"]
        yield "carrier", lambda cells: fuel_of(cells[column])[0] or rules.fuels.get(cells[column].strip()) or bare
    elif "volume_unit" in fields:
        unit_column = fields["volume_unit"]
        yield "carrier", lambda cells: Carrier.ELECTRICITY if unit_in(cells[unit_column]) == "kwh" else bare
    else:
        yield "carrier", lambda _cells: bare
    if rules.grade:
        yield "grade", rules.grade
    elif "fuel" in fields and "grade" not in fields:
        grade_column = fields["fuel"]
        yield "grade", lambda cells: fuel_of(cells[grade_column])[1]


def _money(fields: Mapping[str, int], conventions: Conventions, *, derive: bool) -> Iterator[tuple[str, Computed]]:
    """Yield how total and unit price are read; without a total it is unit price times quantity, unrounded."""
    total, price = fields.get("total"), fields.get("unit_price")
    read_total = numbers.amount_reader(conventions.normalise("total"))
    if price is None:
        if total is not None:
            yield "total", lambda cells: read_total(cells[total])
        return
    read_price = numbers.amount_reader(conventions.normalise("unit_price"), divisor=conventions.price_divisor)
    units = {
        unit: numbers.unit_price_reader(unit, conventions.normalise("unit_price"), divisor=conventions.price_divisor)
        for unit in numbers.FACTORS
    }
    normal, quantity = numbers.normaliser(conventions.decimal_mark), fields["quantity"]
    unit_column = fields.get("volume_unit")

    def paid(cells: Record) -> Decimal | None:
        if total is not None and (found := read_total(cells[total])) is not None:
            return found
        each = read_price(cells[price]) if derive else None
        if each is None:
            return None
        try:
            return each * Decimal(normal(cells[quantity]))
        except ValueError:
            return None  # the quantity's own problem is listed once

    def per_unit(cells: Record) -> Decimal | None:
        unit = conventions.volume_unit
        if unit_column is not None:
            named = unit_in(cells[unit_column]) or unit
            unit = (unit if unit.startswith("gal") else "gal_us") if named == "gal" else named
        return units[unit](cells[price])

    yield "total", paid
    yield "unit_price", per_unit


def _build_fill(row: int, values: dict[str, Any], _cells: Record) -> ParsedFill:
    if not values["unit_price"] and values["total"]:
        values["unit_price"] = None  # some apps write 0 where no unit price was given
    vehicle = values["vehicle"] = values["vehicle"] or None
    odometer, trip, quantity, total = values["odometer"], values["trip"], values["quantity"], values["total"]
    far = "" if odometer is None else odometer.metres
    further = "" if trip is None else trip.metres
    much = f"{quantity.millilitres}ml" if type(quantity) is Volume else _much(quantity)
    paid = "" if total is None else total.normalize()
    name = vehicle_key(vehicle) if vehicle else ""
    key = digest(f"fill|{name}|{values['at']}|{far}|{further}|{much}|{paid}")  # row_key, spelt out for speed
    return ParsedFill(row=row, key=key, **values)


def _much(quantity: Quantity) -> str:
    match quantity:
        case Energy():
            return f"{quantity.watt_hours}Wh"
        case Mass():
            return f"{quantity.grams}g"
        case Volume():
            return f"{quantity.millilitres}ml"
