"""Time-based one-time passwords (RFC 6238, RFC 4226): SHA-1, six digits, 30 seconds, as every app has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

__all__ = ["code_at", "enrolment_uri", "matching_step", "new_seed", "seed_text", "step_at"]

STEP_SECONDS = 30
DIGITS = 6
SEED_BYTES = 20  # RFC 4226, 4: as long as the hash
DRIFT_STEPS = 1  # a phone's clock may be half a minute off
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_seed() -> bytes:
    """Make a seed."""
    return secrets.token_bytes(SEED_BYTES)


def seed_text(seed: bytes) -> str:
    """Return *seed* as people type it into an app."""
    return base64.b32encode(seed).decode().rstrip("=")


def step_at(instant: datetime) -> int:
    """Return the number of the time step that *instant* lies in."""
    return (instant - EPOCH) // timedelta(seconds=STEP_SECONDS)


def code_at(seed: bytes, step: int) -> str:
    """Return the code of time step *step* (RFC 4226, 5.3)."""
    digest = hmac.new(seed, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(seed: bytes, typed: str, now: datetime, last_step: int) -> int | None:
    """Return the step whose code *typed* is, none of *last_step* or before; None when there is none."""
    code = "".join(typed.split()).encode("utf-8", "surrogatepass")
    found = [step for step in _steps(now) if hmac.compare_digest(code_at(seed, step).encode(), code)]
    return next((step for step in found if step > last_step), None)


def _steps(now: datetime) -> Iterator[int]:
    middle = step_at(now)
    yield from range(middle - DRIFT_STEPS, middle + DRIFT_STEPS + 1)


def enrolment_uri(seed: bytes, account: str, issuer: str) -> str:
    """Return the ``otpauth`` URI that an authenticator app reads from a QR code."""
    label = quote(f"{issuer}:{account}")
    values = {"secret": seed_text(seed), "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(values)}"
