"""Links between operations: where the answer of one names what another asks for (OpenAPI's Link Object)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from .openapi_parts import Schema
from .routing import Route, Shape

__all__ = ["Linked", "add_links"]

# What a name in an address or a body refers to: the collection, and the field of its records.
REFERENCES: Mapping[str, tuple[str, str]] = {
    "vehicle_id": ("/vehicles", "id"),
    "station_id": ("/stations", "id"),
    "provider_id": ("/maintenance/providers", "id"),
    "user_id": ("/members", "user_id"),
    "set_id": ("/tyres", "id"),
    "trip_id": ("/trips", "id"),
    "document_id": ("/documents", "id"),
    "plan_item_id": ("/plans", "id"),
    "template": ("/plans/templates", "key"),
}
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "/readings/{id}": ("/vehicles/{vehicle_id}/readings", "id"),
    "/plans/templates/by-key/{key}": ("/plans/templates", "key"),
    "/inspections/checklists/by-key/{key}": ("/inspections/checklists", "key"),
    "/users/{user_id}": ("/members", "user_id"),
    "/tyres/fittings/{id}": ("/tyres/{set_id}/mount", "id"),
    "/tyres/tread-checks/{id}": ("/tyres/{set_id}/tread-checks", "id"),
}
MAKING = {Shape.CREATE, Shape.UPLOAD}


@frozen(kw_only=True)
class Linked:
    """A route, what describes it, and what may be named in its body."""

    route: Route
    described: Schema
    body_fields: frozenset[str]
    answers_list: bool


def add_links(routes: Sequence[Linked]) -> None:
    """Write into each description which others its answer leads to."""
    for source in routes:
        status, response = next(each for each in source.described["responses"].items() if each[0].startswith("2"))
        links = {target.described["operationId"]: link for target in routes for link in _links(source, target)}
        if links and "content" in response:
            response["links"] = links
        assert status  # noqa: S101 - every description has a success


def _links(source: Linked, target: Linked) -> Iterator[Schema]:
    if target is source:
        return
    named = _address(source, target)
    if named is None:
        body = _body(source, target)
        if body:
            yield {"operationId": target.described["operationId"], "requestBody": body}
        return
    parameters = dict(named)
    if any(each.get("$ref", "").endswith("/If-Match") for each in target.described["parameters"]):
        parameters["header.If-Match"] = _version(source)
    yield {"operationId": target.described["operationId"], "parameters": parameters}


def _version(source: Linked) -> str:
    if source.answers_list:
        return '"{$response.body#/items/0/version}"'
    return "$response.header.ETag"


def _address(source: Linked, target: Linked) -> dict[str, str] | None:
    """Return the names in the target's address, said by the source's answer; None where it does not tell them."""
    if source.route.shape is Shape.REMOVE:
        return _after_removal(source, target)
    if source.route.shape not in {*MAKING, Shape.READ, Shape.REPLACE, Shape.MERGE} and not _is_elsewhere(
        source, target
    ):
        return None
    if len(target.route.path_fields) != 1:
        return None
    (name,) = target.route.path_fields
    place, field = _referred(target.route.path, name)
    if source.route.path == place:
        return {f"path.{name}": _value(source, field)}
    if source.route.path == f"{place}/{{{field}}}" and target.route.path.startswith(f"{place}/{{{name}}}"):
        return {f"path.{name}": f"$request.path.{field}"} if target.route.shape is not Shape.READ else None
    return None


def _after_removal(source: Linked, target: Linked) -> dict[str, str] | None:
    """What was removed can be restored, and reading it says that it is gone."""
    is_read = target.route.path == source.route.path and target.route.shape is Shape.READ
    if not (is_read or target.route.path == f"{source.route.path}/restore"):
        return None
    return {f"path.{name}": f"$request.path.{name}" for name in source.route.path_fields}


def _is_elsewhere(source: Linked, target: Linked) -> bool:
    return any(
        source.route.path == place for path, (place, _) in ELSEWHERE.items() if target.route.path.startswith(path)
    )


def _referred(path: str, name: str) -> tuple[str, str]:
    for begun, place in ELSEWHERE.items():
        if path.startswith(begun):
            return place
    collection = path.partition("/{")[0]
    if name in REFERENCES and collection not in {"/tyres"}:
        return REFERENCES[name]
    return collection, REFERENCES.get(name, ("", name))[1]


def _value(source: Linked, field: str) -> str:
    if source.answers_list:
        return f"$response.body#/items/0/{field}"
    record = f"{source.route.record}/" if source.route.record else ""
    return f"$response.body#/{record}{field}"


def _body(source: Linked, target: Linked) -> dict[str, Any]:
    """Return what the target's body may say of what the source made."""
    if source.route.shape is not Shape.CREATE or target.route.path_fields:
        return {}
    return {
        name: _value(source, field)
        for name, (place, field) in REFERENCES.items()
        if name in target.body_fields and source.route.path == place
    }
