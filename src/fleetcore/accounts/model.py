"""Accounts, sessions, links, second factors, API keys, limits and the security log: the facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Scope
from fleetcore.people.model import User

__all__ = [
    "Account",
    "ApiKey",
    "EndReason",
    "Limit",
    "Link",
    "LinkPurpose",
    "Login",
    "NewSession",
    "RateLimit",
    "SecurityEntry",
    "SecurityEvent",
    "Session",
    "Stamp",
    "Taken",
    "TotpFactor",
]


class LinkPurpose(StrEnum):
    """What a link that was sent by mail is for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a word, not a secret


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    REUSED = "reused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word, not a secret
    DISABLED = "disabled"


class SecurityEvent(StrEnum):
    """What the security log tells of."""

    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    SIGNED_OUT = "signed_out"
    FLEET_SWITCHED = "fleet_switched"
    REFRESH_REUSED = "refresh_reused"
    SESSION_REVOKED = "session_revoked"
    RESET_REQUESTED = "reset_requested"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word, not a secret
    PASSWORD_UPGRADED = "password_upgraded"  # noqa: S105 - a word, not a secret
    EMAIL_VERIFIED = "email_verified"
    TOTP_ENABLED = "totp_enabled"
    TOTP_DISABLED = "totp_disabled"
    RECOVERY_CODE_USED = "recovery_code_used"
    KEY_MADE = "key_made"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    DATA_EXPORTED = "data_exported"


@frozen(kw_only=True)
class Account:
    """What a user signs in with; without a *password_hash* they sign in some other way, or not yet.

    *verified_email* is the address that was proven to be theirs: another address is not.
    """

    user_id: UUID
    password_hash: str | None = field(default=None, repr=False)
    password_changed_at: datetime | None = None
    verified_email: str | None = field(default=None, repr=False)
    created_at: datetime
    updated_at: datetime


@frozen(kw_only=True)
class Link:
    """A single-use secret that was sent to *email*; one of nobody is never good for anything."""

    token_hash: str = field(repr=False)
    purpose: LinkPurpose
    user_id: UUID | None
    email: str | None = field(repr=False)
    created_at: datetime
    expires_at: datetime


@frozen(kw_only=True)
class TotpFactor:
    """A TOTP seed, sealed with a key outside the database; counts once it was confirmed by a code.

    *last_step* is the time step of the last accepted code: no earlier or equal one is accepted again.
    """

    user_id: UUID
    sealed_seed: str = field(repr=False)
    confirmed_at: datetime | None = None
    last_step: int = 0
    created_at: datetime


@frozen(kw_only=True)
class Login:
    """Everything that is needed to judge whether someone may sign in."""

    user: User
    account: Account | None
    totp: TotpFactor | None

    @property
    def password_hash(self) -> str | None:
        """The hash of the password, if there is one."""
        return None if self.account is None else self.account.password_hash

    @property
    def has_second_factor(self) -> bool:
        """Whether a TOTP factor was confirmed."""
        return self.totp is not None and self.totp.confirmed_at is not None

    @property
    def is_email_verified(self) -> bool:
        """Whether the user has shown that mail to their address reaches them."""
        return (
            self.user.email is not None and self.account is not None and self.account.verified_email == self.user.email
        )


@frozen(kw_only=True)
class Session:
    """A device that signed in. *expires_at* moves on with each use, up to a limit counted from *created_at*."""

    id: UUID
    user_id: UUID
    active_fleet_id: UUID
    family_hash: str = field(repr=False)
    token_hash: str = field(repr=False)
    second_factor_at: datetime | None = None
    device: str = ""
    address: str = ""
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: EndReason | None = None


@frozen(kw_only=True)
class NewSession:
    """What a host knows of a device that signs in."""

    user_id: UUID
    fleet_id: UUID
    device: str = ""
    address: str = ""
    has_second_factor: bool = False


@frozen(kw_only=True)
class ApiKey:
    """A program's way into one fleet: acts as *user_id*, with at most *permissions*. Its secret is told once.

    *prefix* begins the secret, so that one that turns up somewhere can be recognised.
    """

    id: UUID
    name: str
    user_id: UUID
    prefix: str
    permissions: Mapping[str, Scope]
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class Stamp:
    """How often what *subject_id* (a user, a fleet, a session, an API key) may do was changed, and when last."""

    subject_id: UUID
    version: int
    changed_at: datetime


@frozen(kw_only=True)
class Limit:
    """*burst* at once, and *burst* again in each *period*, evenly."""

    burst: int
    period: timedelta

    @property
    def micros_each(self) -> int:
        """Microseconds that one use costs."""
        return self.period // timedelta(microseconds=1) // self.burst


@frozen
class RateLimit:
    """A limit on one *key*; *cost* uses are wanted at once."""

    key: str
    limit: Limit
    cost: int = 1


@frozen(kw_only=True)
class Taken:
    """Whether a rate limit let something through, and when else it would."""

    key: str
    is_allowed: bool
    retry_after: timedelta


@frozen(kw_only=True)
class SecurityEntry:
    """One line of the security log; *user_id* is None where nobody is known by what was typed."""

    id: UUID
    at: datetime
    event: SecurityEvent
    user_id: UUID | None
    session_id: UUID | None = None
    address: str | None = None
    correlation_id: str | None = None
