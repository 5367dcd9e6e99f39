"""Writes docs/reference/openapi.json: ``python docs/reference/write_openapi.py``.

With ``--release`` the present description also becomes the one that later ones are compared with: do it when a
version is released, and empty openapi.accepted.json then.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

import fleetcore
from fleetserver.app import API_ROOT, api_routes, plain_routes
from fleetserver.web.openapi import document_of

HERE = Path(__file__).parent
PAGE, RELEASED = HERE / "openapi.json", HERE / "openapi.released.json"
WORDS = {"description", "summary", "title", "example", "examples", "links", "x-permission", "tags", "operationId"}
NAMES = {"properties", "schemas", "parameters", "headers", "responses", "paths", "content"}  # keys are names, not words


def present() -> dict[str, Any]:
    """Return the description of the API as it is now."""
    with tempfile.TemporaryDirectory() as folder, fleetcore.open(f"sqlite:///{folder}/empty.db") as core:
        return document_of(api_routes(), core, API_ROOT, plain_routes())


def written(document: Mapping[str, Any]) -> bytes:
    """Return *document* with a line for each path and each component, for those who read its changes."""
    return b"{\n" + b",\n".join(_lines(document, {"paths", "components"})) + b"\n}\n"


def _lines(document: Mapping[str, Any], opened: set[str]) -> list[bytes]:
    lines = []
    for name, each in document.items():
        if name in opened:
            inner = b",\n".join(_lines(each, {"schemas"}))
            lines.append(orjson.dumps(name) + b": {\n" + inner + b"\n}")
        else:
            lines.append(orjson.dumps(name) + b": " + orjson.dumps(each))
    return lines


def promised(value: Any, *, is_names: bool = False) -> Any:
    """Return the part of a description that clients rely on: without words, examples and links."""
    if isinstance(value, dict):
        kept = value if is_names else {name: each for name, each in value.items() if name not in WORDS}
        return {name: promised(each, is_names=not is_names and name in NAMES) for name, each in kept.items()}
    return [promised(each) for each in value] if isinstance(value, list) else value


def main() -> None:
    """Write the page, and the release where it is asked for."""
    document = present()
    PAGE.write_bytes(written(document))
    if "--release" in sys.argv[1:]:
        RELEASED.write_bytes(written(promised(document)))


if __name__ == "__main__":
    main()
