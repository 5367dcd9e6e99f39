"""No secret reaches a log, a printed value, the audit log, the outbox, or the database in the clear."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

import fleetcore
from fleetcore import Core
from fleetcore.accounts.totp import code_at, step_at
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import FleetError
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.service import Accounts

from .conftest import NEW_PASSWORD, PASSWORD, Mailbox, MakeAccounts, link_token

CANARY = "canary bird of a password"


def test_secrets_leave_no_trace(
    *,
    accounts: Accounts,
    core: Core,
    mailbox: Mailbox,
    clock: FixedClock,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After everything was done once, no table holds a password, token, key, seed or code; no log does either."""
    import base64

    with caplog.at_level(logging.DEBUG, "fleetcore"), caplog.at_level(logging.DEBUG, "fleetserver"):
        shown: list[object] = []
        first = accounts.register("ada@example.org", CANARY, "Ada", device="phone")
        caller = accounts.identify(first.access_token)
        enrolment = accounts.enrol_totp(caller, CANARY)
        seed = base64.b32decode(enrolment.secret + "=" * (-len(enrolment.secret) % 8))
        codes = accounts.confirm_totp(caller, code_at(seed, step_at(clock.now())))
        key = accounts.make_key(caller, "Key", {"fuel.read": Scope.ALL})
        accounts.identify(key.secret)
        second = accounts.refresh(first.refresh_token)
        accounts.request_reset("ada@example.org")
        link = link_token(accounts, mailbox)
        for act in (
            lambda: accounts.login("ada@example.org", CANARY),
            lambda: accounts.login("ada@example.org", CANARY + "!"),
            lambda: accounts.change_password(caller, CANARY + "!", NEW_PASSWORD),
            lambda: accounts.reset(link + "x", PASSWORD),
            lambda: accounts.refresh(first.refresh_token),
            lambda: accounts.identify(second.access_token),
        ):
            with pytest.raises(FleetError) as refused:
                act()
            shown.append(str(refused.value))
    shown += [first, second, enrolment, key, caller, accounts.settings, accounts.keys, accounts.users(), mailbox.mails]
    secrets: list[Any] = [CANARY, enrolment.secret, seed, key.secret, link, *codes]
    secrets += [token for answer in (first, second) for token in (answer.access_token, answer.refresh_token)]
    secrets += [bytes(key.seed) for key in accounts.keys.keys.signing]

    for secret in secrets:
        told = secret if isinstance(secret, str) else repr(secret)
        assert told not in caplog.text
        assert not any(told in repr(each) for each in shown), told
    for table, row in rows(database_url):
        for secret in secrets:
            assert str(secret) not in row, f"{table} holds a secret"


def test_an_account_is_erased(accounts: Accounts, ada: Any, database_url: str) -> None:
    """Nothing that a user signed in with is left, no line of the log, and no token or key of theirs works."""
    caller = accounts.identify(ada.access_token)
    user_id = caller.actor.user_id
    key = accounts.make_key(caller, "Key", {"fuel.read": Scope.ALL})
    accounts.enrol_totp(caller, PASSWORD)
    accounts.erase(user_id)
    left = {table for table, row in rows(database_url) if str(user_id) in row or str(user_id.bytes) in row}
    for act in (
        lambda: accounts.identify(ada.access_token),
        lambda: accounts.identify(key.secret),
        lambda: accounts.refresh(ada.refresh_token),
        lambda: accounts.login("ada@example.org", PASSWORD),
    ):
        with pytest.raises(Unauthenticated):
            act()

    assert {"accounts_api_keys", "accounts_stamps"} == {table for table in left if table.startswith("accounts")}


def test_the_file_of_the_database_holds_no_seed(
    make_accounts: MakeAccounts, sqlite_url: str, clock: FixedClock
) -> None:
    """Not in pages that are free again either: a seed is sealed before it is written, and when keys rotate."""
    import base64

    with fleetcore.open(sqlite_url, installed_plugins=False, clock=clock) as over:
        accounts = make_accounts(over)
        caller = accounts.identify(accounts.register("ada@example.org", CANARY, "Ada").access_token)
        secret = accounts.enrol_totp(caller, CANARY).secret
        seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
        accounts.confirm_totp(caller, code_at(seed, step_at(clock.now())))
        assert 1 == accounts.reseal()
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        written = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert b"ada@example.org" in written
    for plain in (seed, secret.encode(), base64.b64encode(seed), seed.hex().encode(), CANARY.encode()):
        assert plain not in written


def rows(url: str) -> list[tuple[str, str]]:
    """Return every row of every table as text."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [
            (name, str(tuple(row)))
            for name in inspect(connection).get_table_names()
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - names of our own tables
        ]
    engine.dispose()
    assert len(found) > 20
    return found
