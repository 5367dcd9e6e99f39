"""Everything that is held of a person, told to them as a file; and what they may do about it over HTTP."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from tests.server.serving import Client, serving

from fleetcore.accounts.totp import code_at, step_at
from fleetcore.testing.clock import FixedClock
from fleetserver.app import create_app
from fleetserver.settings import ServerSettings

from .conftest import CANARY, EMAIL, PASSWORD, Scene


@pytest.fixture
def client(scene: Scene) -> Iterator[Client]:
    """A client of a server with the accounts of the scene."""
    with serving(create_app(scene.core, ServerSettings(), scene.accounts)) as port:
        yield Client(port)


def bearing(scene: Scene) -> dict[str, str]:
    """Return the header that carries Ada's token."""
    return {"Authorization": f"Bearer {scene.tokens.access_token}"}


def contents(raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest and the files of an export."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("manifest.json")), files


def test_the_export_holds_what_is_held(scene: Scene, client: Client) -> None:
    """Rows of every kind as JSON and CSV, their own files, hashes of all of it, and no secret."""
    reply = client.ask("GET", "/auth/me/export", headers=bearing(scene))
    manifest, files = contents(reply.body)
    trips = json.loads(files["rows/trips_trips.json"])

    assert (200, "application/zip") == (reply.status, reply.headers["content-type"])
    assert str(scene.user_id) == manifest["user_id"]
    assert manifest["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    expected = {"people_users", "accounts_sessions", "trips_trips", "fuel_fills", "documents_documents", "audit_log"}
    assert expected <= manifest["rows"].keys()
    assert [f"{CANARY} street"] == [trip["start_place"] for trip in trips]
    assert files["rows/trips_trips.csv"].startswith(b"fleet_id,")
    assert any(name.startswith("files/") and CANARY.encode() in files[name] for name in files)
    everything = b"".join(files.values())
    for secret in (b"argon2", b"token_hash", b"sealed_seed", b"secret_hash", b"carl@mail.example"):
        assert secret not in everything


def test_an_export_is_of_ones_own_fleets_only(scene: Scene, client: Client) -> None:
    """Who left a fleet sees nothing of it; whoever runs the host does."""
    scene.core.create_fleet("Home", owner_email=EMAIL)
    scene.core.perform(scene.carl, "people.remove_member", {"user_id": str(scene.user_id)})
    tokens = scene.accounts.login(EMAIL, PASSWORD)
    header = {"Authorization": f"Bearer {tokens.access_token}"}
    manifest, _ = contents(client.ask("GET", "/auth/me/export", headers=header).body)
    out = io.BytesIO()

    assert "trips_trips" not in manifest["rows"]
    assert scene.core.export_person(scene.user_id, out).rows["trips_trips"] == 1


def test_a_person_erases_themselves(scene: Scene, client: Client) -> None:
    """By their password; the wrong one, or none, erases nobody; then their token is nobody's."""
    wrong = client.ask("DELETE", "/auth/me", {"password": "not it"}, headers=bearing(scene))
    none = client.ask("DELETE", "/auth/me", {}, headers=bearing(scene))
    done = client.ask("DELETE", "/auth/me", {"password": PASSWORD}, headers=bearing(scene))

    assert (422, 422, 200) == (wrong.status, none.status, done.status), done.body
    assert done.value["rows"]["people_users"] >= 1
    assert 401 == client.ask("GET", "/auth/me", headers=bearing(scene)).status


def test_a_key_is_no_person(scene: Scene, client: Client) -> None:
    """An API key neither gets the data of its maker nor erases them."""
    caller = scene.accounts.identify(scene.tokens.access_token)
    key = scene.accounts.make_key(caller, "Key", {"fuel.read": caller.actor.permissions["fuel.read"]})
    header = {"Authorization": f"Bearer {key.secret}"}

    assert 422 == client.ask("GET", "/auth/me/export", headers=header).status
    assert 422 == client.ask("DELETE", "/auth/me", {"password": PASSWORD}, headers=header).status


def test_the_last_owner_is_told_what_to_do_first(scene: Scene, client: Client) -> None:
    """409 that says to hand the fleet over."""
    scene.accounts.set_password(scene.carl.user_id, PASSWORD)
    tokens = scene.accounts.login("carl@mail.example", PASSWORD)
    header = {"Authorization": f"Bearer {tokens.access_token}"}
    refused = client.ask("POST", "/auth/me/erase", {"password": PASSWORD, "with_fleets": True}, headers=header)

    assert 409 == refused.status
    assert "hand it over" in refused.value["detail"]


def test_who_has_a_second_factor_shows_it_first(scene: Scene, client: Client, clock: FixedClock) -> None:
    """A password alone erases nobody who has more; a fresh code with it does."""
    secret = scene.accounts.enrol_totp(scene.accounts.identify(scene.tokens.access_token), PASSWORD).secret
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
    scene.accounts.confirm_totp(scene.accounts.identify(scene.tokens.access_token), code_at(seed, step_at(clock.now())))
    clock.advance(minutes=16)
    tokens = scene.accounts.login(EMAIL, PASSWORD, code=code_at(seed, step_at(clock.now())))
    clock.advance(minutes=14)
    clock.advance(seconds=50)
    header = {"Authorization": f"Bearer {tokens.access_token}"}
    fresh = client.ask("DELETE", "/auth/me", {"password": "wrong"}, headers=header)
    clock.advance(minutes=15)
    renewed = scene.accounts.refresh(tokens.refresh_token or "")
    header = {"Authorization": f"Bearer {renewed.access_token}"}
    stale = client.ask("DELETE", "/auth/me", {"password": PASSWORD}, headers=header)
    code = code_at(seed, step_at(clock.now()))
    assert 204 == client.ask("POST", "/auth/step-up", {"code": code}, headers=header).status
    done = client.ask("DELETE", "/auth/me", {"password": PASSWORD}, headers=header)

    assert (422, 401, 200) == (fresh.status, stale.status, done.status)
