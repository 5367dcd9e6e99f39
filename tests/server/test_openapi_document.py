"""The description of the API: it is current, complete, and can be read by people."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetserver.app import API_ROOT, api_routes, plain_routes
from fleetserver.web.openapi import document_of

from .serving import Client

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture
def document(sqlite_core: Core) -> dict[str, Any]:
    """The description as the server gives it."""
    return document_of(api_routes(), sqlite_core, API_ROOT, plain_routes())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its method and address."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of text in *value*."""
    if isinstance(value, dict):
        if "string" in str(value.get("type")) and isinstance(value.get("type"), str | list):
            yield value
        for inner in value.values():
            yield from schemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from schemas(inner)


def test_the_page_in_the_reference_is_current(document: dict[str, Any]) -> None:
    """``python docs/reference/write_openapi.py`` writes it anew."""
    place = REFERENCE / "write_openapi.py"
    spec = importlib.util.spec_from_file_location("write_openapi", place)
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert writer.written(document) == (REFERENCE / "openapi.json").read_bytes(), f"run python {place.name}"


def test_every_operation_says_what_a_client_needs(document: dict[str, Any]) -> None:
    """An id of its own, a summary, an area that is described, and at least one refusal."""
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert [] == [name for name in names if not re.fullmatch("[a-z][a-z0-9_]*", name)]
    areas = {tag["name"] for tag in document["tags"] if tag["description"]}
    bare = [
        place
        for place, operation in operations(document)
        if not operation["summary"] or set(operation["tags"]) - areas or "401" not in operation["responses"]
    ]
    assert [] == bare


def test_links_lead_to_operations(document: dict[str, Any]) -> None:
    """What a link names is there: the operation and its parameters."""
    known = {
        operation["operationId"]: {
            each.get("name", each.get("$ref", "").rpartition("/")[2]) for each in operation["parameters"]
        }
        for _, operation in operations(document)
    }
    broken = [
        (place, target)
        for place, operation in operations(document)
        for response in operation["responses"].values()
        for target, link in response.get("links", {}).items()
        if {name.partition(".")[2] for name in link.get("parameters", {})} - known.get(link["operationId"], set())
    ]
    assert [] == broken


def test_what_is_made_leads_to_all_that_can_be_done_with_it(document: dict[str, Any]) -> None:
    """From a new vehicle a client can read, replace, change and remove it, and record what happens to it."""
    links = document["paths"][f"{API_ROOT}/vehicles"]["post"]["responses"]["201"]["links"]
    assert {"vehicles_get", "vehicles_edit", "vehicles_edit_in_part", "vehicles_remove", "fuel_record_fill"} <= set(
        links
    )
    assert "$response.header.ETag" == links["vehicles_edit"]["parameters"]["header.If-Match"]


def test_every_text_that_is_asked_for_has_a_longest_length(document: dict[str, Any]) -> None:
    """In bodies and addresses; what has a form or a list of words has its length by that."""
    asked = [operation.get("requestBody", {}) for _, operation in operations(document)]
    asked += [operation["parameters"] for _, operation in operations(document)]
    asked += [each for name, each in document["components"]["schemas"].items() if name.endswith("Input")]
    endless = [
        schema
        for part in asked
        for schema in schemas(part)
        if not schema.keys() & {"maxLength", "format", "enum", "pattern", "properties"}
    ]
    assert [] == endless


def test_the_library_keeps_the_lengths_too(core: Core, owner: Actor) -> None:
    """A caller in Python cannot write a book into a name, in whichever field."""
    with pytest.raises(Rejected) as refused:
        core.run(owner, add_vehicle, AddVehicle(name="x" * 10_001, custom_fields={"colour": "x" * 10_001}))
    assert [("custom_fields.colour", "too_long"), ("name", "too_long")] == sorted(
        (problem.field, problem.code) for problem in refused.value.problems
    )


def test_the_page_for_people_has_every_operation(client: Client, document: dict[str, Any]) -> None:
    """Each has an anchor; nothing runs and nothing is loaded."""
    reply = client.get("/docs")
    page = reply.body.decode()
    assert [] == [
        operation["operationId"]
        for _, operation in operations(document)
        if f'id="{operation["operationId"]}"' not in page
    ]
    assert [] == re.findall(r"<script|<link|<img|<iframe|javascript:|\son\w+=|url\(", page)
    assert "style-src 'sha256-" in reply.headers["content-security-policy"]
    assert "text/html; charset=utf-8" == reply.headers["content-type"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_what_describes_the_api_is_kept_by_clients(client: Client, path: str) -> None:
    """It may be cached, comes compressed, and is not sent again to who has it; nobody needs to sign in."""
    reply = client.ask("GET", path, headers={"X-Test-User": "nobody", "Accept-Encoding": "gzip"})
    assert (200, "gzip") == (reply.status, reply.headers["content-encoding"])
    assert "public" in reply.headers["cache-control"]
    assert client.get(path).body == gzip.decompress(reply.body)
    assert 304 == client.get(path, If_None_Match=reply.tag).status


def test_the_served_description_is_the_one_described(client: Client) -> None:
    """What the server says of itself is OpenAPI 3.1."""
    assert "3.1.0" == json.loads(client.get("/openapi.json").body)["openapi"]
