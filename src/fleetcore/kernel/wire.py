"""Facts and commands as JSON, strictly: nothing is coerced, and every problem is listed.

Quantities travel as metric numbers with the unit in the name: a field ``odometer: Distance`` is
``"odometer_km"`` on the wire, ``volume: Volume`` is ``"volume_l"``, ``Energy`` ``_kwh``, ``Mass`` ``_kg``.
Money and unit prices are ``{"amount": "67.09", "currency": "EUR"}``; ids and instants are text.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, Union, cast, get_args, get_origin
from uuid import UUID

import attrs
import orjson
from cattrs import Converter
from cattrs.cols import is_mapping, list_structure_factory, mapping_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from .actor import Scope
from .checks import NOT_TEXT, is_text
from .errors import Problem, Rejected
from .money import Money, UnitPrice
from .quantities import Distance, Energy, EngineHours, Mass, Volume
from .when import require_aware

__all__ = [
    "UNIT_SUFFIXES",
    "converter",
    "from_json",
    "structure",
    "to_json",
    "unstructure",
    "wire_name",
    "without_secrets",
]

T = TypeVar("T")
UUID_FORM = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
DATE_FORM = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
INSTANT_FORM = DATE_FORM + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
UNIT_SUFFIXES: Mapping[type, str] = {Distance: "_km", Volume: "_l", Energy: "_kwh", Mass: "_kg"}


def bare_type(declared: Any) -> Any:
    """Return *declared* without its ``| None``."""
    if get_origin(declared) in {Union, types.UnionType}:
        rest = [part for part in get_args(declared) if part is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return declared


def wire_name(name: str, declared: Any) -> str:
    """Return the JSON name of the attrs field *name* of type *declared*."""
    suffix = UNIT_SUFFIXES.get(bare_type(declared), "")
    return name if not suffix or name.endswith(suffix) else name + suffix


def _overrides(declared: Any) -> dict[str, Any]:
    cls = get_origin(declared) or declared
    attrs.resolve_types(cls)
    return {a.name: override(rename=wire_name(a.name, a.type)) for a in attrs.fields(cls)}


def _number(value: Any, what: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"must be a number ({what})")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError("must be a finite number")
    return number


def _integer(value: Any, cls: Any) -> Any:
    if cls is not int:  # the dispatch also brings its subclasses here, which are enums
        return _enum(value, cls)
    if isinstance(value, float) and value.is_integer():
        return int(value)  # JSON Schema counts 1964.0 among the integers
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _exactly(kind: type, name: str) -> Callable[[Any, Any], Any]:
    def hook(value: Any, cls: Any) -> Any:
        if cls is not kind:  # the dispatch also brings its subclasses here, which are enums
            return _enum(value, cls)
        if not isinstance(value, kind):
            raise ValueError(f"must be {name}")
        return value

    return hook


def _text(value: Any, cls: Any) -> Any:
    if cls is not str:  # the dispatch also brings its subclasses here, which are enums
        return _enum(value, cls)
    if not isinstance(value, str):
        raise ValueError("must be text")
    if not is_text(value):
        raise ValueError(NOT_TEXT)
    return value


def _text_as(kind: Callable[[str], T], name: str, form: str, *native: type) -> Callable[[Any, Any], T]:
    """Return a hook that reads text of the regular expression *form*, which the JSON schema promises."""
    shape = re.compile(form, re.ASCII)

    def hook(value: Any, _cls: Any) -> T:
        if type(value) in native:
            return cast(T, value)
        if not (isinstance(value, str) and shape.fullmatch(value)):
            raise ValueError(f"must be {name}")
        try:
            return kind(value)
        except ValueError:
            raise ValueError(f"must be {name}") from None

    return hook


def _enum(value: Any, cls: type[Enum]) -> Enum:
    if isinstance(value, cls):
        return value
    try:
        return cls(value)
    except ValueError:
        raise ValueError("must be one of " + ", ".join(str(member.value) for member in cls)) from None


def _scope(value: Any, _cls: Any) -> Scope:
    if isinstance(value, Scope):
        return value
    if isinstance(value, str) and value.upper() in Scope.__members__ and value.islower():
        return Scope[value.upper()]
    raise ValueError("must be one of " + ", ".join(scope.name.lower() for scope in Scope))


def _priced(cls: type[Money] | type[UnitPrice]) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _cls: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not (isinstance(value, Mapping) and set(value) == {"amount", "currency"}):
            raise ValueError('must look like {"amount": "67.09", "currency": "EUR"}')
        amount, currency = value["amount"], value["currency"]
        if not (isinstance(amount, str) and isinstance(currency, str)):
            raise ValueError('must hold text, like {"amount": "67.09", "currency": "EUR"}')
        made = cls.of(amount, currency)
        if made.amount != Decimal(amount):
            raise ValueError(f"{amount} has more decimal places than {currency} can hold here")
        return made

    return hook


def _aware(text: str) -> datetime:
    return require_aware(datetime.fromisoformat(text))


def _is_tuple_of_many(cls: Any) -> bool:
    return get_origin(cls) is tuple and get_args(cls)[-1:] == (Ellipsis,)


def _structure_tuple(cls: Any, made: Converter) -> Callable[[Any, Any], Any]:
    items: Any = list.__class_getitem__(get_args(cls)[0])
    inner: Callable[[Any, Any], Any] = list_structure_factory(items, made)

    def hook(value: Any, declared: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise ValueError("must be a list")
        return tuple(inner(value, declared))

    return hook


def _structure_mapping(cls: Any, made: Converter) -> Callable[[Any, Any], Any]:
    inner: Callable[[Any, Any], Any] = mapping_structure_factory(cls, made)

    def hook(value: Any, declared: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError("must be an object")
        return inner(value, declared)

    return hook


def _structure_attrs(cls: type, made: Converter) -> Callable[[Any, Any], Any]:
    inner: Callable[[Any, Any], Any] = make_dict_structure_fn(
        cls, made, _cattrs_forbid_extra_keys=True, **_overrides(cls)
    )

    plain = get_origin(cls) or cls

    def hook(value: Any, declared: Any) -> Any:
        if isinstance(value, plain):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("must be an object")
        return inner(value, declared)

    return hook


def _unstructure_attrs(cls: type, made: Converter) -> Callable[[Any], Any]:
    return make_dict_unstructure_fn(cls, made, **_overrides(cls))


def _is_optional(declared: Any) -> bool:
    return bare_type(declared) is not declared


def _unstructure_optional(declared: Any, made: Converter) -> Callable[[Any], Any]:
    inner: Callable[[Any], Any] = made.get_unstructure_hook(bare_type(declared))
    if inner is identity:  # which costs no call, where a function that gives back its argument does
        return identity
    return lambda value: None if value is None else inner(value)


def _make() -> Converter:
    made = Converter()
    made.register_structure_hook_factory(attrs.has, _structure_attrs)
    made.register_unstructure_hook_factory(attrs.has, _unstructure_attrs)
    made.register_structure_hook(int, _integer)
    made.register_structure_hook(bool, _exactly(bool, "true or false"))
    made.register_structure_hook(str, _text)
    made.register_structure_hook_factory(_is_tuple_of_many, _structure_tuple)
    made.register_structure_hook_factory(is_mapping, _structure_mapping)
    made.register_structure_hook(Scope, _scope)
    made.register_structure_hook(Decimal, lambda value, _: _number(value, "decimal"))
    made.register_structure_hook(float, lambda value, _: float(_number(value, "decimal")))
    made.register_structure_hook(UUID, _text_as(UUID, "a UUID", UUID_FORM, UUID))
    made.register_structure_hook(date, _text_as(date.fromisoformat, "a date like 2026-03-10", DATE_FORM, date))
    made.register_structure_hook(
        datetime, _text_as(_aware, "an instant like 2026-03-10T16:01:00+00:00", INSTANT_FORM, datetime)
    )
    made.register_structure_hook_func(lambda cls: isinstance(cls, type) and issubclass(cls, Enum), _enum)
    made.register_structure_hook(
        Distance, lambda value, _: value if isinstance(value, Distance) else Distance.of(_number(value, "km"))
    )
    made.register_structure_hook(
        Volume, lambda value, _: value if isinstance(value, Volume) else Volume.of(_number(value, "litres"))
    )
    made.register_structure_hook(
        Energy, lambda value, _: value if isinstance(value, Energy) else Energy.of(_number(value, "kWh"))
    )
    made.register_structure_hook(
        Mass, lambda value, _: value if isinstance(value, Mass) else Mass.of(_number(value, "kg"))
    )
    made.register_structure_hook(
        EngineHours,
        lambda value, _: value if isinstance(value, EngineHours) else EngineHours.of(_number(value, "hours")),
    )
    made.register_unstructure_hook(EngineHours, lambda value: value.tenths / 10)
    made.register_structure_hook(Money, _priced(Money))
    made.register_structure_hook(UnitPrice, _priced(UnitPrice))
    made.register_unstructure_hook(Scope, lambda value: value.name.lower())
    made.register_unstructure_hook_factory(_is_optional, _unstructure_optional)
    made.register_unstructure_hook(UUID, identity)
    made.register_unstructure_hook(datetime, identity)
    made.register_unstructure_hook(date, identity)
    made.register_unstructure_hook(Decimal, float)
    made.register_unstructure_hook(Distance, lambda value: value.metres / 1000)
    made.register_unstructure_hook(Volume, lambda value: value.millilitres / 1000)
    made.register_unstructure_hook(Energy, lambda value: value.watt_hours / 1000)
    made.register_unstructure_hook(Mass, lambda value: value.grams / 1000)
    made.register_unstructure_hook(Money, lambda value: {"amount": str(value.amount), "currency": value.currency})
    made.register_unstructure_hook(UnitPrice, lambda value: {"amount": str(value.amount), "currency": value.currency})
    return made


converter = _make()


def unstructure(value: Any) -> Any:
    """Turn facts into plain values that :func:`to_json` can write."""
    return converter.unstructure(value)


def to_json(value: Any) -> bytes:
    """Write *value* as JSON bytes."""
    return orjson.dumps(converter.unstructure(value))


def without_secrets(value: Any) -> Any:
    """Return *value* as it may be stored: fields marked secret, which are told once, become None."""
    if not attrs.has(type(value)):
        return value
    told_once = {field.name: None for field in attrs.fields(type(value)) if field.metadata.get("secret")}
    return attrs.evolve(value, **told_once) if told_once else value


def from_json(data: bytes | str, cls: type[T]) -> T:
    """Read JSON into *cls*; raises Rejected with every problem found."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Rejected.because("", f"is not JSON: {error}") from None
    return structure(value, cls)


def structure(value: Any, cls: type[T]) -> T:
    """Build *cls* from plain values, strictly; raises Rejected with every problem found."""
    try:
        return converter.structure(value, cls)
    except Rejected:
        raise
    except Exception as error:  # cattrs passes on what hooks raise; what is no bad input is raised again
        raise Rejected(_problems(error, "")) from None


def _problems(error: BaseException, path: str) -> Iterator[Problem]:
    if isinstance(error, ClassValidationError | IterableValidationError):
        for inner in error.exceptions:
            yield from _problems(inner, _path_of(inner, path))
    elif isinstance(error, Rejected):
        for problem in error.problems:
            yield Problem(path or problem.field, problem.message, problem.code)
    elif isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            yield Problem(_join(path, name), "is not a field of this", "unknown")
    elif isinstance(error, KeyError):
        yield Problem(_join(path, str(error.args[0])), "is required", "required")
    elif isinstance(error, ValueError):
        yield Problem(path, str(error))
    else:
        raise error


def _path_of(error: BaseException, path: str) -> str:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote) and not isinstance(error, KeyError):
            return _join(path, wire_name(note.name, note.type))
        if isinstance(note, IterableValidationNote):
            return _join(path, str(note.index))
    return path


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
