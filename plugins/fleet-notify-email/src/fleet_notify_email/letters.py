"""From a message to an e-mail: text and HTML, and the headers that mail programs and servers look at."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from fleetcore.notifications.channels import Message, Target

from .settings import EmailSettings

__all__ = ["address_of", "letter", "written"]

# Headers are not folded: a link must stay in one piece, and a title has 250 characters at most. RFC 5322 allows 998.
POLICY = SMTP.clone(max_line_length=990)


def address_of(target: Target) -> Address | None:
    """Return the address with the reader's name; None for what is no address.

    A domain may have letters of any script. What stands before the @ may not: few servers take it (RFC 6531).
    """
    text = target.address or ""
    try:
        local, _, domain = text.rpartition("@")
        spec = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
        named = Address(display_name=target.name if target.name.isprintable() else "", addr_spec=spec)
    except (MessageError, ValueError, IndexError):
        return None
    return named if named.username and named.domain and text.isprintable() else None


def letter(message: Message, to: Address, settings: EmailSettings) -> EmailMessage:
    """Return the e-mail of *message* to one reader. Its Message-ID is the same on every attempt."""
    made = EmailMessage(policy=POLICY)
    made["From"] = Address(display_name=settings.sender_name, addr_spec=settings.sender)
    made["To"] = to
    made["Subject"] = message.title or "fleetcore"
    made["Date"] = format_datetime(message.at)
    made["Message-ID"] = f"<{message.id}@{settings.id_domain}>"
    if settings.reply_to:
        made["Reply-To"] = settings.reply_to
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from a machine
    if message.urgency == "overdue":
        made["Importance"] = "high"
    if message.unsubscribe is not None and (url := message.unsubscribe.url) is not None:
        made["List-Unsubscribe"] = f"<{url}>"
        if url.startswith("https://"):  # RFC 8058, 3.1
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(message.body, cte="quoted-printable")
    if message.html is not None:
        made.add_alternative(message.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = message.language  # last: what came before went into the first part
    return made


def written(made: EmailMessage) -> bytes:
    """Return the bytes of an e-mail as they are sent."""
    return made.as_bytes(policy=POLICY)
