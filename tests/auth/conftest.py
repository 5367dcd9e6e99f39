"""Accounts over a core on each engine, with cheap hashes, a mailbox and a fixed clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import fleetcore
from fleetcore import Core
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.mail import Mail
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost

CHEAP = HashCost(memory_kib=8, passes=1)
PASSWORD = "four words of ada"
NEW_PASSWORD = "five other words of ada"


class Mailbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        """Keep *mail*."""
        self.mails.append(mail)


MakeAccounts = Callable[..., Accounts]


@pytest.fixture
def mailbox() -> Mailbox:
    """Where links arrive."""
    return Mailbox()


@pytest.fixture
def make_accounts(core: Core, tmp_path: Path, mailbox: Mailbox) -> Iterator[MakeAccounts]:
    """Make accounts over the core, or another core over the same database: as many hosts as wanted."""
    made: list[Accounts] = []

    def make(over: Core = core, **settings: Any) -> Accounts:
        chosen = AuthSettings(data_dir=tmp_path, hash_cost=CHEAP, **settings)
        made.append(Accounts(over, chosen, mailer=mailbox))
        return made[-1]

    yield make
    for accounts in made:
        accounts.close()


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> Accounts:
    """The accounts of a host."""
    return make_accounts()


@pytest.fixture
def elsewhere(database_url: str, core: Core, clock: FixedClock, make_accounts: MakeAccounts) -> Iterator[Accounts]:
    """The accounts of a second host over the same database and keys."""
    with fleetcore.open(database_url, installed_plugins=False, clock=clock) as other:
        yield make_accounts(other)


@pytest.fixture
def ada(accounts: Accounts) -> Any:
    """Ada, who has registered: what she was answered."""
    return accounts.register("ada@example.org", PASSWORD, "Ada", device="phone")


def link_token(accounts: Accounts, mailbox: Mailbox) -> str:
    """Return the token of the last link that was sent."""
    accounts._post.submit(int).result()  # the post is one thread: what was sent before has arrived
    return mailbox.mails[-1].link.partition("token=")[2]


def with_settings(settings: AuthSettings, **changes: Any) -> AuthSettings:
    """Return *settings* with *changes*."""
    return attrs.evolve(settings, **changes)
