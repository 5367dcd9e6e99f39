"""Importing a log: what is stored, what is told, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetcore import Core
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.expenses.model import ListExpenses
from fleetcore.expenses.service import list_expenses
from fleetcore.fuel.model import ListFills, ListStations
from fleetcore.fuel.service import list_fills
from fleetcore.fuel.stations import list_stations
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log, preview_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.model import AddVehicle, ListVehicles
from fleetcore.vehicles.readings import ListReadings
from fleetcore.vehicles.service import add_vehicle, list_vehicles

from .logs import THREE_FILLS, cost_line, fill_line, fuelio, imported, outside


def test_log_makes_its_vehicle_and_its_fills(core: Core, owner: Actor) -> None:
    """A log of an unknown vehicle adds the vehicle and every fill."""
    report = imported(core, owner, THREE_FILLS)

    assert (3, 0, ()) == (report.imported, report.skipped, report.rejected)
    assert [("Punto", True, 3)] == [(v.name, v.is_new, v.fills) for v in report.vehicles]
    fills = core.read(owner, list_fills, ListFills()).items
    assert [Money(5250, "EUR"), Money(4500, "EUR"), Money(6000, "EUR")] == [fill.total for fill in fills]
    assert {report.import_id} == {fill.import_id for fill in fills}


def test_vehicle_learns_its_carriers_from_the_log(core: Core, owner: Actor) -> None:
    """The carriers of the fills become those of the vehicle."""
    imported(core, owner, THREE_FILLS)

    assert (Carrier.PETROL,) == core.read(owner, list_vehicles, ListVehicles())[0].carriers


def test_rows_go_to_the_vehicle_of_that_name(core: Core, owner: Actor) -> None:
    """A vehicle that has the name in the file, in any case, gets the rows."""
    known = core.run(owner, add_vehicle, AddVehicle(name="PUNTO"))

    report = imported(core, owner, THREE_FILLS)

    assert [(known.id, False)] == [(v.id, v.is_new) for v in report.vehicles]


def test_named_vehicle_wins_over_the_file(core: Core, owner: Actor) -> None:
    """All rows go to the vehicle that the command names, which is added if there is none."""
    report = imported(core, owner, THREE_FILLS, vehicle="Family car")

    assert [("Family car", True)] == [(v.name, v.is_new) for v in report.vehicles]


def test_file_without_a_vehicle_is_named_after_itself(core: Core, owner: Actor) -> None:
    """Rows that name no vehicle go to one that is called like the file."""
    log = b"Date,Odometer,Liters,Price\n2026-01-01,1000,40,60.00\n2026-01-09,1500,30,45.10\n"

    report = imported(core, owner, log, file_name="old_volvo.csv")

    assert ["old_volvo"] == [vehicle.name for vehicle in report.vehicles]


def test_second_import_adds_nothing(core: Core, owner: Actor) -> None:
    """The same file again is known row by row."""
    imported(core, owner, THREE_FILLS)
    before = outside(core, owner)

    again = imported(core, owner, THREE_FILLS)

    assert (0, 3, None) == (again.imported, again.duplicates, again.import_id)
    assert before == outside(core, owner)


def test_longer_log_adds_only_what_is_new(core: Core, owner: Actor) -> None:
    """A later export of the same app brings only its new rows."""
    imported(core, owner, fuelio(fill_line("2026-01-01", 1000, 40, 60)))

    report = imported(core, owner, THREE_FILLS.replace(b',"7",', b',"0",'))

    assert (2, 1) == (report.imported, report.duplicates)


def test_equal_rows_are_real(core: Core, owner: Actor) -> None:
    """Two equal rows, such as two pumps at one stop, are two fills; imported again they are none."""
    split = fuelio(fill_line("2026-01-01", 1000, 20, 30), fill_line("2026-01-01", 1000, 20, 30))

    assert (2, 0) == (imported(core, owner, split).imported, imported(core, owner, split).imported)


def test_bad_row_costs_no_good_one(core: Core, owner: Actor) -> None:
    """Good rows are stored; the bad one is reported with every problem."""
    log = fuelio(fill_line("2026-01-01", 1000, 40, 60), fill_line("2026-01-15", 1500, "lots", "free"))

    report = imported(core, owner, log)

    assert (1, 1) == (report.imported, len(report.rejected))
    assert 2 == len(report.rejected[0].problems)


def test_future_date_is_a_problem_of_its_row(core: Core, owner: Actor) -> None:
    """A fill of next year is rejected, by the core's clock."""
    log = fuelio(fill_line("2026-01-01", 1000, 40, 60), fill_line("2031-01-15", 1500, 30, 45))

    report = imported(core, owner, log)

    assert [("at", "time.future")] == [(p.field, p.code) for row in report.rejected for p in row.problems]


def test_strict_keeps_nothing_when_a_row_is_bad(core: Core, owner: Actor) -> None:
    """With strict, one bad row leaves the fleet as it was and names the row."""
    log = fuelio(fill_line("2026-01-01", 1000, 40, 60), fill_line("2026-01-15", 1500, "lots", 45))
    before = outside(core, owner)

    with pytest.raises(Rejected, match="row 6"):
        imported(core, owner, log, strict=True)

    assert before == outside(core, owner)


def test_preview_stores_nothing_and_says_the_same(core: Core, owner: Actor) -> None:
    """A dry run reports what the import then does, and leaves no trace."""
    before = outside(core, owner)

    preview = core.read(owner, preview_import, ImportLog(source=THREE_FILLS))

    assert before == outside(core, owner)
    report = imported(core, owner, THREE_FILLS)
    assert (report.imported, report.rejected, report.warnings) == (
        preview.imported,
        preview.rejected,
        preview.warnings,
    )
    assert preview.import_id is None


def test_odometer_jump_is_a_warning_and_a_recorded_override(core: Core, owner: Actor) -> None:
    """A log that goes back is imported as it is; the reading says that it was overridden."""
    log = fuelio(
        fill_line("2026-01-01", 1000, 40, 60),
        fill_line("2026-01-15", 900, 30, 45),
        fill_line("2026-02-01", 2000, 35, 52.5),
    )

    report = imported(core, owner, log)

    assert 3 == report.imported
    assert any("lower than" in note.message for note in report.warnings)
    vehicle_id = report.vehicles[0].id
    readings = core.read(owner, list_readings, ListReadings(vehicle_id=vehicle_id)).items
    assert True in {reading.is_override for reading in readings}


def test_preview_warns_of_the_same_jumps(core: Core, owner: Actor) -> None:
    """A dry run tells the odometer jumps that the import will accept."""
    log = fuelio(fill_line("2026-01-01", 1000, 40, 60), fill_line("2026-01-15", 900, 30, 45))

    preview = core.read(owner, preview_import, ImportLog(source=log))

    assert imported(core, owner, log).warnings == preview.warnings


def test_costs_become_expenses_in_their_categories(core: Core, owner: Actor) -> None:
    """Cost rows are expenses; a category of the file's own is added once."""
    costs = [cost_line("Centre", "2026-01-03", 5, "4.50"), cost_line("Flowers", "2026-01-04", 99, "12.00")]

    report = imported(core, owner, fuelio(fill_line("2026-01-01", 1000, 40, 60), costs=costs))

    assert [(1, 2)] == [(v.fills, v.expenses) for v in report.vehicles]
    expenses = core.read(owner, list_expenses, ListExpenses()).items
    assert {("parking", 450), ("winter_garden", 1200)} == {(e.category, e.amount.minor) for e in expenses}


def test_stations_of_the_log_are_added_once(core: Core, owner: Actor) -> None:
    """Fills at one station share it, under the app's own id."""
    imported(core, owner, THREE_FILLS)

    stations = core.read(owner, list_stations, ListStations()).items
    assert [("fuelio", "7")] == [(station.provider, station.external_id) for station in stations]
    fills = core.read(owner, list_fills, ListFills()).items
    assert [stations[0].id, stations[0].id, None] == [fill.station_id for fill in fills]


def test_currency_that_nobody_names_is_the_fleets(core: Core, owner: Actor) -> None:
    """Where the file names no currency, the fleet's is taken and the report says so."""
    report = imported(core, owner, THREE_FILLS)

    assert "EUR" == report.currency
    assert any("currency" in note for note in report.notes)


def test_price_zero_is_a_fill(core: Core, owner: Actor) -> None:
    """A free fill is stored, and costs nothing."""
    report = imported(core, owner, fuelio(fill_line("2026-01-01", 1000, 40, 0)))

    assert 1 == report.imported
    assert Money(0, "EUR") == core.read(owner, list_fills, ListFills()).items[0].total


def test_one_audit_row_stands_for_the_import(core: Core, owner: Actor) -> None:
    """The audit log names the import once; its fills carry the import's id."""
    report = imported(core, owner, THREE_FILLS)

    entries = core.read(owner, list_audit, ListAudit(entity_id=report.import_id)).items
    assert [("imports.import_log", "imports.import")] == [(entry.operation, entry.entity) for entry in entries]


def test_import_needs_its_permission(core: Core, owner: Actor) -> None:
    """An actor who may only read is refused before the file is looked at."""
    reader = Actor(
        user_id=owner.user_id,
        fleet_id=owner.fleet_id,
        permissions={"vehicles.read": owner.permissions["vehicles.read"]},
    )

    with pytest.raises(Forbidden, match=r"imports\.write"):
        core.run(reader, import_log, ImportLog(source=Path("nowhere.csv")))


def test_other_fleets_vehicle_is_out_of_reach(core: Core, owner: Actor) -> None:
    """A vehicle of the same name in another fleet gets none of the rows."""
    neighbour = core.create_fleet("Next door", currency="EUR")
    core.run(neighbour, add_vehicle, AddVehicle(name="Punto"))

    report = imported(core, owner, THREE_FILLS)

    assert [True] == [vehicle.is_new for vehicle in report.vehicles]
    assert () == core.read(neighbour, list_fills, ListFills()).items


def test_several_vehicles_cannot_share_one_name(core: Core, owner: Actor) -> None:
    """Naming a vehicle for a file of several is refused, as it would mix their logs."""
    log = (
        b"car_name,model,mpg,odometer,miles,gallons,price,fuelup_date\n"
        b"A,A,30,100,100,5,3,01-01-2026\nB,B,30,90,90,5,3,01-02-2026\n"
    )

    with pytest.raises(Rejected, match="several vehicles"):
        imported(core, owner, log, vehicle="One")


def test_missing_file_is_one_clear_error(core: Core, owner: Actor, tmp_path: Path) -> None:
    """A path that leads nowhere is named in the message."""
    with pytest.raises((Rejected, NotFound), match=r"nowhere\.csv"):
        imported(core, owner, tmp_path / "nowhere.csv")


def test_odometers_of_the_log_are_readings(core: Core, owner: Actor) -> None:
    """Every fill's odometer is a reading of the vehicle that the fill owns."""
    report = imported(core, owner, THREE_FILLS)

    readings = core.read(owner, list_readings, ListReadings(vehicle_id=report.vehicles[0].id)).items
    assert [Distance.of(km).metres for km in (2000, 1500, 1000)] == [reading.value for reading in readings]
