"""Add, edit and remove members; define, edit and delete custom roles.

Whoever changes what members may do holds the fleet's row until commit, so that two such changes see each
other: the last owner stays, and nobody is given a role that is being deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import sorted_by
from fleetcore.operations import of_others, operation, query

from .commands import (
    AddMember,
    DefineRole,
    DeleteRole,
    EditMember,
    EditRole,
    GetMember,
    ListMembers,
    ListPermissions,
    ListRoles,
    RemoveMember,
)
from .events import MemberAdded, MemberEdited, MemberRemoved, RoleDefined, RoleDeleted, RoleEdited
from .model import OWNER, CustomRole, FleetRole, ListedMember, Member, StaffProfile, User
from .ports import FLEETS, MEMBERS, ROLES, USERS
from .roles import Permission, matrix
from .rules import (
    canonical_roles,
    check_grant,
    check_permissions,
    check_role_name,
    check_roles,
    check_staff,
    check_user,
    permissions_of,
)
from .service import (
    OWNERS,
    READ,
    WRITE,
    free_account,
    owners_besides,
    register_user,
    require_version,
    require_whole_fleet,
)

__all__ = [
    "add_member",
    "admit",
    "appointed",
    "change_member",
    "define_role",
    "delete_role",
    "edit_member",
    "edit_role",
    "get_member",
    "list_members",
    "list_permissions",
    "list_roles",
    "remove_member",
    "take_out",
]


@operation("people.add_member", permission=WRITE)
def add_member(uow: UnitOfWork, command: AddMember) -> Member:
    """Give a user a place in the fleet, registering them if their e-mail is new.

    Raises Rejected with every problem (unknown roles, permissions that the actor lacks, an e-mail address that
    somebody registered without showing that it is theirs), Conflict when the user is a member already.
    """
    require_whole_fleet(uow, WRITE)
    uow[FLEETS].get(lock=True)
    custom = uow[ROLES].all()
    command = attrs.evolve(command, roles=canonical_roles(command.roles, custom))
    user = uow[USERS].find_by_email(command.email) if command.email else None
    problems = [*check_roles(command.roles, custom), *check_staff(command.staff)]
    if user is None:
        problems += check_user(command.name or "", command.email)
    elif user.is_email_unproven:  # whoever registered it would be let in, and need not be who is meant
        message = "is of an account that has not confirmed it: send an invitation to the address instead"
        problems.append(Problem("email", message, "email.unproven"))
    problems += _beyond_actor(uow, command.roles, (), custom)
    reject_if_any(problems)
    if user is None:
        user = register_user(uow, _new_user(uow, command))
    return admit(uow, user.id, command.roles, command.staff)


def admit(uow: UnitOfWork, user_id: UUID, roles: tuple[str, ...], staff: StaffProfile | None = None) -> Member:
    """Give a user a place in the fleet with *roles* that were checked. Raises Conflict for a member."""
    actor_id = uow.actor.user_id
    member = Member(
        user_id=user_id,
        roles=roles,
        staff=staff,
        created_at=uow.now,
        created_by=actor_id,
        updated_at=uow.now,
        updated_by=actor_id,
    )
    uow[MEMBERS].add(member)
    _own_account(uow, member)
    uow.record_change("people.member", member.user_id, None, member)
    uow.emit(MemberAdded(user_id=member.user_id, roles=member.roles))
    return member


def _own_account(uow: UnitOfWork, member: Member) -> None:
    """Free the account of an owner from another fleet's hold, which could switch off the last owner of this one."""
    if member.is_owner and uow[USERS].get(member.user_id).home_fleet_id not in {None, uow.fleet_id}:
        free_account(uow, member.user_id)


def _new_user(uow: UnitOfWork, command: AddMember) -> User:
    return User(
        id=command.user_id or uow.new_id(),
        email=command.email,
        name=command.name or "",
        home_fleet_id=uow.fleet_id,
        created_at=uow.now,
        updated_at=uow.now,
    )


def appointed(uow: UnitOfWork, giver: Actor, names: tuple[str, ...]) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the roles *names* as they are stored, and every problem of *giver* appointing somebody to them."""
    custom = uow[ROLES].all()
    roles = canonical_roles(names, custom)
    beyond = check_grant("roles", permissions_of(roles, custom), {}, giver.permissions)
    return roles, [*check_roles(roles, custom), *beyond]


def _beyond_actor(
    uow: UnitOfWork, roles: tuple[str, ...], held: tuple[str, ...], custom: Iterable[CustomRole]
) -> list[Problem]:
    """Return what *roles* would give beyond those *held* and beyond what the actor may do."""
    wanted, before = permissions_of(roles, custom), permissions_of(held, custom)
    return list(check_grant("roles", wanted, before, uow.actor.permissions))


@operation("people.edit_member", permission=WRITE)
def edit_member(uow: UnitOfWork, command: EditMember) -> Member:
    """Replace a member's roles and staff profile; only owners change owners.

    Raises Rejected with every problem (unknown roles, permissions that the actor lacks, the last owner),
    NotFound, Forbidden, Conflict for a stale version.
    """
    require_whole_fleet(uow, WRITE)
    uow[FLEETS].get(lock=True)
    before = uow[MEMBERS].get(command.user_id)
    require_version("member", before.version, command.version)
    if before.is_owner:
        require_whole_fleet(uow, OWNERS)
    custom = uow[ROLES].all()
    roles = canonical_roles(command.roles, custom)
    problems = [*check_roles(roles, custom), *check_staff(command.staff)]
    problems += _beyond_actor(uow, roles, before.roles, custom)
    if before.is_owner and OWNER not in roles and not owners_besides(uow, before.user_id):
        problems.append(Problem("roles", "the last owner stays one: appoint another first", "owner.last"))
    reject_if_any(problems)
    return change_member(uow, before, roles, command.staff)


def change_member(uow: UnitOfWork, before: Member, roles: tuple[str, ...], staff: StaffProfile | None) -> Member:
    """Give a member other *roles*, which were checked, with the audit row and the event."""
    after = attrs.evolve(
        before,
        roles=roles,
        staff=staff,
        updated_at=uow.now,
        updated_by=uow.actor.user_id,
        version=before.version + 1,
    )
    uow[MEMBERS].replace(after, old_version=before.version)
    _own_account(uow, after)
    uow.record_change("people.member", after.user_id, before, after)
    uow.emit(MemberEdited(user_id=after.user_id, roles=after.roles))
    return after


@operation("people.remove_member", permission=None)
def remove_member(uow: UnitOfWork, command: RemoveMember) -> Member:
    """Take a member out of the fleet, or leave it; what they recorded stays. Only owners remove owners.

    Raises Rejected for the last owner, NotFound, Forbidden.
    """
    leaves = command.user_id == uow.actor.user_id
    if not leaves:
        require_whole_fleet(uow, WRITE)
    uow[FLEETS].get(lock=True)
    before = uow[MEMBERS].get(command.user_id)
    if before.is_owner:
        if not leaves:
            require_whole_fleet(uow, OWNERS)
        if not owners_besides(uow, before.user_id):
            raise Rejected.because("user_id", "the last owner stays: appoint another first", "owner.last")
    take_out(uow, before)
    return before


def take_out(uow: UnitOfWork, member: Member) -> None:
    """Take *member* out of the fleet; their account is their own then, unless the fleet has switched it off."""
    uow[MEMBERS].remove(member.user_id)
    uow.record_change("people.member", member.user_id, member, None)
    if uow[USERS].get(member.user_id).home_fleet_id == uow.fleet_id:
        free_account(uow, member.user_id)
    uow.emit(MemberRemoved(user_id=member.user_id))


@query("people.get_member", permission=READ, sensitive=of_others("user_id"))
def get_member(uow: UnitOfWork, command: GetMember) -> ListedMember:
    """Return one member; whose role does not reach the whole fleet sees themselves. Raises NotFound."""
    visible = uow.actor.require(READ) is Scope.ALL or command.user_id == uow.actor.user_id
    found = uow[MEMBERS].listed(command.user_id) if visible else None
    if found is None:
        raise NotFound("member", command.user_id)
    return found


SORTS = {"created_at": attrgetter("created_at"), "name": attrgetter("name")}


@query("people.list_members", permission=READ, sensitive=of_others("user_id"))
def list_members(uow: UnitOfWork, command: ListMembers) -> Page[ListedMember]:
    """List the members, the first to come first; whose role does not reach the whole fleet sees themselves."""
    limit = page_limit(command.limit)
    after = decode_cursor(command)
    if uow.actor.require(READ) is not Scope.ALL:
        found = uow[MEMBERS].listed(uow.actor.user_id)
        return Page(() if found is None else (found,))
    rows = uow[MEMBERS].page(command, after, limit + 1)
    key = SORTS[sorted_by(command.sort)]
    return page_of(rows, limit, lambda member: Position(key(member), member.user_id), command)


@operation("people.define_role", permission=WRITE)
def define_role(uow: UnitOfWork, command: DefineRole) -> CustomRole:
    """Define a role of the fleet's own, made of permissions that the actor has.

    Its name never changes. Raises Rejected with every problem, Conflict when the id or name is taken.
    """
    require_whole_fleet(uow, WRITE)
    reject_if_any(
        (
            *check_role_name(command.name),
            *check_permissions(command.permissions),
            *check_grant("permissions", command.permissions, {}, uow.actor.permissions),
        )
    )
    actor_id = uow.actor.user_id
    role = CustomRole(
        id=command.id or uow.new_id(),
        name=command.name.strip(),
        permissions=command.permissions,
        created_at=uow.now,
        created_by=actor_id,
        updated_at=uow.now,
        updated_by=actor_id,
    )
    uow[ROLES].add(role)
    uow.record_change("people.role", role.id, None, role)
    uow.emit(RoleDefined(role_id=role.id, role_name=role.name))
    return role


@operation("people.edit_role", permission=WRITE)
def edit_role(uow: UnitOfWork, command: EditRole) -> CustomRole:
    """Replace the permissions of a custom role, for everyone who holds it.

    What is added must be the actor's own. Raises Rejected with every problem, NotFound, Conflict for a
    stale version.
    """
    require_whole_fleet(uow, WRITE)
    uow[FLEETS].get(lock=True)
    before = uow[ROLES].get(command.id)
    require_version("role", before.version, command.version)
    reject_if_any(
        (
            *check_permissions(command.permissions),
            *check_grant("permissions", command.permissions, before.permissions, uow.actor.permissions),
        )
    )
    after = attrs.evolve(
        before,
        permissions=command.permissions,
        updated_at=uow.now,
        updated_by=uow.actor.user_id,
        version=before.version + 1,
    )
    uow[ROLES].replace(after, old_version=before.version)
    uow.record_change("people.role", after.id, before, after)
    uow.emit(RoleEdited(role_id=after.id))
    return after


@operation("people.delete_role", permission=WRITE)
def delete_role(uow: UnitOfWork, command: DeleteRole) -> CustomRole:
    """Delete a custom role. Raises NotFound, Conflict while members hold it."""
    require_whole_fleet(uow, WRITE)
    uow[FLEETS].get(lock=True)
    role = uow[ROLES].get(command.id)
    if holders := len(uow[MEMBERS].with_role(role.name)):
        raise Conflict(f"{holders} members hold the role {role.name}: give them another first")
    uow[ROLES].remove(role.id)
    uow.record_change("people.role", role.id, role, None)
    uow.emit(RoleDeleted(role_id=role.id))
    return role


@query("people.list_roles", permission=None)
def list_roles(uow: UnitOfWork, command: ListRoles) -> tuple[FleetRole, ...]:  # noqa: ARG001 - asks for all
    """List the roles that members can be given: the built-in ones, then the fleet's own by name, but not to guests."""
    built_in = [
        FleetRole(name=role.name, title=role.title, permissions=role.permissions) for role in matrix().roles.values()
    ]
    own = [
        FleetRole(id=role.id, name=role.name, title=role.name, permissions=role.permissions, version=role.version)
        for role in (() if uow.actor.is_guest else uow[ROLES].all())
    ]
    return (*built_in, *own)


@query("people.list_permissions", permission=None)
def list_permissions(_uow: UnitOfWork, command: ListPermissions) -> tuple[Permission, ...]:  # noqa: ARG001 - asks for all
    """List every permission that a role can be made of."""
    return tuple(matrix().permissions.values())
