"""Which server sends, and as whom."""

from __future__ import annotations

import ipaddress
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import field, frozen

from fleetcore.kernel.settings import Secret

__all__ = ["EmailSettings", "Security"]

TEXT_MAX = 200


class Security(StrEnum):
    """How the connection is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def _is_address(_instance: Any, attribute: Any, value: Any) -> None:
    if value is None:
        return
    try:
        parsed = Address(addr_spec=value)
    except (MessageError, ValueError, IndexError):
        parsed = Address()
    if not (parsed.username and parsed.domain and value.isprintable()):
        raise ValueError(f"{attribute.name} must be an address such as garage@example.org")


def _is_line(_instance: Any, attribute: Any, value: Any) -> None:
    if value is not None and not (0 < len(value) <= TEXT_MAX and value.isprintable()):
        raise ValueError(f"{attribute.name} must have 1 to {TEXT_MAX} printable characters")


@frozen(kw_only=True)
class EmailSettings:
    """Settings of the channel; see the README."""

    host: str = field(validator=_is_line)
    sender: str = field(validator=_is_address)
    sender_name: str = field(default="fleetcore", validator=_is_line)
    reply_to: str | None = field(default=None, validator=_is_address)
    security: Security = field(default=Security.STARTTLS, converter=Security)
    port: int | None = field(default=None)
    username: str | None = field(default=None, validator=_is_line)
    password: Secret | None = field(default=None, repr=False)
    ca_file: Path | None = None
    message_domain: str | None = field(default=None, validator=_is_line)

    @port.validator
    def _is_port(self, _attribute: Any, value: int | None) -> None:
        if value is not None and not 0 < value < 65_536:
            raise ValueError("port must lie between 1 and 65535")

    def __attrs_post_init__(self) -> None:
        if (self.username is None) is not (self.password is None):
            raise ValueError("username and password go together: give both, or neither")
        if self.password is not None and self.security is Security.NONE and not self.is_local:
            raise ValueError("the password would be sent in the clear: set security to starttls or tls")

    @property
    def is_local(self) -> bool:
        """Whether the server is this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def chosen_port(self) -> int:
        """The port, or the usual one of the security."""
        return self.port or PORTS[self.security]

    @property
    def id_domain(self) -> str:
        """What stands behind the @ of message ids."""
        return self.message_domain or Address(addr_spec=self.sender).domain
