"""How links are sent: by channels that mail, by a terminal, or not at all; never into a log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fleetcore
from fleetcore import Core, hookimpl
from fleetcore.accounts.model import LinkPurpose
from fleetcore.kernel.errors import Rejected
from fleetcore.notifications.channels import Addressing, ChannelSpec, Delivered, Message, Outcome, Retry, Target
from fleetcore.notifications.channels import Rejected as Refused
from fleetserver.auth.mail import ChannelMailer, Mail, NotSent, TerminalMailer, mailer_of
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost

MAIL = Mail(
    to="ada@example.org",
    name="Ada",
    purpose=LinkPurpose.VERIFY_EMAIL,
    link="https://fleet.example/verify-email?token=fl_x",
    locale="de-DE",
)


class Postman:
    """A plugin with one channel that mails: it answers as told, and keeps what it was given."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[Message, Target]] = []

    async def open(self) -> None:
        """Nothing to open."""

    async def send(self, message: Message, target: Target) -> Outcome:
        """Keep the message."""
        self.sent.append((message, target))
        return self.answers.pop(0) if self.answers else Delivered()

    async def close(self) -> None:
        """Nothing to close."""

    @hookimpl
    def fleetcore_notification_channels(self) -> list[ChannelSpec]:
        """Bring the channel."""
        return [ChannelSpec(name="post", factory=lambda _settings: self, addressing=Addressing.EMAIL, is_default=True)]


@pytest.fixture
def postman() -> Postman:
    """A channel that takes everything."""
    return Postman()


@pytest.fixture
def mailing(sqlite_url: str, postman: Postman) -> Iterator[Core]:
    """A core with that channel."""
    with fleetcore.open(sqlite_url, plugins=[postman], installed_plugins=False) as core:
        yield core


def test_a_channel_that_mails_is_used(mailing: Core, postman: Postman) -> None:
    """In the reader's language, to their address, with the link in the text."""
    mailer_of(mailing, is_development=True).send(MAIL)
    message, target = postman.sent[0]

    assert ("ada@example.org", "Ada") == (target.address, target.name)
    assert "Bestätige deine E-Mail-Adresse" == message.title
    assert MAIL.link in message.body


def test_a_mail_is_put_off_and_sent(mailing: Core, postman: Postman) -> None:
    """It waits and tries again; when it is refused, or the waits are over, it says so without the link."""
    postman.answers = [Retry(None, "busy")]
    waits: list[float] = []
    mailer = ChannelMailer(mailing, (1.0, 5.0), waits.append)
    mailer.send(MAIL)
    assert [1.0] == waits
    for answers in ([Retry(None, f"busy with {MAIL.link}")] * 3, [Refused("no such user")]):
        postman.answers = list(answers)
        with pytest.raises(NotSent) as told:
            mailer.send(MAIL)
        assert "fl_x" not in str(told.value)
    assert [1.0, 1.0, 5.0] == waits


def test_a_name_cannot_break_out_of_a_mail(mailing: Core, postman: Postman, tmp_path: Path) -> None:
    """What would begin a header of its own is refused where it is said, and titles are one line."""
    accounts = Accounts(mailing, AuthSettings(data_dir=tmp_path, hash_cost=HashCost(memory_kib=8, passes=1)))
    for email, name in (("ada@example.org", "Ada\r\nBcc: x@y.example"), ("ada@example.org\r\nBcc: x@y.example", "Ada")):
        with pytest.raises(Rejected):
            accounts.register(email, "four words of ada", name)
    accounts.close()

    assert [] == postman.sent
    assert "Ada Bcc: x" == Message(id=MAIL, type="x", title="Ada\r\nBcc: x", body="", at=None).title  # type: ignore[arg-type]


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_without_mail_a_terminal_shows_the_link_and_a_log_does_not(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    """On a machine of one's own it stands on the terminal; where there is none, nobody reads it."""
    terminal, no_terminal = Terminal(), io.StringIO()
    with caplog.at_level(logging.DEBUG):
        TerminalMailer(terminal).send(MAIL)
        TerminalMailer(no_terminal).send(MAIL)
        mailer_of(core, is_development=False).send(MAIL)

    assert MAIL.link in terminal.getvalue()
    assert "" == no_terminal.getvalue()
    assert "fl_x" not in caplog.text
    assert "fleet users reset-link" in caplog.text


def test_whoever_runs_the_host_makes_a_link(accounts: Accounts, ada: Any) -> None:
    """It works once, like one that was mailed."""
    user_id = accounts.authenticate(ada.access_token).user_id
    token = accounts.reset_link(user_id).partition("token=")[2]
    accounts.reset(token, "five other words of ada")

    assert accounts.login("ada@example.org", "five other words of ada").access_token
    with pytest.raises(Rejected):
        accounts.reset(token, "six other words of ada again")
