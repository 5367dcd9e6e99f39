"""Service rows of logs imported earlier become service records, in one step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from fleetcore.attachments.reach import rehang_records
from fleetcore.expenses.bulk import erase_expenses
from fleetcore.expenses.model import Expense
from fleetcore.expenses.ports import EXPENSES
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.maintenance.bulk import store_services
from fleetcore.maintenance.model import RecordService, ServiceCategory
from fleetcore.operations import operation
from fleetcore.vehicles.access import require_whole_fleet
from fleetcore.vehicles.ports import VEHICLES

from .events import ServicesConverted
from .model import ConversionReport, ConvertServices, ImportedService
from .ports import IMPORTS

__all__ = ["convert_services"]

WRITE = "imports.write"
NOTE = "the imported expense became a service record"
CATEGORIES = MappingProxyType(
    {
        "repair": ServiceCategory.REPAIR,
        "accessory": ServiceCategory.UPGRADE,
        "inspection": ServiceCategory.INSPECTION,
    }
)
KINDS = ("type of service", "service type", "type")


@operation("imports.convert_services", permission=WRITE)
def convert_services(uow: UnitOfWork, command: ConvertServices) -> ConversionReport:
    """Make service records of the expenses that logs imported earlier call services, as they are now.

    Each takes the expense's place in the ledger, the odometer and its import: undoing the import takes it back,
    importing the file again adds nothing. What was converted before is left alone. Raises Forbidden.
    """
    require_whole_fleet(uow, WRITE)
    rows_of: dict[UUID, list[ImportedService]] = defaultdict(list)
    for row in uow[IMPORTS].services():
        rows_of[row.vehicle_id].append(row)
    converted = {
        vehicle_id: count
        for vehicle_id, rows in rows_of.items()
        if (count := _convert(uow, vehicle_id, rows, dry_run=command.dry_run))
    }
    total, vehicle_ids = sum(converted.values()), tuple(converted)
    if total and not command.dry_run:
        uow.emit(ServicesConverted(conversion_id=uow.new_id(), converted=total, vehicle_ids=vehicle_ids))
    left = sum(map(len, rows_of.values())) - total
    return ConversionReport(converted=total, left=left, vehicle_ids=vehicle_ids, is_dry_run=command.dry_run)


def _convert(uow: UnitOfWork, vehicle_id: UUID, rows: Sequence[ImportedService], *, dry_run: bool) -> int:
    """Convert the rows of one vehicle; returns how many of them were, or would be."""
    if uow[VEHICLES].get(vehicle_id, lock=not dry_run).deleted_at is not None:
        return 0
    found = [(row, expense) for row in rows if (expense := _expense_of(uow, row)) is not None]
    if dry_run or not found:
        return len(found)
    expenses = [expense for _, expense in found]
    erase_expenses(uow, expenses, NOTE)
    ids = store_services(uow, vehicle_id, [(row.import_id, _service_of(row, expense)) for row, expense in found])
    uow[IMPORTS].point_to_services([(row, service_id) for (row, _), service_id in zip(found, ids, strict=True)])
    taken = {expense.id: service_id for expense, service_id in zip(expenses, ids, strict=True)}
    rehang_records(uow, "expenses.expense", "maintenance.service", taken)
    for expense in expenses:
        uow.record_change("expenses.expense", expense.id, expense, None)
    return len(found)


def _expense_of(uow: UnitOfWork, row: ImportedService) -> Expense | None:
    """Return the expense that *row* became, unless people deleted it or moved it to another vehicle."""
    try:
        expense = uow[EXPENSES].get(row.record_id)
    except NotFound:
        return None
    return expense if expense.vehicle_id == row.vehicle_id else None


def _service_of(row: ImportedService, expense: Expense) -> RecordService:
    """Return the service that the expense of a row tells of; what people changed since the import counts."""
    return RecordService(
        vehicle_id=row.vehicle_id,
        done_on=expense.spent_on,
        at=expense.at,
        category=CATEGORIES.get(expense.category, ServiceCategory.ROUTINE),
        title=expense.title or _kind(row.raw) or expense.category.replace("_", " ").capitalize(),
        odometer=expense.odometer,
        total=expense.amount,
        place=expense.place,
        notes=expense.notes,
        tags=expense.tags,
        attachment_ids=expense.attachment_ids,
    )


def _kind(raw: Mapping[str, str]) -> str:
    """Return what the file itself calls the kind of service, or nothing."""
    for header, text in raw.items():
        if header.strip().casefold() in KINDS:
            return " ".join(text.split())[:200]
    return ""
