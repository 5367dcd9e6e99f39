"""Fuelio's rows: fills by tank and fuel code, the vehicle, the favourite stations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from attrs import field, frozen

from fleetcore.imports import numbers
from fleetcore.imports.detection import Conventions, Options
from fleetcore.imports.fills import FillRules, coordinate_reader, fill_plan
from fleetcore.imports.rows import ParsedStation, ParsedVehicle, SkippedRow, row_key
from fleetcore.imports.source import Record
from fleetcore.imports.tables import Plan
from fleetcore.kernel.quantities import Energy, Quantity, Volume
from fleetcore.vehicles.carriers import Carrier

__all__ = ["Tanks", "carrier_of_code", "fuelio_fill_plan", "read_station", "read_vehicle"]

CARRIERS = {
    "1": Carrier.PETROL,
    "2": Carrier.DIESEL,
    "3": Carrier.PETROL,
    "4": Carrier.LPG,
    "5": Carrier.CNG,
    "6": Carrier.ELECTRICITY,
    "7": Carrier.PETROL,
}
GRADES: Mapping[str, str] = {
    "101": "85", "102": "87", "103": "88", "104": "89", "105": "90", "106": "91", "107": "92", "108": "93", "109": "94",
    "110": "95", "111": "95+", "112": "98", "113": "98+", "114": "100", "115": "86", "116": "96", "117": "97",
    "118": "102", "201": "ON", "202": "ON+", "203": "1D", "204": "2D", "205": "4D", "206": "ULSD", "207": "B2",
    "208": "B5", "209": "B20", "210": "B99", "211": "B100", "212": "B95", "213": "ULSD 10ppm", "214": "ULSD 50ppm",
    "215": "SD 500ppm", "300": "ethanol", "301": "E5", "302": "E10", "303": "E22", "304": "E50", "305": "E85",
    "306": "E93", "307": "E100", "308": "E70", "309": "E27", "310": "E15", "700": "flex",
}  # fmt: skip
ADBLUE = frozenset({"216", "217"})


def carrier_of_code(code: str) -> Carrier | None:
    """Return the carrier of a Fuelio fuel code: 100s petrol, 200s diesel, 300s ethanol, 4 LPG, 5 CNG, 6 electric."""
    code = code.strip()
    if code in ADBLUE:
        return Carrier.ADBLUE
    return CARRIERS.get(code[0]) if len(code) == 3 and code.isdecimal() else None


@frozen(kw_only=True)
class Tanks:
    """Which fuel and which unit each tank has.

    The unit in the log's header is that of tank 1. Tank 2 has one of its own, in the vehicle section; in
    a log without that section, and where the header's unit cannot be that of the fuel, the fuel decides.
    """

    UNITS: ClassVar[Mapping[str, str]] = {"0": "l", "1": "gal_us", "2": "gal_uk", "3": "kwh", "4": "kg"}

    first_unit: str
    second_unit: str | None = None
    carriers: Mapping[str, Carrier | None] = field(factory=dict)

    @classmethod
    def of(cls, vehicle: Mapping[str, str], conventions: Conventions, options: Options, notes: list[str]) -> Tanks:
        """Read the tanks off the vehicle section."""
        carriers = {
            "1": carrier_of_code(vehicle.get("tank1type", "")) or options.carrier,
            "2": carrier_of_code(vehicle.get("tank2type", "")),
        }
        second = None
        if vehicle.get("tankcount", "1").strip() not in {"", "0", "1"} or carriers["2"]:
            second = cls.UNITS.get(vehicle.get("fuelunittank2", ""))
            if second and second != conventions.volume_unit:
                notes.append(
                    f"The header's unit ({conventions.volume_unit}) is that of tank 1; tank 2 is read in {second}."
                )
        return cls(first_unit=conventions.volume_unit, second_unit=second, carriers=carriers)

    def carrier(self, tank: str, code: str) -> Carrier | None:
        """Return the carrier of a row: its own code, else that of its tank."""
        return carrier_of_code(code) or self.carriers.get(tank.strip() or "1")

    def unit(self, tank: str, carrier: Carrier | None) -> str:
        """Return the unit of a row's quantity."""
        is_second = tank.strip() == "2"
        unit = (self.second_unit if is_second else None) or self.first_unit
        if carrier is None:
            return unit
        kind, named = carrier.quantity_type, numbers.FACTORS[unit][0]
        if kind is named:
            return unit
        if kind is Volume:
            return "l"  # nobody buys a liquid by the kilogram: the header speaks of the other tank
        if kind is Energy:
            return "kwh"
        return "kg" if is_second and self.second_unit is None else unit


def fuelio_fill_plan(
    fields: Mapping[str, int],
    width: int,
    conventions: Conventions,
    tanks: Tanks,
    *,
    vehicle: str | None,
    stations: Mapping[str, str],
) -> Plan:
    """Compile the plan of the log section."""
    column, tank, code = fields["quantity"], fields.get("tank"), fields.get("code")
    normalise = conventions.normalise("quantity")
    readers = {unit: numbers.quantity_reader(unit, normalise) for unit in numbers.FACTORS}
    known: dict[tuple[str, str], tuple[Carrier | None, str, str]] = {}

    def fuel(cells: Record) -> tuple[Carrier | None, str, str]:
        which = (cells[tank] if tank is not None else "1", cells[code] if code is not None else "")
        if which not in known:
            carrier = tanks.carrier(*which) or conventions.carrier
            known[which] = carrier, tanks.unit(which[0], carrier), GRADES.get(which[1].strip(), "")
        return known[which]

    def quantity(cells: Record) -> Quantity:
        return readers[fuel(cells)[1]](cells[column])

    station = fields.get("station")
    station_fields = _station_fields(station, stations) if station is not None else ()
    rules = FillRules(
        quantity=quantity,
        carrier=lambda cells: fuel(cells)[0],
        grade=lambda cells: fuel(cells)[2],
        full=lambda text: text.strip() == "1",
        fixed={"vehicle": vehicle},
        computed=((*station_fields, ("unit_price", _unit_price(fields, conventions, fuel)))),
    )
    wanted = {name: index for name, index in fields.items() if name not in {"tank", "code", "station", "unit_price"}}
    return fill_plan(wanted, conventions, width, rules)


def _unit_price(fields: Mapping[str, int], conventions: Conventions, fuel: Callable[[Record], Any]) -> Any:
    column = fields.get("unit_price")
    normalise = conventions.normalise("unit_price")
    readers = {unit: numbers.unit_price_reader(unit, normalise) for unit in numbers.FACTORS}

    def read(cells: Record) -> Decimal | None:
        return None if column is None else readers[fuel(cells)[1]](cells[column])

    return read


def _station_fields(column: int, stations: Mapping[str, str]) -> tuple[tuple[str, Any], ...]:
    def external_id(cells: Record) -> str:
        text = cells[column]
        return "" if text in {"", "0", "-1"} else text

    def provider(cells: Record) -> str:
        return "" if cells[column] in {"", "0", "-1"} else "fuelio"

    return (
        ("station_external_id", external_id),
        ("station_provider", provider),
        ("station_name", lambda cells: stations.get(cells[column], "")),
    )


def _capacity(text: str, unit: str, carrier: Carrier | None) -> Quantity | None:
    try:
        kind, numerator, denominator, _ = numbers.FACTORS[unit]
        value = Decimal(text) * numerator / denominator
        return kind(int(value)) if value > 0 and carrier else None
    except (ArithmeticError, ValueError):
        return None


def read_vehicle(row: int, cells: Mapping[str, str], tanks: Tanks, conventions: Conventions) -> Any:
    """Read the one row of the section Vehicle."""
    name = cells.get("name", "").strip()
    if not name:
        return SkippedRow(row, "a vehicle without a name")
    pairs = [
        (carrier, _capacity(cells.get(f"tank{number}capacity", ""), tanks.unit(number, carrier), carrier))
        for number in ("1", "2")
        if (carrier := carrier_of_code(cells.get(f"tank{number}type", "")))
    ]
    year = cells.get("year", "").strip()
    return ParsedVehicle(
        row,
        row_key("vehicle", name, None),
        name,
        make=cells.get("make", "").strip(),
        model=cells.get("model", "").strip(),
        year=int(year) if len(year) == 4 and year.isdecimal() else None,
        vin=cells.get("vin", "").strip(),
        plate=cells.get("plate", "").strip(),
        carriers=tuple(dict.fromkeys(carrier for carrier, _ in pairs)),
        tank_capacities=tuple(capacity for _, capacity in pairs),
        distance_unit=conventions.distance_unit.value,
        volume_unit=conventions.volume_unit,
        notes=cells.get("description", "").strip(),
        active=cells.get("active", "1").strip() != "0",
    )


def read_station(row: int, cells: Mapping[str, str]) -> Any:
    """Read a row of the section FavStations."""
    external_id, name = cells.get("stationid", "").strip(), cells.get("namebrand", "").strip()
    if not external_id or external_id == "0":
        return SkippedRow(row, "a station without an id")
    return ParsedStation(
        row,
        row_key("station", None, None, "fuelio", external_id),
        name or cells.get("description", "").strip(),
        provider="fuelio",
        external_id=external_id,
        address=cells.get("description", "").strip(),
        country=cells.get("countrycode", "").strip(),
        latitude=coordinate_reader(90, None)(cells.get("latitude", "")),
        longitude=coordinate_reader(180, None)(cells.get("longitude", "")),
    )
