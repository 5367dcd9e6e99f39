"""Found and edit fleets; register, edit, disable and enable users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import of_others, operation, query

from .commands import CreateFleet, DisableUser, EditFleet, EditUser, EnableUser, GetFleet, GetUser, SetQuotas
from .events import (
    FleetEdited,
    FleetFounded,
    MemberAdded,
    QuotasSet,
    UserDisabled,
    UserEdited,
    UserEnabled,
    UserRegistered,
)
from .model import OWNER, Fleet, FleetFields, Member, Quotas, User
from .ports import FLEETS, MEMBERS, USERS
from .rules import check_fleet, check_quotas, check_user

__all__ = [
    "disable_user",
    "edit_fleet",
    "edit_user",
    "email_problems",
    "enable_user",
    "fleet_of",
    "found_fleet",
    "free_account",
    "get_fleet",
    "get_user",
    "owners_besides",
    "register_themselves",
    "register_user",
    "require_version",
    "require_whole_fleet",
    "set_quotas",
    "storage_limit_bytes",
]

READ, WRITE, OWNERS = "people.read", "people.write", "people.owners"
QUOTAS = tuple(attribute.name for attribute in attrs.fields(Quotas))
FLEET_FIELDS = tuple(attribute.name for attribute in attrs.fields(FleetFields))


def fleet_of(uow: UnitOfWork) -> Fleet:
    """Return the fleet of the unit of work with its currency, time zone and units; read once per unit."""
    return uow[FLEETS].get()


def require_whole_fleet(uow: UnitOfWork, permission: str) -> None:
    """Raise Forbidden unless *permission* reaches the whole fleet: people are not bound to a vehicle."""
    if uow.actor.require(permission) is not Scope.ALL:
        raise Forbidden(f"this needs the permission {permission} for the whole fleet")


def require_version(what: str, stored: int, version: int) -> None:
    """Raise Conflict when *version* is not the *stored* one."""
    if stored != version:
        raise Conflict(f"the {what} was changed by someone else meanwhile: read it again, then repeat your change")


def owners_besides(uow: UnitOfWork, user_id: UUID) -> bool:
    """Say whether someone other than *user_id* is an active owner of the fleet."""
    return any(owner.is_active and owner.user_id != user_id for owner in uow[MEMBERS].with_role(OWNER))


def register_user(uow: UnitOfWork, user: User) -> User:
    """Store a new *user*; raises Conflict when the e-mail is taken."""
    uow[USERS].add(user)
    uow.record_change("people.user", user.id, None, user)
    uow.emit(UserRegistered(user_id=user.id))
    return user


def email_problems(email: str | None) -> Iterator[Problem]:
    """Yield a problem of an e-mail address that is none."""
    return (problem for problem in check_user("name", email) if problem.field == "email")


def register_themselves(uow: UnitOfWork, name: str, email: str | None) -> User:
    """Store the actor as a new user, whose account is no fleet's. Raises Rejected, Conflict for a taken e-mail."""
    reject_if_any(check_user(name, email))
    return register_user(
        uow, User(id=uow.actor.user_id, email=email, name=name, created_at=uow.now, updated_at=uow.now)
    )


def found_fleet(uow: UnitOfWork, command: CreateFleet) -> Fleet:
    """Found the fleet of the unit of work; its actor becomes the owner, and a user if they are none yet.

    Raises Rejected with every problem, Conflict when the e-mail is another user's, Forbidden when the user
    is disabled.
    """
    owner_id = uow.actor.user_id
    owner_problems = check_user(command.owner_name, command.owner_email, prefix="owner_")
    reject_if_any((*check_fleet(command), *owner_problems, *check_quotas(command.quotas)))
    made: dict[str, Any] = {
        "created_at": uow.now,
        "created_by": owner_id,
        "updated_at": uow.now,
        "updated_by": owner_id,
    }
    said = {name: getattr(command, name) for name in FLEET_FIELDS}
    fleet = Fleet(id=uow.fleet_id, **said, **_limits(command.quotas), **made)
    uow[FLEETS].add(fleet)
    uow.record_change("people.fleet", fleet.id, None, fleet)
    uow.emit(FleetFounded(fleet_id=fleet.id, owner_id=owner_id, currency=fleet.currency))
    owner = uow[USERS].find(owner_id)
    if owner is None:
        register_themselves(uow, command.owner_name, command.owner_email)
    elif not owner.is_active:
        raise Forbidden("the user is disabled and cannot found a fleet")
    else:
        free_account(uow, owner_id)
    member = Member(user_id=owner_id, roles=(OWNER,), **made)
    uow[MEMBERS].add(member)
    uow.record_change("people.member", owner_id, None, member)
    uow.emit(MemberAdded(user_id=owner_id, roles=member.roles))
    return fleet


def _limits(quotas: Quotas) -> dict[str, Any]:
    return {name: getattr(quotas, name) for name in QUOTAS}


def free_account(uow: UnitOfWork, user_id: UUID) -> None:
    """Make the account of an active user their own: they left the fleet that registered them, or joined another."""
    user = uow[USERS].get(user_id, lock=True)
    if user.is_active and user.home_fleet_id is not None:
        _save_user(uow, user, home_fleet_id=None)


def storage_limit_bytes(uow: UnitOfWork) -> int | None:
    """Return how many bytes the fleet's attachments may take; None is no limit."""
    return fleet_of(uow).storage_bytes_max


@operation("people.set_quotas", permission="fleet.limits")
def set_quotas(uow: UnitOfWork, command: SetQuotas) -> Fleet:
    """Set how many vehicles and how many bytes the fleet may hold; what is there already stays.

    Raises Rejected with every problem, Conflict for a stale version.
    """
    require_whole_fleet(uow, "fleet.limits")
    before = uow[FLEETS].get(lock=True)
    require_version("fleet", before.version, command.version)
    reject_if_any(check_quotas(command))
    limits = _limits(command)
    after = attrs.evolve(before, **limits, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1)
    uow[FLEETS].replace(after, old_version=before.version)
    uow.record_change("people.fleet", after.id, before, after)
    uow.emit(QuotasSet(fleet_id=after.id, **limits))
    return after


@query("people.get_fleet", permission=None)
def get_fleet(uow: UnitOfWork, command: GetFleet) -> Fleet:  # noqa: ARG001 - the one fleet needs no naming
    """Return the fleet with its settings."""
    return fleet_of(uow)


@operation("people.edit_fleet", permission="fleet.write")
def edit_fleet(uow: UnitOfWork, command: EditFleet) -> Fleet:
    """Replace the fleet's name, currency, time zone, units, country and language.

    What was recorded keeps its currency. Raises Rejected with every problem, Conflict for a stale version.
    """
    require_whole_fleet(uow, "fleet.write")
    before = uow[FLEETS].get(lock=True)
    require_version("fleet", before.version, command.version)
    reject_if_any(check_fleet(command))
    after = attrs.evolve(
        before,
        **{name: getattr(command, name) for name in FLEET_FIELDS},
        updated_at=uow.now,
        updated_by=uow.actor.user_id,
        version=before.version + 1,
    )
    uow[FLEETS].replace(after, old_version=before.version)
    uow.record_change("people.fleet", after.id, before, after)
    uow.emit(FleetEdited(fleet_id=after.id))
    return after


@query("people.get_user", permission=None, sensitive=of_others("id"))
def get_user(uow: UnitOfWork, command: GetUser) -> User:
    """Return oneself, or another member's user record, which needs people.read. Raises NotFound, Forbidden."""
    user_id = command.user_id or uow.actor.user_id
    if user_id != uow.actor.user_id:
        require_whole_fleet(uow, READ)
    if uow[MEMBERS].find(user_id) is None:
        raise NotFound("user", user_id)
    return uow[USERS].get(user_id)


@operation("people.edit_user", permission=None)
def edit_user(uow: UnitOfWork, command: EditUser) -> User:
    """Replace a user's name, e-mail, language, time zone and units: one's own, or of a user this fleet registered.

    An e-mail that is there is changed by its owner only: it is the key to the account. Raises Rejected with
    every problem, NotFound, Forbidden, Conflict for a stale version or a taken e-mail.
    """
    before = _user_to_change(uow, command.user_id, themselves=True)
    require_version("user", before.version, command.version)
    reject_if_any(check_user(command.name, command.email, command.locale, command.timezone))
    if before.id != uow.actor.user_id and before.email is not None and command.email != before.email:
        raise Rejected.because("email", "is changed by the user themselves only", "email.not_yours")
    after = _save_user(
        uow,
        before,
        name=command.name,
        email=command.email,
        is_email_unproven=command.email is not None
        and (before.is_email_unproven or (before.id == uow.actor.user_id and command.email != before.email)),
        locale=command.locale,
        timezone=command.timezone,
        units=command.units,
    )
    uow.emit(UserEdited(user_id=after.id))
    return after


@operation("people.disable_user", permission=WRITE)
def disable_user(uow: UnitOfWork, command: DisableUser) -> User:
    """Switch off a user that this fleet registered, in every fleet; their records stay.

    Raises Rejected for oneself or the last active owner, NotFound, Forbidden for a user of another fleet.
    """
    uow[FLEETS].get(lock=True)  # two owners who disable each other must see one another
    before = _user_to_change(uow, command.user_id)
    problems = []
    if before.id == uow.actor.user_id:
        problems.append(Problem("user_id", "you cannot disable yourself"))
    elif not owners_besides(uow, before.id):
        problems.append(Problem("user_id", "is the last owner of the fleet", "owner.last"))
    reject_if_any(problems)
    if not before.is_active:
        return before
    after = _save_user(uow, before, is_active=False)
    uow.emit(UserDisabled(user_id=after.id))
    return after


@operation("people.enable_user", permission=WRITE)
def enable_user(uow: UnitOfWork, command: EnableUser) -> User:
    """Switch a disabled user on again, by the fleet that registered them. Raises NotFound, Forbidden."""
    before = _user_to_change(uow, command.user_id)
    if before.is_active:
        return before
    after = _save_user(uow, before, is_active=True)
    uow.emit(UserEnabled(user_id=after.id))
    return after


def _user_to_change(uow: UnitOfWork, user_id: UUID, *, themselves: bool = False) -> User:
    """Return the member's user record, locked, if the actor may change it."""
    if not (themselves and user_id == uow.actor.user_id):
        require_whole_fleet(uow, WRITE)
    if (member := uow[MEMBERS].find(user_id)) is None:
        raise NotFound("user", user_id)
    user = uow[USERS].get(user_id, lock=True)
    if user_id != uow.actor.user_id:
        if member.is_owner:
            require_whole_fleet(uow, OWNERS)
        if user.home_fleet_id != uow.fleet_id:
            raise Forbidden("this user has an account of their own: you can only change their place in this fleet")
    return user


def _save_user(uow: UnitOfWork, before: User, **changes: object) -> User:
    after: User = attrs.evolve(before, **changes, updated_at=uow.now, version=before.version + 1)  # type: ignore[arg-type]
    uow[USERS].replace(after, old_version=before.version)
    uow.record_change("people.user", after.id, before, after)
    return after
