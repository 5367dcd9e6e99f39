"""``fleet operations``: everything the library can do, by name, with JSON in and out."""

from __future__ import annotations

import sys
from typing import Any

import click
import orjson

from fleetcore.areas import built_in_areas
from fleetcore.kernel.errors import NotFound
from fleetcore.operations import AnyOperation, Query

from .failures import BadInput
from .groups import FleetGroup
from .session import Session, pass_session
from .tables import Column, details, table

__all__ = ["operations"]

COLUMNS = (Column("Operation"), Column("", drop=2), Column("Permission", drop=1), Column("What it does", flexible=True))


def _known() -> dict[str, AnyOperation]:
    return {found.name: found for area in built_in_areas() for found in area.operations}


def _kind(found: AnyOperation) -> str:
    return "reads" if isinstance(found, Query) else "writes"


def _plain(found: AnyOperation) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": _kind(found),
        "permission": found.permission,
        "summary": found.summary,
        "command": found.command_type.__name__,
    }


@click.group("operations", cls=FleetGroup)
def operations() -> None:
    """Everything the library can do, by name."""


@operations.command("list")
@click.argument("area", required=False)
@pass_session
def list_(session: Session, *, area: str | None) -> None:
    """List the operations, all or of one AREA."""
    found = [each for each in _known().values() if area in {None, each.area}]
    rows = [[each.name, _kind(each), each.permission or "", each.summary] for each in found]
    session.show({"operations": [_plain(each) for each in found]}, lambda: table(COLUMNS, rows))


@operations.command("show")
@click.argument("name")
@pass_session
def show(session: Session, *, name: str) -> None:
    """Show what the operation NAME does and takes."""
    import attrs

    from fleetcore.kernel.wire import wire_name

    if (found := _known().get(name)) is None:
        raise NotFound("operation", name)
    attrs.resolve_types(found.command_type)
    fields = [
        (wire_name(each.name, each.type), "required" if each.default is attrs.NOTHING else "optional")
        for each in attrs.fields(found.command_type)
    ]
    human = [found.description, "", *details(fields)]
    session.show({**_plain(found), "description": found.description, "fields": dict(fields)}, lambda: human)


@operations.command("run")
@click.argument("name")
@click.argument("values", default="{}")
@click.option("--idempotency-key", metavar="KEY", help="The same key again has no second effect.")
@pass_session
def run(session: Session, *, name: str, values: str, idempotency_key: str | None) -> None:
    """Run the operation NAME with VALUES as a JSON object ("-": from standard input); prints JSON always.

    fleet operations run vin.decode '{"vin": "1M8GDM9AXKP042788"}'
    """
    text = sys.stdin.read() if values == "-" else values
    try:
        plain = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput.because("VALUES", f"is not JSON: {error}") from None
    if not isinstance(plain, dict):
        raise BadInput.because("VALUES", "must be a JSON object")
    request = {"idempotency_key": idempotency_key} if idempotency_key else {}
    session.as_json = True
    session.done(session.core.perform(session.actor, name, plain, **request), "")
