"""Every operation has an address, and every address is described."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from fleetcore import Core
from fleetcore.operations import Query
from fleetserver.app import API_ROOT, api_routes, plain_routes
from fleetserver.web.openapi import describe
from fleetserver.web.requests import fields_of
from fleetserver.web.routing import Route, Shape

ROUTES = api_routes()
# Operations that no generic route answers, each with the reason.
ELSEWHERE = {
    "accounts.add_key": "takes the hash of a secret; POST /auth/keys makes both",
    "vehicles.list": "is every vehicle at once, for programs; GET /vehicles gives them by pages",
}


def names(route: Route) -> str:
    """Return a route's name for test reports."""
    return f"{route.method} {route.path}"


def test_every_operation_has_an_address(sqlite_core: Core) -> None:
    """What the library can do, the API can do."""
    assert set(sqlite_core.operations) == {route.operation for route in ROUTES} | set(ELSEWHERE)


def test_no_address_is_taken_twice() -> None:
    """One method at one address is one route."""
    assert [] == [name for name, count in Counter(names(route) for route in ROUTES).items() if count > 1]


@pytest.mark.parametrize("route", ROUTES, ids=names)
def test_an_address_fits_its_operation(route: Route, sqlite_core: Core) -> None:
    """Names in braces are fields; only queries answer GET; what merges can be read."""
    operation = sqlite_core.operations[route.operation]
    assert set(route.path_fields) <= set(fields_of(operation.command_type).types)
    assert isinstance(operation, Query) or route.shape is not Shape.READ
    assert route.getter is not None or route.shape is not Shape.MERGE


def test_every_address_is_described(sqlite_core: Core) -> None:
    """The OpenAPI document has every route, and its references lead somewhere."""
    document = json.loads(describe(ROUTES, sqlite_core, API_ROOT))
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {(route.method, API_ROOT + route.path) for route in ROUTES} == described
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    referred = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert referred <= set(schemas)


def test_only_signing_in_is_open_to_anyone(sqlite_core: Core) -> None:
    """Addresses that need no login say so, and they all lie under /auth."""
    document = json.loads(describe(ROUTES, sqlite_core, API_ROOT, plain_routes()))
    opened = {
        path
        for path, methods in document["paths"].items()
        for method in methods.values()
        if method.get("security") == []
    }
    assert {f"{API_ROOT}/auth/register", f"{API_ROOT}/auth/login"} <= opened
    assert [] == [path for path in opened if not path.startswith(f"{API_ROOT}/auth/")]
