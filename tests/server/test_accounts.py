"""Accounts over HTTP: registering, signing in, tokens, limits, and the machine of one person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from fleetcore import Core
from fleetcore.accounts.model import Limit
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost
from fleetserver.settings import ServerSettings

from .serving import Client, Reply, serving

ADA = {"email": "ada@example.org", "password": "seventeen quiet lanterns", "name": "Ada"}


@contextmanager
def served(core: Core, folder: Path, **chosen: Any) -> Iterator[Client]:
    """Serve *core* with accounts, as ``fleet serve`` does."""
    settings = AuthSettings(data_dir=folder, hash_cost=HashCost(memory_kib=64, passes=1), **chosen)
    accounts = Accounts(core, settings, keys=load_keys(settings, core.clock))
    with serving(create_app(core, ServerSettings(), accounts)) as port:
        yield Client(port)


@pytest.fixture
def client(core: Core, tmp_path: Path) -> Iterator[Client]:
    """A client of a server with accounts and nobody in it."""
    with served(core, tmp_path) as made:
        yield made


def bearing(token: str) -> dict[str, str]:
    """Return the header that carries *token*."""
    return {"Authorization": f"Bearer {token}"}


def registered(client: Client, **other: str) -> dict[str, Any]:
    """Register Ada, or somebody else, and return the tokens."""
    reply = client.post("/auth/register", {**ADA, **other})
    assert 201 == reply.status, reply.body
    answer: dict[str, Any] = reply.value
    return answer


def test_who_registers_has_a_fleet_of_their_own(client: Client) -> None:
    """The answer is a pair of tokens, and the first vehicle can be added with it."""
    tokens = registered(client)
    assert {"access_token", "refresh_token", "expires_in", "token_type"} == set(tokens)
    golf = client.ask("POST", "/vehicles", {"name": "Golf"}, headers=bearing(tokens["access_token"]))
    assert 201 == golf.status
    bob = registered(client, email="bob@example.org", name="Bob")
    assert [] == client.ask("GET", "/vehicles", headers=bearing(bob["access_token"])).value["items"]


def test_who_has_registered_signs_in(client: Client) -> None:
    """Signing in gives the same shape; a wrong password and an unknown address give one answer."""
    registered(client)
    login = {"email": "ADA@example.org", "password": ADA["password"]}
    assert "access_token" in client.post("/auth/login", login).value
    wrong = [
        client.post("/auth/login", {**login, **said}) for said in ({"password": "x" * 14}, {"email": "no@body.org"})
    ]
    assert [401, 401] == [reply.status for reply in wrong]
    assert 1 == len({reply.value["detail"] for reply in wrong})


def test_refreshing_gives_new_tokens_once(client: Client) -> None:
    """A refresh token that comes again ends its session."""
    tokens = registered(client)
    again = client.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    assert 200 == again.status
    assert 401 == client.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).status
    assert 401 == client.post("/auth/refresh", {"refresh_token": again.value["refresh_token"]}).status


def test_me_says_who_where_and_what(client: Client) -> None:
    """It names the user, the fleets and the permissions; without a token it is 401 with a challenge."""
    tokens = registered(client)
    me = client.ask("GET", "/auth/me", headers=bearing(tokens["access_token"])).value
    assert ("Ada", "ada@example.org", "all") == (me["name"], me["email"], me["permissions"]["vehicles.write"])
    refused = client.get("/auth/me")
    assert (401, "Bearer") == (refused.status, refused.headers["www-authenticate"])


def test_signing_out_ends_the_token_too(client: Client) -> None:
    """After signing out the access token opens nothing."""
    bearer = bearing(registered(client)["access_token"])
    assert 204 == client.ask("POST", "/auth/logout", headers=bearer).status
    assert 401 == client.ask("GET", "/vehicles", headers=bearer).status


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "Ä" * 20, "x" * 8000])
def test_forged_tokens_open_nothing(client: Client, forged: str) -> None:
    """What is no token is 401, never an error of ours."""
    reply = client.ask(
        "GET", "/vehicles", headers={"Authorization": f"Bearer {forged}".encode("latin-1").decode("latin-1")}
    )
    assert 401 == reply.status


def test_every_fault_of_a_registration_is_told(client: Client) -> None:
    """A weak password and a broken address are two faults, each at its field."""
    reply = client.post("/auth/register", {"email": "nowhere", "password": "password", "name": "Ada"})
    assert (422, {"/email", "/password"}) == (reply.status, {fault["pointer"] for fault in reply.value["errors"]})


def test_what_is_said_about_an_account_has_an_end(client: Client) -> None:
    """A text without end is refused before anybody looks for an account."""
    assert 422 == client.post("/auth/request-reset", {"email": "x" * 10_001}).status


def test_a_key_opens_what_it_was_made_for(client: Client) -> None:
    """A key with one permission reads vehicles and adds none."""
    bearer = bearing(registered(client)["access_token"])
    made = client.ask("POST", "/auth/keys", {"name": "Phone", "permissions": {"vehicles.read": "all"}}, headers=bearer)
    assert 201 == made.status, made.body
    key = bearing(made.value["secret"])
    assert 200 == client.ask("GET", "/vehicles", headers=key).status
    assert 403 == client.ask("POST", "/vehicles", {"name": "Golf"}, headers=key).status


def test_sessions_are_listed_and_ended(client: Client) -> None:
    """Somebody signed in twice ends one of the two."""
    first = bearing(registered(client)["access_token"])
    second = bearing(client.post("/auth/login", {k: ADA[k] for k in ("email", "password")}).value["access_token"])
    others = [s for s in client.ask("GET", "/auth/sessions", headers=second).value["items"] if not s["is_current"]]
    assert [204] == [client.ask("DELETE", f"/auth/sessions/{s['id']}", headers=second).status for s in others]
    assert (401, 200) == tuple(client.ask("GET", "/vehicles", headers=bearer).status for bearer in (first, second))


def test_too_many_requests_are_told_when_to_come_back(core: Core, tmp_path: Path) -> None:
    """Past the limit the answer is 429 with Retry-After."""
    few = attrs.evolve(AuthSettings(data_dir=tmp_path).limits, requests=Limit(burst=20, period=timedelta(minutes=1)))
    with served(core, tmp_path, limits=few) as client:
        bearer = bearing(registered(client)["access_token"])
        replies = [client.ask("GET", "/vehicles", headers=bearer) for _ in range(60)]
    late = [reply for reply in replies if reply.status == 429]
    assert late
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in late)


def ask_as(client: Client, host: str, **more: str) -> Reply:
    """Ask for the vehicles by the name *host*."""
    return client.ask("GET", "/vehicles", headers={"Host": host, **more})


def test_one_persons_machine_needs_no_login(core: Core, tmp_path: Path) -> None:
    """The owner is taken for granted, but not through a name from elsewhere or a proxy."""
    core.create_fleet("Home")
    with served(core, tmp_path, single_user=True) as client:
        assert 200 == ask_as(client, f"127.0.0.1:{client.port}").status
        assert 403 == ask_as(client, "evil.example.org").status
        assert 403 == ask_as(client, f"127.0.0.1:{client.port}", **{"X-Forwarded-For": "10.0.0.9"}).status
