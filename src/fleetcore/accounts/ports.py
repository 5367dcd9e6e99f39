"""Where accounts are kept, and what hosts bring: a hasher of passwords and a sealer of secrets.

All stores but that of the API keys look across fleets; what they hold is out of reach of operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.ports import StoreKey

from .model import (
    Account,
    ApiKey,
    EndReason,
    Link,
    LinkPurpose,
    RateLimit,
    SecurityEntry,
    Session,
    Stamp,
    Taken,
    TotpFactor,
)

__all__ = [
    "ACCOUNTS",
    "API_KEYS",
    "FACTORS",
    "KEY_FINDER",
    "LIMITS",
    "LINKS",
    "SECURITY_LOG",
    "SESSIONS",
    "STAMPS",
    "AccountStore",
    "ApiKeyStore",
    "FactorStore",
    "KeyFinder",
    "LimitStore",
    "LinkStore",
    "PasswordHasher",
    "Sealer",
    "SecurityLog",
    "SessionStore",
    "StampStore",
]


class PasswordHasher(Protocol):
    """Turns passwords into hashes, slowly on purpose; what it gives is one text with its parameters."""

    def hash(self, password: str) -> str:
        """Return a hash of *password*; two of the same password differ."""
        ...

    def verify(self, password: str, known: str | None) -> bool:
        """Say whether *known* is a hash of *password*; without one it works as long, and says no."""
        ...

    def is_outdated(self, known: str) -> bool:
        """Say whether *known* should be made anew, as its parameters are not those of today."""
        ...


class Sealer(Protocol):
    """Encrypts what must be read again, with a key that the database does not hold."""

    def seal(self, secret: bytes) -> str:
        """Return *secret* encrypted."""
        ...

    def unseal(self, sealed: str) -> bytes:
        """Return what was sealed; raises Unavailable when its key is gone."""
        ...


class AccountStore(Protocol):
    """What users sign in with."""

    def find(self, user_id: UUID) -> Account | None:
        """Return the user's account, or None."""
        ...

    def put(self, account: Account) -> None:
        """Write *account*, whether there was one or not."""
        ...

    def erase(self, user_id: UUID) -> None:
        """Delete the user's account with everything that hangs on it: sessions, links, factors, log."""
        ...


class SessionStore(Protocol):
    """The devices that signed in."""

    def add(self, session: Session) -> None:
        """Store a new session."""
        ...

    def find(self, session_id: UUID, *, lock: bool = False) -> Session | None:
        """Return the session, or None; *lock* keeps other writers out until commit."""
        ...

    def of_user(self, user_id: UUID, now: datetime) -> Sequence[Session]:
        """Return the user's living sessions, the last used first."""
        ...

    def replace(self, session: Session) -> None:
        """Write *session* over what is stored."""
        ...

    def end_all(self, user_id: UUID, reason: EndReason, now: datetime, *, but: UUID | None = None) -> int:
        """End the user's living sessions, all *but* one; returns how many."""
        ...

    def prune(self, before: datetime) -> int:
        """Delete sessions that ended or expired before *before*; returns how many."""
        ...


class LinkStore(Protocol):
    """The links that were sent by mail."""

    def add(self, link: Link) -> None:
        """Store *link* in the place of earlier ones of its user for its purpose."""
        ...

    def use(self, token_hash: str, purpose: LinkPurpose, now: datetime) -> tuple[UUID, str | None] | None:
        """Take the link away and return its user and e-mail; None for one that is unknown, used or late."""
        ...

    def drop(self, user_id: UUID, purpose: LinkPurpose) -> None:
        """Delete the user's links for *purpose*."""
        ...

    def prune(self, before: datetime) -> int:
        """Delete links that expired before *before*; returns how many."""
        ...


class FactorStore(Protocol):
    """Second factors: TOTP seeds and recovery codes."""

    def totp_of(self, user_id: UUID) -> TotpFactor | None:
        """Return the user's TOTP factor, confirmed or not."""
        ...

    def put_totp(self, factor: TotpFactor) -> None:
        """Write *factor* over what the user had."""
        ...

    def use_step(self, user_id: UUID, step: int) -> bool:
        """Note that the code of *step* was used; says no when it or a later one was used before."""
        ...

    def remove(self, user_id: UUID) -> None:
        """Delete the user's TOTP factor and recovery codes."""
        ...

    def put_codes(self, user_id: UUID, code_hashes: Sequence[str]) -> None:
        """Write the user's recovery codes in the place of earlier ones."""
        ...

    def use_code(self, user_id: UUID, code_hash: str) -> bool:
        """Take a recovery code away; says no when it is none."""
        ...

    def codes_left(self, user_id: UUID) -> int:
        """Count the recovery codes that were not used yet."""
        ...

    def all_sealed(self) -> Sequence[tuple[UUID, str]]:
        """Return every user's sealed seed."""
        ...

    def reseal(self, user_id: UUID, before: str, after: str) -> None:
        """Write the sealed seed *after* where *before* stands."""
        ...


class ApiKeyStore(Protocol):
    """The API keys of one fleet."""

    def add(self, key: ApiKey, secret_hash: str) -> None:
        """Store a new key; a taken id raises Conflict."""
        ...

    def get(self, key_id: UUID, *, lock: bool = False) -> ApiKey:
        """Return the key; raises NotFound."""
        ...

    def all(self) -> Sequence[ApiKey]:
        """Return every key, the newest first."""
        ...

    def replace(self, key: ApiKey, *, old_version: int) -> None:
        """Write *key* over its *old_version*; raises Conflict when that is not the stored one."""
        ...


class KeyFinder(Protocol):
    """Finds the fleet of an API key, of which its bearer says nothing."""

    def by_prefix(self, prefix: str) -> Sequence[tuple[UUID, ApiKey, str]]:
        """Return fleet, key and hash of every key with *prefix*."""
        ...

    def by_id(self, fleet_id: UUID, key_id: UUID) -> ApiKey | None:
        """Return a key of the fleet, or None."""
        ...

    def revoke_of(self, user_id: UUID, at: datetime) -> int:
        """Revoke the user's keys in every fleet; returns how many."""
        ...

    def note_use(self, fleet_id: UUID, key_id: UUID, at: datetime) -> None:
        """Write when the key was last used."""
        ...


class StampStore(Protocol):
    """Counts changes to what somebody may do; every process asks for the newest ones."""

    def touch(self, subject_ids: Sequence[UUID], now: datetime) -> None:
        """Say that what *subject_ids* may do has changed."""
        ...

    def since(self, at: datetime) -> Sequence[Stamp]:
        """Return what changed at *at* or after it."""
        ...


class LimitStore(Protocol):
    """Rate limits that all processes share."""

    def take(self, wanted: Sequence[RateLimit], now: datetime) -> Sequence[Taken]:
        """Take what is *wanted*, in one statement; a limit that refuses takes nothing of its own."""
        ...

    def give_back(self, taken: RateLimit) -> None:
        """Undo one taking: it turned out to be nothing that the limit is against."""
        ...

    def release(self, key: str) -> None:
        """Forget what was taken from the limit *key*."""
        ...

    def prune(self, now: datetime) -> int:
        """Delete limits that are whole again; returns how many."""
        ...


class SecurityLog(Protocol):
    """What happened to users' accounts; nothing in it is changed."""

    def add(self, entry: SecurityEntry) -> None:
        """Append *entry*."""
        ...

    def of_user(self, user_id: UUID, limit: int) -> Sequence[SecurityEntry]:
        """Return up to *limit* entries of the user, the newest first."""
        ...

    def prune(self, before: datetime) -> int:
        """Delete what is older than *before*; returns how many entries."""
        ...


ACCOUNTS: StoreKey[AccountStore] = StoreKey("accounts.accounts")
SESSIONS: StoreKey[SessionStore] = StoreKey("accounts.sessions")
LINKS: StoreKey[LinkStore] = StoreKey("accounts.links")
FACTORS: StoreKey[FactorStore] = StoreKey("accounts.factors")
API_KEYS: StoreKey[ApiKeyStore] = StoreKey("accounts.api_keys")
KEY_FINDER: StoreKey[KeyFinder] = StoreKey("accounts.key_finder")
STAMPS: StoreKey[StampStore] = StoreKey("accounts.stamps")
LIMITS: StoreKey[LimitStore] = StoreKey("accounts.limits")
SECURITY_LOG: StoreKey[SecurityLog] = StoreKey("accounts.security_log")
