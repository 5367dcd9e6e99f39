"""The OpenAPI 3.1 description of the API, made from the routes and the operations they name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web
from attrs import frozen

from fleetcore import Core, __version__
from fleetcore.batches import BATCH_SIZE_MAX
from fleetcore.kernel.schema import ONLY_PYTHON, Schema, SchemaBook
from fleetcore.operations import AnyOperation, Operation

from .requests import fields_of
from .routing import Route, Shape
from .tables import item_type_of
from .validators import digest_of, is_fresh

__all__ = ["Document", "PlainRoute", "describe"]

FILE = "application/octet-stream"
MAKING = {Shape.CREATE, Shape.BATCH}
COMPONENTS = "#/components/schemas/"
PROBLEM: Schema = {
    "type": "object",
    "description": "What is wrong and what to do about it (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "correlation_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                    "pointer": {"type": "string", "description": "where in the body, as a JSON pointer"},
                    "parameter": {"type": "string"},
                    "header": {"type": "string"},
                },
                "required": ["detail", "code"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "correlation_id"],
}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what was read; without it the answer is 428.",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key again, with the same body, gives the first answer without a second effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
TEXTS = {
    400: "The body is not JSON.",
    401: "Nobody is logged in.",
    403: "The role does not allow it.",
    404: "There is no such record.",
    406: "It cannot be told in what Accept names.",
    409: "It collides with what is stored.",
    412: "The record was changed meanwhile.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Something in the request breaks a rule; every fault is listed.",
    428: "If-Match is missing.",
    429: "Too many requests.",
    503: "The server cannot serve now; come back after Retry-After.",
}


@frozen(kw_only=True)
class PlainRoute:
    """An address that no operation answers: what it takes, what it tells, and whether anyone may ask."""

    method: str
    path: str
    summary: str
    takes: Any
    status: int
    is_open: bool


@frozen
class _Books:
    """The schemas of what is read and of what is written; they differ in which fields must be there."""

    told: SchemaBook
    asked: SchemaBook


class Document:
    """Shows the description; it changes with a release only, so who has it asks whether it is still the same."""

    def __init__(self, document: bytes) -> None:
        self._body, self._tag = document, digest_of(document)

    async def show(self, request: web.Request) -> web.Response:
        """Answer with the description."""
        headers = {"ETag": self._tag, "Vary": "Accept-Encoding"}
        if is_fresh(request, self._tag):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=self._body, content_type="application/json", headers=headers)
        response.enable_compression()
        return response


def describe(routes: Sequence[Route], core: Core, root: str, plain: Sequence[PlainRoute] = ()) -> bytes:
    """Return the document, as JSON."""
    told = SchemaBook(complete=True, python_allowed=True, prefix=COMPONENTS)
    books = _Books(told, SchemaBook(python_allowed=True, prefix=None))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation = core.operations[route.operation]
        paths.setdefault(root + route.path, {})[route.method.lower()] = _method(route, operation, books)
    for each in plain:
        paths.setdefault(root + each.path, {})[each.method.lower()] = _plain_method(each, books)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "fleetserver", "version": __version__, "summary": "Everything a vehicle needs in its life."},
        "paths": paths,
        "components": {
            "schemas": {**books.told.definitions, "Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }
    return orjson.dumps(document)


def _plain_method(route: PlainRoute, books: _Books) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{route.method.lower()}:{route.path}",
        "tags": [route.path.split("/")[1]],
        "summary": route.summary,
        "parameters": [
            {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            for part in route.path.split("/")
            if part.startswith("{")
        ],
        "responses": {
            str(route.status): {"description": "Done."},
            **{str(status): _problem(TEXTS[status]) for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)},
        },
    }
    if route.is_open:
        described["security"] = []
    if route.method == "POST":
        schema = books.asked.of(route.takes)
        described["requestBody"] = {
            "required": "required" in schema,
            "content": {"application/json": {"schema": schema}},
        }
    return described


def _problem(text: str) -> Schema:
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": f"{COMPONENTS}Problem"}}},
    }


def _method(route: Route, operation: AnyOperation, books: _Books) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{route.method.lower()}:{route.path}",
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
    return books.asked.of(operation.command_type)


def _parameters(route: Route, operation: AnyOperation, books: _Books) -> list[Schema]:
    properties = _schema(operation, books)["properties"]
    required = fields_of(operation.command_type).required
    found: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": properties[name]} for name in route.path_fields
    ]
    if route.shape in {Shape.READ, Shape.UPLOAD, Shape.DOWNLOAD, Shape.CONTENT}:
        found += [IDEMPOTENCY_KEY] if route.shape is Shape.UPLOAD else []
        return found + [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "schema": _in_query(schema),
                **({"explode": True, "style": "form"} if schema.get("type") == "array" else {}),
            }
            for name, schema in properties.items()
            if name not in route.path_fields and name not in route.fixed and _is_sayable(name, schema, route)
        ]
    if "version" in properties:
        found.append(IF_MATCH)
    found.append(IDEMPOTENCY_KEY)
    return found


def _is_sayable(name: str, schema: Schema, route: Route) -> bool:
    """Say whether a query can hold the field: no file, no object, nothing that only Python has."""
    return (
        name not in {route.file_field, *route.hidden}
        and schema != ONLY_PYTHON
        and "object" not in str(schema.get("type"))
    )


def _in_query(schema: Schema) -> Schema:
    """Return *schema* without null, which a query cannot say: leaving the parameter out does."""
    kind = schema.get("type")
    if isinstance(kind, list):
        return {**schema, "type": next(each for each in kind if each != "null")}
    if "anyOf" in schema:
        rest = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return rest[0] if len(rest) == 1 else {"anyOf": rest}
    return schema


def _body(route: Route, operation: AnyOperation, books: _Books) -> Schema:
    schema = dict(_schema(operation, books))
    implied = {*route.path_fields, *route.fixed, *({"version"} if route.shape not in MAKING else set())}
    schema["properties"] = {name: each for name, each in schema["properties"].items() if name not in implied}
    required = [name for name in schema.get("required", ()) if name not in implied]
    schema.pop("required", None)
    if required and route.shape is not Shape.MERGE:
        schema["required"] = required
    if route.shape is Shape.BATCH:
        schema = _listed(schema, BATCH_SIZE_MAX)
        required = ["items"]
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _listed(item: Schema, most: int) -> Schema:
    items = {"type": "array", "items": item, "minItems": 1, "maxItems": most}
    return {"type": "object", "properties": {"items": items}, "required": ["items"], "additionalProperties": False}


def _responses(route: Route, operation: AnyOperation, books: _Books) -> dict[str, Schema]:
    is_made = route.shape in MAKING or (route.shape is Shape.UPLOAD and isinstance(operation, Operation))
    success = 201 if is_made else 200
    schema = books.told.of(operation.result_type)
    if route.shape is Shape.BATCH:
        schema = {"type": "array", "items": schema}
    if schema.get("type") == "array":
        schema = {
            "type": "object",
            "properties": {"items": schema, "next": {"type": "null"}},
            "required": ["items", "next"],
        }
    if route.shape in {Shape.DOWNLOAD, Shape.CONTENT}:
        content: Schema = {route.media_type or FILE: {"schema": {}}}
    else:
        content = {"application/json": {"schema": schema}}
        if route.shape is Shape.READ and item_type_of(operation.result_type) is not None:
            content["text/csv"] = {"schema": {"type": "string"}}
    responses: dict[str, Schema] = {str(success): {"description": "Done.", "content": content}}
    if route.shape is Shape.READ:
        responses["304"] = {"description": "Nothing changed since the ETag of If-None-Match."}
    for status, text in TEXTS.items():
        if status in {428, 412} and "version" not in fields_of(operation.command_type).types:
            continue
        if status == 406 and route.shape is not Shape.READ:
            continue
        if route.shape is Shape.READ and status in {400, 409, 412, 413, 415, 428}:
            continue
        responses[str(status)] = _problem(text)
    return responses
