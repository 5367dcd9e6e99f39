"""Import logs, look at what an import would do, list imports and take them back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from uuid import UUID

import attrs

from fleetcore.attachments.reach import forget_records
from fleetcore.expenses import bulk as expense_bulk
from fleetcore.expenses.categories import ensure_categories, is_category_used, list_categories, remove_category
from fleetcore.expenses.model import ListCategories, RecordExpense, RemoveCategory
from fleetcore.fuel import bulk as fuel_bulk
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.ports import FILLS
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.maintenance import bulk as maintenance_bulk
from fleetcore.operations import operation, query
from fleetcore.trips import bulk as trip_bulk
from fleetcore.trips.model import RecordTrip
from fleetcore.vehicles.access import vehicle_for
from fleetcore.vehicles.meters import ReadingNote, judge_readings, note_readings, void_imported
from fleetcore.vehicles.model import RemoveVehicle
from fleetcore.vehicles.ports import VEHICLES
from fleetcore.vehicles.service import add_vehicle, learn_carriers, remove_vehicle, unlearn_carriers

from .events import ImportCompleted, ImportUndone
from .model import (
    GetImport,
    Import,
    ImportedRow,
    ImportedVehicle,
    ImportLog,
    ImportReport,
    ListImports,
    RowNote,
    UndoImport,
)
from .planning import ImportPlan, Planned, VehiclePlan, plan_import
from .ports import IMPORTS
from .previewing import first_rows
from .rows import ParsedExpense
from .stations import Stations, remove_unused

__all__ = ["get_import", "import_log", "list_imports", "preview_import", "undo_import"]

WRITE = "imports.write"
FILL, EXPENSE, READING, SERVICE, TRIP = "fill", "expense", "reading", "service", "trip"
ENTITIES = {FILL: "fuel.fill", EXPENSE: "expenses.expense", SERVICE: "maintenance.service", TRIP: "trips.trip"}


@query("imports.preview", permission=WRITE, snapshot=True)
def preview_import(uow: UnitOfWork, command: ImportLog) -> ImportReport:
    """Say what importing a log would do, row by row, and store nothing. Raises Rejected."""
    plan = plan_import(uow, command)
    for target in plan.vehicles:
        _warn_of_jumps(plan, *_judged(uow, target))
    return _report(plan, command, None)


@operation("imports.import_log", permission=WRITE)
def import_log(uow: UnitOfWork, command: ImportLog) -> ImportReport:
    """Import a log: good rows are stored, bad ones reported, those imported before left alone.

    Raises Rejected when the file cannot be read or placed, and with *strict* when any row is bad; then
    nothing is stored.
    """
    plan = plan_import(uow, command)
    if command.strict and plan.rejected:
        raise Rejected(
            Problem(f"row {row.row}" + (f".{problem.field}" if problem.field else ""), problem.message, problem.code)
            for row in plan.rejected
            for problem in row.problems
        )
    if not plan.size:
        return _report(plan, command, None)
    import_id = uow.new_id()
    stations = Stations(uow, plan)
    rows: list[Iterator[ImportedRow]] = []
    categories = _add_categories(uow, plan)
    for target in plan.vehicles:
        rows.append(_store(uow, plan, target, import_id=import_id, stations=stations, command=command))
    made = Import(
        id=import_id,
        file_name=(command.file_name or getattr(command.source, "name", ""))[:400],
        format=plan.detection.format,
        imported=plan.size,
        rejected=len(plan.rejected),
        new_vehicle_ids=tuple(target.vehicle.id for target in plan.vehicles if target.add is not None),
        station_ids=tuple(stations.added),
        learned={str(target.vehicle.id): target.learned for target in plan.vehicles if target.learned},
        category_keys=categories,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow[IMPORTS].add(made, chain.from_iterable(rows))
    uow.record_change("imports.import", import_id, None, made)
    uow.emit(
        ImportCompleted(
            import_id=import_id,
            format=made.format,
            imported=made.imported,
            rejected=made.rejected,
            vehicle_ids=tuple(target.vehicle.id for target in plan.vehicles),
        )
    )
    return _report(plan, command, import_id)


def _add_categories(uow: UnitOfWork, plan: ImportPlan) -> tuple[str, ...]:
    """Add the categories that the file's expenses name and the fleet lacks; returns the keys of the new ones."""
    before = {category.key for category in list_categories(uow, ListCategories())}
    rows = [planned for target in plan.vehicles for planned in target.expenses]
    keys = ensure_categories(uow, (each.parsed.category for each in rows if each.parsed is not None))
    for each in rows:
        if isinstance(each.command, RecordExpense):
            each.command = attrs.evolve(each.command, category=keys[each.command.category])
    return tuple(key for key in dict.fromkeys(keys.values()) if key not in before)


def _remove_categories(uow: UnitOfWork, keys: tuple[str, ...]) -> None:
    """Remove those of the categories that an import added which nothing uses any more."""
    for category in list_categories(uow, ListCategories()):
        if category.key in keys and not is_category_used(uow, category):
            remove_category(uow, RemoveCategory(key=category.key, version=category.version))


def _store(
    uow: UnitOfWork, plan: ImportPlan, target: VehiclePlan, *, import_id: UUID, stations: Stations, command: ImportLog
) -> Iterator[ImportedRow]:
    """Store what goes to one vehicle and return its rows."""
    if target.add is not None:
        add_vehicle(uow, target.add)
    vehicle = vehicle_for(uow, target.vehicle.id, WRITE, lock=True)
    fills = [_fill(each) for each in target.fills]
    station_ids = [None if each.station is None else stations.id_of(each.station) for each in target.fills]
    seen = tuple(dict.fromkeys(fill.carrier for fill in fills if fill.carrier is not None))
    vehicle = learn_carriers(uow, vehicle, target.learned + seen)
    target.learned = tuple(c for c in vehicle.carriers if target.add is None and c not in _before(target))
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        if command.progress is not None:
            command.progress("storing", done)

    fill_ids, jumps = fuel_bulk.store_fills(uow, vehicle, fills, import_id, progress=progress, station_ids=station_ids)
    _warn_of_jumps(plan, target.fills, jumps)
    expenses = [each.command for each in target.expenses if isinstance(each.command, RecordExpense)]
    expense_ids, jumps = expense_bulk.store_expenses(uow, vehicle, expenses, import_id, progress)
    _warn_of_jumps(plan, target.expenses, jumps)
    reading_ids, jumps = note_readings(uow, [e.command for e in target.readings if isinstance(e.command, ReadingNote)])
    _warn_of_jumps(plan, target.readings, jumps)
    trips = [each.command for each in target.trips if isinstance(each.command, RecordTrip)]
    trip_ids, jumps = trip_bulk.store_trips(uow, vehicle, trips, import_id, progress)
    _warn_of_jumps(plan, target.trips, jumps)
    return chain(
        _rows(target.fills, FILL, fill_ids, vehicle.id),
        _rows(target.expenses, EXPENSE, expense_ids, vehicle.id),
        _rows(target.readings, READING, reading_ids, vehicle.id),
        _rows(target.trips, TRIP, trip_ids, vehicle.id),
    )


def _fill(planned: Planned) -> RecordFill:
    assert isinstance(planned.command, RecordFill)  # noqa: S101 - only fills are planned as fills; tells the type checker
    return planned.command


def _before(target: VehiclePlan) -> tuple[object, ...]:
    """Return the carriers that the vehicle had before the import."""
    return tuple(carrier for carrier in target.vehicle.carriers if carrier not in target.learned)


def _rows(planned: list[Planned], kind: str, ids: list[UUID], vehicle_id: UUID) -> Iterator[ImportedRow]:
    for each, record_id in zip(planned, ids, strict=True):
        yield ImportedRow(
            key=each.key,
            row=each.row,
            kind=kind,
            record_id=record_id,
            vehicle_id=vehicle_id,
            raw=None if each.parsed is None else _kept(each.parsed),
        )


def _kept(row: ParsedExpense) -> dict[str, str]:
    """Return the row as it stood, and whether it tells of a service: what a service record is made of later."""
    return {**row.raw, "is_service": "1"} if row.is_service else dict(row.raw)


def _judged(uow: UnitOfWork, target: VehiclePlan) -> tuple[list[Planned], list[Problem | None]]:
    """Judge all odometers of a dry run together; returns the rows that have one, and the jumps they make."""
    rows, notes = [], []
    for planned in (*target.fills, *target.expenses, *target.readings):
        command = planned.command
        if isinstance(command, ReadingNote):
            rows.append(planned)
            notes.append(command)
        elif isinstance(command, RecordFill) and command.odometer is not None:
            rows.append(planned)
            notes.append(
                ReadingNote(
                    vehicle_id=target.vehicle.id,
                    value=command.odometer.metres,
                    at=command.at,
                    source="preview",
                    source_id=target.vehicle.id,
                )
            )
    return rows, judge_readings(uow, notes)


def _warn_of_jumps(plan: ImportPlan, rows: Iterable[Planned], jumps: Iterable[Problem | None]) -> None:
    for planned, jump in zip(rows, jumps, strict=True):
        if jump is not None:
            reason = jump.message.partition(":")[0]
            plan.warnings.append(RowNote(planned.row, f"the odometer {reason}; accepted as the file says it"))


def _report(plan: ImportPlan, command: ImportLog, import_id: UUID | None) -> ImportReport:
    found = plan.detection
    return ImportReport(
        import_id=import_id,
        file_name=command.file_name or getattr(command.source, "name", ""),
        format=found.format,
        format_title=found.title,
        encoding=found.encoding,
        separator=found.separator,
        decimal_mark=found.decimal_mark,
        date_order=found.date_order,
        distance_unit=found.distance_unit,
        volume_unit=found.volume_unit,
        currency=plan.currency,
        imported=plan.size,
        skipped=plan.duplicates + len(plan.left_out),
        duplicates=plan.duplicates,
        rejected=tuple(plan.rejected),
        left_out=tuple(plan.left_out),
        warnings=tuple(sorted(plan.warnings, key=lambda note: note.row)),
        notes=tuple(dict.fromkeys(plan.notes)),
        vehicles=tuple(
            ImportedVehicle(
                id=target.vehicle.id,
                name=target.vehicle.name,
                is_new=target.add is not None,
                fills=len(target.fills),
                expenses=len(target.expenses),
                readings=len(target.readings),
                trips=len(target.trips),
            )
            for target in plan.vehicles
        ),
        first_rows=first_rows(plan),
    )


@query("imports.get", permission=WRITE)
def get_import(uow: UnitOfWork, command: GetImport) -> Import:
    """Return one import, undone or not. Raises NotFound."""
    return uow[IMPORTS].get(command.id)


@query("imports.list", permission=WRITE)
def list_imports(uow: UnitOfWork, command: ListImports) -> Page[Import]:
    """List the imports, newest first, undone ones too."""
    limit = page_limit(command.limit)
    rows = uow[IMPORTS].page(decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda made: Position(made.created_at, made.id), command)


@operation("imports.undo", permission=WRITE)
def undo_import(uow: UnitOfWork, command: UndoImport) -> Import:
    """Take back everything that an import brought, edited since or not; the file can be imported again.

    The journal, the readings and the audit log keep both the import and its reversal. A vehicle that the
    import added is removed when nothing else was recorded for it. Raises NotFound, Rejected when undone already.
    """
    before = uow[IMPORTS].get(command.id, lock=True)
    if before.undone_at is not None:
        raise Rejected.because("id", f"this import was undone already, on {before.undone_at.date()}")
    voided = _erase_records(uow, before.id)
    uow[IMPORTS].forget_rows(before.id)
    note = f"the import of {before.file_name} was undone"
    for vehicle_id, reading_ids in voided.items():
        void_imported(uow, vehicle_id, frozenset(reading_ids), note)
        _restore_vehicle(uow, before, vehicle_id)
    remove_unused(uow, before.station_ids)
    _remove_categories(uow, before.category_keys)
    after = attrs.evolve(before, undone_at=uow.now, undone_by=uow.actor.user_id, version=before.version + 1)
    uow[IMPORTS].replace(after, old_version=before.version)
    uow.record_change("imports.import", before.id, before, after)
    uow.emit(ImportUndone(import_id=before.id, vehicle_ids=tuple(voided)))
    return after


def _erase_records(uow: UnitOfWork, import_id: UUID) -> dict[UUID, list[UUID]]:
    """Erase an import's records, reversing their entries; returns the readings to void, by vehicle."""
    readings: dict[UUID, list[UUID]] = defaultdict(list)
    for kind in (FILL, EXPENSE, READING, SERVICE, TRIP):
        brought = uow[IMPORTS].records(import_id, kind)
        for record_id, vehicle_id in brought:
            of_vehicle = readings[vehicle_id]
            if kind == READING:
                of_vehicle.append(record_id)
        if kind in ENTITIES:
            forget_records(uow, ENTITIES[kind], [record_id for record_id, _ in brought])
    erased = (
        *fuel_bulk.remove_imported(uow, import_id),
        *expense_bulk.remove_imported(uow, import_id),
        *maintenance_bulk.remove_imported(uow, import_id),
    )
    for owner_id, reading_id in erased:
        if reading_id is not None and owner_id is not None:
            readings[owner_id].append(reading_id)
    for trip in trip_bulk.remove_imported(uow, import_id):
        owned = (trip.start_reading_id, trip.end_reading_id)
        readings[trip.vehicle_id] += (reading_id for reading_id in owned if reading_id is not None)
    return readings


def _restore_vehicle(uow: UnitOfWork, made: Import, vehicle_id: UUID) -> None:
    """Take back what the import did to a vehicle itself: the carriers it taught, or the whole vehicle."""
    vehicle = uow[VEHICLES].get(vehicle_id, lock=True)
    if vehicle.deleted_at is not None:
        return
    used = uow[FILLS].carriers_of(vehicle_id)
    learned = made.learned.get(str(vehicle_id), ())
    unlearn_carriers(uow, vehicle, tuple(carrier for carrier in learned if carrier not in used))
    is_used = used or expense_bulk.has_expenses(uow, vehicle_id) or maintenance_bulk.has_maintenance(uow, vehicle_id)
    if vehicle_id in made.new_vehicle_ids and not is_used and not trip_bulk.has_trips(uow, vehicle_id):
        remove_vehicle(uow, RemoveVehicle(id=vehicle_id))
