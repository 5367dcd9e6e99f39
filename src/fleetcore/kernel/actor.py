"""Who asks: a user, in a fleet, with permissions and how far each of them reaches."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from uuid import UUID

from attrs import field, frozen

from .errors import Forbidden

__all__ = ["Actor", "Scope"]


class Scope(IntEnum):
    """How far a permission reaches inside the fleet; a wider one includes the narrower."""

    OWN = 1  # records the actor made, on vehicles granted to the actor
    GRANTED = 2  # every record of the vehicles granted to the actor
    ALL = 3  # the whole fleet


@frozen(kw_only=True)
class Actor:
    """A user acting in one fleet.

    A guest holds their permissions only through what opens a vehicle to them at the moment: every unit of work
    of theirs begins by looking.
    """

    user_id: UUID
    fleet_id: UUID
    permissions: Mapping[str, Scope] = field(factory=dict, hash=False)
    is_guest: bool = False

    def scope(self, permission: str) -> Scope | None:
        """Return how far *permission* reaches for this actor, or None without it."""
        return self.permissions.get(permission)

    def require(self, permission: str) -> Scope:
        """Return the scope of *permission*; raises Forbidden when the actor lacks it."""
        if (scope := self.permissions.get(permission)) is None:
            if self.is_guest:
                raise Forbidden(f"this needs the permission {permission}, which nothing lent to you gives at present")
            raise Forbidden(f"this needs the permission {permission}, which your role in this fleet does not give")
        return scope
