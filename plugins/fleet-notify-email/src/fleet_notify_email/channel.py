"""The channel: one connection for all messages of a run, and the server's answers as outcomes."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from fleetcore.notifications.channels import (
    Addressing,
    ChannelSpec,
    Delivered,
    Limits,
    Message,
    Outcome,
    Rejected,
    Retry,
    Target,
)

from .letters import address_of, letter, written
from .settings import EmailSettings, Security

__all__ = ["SPEC", "EmailChannel"]

TIMEOUT_SECONDS = 10.0
LINGER_SECONDS = 0.01  # what is closed by force closes in a later turn of the loop, which may end with us
PERMANENT = 500
REASON_LENGTH_MAX = 300


class EmailChannel:
    """Sends through one SMTP server; messages take turns on its connection."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._context = _tls(settings)
        self._client: SMTP | None = None
        self._turn: asyncio.Lock | None = None

    async def open(self) -> None:
        """Connect and log in; raises what the server says, which the host takes for Retry."""
        self._turn = asyncio.Lock()
        self._client = await self._connected()

    async def _connected(self) -> SMTP:
        settings = self._settings
        client = SMTP(
            hostname=settings.host,
            port=settings.chosen_port,
            timeout=TIMEOUT_SECONDS,
            use_tls=settings.security is Security.TLS,
            start_tls=False,  # below, where what fails can be closed
            tls_context=self._context,
        )
        opened: asyncio.BaseTransport | None = None
        try:
            await client.connect()
            opened = client.transport
            if settings.security is Security.STARTTLS:
                await client.starttls(tls_context=self._context)
            if settings.username is not None and settings.password is not None:
                await client.login(settings.username, settings.password.reveal())
        except BaseException:  # a cancelled task too must not leave the connection open
            client.close()
            if isinstance(opened, asyncio.WriteTransport):
                opened.abort()  # a handshake that failed leaves the connection below it open
            await asyncio.sleep(LINGER_SECONDS)
            raise
        return client

    async def send(self, message: Message, target: Target) -> Outcome:
        """Send *message* as one e-mail."""
        if (to := address_of(target)) is None:
            return Rejected("the address is not one of e-mail")
        if self._turn is None:
            return Retry(None, "the channel is not open")
        async with self._turn:
            try:
                if self._client is None or not self._client.is_connected:
                    self._client = await self._connected()
            except (SMTPException, OSError) as error:
                return Retry(None, _reason(error))  # the settings' or the server's fault, whatever it answers
            try:
                text = written(letter(message, to, self._settings))
                _, answer = await self._client.sendmail(self._settings.sender, [to.addr_spec], text)
            except asyncio.CancelledError:
                self._drop()  # it may be in the middle of a message
                raise
            except (SMTPException, OSError) as error:
                return self._outcome(error)
            return Delivered(answer)

    def _outcome(self, error: Exception) -> Outcome:
        if isinstance(error, SMTPRecipientsRefused):
            error = next(iter(error.recipients), error)
        reason = _reason(error)
        if isinstance(error, SMTPSenderRefused):
            return Retry(None, reason)  # no message of this sender is taken: that is for the settings
        if isinstance(error, SMTPRecipientRefused | SMTPResponseException):
            if error.code == 421:  # RFC 5321, 3.8: the server is going
                self._drop()
            return Rejected(reason) if error.code >= PERMANENT else Retry(None, reason)
        self._drop()
        return Retry(None, reason)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def close(self) -> None:
        """Say goodbye to the server."""
        client, self._client = self._client, None
        self._turn = None
        if client is not None and client.is_connected:
            try:
                await client.quit(timeout=2)
            except (SMTPException, OSError):
                client.close()  # it went first


def _tls(settings: EmailSettings) -> ssl.SSLContext | None:
    if settings.security is Security.NONE:
        return None
    return ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))


def _reason(error: Exception) -> str:
    if isinstance(error, SMTPResponseException | SMTPRecipientRefused):
        text = f"{error.code} {error.message}"
    else:
        text = f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:REASON_LENGTH_MAX]


SPEC = ChannelSpec(
    name="email",
    config=EmailSettings,
    factory=EmailChannel,
    limits=Limits(max_body=200_000, max_title=200, per_second=10, per_target=1, timeout=timedelta(seconds=30)),
    formats=frozenset({"text", "html"}),
    addressing=Addressing.EMAIL,
    is_default=True,
)
