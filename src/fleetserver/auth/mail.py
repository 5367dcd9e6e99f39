"""The port through which links reach people; in development they are written to the log."""

from __future__ import annotations

import logging
from typing import Protocol

from attrs import field, frozen

from fleetcore.accounts.model import LinkPurpose

__all__ = ["LogMailer", "Mail", "Mailer", "NoMailer"]

log = logging.getLogger("fleetserver.auth.mail")


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


class LogMailer:
    """Writes links to the log, for whoever develops on their own machine."""

    def send(self, mail: Mail) -> None:
        """Log the link."""
        log.warning("no mail is set up; %s: %s", mail.purpose.value, mail.link)


class NoMailer:
    """Says that a mail was not sent, and keeps its link to itself."""

    def send(self, mail: Mail) -> None:
        """Log that it was not sent."""
        log.error("no mail is set up: a mail to %s was not sent", mail.purpose.value)
