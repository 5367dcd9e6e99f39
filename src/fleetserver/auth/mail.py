"""How links reach people: by the channels of the core that mail, else at the terminal of whoever runs the host.

A link is a secret: it goes into a mail or onto a terminal, never into a log, which others read and keep.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from attrs import field, frozen

from fleetcore import Core
from fleetcore.accounts.model import LinkPurpose
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.languages import Language, language_for
from fleetcore.notifications.channels import Delivered, Message, Outcome, Retry, Target
from fleetcore.notifications.host import Envelope

__all__ = ["ChannelMailer", "Mail", "Mailer", "NoMailer", "NotSent", "TerminalMailer", "mailer_of"]

log = logging.getLogger("fleetserver.auth.mail")
RETRY_WAITS_S = (1.0, 5.0)  # who waits for a link asks again sooner than any longer plan would send it


class NotSent(Exception):
    """A mail was not sent; the message says why, without the link."""


@frozen(kw_only=True)
class Mail:
    """A message to one person: what it is for, and the *link* to follow, which is a secret."""

    to: str = field(repr=False)
    name: str = field(repr=False)
    purpose: LinkPurpose
    link: str = field(repr=False)
    locale: str | None = None


class Mailer(Protocol):
    """Sends a message. It is called apart from the request, so it may take its time; what it raises is logged."""

    def send(self, mail: Mail) -> None:
        """Send *mail*."""
        ...


@frozen
class ChannelMailer:
    """Sends over the channels of a core that reach people by their e-mail address, as the e-mail plugin does."""

    core: Core
    waits_s: Sequence[float] = RETRY_WAITS_S
    sleep: Callable[[float], None] = time.sleep

    def send(self, mail: Mail) -> None:
        """Send *mail* by each mailing channel in turn until one has taken it. Raises NotSent."""
        message = self._message(mail)
        channels = self.core.channels.ways.mailing
        for wait in (*self.waits_s, None):
            envelopes = [
                Envelope(name, message, Target(address=mail.to, name=mail.name), mail.link) for name in channels
            ]
            outcomes: list[Outcome] = []
            for envelope in envelopes:
                outcomes += self.core.channels.send([envelope])
                if isinstance(outcomes[-1], Delivered):
                    return
            if wait is None or not any(isinstance(outcome, Retry) for outcome in outcomes):
                break
            self.sleep(wait)
        raise NotSent("; ".join(getattr(outcome, "why", "").replace(mail.link, "…") for outcome in outcomes))

    def _message(self, mail: Mail) -> Message:
        language = language_for(mail.locale)
        title, body = _words(mail, language)
        return Message(
            id=new_id(),
            type=f"accounts.{mail.purpose.value}",
            title=title,
            body=body,
            at=self.core.clock.now(),
            language=language.code,
        )


def _words(mail: Mail, language: Language) -> tuple[str, str]:
    """Return the subject and the text of *mail*."""
    if mail.purpose is LinkPurpose.VERIFY_EMAIL:
        title = language.text("Confirm your e-mail address")
        what = language.text("Confirm that this address is yours here: {way}", way=mail.link)
    else:
        title = language.text("Choose a new password")
        what = language.text("Choose a new password here: {way}", way=mail.link)
    hello = language.text("Hello {name},", name=mail.name)
    other = language.text("If you did not ask for this, do nothing: without the link nothing changes.")
    return title, f"{hello}\n\n{what}\n\n{other}\n"


@frozen
class TerminalMailer:
    """Writes links to the terminal of whoever develops on their own machine."""

    terminal: TextIO | None = None

    def send(self, mail: Mail) -> None:
        """Write the link to the terminal; where there is none, say how to get one."""
        terminal = sys.stderr if self.terminal is None else self.terminal
        if not terminal.isatty():  # what is no terminal is a log, or may become one
            NoMailer().send(mail)
            return
        terminal.write(f"no mail is set up; {mail.purpose.value}: {mail.link}\n")
        terminal.flush()


class NoMailer:
    """Says that a mail was not sent, and keeps its link to itself."""

    def send(self, mail: Mail) -> None:
        """Log that it was not sent."""
        log.error(
            "no mail is set up: a mail to %s was not sent; `fleet users reset-link` makes a link", mail.purpose.value
        )


def mailer_of(core: Core, *, is_development: bool) -> Mailer:
    """Return what sends links: the channels that mail, where one is set up; else the terminal, on one's own machine."""
    if core.channels.ways.mailing:
        return ChannelMailer(core)
    return TerminalMailer() if is_development else NoMailer()
