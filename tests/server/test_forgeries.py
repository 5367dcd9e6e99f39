"""Twelve forged tokens at a sample of all routes: 401 everywhere, whatever else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import frozen
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.auth.test_tokens import STRANGER, STRANGERS_JWK, Forger

from fleetcore import Core
from fleetserver.app import api_routes, create_app
from fleetserver.auth.api import AUTH_ROUTES
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost
from fleetserver.settings import ServerSettings

from .serving import Client, serving

ADA = {"email": "ada@example.org", "password": "seventeen quiet lanterns", "name": "Ada"}
EACH = 9  # every ninth route of the API, and all of accounts
TWELVE: dict[str, Callable[[Forger, str], str]] = {
    "none": lambda f, _: f.signed({"alg": "none"}),
    "another algorithm": lambda f, _: f.with_hmac(f.public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "kid": lambda f, _: f.signed({"kid": uuid4().hex}),
    "iss": lambda f, _: f.signed(iss="https://evil.example"),
    "aud": lambda f, _: f.signed(aud="another-api"),
    "typ": lambda f, _: f.signed({"typ": "JWT"}),
    "exp": lambda f, _: f.signed(exp=f.payload["iat"]),
    "nbf": lambda f, _: f.signed(nbf=f.payload["iat"] + 60),
    "jku": lambda f, _: f.signed({"jku": "https://evil.example/keys"}, key=STRANGER),
    "jwk": lambda f, _: f.signed({"jwk": STRANGERS_JWK}, key=STRANGER),
    "a flipped bit": lambda f, _: f.good[:-10] + ("A" if f.good[-10] != "A" else "B") + f.good[-9:],
    "another fleet": lambda f, other: f.signed(fid=other),
}


@frozen
class Target:
    """A server with Ada, who is signed in, and a fleet that is not hers."""

    client: Client
    forger: Forger
    other_fleet: str


@pytest.fixture(scope="module")
def target(shared_core: Core, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One server for all forgeries."""
    folder: Path = tmp_path_factory.mktemp("keys")
    accounts = Accounts(shared_core, AuthSettings(data_dir=folder, hash_cost=HashCost(memory_kib=64, passes=1)))
    other = shared_core.create_fleet("Other")
    with serving(create_app(shared_core, ServerSettings(), accounts)) as port:
        client = Client(port)
        email = f"{uuid4().hex}@example.org"
        tokens = client.post("/auth/register", {**ADA, "email": email}).value
        yield Target(client, Forger(accounts, tokens["access_token"]), str(other.fleet_id))


def addresses() -> list[tuple[str, str]]:
    """Return method and path of a sample of the routes, ids made up."""
    known = [(route.method, route.path) for route in AUTH_ROUTES if route.known is not None]
    known += [("GET", "/auth/me/export"), ("DELETE", "/auth/me"), ("POST", "/auth/me/erase")]
    routes = [(route.method, route.path) for route in api_routes()]
    return known + routes[::EACH]


def filled(path: str) -> str:
    """Return *path* with ids in the place of its names."""
    return "/".join(str(uuid4()) if part.startswith("{") else part for part in path.split("/"))


def test_there_are_twelve() -> None:
    """As many as are asked for, and a sample of routes worth the name."""
    assert 12 == len(TWELVE)
    assert len(addresses()) > 25


@pytest.mark.parametrize("name", TWELVE)
def test_a_forgery_opens_nothing(target: Target, name: str) -> None:
    """401 with the challenge of a bearer token; the good token works before and after."""
    forged = TWELVE[name](target.forger, target.other_fleet)
    good = {"Authorization": f"Bearer {target.forger.good}"}
    assert 200 == target.client.ask("GET", "/auth/me", headers=good).status
    for method, path in addresses():
        reply = target.client.ask(
            method, filled(path), {} if method != "GET" else None, headers={"Authorization": f"Bearer {forged}"}
        )
        assert (401, "Bearer") == (reply.status, reply.headers.get("www-authenticate")), f"{method} {path}"
    assert 200 == target.client.ask("GET", "/auth/me", headers=good).status
