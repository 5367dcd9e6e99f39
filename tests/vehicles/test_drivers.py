"""Who had which vehicle when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.people.commands import RemoveMember
from fleetcore.people.members import remove_member
from fleetcore.testing.builders import a_fill, join_fleet, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.assignments import (
    AssignDriver,
    Assignment,
    DeleteAssignment,
    EditAssignment,
    HandOver,
    ListAssignments,
    WhoDrove,
)
from fleetcore.vehicles.drivers import (
    assign_driver,
    delete_assignment,
    edit_assignment,
    hand_over,
    list_assignments,
    who_drove,
)
from fleetcore.vehicles.model import ListVehicles, PurgeVehicles, RemoveVehicle, Vehicle
from fleetcore.vehicles.service import list_vehicles, purge_vehicles, remove_vehicle


def may(day: int, hour: int = 0) -> datetime:
    """Return an hour of a day of May 2026; the clock stands at noon of 1 June."""
    return datetime(2026, 5, day, hour, tzinfo=UTC)


@pytest.fixture
def golf(core: Core, owner: Actor) -> Vehicle:
    """A car of the fleet."""
    return new_vehicle(core, owner)


@pytest.fixture
def bob(core: Core, owner: Actor) -> Actor:
    """A driver of the fleet."""
    return join_fleet(core, owner)


@pytest.fixture
def cleo(core: Core, owner: Actor) -> Actor:
    """Another driver of the fleet."""
    return join_fleet(core, owner, "Cleo")


def gives(core: Core, owner: Actor, golf: Vehicle, driver: Actor | str, **said: Any) -> Assignment:
    """Assign the car to a member, or to someone by name."""
    who = {"driver_name": driver} if isinstance(driver, str) else {"driver_id": driver.user_id}
    return core.run(owner, assign_driver, AssignDriver(vehicle_id=golf.id, **who, **said))


def drivers(core: Core, owner: Actor, golf: Vehicle, *stretch: datetime) -> list[Any]:
    """Return who had the car then, by id or name."""
    found = core.read(owner, who_drove, WhoDrove(vehicle_id=golf.id, since=stretch[0], until=(*stretch, None)[1]))
    return [each.driver_id or each.driver_name for each in found]


def test_a_fine_finds_its_driver(core: Core, owner: Actor, golf: Vehicle, bob: Actor, cleo: Actor) -> None:
    """An instant has the driver whose assignment covers it, from its start up to but not including its end."""
    gives(core, owner, golf, bob, starts_at=may(1), ends_at=may(10))
    gives(core, owner, golf, cleo, starts_at=may(10))

    assert [] == drivers(core, owner, golf, may(1) - timedelta(microseconds=1))
    assert [bob.user_id] == drivers(core, owner, golf, may(1))
    assert [bob.user_id] == drivers(core, owner, golf, may(10) - timedelta(microseconds=1))
    assert [cleo.user_id] == drivers(core, owner, golf, may(10))
    assert [bob.user_id, cleo.user_id] == drivers(core, owner, golf, may(10) - timedelta(hours=1), may(11))
    assert [bob.user_id] == drivers(core, owner, golf, may(9), may(10))


def test_others_may_drive_along(core: Core, owner: Actor, golf: Vehicle, bob: Actor, cleo: Actor) -> None:
    """Besides the primary driver any number of others have the vehicle; the primary one is named first."""
    gives(core, owner, golf, "Neighbour", starts_at=may(1), is_primary=False)
    gives(core, owner, golf, bob, starts_at=may(2), is_primary=False)
    gives(core, owner, golf, bob, starts_at=may(3), ends_at=may(5), is_primary=False)
    gives(core, owner, golf, cleo, starts_at=may(4))

    assert [cleo.user_id, "Neighbour", bob.user_id, bob.user_id] == drivers(core, owner, golf, may(4, 12))


@pytest.mark.parametrize(
    ("days", "fits"),
    [
        *(((1, 10), True), ((20, 25), True), ((20, None), True)),
        *(((1, 11), False), ((12, 13), False), ((19, 21), False), ((5, None), False)),
    ],
)
def test_one_is_primary_at_a_time(
    core: Core, owner: Actor, golf: Vehicle, days: tuple[int, int | None], fits: bool
) -> None:
    """A second primary driver fits before or after the first, also when entered late, and never over it."""
    gives(core, owner, golf, "Bob", starts_at=may(10), ends_at=may(20))
    starts, ends = days
    said = {"starts_at": may(starts), "ends_at": ends and may(ends)}
    if fits:
        gives(core, owner, golf, "Cleo", **said)
        return
    with pytest.raises(Rejected) as refused:
        gives(core, owner, golf, "Cleo", **said)
    assert refused.value.has_code("driver.overlap")


def test_a_vehicle_is_handed_over_in_one_step(core: Core, owner: Actor, golf: Vehicle, bob: Actor, cleo: Actor) -> None:
    """The driver before gives the vehicle up at the moment at which the next one gets it."""
    gives(core, owner, golf, bob, starts_at=may(1))
    core.run(owner, hand_over, HandOver(vehicle_id=golf.id, driver_id=cleo.user_id, at=may(10)))
    core.run(owner, hand_over, HandOver(vehicle_id=golf.id, driver_name="Neighbour"))

    history = core.read(owner, list_assignments, ListAssignments(vehicle_id=golf.id)).items
    assert [("Neighbour", None), ("", core.clock.now()), ("", may(10))] == [
        (each.driver_name, each.ends_at) for each in history
    ]


def test_a_handover_entered_late_ends_where_the_next_began(
    core: Core, owner: Actor, golf: Vehicle, bob: Actor, cleo: Actor
) -> None:
    """Between two known drivers a third is squeezed in: the one before is cut short, the one after stays."""
    gives(core, owner, golf, bob, starts_at=may(1), ends_at=may(20))
    gives(core, owner, golf, bob, starts_at=may(20))
    core.run(owner, hand_over, HandOver(vehicle_id=golf.id, driver_id=cleo.user_id, at=may(10)))

    assert [bob.user_id] == drivers(core, owner, golf, may(9))
    assert [cleo.user_id] == drivers(core, owner, golf, may(19))
    assert [bob.user_id] == drivers(core, owner, golf, may(20))


def test_nobody_takes_over_from_themselves(core: Core, owner: Actor, golf: Vehicle, bob: Actor) -> None:
    """A handover to who has the vehicle, or at the moment at which another got it, is refused."""
    gives(core, owner, golf, bob, starts_at=may(1))
    for command in (
        HandOver(vehicle_id=golf.id, driver_id=bob.user_id),
        HandOver(vehicle_id=golf.id, driver_name="Cleo", at=may(1)),
    ):
        with pytest.raises(Rejected):
            core.run(owner, hand_over, command)


def test_edits_and_deletions_are_kept_in_the_audit_log(core: Core, owner: Actor, golf: Vehicle) -> None:
    """An assignment is ended, corrected and deleted; each step is on record, without the driver's name."""
    made = gives(core, owner, golf, "Neighbour", starts_at=may(1))
    edit = EditAssignment(id=made.id, version=1, starts_at=may(2), ends_at=may(3))
    edited = core.run(owner, edit_assignment, edit)
    with pytest.raises(Conflict, match="meanwhile"):
        core.run(owner, edit_assignment, edit)
    core.run(owner, delete_assignment, DeleteAssignment(id=made.id, version=edited.version))

    assert [] == drivers(core, owner, golf, may(1), may(30))
    entries = core.read(owner, list_audit, ListAudit(entity_id=made.id)).items
    assert 3 == len(entries)
    assert "Neighbour" not in repr(entries)


def test_an_edit_keeps_one_primary_driver(core: Core, owner: Actor, golf: Vehicle, bob: Actor) -> None:
    """Moving an assignment over another primary one is refused, as is making a second one primary."""
    gives(core, owner, golf, bob, starts_at=may(10))
    first = gives(core, owner, golf, "Cleo", starts_at=may(1), ends_at=may(10))
    along = gives(core, owner, golf, "Dan", starts_at=may(5), is_primary=False)
    for edit in (
        EditAssignment(id=first.id, version=1, starts_at=may(1), ends_at=may(11)),
        EditAssignment(id=along.id, version=1, starts_at=may(5), is_primary=True),
    ):
        with pytest.raises(Rejected) as refused:
            core.run(owner, edit_assignment, edit)
        assert refused.value.has_code("driver.overlap")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "driver_id"),
        ({"driver_name": " "}, "driver_id"),
        ({"driver_name": "x" * 201}, "driver_name"),
        ({"driver_name": "Bo", "ends_at": may(1), "starts_at": may(1)}, "ends_at"),
        ({"driver_name": "Bo", "ends_at": may(1), "starts_at": may(2)}, "ends_at"),
        ({"driver_name": "Bo", "notes": "x" * 10_001}, "notes"),
        ({"driver_name": "Bo", "driver_id": new_id()}, "driver_id"),
    ],
)
def test_bad_assignments_say_why(core: Core, owner: Actor, golf: Vehicle, said: dict[str, Any], field: str) -> None:
    """No driver, two drivers, a name too long, an end before the start: each is refused at its field."""
    with pytest.raises(Rejected) as refused:
        core.run(owner, assign_driver, AssignDriver(vehicle_id=golf.id, **said))
    assert [field] == [problem.field for problem in refused.value.problems]


def test_drivers_are_members(core: Core, owner: Actor, golf: Vehicle) -> None:
    """A user of another fleet is no driver here; a stretch runs forwards."""
    stranger = core.create_fleet("Company")
    with pytest.raises(Rejected) as refused:
        gives(core, owner, golf, stranger)
    assert refused.value.has_code("member.unknown")
    with pytest.raises(Rejected, match="until"):
        drivers(core, owner, golf, may(2), may(1))


def test_an_assignment_opens_the_vehicle(
    core: Core, owner: Actor, golf: Vehicle, bob: Actor, clock: FixedClock
) -> None:
    """Whoever has the vehicle now may use it as their role allows, until the assignment ends."""
    end = clock.now() + timedelta(days=1)
    gives(core, owner, golf, bob, ends_at=end)
    assert (golf,) == core.read(bob, list_vehicles, ListVehicles())
    core.perform(bob, "fuel.record_fill", {"vehicle_id": str(golf.id), **fill_values(golf)})
    clock.set(end)

    assert () == core.read(bob, list_vehicles, ListVehicles())


def fill_values(golf: Vehicle) -> dict[str, Any]:
    """Return a fill as JSON has it."""
    fill = a_fill(golf.id)
    assert fill.volume is not None
    return {"at": fill.at.isoformat(), "volume_l": 40, "total": {"amount": "60.00", "currency": "EUR"}}


def test_drivers_see_their_own_history(core: Core, owner: Actor, golf: Vehicle, bob: Actor, cleo: Actor) -> None:
    """A driver learns when they had the vehicle themselves, not who else did; and assigns nobody."""
    gives(core, owner, golf, cleo, starts_at=may(1), ends_at=may(10))
    own = gives(core, owner, golf, bob, starts_at=may(10))

    assert (own,) == core.read(bob, list_assignments, ListAssignments()).items
    assert [bob.user_id] == drivers(core, bob, golf, may(1), may(30))
    with pytest.raises(Forbidden, match=r"vehicles\.write"):
        gives(core, bob, golf, bob)


def test_who_leaves_has_nothing(core: Core, owner: Actor, golf: Vehicle, bob: Actor, clock: FixedClock) -> None:
    """A member's assignments end when they leave the fleet; one to come is gone, the past stays."""
    gives(core, owner, golf, bob, starts_at=may(1))
    gives(core, owner, new_vehicle(core, owner), bob, starts_at=clock.now() + timedelta(days=1))
    core.run(owner, remove_member, RemoveMember(user_id=bob.user_id))

    (kept,) = core.read(owner, list_assignments, ListAssignments(driver_id=bob.user_id)).items
    assert (may(1), clock.now()) == (kept.starts_at, kept.ends_at)


def test_an_erased_vehicle_names_no_driver(core: Core, owner: Actor, golf: Vehicle) -> None:
    """Purging a vehicle erases who had it."""
    gives(core, owner, golf, "Neighbour")
    core.run(owner, remove_vehicle, RemoveVehicle(id=golf.id))
    core.run(owner, purge_vehicles, PurgeVehicles(after_days=0))

    assert () == core.read(owner, list_assignments, ListAssignments()).items


def test_history_is_paged(core: Core, owner: Actor, golf: Vehicle) -> None:
    """Pages of the history join without a gap."""
    made = [gives(core, owner, golf, f"D{n}", starts_at=may(n), ends_at=may(n + 1)) for n in range(1, 8)]
    first = core.read(owner, list_assignments, ListAssignments(limit=4))
    rest = core.read(owner, list_assignments, ListAssignments(limit=4, cursor=first.next))

    assert [each.id for each in reversed(made)] == [each.id for each in (*first.items, *rest.items)]


def test_assignments_of_another_fleet_do_not_exist(core: Core, owner: Actor, golf: Vehicle) -> None:
    """They are neither found, edited nor deleted."""
    made, stranger = gives(core, owner, golf, "Neighbour"), core.create_fleet("Company")

    assert () == core.read(stranger, list_assignments, ListAssignments()).items
    for act, command in (
        (edit_assignment, EditAssignment(id=made.id, version=1, starts_at=may(1))),
        (delete_assignment, DeleteAssignment(id=made.id, version=1)),
        (hand_over, HandOver(vehicle_id=golf.id, driver_name="Eve")),
    ):
        with pytest.raises(NotFound):
            core.run(stranger, act, command)  # type: ignore[arg-type]
