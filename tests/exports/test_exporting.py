"""Exporting: who may, where to, and the files that people read."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from tests.exports.archives import MANIFEST, before_it_was_read, exported, members
from tests.exports.garage import NAME, furnish

from fleetcore import Core
from fleetcore.exports import csv_files, csv_forms
from fleetcore.exports.model import ExportFleet, ExportTable
from fleetcore.exports.service import export_fleet, export_table
from fleetcore.imports.formats import own
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle


def rows_of(archive: bytes, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the archive."""
    return list(csv.DictReader(io.StringIO(members(archive)[f"csv/{name}.csv"].decode(), newline="")))


def test_a_driver_may_not_export(core: Core, owner: Actor) -> None:
    """Without exports.read nothing is written."""
    driver = furnish(core, owner)
    out = io.BytesIO()

    with pytest.raises(Forbidden, match=r"exports\.read"):
        core.read(driver, export_fleet, ExportFleet(target=out))

    assert b"" == out.getvalue()


@pytest.mark.parametrize("permissions", [{"exports.read": Scope.GRANTED}, {"exports.read": Scope.ALL}])
def test_an_export_needs_the_whole_fleet_and_its_books(
    sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path, permissions: dict[str, Scope]
) -> None:
    """Narrower rights are refused, and no file appears."""
    actor = Actor(user_id=sqlite_owner.user_id, fleet_id=sqlite_owner.fleet_id, permissions=permissions)

    with pytest.raises(Forbidden, match=r"for the whole fleet|which your role"):
        sqlite_core.read(actor, export_fleet, ExportFleet(target=tmp_path / "out.zip"))

    assert [] == list(tmp_path.iterdir())


def test_a_stranger_exports_nothing(core: Core, owner: Actor) -> None:
    """Rights in one fleet give nothing of another."""
    furnish(core, owner)
    stranger = core.create_fleet("Other")

    assert [] == rows_of(exported(core, stranger), "fills")


def test_json_from_afar_cannot_name_a_file(sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path) -> None:
    """A command made from JSON is refused: it would write files on the computer that serves."""
    with pytest.raises(Rejected, match="only a program here"):
        sqlite_core.perform(sqlite_owner, "exports.export_fleet", {"target": str(tmp_path / "out.zip")})

    assert [] == list(tmp_path.iterdir())


def test_the_file_is_complete_and_private(sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path) -> None:
    """The file appears under its name alone, readable by its owner only, and the report says its size."""
    target = tmp_path / "out.zip"
    report = sqlite_core.read(sqlite_owner, export_fleet, ExportFleet(target=target))

    assert [target] == list(tmp_path.iterdir())
    assert target.stat().st_size == report.size_bytes
    assert 0o600 == target.stat().st_mode & 0o777
    with ZipFile(target) as archive:
        assert archive.testzip() is None
        assert {(1980, 1, 1, 0, 0, 0)} == {info.date_time for info in archive.infolist()}
    assert sum(report.fleet.rows.values()) == report.fleet.total


def test_a_file_that_exists_stays_unless_told_otherwise(sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path) -> None:
    """Only with overwrite is a file replaced."""
    target = tmp_path / "out.zip"
    target.write_text("precious")

    with pytest.raises(Conflict, match="exists already"):
        sqlite_core.read(sqlite_owner, export_fleet, ExportFleet(target=target))
    with pytest.raises(Conflict, match="exists already"):
        sqlite_core.backup(target)
    assert "precious" == target.read_text()

    sqlite_core.backup(target, overwrite=True)
    sqlite_core.read(sqlite_owner, export_fleet, ExportFleet(target=target, overwrite=True))
    assert MANIFEST in members(target.read_bytes())


def test_a_file_that_appears_meanwhile_stays(sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path) -> None:
    """A file that another program makes while we write is not replaced either."""
    target = tmp_path / "out.zip"

    def meanwhile(_member: str, _rows: int) -> None:
        target.write_text("precious")

    with pytest.raises(Conflict, match="exists already"):
        sqlite_core.read(sqlite_owner, export_fleet, ExportFleet(target=target, progress=meanwhile))

    assert ["precious"] == [path.read_text() for path in tmp_path.iterdir()]


@pytest.mark.parametrize(("place", "words"), [("", "is a folder"), ("away/out.zip", "No such file")])
def test_a_place_that_cannot_be_is_refused(sqlite_core: Core, tmp_path: Path, place: str, words: str) -> None:
    """A folder, or a file in a folder that is not there, is refused by name."""
    with pytest.raises(Rejected, match=words):
        sqlite_core.backup(tmp_path / place, overwrite=True)

    assert [] == list(tmp_path.iterdir())


def test_a_full_disk_leaves_nothing_behind(
    sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the file system is told with the path, and the half-written file is gone."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match=r"out\.zip cannot be written: No space left"):
        sqlite_core.backup(tmp_path / "out.zip")

    assert [] == list(tmp_path.iterdir())


def test_an_error_on_the_way_leaves_nothing_behind(sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path) -> None:
    """Whatever goes wrong while writing, no file is left."""

    def cancel(_member: str, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sqlite_core.backup(tmp_path / "out.zip", progress=cancel)

    assert [] == list(tmp_path.iterdir())


def test_progress_is_told(sqlite_core: Core, sqlite_owner: Actor, tmp_path: Path) -> None:
    """Whoever waits hears of each table that is written and checked."""
    told: list[str] = []
    sqlite_core.backup(tmp_path / "out.zip", progress=lambda member, _rows: told.append(member))
    assert "people_fleets" in told

    told.clear()
    with pytest.raises(Conflict):
        sqlite_core.restore(tmp_path / "out.zip", progress=lambda member, _rows: told.append(member))
    assert "people_fleets" in told


def test_the_manifest_says_what_the_archive_is(core: Core, owner: Actor) -> None:
    """Format, kind, schema, time and every member are in the manifest."""
    content = members(exported(core, owner))
    manifest = json.loads(content.pop(MANIFEST))

    (fleet,) = manifest["fleets"]
    named = {f"fleets/{fleet['id']}/{table}.jsonl" for table in fleet["tables"]} | manifest["files"].keys()
    assert content.keys() == named
    assert ("fleetcore-archive", 1, "export") == tuple(manifest[k] for k in ("format", "format_version", "kind"))
    assert (str(owner.fleet_id), "Home") == (fleet["id"], fleet["name"])
    assert "2026-06-01T12:00:00Z" == manifest["created_at"]


def test_the_csv_columns_are_those_of_our_own_csv() -> None:
    """Fills and expenses can be read back by the import of fleetcore's own CSV."""
    assert own.FILL_COLUMNS == csv_files.FILL_COLUMNS
    assert {"is_service"} == set(own.EXPENSE_COLUMNS) - set(csv_files.EXPENSE_COLUMNS)
    assert set(csv_files.EXPENSE_COLUMNS) <= set(own.EXPENSE_COLUMNS)


def test_the_csv_shows_what_is_in_sight(core: Core, owner: Actor) -> None:
    """Living vehicles, their fills with names instead of ids, costs and incomes, and readings."""
    furnish(core, owner)
    archive = exported(core, owner)

    vehicles = {row["name"]: row for row in rows_of(archive, "vehicles")}
    assert {NAME, "D", "Imported"} == vehicles.keys()
    assert ("4321.09", "EUR", "40", "12.5", "320", "old,loved") == tuple(
        vehicles[NAME][name]
        for name in (
            *("purchase_price", "purchase_currency", "tank_capacity_l", "battery_capacity_kwh", "load_limit_kg"),
            "tags",
        )
    )
    fills = rows_of(archive, "fills")
    assert 7 == len(fills)
    assert sorted((row["at"] for row in fills), reverse=True) == [row["at"] for row in fills]
    first = next(row for row in fills if row["odometer_km"] == "100.7")
    assert ("33.333", "60.01", "Müller", "n/1") == tuple(
        first[name] for name in ("volume_l", "total", "station", "station_external_id")
    )
    assert {"Bo"} == {row["driver"] for row in fills if row["mass_kg"] == "4.2"}
    assert {("11.1", "false", "dc")} == {
        (row["energy_kwh"], row["is_home"], row["current"]) for row in fills if row["energy_kwh"]
    }
    assert ("-0.1", "0.0000001") not in {(row["latitude"], row["longitude"]) for row in fills}
    expenses = rows_of(archive, "expenses")
    assert {("3.00", "true")} == {(row["amount"], row["is_income"]) for row in expenses if row["is_income"] == "true"}
    assert {"Müller", "Tank & Rast"} == {row["name"] for row in rows_of(archive, "stations")}
    services = {row["title"]: row for row in rows_of(archive, "services")}
    assert {"Ölwechsel", "Kupplung", "Done"} == services.keys()
    assert ("4.5 x Öl #5W-30 @ 8.99", "40.46", "Kürzel & Söhne") == tuple(
        services["Ölwechsel"][name] for name in ("parts", "total", "provider")
    )
    readings = rows_of(archive, "readings")
    assert {("12.3", "99200")} == {
        (hours["engine_hours"], meter["old_odometer_km"])
        for hours in readings
        for meter in readings
        if hours["engine_hours"] and meter["kind"] == "replacement"
    }
    assert "99900" not in {row["odometer_km"] for row in readings}


def test_the_csv_holds_the_life_of_the_vehicles(core: Core, owner: Actor) -> None:
    """Trips, papers, inspections, tyres, plans and drivers come with names instead of ids, deleted ones not."""
    furnish(core, owner)
    archive = exported(core, owner)
    tables = {
        name: rows_of(archive, name)
        for name in ("trips", "documents", "inspections", "tyre_sets", "plan_items", "assignments")
    }
    (trip,) = tables["trips"]
    assert ("Bo", "41.5", "500", "541.5", "Zürich", "3", "40.00", "CHF") == tuple(
        trip[name]
        for name in (
            *("driver", "distance_km", "start_odometer_km", "end_odometer_km", "end_place", "fuel_used_l", "tolls"),
            "tolls_currency",
        )
    )
    licence, renewal, policy = tables["documents"]
    assert ("", "Bo", "B,BE") == (licence["vehicle"], licence["person"], licence["classes"])
    assert [("30.05", "300.00", "EUR", "2027-11-30"), ("30.05", "300.00", "EUR", "2026-12-31")] == [
        (row["amount"], row["excess"], row["currency"], row["ends_on"]) for row in (renewal, policy)
    ]
    assert [("pass", "", "true", "Ada"), ("fail", "Licht", "false", "Ada")] == [
        (row["result"], row["failed"], row["is_retest"], row["inspector"]) for row in tables["inspections"]
    ]
    (tyres,) = tables["tyre_sets"]
    assert ("3523", "4", "480.00", "true") == tuple(tyres[name] for name in ("dot", "tyres", "cost", "is_mounted"))
    assert ("15000", "89.90") in {(row["every_km"], row["expected_cost"]) for row in tables["plan_items"]}
    assert ["Zoë", "Bo"] == [row["driver"] for row in tables["assignments"]]
    assert {NAME, ""} == {row["vehicle"] for rows in tables.values() for row in rows}


def test_the_exported_csv_can_be_imported(core: Core, owner: Actor) -> None:
    """Another fleet takes the fills and the expenses of an export, none rejected."""
    furnish(core, owner)
    archive = exported(core, owner)
    other = core.create_fleet("Other", currency="EUR", timezone="UTC")
    core.run(other, add_vehicle, AddVehicle(name="The fleet"))

    for name in ("fills", "expenses"):
        text = members(archive)[f"csv/{name}.csv"]
        report = core.run(other, import_log, ImportLog(source=text, file_name=name))
        assert () == report.rejected
    again = rows_of(exported(core, other), "fills")

    def kept(row: dict[str, str]) -> dict[str, Any]:
        return {key: value for key, value in row.items() if key not in {"tags", "driver"}}

    assert [kept(row) for row in rows_of(archive, "fills")] == [kept(row) for row in again]


def test_the_journal_is_in_the_archive(core: Core, owner: Actor) -> None:
    """The books are there as text for hledger."""
    furnish(core, owner)
    journal = members(exported(core, owner))["journal.hledger"].decode()

    assert "commodity 1000.00 EUR" in journal
    assert "commodity 1000. JPY" in journal


def test_long_lists_are_read_page_by_page(
    sqlite_core: Core, sqlite_owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More rows than a page holds all get into the CSV, once."""
    furnish(sqlite_core, sqlite_owner)
    whole = before_it_was_read(exported(sqlite_core, sqlite_owner))
    monkeypatch.setattr(csv_forms, "PAGE_LIMIT_MAX", 2)

    assert whole == before_it_was_read(exported(sqlite_core, sqlite_owner))


def test_ids_are_uuids(sqlite_core: Core, sqlite_owner: Actor) -> None:
    """The folder of a fleet is called by its id."""
    names = [name.split("/")[1] for name in members(exported(sqlite_core, sqlite_owner)) if name.startswith("fleets/")]

    assert {sqlite_owner.fleet_id} == {UUID(name) for name in names}


def test_one_table_is_as_in_the_archive(core: Core, owner: Actor) -> None:
    """Each of them, byte for byte."""
    furnish(core, owner)
    archive = members(exported(core, owner))
    for name in csv_files.TABLE_NAMES:
        found = core.read(owner, export_table, ExportTable(name=name))
        assert archive[f"csv/{name}.csv"].decode() == found.text
    assert {f"csv/{name}.csv" for name in csv_files.TABLE_NAMES} == {
        name for name in archive if name.startswith("csv/")
    }


def test_one_table_needs_what_the_archive_needs(core: Core, owner: Actor) -> None:
    """A driver may not have it, and there is no table of another name."""
    driver = furnish(core, owner)
    with pytest.raises(Forbidden, match=r"exports\.read"):
        core.read(driver, export_table, ExportTable(name="fills"))
    with pytest.raises(NotFound):
        core.read(owner, export_table, ExportTable(name="people_users"))
