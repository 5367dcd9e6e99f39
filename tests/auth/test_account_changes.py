"""What a new password ends, and what it leaves."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fleetcore.accounts.sessions import Origin
from fleetcore.accounts.totp import code_at, step_at
from fleetcore.kernel.actor import Scope
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import SecondFactorNeeded, Unauthenticated
from fleetserver.auth.service import Accounts

from .conftest import NEW_PASSWORD, PASSWORD, Mailbox, link_token


def enrolled(accounts: Accounts, clock: FixedClock, token: str) -> None:
    """Turn a second factor on."""
    caller = accounts.identify(token)
    secret = accounts.enrol_totp(caller, PASSWORD).secret
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
    accounts.confirm_totp(caller, code_at(seed, step_at(clock.now())))


def reset(accounts: Accounts, mailbox: Mailbox) -> None:
    """Choose a new password by a mailed link."""
    accounts.request_reset("ada@example.org")
    accounts.reset(link_token(accounts, mailbox), NEW_PASSWORD)


def test_a_reset_keeps_the_factor_of_who_proved_their_address(
    accounts: Accounts, ada: Any, mailbox: Mailbox, clock: FixedClock
) -> None:
    """A mailbox alone does not open an account that has a second factor."""
    accounts.verify_email(link_token(accounts, mailbox))
    enrolled(accounts, clock, ada.access_token)
    reset(accounts, mailbox)

    with pytest.raises(SecondFactorNeeded):
        accounts.login("ada@example.org", NEW_PASSWORD)


def test_a_reset_drops_the_factor_of_who_proved_nothing(
    accounts: Accounts, ada: Any, mailbox: Mailbox, clock: FixedClock
) -> None:
    """Whoever registered another's address does not lock its owner out by a factor of their own."""
    enrolled(accounts, clock, ada.access_token)
    reset(accounts, mailbox)

    assert accounts.login("ada@example.org", NEW_PASSWORD).access_token


def test_a_reset_revokes_api_keys(accounts: Accounts, elsewhere: Accounts, ada: Any, mailbox: Mailbox) -> None:
    """Whoever knew the password may have made some: they end here at once, and soon elsewhere."""
    key = accounts.make_key(accounts.identify(ada.access_token), "Key", {"fuel.read": Scope.ALL})
    elsewhere.identify(key.secret)
    reset(accounts, mailbox)
    elsewhere.authenticator.look()
    for host in (accounts, elsewhere):
        with pytest.raises(Unauthenticated):
            host.identify(key.secret)


@pytest.mark.parametrize("revoke_api_keys", [False, True])
def test_a_change_ends_api_keys_when_asked(accounts: Accounts, ada: Any, revoke_api_keys: bool) -> None:
    """Programs do not know of passwords, so keys go on unless one says otherwise."""
    caller = accounts.identify(ada.access_token)
    key = accounts.make_key(caller, "Key", {"fuel.read": Scope.ALL})
    accounts.change_password(caller, PASSWORD, NEW_PASSWORD, revoke_api_keys=revoke_api_keys)
    if revoke_api_keys:
        with pytest.raises(Unauthenticated):
            accounts.identify(key.secret)
    else:
        assert accounts.identify(key.secret)


def test_what_clients_say_stays_in_one_line() -> None:
    """Addresses and correlation ids cannot begin a line of a log."""
    said = Origin("192.0.2.1\nroot signed in", "id\r\n\x1b[31m" + "x" * 500)

    assert "192.0.2.1 root signed in" == said.address
    assert said.correlation_id is not None
    assert said.correlation_id.isprintable()
    assert len(said.correlation_id) <= 120
