"""Hand the ownership of a fleet over."""

from __future__ import annotations

from fleetcore.kernel.errors import Forbidden, Problem, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation

from .commands import TransferOwnership
from .events import OwnershipTransferred
from .members import change_member, take_out
from .model import GUEST, OWNER, Member
from .ports import FLEETS, MEMBERS, ROLES, USERS
from .rules import canonical_roles, check_grant, check_roles, permissions_of
from .service import OWNERS, require_whole_fleet

__all__ = ["transfer_ownership"]


@operation("people.transfer_ownership", permission=OWNERS)
def transfer_ownership(uow: UnitOfWork, command: TransferOwnership) -> Member:
    """Make another member an owner in one's own place, in one step; returns the new owner.

    Oneself takes the roles of the command, or leaves the fleet without any. Raises Rejected with every problem
    (oneself, a disabled user, unknown roles), NotFound, Forbidden for who is no owner any more.
    """
    require_whole_fleet(uow, OWNERS)
    uow[FLEETS].get(lock=True)
    mine = uow[MEMBERS].find(uow.actor.user_id)
    if mine is None or not mine.is_owner:
        raise Forbidden("you are no owner of this fleet any more: there is nothing to hand over")
    heir = uow[MEMBERS].get(command.user_id)
    custom = uow[ROLES].all()
    roles = canonical_roles(command.roles, custom)
    problems = [*check_roles(roles, custom)] if roles else []
    problems += check_grant("roles", permissions_of(roles, custom), {}, uow.actor.permissions)
    if OWNER in roles:
        problems.append(Problem("roles", "an owner who stays one adds a second with edit_member", "owner.stays"))
    if heir.user_id == mine.user_id:
        problems.append(Problem("user_id", "is you: name another member"))
    elif not uow[USERS].get(heir.user_id).is_active:
        problems.append(Problem("user_id", "is disabled: enable them first, or name another member", "user.disabled"))
    reject_if_any(problems)
    kept = tuple(role for role in heir.roles if role not in {OWNER, GUEST})
    owner = change_member(uow, heir, (OWNER, *kept), heir.staff)
    if roles:
        change_member(uow, mine, roles, mine.staff)
    else:
        take_out(uow, mine)
    told = OwnershipTransferred(fleet_id=uow.fleet_id, old_owner_id=mine.user_id, new_owner_id=heir.user_id)
    uow.emit(told)
    return owner
