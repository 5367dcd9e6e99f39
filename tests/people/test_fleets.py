"""Founding and editing fleets."""

from __future__ import annotations

from typing import Any

import pytest

from fleetcore import Core
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Forbidden, Rejected
from fleetcore.people.commands import EditFleet, EditUser, GetFleet, GetMember, GetUser
from fleetcore.people.members import get_member
from fleetcore.people.model import Units
from fleetcore.people.roles import matrix
from fleetcore.people.service import edit_fleet, edit_user, get_fleet, get_user
from fleetcore.testing.clock import FixedClock

from .conftest import Join


def test_founder_owns_the_fleet(core: Core, owner: Actor) -> None:
    """Whoever founds a fleet is its owner, with every permission of that role."""
    member = core.read(owner, get_member, GetMember(user_id=owner.user_id))

    assert ("owner",) == member.roles
    assert "ada@example.org" == member.email
    assert owner.permissions == matrix().roles["owner"].permissions


def test_fleet_keeps_its_settings(core: Core) -> None:
    """Name, currency, time zone, units, country and language are kept as given."""
    founder = core.create_fleet(
        "Büro", currency="JPY", timezone="Asia/Tokyo", units=Units.IMPERIAL, country="JP", locale="ja"
    )
    fleet = core.read(founder, get_fleet, GetFleet())

    assert ("Büro", "JPY", "Asia/Tokyo", Units.IMPERIAL, "JP", "ja") == (
        *(fleet.name, fleet.currency, fleet.timezone),
        *(fleet.units, fleet.country, fleet.locale),
    )
    assert 1 == fleet.version


def test_bad_fleet_leaves_nothing(core: Core) -> None:
    """A fleet that is refused, for every problem at once, leaves neither itself nor a user behind."""
    with pytest.raises(Rejected) as refused:
        core.create_fleet("", currency="XXY", owner_email="ada")

    assert ["name", "currency", "owner_email"] == [problem.field for problem in refused.value.problems]
    with pytest.raises(Rejected, match="fleet init"):
        core.actor()


def test_user_founds_a_second_fleet(core: Core, owner: Actor) -> None:
    """A known e-mail, in whatever case, founds another fleet as the same user."""
    second = core.create_fleet("Company", owner_email="ADA@example.org")

    assert owner.user_id == second.user_id
    assert owner.fleet_id != second.fleet_id
    assert "Ada" == core.read(second, get_user, GetUser()).name


def test_settings_change(core: Core, owner: Actor, clock: FixedClock) -> None:
    """An owner changes the settings; who and when is noted and the version moves on."""
    clock.advance(days=1)
    edited = core.run(owner, edit_fleet, EditFleet(name="Home 2", currency="CHF", units=Units.US, version=1))

    assert edited == core.read(owner, get_fleet, GetFleet())
    assert ("Home 2", "CHF", Units.US, 2, clock.now()) == (
        *(edited.name, edited.currency, edited.units),
        *(edited.version, edited.updated_at),
    )


def test_stale_version_is_refused(core: Core, owner: Actor) -> None:
    """An edit of a version that has moved on changes nothing."""
    core.run(owner, edit_fleet, EditFleet(name="Second", version=1))

    with pytest.raises(Conflict, match="meanwhile"):
        core.run(owner, edit_fleet, EditFleet(name="Third", version=1))
    assert "Second" == core.read(owner, get_fleet, GetFleet()).name


def test_only_some_change_settings(core: Core, join: Join) -> None:
    """A family member reads the settings and cannot change them."""
    driver = join("Bob", "family")

    assert "Home" == core.read(driver, get_fleet, GetFleet()).name
    with pytest.raises(Forbidden, match=r"fleet\.write"):
        core.run(driver, edit_fleet, EditFleet(name="Mine", version=1))


def test_drivers_see_what_they_did(core: Core, owner: Actor, join: Join) -> None:
    """Who may read their own part of the audit log sees what they did, not what others did."""
    driver = join("Bob", "family")
    core.run(driver, edit_user, EditUser(user_id=driver.user_id, name="Rob", email="bob@example.org", version=1))
    entries = core.read(driver, list_audit, ListAudit()).items

    assert [("people.edit_user", driver.user_id)] == [(entry.operation, entry.actor_id) for entry in entries]


def test_audit_holds_no_person(core: Core, owner: Actor) -> None:
    """The founding is in the audit log, the founder's name and address are not."""
    entries = core.read(owner, list_audit, ListAudit()).items

    assert {"people.fleet", "people.user", "people.member"} == {entry.entity for entry in entries}
    images: list[Any] = [entry.after for entry in entries]
    assert "Ada" not in str(images)
    assert "example.org" not in str(images)
