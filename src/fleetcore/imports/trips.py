"""Tables of trips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fleetcore.kernel.quantities import DistanceUnit

from . import dates, numbers
from .detection import Conventions
from .fills import coordinate_reader
from .rows import ParsedTrip, row_key
from .source import Record
from .tables import Computed, Plan
from .words import Unreadable, label, tags_of, unit_in

__all__ = ["purpose_of", "trip_plan"]

NOON = 12
PURPOSES: Mapping[str, str] = {
    "work": "business",
    "personal": "private",
    "vacation": "private",
    "commuting": "commute",
}


def purpose_of(text: str) -> str:
    """Return our word for what a file calls a trip; its own word where we have none."""
    return PURPOSES.get(label(text), text.strip())


def trip_plan(fields: Mapping[str, int], conventions: Conventions, width: int) -> Plan:
    """Compile the plan of a table of trips, whose start and end have a date and a time of day each."""
    texts = ("vehicle", "start_place", "end_place", "client", "driver", "notes", "reason")
    plain: list[tuple[str, int, Callable[[str], Any]]] = [
        (name, fields[name], str.strip) for name in texts if name in fields
    ]
    if "purpose" in fields:
        plain.append(("purpose", fields["purpose"], purpose_of))
    if "tags" in fields:
        plain.append(("tags", fields["tags"], tags_of))
    for name, limit in (("latitude", 90), ("longitude", 180)):
        read = coordinate_reader(limit, numbers.normaliser(conventions.decimal_mark))
        plain += [
            (f"{end}_{name}", fields[f"{end}_{name}"], read) for end in ("start", "end") if f"{end}_{name}" in fields
        ]
    computed: list[tuple[str, Computed]] = [
        ("at", _instant_reader(fields, conventions, "at", "time")),
        ("ended_at", _instant_reader(fields, conventions, "ended_at", "end_time")),
    ]
    for name in ("start_odometer", "end_odometer", "distance"):
        if name in fields:
            computed.append((name, _distance_reader(fields, conventions, name)))
    return Plan(tuple(plain), tuple(computed), _build, {}, width)


def _instant_reader(fields: Mapping[str, int], conventions: Conventions, day: str, clock: str) -> Computed:
    read = dates.date_reader(conventions.date_order, iso=conventions.iso_dates)
    column, clock_column = fields[day], fields.get(clock)

    def instant(cells: Record) -> datetime:
        if not cells[column].strip():
            raise Unreadable("the date is missing", "missing")
        date = read(cells[column])
        time = dates.time_of(cells[clock_column]) if clock_column is not None else None
        if time is None:
            return date.replace(hour=NOON)
        return date.replace(hour=time.hour, minute=time.minute, second=time.second)

    return instant


def _distance_reader(fields: Mapping[str, int], conventions: Conventions, name: str) -> Computed:
    normalise = numbers.normaliser(conventions.decimal_mark)
    readers = {unit: numbers.distance_reader(unit, normalise) for unit in DistanceUnit}
    column, unit_column = fields[name], fields.get("distance_unit")

    def read(cells: Record) -> Any:
        unit = unit_in(cells[unit_column]) if unit_column is not None else None
        return readers[DistanceUnit(unit) if unit in {"km", "mi"} else conventions.distance_unit](cells[column])

    return read


def _build(row: int, values: dict[str, Any], _cells: Record) -> ParsedTrip:
    vehicle = values["vehicle"] = values.get("vehicle") or None
    if reason := values.pop("reason", ""):  # why it was driven, in words
        values["notes"] = "\n".join(filter(None, (reason, values.get("notes", ""))))
    shown = (values.get(name) for name in ("start_odometer", "end_odometer", "distance"))
    key = row_key(
        "trip", vehicle, values["at"], values["ended_at"], *(value and value.metres for value in shown)
    )  # fmt: skip
    return ParsedTrip(row=row, key=key, **values)
