"""The links of mails, opened in a browser or by a program: GET shows, POST does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.accounts.model import Limit
from fleetcore.kernel.actor import Actor
from fleetserver.app import create_app
from fleetserver.auth.errors import LimitExceeded
from fleetserver.auth.mail import Mail
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost, Limits
from fleetserver.settings import ServerSettings

from .serving import Client, Reply, serving

PASSWORD = "seventeen quiet lanterns"
ADA = {"email": "ada@example.org", "password": PASSWORD, "name": "Ada"}


@frozen
class Post:
    """Keeps what is mailed."""

    mails: list[Mail]

    def send(self, mail: Mail) -> None:
        """Keep *mail*."""
        self.mails.append(mail)


@frozen
class Host:
    """A server with accounts, and what it has mailed."""

    client: Client
    accounts: Accounts
    mails: list[Mail]

    def link(self) -> str:
        """Return the address of the last link, below the root of the host."""
        self.accounts._post.submit(int).result()
        return "/" + self.mails[-1].link.removeprefix(self.accounts.settings.public_url)

    def send(self, path: str, **fields: str) -> Reply:
        """Send a form as a browser does."""
        raw = urlencode(fields).encode()
        return self.client.ask("POST", path, raw=raw, headers={"Content-Type": "application/x-www-form-urlencoded"})

    def registered(self) -> dict[str, str]:
        """Register Ada; returns the header that carries her token."""
        reply = self.client.post("/auth/register", ADA)
        assert 201 == reply.status, reply.body
        return {"Authorization": f"Bearer {reply.value['access_token']}"}


@pytest.fixture
def host(core: Core, tmp_path: Path) -> Iterator[Host]:
    """A server that mails into a list."""
    post = Post([])
    settings = AuthSettings(data_dir=tmp_path, hash_cost=HashCost(memory_kib=64, passes=1))
    accounts = Accounts(core, settings, mailer=post)
    with serving(create_app(core, ServerSettings(), accounts)) as port:
        yield Host(Client(port), accounts, post.mails)


def invited(core: Core, carl: Actor, **said: object) -> str:
    """Return the token of an invitation into Carl's fleet."""
    token = core.perform(carl, "sharing.invite", {"roles": ["driver"], **said}).token
    assert isinstance(token, str)
    return token


@pytest.fixture
def carl(core: Core) -> Actor:
    """The owner of a fleet to be invited to."""
    return core.create_fleet("Works <b>&co", owner_name="Carl", owner_email="carl@example.org")


def test_a_verification_link_shows_a_form_that_confirms(host: Host) -> None:
    """Opening it confirms nothing; its form does, once."""
    bearing = host.registered()
    link = host.link()
    page = host.client.ask("GET", link)
    assert (200, "text/html; charset=utf-8") == (page.status, page.headers["content-type"])
    assert b"<script>" not in page.body
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "no-store" == page.headers["cache-control"]
    assert not host.client.ask("GET", "/auth/me", headers=bearing).value["is_email_verified"]
    token = link.partition("token=")[2]
    assert 200 == host.send("//verify-email", token=token).status
    assert host.client.ask("GET", "/auth/me", headers=bearing).value["is_email_verified"]
    assert 422 == host.send("//verify-email", token=token).status


def test_a_reset_link_sets_a_password(host: Host) -> None:
    """A weak one is refused with what is wrong, and the link still works."""
    host.registered()
    assert 204 == host.client.post("/auth/request-reset", {"email": ADA["email"]}).status
    link = host.link()
    assert b'autocomplete="new-password"' in host.client.ask("GET", link).body
    token = link.partition("token=")[2]
    weak = host.send("//reset-password", token=token, password="short")
    assert (422, True) == (weak.status, b"characters" in weak.body)
    assert 200 == host.send("//reset-password", token=token, password="a lantern more than before").status
    login = {"email": ADA["email"], "password": "a lantern more than before"}
    assert 200 == host.client.post("/auth/login", login).status


def test_an_invitation_lets_somebody_new_in(host: Host, core: Core, carl: Actor) -> None:
    """The page says what is offered, its words escaped; its form registers, and the new account signs in there."""
    token = invited(core, carl, message="<script>hello</script>")
    page = host.client.ask("GET", f"//invitations/{token}")
    assert 200 == page.status
    assert b"Works &lt;b&gt;&amp;co" in page.body
    assert b"<script>" not in page.body
    told = host.client.ask("GET", f"//invitations/{token}", headers={"Accept": "application/json"})
    assert "Carl" == told.value["inviter_name"]
    done = host.send(f"//invitations/{token}", **ADA)
    assert 200 == done.status, done.body
    signed_in = host.client.post("/auth/login", {"email": ADA["email"], "password": PASSWORD}).value
    me = host.client.ask("GET", "/auth/me", headers={"Authorization": f"Bearer {signed_in['access_token']}"}).value
    assert [str(carl.fleet_id)] == [place["fleet_id"] for place in me["fleets"]]
    assert 422 == host.client.ask("GET", f"//invitations/{token}").status


def test_an_invitation_lets_a_known_user_in(host: Host, core: Core, carl: Actor) -> None:
    """By the page with their password, or over the API with their token; it leaves no session behind."""
    bearing = host.registered()
    other = core.create_fleet("Other", owner_name="Dan")
    by_form, by_token = invited(core, carl), invited(core, other)
    wrong = host.send(f"//invitations/{by_form}", email=ADA["email"], password="not the password")
    assert 401 == wrong.status
    assert 200 == host.send(f"//invitations/{by_form}", email=ADA["email"], password=PASSWORD).status
    joined = host.client.ask("POST", "/auth/invitations/accept", {"token": by_token}, headers=bearing)
    assert (200, str(other.fleet_id)) == (joined.status, joined.value["fleet_id"])
    assert 3 == len(host.client.ask("GET", "/auth/me", headers=bearing).value["fleets"])
    assert 1 == len(host.client.ask("GET", "/auth/sessions", headers=bearing).value["items"])


def test_an_account_that_proved_nothing_gets_no_invitation_of_its_address(host: Host, core: Core, carl: Actor) -> None:
    """Whoever registered another's address is neither added by it nor let in by its link, until it is confirmed."""
    bearing = host.registered()
    first_mail = host.link()
    token = invited(core, carl, email=ADA["email"])
    added = {"email": ADA["email"], "roles": ["driver"]}
    with pytest.raises(Exception, match="has not confirmed"):
        core.perform(carl, "people.add_member", added)
    refused = host.client.ask("POST", "/auth/invitations/accept", {"token": token}, headers=bearing)
    assert (422, "email.unproven") == (refused.status, refused.value["errors"][0]["code"])
    host.send("//verify-email", token=first_mail.partition("token=")[2])
    assert 200 == host.client.ask("POST", "/auth/invitations/accept", {"token": token}, headers=bearing).status


def test_links_that_are_none_say_so(host: Host) -> None:
    """A page for people, a problem for programs, and never a stack."""
    for path in ("//invitations/nonsense", "//unsubscribe/nonsense", "//invitations/%00%ff"):
        page = host.client.ask("GET", path)
        assert page.status in {404, 422}
        assert page.headers["content-type"].startswith("text/html")
        told = host.client.ask("GET", path, headers={"Accept": "application/json"})
        assert (page.status, "application/problem+json") == (told.status, told.headers["content-type"])


def test_a_reader_unsubscribes_by_one_click(host: Host, core: Core, carl: Actor) -> None:
    """GET asks, POST does, without any login, as mail programs send it (RFC 8058)."""
    from fleetcore.notifications.model import Kind
    from fleetcore.notifications.ports import PREFERENCES
    from fleetcore.notifications.rules import Claim, sign_token
    from fleetcore.notifications.telling import new_key

    core.perform(carl, "notifications.set_preferences", {"digest": "none"})
    with core.across_fleets() as uow:
        key = core.unit(uow.connection, carl)[PREFERENCES].meet(carl.user_id, new_key(), uow.now).key  # type: ignore[attr-defined]
    token = sign_token(Claim(carl.fleet_id, carl.user_id, (Kind.DUE,), "email"), key)
    assert 200 == host.client.ask("GET", f"//unsubscribe/{token}").status
    assert {} == core.perform(carl, "notifications.get_preferences", {}).switched_off
    one_click = {"List-Unsubscribe": "One-Click"}
    assert 200 == host.send(f"//unsubscribe/{token}", **one_click).status
    assert {"due": ("email",)} == dict(core.perform(carl, "notifications.get_preferences", {}).switched_off)


def test_links_are_not_guessed_without_end(core: Core, tmp_path: Path) -> None:
    """Requests of nobody count for their address, on pages and open routes alike."""
    limits = Limits(requests=Limit(burst=600, period=timedelta(minutes=1)))
    settings = AuthSettings(data_dir=tmp_path, hash_cost=HashCost(memory_kib=64, passes=1), limits=limits)
    accounts = Accounts(core, settings, mailer=Post([]))
    with serving(create_app(core, ServerSettings(), accounts)) as port:
        client = Client(port)
        with suppress(LimitExceeded):
            for _ in range(640):
                accounts.limit_request(None, "127.0.0.1")
        replies = [
            client.post("/auth/verify-email", {"token": "fl_x"}),
            client.post("/auth/refresh", {"refresh_token": "fr_x"}),
            client.ask("GET", "//verify-email?token=x"),
        ]

    assert [429] * 3 == [reply.status for reply in replies]
    assert all(int(reply.headers["retry-after"]) > 0 for reply in replies[:2])


@pytest.mark.parametrize("token", ["", "\0", "a.b.c", "x" * 5000, "AAAA" * 20, "../..", 7, None, ["x"]], ids=repr)
def test_what_is_no_token_is_refused_by_name(host: Host, token: object) -> None:
    """Open addresses take anything and answer with a problem, never with an error of ours."""
    for path in ("invitations/look", "invitations/register", "verify-email", "reset"):
        body = {"token": token, "password": PASSWORD, "name": "Ada"}
        if path in {"invitations/look", "verify-email"}:
            body = {"token": token}
        elif path == "reset":
            del body["name"]
        reply = host.client.post(f"/auth/{path}", body)
        assert 422 == reply.status, reply.body
        assert {"/token"} == {fault["pointer"] for fault in reply.value["errors"]}, path
