"""Who asks: from a user's place in a fleet to an actor with permissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, Rejected

from .model import GUEST, CustomRole, Fleet, ListedMember, Member, Membership, User
from .ports import Directory
from .roles import matrix
from .rules import permissions_of

__all__ = ["find_actor", "make_actor"]

NAMED_MAX = 5


def make_actor(member: Member | ListedMember, custom_roles: Iterable[CustomRole], fleet_id: UUID) -> Actor:
    """Make the actor that *member* of the fleet is, with everything their roles allow."""
    return Actor(
        user_id=member.user_id,
        fleet_id=fleet_id,
        permissions=permissions_of(member.roles, custom_roles),
        is_guest=member.roles == (GUEST,),
    )


def find_actor(
    directory: Directory,
    *,
    email: str | None = None,
    fleet: str | None = None,
    user_id: UUID | None = None,
    fleet_id: UUID | None = None,
) -> Actor:
    """Find the actor that is meant: the named user in the named fleet.

    Without a fleet it is the only one there is, or the user's only one; without a user it is the owner who
    is longest in the fleet. *fleet* is a name, whatever its case, or an id. Raises Rejected, saying what to
    name or do, when that is not exactly one, and Forbidden for a user who is disabled.
    """
    if email is None and user_id is None:
        place = _owner_of(directory, _only_fleet(directory, fleet, fleet_id))
    else:
        user = _user(directory, email, user_id)
        place = _place_of(directory, user, fleet, fleet_id)
    own = () if matrix().roles.keys() >= set(place.member.roles) else directory.roles(place.fleet.id)
    return make_actor(place.member, own, place.fleet.id)


def _user(directory: Directory, email: str | None, user_id: UUID | None) -> User:
    if user_id is not None:
        user = directory.user(user_id)
        field, called = "user_id", str(user_id)
    else:
        user = directory.user_by_email(email or "")
        field, called = "email", repr(email)
    if user is None:
        raise Rejected.because(field, f"there is no user {called}", "user.unknown")
    if not user.is_active:
        raise Forbidden(f"the user {called} is disabled: an owner of their fleet can enable them again")
    return user


def _place_of(directory: Directory, user: User, name: str | None, fleet_id: UUID | None) -> Membership:
    if fleet_id is not None:
        found = directory.membership(fleet_id, user.id)
        places = [] if found is None else [found]
    else:
        places = [place for place in directory.fleets_of(user.id) if name is None or _is_called(place.fleet, name)]
    if not places:
        where = "any fleet" if name is None and fleet_id is None else f"the fleet {name or fleet_id}"
        raise Rejected.because("fleet", f"the user is no member of {where}", "fleet.none")
    if len(places) > 1:
        raise _several([place.fleet for place in places])
    return places[0]


def _only_fleet(directory: Directory, name: str | None, fleet_id: UUID | None) -> Fleet:
    wanted = fleet_id or (_as_id(name) if name else None)
    if wanted is not None:
        found = directory.fleet(wanted)
        fleets = [] if found is None else [found]
    else:
        fleets = list(directory.fleets(NAMED_MAX + 1, name))
    if not fleets:
        called = "" if name is None and fleet_id is None else f" called {name or fleet_id}"
        how = "make one with `fleet init` or core.create_fleet(name)"
        raise Rejected.because("fleet", f"there is no fleet{called}: {how}", "fleet.none")
    if len(fleets) > 1:
        raise _several(fleets)
    return fleets[0]


def _owner_of(directory: Directory, fleet: Fleet) -> Membership:
    for place in directory.owners(fleet.id):
        if place.user.is_active:
            return place
    raise Forbidden(f"every owner of the fleet {fleet.name} is disabled: name another user by e-mail")


def _is_called(fleet: Fleet, name: str) -> bool:
    return fleet.id == _as_id(name) or fleet.name.casefold() == name.casefold()


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _several(fleets: Sequence[Fleet]) -> Rejected:
    names = [f"{fleet.name} ({fleet.id})" for fleet in fleets[:NAMED_MAX]]
    more = ", and more" if len(fleets) > NAMED_MAX else ""
    return Rejected.because(
        "fleet", f"there are several fleets: {', '.join(names)}{more}; name one, by its name or id", "fleet.several"
    )
