"""Whoever has no business with a record, asking for it in every way the server takes a request.

A way is a function that draws one request, sends it, and returns what was sent and all that came back. Whoever adds a
way to reach the server adds its function to WAYS.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from attrs import frozen
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from tests.core.test_strangers import CHOSEN_BY_CLIENT, commands, is_about, secrets_of
from tests.server.serving import Reply

from fleetcore.kernel.wire import to_json
from fleetcore.storage.types import metadata
from fleetserver.app import api_routes
from fleetserver.web.requests import fields_of
from fleetserver.web.routing import Route

from .asking import Request, request_of
from .rows import NOWHERE
from .town import EXPIRED, GRANTED, GUEST, OTHER, OWN, Town, Visitor

__all__ = ["STRANGERS", "WAYS", "Closed", "Heard", "Way", "closed_to", "rows_of"]

ROUTES = api_routes()
STRANGERS = (OTHER, EXPIRED, GUEST)
DRAWN = st.DataObject


@frozen
class Heard:
    """What was sent, in one text, and all that was told for it: headers, body, the files in an archive."""

    sent: bytes
    told: bytes
    status: int
    request: Request


Way = Callable[[Town, Visitor, DRAWN, list[UUID]], Heard]


def said_to(town: Town, route: Route, draw: DRAWN, ids: list[UUID]) -> dict[str, Any]:
    """Draw what a request to *route* says: a command of its type, with ids of every table."""
    command_type = town.core.operations[route.operation].command_type
    drawn = draw.draw(commands(command_type, ids, CHOSEN_BY_CLIENT.get(route.operation, "id")), label=route.path)
    hidden = {route.file_field, *route.hidden, "progress", "target", "source", "content"}
    fields = fields_of(command_type)
    said = {
        name: json.loads(to_json(getattr(drawn, attribute)))
        for name, attribute in fields.names.items()
        if name not in hidden and getattr(drawn, attribute) is not None
    }
    return {**dict.fromkeys(route.path_fields, NOWHERE), **said}


def heard(request: Request, reply: Reply) -> Heard:
    """Return what *reply* tells, with the files of an archive."""
    told = repr(dict(reply.headers)).encode() + reply.body
    if reply.body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            told += b"".join(archive.read(name) for name in archive.namelist())
    sent = f"{request.address} {dict(request.headers)}".encode() + (request.body or b"")
    return Heard(sent, told, reply.status, request)


def rest(town: Town, visitor: Visitor, draw: DRAWN, ids: list[UUID]) -> Heard:
    """Send a drawn request to a drawn route, as JSON, as a table, in other units, with a validator or a key."""
    route = draw.draw(st.sampled_from(ROUTES), label="route")
    request = request_of(route, town.core.operations[route.operation], said_to(town, route, draw, ids))
    more = draw.draw(st.sampled_from(HEADERS), label="headers")
    return heard(request, visitor.send(request, more))


def accounts(town: Town, visitor: Visitor, draw: DRAWN, ids: list[UUID]) -> Heard:
    """Ask about sign-ins: another's session, another's fleet."""
    key = str(draw.draw(st.sampled_from(ids), label="id"))
    request = draw.draw(
        st.sampled_from(
            [
                Request("switch", "POST", "/api/v1/auth/switch", json.dumps({"fleet_id": key}).encode()),
                Request("end", "DELETE", f"/api/v1/auth/sessions/{key}"),
                Request("me", "GET", f"/api/v1/auth/me?fleet_id={key}"),
                Request("feed", "GET", f"/calendar.ics?token={town.owner.fleet_id.hex}{key}"),
            ]
        )
    )
    return heard(request, visitor.send(request))


HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {},
    {"Accept": "text/csv"},
    {"If-None-Match": "*"},
    {"Idempotency-Key": "the same"},
    {"If-Match": '"1.x"'},
)
WAYS: Mapping[str, Way] = {"rest": rest, "accounts": accounts}


@frozen
class Closed:
    """What a stranger may not learn or change: ids, words, and rows."""

    ids: frozenset[str]
    words: frozenset[str]
    rows: frozenset[str]
    open_ids: frozenset[UUID]


def rows_of(town: Town) -> list[tuple[str, tuple[Any, ...]]]:
    """Return every row of the fleet with its table, past the stores and past row-level security."""
    engine = create_engine(town.core.database.url)
    try:
        with engine.connect() as connection:
            return [
                (table.name, tuple(row))
                for table in metadata.sorted_tables
                if "fleet_id" in table.c
                for row in connection.execute(select(table).where(table.c.fleet_id == town.owner.fleet_id))
            ]
    finally:
        engine.dispose()


def closed_to(town: Town, stranger: str) -> Closed:
    """Return what is closed to *stranger*: everything, but for a guest what is about the vehicles that are lent."""
    estates = {} if stranger == OTHER else {OWN: town.estates[GUEST, OWN], GRANTED: town.estates[GUEST, GRANTED]}
    if stranger == EXPIRED:
        estates = {}
    theirs = {UUID(estate.vehicle) for estate in estates.values()}
    theirs |= {
        UUID(key) for estate in estates.values() for key in estate.ids.values() if len(key) == len(estate.vehicle)
    }
    if stranger != OTHER:
        theirs.add(town.users[stranger])
    rows = rows_of(town)
    ids, _ = secrets_of(rows, theirs)
    open_marks = {estate.mark for estate in estates.values()}
    marks = {estate.mark for (_, place), estate in town.estates.items() if place != OTHER} - open_marks
    return Closed(
        frozenset(map(str, ids)),
        frozenset(marks),
        frozenset(repr(row) for row in rows if not is_about(row[1], theirs)),
        frozenset(theirs),
    )
