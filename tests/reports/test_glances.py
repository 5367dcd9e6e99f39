"""Every vehicle at a glance: its odometer, what it took of late and what it cost this month."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from PIL import Image

from fleetcore.attachments.model import AddAttachment, DeleteAttachment
from fleetcore.attachments.service import add_attachment, delete_attachment
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.quantities import Distance
from fleetcore.people.commands import AddMember, DefineRole
from fleetcore.people.members import add_member, define_role
from fleetcore.reports.glance import ListGlances, ListMonthCosts, list_glances, list_month_costs
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import record_reading, void_reading
from fleetcore.vehicles.model import GrantVehicle, RemoveVehicle
from fleetcore.vehicles.readings import RecordReading, VoidReading
from fleetcore.vehicles.service import grant_vehicle, remove_vehicle

from .garage import Garage, money, statements


def test_a_vehicle_tells_its_last_and_its_yearly_consumption(garage: Garage) -> None:
    """Between the last two full tanks, and over the stretches of the last year; what is older is left out."""
    golf = garage.vehicle("Golf")
    today = garage.core.clock.now().date()
    for days, odometer, volume in ((900, 1000, 90), (60, 20_000, 40), (40, 20_500, 30), (20, 21_000, 40)):
        garage.fill(golf, f"{today - timedelta(days=days)}", odometer, volume, "60")
    (glance,) = garage.core.read(garage.actor, list_glances, ListGlances())
    (petrol,) = glance.consumption
    assert (Carrier.PETROL, 8.0, 7.0) == (petrol.carrier, petrol.last_per_100km, petrol.year_per_100km)
    assert Distance(21_000_000) == glance.odometer


def test_the_last_few_full_tanks_are_told_as_a_course(garage: Garage) -> None:
    """Twelve at most, the oldest first; the last of them is what the vehicle took last."""
    golf = garage.vehicle("Golf")
    today = garage.core.clock.now().date()
    for number in range(15):
        garage.fill(golf, f"{today - timedelta(days=100 - number)}", 20_000 + 500 * number, 20 + number, "60")
    (glance,) = garage.core.read(garage.actor, list_glances, ListGlances())
    (petrol,) = glance.consumption
    assert [each / 5 for each in range(23, 35)] == list(petrol.recent_per_100km)
    assert petrol.last_per_100km == petrol.recent_per_100km[-1]


def test_the_newest_photo_that_was_not_deleted_is_named(garage: Garage, tmp_path: Path) -> None:
    """Of the vehicle itself; a paper is none, and a vehicle without a photo has none."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo")
    Image.new("RGB", (32, 24), "navy").save(tmp_path / "golf.png")
    (tmp_path / "paper.txt").write_text("Total 12.50")
    added = []
    for name in ("golf.png", "golf.png", "paper.txt"):
        command = AddAttachment(entity="vehicles.vehicle", entity_id=golf.id, content=tmp_path / name)
        added.append(garage.core.run(garage.actor, add_attachment, command))

    def pictures() -> dict[UUID, UUID | None]:
        glances = garage.core.read(garage.actor, list_glances, ListGlances())
        return {one.vehicle.id: one.picture_id for one in glances}

    assert {golf.id: added[1].id, polo.id: None} == pictures()
    garage.core.run(garage.actor, delete_attachment, DeleteAttachment(id=added[1].id, version=added[1].version))
    assert {golf.id: added[0].id, polo.id: None} == pictures()


def test_the_month_counts_from_its_first_day(garage: Garage) -> None:
    """What was paid for the vehicle; not what the fleet paid for itself."""
    golf = garage.vehicle("Golf")
    first = garage.core.clock.now().date().replace(day=1)
    garage.spend(golf, f"{first}", "9", "toll")
    garage.spend(golf, f"{first - timedelta(days=1)}", "100", "toll")
    garage.spend(None, f"{first}", "1000", "toll")
    (glance,) = garage.core.read(garage.actor, list_glances, ListGlances())
    assert (money("9"),) == glance.month_costs


def test_a_voided_reading_is_not_where_the_odometer_stands(garage: Garage) -> None:
    """The newest that still counts is; a vehicle without any has none."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo")
    now = garage.core.clock.now()
    for days, km in ((5, 1000), (1, 1100)):
        command = RecordReading(vehicle_id=golf.id, at=now - timedelta(days=days), odometer=Distance(km * 1000))
        reading = garage.core.run(garage.actor, record_reading, command)
    garage.core.run(garage.actor, void_reading, VoidReading(id=reading.id))
    found = {one.vehicle.id: one for one in garage.core.read(garage.actor, list_glances, ListGlances())}
    assert Distance(1_000_000) == found[golf.id].odometer
    assert (None, None, ()) == (found[polo.id].odometer, found[polo.id].odometer_at, found[polo.id].consumption)


def test_who_may_not_see_reports_sees_the_vehicle_alone(garage: Garage) -> None:
    """And of the vehicles only those that they may use."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo")
    for vehicle in (golf, polo):
        garage.fill(vehicle, "2026-05-20", 1000, 40, "60")
        garage.fill(vehicle, "2026-05-30", 1500, 30, "45")
    garage.core.run(garage.actor, define_role, DefineRole(name="Curious", permissions={"vehicles.read": Scope.GRANTED}))
    added = garage.core.run(
        garage.actor, add_member, AddMember(name="Bob", email="bob@example.org", roles=("Curious",))
    )
    garage.core.run(garage.actor, grant_vehicle, GrantVehicle(vehicle_id=golf.id, user_id=added.user_id))
    bob = garage.core.actor(user_id=added.user_id, fleet_id=garage.actor.fleet_id)
    (glance,) = garage.core.read(bob, list_glances, ListGlances())
    assert (golf.id, Distance(1_500_000), (), ()) == (
        glance.vehicle.id,
        glance.odometer,
        glance.consumption,
        glance.month_costs,
    )


def test_statements_do_not_grow_with_the_fleet(garage: Garage) -> None:
    """As many for ten vehicles as for one."""
    counts = []
    for _ in range(2):
        for number in range(5):
            golf = garage.vehicle(f"Golf {number}")
            garage.fill(golf, "2026-05-20", 1000, 40, "60")
        with statements(garage.core) as sent:
            garage.core.read(garage.actor, list_glances, ListGlances())
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_only_those_that_are_named_are_looked_at(garage: Garage) -> None:
    """By name; one that there is not is not among them."""
    golf, polo = garage.vehicle("Golf"), garage.vehicle("Polo")
    garage.vehicle("Up")
    asked = ListGlances(vehicle_ids=(polo.id, golf.id, UUID(int=7)))
    glances = garage.core.read(garage.actor, list_glances, asked)
    assert ["Golf", "Polo"] == [each.vehicle.name for each in glances]


def test_month_costs_are_those_of_the_glances(garage: Garage) -> None:
    """Of each vehicle that cost something this month; not of a removed one, nor of what the fleet paid for itself."""
    golf, polo, gone = garage.vehicle("Golf"), garage.vehicle("Polo"), garage.vehicle("Up")
    first = garage.core.clock.now().date().replace(day=1)
    garage.spend(golf, f"{first}", "9", "toll")
    garage.spend(gone, f"{first}", "70", "toll")
    garage.spend(polo, f"{first - timedelta(days=1)}", "100", "toll")
    garage.spend(None, f"{first}", "1000", "toll")
    garage.core.run(garage.actor, remove_vehicle, RemoveVehicle(id=gone.id))
    (told,) = garage.core.read(garage.actor, list_month_costs, ListMonthCosts())
    glances = garage.core.read(garage.actor, list_glances, ListGlances())
    assert (golf.id, (money("9"),)) == (told.vehicle_id, told.costs)
    assert {golf.id: told.costs, polo.id: ()} == {each.vehicle.id: each.month_costs for each in glances}
