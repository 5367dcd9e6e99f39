"""Links that are sent by mail, and passwords that change."""

from __future__ import annotations

from typing import Any

import pytest

from fleetcore import Core
from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.errors import Rejected
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import LimitExceeded, Unauthenticated
from fleetserver.auth.service import Accounts

from .conftest import NEW_PASSWORD, PASSWORD, Mailbox, link_token


def test_registering_sends_a_link_that_verifies(accounts: Accounts, ada: Any, mailbox: Mailbox) -> None:
    """The link works once; the address is then known to be Ada's."""
    token = link_token(accounts, mailbox)
    accounts.verify_email(token)

    assert "ada@example.org" == mailbox.mails[0].to
    assert accounts.me(accounts.identify(ada.access_token)).is_email_verified
    with pytest.raises(Rejected):
        accounts.verify_email(token)


def test_another_address_is_not_verified(accounts: Accounts, ada: Any, mailbox: Mailbox) -> None:
    """A link proves the address that it was sent to, and no other."""
    token = link_token(accounts, mailbox)
    caller = accounts.identify(ada.access_token)
    accounts.set_email(caller.actor.user_id, "new@example.org")
    accounts.verify_email(token)
    assert not accounts.me(caller).is_email_verified
    accounts.request_verification(caller)
    accounts.verify_email(link_token(accounts, mailbox))

    assert "new@example.org" == mailbox.mails[-1].to
    assert accounts.me(caller).is_email_verified


def test_a_forgotten_password_is_reset(accounts: Accounts, ada: Any, mailbox: Mailbox) -> None:
    """The link gives a new password once; every session ends, and the old password is nobody's."""
    accounts.request_reset("ADA@example.org")
    token = link_token(accounts, mailbox)
    with pytest.raises(Rejected):
        accounts.reset(token, "short")
    accounts.reset(token, NEW_PASSWORD)
    for act in (
        lambda: accounts.identify(ada.access_token),
        lambda: accounts.refresh(ada.refresh_token),
        lambda: accounts.login("ada@example.org", PASSWORD),
    ):
        with pytest.raises(Unauthenticated):
            act()
    with pytest.raises(Rejected):
        accounts.reset(token, "a third password of ada")

    assert accounts.login("ada@example.org", NEW_PASSWORD).access_token


def test_links_grow_old_and_replace_each_other(
    accounts: Accounts, ada: Any, mailbox: Mailbox, clock: FixedClock
) -> None:
    """Only the last link that was asked for is good, and only for half an hour; not for another purpose."""
    verify = link_token(accounts, mailbox)
    accounts.request_reset("ada@example.org")
    first = link_token(accounts, mailbox)
    accounts.request_reset("ada@example.org")
    second = link_token(accounts, mailbox)
    for token in (first, verify, "", "fl_nonsense", "\ud800"):
        with pytest.raises(Rejected):
            accounts.reset(token, NEW_PASSWORD)
    clock.advance(minutes=30)
    with pytest.raises(Rejected):
        accounts.reset(second, NEW_PASSWORD)


def test_asking_for_nobodys_password_looks_the_same(accounts: Accounts, ada: Any, mailbox: Mailbox) -> None:
    """The same statements run, nothing is raised, and no mail is sent."""
    from sqlalchemy import event

    statements: list[str] = []
    event.listen(
        accounts.core.database._system_engine(), "before_cursor_execute", lambda *call: statements.append(call[2])
    )
    seen = []
    for email in ("ada@example.org", "nobody@example.org", "no address", ""):
        statements.clear()
        accounts.request_reset(email)
        seen.append(list(statements))
    link_token(accounts, mailbox)

    assert [seen[0]] * 4 == seen
    assert ["ada@example.org"] * 2 == [mail.to for mail in mailbox.mails]


def test_nobody_is_flooded_with_mail(accounts: Accounts, ada: Any) -> None:
    """An account gets five mails an hour, whoever asks for them."""
    for number in range(5):
        accounts.request_reset("ada@example.org", origin=Origin(f"192.0.2.{number}"))
    with pytest.raises(LimitExceeded):
        accounts.request_reset("Ada@example.org", origin=Origin("192.0.2.99"))


def test_whom_somebody_added_gets_in_by_a_link(accounts: Accounts, core: Core, mailbox: Mailbox) -> None:
    """A member without a password chooses one by the link that reaches their address."""
    owner = core.create_fleet("Works", timezone="UTC")
    core.run(owner, add_member, AddMember(name="Cleo", email="cleo@example.org", roles=("driver",)))
    accounts.request_reset("cleo@example.org")
    accounts.reset(link_token(accounts, mailbox), NEW_PASSWORD)

    caller = accounts.identify(accounts.login("cleo@example.org", NEW_PASSWORD).access_token)
    assert owner.fleet_id == caller.actor.fleet_id
    assert accounts.me(caller).is_email_verified


def test_a_password_is_changed_by_who_knows_it(accounts: Accounts, ada: Any, mailbox: Mailbox) -> None:
    """The old one is asked for; other sessions and reset links end, this session goes on."""
    other = accounts.login("ada@example.org", PASSWORD)
    accounts.request_reset("ada@example.org")
    link = link_token(accounts, mailbox)
    caller = accounts.identify(ada.access_token)
    with pytest.raises(Rejected) as wrong:
        accounts.change_password(caller, "not it", NEW_PASSWORD)
    with pytest.raises(Rejected) as weak:
        accounts.change_password(caller, PASSWORD, "ada@example.org")
    accounts.change_password(caller, PASSWORD, NEW_PASSWORD)

    assert wrong.value.has_code("password.wrong")
    assert "new_password" == weak.value.problems[0].field
    assert accounts.identify(ada.access_token)
    assert accounts.refresh(ada.refresh_token).access_token
    with pytest.raises(Unauthenticated):
        accounts.identify(other.access_token)
    with pytest.raises(Rejected):
        accounts.reset(link, PASSWORD)


def test_a_failing_mailer_harms_nobody(accounts: Accounts, caplog: pytest.LogCaptureFixture) -> None:
    """Registering works without mail, and the log names the failure, not the link."""

    class Broken:
        def send(self, mail: Any) -> None:
            raise OSError(mail.link)

    accounts.mailer = Broken()
    assert accounts.register("ada@example.org", PASSWORD, "Ada").access_token
    accounts.close()
    assert "OSError" in caplog.text
    assert "token=" not in caplog.text
