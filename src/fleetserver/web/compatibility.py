"""What in a new description of the API would break a client of the published one; see docs/explanation/api-changes.md.

Clients must pass over fields that they do not know, and over new words of an enumeration: adding is no break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

__all__ = ["RULES", "Break", "breaking_changes", "unaccepted"]

Schema = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
LOWER, UPPER = (
    ("minimum", "minLength", "minItems", "exclusiveMinimum"),
    ("maximum", "maxLength", "maxItems", "exclusiveMaximum"),
)
RULES: Mapping[str, str] = {
    "operation-removed": "an address or a method is gone",
    "login-needed": "what anyone could ask needs a login now",
    "parameter-removed": "a parameter is refused that was taken",
    "parameter-required": "a parameter must be there that could be left out",
    "body-required": "a body must be there that could be left out",
    "request-media-type-removed": "a media type is refused that was taken",
    "request-field-removed": "a field is refused that was taken",
    "request-field-required": "a field must be there that could be left out",
    "request-type-narrowed": "a type of value is refused that was taken",
    "request-enum-narrowed": "a word is refused that was taken",
    "request-bound-tightened": "a value is refused that lay within the bounds",
    "request-form-changed": "a text must look different",
    "status-removed": "a success is answered with another status",
    "response-media-type-removed": "an answer does not come in a form that it came in",
    "response-header-removed": "a header is gone from an answer",
    "response-field-removed": "a field is gone from an answer",
    "response-field-optional": "a field may be missing in an answer that was always there",
    "response-type-changed": "a field may have a type that it never had",
    "response-enum-removed": "a word is gone that clients may wait for",
}


@frozen
class Break:
    """One change that breaks clients: which rule, and where."""

    rule: str
    place: str

    def __str__(self) -> str:
        return f"{self.rule} {self.place}: {RULES[self.rule]}"


def breaking_changes(published: Mapping[str, Any], current: Mapping[str, Any]) -> list[Break]:
    """Return every change from the *published* description to the *current* one that breaks a client, once each."""
    return list(dict.fromkeys(_Comparison(published, current).breaks()))


def unaccepted(found: list[Break], accepted: Mapping[str, str]) -> list[Break]:
    """Return the breaks that nobody accepted; *accepted* tells reasons by ``rule place``."""
    return [each for each in found if not accepted.get(f"{each.rule} {each.place}", "").strip()]


@frozen
class _Comparison:
    """Two descriptions, looked through side by side."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def breaks(self) -> Iterator[Break]:
        for path, methods in self.old["paths"].items():
            for method in METHODS:
                if method not in methods:
                    continue
                place = f"{method.upper()} {path}"
                if (after := self.new["paths"].get(path, {}).get(method)) is None:
                    yield Break("operation-removed", place)
                else:
                    yield from self._operation(methods[method], after, place)

    def _operation(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        if old.get("security") == [] and new.get("security") != []:
            yield Break("login-needed", place)
        yield from self._parameters(old, new, place)
        yield from self._body(old.get("requestBody"), new.get("requestBody"), place)
        for status, before in old["responses"].items():
            if status.startswith("2"):
                yield from self._response(before, new["responses"].get(status), f"{place} {status}")

    def _parameters(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        before, after = (
            {
                (each["in"], each["name"]): each
                for each in (_resolved(found, whole) for found in said.get("parameters", ()))
            }
            for said, whole in ((old, self.old), (new, self.new))
        )
        for key, parameter in before.items():
            where = f"{place} {key[0]} {key[1]}"
            if key not in after:
                yield Break("parameter-removed", where)
            else:
                yield from _Schemas(self.old, self.new, "request").compare(
                    parameter["schema"], after[key]["schema"], where
                )
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield Break("parameter-required", f"{place} {key[0]} {key[1]}")

    def _body(self, old: Schema | None, new: Schema | None, place: str) -> Iterator[Break]:
        if (new or {}).get("required") and not (old or {}).get("required"):
            yield Break("body-required", place)
        for media_type, before in (old or {}).get("content", {}).items():
            if (after := (new or {}).get("content", {}).get(media_type)) is None:
                yield Break("request-media-type-removed", f"{place} {media_type}")
            else:
                yield from _Schemas(self.old, self.new, "request").compare(
                    before["schema"], after["schema"], f"{place} body"
                )

    def _response(self, old: Schema, new: Schema | None, place: str) -> Iterator[Break]:
        if new is None:
            yield Break("status-removed", place)
            return
        for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield Break("response-header-removed", f"{place} {name}")
        for media_type, before in old.get("content", {}).items():
            if (after := new.get("content", {}).get(media_type)) is None:
                yield Break("response-media-type-removed", f"{place} {media_type}")
            else:
                yield from _Schemas(self.old, self.new, "response").compare(before["schema"], after["schema"], place)


class _Schemas:
    """Two schemas, compared as what clients send (request) or as what they read (response)."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], direction: str) -> None:
        self._old, self._new, self._direction = old, new, direction
        self._seen: set[tuple[str, str]] = set()

    def compare(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        """Yield the breaks between two schemas and all that is in them."""
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        before, after = _flat(old, self._old), _flat(new, self._new)
        check = _request if self._direction == "request" else _response
        yield from check(before, after, place)
        for name, field in before.get("properties", {}).items():
            if (same := after.get("properties", {}).get(name)) is not None:
                yield from self.compare(field, same, f"{place} {name}")
        for name in ("items", "additionalProperties"):
            if isinstance(before.get(name), Mapping) and isinstance(after.get(name), Mapping):
                yield from self.compare(before[name], after[name], f"{place} {name}")


def _request(old: Schema, new: Schema, place: str) -> Iterator[Break]:
    is_closed = new.get("additionalProperties") is False
    for name in old.get("properties", {}).keys() - new.get("properties", {}).keys():
        yield from [Break("request-field-removed", f"{place} {name}")] if is_closed else []
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield Break("request-field-required", f"{place} {name}")
    if _types(new) and not _types(old) <= _types(new):
        yield Break("request-type-narrowed", place)
    if "enum" in new and not set(old.get("enum", ["anything"])) <= set(new["enum"]):
        yield Break("request-enum-narrowed", place)
    if _is_tighter(old, new):
        yield Break("request-bound-tightened", place)
    if any(name in new and new[name] != old.get(name) for name in ("pattern", "format")):
        yield Break("request-form-changed", place)


def _response(old: Schema, new: Schema, place: str) -> Iterator[Break]:
    for name in old.get("properties", {}).keys() - new.get("properties", {}).keys():
        yield Break("response-field-removed", f"{place} {name}")
    for name in set(old.get("required", ())) & new.get("properties", {}).keys() - set(new.get("required", ())):
        yield Break("response-field-optional", f"{place} {name}")
    if _types(old) and not _types(new) <= _types(old):
        yield Break("response-type-changed", place)
    if "enum" in old and not set(old["enum"]) <= set(new.get("enum", old["enum"])):
        yield Break("response-enum-removed", place)


def _is_tighter(old: Schema, new: Schema) -> bool:
    def rose(name: str, is_worse: Callable[[Any, Any], bool]) -> bool:
        return name in new and (name not in old or is_worse(new[name], old[name]))

    is_higher = any(rose(name, lambda after, before: after > before) for name in LOWER)
    return is_higher or any(rose(name, lambda after, before: after < before) for name in UPPER)


def _types(schema: Schema) -> set[str]:
    """Return the types that a value may have; empty for any. An integer is a number too."""
    said = schema.get("type", [])
    found = {said} if isinstance(said, str) else set(said)
    return found | {"integer"} if "number" in found else found


def _resolved(schema: Schema, whole: Mapping[str, Any]) -> Schema:
    while "$ref" in schema:
        found: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _flat(schema: Schema, whole: Mapping[str, Any]) -> Schema:
    """Return *schema* without references; one that may also be null is the one with null among its types."""
    schema = _resolved(schema, whole)
    if "anyOf" not in schema:
        return schema
    rest = [_resolved(each, whole) for each in schema["anyOf"] if each != {"type": "null"}]
    types = sorted(
        set().union(*(_types(each) for each in rest)) | ({"null"} if len(rest) < len(schema["anyOf"]) else set())
    )
    return {**rest[0], "type": types} if len(rest) == 1 else {"type": types}
