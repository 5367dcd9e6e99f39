"""The gate against breaking changes: a planted change for every rule is found, compatible ones pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fleetserver.web.compatibility import RULES, Break, breaking_changes, unaccepted

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
NAME = {"type": "string", "maxLength": 100, "pattern": "^[a-z]+$"}
CAR = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "doors": {"type": "integer"},
        "state": {"type": "string", "enum": ["new", "old"]},
    },
    "required": ["id", "doors"],
    "additionalProperties": False,
}
NEW_CAR = {
    "type": "object",
    "properties": {
        "name": NAME,
        "doors": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "state": {"type": "string", "enum": ["new", "old"]},
    },
    "required": ["name"],
    "additionalProperties": False,
}
PUBLISHED: dict[str, Any] = {
    "paths": {
        "/cars": {
            "post": {
                "security": [],
                "parameters": [{"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}}],
                "requestBody": {"required": False, "content": {"application/json": {"schema": NEW_CAR}}},
                "responses": {
                    "201": {
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Car"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Car": CAR}},
}
# What is done to the document: *op* is its operation, *body* and *car* are the schemas of body and answer.
Change = Callable[[SimpleNamespace], object]
BREAKING: dict[str, Change] = {
    "operation-removed": lambda at: at.doc["paths"]["/cars"].pop("post"),
    "login-needed": lambda at: at.op.pop("security"),
    "parameter-removed": lambda at: at.op["parameters"].clear(),
    "parameter-required": lambda at: at.op["parameters"][0].update(required=True),
    "body-required": lambda at: at.op["requestBody"].update(required=True),
    "request-media-type-removed": lambda at: at.op["requestBody"]["content"].clear(),
    "request-field-removed": lambda at: at.body["properties"].pop("state"),
    "request-field-required": lambda at: at.body["required"].append("state"),
    "request-type-narrowed": lambda at: at.body["properties"].update(doors={"type": "integer"}),
    "request-enum-narrowed": lambda at: at.body["properties"]["state"].update(enum=["new"]),
    "request-bound-tightened": lambda at: at.body["properties"]["name"].update(maxLength=50),
    "request-form-changed": lambda at: at.body["properties"]["name"].update(pattern="^[a-m]+$"),
    "status-removed": lambda at: at.op["responses"].update({"200": at.op["responses"].pop("201")}),
    "response-media-type-removed": lambda at: at.op["responses"]["201"]["content"].clear(),
    "response-header-removed": lambda at: at.op["responses"]["201"]["headers"].clear(),
    "response-field-removed": lambda at: at.car["properties"].pop("state"),
    "response-field-optional": lambda at: at.car["required"].remove("doors"),
    "response-type-changed": lambda at: at.car["properties"].update(doors={"type": ["integer", "null"]}),
    "response-enum-removed": lambda at: at.car["properties"]["state"].update(enum=["new"]),
}
COMPATIBLE: dict[str, Change] = {
    "an address more": lambda at: at.doc["paths"].update({"/bikes": {"get": {"responses": {}}}}),
    "a parameter more": lambda at: at.op["parameters"].append(
        {"name": "sort", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
    "a field more to send": lambda at: at.body["properties"].update(colour={"type": "string"}),
    "a field less to send": lambda at: at.body["required"].clear(),
    "a longer name": lambda at: at.body["properties"]["name"].update(maxLength=200),
    "a word more to send": lambda at: at.body["properties"]["state"].update(enum=["new", "old", "sold"]),
    "any number": lambda at: at.body["properties"]["doors"]["anyOf"].append({"type": "number"}),
    "a field more to read": lambda at: at.car["properties"].update(colour={"type": "string"}),
    "a word more to read": lambda at: at.car["properties"]["state"].update(enum=["new", "old", "sold"]),
    "another status of refusal": lambda at: at.op["responses"].update({"409": {}}),
}


def changed(change: Change) -> list[Break]:
    """Return what the gate says of one change."""
    document = copy.deepcopy(PUBLISHED)
    operation = document["paths"]["/cars"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    change(SimpleNamespace(op=operation, body=body, car=document["components"]["schemas"]["Car"], doc=document))
    return breaking_changes(PUBLISHED, document)


def test_every_rule_has_a_planted_change() -> None:
    """A rule that nobody tests guards nothing."""
    assert set(RULES) == set(BREAKING)


@pytest.mark.parametrize("rule", BREAKING)
def test_a_break_is_found(rule: str) -> None:
    """The planted change breaks its rule, and that one alone."""
    assert {rule} == {found.rule for found in changed(BREAKING[rule])}


@pytest.mark.parametrize("name", COMPATIBLE)
def test_an_addition_passes(name: str) -> None:
    """What clients can pass over is no break."""
    assert [] == changed(COMPATIBLE[name])


def test_a_break_is_accepted_with_a_reason_only() -> None:
    """Who breaks the API on purpose says why."""
    found = changed(BREAKING["operation-removed"])
    key = "operation-removed POST /cars"
    assert [[], found, found] == [unaccepted(found, said) for said in ({key: "nobody used it"}, {key: " "}, {})]


def test_the_api_breaks_nothing_that_was_published() -> None:
    """What stands in openapi.json keeps the promises of openapi.released.json, but for what was accepted."""
    present, released, accepted = (
        json.loads((REFERENCE / f"openapi{name}.json").read_text()) for name in ("", ".released", ".accepted")
    )
    assert [] == [str(each) for each in unaccepted(breaking_changes(released, present), accepted)]
