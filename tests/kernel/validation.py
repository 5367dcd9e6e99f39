"""As much of a JSON Schema validator as our own schemas need, and random values of any declared type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin
from uuid import UUID

import attrs
from hypothesis import strategies as st

from fleetcore.kernel.choices import choices_of
from fleetcore.kernel.money import Money, UnitPrice, currencies
from fleetcore.kernel.quantities import Distance, Energy, EngineHours, Mass, Volume
from fleetcore.kernel.wire import bare_type

TYPES: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
FORMS = {
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
}


def faults(value: Any, schema: Mapping[str, Any], path: str = "$") -> Iterator[str]:
    """Yield everywhere that *value* breaks *schema*."""
    if "anyOf" in schema:
        if not any(not list(faults(value, inner, path)) for inner in schema["anyOf"]):
            yield f"{path}: {value!r} is none of these"
        return
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_kind(value, kind) for kind in kinds):
        yield f"{path}: {value!r} is no {kinds}"
        return
    yield from text_faults(value, schema, path)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), f"{path}[{index}]")
    if isinstance(value, dict):
        yield from object_faults(value, schema, path)


def text_faults(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield what is wrong with a word or a text of a certain form."""
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    for form in (FORMS.get(schema.get("format", "")), schema.get("pattern")):
        if form and isinstance(value, str) and not re.search(f"^(?:{form})$", value):
            yield f"{path}: {value!r} is not like {form}"


def is_kind(value: Any, kind: str) -> bool:
    """Say whether *value* is of a type of JSON."""
    return isinstance(value, TYPES[kind]) and not (isinstance(value, bool) and kind in {"integer", "number"})


def object_faults(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield what is wrong with the fields of an object."""
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, inner in value.items():
        if name in properties:
            yield from faults(inner, properties[name], f"{path}.{name}")
        elif others is False:
            yield f"{path}: {name} is unknown"
        else:
            yield from faults(inner, others, f"{path}.{name}")


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
WHOLE = st.integers(-(10**12), 10**12)
MONEY = st.builds(Money, st.integers(-(10**16), 10**16), st.sampled_from(sorted(currencies())))
LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    UUID: st.uuids(),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Decimal: st.decimals(0, 1, places=3),
    Distance: st.builds(Distance, WHOLE),
    Volume: st.builds(Volume, WHOLE),
    Energy: st.builds(Energy, WHOLE),
    Mass: st.builds(Mass, WHOLE),
    EngineHours: st.builds(EngineHours, WHOLE),
    Money: MONEY,
    UnitPrice: st.builds(UnitPrice, st.integers(-(10**16), 10**16), st.sampled_from(sorted(currencies()))),
    Any: TEXT | st.none() | st.lists(TEXT, max_size=2),
}


@cache
def values_of(declared: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of the type *declared*; raises TypeError where it has no JSON form."""
    bare = bare_type(declared)
    if bare is not declared:
        return st.none() | values_of(bare)
    if bare in LEAVES:
        return LEAVES[bare]
    origin, arguments = get_origin(bare), get_args(bare)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return st.sampled_from(bare)
    if attrs.has(origin or bare):
        cls: Any = origin or bare
        attrs.resolve_types(cls)
        meant = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False))
        return st.builds(cls, **{a.alias: field_values(a, meant) for a in attrs.fields(cls)})
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=2)
    raise TypeError(f"{declared!r} has no JSON form")


def field_values(attribute: Any, meant: Mapping[Any, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of a field: of its type, or the few it takes."""
    choices = choices_of(attribute)
    return st.sampled_from(choices) if choices else values_of(filled(attribute.type, meant))


def filled(declared: Any, meant: Mapping[Any, Any]) -> Any:
    """Replace the type variable of a generic class, which stands alone or in a tuple."""
    if declared in meant:
        return meant[declared]
    if get_origin(declared) is tuple and get_args(declared)[0] in meant:
        return tuple[meant[get_args(declared)[0]], ...]  # type: ignore[misc]
    return declared
