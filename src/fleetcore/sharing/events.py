"""What is told of invitations; addresses and messages stay out, and the token is told inside the transaction only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "InvitationAccepted", "InvitationIssued", "InvitationRevoked", "InvitationSent"]


@event("sharing.invitation_sent", key="invitation_id")
@frozen(kw_only=True)
class InvitationSent(Event):
    """Somebody was invited, or an invitation got a new link."""

    invitation_id: UUID
    invited_by: UUID
    expires_at: datetime


@event("sharing.invitation_issued", key="invitation_id", inner=True)
@frozen(kw_only=True)
class InvitationIssued(Event):
    """A link was made: for the reaction that mails it, in the same transaction.

    *token* is a secret, stored nowhere by the core: whoever has to keep it until the mail is sent forgets it then.
    """

    invitation_id: UUID
    email: str | None = field(repr=False)
    message: str = field(repr=False)
    expires_at: datetime
    token: str = field(repr=False)


@event("sharing.invitation_accepted", key="invitation_id")
@frozen(kw_only=True)
class InvitationAccepted(Event):
    """An invitation was accepted: its user is a member now."""

    invitation_id: UUID
    user_id: UUID


@event("sharing.invitation_revoked", key="invitation_id")
@frozen(kw_only=True)
class InvitationRevoked(Event):
    """An invitation was taken back."""

    invitation_id: UUID


EVENTS: tuple[type[Event], ...] = (InvitationSent, InvitationAccepted, InvitationRevoked)
