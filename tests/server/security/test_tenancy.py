"""Strangers over HTTP: drawn requests for what is not theirs learn nothing and change nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.server.security.conftest import built
from tests.server.security.strangers import STRANGERS, WAYS, closed_to, rows_of
from tests.server.security.town import EXPIRED, FLEET, GUEST, OTHER, Town

from fleetserver.app import API_ROOT

REQUESTS = int(os.environ.get("FLEET_DRILL_REQUESTS", "600"))  # on each engine; `nox -s drills` sends 10,000
SHARES = dict.fromkeys(WAYS, 1.0) | {"accounts": 0.1}  # a way of few forms needs fewer


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def lasting_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town in which what is done stays done."""
    yield from built(request, tmp_path_factory, lasts=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_learn_and_change_nothing(lasting_town: Town, stranger: str, way: str) -> None:
    """No answer has an id or a word of what is closed to them, in header, body or file, and no such row changes.

    Ids that the request itself named may be repeated; there is no telling them from ids that there are not.
    """
    town, closed = lasting_town, closed_to(lasting_town, stranger)
    pool = [UUID(key) for key in sorted(closed.ids)]

    @settings(
        max_examples=max(int(REQUESTS * SHARES[way] / sum(SHARES.values()) / len(STRANGERS)), 1),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        heard = WAYS[way](town, visitor, data, pool)
        leaked = {key for key in closed.ids if key.encode() in heard.told and key.encode() not in heard.sent}
        words = {word for word in closed.words if word.encode() in heard.told}
        assert not leaked | words, (heard.request, heard.told)
        assert heard.status < 500, (heard.request, heard.told)
        if stranger == EXPIRED and way == "rest" and heard.status < 300:
            assert heard.request.route.split(" ")[-1].split("/")[1] in OPEN_TO_ALL, heard.request

    with closing(town.visitor(stranger)) as visitor:
        drawn()
    assert closed.rows <= {repr(row) for row in rows_of(town)}


# What a guest without a vehicle still has: themselves, and what is the same for everyone.
OPEN_TO_ALL = {
    "users",
    "members",
    "notifications",
    "fleet",
    "roles",
    "permissions",
    "makes",
    "vins",
    "me",
    "grants",
    "history",
}


def test_the_judge_hears_what_is_told(lasting_town: Town) -> None:
    """Negative control: to the owner the same things are told, and their requests change rows."""
    town = lasting_town
    closed = closed_to(town, OTHER)
    with closing(town.visitor("owner")) as owner, closing(town.visitor(GUEST)) as guest:
        told = owner.ask("GET", f"{API_ROOT}/vehicles").body
        assert town.estates[GUEST, FLEET].vehicle.encode() in told
        assert {word for word in closed.words if word.encode() in told}
        lent = guest.ask("GET", f"{API_ROOT}/vehicles").value["items"]
        assert 2 == len(lent)
        assert owner.ask("POST", f"{API_ROOT}/stations", b'{"name": "Corner"}').status == 201
    assert closed.rows < {repr(row) for row in rows_of(town)}
