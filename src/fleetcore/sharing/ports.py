"""Where invitations are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey

from .model import Invitation

__all__ = ["INVITATIONS", "InvitationStore"]


class InvitationStore(Protocol):
    """The invitations of one fleet, each with the hash of its token."""

    def add(self, invitation: Invitation, token_hash: str) -> None:
        """Store *invitation*; a taken id raises Conflict."""
        ...

    def get(self, invitation_id: UUID) -> Invitation:
        """Return the invitation; raises NotFound."""
        ...

    def with_token(self, token_hash: str) -> Invitation | None:
        """Return the invitation whose token has this hash, or None."""
        ...

    def replace(self, invitation: Invitation, *, old_version: int, token_hash: str | None = None) -> None:
        """Write *invitation* over its *old_version*, with a new token's hash if any; a stale one raises Conflict."""
        ...

    def page(self, pending_at: datetime | None, after: Position | None, limit: int) -> Sequence[Invitation]:
        """Return up to *limit* invitations, newest first; with *pending_at* those that can be accepted then."""
        ...


INVITATIONS: StoreKey[InvitationStore] = StoreKey("sharing.invitations")
