"""Every route by every role, about one's own, what is lent, the rest of the fleet, and another fleet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any

import pytest
from attrs import frozen

from fleetcore.operations import AnyOperation
from fleetserver.app import api_routes
from fleetserver.web.requests import fields_of
from fleetserver.web.routing import Route, Shape

from .oracle import ALLOWED, answer, cells, permission_names
from .rows import FILES, ROWS, Nature, Row
from .town import BUILT_IN, CUSTOM, GUEST, KEY, OTHER, OWN, PLACES, ROLES, Town, address_of, town_at

ROUTES = api_routes()
LETTERS = {"A": "all", "G": "granted", "O": "own"}
ASKED = {Shape.READ, Shape.CONTENT, Shape.DOWNLOAD, Shape.UPLOAD}
# A custom role and a key that hold each permission differently from any built-in role.
CUSTOM_CELLS = {name: "GAO"[number % 3] for number, name in enumerate(permission_names()) if number % 5 != 4}
KEY_CELLS = {
    name: "OGA"[number % 3]
    for number, name in enumerate(permission_names())
    if number % 4 != 3 and name in cells("owner")
}
PLACELESS = {Nature.ANYONE, Nature.SOME, Nature.ALL, Nature.ABSENT}


@frozen
class Case:
    """One request: a route, by a role, about a place."""

    route: Route
    role: str
    place: str

    def __str__(self) -> str:
        return f"{self.route.method} {self.route.path} by {self.role} about {self.place}"


def request_of(
    route: Route, operation: AnyOperation, said: Mapping[str, Any]
) -> tuple[str, bytes | None, dict[str, str]]:
    """Return address, body and headers of a request that says *said*."""
    fields = fields_of(operation.command_type).types
    known = {name: value for name, value in said.items() if name in fields and name not in route.fixed}
    address = address_of(route.path, {name: known.pop(name) for name in route.path_fields})
    headers = {"If-Match": f'"{version}.x"'} if (version := known.pop("version", None)) is not None else {}
    if route.shape in ASKED:
        pairs = [
            f"{name}={part}"
            for name, value in known.items()
            for part in (value if isinstance(value, list) else [value])
        ]
        return address + ("?" + "&".join(pairs) if pairs else ""), FILES.get(route.operation), headers
    if route.shape is Shape.REMOVE:
        return address, None, headers
    return address, json.dumps({} if route.shape is Shape.MERGE else known).encode(), headers


def held_by(role: str) -> Mapping[str, str]:
    """Return what a role holds, as letters."""
    return {CUSTOM: CUSTOM_CELLS, KEY: KEY_CELLS}.get(role) or cells(role)


def expected(case: Case, operation: AnyOperation, getter: AnyOperation | None, row: Row) -> int:
    """Return what the oracle says of *case*."""
    held, is_guest = held_by(case.role), case.role == GUEST
    place = row.place or case.place if case.place != OTHER else OTHER
    told = answer(held, operation.permission, row, place, is_guest=is_guest)
    if case.route.shape is Shape.MERGE and getter is not None:
        before = answer(held, getter.permission, ROWS[getter.name], place, is_guest=is_guest)
        return told if before == ALLOWED else before
    return told


def cases() -> Iterator[Case]:
    """Yield every request; where the place makes no difference, one for all."""
    for route in ROUTES:
        places = (OWN,) if ROWS[route.operation].nature in PLACELESS else PLACES
        yield from (Case(route, role, place) for role in ROLES for place in places)


def is_as_told(status: int, told: int) -> bool:
    """Say whether *status* is the answer that the oracle told; what is allowed may still break a rule of its own."""
    return 200 <= status < 300 or status in {409, 412, 422} if told == ALLOWED else status == told


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town on each engine."""
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    url = request.getfixturevalue(makers[request.param]).database()
    custom, key = ({n: LETTERS[letter] for n, letter in held.items()} for held in (CUSTOM_CELLS, KEY_CELLS))
    with town_at(url, tmp_path_factory.mktemp("town"), custom, key) as made:
        yield made


def test_every_route_has_a_row() -> None:
    """Whoever adds an operation says here what decides about it."""
    assert set() == {route.operation for route in ROUTES} - set(ROWS)


def test_every_role_is_tried() -> None:
    """A built-in role that is added to the matrix is tried too."""
    from fleetcore.people.roles import matrix

    assert {*BUILT_IN, GUEST} == set(matrix().roles)


def test_the_matrix_decides(town: Town) -> None:
    """No route answers anybody otherwise than the matrix of roles and permissions says."""
    operations = town.core.operations
    wrong = []
    with ExitStack() as hanging_up:
        visitors = {role: hanging_up.enter_context(closing(town.visitor(role))) for role in ROLES}
        for case in cases():
            route, row = case.route, ROWS[case.route.operation]
            operation = operations[route.operation]
            told = expected(case, operation, operations.get(route.getter or ""), row)
            address, body, headers = request_of(route, operation, row.says(town.estates[case.role, case.place]))
            reply = visitors[case.role].ask(route.method, address, body, headers)
            if not is_as_told(reply.status, told):
                wrong.append(f"{case}: {reply.status} instead of {told}: {reply.body[:160]!r}")
    assert not wrong, f"{len(wrong)} wrong answers:\n" + "\n".join(wrong)
