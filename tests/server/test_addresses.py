"""The addresses that a client may count on, verb by verb, and what holds at every one of a kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from fleetcore import Core
from fleetserver.app import API_ROOT, api_routes
from fleetserver.web.openapi import describe
from fleetserver.web.routing import Route, Shape
from fleetserver.web.tables import item_type_of

from .serving import Client
from .test_contract import GOLF

ROUTES = api_routes()
WHOLE = "GET POST; GET PUT PATCH DELETE"  # of the collection; of one record
# What a client would guess: the verbs of a collection, and behind the semicolon those of one of its records.
PROMISED: Mapping[str, str] = {
    "/vehicles": WHOLE,
    "/fuel": WHOLE,
    "/stations": WHOLE,
    "/trips": WHOLE,
    "/maintenance": WHOLE,
    "/plans": WHOLE,
    "/insurance": WHOLE,
    "/registration": WHOLE,
    "/documents": WHOLE,
    "/expenses": WHOLE,
    "/reminders": WHOLE,
    "/members": WHOLE,
    "/inspections": WHOLE,
    "/tyres": WHOLE,
    "/maintenance/providers": WHOLE,
    "/ledger/accounts": WHOLE,
    "/maintenance/jobs": "GET POST; GET PUT PATCH",  # a job is cancelled, and stays
    "/expenses/recurring": "GET POST; GET PUT PATCH",  # a rule is stopped, and stays
    "/attachments": "GET POST; GET DELETE",  # a file does not change
    "/imports": "GET POST; GET",  # an import is undone, and stays
    "/invitations": "GET POST; GET DELETE",
    "/grants": "GET POST; GET DELETE",
    "/ledger/entries": "GET; GET",  # the journal follows what was recorded
    "/notifications": "GET; GET",
    "/vehicles/{id}/odometer": "GET POST; GET",  # a reading is voided, and stays
    "/due": "GET",
    "/history": "GET",
    "/audit": "GET",
    "/ledger/trial-balance": "GET",
    "/ledger/check": "GET",
    "/ledger/export": "GET",
    "/reports/economy": "GET",
    "/reports/glances": "GET",
    "/reports/month-costs": "GET",
    "/reports/costs": "GET",
    "/reports/vehicle": "GET",
    "/reports/mileage": "GET",
    "/reports/due": "GET",
    "/reports/upcoming": "GET",
    "/reports/ownership": "GET",
    "/reports/compare": "GET",
    "/reports/yearly": "GET",
    "/reports/trip-tax": "GET",
    "/vehicles/{id}/transitions": "POST",
    "/vehicles/{id}/restore": "POST",
    "/maintenance/jobs/{id}/start": "POST",
    "/maintenance/jobs/{id}/complete": "POST",
    "/maintenance/jobs/{id}/cancel": "POST",
    "/readings/{id}/void": "POST",
    "/imports/{id}/undo": "POST",
    "/documents/{id}/renew": "POST",
    "/reminders/{id}/done": "POST",
    "/reminders/{id}/snooze": "POST",
    "/notifications/read": "POST",
}
NAMES = {"vehicle_id", "user_id", "code", "id"}


def plain(path: str) -> str:
    """Return *path* with every name in braces written as ``{id}``."""
    for name in NAMES:
        path = path.replace(f"{{{name}}}", "{id}")
    return path


@pytest.mark.parametrize(("path", "verbs"), PROMISED.items())
def test_what_a_client_guesses_is_there(path: str, verbs: str) -> None:
    """Every promised verb is taken at its address, and no other."""
    collection, _, single = verbs.partition("; ")
    for address, expected in ((path, collection), (f"{path}/{{id}}", single)):
        if expected:
            assert set(expected.split()) == {route.method for route in ROUTES if plain(route.path) == address}


LISTS = [route for route in ROUTES if route.shape is Shape.READ]


def test_every_list_is_items_and_a_cursor(sqlite_core: Core) -> None:
    """The description says so of every list, and of no single record."""
    document = json.loads(describe(ROUTES, sqlite_core, API_ROOT))
    schemas = document["components"]["schemas"]
    for route in LISTS:
        is_list = item_type_of(sqlite_core.operations[route.operation].result_type) is not None
        answer = document["paths"][API_ROOT + route.path]["get"]["responses"]["200"]["content"]
        schema = answer["application/json"]["schema"]
        schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        assert is_list == ({"items", "next"} == set(schema.get("properties", {}))), route.path
        assert is_list == ("text/csv" in answer), route.path


def asks_nothing(route: Route) -> bool:
    """Say whether *route* can be read without knowing anything."""
    return "{" not in route.path


@pytest.mark.parametrize("route", [route for route in LISTS if asks_nothing(route)], ids=lambda route: route.path)
def test_every_list_answers_as_json_and_as_csv(route: Route, sqlite_client: Client, sqlite_core: Core) -> None:
    """Each in every unit; a table has the same columns whatever it holds; what is no list is never a table."""
    is_list = item_type_of(sqlite_core.operations[route.operation].result_type) is not None
    reply = sqlite_client.get(f"{route.path}?units=us")
    if reply.status == 422:  # it needs to know a vehicle, or days
        return
    assert 200 == reply.status, reply.body
    table = sqlite_client.get(f"{route.path}?units=us", Accept="text/csv")
    assert (200 if is_list else 406) == table.status
    if is_list:
        assert {"items", "next"} == set(reply.value)
        assert ("text/csv; charset=utf-8", True) == (table.headers["content-type"], bool(table.body))


@pytest.fixture
def client(sqlite_client: Client) -> Client:
    """The owner's client, on SQLite alone: addresses do not depend on the engine."""
    return sqlite_client


def test_what_was_made_is_found_where_the_answer_says(client: Client) -> None:
    """Location leads to the record, a reading's too."""
    made = client.post("/vehicles", GOLF)
    reading = client.post(
        f"{made.headers['location'].removeprefix(API_ROOT)}/odometer", {"at": "2025-01-01T12:00:00Z", "odometer_km": 5}
    )
    for reply in (made, reading):
        again = client.get(reply.headers["location"].removeprefix(API_ROOT))
        assert (200, reply.value["id"]) == (again.status, again.value["id"])


def paper(client: Client, path: str, **said: Any) -> Any:
    """File a document at *path* and return the reply."""
    vehicle = client.made("/vehicles", GOLF)["id"]
    days = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    return client.post(path, {"vehicle_id": vehicle, "notes": "Paper", **days, **said})


def test_an_address_of_one_kind_knows_no_other(client: Client) -> None:
    """A registration is not found, changed or deleted among the insurances."""
    reply = paper(client, "/registration")
    assert 201 == reply.status, reply.body
    document = reply.value["document"]
    sent = {"If-Match": reply.tag}
    wrong, right = f"/insurance/{document['id']}", f"/registration/{document['id']}"
    body = {name: document[name] for name in ("vehicle_id", "starts_on", "ends_on")}
    statuses = [
        client.get(wrong).status,
        *(client.ask(method, wrong, body, headers=sent).status for method in ("PUT", "PATCH")),
        client.ask("DELETE", wrong, headers=sent).status,
    ]
    assert [404] * 4 == statuses
    changed = client.ask("PATCH", right, {"notes": "Other"}, headers=sent)
    assert (200, "registration") == (changed.status, changed.value["document"]["kind"])
    assert 200 == client.ask("DELETE", right, headers={"If-Match": changed.tag}).status


def test_the_calendar_is_below_the_api_too(client: Client) -> None:
    """Calendar programs find it by its token, with the API's root or without."""
    token = client.made("/calendars", {})["token"]
    replies = [client.get(f"{root}/calendar.ics?token={token}") for root in ("", "/")]
    assert [200, 200] == [reply.status for reply in replies]
    assert 403 == client.get("/calendar.ics").status
