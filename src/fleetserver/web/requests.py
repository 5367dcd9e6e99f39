"""From a request to a command: address, query, If-Match and body become one mapping, read strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, get_args, get_origin

import attrs
import orjson
from aiohttp import web
from attrs import frozen

from fleetcore.kernel.quantities import Distance, Energy, EngineHours, Mass, Volume
from fleetcore.kernel.schema import is_only_python
from fleetcore.kernel.wire import bare_type, wire_name

from .problems import Fault, HttpProblem
from .routing import Route

__all__ = [
    "ADDRESS_TEXT_MAX",
    "CommandFields",
    "fields_of",
    "json_body",
    "query_values",
    "unsayable",
    "version_wanted",
    "whole_body",
]

NUMBERS = {Decimal, float, Distance, Volume, Energy, Mass, EngineHours}
DEPTH_MAX = 32
BODY_TYPES = {"application/json", "application/merge-patch+json"}
NO_VERSION = -1  # no record has it, so whoever names it is told 404 or 422 before 412
ETAG = re.compile(r'(?:W/)?"(\d{1,18})(?:\.[0-9a-zA-Z-]*)?"')
KEY_ENDS = re.compile(rb'"\s*:')
WHOLE = re.compile(r"-?[0-9]{1,19}")
ADDRESS_TEXT_MAX = 500
TOO_LONG = f"is longer than {ADDRESS_TEXT_MAX} characters"
GENERAL_PARAMETERS = {"units"}


@frozen
class CommandFields:
    """The fields of a command by their JSON names, with their types; *required* have no default."""

    types: Mapping[str, Any]
    required: frozenset[str] = frozenset()
    names: Mapping[str, str] = {}  # of the attributes, by the JSON names


@lru_cache(maxsize=1024)
def fields_of(command_type: Any) -> CommandFields:
    """Return the fields of *command_type* by their JSON names."""
    cls = get_origin(command_type) or command_type
    attrs.resolve_types(cls)
    named = [(wire_name(each.name, each.type), each) for each in attrs.fields(cls)]
    return CommandFields(
        {name: each.type for name, each in named},
        frozenset(name for name, each in named if each.default is attrs.NOTHING),
        {name: each.name for name, each in named},
    )


def unsayable(route: Route, fields: CommandFields) -> frozenset[str]:
    """Return the fields that no request says: the file, what is hidden, what only Python has."""
    only_python = {name for name, declared in fields.types.items() if is_only_python(declared)}
    return frozenset({route.file_field, *route.hidden, *only_python})


def query_values(request: web.Request, fields: CommandFields) -> dict[str, Any]:
    """Return what the query says, in the JSON types of the fields. Raises HttpProblem for unknown or doubled names."""
    values: dict[str, Any] = {}
    faults = [
        Fault(parameter=name, detail=TOO_LONG, code="too_long")
        for name, text in request.match_info.items()
        if len(text) > ADDRESS_TEXT_MAX
    ]
    for name in request.query:
        if name in GENERAL_PARAMETERS:
            continue
        if name not in fields.types:
            there = ", ".join(sorted({*fields.types, *GENERAL_PARAMETERS})) if fields.types else "none"
            detail = f"is not a parameter of this address; there are {there}"
            faults.append(Fault(parameter=name, detail=detail, code="unknown"))
            continue
        said = request.query.getall(name)
        if max(map(len, said)) > ADDRESS_TEXT_MAX:
            faults.append(Fault(parameter=name, detail=TOO_LONG, code="too_long"))
        elif _is_list(bare_type(fields.types[name])):
            inner = get_args(bare_type(fields.types[name]))[0]
            values[name] = [_plain(part, inner) for text in said for part in text.split(",") if part]
        elif len(said) > 1:
            faults.append(Fault(parameter=name, detail="is given more than once", code="doubled"))
        else:
            values[name] = _plain(said[0], bare_type(fields.types[name]))
    if faults:
        raise HttpProblem(status=422, kind="rejected", detail=_joined(faults), faults=tuple(faults))
    return values


def _joined(faults: list[Fault]) -> str:
    return "; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults)


def _is_list(declared: Any) -> bool:
    origin = get_origin(declared)
    return origin in {tuple, list, frozenset}


def _plain(text: str, declared: Any) -> Any:
    """Return *text* in the JSON type of *declared*; what does not fit stays text, which the core refuses by name."""
    if declared is bool and text in {"true", "false"}:
        return text == "true"
    if declared is int and WHOLE.fullmatch(text):
        return int(text)
    if declared in NUMBERS:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


async def whole_body(request: web.Request) -> bytes:
    """Return the body; one that says it is too large is refused before it comes. Raises HTTPRequestEntityTooLarge."""
    if request.client_max_size and (request.content_length or 0) > request.client_max_size:
        raise web.HTTPRequestEntityTooLarge(request.client_max_size, request.content_length or 0)
    return await request.read()


def json_body(request: web.Request, raw: bytes) -> dict[str, Any]:
    """Return the JSON object that the body *raw* is; no body is an empty one. Raises HttpProblem."""
    if not raw.strip():
        return {}
    if request.content_type not in BODY_TYPES:
        raise HttpProblem(
            status=415, kind="unsupported-media-type", detail=f"send application/json, not {request.content_type}"
        )
    if _depth(raw) > DEPTH_MAX:
        raise HttpProblem(status=400, kind="malformed", detail=f"the body is nested more than {DEPTH_MAX} levels deep")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _malformed(f"is not JSON: {error}") from None
    if len(KEY_ENDS.findall(raw)) > _key_count(value):  # a text may hold what looks like a key: then look closer
        json.loads(raw, object_pairs_hook=_once_each)
    if not isinstance(value, dict):
        fault = Fault(pointer="", detail="must be an object", code="invalid")
        raise HttpProblem(status=422, kind="rejected", detail="the body must be an object", faults=(fault,))
    return value


def _malformed(detail: str) -> HttpProblem:
    fault = Fault(pointer="", detail=detail, code="malformed")
    return HttpProblem(status=400, kind="malformed", detail=detail, faults=(fault,))


def _key_count(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_key_count(inner) for inner in value.values() if isinstance(inner, dict | list))
    return sum(_key_count(inner) for inner in value) if isinstance(value, list) else 0


def _once_each(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that says a key twice: of two values nobody can tell which one is meant."""
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _malformed(f"says {', '.join(repr(name) for name in twice)} more than once")


def _depth(raw: bytes) -> int:
    """Return how deep *raw* nests; 0 where it has too few brackets to nest too deep."""
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return 0
    depth = deepest = 0
    for byte in _structure(raw):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
BRACKETS = re.compile(rb"[\[\]{}]")


def _structure(raw: bytes) -> Iterator[bytes]:
    for found in BRACKETS.finditer(TEXTS.sub(b"", raw)):
        yield found[0]


def version_wanted(request: web.Request) -> int | None:
    """Return the version that If-Match names, NO_VERSION for an ETag we never wrote, None without the header."""
    said = request.headers.get("If-Match")
    if said is None:
        return None
    found = ETAG.fullmatch(said.strip())
    return NO_VERSION if found is None else int(found[1])
