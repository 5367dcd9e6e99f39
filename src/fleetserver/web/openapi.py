"""The OpenAPI 3.1 description of the API, made from the routes and the operations they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import attrs
import orjson
from attrs import frozen

from fleetcore import Core, __version__
from fleetcore.batches import BATCH_SIZE_MAX
from fleetcore.kernel.schema import SchemaBook
from fleetcore.operations import AnyOperation, Operation
from fleetcore.people.model import Units

from .openapi_examples import add_examples, add_plain_examples, borrow_examples
from .openapi_links import Linked, add_links
from .openapi_parts import COMPONENTS, Schema, components, headers, parameter, problems
from .openapi_units import with_other_units
from .requests import ADDRESS_TEXT_MAX, fields_of, unsayable
from .routing import Route, Shape
from .tables import item_type_of

__all__ = ["PlainRoute", "describe", "document_of"]

FILE = "application/octet-stream"
MAKING = {Shape.CREATE, Shape.BATCH}
UNNAMED = {Shape.DOWNLOAD, Shape.CONTENT, Shape.UPLOAD, Shape.BATCH}  # answered without an ETag
REFERRED = f"{COMPONENTS}/schemas/"
WRITTEN_STATUSES = {409, 413, 415}
GENERAL_STATUSES = {400, 401, 403, 404, 422, 429, 503}
TRACING = ("X-Correlation-Id", "traceparent")
UNITS: Schema = {
    "name": "units",
    "in": "query",
    "required": False,
    "description": "Tell what is metric in other units too: `odometer_mi` beside `odometer_km`.",
    "schema": {"type": "string", "enum": [units.value for units in Units]},
}


@frozen(kw_only=True)
class PlainRoute:
    """An address that no operation answers: what it takes and gives (None for nothing), and whether anyone may ask.

    Of what is no JSON, *media_type* says what it is. *area* is what it belongs to, where its path does not begin so.
    """

    method: str
    path: str
    summary: str
    takes: Any
    status: int
    is_open: bool
    gives: Any = None
    media_type: str | None = None
    area: str = ""


@frozen
class _Books:
    """The schemas of what is read and of what is written; they differ in which fields must be there."""

    told: SchemaBook
    asked: SchemaBook

    @classmethod
    def empty(cls) -> _Books:
        definitions: dict[str, Schema] = {}
        told = SchemaBook(complete=True, python_allowed=True, prefix=REFERRED, definitions=definitions)
        asked = SchemaBook(python_allowed=True, bounded=True, suffix="Input", prefix=REFERRED, definitions=definitions)
        return cls(told, asked)

    def resolved(self, schema: Schema) -> Schema:
        """Return what *schema* refers to, or itself."""
        return self.asked.definitions[schema["$ref"].removeprefix(REFERRED)] if "$ref" in schema else schema


def describe(routes: Sequence[Route], core: Core, root: str, plain: Sequence[PlainRoute] = ()) -> bytes:
    """Return the document, as JSON."""
    return orjson.dumps(document_of(routes, core, root, plain))


def document_of(routes: Sequence[Route], core: Core, root: str, plain: Sequence[PlainRoute] = ()) -> dict[str, Any]:
    """Return the document."""
    books = _Books.empty()
    paths: dict[str, dict[str, Any]] = {}
    names = _Names()
    linked = []
    for route in routes:
        operation = core.operations[route.operation]
        described = _method(route, operation, books, names)
        add_examples(route, described)
        paths.setdefault(root + route.path, {})[route.method.lower()] = described
        linked.append(_linked(route, operation, described, books))
    for each in plain:
        paths.setdefault(root + each.path, {})[each.method.lower()] = _plain_method(each, books)
    add_links(linked)
    borrow_examples(paths)
    shared = components()
    shared["schemas"] = {**with_other_units(books.told.definitions), **shared["schemas"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fleetserver",
            "version": __version__,
            "summary": "Everything a vehicle needs in its life.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "this server"}],
        "security": [{"token": []}],
        "tags": _tags(paths),
        "paths": paths,
        "components": shared,
    }


class _Names:
    """The ids of operations: each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, route: Route) -> str:
        name = route.operation.replace(".", "_") + ("_in_part" if route.shape is Shape.MERGE else "")
        if route.shape is Shape.BATCH:
            name += "_batch"
        if name in self._taken:
            name = f"{name}_at_{route.path.strip('/').partition('/')[0]}"
        self._taken.add(name)
        return name


def _tags(paths: Mapping[str, Mapping[str, Any]]) -> list[Schema]:
    areas = {tag for methods in paths.values() for method in methods.values() for tag in method["tags"]}
    return [{"name": area, "description": _about(area)} for area in sorted(areas)]


ABOUT: Mapping[str, str] = {  # what is no area of the library
    "auth": "Registering, signing in, and everything about one's own sign-in.",
    "events": "What happens in the fleet, as it happens, in a stream.",
}


def _about(area: str) -> str:
    if area in ABOUT:
        return ABOUT[area]
    text = (import_module(f"fleetcore.{area}").__doc__ or "").strip().partition("\n")[0]
    return text.partition(": ")[2].capitalize() or text


def _linked(route: Route, operation: AnyOperation, described: Schema, books: _Books) -> Linked:
    told = books.resolved(books.told.of(operation.result_type))
    is_list = told.get("type") == "array" or {"items", "next"} == set(told.get("properties", ()))
    fields = frozenset(fields_of(operation.command_type).types) - {*route.path_fields}
    body_fields = fields if "requestBody" in described else frozenset[str]()
    return Linked(route=route, described=described, body_fields=body_fields, answers_list=is_list)


def _plain_method(route: PlainRoute, books: _Books) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": "_".join(
            part.strip("{}").replace("-", "_") for part in (*route.path.strip("/").split("/"), route.method.lower())
        ),
        "tags": [route.area or route.path.split("/")[1]],
        "summary": route.summary,
        "parameters": [
            {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            for part in route.path.split("/")
            if part.startswith("{")
        ]
        + [parameter(name) for name in TRACING],
        "responses": {
            **_success(route, books),
            **problems(GENERAL_STATUSES if route.method == "GET" else GENERAL_STATUSES | WRITTEN_STATUSES),
        },
    }
    if route.is_open:
        described["security"] = []
    if route.method == "POST" or (route.method == "DELETE" and attrs.fields(route.takes)):
        schema = books.asked.of(route.takes)
        described["requestBody"] = {
            "required": "required" in books.resolved(schema),
            "content": {"application/json": {"schema": schema}},
        }
    add_plain_examples(route.method, route.path, described)
    return described


def _success(route: PlainRoute, books: _Books) -> dict[str, Schema]:
    if route.gives is None:
        told: Schema = {} if route.media_type is None else {"content": {route.media_type: {"schema": {}}}}
        return {str(route.status): {"description": "Done.", "headers": headers("X-Correlation-Id"), **told}}
    content = {"application/json": {"schema": _listed(books.told.of(route.gives))}}
    return {str(route.status): {"description": "Done.", "headers": headers("X-Correlation-Id"), "content": content}}


def _listed(schema: Schema) -> Schema:
    """Return the schema of a whole list as it is answered: a page without a next one."""
    if schema.get("type") != "array":
        return schema
    properties = {"items": schema, "next": {"type": "null"}}
    return {
        "type": "object",
        "properties": properties,
        "required": ["items", "next"],
        "additionalProperties": False,
    }


def _method(route: Route, operation: AnyOperation, books: _Books, names: _Names) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": names.of(route),
        "tags": [operation.area],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": _parameters(route, operation, books),
        "responses": _responses(route, operation, books),
    }
    if operation.permission is not None:
        described["x-permission"] = operation.permission
    if route.shape is Shape.UPLOAD:
        described["requestBody"] = {"required": True, "content": {FILE: {"schema": {}}}}
    elif route.shape not in {Shape.READ, Shape.REMOVE, Shape.DOWNLOAD, Shape.CONTENT}:
        described["requestBody"] = _body(route, operation, books)
    return described


def _schema(operation: AnyOperation, books: _Books) -> Schema:
    return books.asked.written_out(operation.command_type)


def _parameters(route: Route, operation: AnyOperation, books: _Books) -> list[Schema]:
    properties = _schema(operation, books)["properties"]
    found: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": _in_path(properties[name])}
        for name in route.path_fields
    ]
    if route.shape in {Shape.READ, Shape.UPLOAD, Shape.DOWNLOAD, Shape.CONTENT}:
        found += _queries(route, operation, books)
    found += [UNITS] if route.shape is Shape.READ else []
    return found + [parameter(name) for name in (*_own_headers(route, operation, properties), *TRACING)]


def _queries(route: Route, operation: AnyOperation, books: _Books) -> Iterator[Schema]:
    fields = fields_of(operation.command_type)
    elsewhere = {*route.path_fields, *route.fixed, *unsayable(route, fields)}
    for name, schema in _schema(operation, books)["properties"].items():
        if name in elsewhere or "object" in str(books.resolved(schema).get("type")):
            continue
        said: Schema = {"name": name, "in": "query", "required": name in fields.required, "schema": _in_query(schema)}
        if schema.get("type") == "array":
            said |= {"explode": True, "style": "form"}
            if said["required"]:  # an empty list is a parameter that is not there
                said["schema"] = {**said["schema"], "minItems": 1}
        yield said


def _own_headers(route: Route, operation: AnyOperation, properties: Mapping[str, Schema]) -> Iterator[str]:
    if route.shape in {Shape.READ, Shape.CONTENT}:
        yield "If-None-Match"
    elif route.shape is not Shape.DOWNLOAD:
        yield from ["If-Match"] if "version" in properties and route.shape is not Shape.UPLOAD else []
        if isinstance(operation, Operation):  # a question has no effect that could come twice
            yield "Idempotency-Key"


def _in_path(schema: Schema) -> Schema:
    """Return *schema* of what stands in an address, which is never empty."""
    schema = _short(schema)
    return {"minLength": 1, **schema} if schema.get("type") == "string" and "format" not in schema else schema


def _short(schema: Schema) -> Schema:
    """Return *schema* with the length that texts in an address have at most, lists of them too."""
    if "maxLength" in schema:
        return {**schema, "maxLength": min(schema["maxLength"], ADDRESS_TEXT_MAX)}
    return {**schema, "items": _short(schema["items"])} if isinstance(schema.get("items"), dict) else schema


def _in_query(schema: Schema) -> Schema:
    """Return *schema* without null, which a query cannot say: leaving the parameter out does."""
    schema = _short(schema)
    kind = schema.get("type")
    if isinstance(kind, list):
        return {**schema, "type": next(each for each in kind if each != "null")}
    if "anyOf" in schema:
        rest = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return rest[0] if len(rest) == 1 else {"anyOf": rest}
    return schema


def _body(route: Route, operation: AnyOperation, books: _Books) -> Schema:
    schema = dict(_schema(operation, books))
    implied = {*route.path_fields, *route.fixed, *({"version"} if route.shape is not Shape.CREATE else set())}
    schema["properties"] = {name: each for name, each in schema["properties"].items() if name not in implied}
    required = [name for name in schema.get("required", ()) if name not in implied]
    schema.pop("required", None)
    if route.shape is Shape.MERGE:
        schema["properties"] = {
            name: {key: said for key, said in each.items() if key != "default"}
            for name, each in schema["properties"].items()
        }
    elif required:
        schema["required"] = required
    if route.shape is Shape.BATCH:
        schema, required = _many(schema), ["items"]
    media_types = ["application/json", *(["application/merge-patch+json"] if route.shape is Shape.MERGE else [])]
    return {
        "required": bool(required) and route.shape is not Shape.MERGE,
        "content": {media_type: {"schema": schema} for media_type in media_types},
    }


def _many(item: Schema) -> Schema:
    items = {"type": "array", "items": item, "minItems": 1, "maxItems": BATCH_SIZE_MAX}
    return {"type": "object", "properties": {"items": items}, "required": ["items"], "additionalProperties": False}


def _responses(route: Route, operation: AnyOperation, books: _Books) -> dict[str, Schema]:
    is_made = route.shape in MAKING or (route.shape is Shape.UPLOAD and isinstance(operation, Operation))
    success = 201 if is_made else 200
    told = books.told.of(operation.result_type)
    schema = _listed({"type": "array", "items": told} if route.shape is Shape.BATCH else told)
    content: Schema = {"application/json": {"schema": schema}}
    if route.shape in {Shape.DOWNLOAD, Shape.CONTENT}:
        content = {route.media_type or (FILE if route.shape is Shape.DOWNLOAD else "*/*"): {"schema": {}}}
    elif route.shape is Shape.READ and item_type_of(operation.result_type) is not None:
        content["text/csv"] = {"schema": {"type": "string"}}
    named = ["X-Correlation-Id"]
    named += ["ETag"] if route.shape not in UNNAMED else []
    named += ["Location"] if route.shape is Shape.CREATE else []
    responses: dict[str, Schema] = {
        str(success): {"description": "Done.", "headers": headers(*named), "content": content}
    }
    if route.shape in {Shape.READ, Shape.CONTENT}:
        responses["304"] = {
            "description": "Nothing changed since the ETag of If-None-Match.",
            "headers": headers("ETag", "X-Correlation-Id"),
        }
    return {**responses, **problems(_statuses(route, operation))}


def _statuses(route: Route, operation: AnyOperation) -> set[int]:
    if route.shape in {Shape.READ, Shape.CONTENT, Shape.DOWNLOAD}:
        return GENERAL_STATUSES | ({406} if route.shape is Shape.READ else set())
    found = GENERAL_STATUSES | WRITTEN_STATUSES
    return found | {412, 428} if "version" in fields_of(operation.command_type).types else found
