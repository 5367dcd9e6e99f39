"""Opaque secrets: how they are made, written, recognised and kept (only as hashes).

They are random and long, so a plain SHA-256 keeps them: there is nothing to guess (unlike a password).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from uuid import UUID

from attrs import field, frozen

__all__ = [
    "API_KEY_MARK",
    "RefreshSecret",
    "hash_of",
    "is_same",
    "new_api_key",
    "new_link_token",
    "new_recovery_code",
    "new_refresh_secret",
    "prefix_of_key",
    "read_refresh_token",
    "recovery_code_key",
    "with_next_part",
]

REFRESH_MARK, API_KEY_MARK, LINK_MARK = "fr_", "fk_", "fl_"  # leaks are found by them, in logs and repositories
FAMILY_BYTES, PART_BYTES, ID_BYTES = 16, 32, 16
PREFIX_LENGTH = len(API_KEY_MARK) + 8
RECOVERY_BYTES = 10  # 80 bits: beyond guessing, even for who holds the hashes
ALPHABET = str.maketrans("018", "OLB")  # what is misread in base32 stands for what it looks like


def hash_of(secret: str | bytes) -> str:
    """Return the form in which *secret* is kept."""
    return hashlib.sha256(secret if isinstance(secret, bytes) else secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(first: str, second: str) -> bool:
    """Compare two hashes in a time that says nothing about them."""
    return hmac.compare_digest(first, second)


@frozen
class RefreshSecret:
    """A refresh token in its parts: the session it belongs to, what its family shares, and what is new each time.

    The family's part tells a token that was used before, which ends the family, from one that was made up, which
    may not: else whoever knows a session's id could end it.
    """

    session_id: UUID
    family: bytes = field(repr=False)
    part: bytes = field(repr=False)

    @property
    def token(self) -> str:
        """The token as clients hold it."""
        return REFRESH_MARK + _encoded(self.session_id.bytes + self.family + self.part)


def new_refresh_secret(session_id: UUID) -> RefreshSecret:
    """Make the first refresh token of a family."""
    return RefreshSecret(session_id, secrets.token_bytes(FAMILY_BYTES), secrets.token_bytes(PART_BYTES))


def with_next_part(before: RefreshSecret) -> RefreshSecret:
    """Make the token that follows *before* in its family."""
    return RefreshSecret(before.session_id, before.family, secrets.token_bytes(PART_BYTES))


def read_refresh_token(token: str) -> RefreshSecret | None:
    """Return the parts of *token*; None for what is none."""
    if not token.startswith(REFRESH_MARK):
        return None
    try:
        data = base64.b64decode(token[len(REFRESH_MARK) :].encode("ascii") + b"==", b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    if len(data) != ID_BYTES + FAMILY_BYTES + PART_BYTES:
        return None
    family = ID_BYTES + FAMILY_BYTES
    return RefreshSecret(UUID(bytes=data[:ID_BYTES]), data[ID_BYTES:family], data[family:])


def new_link_token() -> str:
    """Make the secret of a link that is sent by mail."""
    return LINK_MARK + secrets.token_urlsafe(32)


def new_api_key() -> str:
    """Make an API key: its mark, eight characters to recognise it by, and the secret."""
    public = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    return f"{API_KEY_MARK}{public}_{secrets.token_urlsafe(32)}"


def prefix_of_key(key: str) -> str:
    """Return the part of an API key that may be shown."""
    return key[:PREFIX_LENGTH]


def new_recovery_code() -> str:
    """Make a recovery code, in groups that are easy to type."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def recovery_code_key(typed: str) -> str:
    """Return the hash under which the recovery code is kept that someone typed in any spelling."""
    return hash_of("".join(typed.upper().split()).replace("-", "").translate(ALPHABET))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
