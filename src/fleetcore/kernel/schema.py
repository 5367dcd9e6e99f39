"""JSON Schema (2020-12) of commands, facts and events, as :mod:`fleetcore.kernel.wire` reads and writes them.

The dialect is the one that OpenAPI 3.1 uses, so the same schemas serve both.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs
from attrs import field, frozen

from .actor import Scope
from .checks import INTEGER_LIMIT, TEXT_LENGTH_MAX, length_max_of
from .choices import choices_of
from .money import Money, UnitPrice
from .quantities import Distance, Energy, EngineHours, Mass, Volume
from .wire import wire_name

__all__ = ["ONLY_PYTHON", "SchemaBook", "inline_schema", "is_only_python", "summary_of"]

Schema = dict[str, Any]


def _money(about: str) -> Schema:
    return {
        "type": "object",
        "description": about,
        "properties": {
            "amount": {"type": "string", "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
    }


PLAIN: Mapping[Any, Schema] = {
    Any: {},
    object: {},
    type(None): {"type": "null"},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    bool: {"type": "boolean"},
    Path: {"type": "string", "description": "the path of a file where the library runs"},
    UUID: {"type": "string", "format": "uuid"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    Distance: {"type": "number", "description": "kilometres"},
    Volume: {"type": "number", "description": "litres"},
    Energy: {"type": "number", "description": "kilowatt-hours"},
    Mass: {"type": "number", "description": "kilograms"},
    EngineHours: {"type": "number", "description": "hours"},
    Scope: {"type": "string", "enum": [scope.name.lower() for scope in Scope]},
    Money: _money("an amount in major units of an ISO 4217 currency"),
    UnitPrice: _money("the price of one litre, kilogram or kilowatt-hour"),
}
BOUNDS: Mapping[Any, Schema] = {
    str: {"maxLength": TEXT_LENGTH_MAX},
    int: {"format": "int64", "minimum": -INTEGER_LIMIT, "maximum": INTEGER_LIMIT - 1},
}
ONLY_PYTHON: Schema = {"description": "only from Python"}


@frozen
class SchemaBook:
    """Makes schemas, and keeps those of classes as definitions that the others refer to.

    *complete* says that every field is there, as in what we write; else fields with a default may be
    missing, as in what we read. *open_ended* allows unknown fields. Without *prefix* classes are not
    referred to but written where they are used. *python_allowed* says so of a type that has no JSON form
    (a stream, a function), which else raises TypeError. *bounded* tells the limits that the core has for every
    text and whole number. *suffix* ends the names of classes, where two books share their definitions.
    """

    complete: bool = False
    open_ended: bool = False
    python_allowed: bool = False
    bounded: bool = False
    suffix: str = ""
    prefix: str | None = "#/$defs/"
    definitions: dict[str, Schema] = field(factory=dict)
    _names: dict[Any, str] = field(factory=dict)

    def of(self, declared: Any) -> Schema:
        """Return the schema of the type *declared*."""
        if (plain := _plain(declared)) is not None:
            return {**plain, **(BOUNDS.get(declared, {}) if self.bounded else {})}
        origin = get_origin(declared)
        if origin in {Union, types.UnionType}:
            return self._union(get_args(declared))
        if isinstance(declared, type) and issubclass(declared, Enum):
            return self._named(declared, lambda: _enum(declared))
        if attrs.has(origin or declared):
            return self._named(declared, lambda: self._object(declared))
        return self._collection(origin or declared, get_args(declared))

    def written_out(self, declared: Any) -> Schema:
        """Return the schema of the class *declared* itself, even where others would refer to it."""
        return self._object(declared)

    def _union(self, members: Sequence[Any]) -> Schema:
        schemas = [self.of(member) for member in members]
        nullable = {"type": "null"} in schemas and len(schemas) == 2
        bare = next((schema for schema in schemas if schema != {"type": "null"}), {})
        if nullable and isinstance(bare.get("type"), str) and "enum" not in bare:
            return {**bare, "type": [bare["type"], "null"]}
        return {"anyOf": schemas}

    def _collection(self, origin: Any, arguments: tuple[Any, ...]) -> Schema:
        if origin is tuple and arguments[-1:] != (Ellipsis,):
            items = [self.of(argument) for argument in arguments]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            held: Schema = {"additionalProperties": self.of(arguments[1]) if arguments else {}}
            return {"type": "object", **(self._key_names(arguments) if self.bounded else {}), **held}
        if isinstance(origin, type) and issubclass(origin, Sequence | AbstractSet):
            return {"type": "array", "items": self.of(arguments[0]) if arguments else {}}
        if self.python_allowed:
            return dict(ONLY_PYTHON)
        raise TypeError(f"{origin!r} has no JSON schema: commands, facts and events are made of plain values")

    def _key_names(self, arguments: tuple[Any, ...]) -> Schema:
        return {"propertyNames": self.of(arguments[0])} if arguments and arguments[0] is not str else {}

    def _named(self, declared: Any, make: Callable[[], Schema]) -> Schema:
        if self.prefix is None:
            return make()
        if (name := self._names.get(declared)) is None:
            name = self._names[declared] = self._free_name(declared)
            self.definitions[name] = {}  # taken, also while its fields are written
            self.definitions[name].update(make())
        return {"$ref": f"{self.prefix}{name}"}

    def _free_name(self, declared: Any) -> str:
        name = title_of(declared) + self.suffix
        if name in self.definitions:
            area = (get_origin(declared) or declared).__module__.split(".")[1]
            name = area.capitalize() + name
        return name

    def _object(self, declared: Any) -> Schema:
        cls = get_origin(declared) or declared
        attrs.resolve_types(cls)
        meant = dict(zip(getattr(cls, "__parameters__", ()), get_args(declared), strict=False))
        properties: Schema = {}
        required = []
        for attribute in attrs.fields(cls):
            name = wire_name(attribute.name, attribute.type)
            inner = self.of(_filled(attribute.type, meant))
            if self.bounded and (longest := length_max_of(attribute)) != TEXT_LENGTH_MAX:
                inner = {**inner, "maxLength": longest}
            properties[name] = inner | _default(attribute.default)
            if choices := choices_of(attribute):
                properties[name]["enum"] = list(choices)
            if self.complete or attribute.default is attrs.NOTHING:
                required.append(name)
        schema: Schema = {"type": "object", "title": title_of(declared), "properties": properties}
        if about := summary_of(cls):
            schema["description"] = about
        if required:
            schema["required"] = required
        if not self.open_ended:
            schema["additionalProperties"] = False
        return schema


def _plain(declared: Any) -> Schema | None:
    try:
        return PLAIN.get(declared)
    except TypeError:  # not hashable, so none of these
        return None


def _enum(cls: type[Enum]) -> Schema:
    return {
        "type": "string",
        "title": cls.__name__,
        "description": summary_of(cls),
        "enum": [member.value for member in cls],
    }


def _default(value: Any) -> Schema:
    if value is attrs.NOTHING:  # an enumeration's member too, with a value
        return {}
    if isinstance(value, Enum):
        return {"default": value.value}
    return {"default": value} if isinstance(value, bool | int | float | str) else {}


def _filled(declared: Any, meant: Mapping[Any, Any]) -> Any:
    """Return *declared* with its type variables replaced by what they are *meant* to be."""
    if isinstance(declared, TypeVar):
        return meant.get(declared, Any)
    if not meant or not get_args(declared):
        return declared
    inner = tuple(_filled(argument, meant) for argument in get_args(declared))
    origin: Any = get_origin(declared)
    return Union[inner] if origin in {Union, types.UnionType} else origin[inner]  # noqa: UP007 - made at run time


def title_of(declared: Any) -> str:
    """Return the name of a class, with what a generic one holds: ``PageOfFill``."""
    name: str = (get_origin(declared) or declared).__name__
    held = [title_of(argument) for argument in get_args(declared) if isinstance(argument, type)]
    return f"{name}Of{'And'.join(held)}" if held else name


def summary_of(cls: Any) -> str:
    """Return the first line of a class's own docstring."""
    return (inspect.cleandoc(cls.__doc__ or "")).partition("\n")[0]


def is_only_python(declared: Any) -> bool:
    """Say whether no JSON can say a value of the type *declared*, be it optional or not: a stream, a function."""
    members = [each for each in get_args(declared) if each is not type(None)]
    is_union = get_origin(declared) in {Union, types.UnionType}
    said = [inline_schema(each, python_allowed=True) for each in (members if is_union else [declared])]
    return all(each == ONLY_PYTHON for each in said)


def inline_schema(declared: Any, **options: Any) -> Schema:
    """Return the schema of *declared* in one piece, without references; *options* are those of SchemaBook."""
    return SchemaBook(**options, prefix=None).of(declared)
