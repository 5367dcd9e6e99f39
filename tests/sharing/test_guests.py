"""Lending a vehicle to someone outside the fleet."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from fleetcore.attachments.model import AddAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.fuel.model import ListFills, ListStations
from fleetcore.fuel.service import list_fills, record_fill
from fleetcore.fuel.stations import add_station, list_stations
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import FleetError, Forbidden, NotFound, Rejected
from fleetcore.people.commands import DefineRole, EditMember, ListMembers, RemoveMember
from fleetcore.people.members import define_role, edit_member, list_members, remove_member
from fleetcore.testing.builders import a_fill, a_station, join_fleet, new_fill
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import (
    GetVehicle,
    GrantScope,
    GrantVehicle,
    ListGrants,
    ListVehicles,
    RevokeGrant,
    VehicleGrant,
)
from fleetcore.vehicles.service import get_vehicle, grant_vehicle, list_grants, list_vehicles, revoke_grant

from .conftest import House

SERVICE = {"title": "Brakes", "done_on": "2026-05-02"}


def grants_of(house: House, user: Actor) -> tuple[VehicleGrant, ...]:
    """Return the grants of *user*, as the owner sees them."""
    return house.core.read(house.owner, list_grants, ListGrants(user_id=user.user_id))


def may(house: House, actor: Actor, name: str, **values: Any) -> bool:
    """Say whether the actor may do *name* with the Golf."""
    try:
        house.core.perform(actor, name, {"vehicle_id": str(house.golf.id), **values})
    except (NotFound, Forbidden):
        return False
    return True


def test_a_guest_sees_the_vehicle_that_is_lent_to_them(house: House) -> None:
    """A guest finds one vehicle in the fleet, and no member but themselves."""
    guest = house.guest()

    assert (house.golf,) == house.core.read(guest, list_vehicles, ListVehicles())
    with pytest.raises(NotFound):
        house.core.read(guest, get_vehicle, GetVehicle(id=house.van.id))
    with pytest.raises(Forbidden):
        house.core.read(guest, list_members, ListMembers())


@pytest.mark.parametrize(
    ("scope", "fuels", "serves"),
    [
        (GrantScope.READ, False, False),
        (GrantScope.DRIVE, True, False),
        (GrantScope.SERVICE, False, True),
        (None, True, True),
    ],
)
def test_a_scope_says_what_a_guest_may_do(house: House, scope: GrantScope | None, fuels: bool, serves: bool) -> None:
    """A reader only looks, a borrower records fills and trips, a mechanic services; all see the service book."""
    guest = house.guest(scope)
    trip = {"started_at": "2026-05-01T08:00:00Z", "ended_at": "2026-05-01T09:00:00Z", "distance_km": 10}
    fill = {"at": "2026-05-01T10:00:00Z", "volume_l": 40, "total": {"amount": "60", "currency": "EUR"}}

    assert fuels == may(house, guest, "fuel.record_fill", **fill)
    assert fuels == may(house, guest, "trips.record", purpose="private", **trip)
    assert serves == may(house, guest, "maintenance.record_service", **SERVICE)
    assert may(house, guest, "maintenance.list_services")
    assert not may(house, guest, "expenses.list")


def test_two_grants_add_up_per_vehicle(house: House) -> None:
    """A guest who drives one car and services another may not the other way round."""
    guest = house.guest(GrantScope.DRIVE)
    command = GrantVehicle(vehicle_id=house.van.id, user_id=guest.user_id, scope=GrantScope.SERVICE)
    house.core.run(house.owner, grant_vehicle, command)

    house.core.perform(guest, "maintenance.record_service", {"vehicle_id": str(house.van.id), **SERVICE})
    with pytest.raises(NotFound):
        house.core.perform(guest, "maintenance.record_service", {"vehicle_id": str(house.golf.id), **SERVICE})
    with pytest.raises(NotFound):
        house.core.run(guest, record_fill, a_fill(house.van.id))


def test_a_scope_narrows_the_role_of_a_member(house: House) -> None:
    """A driver of the family whose grant is for reading records nothing; a scope gives nothing that the role lacks."""
    bob = join_fleet(house.core, house.owner)
    reading = {"at": "2026-05-01T10:00:00Z", "odometer_km": 1000}
    for scope, act, values in (
        (GrantScope.READ, "vehicles.record_reading", reading),
        (GrantScope.SERVICE, "maintenance.record_service", SERVICE),
    ):
        command = GrantVehicle(vehicle_id=house.golf.id, user_id=bob.user_id, scope=scope)
        house.core.run(house.owner, grant_vehicle, command)
        assert not may(house, bob, act, **values)


def test_a_loan_ends_by_the_clock(house: House, clock: FixedClock) -> None:
    """At the end of the loan the same guest reaches nothing at all, without a job having run."""
    end = clock.now() + timedelta(days=3)
    guest = house.guest(ends_at=end)
    house.core.run(guest, add_station, a_station())
    clock.set(end - timedelta(microseconds=1))
    assert 1 == len(house.core.read(guest, list_stations, ListStations()).items)
    clock.set(end)

    for query, command in ((list_vehicles, ListVehicles()), (list_stations, ListStations()), (list_fills, ListFills())):
        with pytest.raises(Forbidden):
            house.core.read(guest, query, command)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        house.core.run(guest, add_station, a_station())


def test_a_revoked_loan_ends_at_once(house: House) -> None:
    """After the owner revoked it, the guest reaches nothing."""
    guest = house.guest()
    (grant,) = grants_of(house, guest)
    house.core.run(house.owner, revoke_grant, RevokeGrant(id=grant.id))

    with pytest.raises(Forbidden):
        house.core.read(guest, list_vehicles, ListVehicles())


def test_a_guest_gives_the_vehicle_back(house: House) -> None:
    """Whose own the grant is ends it without any permission; nobody ends another's that way."""
    guest, other = house.guest(), house.guest(name="Hal")
    (own,), (theirs,) = grants_of(house, guest), grants_of(house, other)

    with pytest.raises(Forbidden):
        house.core.run(guest, revoke_grant, RevokeGrant(id=theirs.id))
    house.core.run(guest, revoke_grant, RevokeGrant(id=own.id))
    with pytest.raises(Forbidden):
        house.core.read(guest, get_vehicle, GetVehicle(id=house.golf.id))


def test_guests_see_no_other_guests(house: House) -> None:
    """Of the grants of a vehicle a guest sees their own; the owner sees them all, by vehicle and by person."""
    guest, other = house.guest(), house.guest(name="Hal")

    seen = house.core.read(guest, list_grants, ListGrants(vehicle_id=house.golf.id))
    assert {guest.user_id} == {grant.user_id for grant in seen}
    assert () == house.core.read(guest, list_grants, ListGrants(user_id=other.user_id))
    assert 2 == len(house.core.read(house.owner, list_grants, ListGrants(vehicle_id=house.golf.id)))
    assert 1 == len(grants_of(house, other))
    assert 2 == len(house.core.read(house.owner, list_grants, ListGrants()))


def test_guests_see_no_address_book(house: House) -> None:
    """Stations and workshops that belong to no vehicle are seen by a guest only if they added them."""
    guest = house.guest(None)
    house.core.run(house.owner, add_station, a_station())
    garage = house.core.perform(house.owner, "maintenance.add_provider", {"name": "Corner Garage", "phone": "+49 1"})
    own = house.core.run(guest, add_station, a_station(name="Mine"))

    assert (own,) == house.core.read(guest, list_stations, ListStations()).items
    assert () == house.core.perform(guest, "maintenance.list_providers", {}).items
    with pytest.raises(NotFound):
        house.core.perform(guest, "maintenance.get_provider", {"id": str(garage.id)})


def test_guests_change_their_own_fills(house: House) -> None:
    """A guest sees the fills of the vehicle, and deletes only what they recorded."""
    guest = house.guest()
    theirs, own = new_fill(house.core, house.owner, house.golf), new_fill(house.core, guest, house.golf)

    assert {theirs.id, own.id} == {fill.id for fill in house.core.read(guest, list_fills, ListFills()).items}
    with pytest.raises(Forbidden):
        house.core.perform(guest, "fuel.delete_fill", {"id": str(theirs.id), "version": 1})
    house.core.perform(guest, "fuel.delete_fill", {"id": str(own.id), "version": 1})


def test_nobody_grants_what_they_lack(house: House) -> None:
    """Who manages vehicles but may not service them lends nobody the right to."""
    lender = {"vehicles.read": Scope.ALL, "vehicles.write": Scope.ALL, "people.read": Scope.ALL}
    house.core.run(house.owner, define_role, DefineRole(name="Lender", permissions=lender))
    lena, bob = (
        join_fleet(house.core, house.owner, name, role) for name, role in (("Lena", "lender"), ("Bo", "guest"))
    )
    for scope in (GrantScope.SERVICE, None):
        command = GrantVehicle(vehicle_id=house.golf.id, user_id=bob.user_id, scope=scope)
        with pytest.raises(Rejected, match=r"maintenance\.work"):
            house.core.run(lena, grant_vehicle, command)


def test_grants_are_for_members_and_guests(house: House) -> None:
    """A user of another fleet is granted nothing before they accepted an invitation."""
    stranger = house.core.create_fleet("Company")

    command = GrantVehicle(vehicle_id=house.golf.id, user_id=stranger.user_id)
    with pytest.raises(Rejected) as refused:
        house.core.run(house.owner, grant_vehicle, command)
    assert refused.value.has_code("member.unknown")


def test_a_guest_who_becomes_a_member_is_no_guest(house: House, clock: FixedClock) -> None:
    """With another role the loan's end does not take everything: a mechanic is asked by their role again."""
    guest = house.guest(ends_at=clock.now() + timedelta(days=1))
    house.core.run(house.owner, edit_member, EditMember(user_id=guest.user_id, roles=("accountant",), version=1))
    clock.advance(days=2)
    member = house.core.actor(user_id=guest.user_id, fleet_id=guest.fleet_id)

    assert 2 == len(house.core.read(member, list_vehicles, ListVehicles()))


def test_who_leaves_gives_everything_back(house: House) -> None:
    """A member's grants end when they leave, those to come included; coming back they start with nothing."""
    bob = join_fleet(house.core, house.owner)
    later = house.core.clock.now() + timedelta(days=9)
    for vehicle, start in ((house.golf, None), (house.van, later)):
        command = GrantVehicle(vehicle_id=vehicle.id, user_id=bob.user_id, starts_at=start)
        house.core.run(house.owner, grant_vehicle, command)
    house.core.run(bob, remove_member, RemoveMember(user_id=bob.user_id))

    assert all(grant.ends_at is not None and grant.ends_at >= grant.starts_at for grant in grants_of(house, bob))
    back = house.accepts(house.invites("family"), user_id=bob.user_id)
    assert () == house.core.read(back, list_vehicles, ListVehicles())
    with pytest.raises(FleetError):
        house.core.actor("bob@example.org", fleet="Company")


@pytest.mark.parametrize("scope", [*GrantScope, None])
def test_no_scope_opens_papers(house: House, scope: GrantScope | None) -> None:
    """Policies and what hangs on them stay with the household; a file on the vehicle is what one shows a workshop."""
    guest, golf = house.guest(scope), str(house.golf.id)
    owner, core = house.owner, house.core
    policy = core.perform(owner, "documents.add", {
        "kind": "insurance", "vehicle_id": golf, "cover": "liability", "issuer": "Allsafe", "number": "X-1",
        "starts_on": "2025-01-01", "ends_on": "2026-01-01", "amount": {"amount": "300.00", "currency": "EUR"},
    }).document  # fmt: skip
    hung = [
        core.run(owner, add_attachment, AddAttachment(
            entity=entity, entity_id=record.id, name="a.txt", content=io.BytesIO(b"spare key")))
        for entity, record in (("documents.document", policy), ("vehicles.vehicle", house.golf))
    ]  # fmt: skip

    assert not may(house, guest, "documents.list")
    for name, key in (("documents.get", policy.id), ("documents.payments", policy.id), ("attachments.get", hung[0].id)):
        with pytest.raises((Forbidden, NotFound)):
            core.perform(guest, name, {"id": str(key)})
    told = core.perform(guest, "history.timeline", {"vehicle_id": golf}).items
    assert not {"document", "document_end", "payment"} & {entry.kind for entry in told}
    assert "Allsafe" not in str(told)
    assert hung[1].id == core.perform(guest, "attachments.get", {"id": str(hung[1].id)}).id
