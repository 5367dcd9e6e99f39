"""Who hears of what: only those who may read what an event is about, whatever they say that they listen to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import attrs
import pytest
from tests.live.conftest import Serve
from tests.live.listening import run

from fleetcore import Core
from fleetcore.expenses.model import RecordExpense
from fleetcore.expenses.service import record_expense
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.ids import new_id
from fleetcore.live import service
from fleetcore.live.model import ToldEvent
from fleetcore.live.rules import Subject, is_told
from fleetcore.live.sights import SIGHTS
from fleetcore.people.commands import RemoveMember
from fleetcore.people.members import remove_member
from fleetcore.testing.builders import euros, join_fleet, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GrantScope, GrantVehicle, RevokeGrant, Vehicle, VehicleGrant
from fleetcore.vehicles.service import grant_vehicle, revoke_grant


@pytest.fixture
def golf(core: Core, owner: Actor) -> Vehicle:
    """The car that is lent."""
    return new_vehicle(core, owner, name="Golf")


@pytest.fixture
def van(core: Core, owner: Actor) -> Vehicle:
    """The car that is not."""
    return new_vehicle(core, owner, name="Van", plate=None, vin=None)


def lend(core: Core, owner: Actor, user: Actor, vehicle: Vehicle, **said: object) -> VehicleGrant:
    """Lend *vehicle* to *user*."""
    return core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=user.user_id, **said))  # type: ignore[arg-type]  # as tests name them


def told_to(core: Core, actor: Actor, since: int = 0) -> list[str]:
    """Return the names of the events since *since* of which *actor* may hear now."""
    service.settle(core)
    events = service.events_between(core, actor.fleet_id, since, service.newest(core))
    judged = service.judge(core, actor.fleet_id, events, {7: actor})
    return [each.event.name for each in judged if 7 in each.told_to]


def now_at(core: Core) -> int:
    """Return where the order of the events stands."""
    service.settle(core)
    return service.newest(core)


def test_every_event_has_a_sight_or_is_told_to_nobody(sqlite_core: Core) -> None:
    """Whoever adds an event says who may hear of it."""
    told = {name for name, kind in sqlite_core.events.items() if not kind.is_inner}

    assert told == set(SIGHTS)


def test_every_record_that_a_sight_names_can_be_found(sqlite_core: Core) -> None:
    """The words are those of find_record."""
    known = {entity for area in sqlite_core.areas for entity in area.records}

    assert {sight.record for sight in SIGHTS.values() if sight.record} <= known


def test_every_field_that_a_sight_names_is_told(sqlite_core: Core) -> None:
    """Of the events of a sight at least one has its field, and those of vehicles say which."""
    for name, sight in SIGHTS.items():
        fields = {each.name for each in attrs.fields(sqlite_core.events[name])}  # type: ignore[arg-type]  # events are attrs
        if sight.kind.value == "vehicle" and not sight.lacks_vehicle:
            assert "vehicle_id" in fields, name
        if sight.kind.value == "person":
            assert sight.mine in fields, name


def test_an_event_without_a_sight_is_told_to_nobody(core: Core, owner: Actor) -> None:
    """Not even to who may do everything."""
    event = ToldEvent(
        sequence=1,
        id=new_id(),
        fleet_id=owner.fleet_id,
        name="notes.note_written",
        version=1,
        key="x",
        payload={},
        actor_id=owner.user_id,
        at=core.clock.now(),
    )

    (judged,) = service.judge(core, owner.fleet_id, [event], {1: owner})
    assert frozenset() == judged.told_to


def test_another_fleet_hears_of_nothing(core: Core, owner: Actor, golf: Vehicle) -> None:
    """Whatever they may do at home."""
    stranger = core.create_fleet("Elsewhere")
    new_fill(core, owner, golf)
    service.settle(core)
    events = service.events_between(core, owner.fleet_id, 0, service.newest(core))

    assert events
    assert not any(each.told_to for each in service.judge(core, owner.fleet_id, events, {1: stranger}))


def test_a_driver_hears_of_their_car(core: Core, owner: Actor, golf: Vehicle, van: Vehicle, clock: FixedClock) -> None:
    """While it is lent to them, and of no other; not of what others spent on it."""
    bob = join_fleet(core, owner)
    since = now_at(core)
    grant = lend(core, owner, bob, golf, ends_at=clock.now() + timedelta(days=2))
    new_fill(core, owner, golf)
    new_fill(core, owner, van)
    spent = RecordExpense(vehicle_id=golf.id, spent_on=clock.now().date(), category="parking", amount=euros(3))
    core.run(owner, record_expense, spent)

    assert ["vehicles.vehicle_granted", "fuel.fill_recorded"] == told_to(core, bob, since)
    assert 4 == len([name for name in told_to(core, owner, since) if not name.startswith("ledger")])
    clock.advance(days=3)
    assert [] == told_to(core, bob, since)
    assert grant.user_id == bob.user_id


def test_who_sees_their_own_hears_of_their_own(core: Core, owner: Actor, golf: Vehicle, clock: FixedClock) -> None:
    """An expense is told to the driver who made it, not to another with the same car."""
    bob, eve = join_fleet(core, owner), join_fleet(core, owner, "Eve")
    for driver in (bob, eve):
        lend(core, owner, driver, golf)
    since = now_at(core)
    spent = RecordExpense(vehicle_id=golf.id, spent_on=clock.now().date(), category="parking", amount=euros(3))
    core.run(bob, record_expense, spent)

    assert ["expenses.expense_recorded"] == told_to(core, bob, since)
    assert [] == told_to(core, eve, since)


def test_a_member_hears_of_their_own_grants_only(core: Core, owner: Actor, golf: Vehicle) -> None:
    """Whom else a car is lent to is for those who manage cars."""
    bob, eve = join_fleet(core, owner), join_fleet(core, owner, "Eve")
    lend(core, owner, bob, golf)
    since = now_at(core)
    grant = lend(core, owner, eve, golf)
    core.run(owner, revoke_grant, RevokeGrant(id=grant.id))

    assert [] == told_to(core, bob, since)
    assert ["vehicles.vehicle_granted", "vehicles.grant_revoked"] == told_to(core, owner, since)


def test_a_guest_hears_of_the_car_that_is_lent_to_them(
    core: Core, owner: Actor, golf: Vehicle, van: Vehicle, serve: Serve
) -> None:
    """Over the wire, on every topic that they may think of; nothing of the fleet, of members or of other cars."""
    gus = join_fleet(core, owner, "Gus", role="guest")
    lend(core, owner, gus, golf, scope=GrantScope.DRIVE)
    served = serve(core, {"gus": gus})

    async def scenario() -> None:
        topics = ("fleet", f"vehicle:{van.id}", f"record:{van.id}", f"vehicle:{golf.id}", f"record:{owner.user_id}")
        async with served.as_("gus").socket(*topics) as socket:
            new_fill(core, owner, van)
            join_fleet(core, owner, "Eve")
            new_fill(core, owner, golf)
            told = await socket.all_until_quiet()
            assert ["fuel.fill_recorded"] == [event["event"] for event in told]
            assert str(golf.id) == told[0]["vehicle_id"]

    run(scenario())


def test_who_loses_everything_is_sent_away(core: Core, owner: Actor, golf: Vehicle, serve: Serve) -> None:
    """A guest whose grant is revoked, and a member who is removed, are cut off within seconds."""
    gus, bob = join_fleet(core, owner, "Gus", role="guest"), join_fleet(core, owner)
    grant = lend(core, owner, gus, golf, scope=GrantScope.DRIVE)
    served = serve(core, {"gus": gus, "bob": bob}, look_s=0.1)

    async def scenario() -> None:
        async with served.as_("gus").socket("fleet") as one, served.as_("bob").socket("fleet") as other:
            core.run(owner, revoke_grant, RevokeGrant(id=grant.id))
            core.run(owner, remove_member, RemoveMember(user_id=bob.user_id))
            new_fill(core, owner, golf)
            assert (4401, 4401) == (await one.close_code(5), await other.close_code(5))
            assert [] == [each for each in (*one.told, *other.told) if each.get("event") == "fuel.fill_recorded"]

    run(scenario())


@pytest.mark.parametrize("name", sorted(SIGHTS))
def test_nothing_is_told_without_its_permission(name: str) -> None:
    """Who has every other permission hears nothing, unless it is theirs; a narrow one without reach neither."""
    sight = SIGHTS[name]
    if sight.permission is None:
        return
    others = {each.permission: Scope.ALL for each in SIGHTS.values() if each.permission not in {None, sight.permission}}
    actor = Actor(user_id=new_id(), fleet_id=new_id(), permissions=others)  # type: ignore[arg-type]  # no None is left
    subject = Subject(
        sight=sight, vehicle_id=new_id(), person_id=new_id(), named_id=new_id(), made_by=lambda: actor.user_id
    )
    none: frozenset[UUID] = frozenset()

    assert not is_told(subject, actor, lambda _: None)
    for scope in (Scope.GRANTED, Scope.OWN):
        narrow = attrs.evolve(actor, permissions={sight.permission: scope}, is_guest=True)
        assert not is_told(subject, narrow, lambda _: none)


def test_only_those_who_listen_are_looked_at(core: Core, owner: Actor, golf: Vehicle) -> None:
    """Who does not want an event is not told, whatever they may see."""
    service.settle(core)
    events = service.events_between(core, owner.fleet_id, 0, service.newest(core))

    judged = service.judge(core, owner.fleet_id, events, {1: owner, 2: owner}, [[2]] * len(events))
    assert {frozenset({2})} == {each.told_to for each in judged if each.event.name.startswith("vehicles.")}
    assert golf
