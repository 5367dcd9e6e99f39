"""Who sees which reports, and at the price of how many statements."""

from __future__ import annotations

from datetime import date

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, NotFound
from fleetcore.people.commands import AddMember, DefineRole
from fleetcore.people.members import add_member, define_role
from fleetcore.reports.model import CostsBy
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

from .garage import Garage, money, statements, table


def member(garage: Garage, role: str) -> Actor:
    """Add a member with one role."""
    command = AddMember(name="Bob", email="bob@example.org", roles=(role,))
    added = garage.core.run(garage.actor, add_member, command)
    return garage.core.actor(user_id=added.user_id, fleet_id=garage.actor.fleet_id)


def test_driver_sees_the_vehicle_that_was_granted(garage: Garage) -> None:
    """Not the other one, nor the costs of the fleet itself."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo")
    for vehicle in (golf, polo):
        garage.fill(vehicle, "2026-01-01", 1000, 40, "60")
        garage.fill(vehicle, "2026-01-10", 1500, 30, "45")
    garage.spend(None, "2026-01-03", "9", "toll")
    garage.core.run(garage.actor, define_role, DefineRole(name="Curious", permissions={"reports.read": Scope.GRANTED}))
    bob = member(garage, "Curious")
    garage.core.run(garage.actor, grant_vehicle, GrantVehicle(vehicle_id=golf.id, user_id=bob.user_id))

    theirs = Garage(garage.core, bob)

    assert ["Golf"] == [row.name for row in theirs.economy()]
    assert (money("105"),) == theirs.costs().costs
    assert {"Golf": "105.00 EUR"} == table(theirs.costs(by=CostsBy.VEHICLE))
    assert theirs.costs(golf) == garage.costs(golf)
    for ask in (theirs.economy, theirs.costs, theirs.summary):
        with pytest.raises(NotFound):
            ask(polo)


def test_nothing_granted_is_nothing_seen(garage: Garage) -> None:
    """Without a grant the reports are empty."""
    garage.fill(garage.vehicle(), "2026-01-01", 1000, 40, "60")
    garage.core.run(garage.actor, define_role, DefineRole(name="Curious", permissions={"reports.read": Scope.OWN}))

    theirs = Garage(garage.core, member(garage, "Curious"))

    assert ((), ()) == (theirs.economy(), theirs.costs().rows)


def test_reports_need_their_permission(garage: Garage) -> None:
    """Family members drive; the books are not theirs."""
    theirs = Garage(garage.core, member(garage, "family"))

    with pytest.raises(Forbidden, match=r"reports\.read"):
        theirs.costs()


def test_vehicle_of_another_fleet_does_not_exist(core: Core, garage: Garage) -> None:
    """Nor do its costs."""
    others = Garage(core, core.create_fleet("Company"))
    theirs = others.vehicle()
    others.fill(theirs, "2026-01-01", 1000, 40, "60")

    assert ((), ()) == (garage.economy(), garage.costs().rows)
    for ask in (garage.economy, garage.costs, garage.summary):
        with pytest.raises(NotFound):
            ask(theirs)


def test_reports_take_few_statements(garage: Garage) -> None:
    """At most five for one vehicle, and as many for three vehicles as for one."""
    vehicles = [garage.vehicle(name) for name in "ABC"]
    for vehicle in vehicles:
        garage.fill(vehicle, "2026-01-01", 1000, 40, "60")
        garage.fill(vehicle, "2026-01-10", 1500, 30, "45")
    january = {"since": date(2026, 1, 1), "until": date(2026, 1, 31)}
    asked = {
        "economy": lambda **also: garage.economy(**january, **also),
        "costs by month": lambda **also: garage.costs(**january, **also),
        "costs by vehicle": lambda **also: garage.costs(**january, **also, by=CostsBy.VEHICLE),
    }

    for name, ask in asked.items():
        with statements(garage.core) as for_one:
            ask(vehicle=vehicles[0])
        with statements(garage.core) as for_all:
            ask()
        assert len(for_one) <= 5, (name, for_one)
        assert len(for_all) <= 5, (name, for_all)
