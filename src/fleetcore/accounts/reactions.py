"""What accounts do when somebody may do more or less than before: let every process hear of it."""

from __future__ import annotations

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.events import (
    MemberEdited,
    MemberRemoved,
    RoleDeleted,
    RoleEdited,
    UserDisabled,
    UserEnabled,
)

from .ports import STAMPS

__all__ = ["stamp_fleet", "stamp_user"]


def stamp_user(uow: UnitOfWork, event: MemberEdited | MemberRemoved | UserDisabled | UserEnabled) -> None:
    """Let every process look again at what the user may do."""
    uow[STAMPS].touch([event.user_id], uow.now)


def stamp_fleet(uow: UnitOfWork, event: RoleEdited | RoleDeleted) -> None:  # noqa: ARG001 - whichever role it was
    """Let every process look again at what the members of the fleet may do."""
    uow[STAMPS].touch([uow.fleet_id], uow.now)
