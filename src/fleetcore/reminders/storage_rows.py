"""Reminders as rows of their table."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import RowMapping

from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, EngineHours

from .model import Gauge, Metric, Reminder, Urgency

__all__ = ["MOVED_ON", "SETTLED_KEYS", "STANDING", "STANDING_KEYS", "from_row", "plain", "to_row"]

# Facts name what they mean, columns the unit they count.
COLUMNS = {
    "every": "every_m",
    "on": "first_on",
    "at_odometer": "at_odometer_m",
    "soon_distance": "soon_m",
    "very_soon_distance": "very_soon_m",
    "due_odometer": "due_odometer_m",
    **{
        name: name.replace("hours", "tenths")
        for name in ("every_engine_hours", "at_engine_hours", "soon_engine_hours", "very_soon_engine_hours")
    },
    "origin_engine_hours": "origin_engine_tenths",
    "due_engine_hours": "due_engine_tenths",
}
NAMES = tuple(a.name for a in attrs.fields(Reminder) if a.name != "expected_cost")
STANDING = (
    *("origin_total_m", "origin_engine_tenths", "meter_offset_m", "due_odometer_m", "due_engine_tenths"),
    *("is_silent", "snoozed_until", "odometer_gauge", "hours_gauge", "urgency", "metric", "projected_on"),
    *("looked_on", "next_look_on", "moves", "moved_at"),
)
NAMES_OF_COLUMNS = {column: name for name, column in COLUMNS.items()}
STANDING_KEYS = tuple((f"new_{column}", NAMES_OF_COLUMNS.get(column, column)) for column in STANDING)

MOVED_ON = ("due_on", "occurrence", "is_finished", "last_done_on", "updated_at", "updated_by", "version")
SETTLED_KEYS = (*STANDING_KEYS, *((f"new_{name}", name) for name in MOVED_ON))


def plain(value: Any) -> Any:
    """Write a value as a column has it."""
    match value:
        case Distance():
            return value.metres
        case EngineHours():
            return value.tenths
        case Gauge():
            return list(attrs.astuple(value))
        case Urgency() | Metric():
            return value.value
        case _:
            return value


def to_row(fact: Reminder) -> dict[str, Any]:
    """Write a reminder as a row, without its fleet."""
    row = {COLUMNS.get(name, name): plain(getattr(fact, name)) for name in NAMES}
    cost = fact.expected_cost
    row |= {"expected_minor": cost and cost.minor, "expected_currency": cost and cost.currency}
    return row


def _measure(kind: type[Any], value: int | None) -> Any:
    return None if value is None else kind(value)


def from_row(row: RowMapping) -> Reminder:
    """Read a reminder."""
    values = {name: row[COLUMNS.get(name, name)] for name in NAMES}
    for name in COLUMNS.keys() - {"on"}:
        values[name] = _measure(EngineHours if name.endswith("hours") else Distance, values[name])
    for name in ("odometer_gauge", "hours_gauge"):
        values[name] = None if values[name] is None else Gauge(*values[name])
    for name in ("is_fixed", "is_finished", "is_silent"):
        values[name] = bool(values[name])
    if row["expected_currency"] is not None:
        values["expected_cost"] = Money(row["expected_minor"], row["expected_currency"])
    values |= {"urgency": Urgency(values["urgency"]), "metric": Metric(values["metric"])}
    return Reminder(**values)
