"""Makes up a command of any operation, so that a test can try them all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin
from uuid import UUID

import attrs

from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.kernel.wire import bare_type

__all__ = ["id_fields", "invented"]

VALUES: Mapping[Any, Any] = {
    str: "Expenses:Word",
    int: 1,
    bool: True,
    float: 1.0,
    bytes: b"x",
    datetime: datetime(2026, 5, 1, tzinfo=UTC),
    date: date(2026, 5, 1),
    Money: Money.of(1, "EUR"),
    Distance: Distance.of(1),
    Decimal: Decimal(1),
    Volume: Volume.of(1),
}


def id_fields(command_type: Any) -> list[str]:
    """Return the fields in which *command_type* names a record: all ids but those chosen for a new one."""
    attrs.resolve_types(command_type)
    return [
        field.name
        for field in attrs.fields(command_type)
        if bare_type(field.type) is UUID and not (field.name == "id" and field.default is None)
    ]


def invented(command_type: Any, record_id: UUID) -> Any:
    """Make a command that names *record_id* wherever it names a record, and says as little as it can."""
    attrs.resolve_types(command_type)
    named = dict.fromkeys(id_fields(command_type), record_id)
    required = {
        field.name: "vehicles.vehicle" if field.name == "entity" else value_of(field.type)
        for field in attrs.fields(command_type)
        if field.default is attrs.NOTHING and field.name not in named
    }
    return command_type(**named, **required)


def value_of(declared: Any) -> Any:
    """Make up a value of the type *declared*."""
    kind = bare_type(declared)
    if get_origin(kind) is tuple:
        return ()
    if get_origin(kind) is not None and issubclass(get_origin(kind), Mapping):
        return {}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if attrs.has(kind) and kind not in VALUES:
        return kind(**{f.name: value_of(f.type) for f in attrs.fields(kind) if f.default is attrs.NOTHING})
    return VALUES[kind if not get_args(kind) else get_origin(kind)]
