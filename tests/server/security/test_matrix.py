"""Every route by every role, about one's own, what is lent, the rest of the fleet, and another fleet."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from itertools import islice

from attrs import frozen
from tests.server.serving import Reply

from fleetcore.operations import AnyOperation
from fleetserver.app import api_routes
from fleetserver.web.routing import Route, Shape

from .asking import Request, request_of
from .estates import Estate
from .oracle import ALLOWED, CUSTOM_CELLS, HIDDEN, KEY_CELLS, answer, cells
from .rows import ROWS, Nature, Row, row_of
from .town import BUILT_IN, CUSTOM, GRANTED, GUEST, KEY, OTHER, OWN, PLACES, ROLES, Town

ROUTES = api_routes()
ID_LENGTH = 36
EVERY = {} if "FLEET_DRILL_REQUESTS" in os.environ else {"postgresql": 7}  # a sample there, by `nox -s drills` all
# What the owner cannot do: platform work, what there is not, ending a trip that does not run; a PATCH of an inspection
# repeats its results.
NOT_BY_OWNERS = {
    "people.set_quotas": 403,
    "worker.get_dead_letter": 404,
    "worker.discard_dead_letter": 404,
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


def held_by(role: str) -> Mapping[str, str]:
    """Return what a role holds, as letters."""
    return {CUSTOM: CUSTOM_CELLS, KEY: KEY_CELLS}.get(role) or cells(role)


def expected(case: Case, operation: AnyOperation, getter: AnyOperation | None, row: Row) -> int:
    """Return what the oracle says of *case*."""
    held, is_guest = held_by(case.role), case.role == GUEST
    place = row.place or case.place if case.place != OTHER else OTHER
    told = answer(held, operation.permission, row, place, is_guest=is_guest)
    is_read_first = case.route.shape is Shape.MERGE or case.route.fixed  # whether it is of the kind of the address
    if is_read_first and getter is not None:
        before = answer(held, getter.permission, ROWS[getter.name], place, is_guest=is_guest)
        return told if before == ALLOWED else before
    return told


def cases() -> Iterator[Case]:
    """Yield every request; where the place makes no difference, one for all."""
    for route in ROUTES:
        places = (OWN,) if ROWS[route.operation].nature in PLACELESS else PLACES
        yield from (Case(route, role, place) for role in ROLES for place in places)


def is_as_told(case: Case, reply: Reply, told: int) -> bool:
    """Say whether *reply* is the answer that the oracle told; what is allowed may still break a rule of its own.

    Of several at once, the one is named that there is not: 422, as for any other item that cannot be.
    """
    status = reply.status
    if told == HIDDEN and case.route.shape is Shape.BATCH:
        return status == 422 and b'"detail":"items.0: there is no ' in reply.body
    return 200 <= status < 300 or status in {409, 412, 422} if told == ALLOWED else status == told


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
        for case in islice(cases(), 0, None, EVERY.get(town.core.database.dialect, 1)):
            told, asked = prepared(town, case, town.estates[case.role, case.place])
            reply = visitors[case.role].send(asked)
            if not is_as_told(case, reply, told):
                wrong.append(f"{case}: {reply.status} instead of {told}: {reply.body[:160]!r}")
            if told == HIDDEN and case.place in {GRANTED, OTHER}:
                elsewhere = town.estates[case.role, case.place].elsewhere()
                other = visitors[case.role].send(prepared(town, case, elsewhere)[1])
                if plain(reply, town.estates[case.role, case.place]) != plain(other, elsewhere):
                    told_of.append(f"{case}: {reply.body!r}, but {other.body!r}")
    assert not wrong, f"{len(wrong)} wrong answers:\n" + "\n".join(wrong)
    assert not told_of, f"{len(told_of)} answers tell that there is something:\n" + "\n".join(told_of)


def test_every_row_says_what_can_be_done(town: Town) -> None:
    """The owner's request succeeds, so that whoever is refused is refused for what they are."""
    with closing(town.visitor("owner")) as owner:
        told = {}
        for route in ROUTES:
            reply = owner.send(prepared(town, Case(route, "owner", OWN), town.estates["owner", OWN])[1])
            if not 200 <= reply.status < 300:
                told[route.operation] = reply.status
    assert NOT_BY_OWNERS == told


def prepared(town: Town, case: Case, estate: Estate) -> tuple[int, Request]:
    """Return what is to be answered to *case*, and what is asked about *estate*."""
    row, operations = row_of(case.route), town.core.operations
    operation = operations[case.route.operation]
    told = expected(case, operation, operations.get(case.route.getter or ""), row)
    return told, request_of(case.route, operation, row.says(estate))


def plain(reply: Reply, estate: Estate) -> tuple[int, dict[str, str], bytes]:
    """Return an answer without what differs between any two: ids that were asked for, correlation id, date."""
    body = reply.body.replace(reply.headers["x-correlation-id"].encode(), b"")
    for name, key in sorted({**estate.ids, "vehicle": estate.vehicle}.items()):
        body = body.replace(key.encode(), f"<{name}>".encode() if len(key) == ID_LENGTH else b"<key>")
    kept = {
        name: text for name, text in reply.headers.items() if name not in {"date", "x-correlation-id", "content-length"}
    }
    return reply.status, kept, body
