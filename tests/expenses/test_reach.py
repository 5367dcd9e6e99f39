"""Who may see and change which expenses."""

from __future__ import annotations

import pytest

from fleetcore.expenses.model import GetExpense, GetRecurring, ListRecurring, StopRecurring
from fleetcore.expenses.recurring import get_recurring, list_recurring, stop_recurring
from fleetcore.expenses.service import get_expense
from fleetcore.kernel.errors import Forbidden, NotFound
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

from .conftest import Desk, euros


def test_a_driver_keeps_their_own_expenses(desk: Desk, driver: Desk) -> None:
    """A driver records, edits, deletes and restores on a granted vehicle; the owner sees it."""
    recorded = driver.edit(driver.record(5), amount=euros(6))
    restored = driver.restore(driver.delete(recorded))

    assert (restored,) == driver.list() == desk.list()


def test_others_expenses_do_not_exist_for_a_driver(desk: Desk, driver: Desk) -> None:
    """What the owner spent on the same vehicle is neither listed nor found nor changed."""
    recorded = desk.record()

    assert () == driver.list()
    with pytest.raises(NotFound):
        driver.core.read(driver.actor, get_expense, GetExpense(id=recorded.id))
    with pytest.raises(NotFound):
        driver.edit(recorded, amount=euros(1))
    with pytest.raises(NotFound):
        driver.delete(recorded)


def test_a_vehicle_that_is_not_granted_is_out_of_reach(desk: Desk, driver: Desk) -> None:
    """A driver cannot record on, move to or list another vehicle."""
    other = desk.core.run(desk.actor, add_vehicle, AddVehicle(name="Bus")).id
    recorded = driver.record()

    with pytest.raises(NotFound, match="vehicle"):
        driver.record(vehicle_id=other)
    with pytest.raises(NotFound, match="vehicle"):
        driver.edit(recorded, vehicle_id=other)
    with pytest.raises(NotFound, match="vehicle"):
        driver.list(vehicle_id=other)


def test_expenses_of_the_fleet_need_the_whole_fleet(desk: Desk, driver: Desk) -> None:
    """An expense without a vehicle is for those who keep the whole fleet's."""
    recorded = desk.record(vehicle_id=None)

    with pytest.raises(Forbidden):
        driver.record(vehicle_id=None)
    with pytest.raises(Forbidden):
        driver.edit(driver.record(), vehicle_id=None)
    with pytest.raises(Forbidden):
        driver.monthly(vehicle_id=None)
    with pytest.raises(NotFound):
        driver.core.read(driver.actor, get_expense, GetExpense(id=recorded.id))
    assert recorded not in driver.list()


@pytest.mark.parametrize(("role", "sees"), [("accountant", True), ("mechanic", False)])
def test_a_role_decides_who_keeps_expenses(desk: Desk, role: str, *, sees: bool) -> None:
    """The accountant keeps all of the fleet's expenses, the mechanic none."""
    command = AddMember(name="Cora", email="cora@example.org", roles=(role,))
    member = desk.core.run(desk.actor, add_member, command)
    theirs = Desk(desk.core, desk.core.actor(user_id=member.user_id, fleet_id=desk.actor.fleet_id), desk.vehicle_id)
    recorded = {desk.record().id, desk.record(vehicle_id=None).id}

    if sees:
        assert recorded == {expense.id for expense in theirs.list()}
        assert theirs.record(vehicle_id=None)
    else:
        with pytest.raises(Forbidden, match=r"expenses\.read"):
            theirs.list()
        with pytest.raises(Forbidden, match=r"expenses\.write"):
            theirs.record()


def test_recurring_expenses_follow_the_same_rules(desk: Desk, driver: Desk) -> None:
    """A driver sees, stops and runs only what they set up; what a run records belongs to who set it up."""
    owners, own = desk.monthly(), driver.monthly(title="mine")

    listed = driver.core.read(driver.actor, list_recurring, ListRecurring()).items
    assert (own.id,) == tuple(recurring.id for recurring in listed)
    with pytest.raises(NotFound):
        driver.core.read(driver.actor, get_recurring, GetRecurring(id=owners.id))
    with pytest.raises(NotFound):
        driver.core.run(driver.actor, stop_recurring, StopRecurring(id=owners.id, version=1))
    assert 3 == len(driver.catch_up())
    assert {"mine"} == {expense.title for expense in desk.list()}

    driver.monthly(title="later")
    assert 6 == len(desk.catch_up())
    assert {"mine", "later"} == {expense.title for expense in driver.list()}
