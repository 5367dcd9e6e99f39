"""What makes an invitation acceptable, and the form of its token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from fleetcore.kernel.errors import Problem, Rejected

from .model import Invitation, InvitationState, Invite

__all__ = ["check_invite", "check_state", "check_valid_days", "fleet_of_token", "hash_of", "new_token", "unknown_token"]

MESSAGE_MAX = 2000
GRANTS_MAX = 50
VALID_DAYS_MAX = 90
SECRET_BYTES = 32
FLEET_BYTES = 16
STATES = {
    InvitationState.ACCEPTED: ("was accepted already: every link works once", "invitation.used"),
    InvitationState.REVOKED: ("was taken back by the fleet", "invitation.revoked"),
    InvitationState.EXPIRED: ("has expired: ask for a new link", "invitation.expired"),
}


def new_token(fleet_id: UUID) -> str:
    """Make a token for a link: the fleet, so that it is found without a look at any other, and 32 random bytes."""
    return base64.urlsafe_b64encode(fleet_id.bytes + secrets.token_bytes(SECRET_BYTES)).decode()


def fleet_of_token(token: str) -> UUID:
    """Return the fleet that *token* was made for; raises Rejected for what is no token."""
    try:
        raw = base64.b64decode(token.strip().encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise unknown_token() from None
    if len(raw) != FLEET_BYTES + SECRET_BYTES:
        raise unknown_token()
    return UUID(bytes=raw[:FLEET_BYTES])


def hash_of(token: str) -> str:
    """Return what is stored of *token*: 32 random bytes need no slow hash."""
    return hashlib.sha256(token.strip().encode()).hexdigest()


def unknown_token() -> Rejected:
    """Make the error for a token that leads nowhere."""
    return Rejected.because(
        "token", "is no invitation here: check that the link is whole, or ask for a new one", "invitation.unknown"
    )


def check_invite(command: Invite, now: datetime) -> Iterator[Problem]:
    """Yield every problem of what is said of an invitation."""
    yield from check_valid_days(command.valid_days)
    if len(command.message) > MESSAGE_MAX:
        yield Problem("message", f"is longer than {MESSAGE_MAX} characters")
    if not command.roles and not command.grants:
        yield Problem("roles", "offer a role, or a vehicle to a guest", "required")
    if len(command.grants) > GRANTS_MAX:
        yield Problem("grants", f"are more than {GRANTS_MAX}")
    for index, offered in enumerate(command.grants):
        if offered.ends_at is not None and offered.ends_at <= now:
            yield Problem(f"grants.{index}.ends_at", "must lie in the future")


def check_valid_days(valid_days: int) -> Iterator[Problem]:
    """Yield a problem when a link would be good for too short or too long."""
    if not 1 <= valid_days <= VALID_DAYS_MAX:
        yield Problem("valid_days", f"must lie between 1 and {VALID_DAYS_MAX}")


def check_state(invitation: Invitation, now: datetime) -> Iterator[Problem]:
    """Yield the problem of an invitation that nobody can accept any more."""
    if (told := STATES.get(invitation.state_at(now))) is not None:
        yield Problem("token", f"this invitation {told[0]}", told[1])
