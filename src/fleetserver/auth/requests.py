"""What clients send about accounts; the answers are those of the accounts themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Scope

__all__ = [
    "AcceptAsNew",
    "ChangePassword",
    "Empty",
    "EraseMe",
    "Login",
    "MakeKey",
    "Refresh",
    "Register",
    "RequestReset",
    "ResetPassword",
    "Switch",
    "WithCode",
    "WithPassword",
    "WithToken",
]


@frozen(kw_only=True)
class Empty:
    """Nothing needs to be said."""


@frozen(kw_only=True)
class Register:
    """Register a user, with their first fleet."""

    email: str
    password: str = field(repr=False)
    name: str
    fleet_name: str = "Home"
    currency: str = "EUR"
    timezone: str = "UTC"
    device: str = ""


@frozen(kw_only=True)
class Login:
    """Sign in; *code* is one of the authenticator app or a recovery code, where a second factor is set up."""

    email: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    fleet_id: UUID | None = None
    device: str = ""


@frozen(kw_only=True)
class Refresh:
    """Exchange a refresh token for new tokens; each is good for one exchange."""

    refresh_token: str = field(repr=False)


@frozen(kw_only=True)
class Switch:
    """Go on in another fleet of one's own."""

    fleet_id: UUID


@frozen(kw_only=True)
class WithToken:
    """The secret of a link."""

    token: str = field(repr=False)


@frozen(kw_only=True)
class AcceptAsNew:
    """Accept an invitation as somebody new; *email* where the invitation names none."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    name: str
    email: str | None = None
    device: str = ""


@frozen(kw_only=True)
class WithPassword:
    """The password, asked for once more."""

    password: str = field(repr=False)


@frozen(kw_only=True)
class EraseMe:
    """Erase oneself: the password once more; *with_fleets* empties the fleets that nobody else is in."""

    password: str = field(repr=False)
    with_fleets: bool = False


@frozen(kw_only=True)
class WithCode:
    """A code of the authenticator app."""

    code: str = field(repr=False)


@frozen(kw_only=True)
class RequestReset:
    """Ask for a link that sets a new password; the answer is the same whether there is such an account or not."""

    email: str


@frozen(kw_only=True)
class ResetPassword:
    """Set a new password by a link."""

    token: str = field(repr=False)
    password: str = field(repr=False)


@frozen(kw_only=True)
class ChangePassword:
    """Change the password; every other session ends, and with *revoke_api_keys* every API key too."""

    password: str = field(repr=False)
    new_password: str = field(repr=False)
    revoke_api_keys: bool = False


@frozen(kw_only=True)
class MakeKey:
    """Make an API key with some of one's own permissions; its secret is told once."""

    name: str
    permissions: Mapping[str, Scope]
    expires_at: datetime | None = None
