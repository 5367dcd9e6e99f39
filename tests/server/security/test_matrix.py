"""Every route by every role, about one's own, what is lent, the rest of the fleet, and another fleet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any

import attrs
import pytest
from attrs import frozen
from tests.server.serving import Reply

from fleetcore.operations import AnyOperation
from fleetserver.app import api_routes
from fleetserver.web.requests import fields_of
from fleetserver.web.routing import Route, Shape

from .estates import Estate
from .oracle import ALLOWED, HIDDEN, answer, cells, permission_names
from .rows import FILES, ROWS, Nature, Row
from .town import BUILT_IN, CUSTOM, GRANTED, GUEST, KEY, OTHER, OWN, PLACES, ROLES, Town, address_of, town_at

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
ID_LENGTH = 36
# What the owner cannot do: platform work, what there is not, ending a trip that does not run; a PATCH of an inspection
# repeats its results.
NOT_BY_OWNERS = {
    "people.set_quotas": 403,
    "worker.replay": 404,
    "notifications.unsubscribe": 404,
    "trips.finish": 422,
    "maintenance.edit_inspection": 422,
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
    """No route answers anybody otherwise than the matrix of roles and permissions says.

    Where something is hidden, the answer is that to an id that there is not, byte for byte.
    """
    wrong, told_of = [], []
    with ExitStack() as hanging_up:
        visitors = {role: hanging_up.enter_context(closing(town.visitor(role))) for role in ROLES}
        for case in cases():
            told, asked = prepared(town, case, town.estates[case.role, case.place])
            reply = visitors[case.role].ask(*asked)
            if not is_as_told(reply.status, told):
                wrong.append(f"{case}: {reply.status} instead of {told}: {reply.body[:160]!r}")
            if told == HIDDEN and case.place in {GRANTED, OTHER}:
                elsewhere = town.estates[case.role, case.place].elsewhere()
                other = visitors[case.role].ask(*prepared(town, case, elsewhere)[1])
                if plain(reply, town.estates[case.role, case.place]) != plain(other, elsewhere):
                    told_of.append(f"{case}: {reply.body!r}, but {other.body!r}")
    assert not wrong, f"{len(wrong)} wrong answers:\n" + "\n".join(wrong)
    assert not told_of, f"{len(told_of)} answers tell that there is something:\n" + "\n".join(told_of)


def test_every_row_says_what_can_be_done(town: Town) -> None:
    """The owner's request succeeds, so that whoever is refused is refused for what they are."""
    with closing(town.visitor("owner")) as owner:
        told = {}
        for route in ROUTES:
            reply = owner.ask(*prepared(town, Case(route, "owner", OWN), town.estates["owner", OWN])[1])
            if not 200 <= reply.status < 300:
                told[route.operation] = reply.status
    print(told)
    assert NOT_BY_OWNERS == told


@pytest.mark.parametrize("secret", [None, "", "nonsense"])
def test_nobody_is_told_anything(town: Town, secret: str | None) -> None:
    """Without a login every route is 401, whatever is named."""
    with closing(attrs.evolve(town.visitor(None), secret=secret)) as nobody:
        told = {
            str(case): reply.status
            for route in ROUTES
            for case in (Case(route, "owner", OWN),)
            for reply in (nobody.ask(*prepared(town, case, town.estates["owner", OWN])[1]),)
            if reply.status != 401 or b"Quagga" in reply.body
        }
    assert {} == told


def prepared(town: Town, case: Case, estate: Estate) -> tuple[int, tuple[str, str, bytes | None, dict[str, str]]]:
    """Return what is to be answered to *case*, and what is asked about *estate*."""
    route, row = case.route, ROWS[case.route.operation]
    operation = town.core.operations[route.operation]
    told = expected(case, operation, town.core.operations.get(route.getter or ""), row)
    address, body, headers = request_of(route, operation, row.says(estate))
    return told, (route.method, address, body, headers)


def plain(reply: Reply, estate: Estate) -> tuple[int, dict[str, str], bytes]:
    """Return an answer without what differs between any two: ids that were asked for, correlation id, date."""
    body = reply.body.replace(reply.headers["x-correlation-id"].encode(), b"")
    for name, key in sorted({**estate.ids, "vehicle": estate.vehicle}.items()):
        body = body.replace(key.encode(), f"<{name}>".encode() if len(key) == ID_LENGTH else b"<key>")
    kept = {
        name: text for name, text in reply.headers.items() if name not in {"date", "x-correlation-id", "content-length"}
    }
    return reply.status, kept, body
