"""Nobody gets in without a login, and no forged one is believed, at any address."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from contextlib import closing
from typing import Any

import attrs
import pytest
from tests.auth.test_tokens import FORGERIES, Forger, encoded
from tests.server.security.asking import OPEN, SIGNED_IN, below, every_request
from tests.server.security.town import OWN, Town

from fleetserver.app import API_ROOT, api_routes
from fleetserver.pages.site import page_routes

# What is decided before the database is asked is the same on each engine.
pytestmark = pytest.mark.parametrize("town", ["sqlite"], indirect=True, scope="session")
TABLE = {
    "none": "alg none",
    "algorithm swapped, raw": "HS256 with the public key, raw",
    "algorithm swapped, PEM": "HS256 with the public key, PEM",
    "another algorithm": "another algorithm",
    "kid": "an unknown kid",
    "kid that is a path": "a kid that is a path",
    "iss": "another issuer",
    "aud": "another audience",
    "typ": "an ID token's typ",
    "exp": "expired",
    "nbf": "not yet valid",
    "jku": "jku",
    "jwk": "jwk",
    "jwk beside our signature": "jwk beside our signature",
}


def forged(town: Town, name: str) -> str:
    """Return the owner's token, forged in the way called *name*."""
    forger = Forger(town.accounts, town.secrets["owner"])
    if name == "other fleet":
        return forger.signed(fid=str(town.neighbour.fleet_id))
    if name == "bit flip":
        head, payload, signature = forger.good.split(".")
        first, *rest = urlsafe_b64decode(signature + "==")
        return f"{head}.{payload}.{encoded(bytes([first ^ 1, *rest]))}"
    return FORGERIES[TABLE[name]](forger)


def refusals(town: Town, secret: str | None) -> dict[str, Any]:
    """Return what is answered otherwise than by 401 to requests with *secret*, and what tells of records."""
    told = {}
    with closing(attrs.evolve(town.visitor(None), secret=secret)) as stranger:
        for request in every_request(town.core, town.estates["owner", OWN]):
            reply = stranger.send(request)
            is_silent = town.estates["owner", OWN].mark.encode() not in reply.body
            if (reply.status, is_silent, reply.headers.get("www-authenticate")) != (401, True, "Bearer"):
                told[request.route] = reply
    return told


@pytest.mark.parametrize("name", [*TABLE, "bit flip", "other fleet"])
def test_no_forged_token_opens_anything(town: Town, name: str) -> None:
    """Each of the forgeries is 401 at every route."""
    assert {} == refusals(town, forged(town, name))


@pytest.mark.parametrize("secret", [None, "", "nonsense", "fk_00000000_nonsense"])
def test_nobody_is_let_in(town: Town, secret: str | None) -> None:
    """Without a login every route is 401, whatever is named."""
    assert {} == refusals(town, secret)


def test_every_address_is_known_here(town: Town) -> None:
    """An address that needs no login is one of a written list; each other one is asked with forged tokens.

    Pages lead strangers to the way in: tests/pages/test_guard.py asks every one of them.
    """
    pages = {f"{route.method} {route.path}" for route in page_routes()} | {"GET /static/{name}"}
    asked = {f"{route.method} {API_ROOT}{route.path}" for route in api_routes()}
    asked |= {f"{method} {below(path)}" for method, path in map(str.split, SIGNED_IN)}
    served = {f"{method} {path}" for method, path in town.addresses if method != "HEAD"}
    assert served - pages == asked | set(OPEN)


def test_no_address_takes_a_secret(town: Town) -> None:
    """A token in the query opens nothing; only the link of a calendar holds one, of its own kind."""
    secret = town.secrets["owner"]
    with closing(town.visitor(None)) as nobody:
        for name in ("access_token", "token", "api_key", "key", "authorization"):
            for path in ("/vehicles", "/auth/me", "/exports/fleet"):
                reply = nobody.ask("GET", f"{API_ROOT}{path}?{name}={secret}")
                assert (401, False) == (reply.status, secret.encode() in reply.body)


def test_no_route_names_a_secret_in_its_address(town: Town) -> None:
    """Neither in the path nor in the query: addresses end up in logs, histories and Referer."""
    with closing(town.visitor(None)) as nobody:
        document = nobody.ask("GET", f"{API_ROOT}/openapi.json").value
    named = {
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        for method in methods.values()
        for parameter in method.get("parameters", ())
        if parameter.get("in") in {"path", "query"}  # headers are referred to
    }
    words = ("token", "secret", "password", "api_key", "signature")
    assert not {(path, name) for path, name in named if any(word in name.lower() for word in words)}
