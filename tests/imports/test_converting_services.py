"""Service rows of logs imported earlier become service records, and nothing else changes."""

# ruff: noqa: E501 - the lines of a log are as long as they are

from __future__ import annotations

import attrs
import pytest

from fleetcore import Core
from fleetcore.expenses.model import DeleteExpense, ListExpenses
from fleetcore.expenses.service import delete_expense, list_expenses
from fleetcore.imports.model import ConversionReport, ConvertServices, ImportLog, UndoImport
from fleetcore.imports.service import import_log, undo_import
from fleetcore.imports.services import convert_services
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.maintenance.model import DeleteService, ListServices, Service
from fleetcore.maintenance.service import delete_service, list_services
from fleetcore.testing.builders import euros, join_fleet, km, new_vehicle
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.readings import ListReadings
from fleetcore.vehicles.service import list_vehicles

from .logs import outside

LOG = b"""##Refuelling
"Odometer","Date","Fuel","Price / L","Total cost","Volume","Full tank","Second fuel","Price / L","Total cost","Volume","Full tank","Third fuel","Price / L","Total cost","Volume","Full tank","Fuel efficiency","Distance","Charge type","Initial charge","Final charge","Minutes","Gas station","Driver","Reason","Payment method","Notes"
"45210.0","2025-03-01 16:01:00","Gasoline","1.657","67.09","40.50","Yes","","0","0","0","No","","0","0","0","No","","","","","","","Corner","","","",""
##Service
"Odometer","Date","Total cost","Type of service","Place","Driver","Payment method","Notes"
"45300.0","2025-03-03 12:00:00","89.90","Oil change","Garage","","","with filter"
"45900.0","2025-04-03 12:00:00","210.00","Brakes","Garage","","",""
##Expense
"Odometer","Date","Total cost","Type of expense","Place","Driver","Payment method","Notes"
"45500.0","2025-03-05 12:00:00","9.80","Toll","","","",""
"""


def imported(core: Core, actor: Actor) -> object:
    """Import the log under one vehicle; returns the id of the import."""
    return core.run(actor, import_log, ImportLog(source=LOG, vehicle="Golf", currency="EUR")).import_id


def converted(core: Core, actor: Actor, *, dry_run: bool = False) -> ConversionReport:
    """Convert what there is to convert."""
    return core.run(actor, convert_services, ConvertServices(dry_run=dry_run))


def services(core: Core, actor: Actor) -> tuple[Service, ...]:
    """Return the service records, oldest first."""
    return core.read(actor, list_services, ListServices(limit=1000)).items[::-1]


def readings(core: Core, actor: Actor) -> list[tuple[object, int]]:
    """Return what the odometers show, without whose readings they are."""
    vehicles = core.read(actor, list_vehicles, ListVehicles())
    asked = [ListReadings(vehicle_id=vehicle.id, limit=1000) for vehicle in vehicles]
    return [(reading.at, reading.value) for each in asked for reading in core.read(actor, list_readings, each).items]


def unlike(shown: dict[str, object]) -> dict[str, object]:
    """Return what the fleet shows without its expenses."""
    return {name: value for name, value in shown.items() if name != "expenses"}


def test_services_take_the_place_of_their_expenses(shared_core: Core, resident: Actor) -> None:
    """Records carry the facts of the rows; balances and odometers stay, and only services leave the expenses."""
    imported(shared_core, resident)
    before, shown = unlike(outside(shared_core, resident)), readings(shared_core, resident)
    report = converted(shared_core, resident)
    first, second = services(shared_core, resident)
    expenses = shared_core.read(resident, list_expenses, ListExpenses()).items

    assert (2, 0) == (report.converted, report.left)
    assert ("Oil change", euros("89.90"), km(45_300), "Garage", "with filter") == (
        first.title, first.total, first.odometer, first.place, first.notes,
    )  # fmt: skip
    assert "Brakes" == second.title
    assert ["toll"] == [expense.category for expense in expenses]
    assert before == unlike(outside(shared_core, resident))
    assert shown == readings(shared_core, resident)
    assert shared_core.read(resident, check_ledger, CheckLedger()).is_sound


def test_a_dry_run_only_counts(shared_core: Core, resident: Actor) -> None:
    """A dry run says how many there are and changes nothing."""
    imported(shared_core, resident)
    before = outside(shared_core, resident)
    report = converted(shared_core, resident, dry_run=True)

    assert (2, True) == (report.converted, report.is_dry_run)
    assert before == outside(shared_core, resident)
    assert () == services(shared_core, resident)


def test_a_second_conversion_and_import_add_nothing(shared_core: Core, resident: Actor) -> None:
    """What was converted is left alone, and the rows are known when the file comes again."""
    imported(shared_core, resident)
    converted(shared_core, resident)
    before = services(shared_core, resident)
    report = converted(shared_core, resident)
    again = imported(shared_core, resident)

    assert (0, 0) == (report.converted, report.left)
    assert again is None
    assert before == services(shared_core, resident)


def test_undo_takes_converted_records_back(shared_core: Core, resident: Actor) -> None:
    """After converting and undoing the import the fleet is as before it, and the file can come again."""
    before = outside(shared_core, resident)
    import_id = imported(shared_core, resident)
    converted(shared_core, resident)
    shared_core.run(resident, undo_import, UndoImport(id=import_id))  # type: ignore[arg-type]

    assert before == outside(shared_core, resident)
    assert () == services(shared_core, resident)
    assert [] == readings(shared_core, resident)
    assert imported(shared_core, resident) is not None
    assert 2 == converted(shared_core, resident).converted


def test_a_deleted_record_is_undone_too(shared_core: Core, resident: Actor) -> None:
    """A converted record that was deleted since neither comes back nor stands in the way of the undo."""
    import_id = imported(shared_core, resident)
    converted(shared_core, resident)
    first = services(shared_core, resident)[0]
    shared_core.run(resident, delete_service, DeleteService(id=first.id, version=1))
    shared_core.run(resident, undo_import, UndoImport(id=import_id))  # type: ignore[arg-type]

    assert () == shared_core.read(resident, list_services, ListServices(deleted=True)).items
    assert shared_core.read(resident, check_ledger, CheckLedger()).is_sound


def test_deleted_expenses_are_left(shared_core: Core, resident: Actor) -> None:
    """An expense that people deleted is not brought back as a service."""
    imported(shared_core, resident)
    expense = next(
        e for e in shared_core.read(resident, list_expenses, ListExpenses()).items if e.category == "service"
    )
    shared_core.run(resident, delete_expense, DeleteExpense(id=expense.id, version=1))
    report = converted(shared_core, resident)

    assert (1, 1) == (report.converted, report.left)
    assert 1 == len(services(shared_core, resident))


def test_undo_keeps_a_vehicle_with_a_service_of_its_own(shared_core: Core, resident: Actor) -> None:
    """A vehicle that came with the log stays when a service was recorded by hand since."""
    import_id = imported(shared_core, resident)
    golf = shared_core.read(resident, list_vehicles, ListVehicles())[0]
    values = {"vehicle_id": str(golf.id), "done_on": "2026-05-01", "title": "Wipers"}
    service = shared_core.perform(resident, "maintenance.record_service", values)
    shared_core.run(resident, undo_import, UndoImport(id=import_id))  # type: ignore[arg-type]

    assert (service,) == services(shared_core, resident)


def test_only_who_may_import_converts(shared_core: Core, resident: Actor) -> None:
    """A mechanic cannot convert, and another fleet's rows are not reached."""
    imported(shared_core, resident)
    new_vehicle(shared_core, resident, name="Van")
    mechanic = join_fleet(shared_core, resident, role="mechanic")
    neighbour = shared_core.create_fleet("Next door")

    with pytest.raises(Forbidden):
        converted(shared_core, mechanic)
    assert attrs.evolve(converted(shared_core, neighbour), converted=0) == ConversionReport(converted=0, left=0)
