"""What a notification channel is: the types that a plugin and its host exchange.

A plugin returns a :class:`ChannelSpec` from the hook ``fleetcore_notification_channels``. The host makes the channel
by ``spec.factory(config)``, opens it in an event loop, sends messages and closes it, again and again. Retries, rate,
quiet hours, truncation and the time limit are the host's; a channel only sends, and says what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from attrs import field, frozen

__all__ = [
    "API",
    "Addressing",
    "Channel",
    "ChannelSpec",
    "Delivered",
    "Gone",
    "Limits",
    "Message",
    "NoSettings",
    "Outcome",
    "Rejected",
    "Retry",
    "RetryPolicy",
    "Target",
    "Unsubscribing",
    "one_line",
]

API = 1
ELLIPSIS = "…"


def one_line(text: str) -> str:
    """Return *text* without line breaks and other control characters: fit for a header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def truncated(text: str, length_max: int) -> str:
    """Return *text* with at most *length_max* characters; what was cut ends with an ellipsis."""
    return text if len(text) <= length_max else text[: length_max - 1].rstrip() + ELLIPSIS


class Addressing(StrEnum):
    """Where the address of a target comes from."""

    EMAIL = "email"  # the user's own e-mail address
    OWN = "own"  # the address that the user gave for this channel
    NONE = "none"  # the channel needs none


@frozen(kw_only=True)
class Limits:
    """What a channel bears: characters, messages *per_second* in all and *per_target*, at once, and seconds."""

    max_body: int = 32_768
    max_title: int = 250
    per_second: float = 5.0
    per_target: float = 1.0
    burst: int = 10
    concurrency: int = 4
    timeout: timedelta = timedelta(seconds=15)


@frozen(kw_only=True)
class RetryPolicy:
    """How long to wait after each failure; when the waits are used up, the message is given up."""

    waits: tuple[timedelta, ...] = tuple(
        timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 840, 1200, 1440)
    )


@frozen
class Delivered:
    """The other side took the message; *ref* is what it calls it."""

    ref: str = ""


@frozen
class Retry:
    """It may work later: after *after*, or when the policy says (None)."""

    after: timedelta | None
    why: str


@frozen
class Rejected:
    """The message will never be taken."""

    why: str


@frozen
class Gone:
    """The target is no more: nothing is sent there again until the user's address is another."""

    why: str


Outcome = Delivered | Retry | Rejected | Gone


@frozen(kw_only=True)
class Unsubscribing:
    """How the reader switches this kind of message off: a *token*, and the *url* that takes it (RFC 8058)."""

    token: str = field(repr=False)
    url: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Message:
    """One message. *id* is the same on every attempt: the idempotency key.

    *title* is one line. *html* is a whole page, None where the channel does not take it. *data* is plain JSON for
    programs. *language* is that of the texts.
    """

    id: UUID
    type: str
    title: str = field(converter=one_line)
    body: str
    html: str | None = None
    data: Mapping[str, Any] = field(factory=dict)
    at: datetime
    urgency: str = ""
    language: str = "en"
    unsubscribe: Unsubscribing | None = None


@frozen(kw_only=True)
class Target:
    """Where a message goes: the *address* (None where the channel needs none), and the reader's *name*."""

    address: str | None
    name: str = ""


class Channel(Protocol):
    """A way to tell people; made by a plugin, used in one event loop between open and close."""

    async def open(self) -> None:
        """Get ready to send; called once in each event loop before the first message."""
        ...

    async def send(self, message: Message, target: Target) -> Outcome:
        """Send *message* and say what came of it; whatever is raised counts as Retry."""
        ...

    async def close(self) -> None:
        """Give back what was opened; called also when opening failed."""
        ...


@frozen
class NoSettings:
    """The settings of a channel that has none."""


@frozen(kw_only=True)
class ChannelSpec:
    """What a plugin registers: the channel's *name* (lower-case words with dashes), settings and factory.

    *config* is a frozen attrs class, whose fields of type ``Secret`` are never shown. *formats* may hold ``text``
    and ``html``. *is_default* says that users are told by this channel unless they say otherwise.
    """

    name: str
    config: type[Any] = NoSettings
    factory: Callable[[Any], Channel]
    limits: Limits = Limits()
    retry: RetryPolicy = RetryPolicy()
    formats: frozenset[str] = frozenset({"text"})
    addressing: Addressing = Addressing.OWN
    is_default: bool = False
    api: int = API
