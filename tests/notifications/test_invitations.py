"""Invitations by mail: the link goes to the address, and is in the database only until it went."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

import fleetcore
from fleetcore.notifications.channels import Rejected, Retry
from fleetcore.sharing.model import Invite, ResendInvitation, RevokeInvitation, SentInvitation
from fleetcore.sharing.service import invite, resend_invitation, revoke_invitation
from fleetcore.storage.types import metadata

from .conftest import Build
from .post import House, Post

BOB = "bob@example.org"


def invited(house: House, **said: Any) -> SentInvitation:
    """Invite Bob to the family."""
    return house.core.run(house.owner, invite, Invite(roles=("family",), email=BOB, **said))


def kept(house: House, token: str | None) -> list[str]:
    """Return the tables that hold the token."""
    assert token is not None
    found = []
    with house.core.database.system(snapshot=True) as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(text(f"SELECT * FROM {table.name}")).all()  # noqa: S608 - our own tables
            if token in repr(rows):
                found.append(table.name)
    return found


def posted(house: House) -> list[str]:
    """Return what was posted to Bob."""
    return [message.body for message, target in house.post.sent if target.address == BOB]


def test_the_link_is_mailed_and_forgotten(house: House) -> None:
    """The delivery keeps the token until it was sent; neither inbox, outbox nor audit ever held it."""
    sent = invited(house, message="The Polo is yours too")
    assert ["notifications_deliveries"] == kept(house, sent.token)
    house.work()

    assert [] == kept(house, sent.token)
    (body,) = posted(house)
    assert [("bob@example.org", "Ada invites you to Home")] == [each for each in house.post.told if each[0] == BOB]
    assert body.startswith("The Polo is yours too\n\nThe invitation holds until 8 June 2026.")
    assert f"Accept it here: fleet members accept {sent.token}" in body
    house.core.accept_invitation(sent.token or "", name="Bob")
    assert "Bob" == house.core.user(BOB).name


def test_the_link_leads_to_the_server(database_url: str, clock: Any) -> None:
    """Where there is a server, the mail holds a link to it, which can be followed in HTML."""
    post = Post()
    settings = {"notifications": {"base_url": "https://fleet.example/"}}
    with fleetcore.open(
        database_url, plugins=[post], installed_plugins=False, clock=clock, plugin_settings=settings
    ) as core:
        owner = core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org")
        house = House(core, post, clock, owner, None)  # type: ignore[arg-type]
        sent = invited(house)
        house.work()

    link = f"https://fleet.example/invitations/{sent.token}"
    (page,) = [message.html or "" for message, target in post.sent if target.address == BOB]
    assert f'<a href="{link}">{link}</a>' in page


def test_it_speaks_the_language_of_who_invites(house: House) -> None:
    """Ada writes German, so her guest reads it."""
    house.live(locale="de")
    invited(house)
    house.work()

    assert (BOB, "Ada lädt dich zu Home ein") in house.post.told
    assert "Die Einladung gilt bis 8. Juni 2026." in posted(house)[0]


def test_revoked_before_it_was_sent(house: House) -> None:
    """Nothing is sent, and the token is gone."""
    sent = invited(house)
    house.core.run(house.owner, revoke_invitation, RevokeInvitation(id=sent.invitation.id))
    house.work()

    assert ([], []) == (posted(house), kept(house, sent.token))


def test_a_new_link_takes_the_place_of_the_old_one(house: House) -> None:
    """Of two links made before the worker came, the valid one is sent; both are forgotten."""
    first = invited(house)
    second = house.core.run(house.owner, resend_invitation, ResendInvitation(id=first.invitation.id))
    house.work()

    (body,) = posted(house)
    assert (second.token or "") in body
    assert [[], []] == [kept(house, each.token) for each in (first, second)]


@pytest.mark.parametrize("outcome", [Rejected, Retry])
def test_a_channel_that_quotes_the_link(house_with: Build, outcome: type, caplog: pytest.LogCaptureFixture) -> None:
    """What the other side says of a message is kept without the token; given up, it is gone."""

    def answer(message: Any, target: Any) -> Any:
        if target.address != BOB:
            return Rejected("no")
        return Rejected(message.body) if outcome is Rejected else Retry(None, message.body)

    house = house_with(Post(answer=answer))
    sent = invited(house)
    house.work()
    rows = [row for row in house.log(whole_fleet=True) if row.kind == "invitations"]

    assert sent.token not in repr(rows)
    assert sent.token not in caplog.text
    held = [] if outcome is Rejected else ["notifications_deliveries"]
    assert held == kept(house, sent.token)


def test_a_channel_that_raises_the_link(house_with: Build, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the log nor the delivery shows the token, whatever the channel raises."""

    def answer(message: Any, _target: Any) -> Any:
        raise ValueError(message.body)

    house = house_with(Post(answer=answer))
    sent = invited(house)
    with caplog.at_level(logging.DEBUG):
        house.work()

    assert sent.token not in caplog.text
    assert sent.token not in repr(house.log(whole_fleet=True))


def test_a_link_that_nobody_could_send_is_forgotten(house_with: Build) -> None:
    """When the invitation ends, its token goes, though no worker here has the channel any more."""
    house = house_with(Post(answer=lambda _message, _target: Retry(timedelta(days=30), "later")))
    sent = invited(house)
    house.work()
    assert ["notifications_deliveries"] == kept(house, sent.token)
    house.clock.advance(days=8)
    house.work()

    assert [] == kept(house, sent.token)
    assert ["suppressed"] == [row.state for row in house.log(whole_fleet=True) if row.kind == "invitations"]


def test_without_an_address_or_e_mail_nothing_is_kept(house: House, sqlite_core: Any, sqlite_owner: Any) -> None:
    """A link for whoever has it is mailed to nobody; nor is one where nothing here sends e-mail."""
    open_to_all = house.core.run(house.owner, invite, Invite(roles=("family",)))
    assert [] == kept(house, open_to_all.token)

    silent = House(sqlite_core, Post(), house.clock, sqlite_owner, house.car)
    assert [] == kept(silent, invited(silent).token)
