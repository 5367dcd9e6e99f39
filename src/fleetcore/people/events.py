"""What is told after something about people was accepted; ids only, never a name or an address."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = [
    "EVENTS",
    "FleetEdited",
    "FleetFounded",
    "MemberAdded",
    "MemberEdited",
    "MemberRemoved",
    "OwnershipTransferred",
    "QuotasSet",
    "RoleDefined",
    "RoleDeleted",
    "RoleEdited",
    "UserDisabled",
    "UserEdited",
    "UserEnabled",
    "UserRegistered",
]


@event("people.fleet_founded", key="fleet_id")
@frozen(kw_only=True)
class FleetFounded(Event):
    """A fleet came into being."""

    fleet_id: UUID
    owner_id: UUID
    currency: str


@event("people.fleet_edited", key="fleet_id")
@frozen(kw_only=True)
class FleetEdited(Event):
    """The fleet's name or settings were changed."""

    fleet_id: UUID


@event("people.quotas_set", key="fleet_id")
@frozen(kw_only=True)
class QuotasSet(Event):
    """How much the fleet may hold was changed; None is no limit."""

    fleet_id: UUID
    vehicles_max: int | None
    storage_bytes_max: int | None


@event("people.ownership_transferred", key="fleet_id")
@frozen(kw_only=True)
class OwnershipTransferred(Event):
    """An owner made another member owner in their own place; told after the changes of both members."""

    fleet_id: UUID
    old_owner_id: UUID
    new_owner_id: UUID


@event("people.user_registered", key="user_id")
@frozen(kw_only=True)
class UserRegistered(Event):
    """A user became known."""

    user_id: UUID


@event("people.user_edited", key="user_id")
@frozen(kw_only=True)
class UserEdited(Event):
    """What is said of a user was changed."""

    user_id: UUID


@event("people.user_disabled", key="user_id")
@frozen(kw_only=True)
class UserDisabled(Event):
    """A user was switched off."""

    user_id: UUID


@event("people.user_enabled", key="user_id")
@frozen(kw_only=True)
class UserEnabled(Event):
    """A user was switched on again."""

    user_id: UUID


@event("people.member_added", key="user_id")
@frozen(kw_only=True)
class MemberAdded(Event):
    """A user got a place in the fleet."""

    user_id: UUID
    roles: tuple[str, ...]


@event("people.member_edited", key="user_id")
@frozen(kw_only=True)
class MemberEdited(Event):
    """A member's roles or staff profile were changed."""

    user_id: UUID
    roles: tuple[str, ...]


@event("people.member_removed", key="user_id")
@frozen(kw_only=True)
class MemberRemoved(Event):
    """A member left or was taken out of the fleet."""

    user_id: UUID


@event("people.role_defined", key="role_id")
@frozen(kw_only=True)
class RoleDefined(Event):
    """The fleet got a role of its own."""

    role_id: UUID
    role_name: str


@event("people.role_edited", key="role_id")
@frozen(kw_only=True)
class RoleEdited(Event):
    """The permissions of a custom role were changed."""

    role_id: UUID


@event("people.role_deleted", key="role_id")
@frozen(kw_only=True)
class RoleDeleted(Event):
    """A custom role was deleted."""

    role_id: UUID


EVENTS: tuple[type[Event], ...] = (
    FleetFounded,
    FleetEdited,
    UserRegistered,
    UserEdited,
    UserDisabled,
    UserEnabled,
    MemberAdded,
    MemberEdited,
    MemberRemoved,
    OwnershipTransferred,
    QuotasSet,
    RoleDefined,
    RoleEdited,
    RoleDeleted,
)
