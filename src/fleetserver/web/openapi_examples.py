"""Examples for the description of the API: recorded from the demo's household, see docs/reference/write_examples.py."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson

from .openapi_parts import Schema
from .routing import Route, Shape

__all__ = ["add_examples", "add_plain_examples", "borrow_examples"]

PASSWORD = "seventeen quiet lanterns"  # noqa: S105 - nobody's
LINK_TOKEN, CODE = "fl_9t2N4c1eTj0sVb7yHq8mZk3wXr5uLd6oPa", "492039"
TOKENS = {
    "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk4YjRhNiJ9.c2lnbmF0dXJl",
    "refresh_token": "fr_Qm3xT7aVn5kLw9cEj2sYb8uHd4oRp6zFg1i",
    "expires_in": 900,
    "token_type": "Bearer",
}
FLEET_ID, USER_ID, SESSION_ID, KEY_ID = (f"0198b4a6-5ad1-7000-8000-00000000000{number}" for number in range(1, 5))
NOW = "2026-10-01T16:00:00+00:00"
# By path: what is asked, and what is answered.
AUTH: Mapping[str, tuple[Any, Any]] = {
    "/auth/register": ({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"}, TOKENS),
    "/auth/login": ({"email": "ada@example.org", "password": PASSWORD}, TOKENS),
    "/auth/refresh": ({"refresh_token": TOKENS["refresh_token"]}, TOKENS),
    "/auth/verify-email": ({"token": LINK_TOKEN}, None),
    "/auth/request-reset": ({"email": "ada@example.org"}, None),
    "/auth/reset": ({"token": LINK_TOKEN, "password": "eleven loud fountains"}, None),
    "/auth/switch": ({"fleet_id": FLEET_ID}, {**TOKENS, "refresh_token": None}),
    "/auth/step-up": ({"code": CODE}, None),
    "/auth/password": ({"password": PASSWORD, "new_password": "eleven loud fountains"}, None),
    "/auth/totp": ({"password": PASSWORD}, None),
    "/auth/totp/confirm": ({"code": CODE}, {"items": ["7kq2-m9xd", "p4ht-w8sv"], "next": None}),
    "/auth/totp/recovery-codes": ({"password": PASSWORD}, {"items": ["7kq2-m9xd", "p4ht-w8sv"], "next": None}),
    "/auth/totp/disable": ({"password": PASSWORD}, None),
    "/auth/keys": ({"name": "Phone", "permissions": {"vehicles.read": "all"}, "expires_at": NOW}, None),
}


@lru_cache(maxsize=1)
def _recorded() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = orjson.loads((files(__package__) / "examples.json").read_bytes())
    return found


def add_examples(route: Route, described: Schema) -> None:
    """Write what was recorded of the route's operation into its description."""
    if (recorded := _recorded().get(route.operation)) is None:
        return
    said, answered = recorded["request"], recorded["response"]
    for parameter in described["parameters"]:
        if parameter.get("name") in said:
            parameter["example"] = said[parameter["name"]]
    implied = {*route.path_fields, *route.fixed, *({"version"} if route.shape is not Shape.CREATE else set())}
    body = {name: value for name, value in said.items() if name not in implied}
    if body and _fits(route, said):
        _say(described.get("requestBody", {}), body)
    if answered is not None:
        response = next(each for status, each in described["responses"].items() if status.startswith("2"))
        _say(response, answered)


def _fits(route: Route, said: Mapping[str, Any]) -> bool:
    return all(said.get(name) == value for name, value in route.fixed.items())


def add_plain_examples(path: str, described: Schema) -> None:
    """Write examples into the description of an address that no operation answers."""
    said, answered = AUTH.get(path, (None, None))
    if said is not None and "requestBody" in described:
        _say(described["requestBody"], said)
    response = next(each for status, each in described["responses"].items() if status.startswith("2"))
    if answered is not None:
        _say(response, answered)


def borrow_examples(paths: Mapping[str, Mapping[str, Schema]]) -> None:
    """Give answers without an example that of another operation with the same schema."""
    answers = [
        answer["content"]["application/json"]
        for methods in paths.values()
        for described in methods.values()
        for status, answer in described["responses"].items()
        if status.startswith("2") and "application/json" in answer.get("content", {})
    ]
    known = {orjson.dumps(each["schema"]): each["example"] for each in answers if "example" in each}
    for each in answers:
        if "example" not in each and (told := known.get(orjson.dumps(each["schema"]))) is not None:
            each["example"] = told


def _say(place: Schema, example: Any) -> None:
    for media_type, content in place.get("content", {}).items():
        if media_type.endswith("json"):
            content["example"] = example
