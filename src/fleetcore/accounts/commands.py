"""API keys: what can be asked for. The rest of an account is no operation: it comes before there is an actor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Scope

__all__ = ["AddKey", "ListKeys", "RevokeKey"]


@frozen(kw_only=True)
class AddKey:
    """Make an API key of the actor's own whose secret the host made: only *prefix* and hash come here.

    *id* may be chosen by the client.
    """

    name: str
    permissions: Mapping[str, Scope]
    prefix: str
    secret_hash: str = field(repr=False)
    expires_at: datetime | None = None
    id: UUID | None = None


@frozen(kw_only=True)
class RevokeKey:
    """End an API key for good."""

    id: UUID


@frozen(kw_only=True)
class ListKeys:
    """Ask for the fleet's API keys, revoked and expired ones too."""
