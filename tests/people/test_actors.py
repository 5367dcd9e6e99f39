"""Finding out who asks."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import Operation
from fleetcore.people.commands import AddMember, DefineRole, DisableUser, EditMember, EnableUser
from fleetcore.people.members import add_member, define_role, edit_member
from fleetcore.people.ports import DIRECTORY
from fleetcore.people.roles import matrix
from fleetcore.people.service import disable_user, enable_user

from .conftest import Join


def test_only_fleet_needs_no_name(core: Core, owner: Actor) -> None:
    """With one fleet, the actor that nobody names is its owner."""
    assert owner == core.actor()


def test_no_fleet_says_what_to_do(core: Core) -> None:
    """Without any fleet, the error says how to make one."""
    with pytest.raises(Rejected, match=r"fleet init.*create_fleet"):
        core.actor()


def test_several_fleets_need_a_name(core: Core, owner: Actor) -> None:
    """With several fleets, the error lists them; a name in any case or an id decides."""
    second = core.create_fleet("Company")

    with pytest.raises(Rejected, match=r"several fleets: .*Home.*Company"):
        core.actor()
    assert second == core.actor(fleet="COMPANY")
    assert owner == core.actor(fleet=str(owner.fleet_id))


def test_user_in_two_fleets(core: Core, owner: Actor) -> None:
    """A user in two fleets names one, and has in each what their roles there give."""
    other = core.create_fleet("Company", owner_email="cleo@example.org")
    core.run(other, add_member, AddMember(email="Ada@Example.org", roles=("accountant",)))

    with pytest.raises(Rejected, match="several"):
        core.actor("ada@example.org")
    assert owner == core.actor("ada@example.org", fleet="home")
    hired = core.actor("ada@example.org", fleet="Company")
    assert (owner.user_id, other.fleet_id) == (hired.user_id, hired.fleet_id)
    assert matrix().roles["accountant"].permissions == hired.permissions


def test_email_finds_the_user_whatever_its_case(core: Core, join: Join) -> None:
    """An actor is found by e-mail regardless of case."""
    assert join("Bob", "mechanic") == core.actor("BOB@EXAMPLE.ORG")


def test_unknown_user_is_named(core: Core, owner: Actor) -> None:
    """An e-mail or id that nobody has is an error that repeats it."""
    with pytest.raises(Rejected, match=r"eve@example\.org"):
        core.actor("eve@example.org")
    with pytest.raises(Rejected, match="there is no user"):
        core.actor(user_id=new_id())


def test_stranger_is_no_actor(core: Core, join: Join) -> None:
    """A user is no actor in a fleet that they are not a member of."""
    driver = join("Bob", "family")
    other = core.create_fleet("Company")

    with pytest.raises(Rejected, match="no member"):
        core.actor("bob@example.org", fleet="Company")
    with pytest.raises(Rejected, match="no member"):
        core.actor(user_id=driver.user_id, fleet_id=other.fleet_id)


def test_disabled_user_is_no_actor(core: Core, owner: Actor, join: Join) -> None:
    """A disabled user gets no actor until they are enabled again."""
    driver = join("Bob", "family")
    core.run(owner, disable_user, DisableUser(user_id=driver.user_id))

    with pytest.raises(Forbidden, match="disabled"):
        core.actor("bob@example.org")
    core.run(owner, enable_user, EnableUser(user_id=driver.user_id))
    assert driver == core.actor("bob@example.org")


def test_disabled_owner_does_not_stand_for_the_fleet(core: Core, owner: Actor, join: Join) -> None:
    """The owner that nobody names is the longest active one."""
    second = join("Bob", "owner")
    core.run(second, edit_member, EditMember(user_id=owner.user_id, roles=("family",), version=1))

    assert second == core.actor()


def test_operations_do_not_reach_the_directory(core: Core, owner: Actor) -> None:
    """The view across fleets is refused inside a unit of work of a fleet."""

    def curious(uow: UnitOfWork, command: None) -> object:
        return uow[DIRECTORY].fleets(10)

    with pytest.raises(Forbidden, match="directory"):
        core.run(owner, Operation("people.curious", None, curious), None)


@pytest.mark.parametrize("role", sorted(matrix().roles.keys() - {"admin"}))
def test_actor_has_what_the_matrix_gives(core: Core, owner: Actor, role: str) -> None:
    """A member of each built-in role that an owner can give may do what the matrix says, no more."""
    member = core.run(owner, add_member, AddMember(name="Bob", roles=(role,)))

    actor = core.actor(user_id=member.user_id, fleet_id=owner.fleet_id)
    assert matrix().roles[role].permissions == actor.permissions


def test_roles_add_up(core: Core, owner: Actor, join: Join) -> None:
    """Several roles, custom ones among them, give the union of their permissions."""
    core.run(owner, define_role, DefineRole(name="Bookkeeper", permissions={"ledger.read": Scope.ALL}))
    actor = join("Bob", "mechanic", "family", "bookkeeper")

    assert Scope.ALL is actor.scope("ledger.read")
    assert Scope.GRANTED is actor.scope("maintenance.work")
    assert Scope.OWN is actor.scope("fuel.write")
