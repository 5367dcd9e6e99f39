"""A real SMTP server on this machine, that can be told to fail."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, field

__all__ = ["MailServer"]


@define
class MailServer:
    """What arrived, and what is answered instead: by step (``RCPT``, ``DATA``, ``MAIL``), for so many messages."""

    security: str = "none"
    context: ssl.SSLContext | None = None
    password: str | None = None
    mails: list[EmailMessage] = field(factory=list)
    envelopes: list[Envelope] = field(factory=list)
    connections: int = 0
    refusals: dict[str, list[str]] = field(factory=dict)
    on_data: Callable[[Any], Any] | None = None
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.new_event_loop)
    _server: asyncio.Server | None = None
    _thread: Thread | None = None

    def start(self) -> None:
        """Listen on a free port, in a thread of its own."""
        options: dict[str, Any] = {"enable_SMTPUTF8": True, "hostname": "mail.example", "loop": self._loop}
        if self.security == "starttls":
            options |= {"tls_context": self.context, "require_starttls": True}
        if self.password is not None:
            asks_for_tls = self.security == "starttls"
            options |= {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": asks_for_tls,
            }
        context = self.context if self.security == "tls" else None

        def session() -> SMTP:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # it knows nothing of TLS from the first byte
                return SMTP(self, **options)

        listening = self._loop.create_server(session, "127.0.0.1", 0, ssl=context)
        self._server = self._loop.run_until_complete(listening)
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(10)
        if self._server is not None:
            self._server.close()
        self._loop.run_until_complete(self._settle())
        self._loop.close()

    async def _settle(self) -> None:
        """End the sessions that are open, and let what is closing close."""
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        if sessions:
            await asyncio.wait(sessions, timeout=1)
        await asyncio.sleep(0.02)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return settings of a channel that sends through this server."""
        usual: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.port,
            "sender": "garage@example.org",
            "security": self.security,
        }
        return usual | more

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        found = isinstance(data, LoginPassword) and data.password == (self.password or "").encode()
        return AuthResult(success=found, handled=False)

    def _refused(self, step: str) -> str | None:
        left = self.refusals.get(step)
        return left.pop(0) if left else None

    async def handle_EHLO(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        envelope.mail_from, envelope.mail_options = address, options
        return self._refused("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, unless nobody is called so."""
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if refusal := self._refused("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take the text."""
        if self.on_data is not None:
            await self.on_data(server)
        if refusal := self._refused("DATA"):
            return refusal
        assert isinstance(envelope.content, bytes)
        parsed = message_from_bytes(envelope.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.envelopes.append(envelope)
        return "250 queued as 42"
