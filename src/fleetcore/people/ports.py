"""Where fleets, users, members and roles are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey

from .commands import ListMembers
from .model import CustomRole, Fleet, ListedMember, Member, Membership, User

__all__ = [
    "DIRECTORY",
    "FLEETS",
    "MEMBERS",
    "ROLES",
    "USERS",
    "Directory",
    "FleetStore",
    "MemberStore",
    "RoleStore",
    "UserStore",
]


class FleetStore(Protocol):
    """The one fleet of the unit of work."""

    def add(self, fleet: Fleet) -> None:
        """Store the new fleet; a taken id raises Conflict."""
        ...

    def get(self, *, lock: bool = False) -> Fleet:
        """Return the fleet; raises NotFound. *lock* lets one change of members and roles at a time through."""
        ...

    def replace(self, fleet: Fleet, *, old_version: int) -> None:
        """Write *fleet* over its *old_version*; raises Conflict when that is not the stored one."""
        ...


class UserStore(Protocol):
    """Every user, of whatever fleet: services look up only who is or becomes a member of theirs."""

    def add(self, user: User) -> None:
        """Store a new user; a taken id or e-mail raises Conflict."""
        ...

    def find(self, user_id: UUID, *, lock: bool = False) -> User | None:
        """Return the user, or None; *lock* keeps other writers out until commit."""
        ...

    def get(self, user_id: UUID, *, lock: bool = False) -> User:
        """Return the user; raises NotFound."""
        ...

    def find_by_email(self, email: str) -> User | None:
        """Return the user with *email*, whatever its case, or None."""
        ...

    def replace(self, user: User, *, old_version: int) -> None:
        """Write *user* over its *old_version*; a stale one or a taken e-mail raises Conflict."""
        ...


class MemberStore(Protocol):
    """The members of one fleet."""

    def add(self, member: Member) -> None:
        """Store a new member; one who is in already raises Conflict."""
        ...

    def find(self, user_id: UUID) -> Member | None:
        """Return the member, or None."""
        ...

    def get(self, user_id: UUID) -> Member:
        """Return the member; raises NotFound."""
        ...

    def replace(self, member: Member, *, old_version: int) -> None:
        """Write *member* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, user_id: UUID) -> None:
        """Delete the member; raises NotFound."""
        ...

    def page(self, question: ListMembers, after: Position | None, limit: int) -> Sequence[ListedMember]:
        """Return up to *limit* members in the order asked for, after the position of a former page."""
        ...

    def listed(self, user_id: UUID) -> ListedMember | None:
        """Return one member as lists show them, or None."""
        ...

    def with_role(self, role: str) -> Sequence[ListedMember]:
        """Return the members who hold *role*, the first to come first."""
        ...


class RoleStore(Protocol):
    """The custom roles of one fleet."""

    def add(self, role: CustomRole) -> None:
        """Store a new role; a taken id or name raises Conflict."""
        ...

    def get(self, role_id: UUID) -> CustomRole:
        """Return the role; raises NotFound."""
        ...

    def all(self) -> Sequence[CustomRole]:
        """Return every role, by name."""
        ...

    def replace(self, role: CustomRole, *, old_version: int) -> None:
        """Write *role* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, role_id: UUID) -> None:
        """Delete the role; raises NotFound."""
        ...


class Directory(Protocol):
    """Who belongs where, across all fleets; read through the system unit of work only."""

    def user(self, user_id: UUID) -> User | None:
        """Return the user, or None."""
        ...

    def user_by_email(self, email: str) -> User | None:
        """Return the user with *email*, whatever its case, or None."""
        ...

    def users(self, limit: int, after: UUID | None = None) -> Sequence[User]:
        """Return up to *limit* users by id, those after the id *after*."""
        ...

    def fleets(self, limit: int, name: str | None = None) -> Sequence[Fleet]:
        """Return up to *limit* fleets, oldest first; with *name* those of that name, whatever its case."""
        ...

    def fleet(self, fleet_id: UUID) -> Fleet | None:
        """Return the fleet, or None."""
        ...

    def fleets_of(self, user_id: UUID) -> Sequence[Membership]:
        """Return every place of the user, oldest first."""
        ...

    def membership(self, fleet_id: UUID, user_id: UUID) -> Membership | None:
        """Return the user's place in the fleet, or None."""
        ...

    def owners(self, fleet_id: UUID) -> Sequence[Membership]:
        """Return the fleet's owners, oldest place first."""
        ...

    def roles(self, fleet_id: UUID) -> Sequence[CustomRole]:
        """Return the custom roles of the fleet."""
        ...


FLEETS: StoreKey[FleetStore] = StoreKey("people.fleets")
USERS: StoreKey[UserStore] = StoreKey("people.users")
MEMBERS: StoreKey[MemberStore] = StoreKey("people.members")
ROLES: StoreKey[RoleStore] = StoreKey("people.roles")
DIRECTORY: StoreKey[Directory] = StoreKey("people.directory")
