"""Two at one link, one vehicle, one moment."""

from __future__ import annotations

from functools import partial

from tests.people.test_races import failures, race

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.people.commands import ListMembers, RemoveMember
from fleetcore.people.members import list_members, remove_member
from fleetcore.sharing.model import RevokeInvitation
from fleetcore.sharing.service import revoke_invitation
from fleetcore.testing.builders import join_fleet
from fleetcore.vehicles.assignments import AssignDriver, ListAssignments
from fleetcore.vehicles.drivers import assign_driver, list_assignments
from fleetcore.vehicles.model import GrantVehicle, ListGrants
from fleetcore.vehicles.service import grant_vehicle, list_grants

from .conftest import House


def test_of_two_who_accept_at_once_one_comes_in(house: House) -> None:
    """One link lets one in, however many try it at the same moment."""
    sent = house.invites("family")
    results = race(*(partial(house.accepts, sent, f"Guest {n}") for n in range(6)))

    assert 5 == failures(results)
    assert 2 == len(members(house.core, house.owner))


def members(core: Core, owner: Actor) -> list[str]:
    """Return the names of the members."""
    return [each.name for each in core.read(owner, list_members, ListMembers()).items]


def test_a_link_is_accepted_or_revoked(house: House) -> None:
    """Accepted and revoked at once, an invitation is one of them."""
    sent = house.invites("family")
    revoke = RevokeInvitation(id=sent.invitation.id)
    results = race(partial(house.accepts, sent), partial(house.core.run, house.owner, revoke_invitation, revoke))

    assert 1 == failures(results)


def test_one_user_comes_in_once(house: House) -> None:
    """A user who accepts two invitations at once is one member."""
    cleo = house.core.create_fleet("Company", owner_name="Cleo")
    sent = [house.invites("family") for _ in range(2)]
    results = race(*(partial(house.accepts, each, user_id=cleo.user_id) for each in sent))

    assert 1 == failures(results)


def test_a_vehicle_has_one_primary_driver(house: House) -> None:
    """Of several who are made primary driver at once, one is."""
    commands = [AssignDriver(vehicle_id=house.golf.id, driver_name=f"Driver {n}") for n in range(6)]
    results = race(*(partial(house.core.run, house.owner, assign_driver, command) for command in commands))

    assert 5 == failures(results)
    assert 1 == len(house.core.read(house.owner, list_assignments, ListAssignments()).items)


def test_who_leaves_keeps_no_grant(house: House) -> None:
    """A grant that races its member's leaving is either refused or ended."""
    bob = join_fleet(house.core, house.owner)
    grant = GrantVehicle(vehicle_id=house.golf.id, user_id=bob.user_id)
    race(
        partial(house.core.run, house.owner, grant_vehicle, grant),
        partial(house.core.run, bob, remove_member, RemoveMember(user_id=bob.user_id)),
    )

    left = house.core.read(house.owner, list_grants, ListGrants(user_id=bob.user_id))
    assert all(each.ends_at is not None for each in left)
