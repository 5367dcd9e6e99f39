"""Invitations: the facts, and the commands and questions about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.vehicles.model import GrantScope

__all__ = [
    "AcceptInvitation",
    "GetInvitation",
    "Invitation",
    "InvitationState",
    "Invite",
    "ListInvitations",
    "Offer",
    "OfferedGrant",
    "OfferedVehicle",
    "PreviewInvitation",
    "ResendInvitation",
    "RevokeInvitation",
    "SentInvitation",
]

VALID_DAYS = 7


class InvitationState(StrEnum):
    """What has become of an invitation."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@frozen(kw_only=True)
class OfferedGrant:
    """The use of a vehicle from the moment of acceptance, as far as *scope*, up to *ends_at*."""

    vehicle_id: UUID
    scope: GrantScope | None = None
    ends_at: datetime | None = None


@frozen(kw_only=True)
class Invite:
    """Offer a place in the fleet to whoever has the link; without *roles* as a guest with the *grants*.

    With *email* only the user of that address can accept. *message* is shown to them. *id* may be chosen by the
    client.
    """

    roles: tuple[str, ...] = ()
    grants: tuple[OfferedGrant, ...] = ()
    email: str | None = None
    message: str = ""
    valid_days: int = VALID_DAYS
    id: UUID | None = None


@frozen(kw_only=True)
class ResendInvitation:
    """Make a new link for an invitation that nobody accepted; the old one ends."""

    id: UUID
    valid_days: int = VALID_DAYS


@frozen(kw_only=True)
class RevokeInvitation:
    """Take an invitation back."""

    id: UUID


@frozen(kw_only=True)
class GetInvitation:
    """Ask for one invitation."""

    id: UUID


@frozen(kw_only=True)
class ListInvitations:
    """Ask for the invitations, newest first; with *pending* only for those that can be accepted still."""

    pending: bool = False
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class PreviewInvitation:
    """Ask what the invitation with this *token* offers."""

    token: str = field(repr=False)


@frozen(kw_only=True)
class AcceptInvitation:
    """Accept the invitation with this *token*: as the user *user_id*, or as someone new with *name* and *email*."""

    token: str = field(repr=False)
    user_id: UUID | None = None
    name: str | None = None
    email: str | None = None


@frozen(kw_only=True)
class Invitation:
    """An offer of roles and vehicles, without its token."""

    id: UUID
    roles: tuple[str, ...]
    grants: tuple[OfferedGrant, ...] = ()
    email: str | None = field(default=None, metadata={"personal": True})
    message: str = field(default="", metadata={"personal": True})
    invited_by: UUID
    sent_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    accepted_by: UUID | None = None
    revoked_at: datetime | None = None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1

    def state_at(self, now: datetime) -> InvitationState:
        """Return what has become of it by *now*; it expires at the very instant."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.EXPIRED if now >= self.expires_at else InvitationState.PENDING


@frozen(kw_only=True)
class SentInvitation:
    """An invitation with its token, which is told this once: a repeated request gets None."""

    invitation: Invitation
    token: str | None = field(repr=False, metadata={"secret": True})


@frozen(kw_only=True)
class OfferedVehicle:
    """A vehicle of an offer, by its name."""

    name: str
    scope: GrantScope | None
    ends_at: datetime | None


@frozen(kw_only=True)
class Offer:
    """What an invitation offers, for the person who is invited."""

    fleet_id: UUID
    fleet_name: str
    inviter_name: str
    roles: tuple[str, ...]
    vehicles: tuple[OfferedVehicle, ...]
    email: str | None
    message: str
    expires_at: datetime
