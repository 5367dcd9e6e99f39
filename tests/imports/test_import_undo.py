"""Taking an import back: the fleet is as before, and the books keep both."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.fuel.model import EditFill, ListFills, RecordFill
from fleetcore.fuel.service import edit_fill, list_fills, record_fill
from fleetcore.imports.model import ListImports, UndoImport
from fleetcore.imports.service import list_imports, undo_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.ledger.model import REVERSAL, CheckLedger, ListEntries
from fleetcore.ledger.queries import check_ledger, list_entries
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.readings import ListReadings, ReadingKind
from fleetcore.vehicles.service import add_vehicle

from .logs import THREE_FILLS, cost_line, fill_line, fuelio, imported, outside

COSTS = [cost_line("Centre", "2026-01-03", 5, "4.50", 1100), cost_line("Flowers", "2026-01-04", 99, "12.00")]
LOG = fuelio(fill_line("2026-01-01", 1000, 40, 60), fill_line("2026-01-15", 1500, 30, 45, station=7), costs=COSTS)


def undone(core: Core, actor: Actor, source: bytes = LOG) -> None:
    """Import *source* and take it back."""
    report = imported(core, actor, source)
    assert report.import_id is not None
    core.run(actor, undo_import, UndoImport(id=report.import_id))


def test_undo_leaves_the_fleet_as_it_was(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Facts, odometers, economy and balances equal those before, for a vehicle that had records of its own."""
    car = core.run(owner, add_vehicle, AddVehicle(name="Punto"))
    fill = RecordFill(
        vehicle_id=car.id,
        at=clock.now(),
        odometer=Distance.of(9000),
        carrier=Carrier.DIESEL,
        volume=Volume.of(30),
        total=Money(4000, "EUR"),
    )
    core.run(owner, record_fill, fill)
    before = outside(core, owner)

    undone(core, owner)

    assert before == outside(core, owner)


def test_undo_removes_the_vehicle_that_the_import_added(core: Core, owner: Actor) -> None:
    """A vehicle that came with the log goes with it."""
    before = outside(core, owner)

    undone(core, owner)

    assert before == outside(core, owner)


def test_journal_keeps_import_and_reversal(core: Core, owner: Actor) -> None:
    """Each entry of the import is mirrored, none is gone, and the ledger is sound."""
    undone(core, owner)

    entries = core.read(owner, list_entries, ListEntries(limit=100)).items
    reversed_ids = {entry.reverses_id for entry in entries if entry.source == REVERSAL}
    assert {entry.id for entry in entries if entry.source != REVERSAL} == reversed_ids
    assert 4 == len(reversed_ids)
    assert core.read(owner, check_ledger, CheckLedger()).is_sound


def test_readings_keep_import_and_void(core: Core, owner: Actor) -> None:
    """Each reading of the import stands beside the row that voids it."""
    car = core.run(owner, add_vehicle, AddVehicle(name="Punto"))

    undone(core, owner)

    every = core.read(owner, list_readings, ListReadings(vehicle_id=car.id, with_voided=True)).items
    voided = {reading.voids for reading in every if reading.kind is ReadingKind.VOID}
    assert {reading.id for reading in every if reading.kind is ReadingKind.READING} == voided
    assert 3 == len(voided)


def test_audit_keeps_import_and_undo(core: Core, owner: Actor) -> None:
    """The audit log tells that the import was made and that it was undone."""
    report = imported(core, owner, LOG)
    assert report.import_id is not None
    core.run(owner, undo_import, UndoImport(id=report.import_id))

    entries = core.read(owner, list_audit, ListAudit(entity_id=report.import_id)).items
    assert {"imports.import_log", "imports.undo"} == {entry.operation for entry in entries}


def test_undone_file_can_be_imported_again(core: Core, owner: Actor) -> None:
    """After the undo the rows are news again."""
    undone(core, owner)

    assert 4 == imported(core, owner, LOG).imported


def test_second_undo_is_refused(core: Core, owner: Actor) -> None:
    """An import is taken back once."""
    report = imported(core, owner, THREE_FILLS)
    assert report.import_id is not None
    core.run(owner, undo_import, UndoImport(id=report.import_id))

    with pytest.raises(Rejected, match="undone already"):
        core.run(owner, undo_import, UndoImport(id=report.import_id))


def test_undo_takes_back_fills_that_were_edited_since(core: Core, owner: Actor) -> None:
    """An edit does not shield a fill from the undo; its newest entry is reversed."""
    before = outside(core, owner)
    report = imported(core, owner, THREE_FILLS)
    assert report.import_id is not None
    fill = core.read(owner, list_fills, ListFills()).items[0]
    command = EditFill(
        id=fill.id, version=1, vehicle_id=fill.vehicle_id, at=fill.at, odometer=Distance.of(2100),
        volume=Volume.of(33), total=Money(7000, "EUR"),
    )  # fmt: skip
    core.run(owner, edit_fill, command)

    core.run(owner, undo_import, UndoImport(id=report.import_id))

    assert before == outside(core, owner)
    assert core.read(owner, check_ledger, CheckLedger()).is_sound


def test_other_fleets_import_does_not_exist(core: Core, owner: Actor) -> None:
    """Another fleet's import cannot be taken back, or seen."""
    report = imported(core, owner, THREE_FILLS)
    neighbour = core.create_fleet("Next door", currency="EUR")
    assert report.import_id is not None

    with pytest.raises(NotFound):
        core.run(neighbour, undo_import, UndoImport(id=report.import_id))
    assert () == core.read(neighbour, list_imports, ListImports()).items


def test_imports_are_listed_newest_first(core: Core, owner: Actor, clock: FixedClock) -> None:
    """The list names each import, undone ones too."""
    undone(core, owner)
    clock.advance(days=1)
    imported(core, owner, THREE_FILLS, file_name="second.csv")

    listed = core.read(owner, list_imports, ListImports()).items
    assert [("second.csv", False), ("", True)] == [(made.file_name, made.undone_at is not None) for made in listed]
