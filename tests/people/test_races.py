"""People changed by several at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import FleetError
from fleetcore.people.commands import AddMember, DefineRole, DeleteRole, EditMember, ListMembers, RemoveMember
from fleetcore.people.members import add_member, define_role, delete_role, edit_member, list_members, remove_member

from .conftest import Join


def race(*acts: Callable[[], object]) -> list[object]:
    """Run *acts* at once and return each one's result or the error it met."""

    def met(act: Callable[[], object]) -> object:
        try:
            return act()
        except FleetError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(met, acts))


def failures(results: list[object]) -> int:
    """Count the errors among *results*."""
    return sum(isinstance(result, FleetError) for result in results)


def test_one_email_registers_one_user(core: Core, owner: Actor) -> None:
    """Of several who register one e-mail in different case at once, in different fleets, nobody doubles it."""
    others = [core.create_fleet(f"Fleet {number}") for number in range(4)]
    emails = ["bob@example.org", "Bob@example.org", "BOB@example.org", "bob@Example.org"]
    acts = [
        partial(core.run, actor, add_member, AddMember(name="Bob", email=email, roles=("family",)))
        for actor, email in zip(others, emails, strict=True)
    ]
    added = [result for result in race(*acts) if not isinstance(result, FleetError)]

    assert added
    assert 1 == len({result.user_id for result in added})  # type: ignore[attr-defined]


def test_two_last_owners_cannot_both_go(core: Core, owner: Actor, join: Join) -> None:
    """Of two owners who leave at once, one stays."""
    second = join("Cleo", "owner")
    results = race(
        *(partial(core.run, actor, remove_member, RemoveMember(user_id=actor.user_id)) for actor in (owner, second))
    )

    assert 1 == failures(results)
    left = next(actor for actor, result in zip((owner, second), results, strict=True) if isinstance(result, FleetError))
    assert left == core.actor()


def test_owners_cannot_demote_each_other(core: Core, owner: Actor, join: Join) -> None:
    """Of two owners who demote each other at once, one stays an owner."""
    second = join("Cleo", "owner")
    results = race(
        *(
            partial(core.run, actor, edit_member, EditMember(user_id=other.user_id, roles=("family",), version=1))
            for actor, other in ((owner, second), (second, owner))
        )
    )

    assert 1 == failures(results)


def test_role_is_not_given_while_it_is_deleted(core: Core, owner: Actor) -> None:
    """A role that is given and deleted at once is either held or gone, never both."""
    role = core.run(owner, define_role, DefineRole(name="Guard", permissions={"fuel.read": Scope.ALL}))
    results = race(
        partial(core.run, owner, add_member, AddMember(name="Bob", roles=("guard",))),
        partial(core.run, owner, delete_role, DeleteRole(id=role.id)),
    )

    assert 1 == failures(results)


def test_one_version_is_edited_once(core: Core, owner: Actor, join: Join) -> None:
    """Of several edits of one version of a member, one is accepted."""
    bob = join("Bob", "family")
    command = EditMember(user_id=bob.user_id, roles=("mechanic",), version=1)

    assert 7 == failures(race(*[partial(core.run, owner, edit_member, command)] * 8))
    listed = core.read(owner, list_members, ListMembers()).items
    assert 2 == next(item.version for item in listed if item.user_id == bob.user_id)
