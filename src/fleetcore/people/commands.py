"""Fleets, users, members and roles: what can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.sorting import sort_field

from .model import FleetFields, Quotas, StaffProfile, Units

__all__ = [
    "AddMember",
    "CreateFleet",
    "DefineRole",
    "DeleteRole",
    "DisableUser",
    "EditFleet",
    "EditMember",
    "EditRole",
    "EditUser",
    "EnableUser",
    "GetFleet",
    "GetMember",
    "GetUser",
    "ListMembers",
    "ListPermissions",
    "ListRoles",
    "RemoveMember",
    "SetQuotas",
    "TransferOwnership",
]


@frozen(kw_only=True)
class CreateFleet(FleetFields):
    """Found a fleet; its owner is the user of *owner_email*, registered if new."""

    owner_name: str = "Owner"
    owner_email: str | None = None
    quotas: Quotas = field(factory=Quotas)


@frozen(kw_only=True)
class EditFleet(FleetFields):
    """Replace what is said of the fleet; *version* is the one that was read."""

    version: int


@frozen(kw_only=True)
class GetFleet:
    """Ask for the fleet."""


@frozen(kw_only=True)
class AddMember:
    """Give a user a place in the fleet: the one with *email*, else a new one called *name*.

    *user_id* may be chosen by the client for a new user.
    """

    roles: tuple[str, ...]
    email: str | None = None
    name: str | None = None
    staff: StaffProfile | None = None
    user_id: UUID | None = None


@frozen(kw_only=True)
class EditMember:
    """Replace a member's roles and staff profile; *version* is the one that was read."""

    user_id: UUID
    roles: tuple[str, ...]
    staff: StaffProfile | None = None
    version: int


@frozen(kw_only=True)
class RemoveMember:
    """Take a member out of the fleet; whoever names themselves leaves it."""

    user_id: UUID


@frozen(kw_only=True)
class TransferOwnership:
    """Make another member an owner in one's own place; take *roles* instead, or leave the fleet with none."""

    user_id: UUID
    roles: tuple[str, ...] = ()


@frozen(kw_only=True)
class SetQuotas(Quotas):
    """Set how much the fleet may hold; *version* is the one of the fleet that was read."""

    version: int


@frozen(kw_only=True)
class GetMember:
    """Ask for one member."""

    user_id: UUID


@frozen(kw_only=True)
class ListMembers:
    """Ask for the fleet's members, in the order in which they came."""

    text: str = ""
    sort: str = sort_field("created_at", "created_at", "name")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class GetUser:
    """Ask for one's own user record, or that of a member."""

    user_id: UUID | None = None


@frozen(kw_only=True)
class EditUser:
    """Replace what is said of a user; *version* is the one that was read."""

    user_id: UUID
    name: str
    email: str | None = None
    locale: str | None = None
    timezone: str | None = None
    units: Units | None = None
    version: int


@frozen(kw_only=True)
class DisableUser:
    """Switch a user off: they can do nothing in any fleet until they are enabled."""

    user_id: UUID


@frozen(kw_only=True)
class EnableUser:
    """Switch a disabled user on again."""

    user_id: UUID


@frozen(kw_only=True)
class DefineRole:
    """Define a role of the fleet's own; *id* may be chosen by the client."""

    name: str
    permissions: Mapping[str, Scope]
    id: UUID | None = None


@frozen(kw_only=True)
class EditRole:
    """Replace the permissions of a custom role; *version* is the one that was read."""

    id: UUID
    permissions: Mapping[str, Scope]
    version: int


@frozen(kw_only=True)
class DeleteRole:
    """Delete a custom role that nobody holds."""

    id: UUID


@frozen(kw_only=True)
class ListRoles:
    """Ask for the roles that members can be given."""


@frozen(kw_only=True)
class ListPermissions:
    """Ask for every permission that a role can be made of."""
