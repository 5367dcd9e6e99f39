"""Links of accounts arrive by mail: the address is confirmed by one, a forgotten password is replaced by another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fleet_notify_email
import fleetcore
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost

from .server import MailServer

OLD, NEW = "four words of ada", "five other words of ada"
PUBLIC = "https://fleet.example"


@pytest.fixture
def accounts(server: MailServer, tmp_path: Path) -> Iterator[Accounts]:
    """Accounts of a host whose core mails through a real server."""
    settings = AuthSettings(data_dir=tmp_path, public_url=PUBLIC, hash_cost=HashCost(memory_kib=8, passes=1))
    mail = {"email": server.settings()}
    with fleetcore.open(
        f"sqlite:///{tmp_path}/fleet.db", plugins=[fleet_notify_email], installed_plugins=False, plugin_settings=mail
    ) as core:
        made = Accounts(core, settings)
        yield made
        made.close()


def link_in_last_mail(accounts: Accounts, server: MailServer, path: str) -> str:
    """Return the token of the link to *path* in the mail that came last; there is one such link."""
    accounts._post.submit(int).result()  # the post is one thread: what was sent before has arrived
    body = server.mails[-1].get_body(("plain",))
    assert body is not None
    found: list[str] = re.findall(rf"{PUBLIC}/{path}\?token=(\S+)", body.get_content())
    assert 1 == len(found), body.get_content()
    return found[0]


def test_registering_confirming_and_resetting_by_mail(accounts: Accounts, server: MailServer) -> None:
    """From the first mail to the new password; then the old password and every old session are void."""
    tokens = accounts.register("ada@mail.example", OLD, "Ada Lovelace")
    accounts.verify_email(link_in_last_mail(accounts, server, "verify-email"))
    assert accounts.me(accounts.identify(tokens.access_token)).is_email_verified
    accounts.request_reset("ada@mail.example")
    accounts.reset(link_in_last_mail(accounts, server, "reset-password"), NEW)
    for act in (
        lambda: accounts.identify(tokens.access_token),
        lambda: accounts.refresh(tokens.refresh_token or ""),
        lambda: accounts.login("ada@mail.example", OLD),
    ):
        with pytest.raises(Unauthenticated):
            act()

    assert accounts.login("ada@mail.example", NEW).access_token
    assert ["Confirm your e-mail address", "Choose a new password"] == [mail["Subject"] for mail in server.mails]
    assert {"Ada Lovelace <ada@mail.example>"} == {mail["To"] for mail in server.mails}
    assert "List-Unsubscribe" not in server.mails[-1]


def test_a_server_that_is_busy_is_asked_again(accounts: Accounts, server: MailServer) -> None:
    """A mail that was put off comes a little later; nobody has to ask for it."""
    server.refusals["DATA"] = ["451 come back later"]
    accounts.register("ada@mail.example", OLD, "Ada")
    assert link_in_last_mail(accounts, server, "verify-email").startswith("fl_")


def test_a_mail_that_is_refused_leaves_no_link_in_the_log(
    accounts: Accounts, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Who runs the host reads that it was not sent, and why, and not what stood in it."""
    server.refusals["RCPT"] = ["550 no such user"]
    accounts.register("ada@mail.example", OLD, "Ada")
    accounts._post.submit(int).result()

    assert "550 no such user" in caplog.text
    assert "fl_" not in caplog.text
    assert [] == server.mails
