"""Adding, editing and removing members."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.people.commands import AddMember, EditMember, GetMember, GetUser, ListMembers, RemoveMember
from fleetcore.people.members import add_member, edit_member, get_member, list_members, remove_member
from fleetcore.people.model import Member, StaffKind, StaffProfile
from fleetcore.people.service import get_user
from fleetcore.testing.clock import FixedClock

from .conftest import Join


def stored(core: Core, asker: Actor, member: Actor) -> tuple[str, ...]:
    """Return the roles that *member* has now."""
    return core.read(asker, get_member, GetMember(user_id=member.user_id)).roles


def test_member_has_a_staff_profile(core: Core, owner: Actor) -> None:
    """A member can be hired as something, at a daily rate in a currency of its own."""
    staff = StaffProfile(kind=StaffKind.CONDUCTOR, daily_rate=Money.of("120.50", "CHF"))
    added = core.run(owner, add_member, AddMember(name="Bob", roles=("family",), staff=staff))

    assert staff == added.staff
    assert staff == core.read(owner, get_member, GetMember(user_id=added.user_id)).staff


def test_member_needs_no_email(core: Core, owner: Actor) -> None:
    """People who never log in are members without an e-mail, as many as there are."""
    for name in ("Bob", "Cleo"):
        core.run(owner, add_member, AddMember(name=name, roles=("family",)))

    assert ["Ada", "Bob", "Cleo"] == [item.name for item in core.read(owner, list_members, ListMembers()).items]


def test_bad_member_shows_every_problem(core: Core, owner: Actor) -> None:
    """All problems of a new member are named at once, and no user is left behind."""
    staff = StaffProfile(kind=StaffKind.DRIVER, daily_rate=Money(-1, "EUR"))
    command = AddMember(name="", email="bob", roles=("pilot",), staff=staff)
    with pytest.raises(Rejected) as refused:
        core.run(owner, add_member, command)

    assert {"roles.0", "staff.daily_rate", "name", "email"} == {problem.field for problem in refused.value.problems}
    assert 1 == len(core.read(owner, list_members, ListMembers()).items)


def test_known_user_is_not_registered_again(core: Core, owner: Actor) -> None:
    """An e-mail that is known, in whatever case, brings that user into the fleet under the name they have."""
    other = core.create_fleet("Company", owner_name="Cleo", owner_email="cleo@example.org")
    added = core.run(owner, add_member, AddMember(email="CLEO@example.org", name="Somebody", roles=("driver",)))

    assert other.user_id == added.user_id
    assert ("family",) == added.roles
    assert "Cleo" == core.read(owner, get_member, GetMember(user_id=added.user_id)).name


def test_member_is_one_only_once(core: Core, owner: Actor, join: Join) -> None:
    """Whoever is a member already cannot be added again."""
    join("Bob", "family")

    with pytest.raises(Conflict, match="already"):
        core.run(owner, add_member, AddMember(email="bob@example.org", roles=("mechanic",)))


def test_client_chooses_the_id(core: Core, owner: Actor) -> None:
    """A client may send the id of the user it registers; a taken one is refused."""
    chosen = new_id()
    assert chosen == core.run(owner, add_member, AddMember(name="Bob", roles=("family",), user_id=chosen)).user_id

    with pytest.raises(Conflict, match="already"):
        core.run(owner, add_member, AddMember(name="Cleo", roles=("family",), user_id=chosen))


def test_roles_and_staff_are_replaced(core: Core, owner: Actor, join: Join) -> None:
    """An edit replaces roles and staff profile, and a stale one is refused."""
    bob = join("Bob", "family", staff=StaffProfile(kind=StaffKind.DRIVER))
    command = EditMember(user_id=bob.user_id, roles=("mechanic", "technician"), version=1)
    edited = core.run(owner, edit_member, command)

    assert (("mechanic", "technician"), None, 2) == (edited.roles, edited.staff, edited.version)
    with pytest.raises(Conflict, match="meanwhile"):
        core.run(owner, edit_member, command)


@pytest.mark.parametrize("role", ["owner", "accountant", "admin"])
def test_nobody_gives_what_they_lack(core: Core, join: Join, role: str) -> None:
    """A fleet manager can neither add an owner, an accountant or an administrator, nor make themselves one."""
    manager = join("Max", "fleet_manager")

    with pytest.raises(Rejected) as refused:
        core.run(manager, add_member, AddMember(name="Bob", roles=(role,)))
    assert {"permission.not_yours"} == {problem.code for problem in refused.value.problems}
    with pytest.raises(Rejected):
        core.run(manager, edit_member, EditMember(user_id=manager.user_id, roles=("fleet_manager", role), version=1))


def test_manager_appoints_drivers(core: Core, join: Join) -> None:
    """A fleet manager gives the roles that lie within their own."""
    manager = join("Max", "fleet_manager")
    for role in ("family", "mechanic", "technician", "rental_agent"):
        assert (role,) == core.run(manager, add_member, AddMember(name="Bob", roles=(role,))).roles


def test_what_is_held_may_stay(core: Core, owner: Actor, join: Join) -> None:
    """Editing a member does not need what they hold already: a manager hires out an accountant's profile."""
    manager, accountant = join("Max", "fleet_manager"), join("Cleo", "accountant")
    staff = StaffProfile(kind=StaffKind.ADMIN)
    command = EditMember(user_id=accountant.user_id, roles=("accountant", "family"), staff=staff, version=1)

    assert ("accountant", "family") == core.run(manager, edit_member, command).roles


def test_only_owners_touch_owners(core: Core, owner: Actor, join: Join) -> None:
    """A fleet manager can neither demote nor remove an owner; another owner can."""
    manager, second = join("Max", "fleet_manager"), join("Cleo", "owner")

    with pytest.raises(Forbidden, match=r"people\.owners"):
        core.run(manager, edit_member, EditMember(user_id=owner.user_id, roles=("family",), version=1))
    with pytest.raises(Forbidden, match=r"people\.owners"):
        core.run(manager, remove_member, RemoveMember(user_id=owner.user_id))
    core.run(second, remove_member, RemoveMember(user_id=owner.user_id))
    assert second == core.actor()


def test_last_owner_stays(core: Core, owner: Actor, join: Join) -> None:
    """The last owner can neither leave nor step down, before another is appointed."""
    step_down = EditMember(user_id=owner.user_id, roles=("family",), version=1)
    for act, command in ((remove_member, RemoveMember(user_id=owner.user_id)), (edit_member, step_down)):
        with pytest.raises(Rejected) as refused:
            core.run(owner, act, command)
        assert refused.value.has_code("owner.last")

    join("Bob", "owner")
    assert ("family",) == core.run(owner, edit_member, step_down).roles


def test_members_leave(core: Core, owner: Actor, join: Join) -> None:
    """A member without any permission over people can leave, and nobody else through them."""
    bob, cleo = join("Bob", "family"), join("Cleo", "family")

    with pytest.raises(Forbidden):
        core.run(bob, remove_member, RemoveMember(user_id=cleo.user_id))
    core.run(bob, remove_member, RemoveMember(user_id=bob.user_id))
    with pytest.raises(NotFound):
        stored(core, owner, bob)


def test_members_are_listed_in_pages(core: Core, owner: Actor, join: Join, clock: FixedClock) -> None:
    """Members come in the order of their arrival, page by page, each once."""
    for name in ("Bob", "Cleo", "Dan", "Eve"):
        clock.advance(hours=name != "Dan")  # two arrive at the same instant
        join(name, "family")
    names: list[str] = []
    cursor = None
    while True:
        page = core.read(owner, list_members, ListMembers(limit=2, cursor=cursor))
        names += [item.name for item in page.items]
        if (cursor := page.next) is None:
            break

    assert ["Ada", "Bob", "Cleo", "Dan", "Eve"] == names


@pytest.mark.parametrize("limit", [0, -1])
def test_pages_have_a_size(core: Core, owner: Actor, limit: int) -> None:
    """A page of no or negative length is refused."""
    with pytest.raises(Rejected, match="limit"):
        core.read(owner, list_members, ListMembers(limit=limit))


def test_drivers_see_themselves(core: Core, owner: Actor, join: Join) -> None:
    """A driver sees their own entry, not the others', their addresses or their pay."""
    bob = join("Bob", "family")

    assert [bob.user_id] == [item.user_id for item in core.read(bob, list_members, ListMembers()).items]
    with pytest.raises(NotFound):
        core.read(bob, get_member, GetMember(user_id=owner.user_id))
    with pytest.raises(Forbidden):
        core.read(bob, get_user, GetUser(user_id=owner.user_id))


def test_mechanics_change_nobody(core: Core, join: Join) -> None:
    """A permission over people that does not reach the whole fleet changes none of them."""
    mechanic = join("Bob", "mechanic")

    assert Scope.OWN is mechanic.scope("people.write")
    with pytest.raises(Forbidden, match="whole fleet"):
        core.run(mechanic, add_member, AddMember(name="Eve", roles=("technician",)))


def test_other_fleets_members_do_not_exist(core: Core, owner: Actor) -> None:
    """A member of another fleet can neither be seen, edited nor removed."""
    other = core.create_fleet("Company")
    edit = EditMember(user_id=other.user_id, roles=("family",), version=1)

    for refused in (
        lambda: core.read(owner, get_member, GetMember(user_id=other.user_id)),
        lambda: core.read(owner, get_user, GetUser(user_id=other.user_id)),
        lambda: core.run(owner, edit_member, edit),
        lambda: core.run(owner, remove_member, RemoveMember(user_id=other.user_id)),
    ):
        with pytest.raises(NotFound):
            refused()


def test_replay_adds_once(core: Core, owner: Actor) -> None:
    """The same idempotency key adds a member once and answers the same fact."""
    staff = StaffProfile(kind=StaffKind.DRIVER, daily_rate=Money.of("80.00", "EUR"))
    command = AddMember(name="Bob", roles=("family",), staff=staff)
    first, again = (core.run(owner, add_member, command, idempotency_key="k") for _ in range(2))

    assert isinstance(again, Member)
    assert first == again
    assert 2 == len(core.read(owner, list_members, ListMembers()).items)
