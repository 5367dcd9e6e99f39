"""Editing, disabling and enabling users."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.people.commands import AddMember, DisableUser, EditUser, EnableUser, GetUser, RemoveMember
from fleetcore.people.members import add_member, remove_member
from fleetcore.people.model import Units
from fleetcore.people.service import disable_user, edit_user, enable_user, get_user

from .conftest import Join


def test_users_edit_themselves(core: Core, join: Join) -> None:
    """Any user changes their own name, e-mail, language, time zone and units."""
    bob = join("Bob", "family")
    command = EditUser(
        user_id=bob.user_id,
        name="Robert",
        email="Robert@example.org",
        locale="en-GB",
        timezone="Europe/London",
        units=Units.IMPERIAL,
        version=1,
    )
    edited = core.run(bob, edit_user, command)

    assert edited == core.read(bob, get_user, GetUser())
    assert ("Robert", "Robert@example.org", Units.IMPERIAL, 2) == (
        *(edited.name, edited.email),
        *(edited.units, edited.version),
    )
    assert bob == core.actor("robert@EXAMPLE.org")


def test_bad_user_shows_every_problem(core: Core, owner: Actor) -> None:
    """All problems of a user are named at once."""
    command = EditUser(user_id=owner.user_id, name="", email="ada@", locale="?", timezone="Nowhere", version=1)
    with pytest.raises(Rejected) as refused:
        core.run(owner, edit_user, command)

    assert ["name", "email", "locale", "timezone"] == [problem.field for problem in refused.value.problems]


def test_email_is_one_users(core: Core, owner: Actor, join: Join) -> None:
    """An e-mail that another user has, in whatever case, cannot be taken."""
    bob = join("Bob", "family")

    with pytest.raises(Conflict, match="belongs to another"):
        core.run(bob, edit_user, EditUser(user_id=bob.user_id, name="Bob", email="ADA@EXAMPLE.ORG", version=1))


def test_case_of_ones_own_email_changes(core: Core, owner: Actor) -> None:
    """The spelling of one's own e-mail may change."""
    command = EditUser(user_id=owner.user_id, name="Ada", email="Ada@Example.org", version=1)

    assert "Ada@Example.org" == core.run(owner, edit_user, command).email


def test_stale_user_is_refused(core: Core, owner: Actor) -> None:
    """An edit of a version that has moved on is refused."""
    command = EditUser(user_id=owner.user_id, name="Ada L", email="ada@example.org", version=1)
    core.run(owner, edit_user, command)

    with pytest.raises(Conflict, match="meanwhile"):
        core.run(owner, edit_user, command)


def test_others_do_not_take_an_account_over(core: Core, owner: Actor, join: Join) -> None:
    """Who manages people corrects a name, and gives an e-mail to who has none, but never changes one."""
    bob = join("Bob", "family")
    cleo = core.run(owner, add_member, AddMember(name="Cleo", roles=("family",)))

    with pytest.raises(Rejected, match="themselves"):
        core.run(owner, edit_user, EditUser(user_id=bob.user_id, name="Bob", email="x@example.org", version=1))
    renamed = EditUser(user_id=bob.user_id, name="Robert", email="bob@example.org", version=1)
    assert "Robert" == core.run(owner, edit_user, renamed).name
    given = EditUser(user_id=cleo.user_id, name="Cleo", email="cleo@example.org", version=1)
    assert "cleo@example.org" == core.run(owner, edit_user, given).email


def test_own_account_is_not_the_fleets(core: Core, owner: Actor) -> None:
    """A user who came with an account of their own is neither edited nor disabled by the fleet."""
    other = core.create_fleet("Company", owner_name="Cleo", owner_email="cleo@example.org")
    core.run(owner, add_member, AddMember(email="cleo@example.org", roles=("family",)))

    with pytest.raises(Forbidden, match="account of their own"):
        core.run(owner, disable_user, DisableUser(user_id=other.user_id))
    with pytest.raises(Forbidden, match="account of their own"):
        core.run(owner, edit_user, EditUser(user_id=other.user_id, name="C", email="cleo@example.org", version=1))


def test_account_is_free_after_leaving(core: Core, owner: Actor, join: Join) -> None:
    """Whoever leaves takes their account along: coming back, the fleet cannot switch it off."""
    bob = join("Bob", "family")
    core.run(bob, remove_member, RemoveMember(user_id=bob.user_id))
    core.run(owner, add_member, AddMember(email="bob@example.org", roles=("family",)))

    with pytest.raises(Forbidden, match="account of their own"):
        core.run(owner, disable_user, DisableUser(user_id=bob.user_id))


def test_disabling_twice_changes_once(core: Core, owner: Actor, join: Join) -> None:
    """Disabling or enabling a second time changes nothing."""
    bob = join("Bob", "family")
    for act, command in ((disable_user, DisableUser), (enable_user, EnableUser)):
        first, again = (core.run(owner, act, command(user_id=bob.user_id)) for _ in range(2))
        assert first == again


def test_nobody_disables_themselves(core: Core, owner: Actor, join: Join) -> None:
    """Whoever manages people cannot lock themselves out."""
    manager = join("Max", "fleet_manager")

    with pytest.raises(Rejected, match="yourself"):
        core.run(manager, disable_user, DisableUser(user_id=manager.user_id))


def test_managers_do_not_disable_owners(core: Core, join: Join) -> None:
    """Only an owner disables an owner."""
    manager, second = join("Max", "fleet_manager"), join("Cleo", "owner")

    with pytest.raises(Forbidden, match=r"people\.owners"):
        core.run(manager, disable_user, DisableUser(user_id=second.user_id))


def test_disabled_owner_does_not_count(core: Core, owner: Actor, join: Join) -> None:
    """The last active owner cannot leave, though a disabled one stays."""
    second = join("Cleo", "owner")
    core.run(owner, disable_user, DisableUser(user_id=second.user_id))

    with pytest.raises(Rejected, match="last owner"):
        core.run(owner, remove_member, RemoveMember(user_id=owner.user_id))


def test_strangers_are_not_found(core: Core, owner: Actor) -> None:
    """A user who is no member here cannot be disabled from here."""
    other = core.create_fleet("Company")

    with pytest.raises(NotFound):
        core.run(owner, disable_user, DisableUser(user_id=other.user_id))
