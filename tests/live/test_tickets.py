"""Who may open a live connection, with what, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from tests.live.listening import Listener, run
from tests.server.serving import HOST, Client, serving

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.testing.builders import new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetserver.app import create_app
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost
from fleetserver.live.settings import LiveSettings
from fleetserver.settings import ServerSettings

PASSWORD = "four words of ada"
LIVE = LiveSettings(look_s=0.1, origins=("https://pages.example.org",))


@frozen
class Desk:
    """A server with accounts, and Ada, who is signed in."""

    port: int
    accounts: Accounts
    core: Core
    tokens: dict[str, Any]

    @property
    def ada(self) -> Listener:
        """Ada with her access token."""
        return Listener(self.port, self.tokens["access_token"])

    @property
    def actor(self) -> Actor:
        """Ada, to the core."""
        return self.accounts.authenticate(self.tokens["access_token"])

    def post(self, path: str, body: Any = None) -> Any:
        """Post as Ada."""
        return Client(self.port).ask("POST", path, body, headers=self.ada.headers)


def opened(stack: ExitStack, core: Core, folder: Path, **settings: Any) -> tuple[int, Accounts]:
    """Serve *core* with accounts; returns the port."""
    chosen = AuthSettings(data_dir=folder, hash_cost=HashCost(memory_kib=8, passes=1), **settings)
    accounts = Accounts(core, chosen)
    return stack.enter_context(serving(create_app(core, ServerSettings(live=LIVE), accounts))), accounts


@pytest.fixture
def desk(core: Core, tmp_path: Path) -> Iterator[Desk]:
    """A server and Ada."""
    with ExitStack() as stack:
        port, accounts = opened(stack, core, tmp_path)
        said = {"email": "ada@example.org", "password": PASSWORD, "name": "Ada"}
        yield Desk(port, accounts, core, Client(port).ask("POST", "/auth/register", said).value)


def test_a_ticket_opens_one_connection(desk: Desk) -> None:
    """It is used up by that; a token, an invented ticket or none opens nothing."""

    async def scenario() -> None:
        ticket = desk.ada.ticket()
        async with desk.ada.socket("fleet", ticket=ticket) as socket:
            new_vehicle(desk.core, desk.actor)
            assert "vehicles.vehicle_added" == (await socket.next_event())["event"]
        for wrong in (ticket, "x" * 43, desk.tokens["access_token"]):
            assert 401 == await desk.ada.refused(wrong)

    run(scenario())
    for headers in ({}, desk.ada.headers):
        assert 401 == Client(desk.port).ask("GET", "/live", headers=headers).status


def test_a_ticket_is_late_after_half_a_minute(desk: Desk, clock: FixedClock) -> None:
    """It opens nothing then."""

    async def scenario() -> None:
        ticket = desk.ada.ticket()
        clock.advance(seconds=31)
        assert 401 == await desk.ada.refused(ticket)

    run(scenario())


def test_a_ticket_of_one_process_opens_another(
    desk: Desk, database_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    """Tickets are shared by the database, and so is that they were used."""

    async def scenario(port: int) -> None:
        ticket = desk.ada.ticket()
        async with Listener(port, "x").socket("fleet", ticket=ticket):
            assert 401 == await desk.ada.refused(ticket)

    with fleetcore.open(database_url, installed_plugins=False, clock=clock) as other, ExitStack() as stack:
        run(scenario(opened(stack, other, tmp_path)[0]))


def test_nobody_gets_a_ticket_without_signing_in(desk: Desk) -> None:
    """401, as everywhere; a body that says something is refused."""
    assert 401 == Client(desk.port).ask("POST", "/live/tickets").status
    assert [401, 401] == [Client(desk.port).ask("GET", path).status for path in ("/events", "//events")]
    assert 422 == desk.post("/live/tickets", {"for": "eve"}).status


def test_pages_of_other_sites_may_not_listen(desk: Desk) -> None:
    """A foreign Origin gets 403; the server's own and those of the settings are let in."""

    async def scenario() -> None:
        for origin in ("https://evil.example", "null", "", f"http://{HOST}.evil.example:{desk.port}"):
            assert 403 == await desk.ada.refused(desk.ada.ticket(), Origin=origin), origin
        for origin in (f"http://{HOST}:{desk.port}", "https://pages.example.org"):
            assert 101 == await desk.ada.refused(desk.ada.ticket(), Origin=origin), origin

    run(scenario())
    stream = Client(desk.port).ask("GET", "/events", headers={"Origin": "https://evil.example", **desk.ada.headers})
    assert 403 == stream.status


@pytest.mark.parametrize("way", ["logout", "revoked", "disabled"])
def test_who_is_signed_out_is_cut_off(desk: Desk, way: str) -> None:
    """Within seconds, with 4401, on every kind of connection."""

    async def scenario() -> None:
        async with desk.ada.socket("fleet") as socket, desk.ada.stream() as stream:
            user_id = desk.actor.user_id
            if way == "logout":
                assert desk.post("/auth/logout").status < 300
            elif way == "revoked":
                (session,) = desk.accounts.sessions_of(user_id)
                desk.accounts.end_session_of(user_id, session.id)
            else:
                desk.accounts.enable(user_id, is_active=False)
            assert 4401 == await socket.close_code(5)
            while (part := await stream.part(5)).get("event") != "end":
                pass
            assert "4401" in part["data"]

    run(scenario())


def test_a_connection_ends_with_its_token_unless_it_is_renewed(desk: Desk, clock: FixedClock) -> None:
    """A new ticket in time keeps it; without one it ends with 4401."""

    async def scenario() -> None:
        async with desk.ada.socket("fleet") as kept, desk.ada.socket("fleet") as left:
            clock.advance(minutes=10)
            fresh = Client(desk.port).ask("POST", "/auth/refresh", {"refresh_token": desk.tokens["refresh_token"]})
            ticket = Listener(desk.port, fresh.value["access_token"]).ticket()
            answer = await kept.ask(type="renew", ticket=ticket)
            assert "renewed" == answer["type"]
            clock.advance(minutes=6)
            assert 4401 == await left.close_code(5)
            assert "pong" == (await kept.ask(type="ping"))["type"]

    run(scenario())


def test_an_api_key_listens_with_its_permissions(desk: Desk) -> None:
    """A key for vehicles hears of vehicles alone, and is cut off when it is revoked."""
    key = desk.accounts.make_key(
        desk.accounts.identify(desk.tokens["access_token"]), "screen", {"vehicles.read": Scope.ALL}, expires_at=None
    )

    async def scenario() -> None:
        async with Listener(desk.port, key.secret).socket("fleet") as socket:
            new_fill(desk.core, desk.actor, new_vehicle(desk.core, desk.actor))
            assert ["vehicles.vehicle_added"] == [each["event"] for each in await socket.all_until_quiet()]
            answer = Client(desk.port).ask("DELETE", f"/auth/keys/{key.key.id}", headers=desk.ada.headers)
            assert answer.status < 300, answer.body
            assert 4401 == await socket.close_code(5)

    run(scenario())


def test_single_user_mode_listens_too(core: Core, owner: Actor, tmp_path: Path) -> None:
    """Whoever is at the private machine is the owner."""

    async def scenario(port: int) -> None:
        async with Listener(port).socket("fleet") as socket, Listener(port).stream() as stream:
            vehicle = new_vehicle(core, owner)
            assert str(vehicle.id) == (await socket.next_event())["vehicle_id"]
            assert str(vehicle.id) == (await stream.next_event())["vehicle_id"]

    with ExitStack() as stack:
        run(scenario(opened(stack, core, tmp_path, single_user=True)[0]))
