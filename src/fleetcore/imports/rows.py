"""What a file's rows become before anything is stored: fills, expenses, vehicles, readings, stations."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from attrs import field, frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.quantities import Distance, Quantity
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "CATEGORIES",
    "Parsed",
    "ParsedExpense",
    "ParsedFill",
    "ParsedReading",
    "ParsedRecord",
    "ParsedStation",
    "ParsedTrip",
    "ParsedVehicle",
    "RowProblems",
    "SkippedRow",
    "digest",
    "row_key",
    "vehicle_key",
]

CATEGORIES = frozenset(
    [
        "parking",
        "toll",
        "wash",
        "fine",
        "tax",
        "loan",
        "accessory",
        "insurance",
        "registration",
        "service",
        "repair",
        "maintenance",
        "tyres",
        "other",
    ]
)
"""The words for categories of expenses that every format is translated into; others keep their own name."""


def digest(text: str) -> bytes:
    """Return sixteen bytes that stand for *text*: a log of a hundred thousand rows keeps one per row."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def row_key(kind: str, vehicle: str | None, at: datetime | None, *facts: object) -> bytes:
    """Return the digest of a row's canonical text, by which a second import knows it again.

    It is made of the parsed facts, so neither encoding, separator, line ends, column order nor the
    way of writing a number or a date change it. Two equal rows have equal keys.
    """
    name = vehicle_key(vehicle) if vehicle else ""
    return digest(f"{kind}|{name}|{at or ''}|{'|'.join(map(_canonical, facts))}")


@lru_cache(maxsize=4096)
def vehicle_key(name: str) -> str:
    """Return a vehicle's *name* as keys write it."""
    return " ".join(name.split()).casefold()


def _canonical(fact: object) -> str:
    if fact is None:
        return ""
    if isinstance(fact, Decimal):
        return format(fact.normalize(), "f")
    if isinstance(fact, str):
        return " ".join(fact.split())
    return str(fact)


@frozen
class ParsedFill:
    """One fill or charge as the file says it.

    *at* is the wall clock of the place, without an offset, unless *is_utc*; without *has_time* only
    its date means something. *unit_price* is per litre, kilogram or kilowatt-hour whatever the file's unit.
    """

    row: int
    key: bytes
    at: datetime
    quantity: Quantity
    vehicle: str | None = None
    has_time: bool = True
    odometer: Distance | None = None
    trip: Distance | None = None
    carrier: Carrier | None = None
    total: Decimal | None = None
    unit_price: Decimal | None = None
    currency: str | None = None
    is_full: bool = True
    missed_previous: bool = False
    excluded_distance: Distance | None = None
    grade: str = ""
    station_name: str = ""
    station_brand: str = ""
    station_provider: str = ""
    station_external_id: str = ""
    station_address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    place: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    start_soc_percent: int | None = None
    end_soc_percent: int | None = None
    is_home: bool | None = None
    current: str = ""
    driver: str = ""
    is_utc: bool = False


@frozen
class ParsedExpense:
    """One cost or income other than fuel; *raw* is the row as it stood, header to text.

    *category* is one of :data:`CATEGORIES` or the file's own name for it. *is_service* marks what the
    maintenance area can turn into a service record later.
    """

    row: int
    key: bytes
    at: datetime
    amount: Decimal
    vehicle: str | None = None
    has_time: bool = True
    odometer: Distance | None = None
    category: str = "other"
    title: str = ""
    currency: str | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    place: str = ""
    is_income: bool = False
    is_service: bool = False
    is_utc: bool = False
    raw: Mapping[str, str] = field(factory=dict, hash=False)


@frozen
class ParsedReading:
    """A row that says what the odometer showed, and nothing else."""

    row: int
    key: bytes
    at: datetime
    odometer: Distance
    vehicle: str | None = None
    has_time: bool = True
    notes: str = ""
    tags: tuple[str, ...] = ()
    is_utc: bool = False


@frozen
class ParsedTrip:
    """One trip; without *distance* both odometers tell it. An empty *purpose* is left to the user."""

    row: int
    key: bytes
    at: datetime
    ended_at: datetime
    vehicle: str | None = None
    start_odometer: Distance | None = None
    end_odometer: Distance | None = None
    distance: Distance | None = None
    start_place: str = ""
    end_place: str = ""
    start_latitude: Decimal | None = None
    start_longitude: Decimal | None = None
    end_latitude: Decimal | None = None
    end_longitude: Decimal | None = None
    purpose: str = ""
    client: str = ""
    driver: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    is_utc: bool = False


@frozen
class ParsedVehicle:
    """A vehicle that the file describes; capacities are in the unit that belongs to the carrier."""

    row: int
    key: bytes
    name: str
    make: str = ""
    model: str = ""
    year: int | None = None
    vin: str = ""
    plate: str = ""
    carriers: tuple[Carrier, ...] = ()
    tank_capacities: tuple[Quantity | None, ...] = ()
    distance_unit: str | None = None
    volume_unit: str | None = None
    notes: str = ""
    active: bool = True


@frozen
class ParsedStation:
    """A station from a file's list of favourites."""

    row: int
    key: bytes
    name: str
    provider: str = ""
    external_id: str = ""
    address: str = ""
    country: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@frozen
class RowProblems:
    """A row that could not be accepted, with everything that is wrong with it."""

    row: int
    problems: tuple[Problem, ...]
    member: str = ""


@frozen
class SkippedRow:
    """A row that is no fact to import, and why."""

    row: int
    reason: str
    member: str = ""


Parsed = (
    ParsedFill | ParsedExpense | ParsedReading | ParsedTrip | ParsedVehicle | ParsedStation | RowProblems | SkippedRow
)
ParsedRecord = ParsedFill | ParsedExpense | ParsedReading | ParsedTrip
