"""Service records: what is accepted, what follows from it, and who may do it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

import fleetcore
from fleetcore import Core
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import EngineHours
from fleetcore.maintenance.model import (
    EditProvider,
    GetProvider,
    GetService,
    ListProviders,
    Part,
    RecordService,
    RemoveProvider,
    ServiceCategory,
)
from fleetcore.maintenance.providers import edit_provider, get_provider, list_providers, remove_provider
from fleetcore.maintenance.service import get_service, record_service
from fleetcore.testing.builders import NOON, euros, km, new_vehicle
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import PurgeVehicles, RemoveVehicle
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import purge_vehicles, remove_vehicle

from .conftest import TODAY, Desk

STATEMENTS_MAX = 13  # one of them asks whether the vehicle has reminders
OIL = Part(name="Oil", part_number="5W-30", quantity=Decimal("4.5"), unit_cost=euros("8.99"))
FILTER = Part(name="Oil filter", unit_cost=euros("11.50"))


def everything(desk: Desk) -> dict[str, Any]:
    """Return all that can be said of a service, but its vehicle."""
    return {
        "category": ServiceCategory.REPAIR,
        "odometer": km(45_000),
        "engine_hours": EngineHours(1205),
        "parts": (OIL, FILTER),
        "labour_hours": Decimal("1.25"),
        "labour_rate": euros(80),
        "provider_id": desk.provider().id,
        "place": "Bay 3",
        "warranty_until": date(2028, 6, 1),
        "warranty_odometer": km(85_000),
        "notes": "squeaked",
        "tags": ("oil",),
    }


def test_all_that_was_said_is_kept(desk: Desk) -> None:
    """A record with parts, labour, provider and warranty comes back as it was accepted."""
    service = desk.record(**everything(desk))

    assert service == desk.core.read(desk.actor, get_service, GetService(id=service.id))
    assert (service,) == desk.list(vehicle_id=desk.vehicle_id)
    assert (euros("51.96"), euros(100), euros("151.96")) == (service.parts_cost, service.labour_total, service.total)


def test_cost_is_booked_by_category(desk: Desk) -> None:
    """Each category has its account, and money that came back is a refund."""
    for number, category in enumerate(ServiceCategory, 1):
        desk.record(category=category, total=euros(number))
    desk.record(total=euros(-7))

    assert {
        "expenses.service": 100,
        "expenses.repair": 200 + 500,
        "expenses.accessory": 300,
        "expenses.inspection": 400,
        "income.refund": -700,
        "assets.bank": -800,
    } == desk.balances()


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ({}, "0"),
        ({"total": euros("67.09")}, "67.09"),
        ({"labour_cost": euros(50)}, "50"),
        ({"labour_hours": Decimal("0.33"), "labour_rate": euros("99.99")}, "33.00"),
        ({"labour_hours": Decimal(2)}, "0"),
        ({"parts": (Part(name="Bulb", quantity=Decimal("0.005"), unit_cost=euros(1)),)}, "0"),
        ({"parts": (OIL, FILTER), "total": euros(60)}, "60"),
    ],
)
def test_total_follows_from_what_is_said(desk: Desk, said: dict[str, Any], total: str) -> None:
    """Parts and labour are rounded one by one and summed, unless a total says what was paid."""
    assert euros(total) == desk.record(**said).total


def test_meters_are_noted_and_owned(desk: Desk) -> None:
    """The odometer and the engine hours of a record are readings; deleting voids them, restoring notes them again."""
    service = desk.record(odometer=km(45_000), engine_hours=EngineHours(1205))
    meters = GetOdometer(vehicle_id=desk.vehicle_id)
    noted = desk.core.read(desk.actor, get_odometer, meters)
    gone = desk.delete(service)
    without = desk.core.read(desk.actor, get_odometer, meters)
    desk.restore(gone)

    assert (km(45_000), EngineHours(1205)) == (noted.odometer, noted.engine_hours)
    assert (None, None) == (without.odometer, without.engine_hours)
    assert noted == desk.core.read(desk.actor, get_odometer, meters)


def test_a_jump_is_asked_about(desk: Desk) -> None:
    """An odometer that its neighbours contradict needs a word, of either meter."""
    desk.record(odometer=km(45_000), engine_hours=EngineHours(1000), done_on=TODAY - timedelta(days=9))
    for said in ({"odometer": km(40_000)}, {"engine_hours": EngineHours(900)}):
        with pytest.raises(Rejected) as caught:
            desk.record(**said)
        assert ["odometer.jump"] == [problem.code for problem in caught.value.problems]
        desk.record(**said, accept_odometer_jump=True)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"done_on": None}, "done_on"),
        ({"done_on": TODAY + timedelta(days=2)}, "done_on"),
        ({"done_on": date(1899, 12, 31)}, "done_on"),
        ({"odometer": km(-1)}, "odometer_km"),
        ({"odometer": km(10_000_001)}, "odometer_km"),
        ({"engine_hours": EngineHours(-1)}, "engine_hours"),
        ({"parts": (Part(name=""),)}, "parts.0.name"),
        ({"parts": (Part(name="Oil", quantity=Decimal(0)),)}, "parts.0.quantity"),
        ({"parts": (Part(name="Oil", quantity=Decimal("0.0001")),)}, "parts.0.quantity"),
        ({"parts": (Part(name="Oil", quantity=Decimal("NaN")),)}, "parts.0.quantity"),
        ({"parts": (Part(name="Oil", unit_cost=euros(-1)),)}, "parts.0.unit_cost"),
        ({"parts": (Part(name="Oil"),) * 201}, "parts"),
        ({"labour_hours": Decimal("0.001")}, "labour_hours"),
        ({"labour_rate": euros(1)}, "labour_hours"),
        ({"labour_rate": euros(1), "labour_hours": Decimal(1), "labour_cost": euros(1)}, "labour_cost"),
        ({"labour_cost": Money.of(1, "USD"), "total": euros(1)}, "total"),
        ({"warranty_until": TODAY - timedelta(days=1)}, "warranty_until"),
        ({"odometer": km(2), "warranty_odometer": km(1)}, "warranty_odometer_km"),
        ({"tags": ("",)}, "tags.0"),
    ],
)
def test_bad_records_are_refused(desk: Desk, said: dict[str, Any], field: str) -> None:
    """What cannot be is refused with the field that is wrong, and nothing is stored."""
    with pytest.raises(Rejected) as caught:
        desk.record(**said)

    assert [field] == [problem.field for problem in caught.value.problems]
    assert () == desk.list()
    assert {} == desk.balances()


def test_edit_follows_through(desk: Desk) -> None:
    """An edit replaces what was said, books the new cost and moves the reading to the other vehicle."""
    other = new_vehicle(desk.core, desk.actor, name="Van")
    service = desk.record(**everything(desk))
    after = desk.edit(service, vehicle_id=other.id, category=ServiceCategory.ROUTINE, parts=(), total=euros(20))
    newest = desk.core.read(desk.actor, get_odometer, GetOdometer(vehicle_id=other.id))

    assert {"expenses.service": 2000, "assets.bank": -2000} == desk.balances()
    assert (2, other.id, euros(0)) == (after.version, after.vehicle_id, after.parts_cost)
    assert km(45_000) == newest.odometer
    assert () == desk.list(vehicle_id=desk.vehicle_id)


def test_a_stale_version_is_refused(desk: Desk) -> None:
    """An edit and a deletion of an older version than the stored one change nothing."""
    service = desk.record(total=euros(5))
    after = desk.edit(service, total=euros(6))
    for act in (lambda: desk.edit(service, total=euros(7)), lambda: desk.delete(service)):
        with pytest.raises(Conflict):
            act()

    assert (after,) == desk.list()


def test_lists_are_filtered_and_paged(desk: Desk) -> None:
    """Records are listed newest first, by vehicle, category, provider and days; deleted ones apart."""
    garage = desk.provider()
    first = desk.record(done_on=date(2026, 1, 1), category=ServiceCategory.RECALL)
    second = desk.record(done_on=date(2026, 2, 1), provider_id=garage.id)
    gone = desk.delete(desk.record(done_on=date(2026, 3, 1)))

    assert (second, first) == desk.list()
    assert (first,) == desk.list(category=ServiceCategory.RECALL)
    assert (second,) == desk.list(provider_id=garage.id)
    assert (first,) == desk.list(until=date(2026, 1, 1))
    assert (second,) == desk.list(since=date(2026, 1, 2))
    assert (gone,) == desk.list(deleted=True)
    assert (second,) == desk.list(limit=1)


def test_providers_are_kept(desk: Desk) -> None:
    """A provider is edited by version, found by name, and once removed can be named no more but stays named."""
    garage = desk.provider(phone="1", email="a@example.org")
    service = desk.record(provider_id=garage.id)
    edited = desk.core.run(desk.actor, edit_provider, EditProvider(id=garage.id, version=1, name="Old Garage"))
    found = desk.core.read(desk.actor, list_providers, ListProviders(name_contains="OLD"))
    desk.core.run(desk.actor, remove_provider, RemoveProvider(id=garage.id, version=2))

    assert (edited,) == found.items
    assert () == desk.core.read(desk.actor, list_providers, ListProviders()).items
    assert garage.id == desk.edit(service, notes="still").provider_id
    with pytest.raises(Rejected, match="removed"):
        desk.record(provider_id=garage.id)
    with pytest.raises(NotFound):
        desk.core.run(desk.actor, edit_provider, EditProvider(id=garage.id, version=3, name="x"))
    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_provider, GetProvider(id=garage.id))
    assert (
        "Old Garage" == desk.core.read(desk.actor, get_provider, GetProvider(id=garage.id, include_removed=True)).name
    )


@pytest.mark.parametrize("said", [{"name": " "}, {"email": "nobody"}, {"phone": "1" * 201}])
def test_bad_providers_are_refused(desk: Desk, said: dict[str, str]) -> None:
    """A provider needs a name, an address of mail that can be one, and texts that end."""
    with pytest.raises(Rejected):
        desk.provider(**said)


def test_mechanics_work_on_vehicles_granted_to_them(desk: Desk) -> None:
    """A mechanic with a grant records services, one without finds no vehicle, and a driver only reads."""
    theirs = desk.as_member("mechanic").record(total=euros(5))
    driver = desk.as_member("family")
    stranger = Desk(desk.core, desk.as_member("technician", granted=False).actor, desk.vehicle_id)

    assert (theirs,) == desk.list() == driver.list()
    with pytest.raises(Forbidden):
        driver.record()
    with pytest.raises(NotFound):
        stranger.record()
    assert () == stranger.list()


def test_a_purged_vehicle_takes_its_records_along(desk: Desk) -> None:
    """Removing a vehicle hides its records, purging erases them; the ledger keeps its entries."""
    desk.record(total=euros(5))
    desk.complete(desk.start(desk.schedule()))
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))
    hidden = desk.list()
    desk.core.run(desk.actor, purge_vehicles, PurgeVehicles(after_days=0))

    assert () == hidden
    assert {"expenses.service": 500, "assets.bank": -500} == desk.balances()


def test_a_record_travels_as_json(desk: Desk) -> None:
    """Plain values in metric units make the record, and numbers come as numbers."""
    values = {
        "vehicle_id": str(desk.vehicle_id), "done_on": "2026-06-01", "title": "Brakes", "odometer_km": 45000.5,
        "engine_hours": 120.5, "labour_hours": 1.5, "labour_rate": {"amount": "80.00", "currency": "EUR"},
        "parts": [{"name": "Pads", "quantity": 2, "unit_cost": {"amount": "30.00", "currency": "EUR"}}],
    }  # fmt: skip
    service = desk.core.perform(desk.actor, "maintenance.record_service", values)

    assert euros(180) == service.total
    assert Decimal("1.5") == service.labour_hours


@pytest.mark.postgres
def test_a_service_takes_few_statements(postgres_url: str) -> None:
    """A service with five parts and both meters takes at most 13 statements, one of which asks for reminders."""
    statements: list[str] = []
    with fleetcore.open(postgres_url, installed_plugins=False) as core:
        desk = fresh_desk(core)
        said = {**everything(desk), "parts": (OIL, FILTER, OIL, FILTER, OIL)}
        command = RecordService(vehicle_id=desk.vehicle_id, title="Oil", at=NOON, **said)
        event.listen(core.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        core.run(desk.actor, record_service, command, idempotency_key="k")

    counted = [statement for statement in statements if "set_config" not in statement]
    assert 5 < len(counted) <= STATEMENTS_MAX, counted


def fresh_desk(core: Core) -> Desk:
    """Found a fleet with a vehicle."""
    owner = core.create_fleet("Home")
    return Desk(core, owner, new_vehicle(core, owner).id)
