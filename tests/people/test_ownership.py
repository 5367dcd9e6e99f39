"""Handing a fleet over, and how much it may hold."""

from __future__ import annotations

from functools import partial

import attrs
import pytest

import fleetcore
from fleetcore import Core
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, FleetError, Forbidden, NotFound, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import Query
from fleetcore.people.commands import (
    DisableUser,
    GetFleet,
    GetMember,
    RemoveMember,
    SetQuotas,
    TransferOwnership,
)
from fleetcore.people.members import get_member, remove_member
from fleetcore.people.model import Quotas
from fleetcore.people.ownership import transfer_ownership
from fleetcore.people.service import disable_user, get_fleet, set_quotas, storage_limit_bytes
from fleetcore.testing.builders import a_vehicle, new_vehicle
from fleetcore.vehicles.model import ListVehicles, RemoveVehicle, RestoreVehicle
from fleetcore.vehicles.service import add_vehicle, list_vehicles, remove_vehicle, restore_vehicle

from .conftest import Join
from .test_races import failures, race


def roles_of(core: Core, asker: Actor, user: Actor) -> tuple[str, ...]:
    """Return the roles that *user* has now."""
    return core.read(asker, get_member, GetMember(user_id=user.user_id)).roles


def test_a_fleet_is_handed_over(core: Core, owner: Actor, join: Join) -> None:
    """The other member becomes owner and keeps their roles; the old owner takes the role they named."""
    heir = join("Cleo", "mechanic")
    core.run(owner, transfer_ownership, TransferOwnership(user_id=heir.user_id, roles=("driver",)))

    assert ("owner", "mechanic") == roles_of(core, heir_now := core.actor(), heir)
    assert ("family",) == roles_of(core, heir_now, owner)
    assert heir.user_id == heir_now.user_id


def test_an_owner_leaves_their_fleet_to_another(core: Core, owner: Actor, join: Join) -> None:
    """Without a role to take, the old owner leaves in the same step."""
    heir = join("Cleo", "family")
    core.run(owner, transfer_ownership, TransferOwnership(user_id=heir.user_id))

    assert heir.user_id == core.actor().user_id
    with pytest.raises(NotFound):
        roles_of(core, core.actor(), owner)


def test_no_other_fleet_switches_an_owner_off(core: Core, owner: Actor, join: Join) -> None:
    """The fleet that registered a user cannot disable them any more once they own another fleet."""
    bob = join("Bob", "family")
    shop = core.create_fleet("Shop")
    core.perform(shop, "people.add_member", {"email": "bob@example.org", "roles": ["family"]})
    core.run(shop, transfer_ownership, TransferOwnership(user_id=bob.user_id))

    with pytest.raises(Forbidden, match="account of their own"):
        core.run(owner, disable_user, DisableUser(user_id=bob.user_id))


@pytest.mark.parametrize("roles", [("boss",), ("owner",), ("admin",)])
def test_only_fitting_roles_are_taken(core: Core, owner: Actor, join: Join, roles: tuple[str, ...]) -> None:
    """The old owner takes no role that is unknown, beyond their own, or owner again; nothing changes."""
    heir = join("Cleo", "family")
    with pytest.raises(Rejected, match="roles"):
        core.run(owner, transfer_ownership, TransferOwnership(user_id=heir.user_id, roles=roles))

    assert ("owner",) == roles_of(core, owner, owner)


def test_heirs_are_other_active_members(core: Core, owner: Actor, join: Join) -> None:
    """Nobody hands over to themselves, to a stranger or to someone who is disabled."""
    gone = join("Dan", "family")
    core.run(owner, disable_user, DisableUser(user_id=gone.user_id))
    for heir in (owner, gone):
        with pytest.raises(Rejected, match="user_id"):
            core.run(owner, transfer_ownership, TransferOwnership(user_id=heir.user_id))
    stranger = core.create_fleet("Company")
    with pytest.raises(NotFound):
        core.run(owner, transfer_ownership, TransferOwnership(user_id=stranger.user_id))


def test_only_owners_hand_over(core: Core, join: Join) -> None:
    """A fleet manager cannot give away what is not theirs."""
    manager, bob = join("Max", "fleet_manager"), join("Bob", "family")
    with pytest.raises(Forbidden, match=r"people\.owners"):
        core.run(manager, transfer_ownership, TransferOwnership(user_id=bob.user_id))


def test_a_fleet_is_handed_over_once(core: Core, owner: Actor, join: Join) -> None:
    """Of two transfers at once, one is made: there is one owner afterwards."""
    heirs = join("Bob", "family"), join("Cleo", "family")
    results = race(
        *(partial(core.run, owner, transfer_ownership, TransferOwnership(user_id=heir.user_id)) for heir in heirs)
    )

    assert 1 == failures(results)
    assert core.actor().user_id in {heir.user_id for heir in heirs}


def test_an_owner_remains_whatever_races(core: Core, owner: Actor, join: Join) -> None:
    """While one owner hands over and the other leaves, somebody stays owner."""
    second, heir = join("Cleo", "owner"), join("Bob", "family")
    race(
        partial(core.run, owner, transfer_ownership, TransferOwnership(user_id=heir.user_id)),
        partial(core.run, second, remove_member, RemoveMember(user_id=second.user_id)),
        partial(core.run, owner, remove_member, RemoveMember(user_id=owner.user_id)),
    )

    assert core.actor().user_id in {heir.user_id, second.user_id, owner.user_id}


def test_a_full_fleet_takes_no_vehicle(core: Core, owner: Actor) -> None:
    """Beyond its limit a vehicle is neither added nor restored, and the error names limit and use."""
    core.set_quotas(owner.fleet_id, Quotas(vehicles_max=2))
    gone = new_vehicle(core, owner, name="Gone")
    core.run(owner, remove_vehicle, RemoveVehicle(id=gone.id))
    for name in ("Golf", "Van"):
        new_vehicle(core, owner, name=name)

    with pytest.raises(Rejected, match="may hold 2 vehicles and holds 2") as refused:
        core.run(owner, add_vehicle, a_vehicle())
    assert refused.value.has_code("quota.vehicles")
    with pytest.raises(Rejected, match="may hold 2"):
        core.run(owner, restore_vehicle, RestoreVehicle(id=gone.id))
    assert 2 == len(core.read(owner, list_vehicles, ListVehicles()))


def test_an_import_keeps_to_the_limit(core: Core, owner: Actor) -> None:
    """A log that would bring one vehicle too many is not imported."""
    core.set_quotas(owner.fleet_id, Quotas(vehicles_max=1))
    new_vehicle(core, owner, name="Golf")
    lines = (b"vehicle,date,odometer,liters,total cost,full", b"Van,2026-01-01,1000,40,60.00,1", b"")
    with pytest.raises(Rejected, match="may hold 1"):
        core.run(owner, import_log, ImportLog(source=b"\n".join(lines), file_name="log.csv"))


def test_racing_vehicles_keep_to_the_limit(core: Core, owner: Actor) -> None:
    """Of eight vehicles added at once to a fleet for three, three are added."""
    core.set_quotas(owner.fleet_id, Quotas(vehicles_max=3))
    results = race(*(partial(core.run, owner, add_vehicle, a_vehicle(name=f"Car {n}")) for n in range(8)))

    assert 5 == failures(results)
    assert 3 == len(core.read(owner, list_vehicles, ListVehicles()))


def test_the_platform_sets_limits_not_the_fleet(core: Core, owner: Actor, join: Join) -> None:
    """An owner cannot lift their own limit; an edit of the fleet's settings leaves it alone."""
    core.set_quotas(owner.fleet_id, Quotas(vehicles_max=2))
    with pytest.raises(Forbidden, match=r"fleet\.limits"):
        core.run(owner, set_quotas, SetQuotas(version=2))
    core.perform(owner, "people.edit_fleet", {"name": "New", "version": 2})

    assert 2 == core.read(owner, get_fleet, GetFleet()).vehicles_max
    with pytest.raises(Rejected, match="between 0"):
        core.set_quotas(owner.fleet_id, Quotas(vehicles_max=-1))


def test_storage_has_a_limit(core: Core, owner: Actor) -> None:
    """Whoever stores attachments can ask how many bytes they may take."""
    asked: Query[GetFleet, int | None] = Query("test.limit", None, lambda uow, _: limit_of(uow))
    assert core.read(owner, asked, GetFleet()) is None
    core.set_quotas(owner.fleet_id, Quotas(storage_bytes_max=10**12))

    assert 10**12 == core.read(owner, asked, GetFleet())


def limit_of(uow: UnitOfWork) -> int | None:
    """Return how many bytes attachments may take."""
    return storage_limit_bytes(uow)


def test_new_fleets_begin_with_the_configured_limits(database_url: str) -> None:
    """What a Core is opened with is what fleets founded through it may hold."""
    with fleetcore.open(database_url, installed_plugins=False, quotas=Quotas(vehicles_max=1)) as core:
        owner = core.create_fleet("Home")
        new_vehicle(core, owner)
        with pytest.raises(FleetError, match="may hold 1"):
            new_vehicle(core, owner)
        with pytest.raises(Rejected):
            core.set_quotas(owner.fleet_id, Quotas(storage_bytes_max=-5))


def test_stale_limits_are_refused(core: Core, owner: Actor) -> None:
    """Limits set on a version that has moved on are refused."""
    platform = attrs.evolve(owner, permissions={"fleet.limits": Scope.ALL})
    core.run(platform, set_quotas, SetQuotas(version=1))
    with pytest.raises(Conflict, match="meanwhile"):
        core.run(platform, set_quotas, SetQuotas(version=1))
