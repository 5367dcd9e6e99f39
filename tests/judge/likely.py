"""Makes drawn requests likelier to be about something: ids of records that there are, bodies near the examples.

Random data alone rarely gets past the rules of the domain (a vehicle that exists, a version that is the present one),
so what lies behind them would hardly be asked. Half of the bodies become the example of their operation with some of
the drawn fields in it; the others stay as they were drawn.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zlib import crc32

from schemathesis import Case

from fleetserver.web.openapi_links import REFERENCES

__all__ = ["make_likely"]

ROOT = "/api/v1"
URL, TOKEN = os.environ["JUDGE_URL"], os.environ["JUDGE_TOKEN"]
HALF, QUARTER = 2, 4


def get(path: str, token: str = TOKEN) -> tuple[Any, str]:
    """Return what is at *path* and its ETag; nothing where there is nothing."""
    asked = Request(URL + path, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own server
    try:
        with urlopen(asked, timeout=300) as answer:  # noqa: S310 - our own server
            return json.load(answer), answer.headers.get("ETag", "")
    except (HTTPError, ValueError):
        return {}, ""


@lru_cache(maxsize=1)
def document() -> Any:
    """Return the description of the server."""
    return get(f"{ROOT}/openapi.json")[0]


@lru_cache(maxsize=1)
def sources() -> dict[tuple[str, str], tuple[str, str]]:
    """Return which list, and which field of its items, names the records of a parameter in an address."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for path, methods in document()["paths"].items():
        if "{" in path or "get" not in methods:
            continue
        for link in methods["get"]["responses"].get("200", {}).get("links", {}).values():
            for name, expression in link.get("parameters", {}).items():
                if name.startswith("path."):
                    field = expression.rpartition("/")[2]
                    found.setdefault((link["operationId"], name.removeprefix("path.")), (path, field))
    return found


def chosen(path: str, field: str, dice: int) -> str | None:
    """Return the *field* of one of the records that the list at *path* has now."""
    listed = get(path)[0].get("items", [])
    items = [each[field] for each in listed if isinstance(each, dict) and each.get(field)]
    return items[dice % len(items)] if items else None


def make_likely(case: Case, *, with_address: bool) -> None:
    """Change *case*, in ways that its schema allows."""
    described = document()["paths"].get(case.operation.path, {}).get(case.operation.method.lower(), {})
    dice = crc32(repr((case.operation.label, case.path_parameters, case.query, case.body)).encode())
    if with_address and dice % QUARTER:
        _name_a_record(case, described, dice)
    if dice % HALF and isinstance(case.body, dict):
        _near_the_example(case, described, dice)
    if isinstance(case.body, dict):
        _refer(case.body, dice)
    if isinstance(case.query, dict):
        _refer(case.query, dice)


def _name_a_record(case: Case, described: Any, dice: int) -> None:
    for name in case.path_parameters or {}:
        if (source := sources().get((described.get("operationId"), name))) is None:
            continue
        if (value := chosen(*source, dice)) is not None:
            case.path_parameters[name] = value
    if any("If-Match" in str(each.get("$ref")) for each in described.get("parameters", ())):
        _name_the_version(case)


def _name_the_version(case: Case) -> None:
    address = case.operation.path
    for name, value in (case.path_parameters or {}).items():
        address = address.replace(f"{{{name}}}", str(value))
    pieces = address.split("/")
    for place in (address, "/".join(pieces[:-1])):
        if (tag := get(place)[1]) and case.headers is not None:
            case.headers["If-Match"] = tag
            return


def _near_the_example(case: Case, described: Any, dice: int) -> None:
    content = described.get("requestBody", {}).get("content", {})
    example = next((each["example"] for each in content.values() if "example" in each), None)
    if isinstance(example, dict):
        drawn = {name: value for name, value in case.body.items() if crc32(f"{dice}{name}".encode()) % QUARTER == 0}
        case.body = {**example, **drawn}


def _refer(values: dict[str, Any], dice: int) -> None:
    for name in values.keys() & REFERENCES.keys():
        place, field = REFERENCES[name]
        if values[name] is not None and (value := chosen(ROOT + place, field, dice)) is not None:
            values[name] = value
