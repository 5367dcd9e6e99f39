"""Custom roles."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.people.commands import DefineRole, DeleteRole, EditMember, EditRole, ListPermissions, ListRoles
from fleetcore.people.members import define_role, delete_role, edit_member, edit_role, list_permissions, list_roles
from fleetcore.people.roles import matrix

from .conftest import Join

NIGHT = DefineRole(name="Night watch", permissions={"vehicles.read": Scope.ALL, "odometer.record": Scope.OWN})


def test_role_is_given_by_its_name(core: Core, owner: Actor, join: Join) -> None:
    """A custom role gives its permissions to whoever holds it, named in any case."""
    core.run(owner, define_role, NIGHT)

    assert NIGHT.permissions == join("Bob", "NIGHT-WATCH").permissions


def test_roles_are_listed(core: Core, owner: Actor) -> None:
    """The list has the built-in roles, then the fleet's own."""
    role = core.run(owner, define_role, NIGHT)
    listed = core.read(owner, list_roles, ListRoles())

    assert [*matrix().roles, "Night watch"] == [item.name for item in listed]
    assert (role.id, 1, role.permissions) == (listed[-1].id, listed[-1].version, listed[-1].permissions)


def test_permissions_are_listed(core: Core, owner: Actor) -> None:
    """Every permission that a role can be made of is listed, with what it is about."""
    listed = core.read(owner, list_permissions, ListPermissions())

    assert [*matrix().permissions] == [item.name for item in listed]


def test_names_are_unique_in_a_fleet(core: Core, owner: Actor) -> None:
    """Two roles of one fleet differ in more than case and dashes; another fleet has its own."""
    core.run(owner, define_role, NIGHT)

    with pytest.raises(Conflict, match="already"):
        core.run(owner, define_role, DefineRole(name="night-watch", permissions=NIGHT.permissions))
    core.run(core.create_fleet("Company"), define_role, NIGHT)


def test_bad_role_shows_every_problem(core: Core, owner: Actor) -> None:
    """All problems of a role are named at once."""
    command = DefineRole(name="driver", permissions={"fuel.drink": Scope.ALL})
    with pytest.raises(Rejected) as refused:
        core.run(owner, define_role, command)

    assert {"name", "permissions.fuel.drink"} <= {problem.field for problem in refused.value.problems}


def test_nobody_defines_what_they_lack(core: Core, owner: Actor, join: Join) -> None:
    """A role holds no permission that its maker lacks, at first or by an edit."""
    manager = join("Max", "fleet_manager")
    posting = {"ledger.post": Scope.OWN}

    with pytest.raises(Rejected, match=r"ledger\.post"):
        core.run(manager, define_role, DefineRole(name="Poster", permissions=posting))
    role = core.run(manager, define_role, NIGHT)
    with pytest.raises(Rejected, match=r"ledger\.post"):
        core.run(manager, edit_role, EditRole(id=role.id, permissions=posting, version=1))
    assert posting == core.run(owner, edit_role, EditRole(id=role.id, permissions=posting, version=1)).permissions


def test_nobody_widens_a_scope(core: Core, owner: Actor, join: Join) -> None:
    """A permission is given on no further than the giver's own reaches."""
    deputy = {"people.write": Scope.ALL, "fuel.read": Scope.GRANTED}
    core.run(owner, define_role, DefineRole(name="Deputy", permissions=deputy))
    bob = join("Bob", "deputy")

    with pytest.raises(Rejected, match="granted only"):
        core.run(bob, define_role, DefineRole(name="Reader", permissions={"fuel.read": Scope.ALL}))
    core.run(bob, define_role, DefineRole(name="Reader", permissions={"fuel.read": Scope.GRANTED}))


def test_edit_reaches_who_holds_the_role(core: Core, owner: Actor, join: Join) -> None:
    """Editing a role changes what its holders may do; a stale edit is refused."""
    role = core.run(owner, define_role, NIGHT)
    bob = join("Bob", "night watch")
    command = EditRole(id=role.id, permissions={"fuel.read": Scope.ALL}, version=1)
    core.run(owner, edit_role, command)

    assert {"fuel.read": Scope.ALL} == core.actor(user_id=bob.user_id).permissions
    with pytest.raises(Conflict, match="meanwhile"):
        core.run(owner, edit_role, command)


def test_held_role_is_not_deleted(core: Core, owner: Actor, join: Join) -> None:
    """A role goes only when nobody holds it any more."""
    role = core.run(owner, define_role, NIGHT)
    bob = join("Bob", "night watch")

    with pytest.raises(Conflict, match="1 members hold"):
        core.run(owner, delete_role, DeleteRole(id=role.id))
    core.run(owner, edit_member, EditMember(user_id=bob.user_id, roles=("family",), version=1))
    core.run(owner, delete_role, DeleteRole(id=role.id))
    assert [*matrix().roles] == [item.name for item in core.read(owner, list_roles, ListRoles())]


def test_only_some_define_roles(core: Core, join: Join) -> None:
    """Defining roles needs the permission over people."""
    with pytest.raises(Forbidden, match=r"people\.write"):
        core.run(join("Bob", "family"), define_role, NIGHT)


def test_other_fleets_roles_do_not_exist(core: Core, owner: Actor) -> None:
    """A role of another fleet can neither be given, edited nor deleted."""
    role = core.run(core.create_fleet("Company"), define_role, NIGHT)

    with pytest.raises(NotFound):
        core.run(owner, delete_role, DeleteRole(id=role.id))
    with pytest.raises(NotFound):
        core.run(owner, edit_role, EditRole(id=role.id, permissions=NIGHT.permissions, version=1))
    with pytest.raises(Rejected, match="is no role here"):
        core.run(owner, edit_member, EditMember(user_id=owner.user_id, roles=("owner", NIGHT.name), version=1))


def test_replay_defines_once(core: Core, owner: Actor) -> None:
    """The same idempotency key defines a role once and answers the same fact."""
    first, again = (core.run(owner, define_role, NIGHT, idempotency_key="k") for _ in range(2))

    assert first == again
