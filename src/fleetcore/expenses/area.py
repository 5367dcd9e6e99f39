"""What the expenses area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.access import record_finder
from fleetcore.vehicles.events import VehiclePurged

from . import categories, recurring, service
from .events import EVENTS
from .ports import CATEGORIES, EXPENSE_TIMELINE, EXPENSES, RECURRING
from .storage import SqlExpenseStore
from .storage_categories import SqlCategoryStore
from .storage_recurring import SqlRecurringStore
from .storage_timeline import EXPENSE_TIMELINE_STORE

__all__ = ["AREA"]


def purge_expenses(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the expenses of a purged vehicle, recurring ones too; the ledger keeps their entries."""
    uow[EXPENSES].purge(event.vehicle_id)
    uow[RECURRING].purge(event.vehicle_id)


AREA = Area(
    name="expenses",
    stores={
        EXPENSE_TIMELINE: EXPENSE_TIMELINE_STORE,
        EXPENSES: SqlExpenseStore,
        CATEGORIES: SqlCategoryStore,
        RECURRING: SqlRecurringStore,
    },
    operations=(
        service.record_expense,
        service.edit_expense,
        service.delete_expense,
        service.restore_expense,
        service.get_expense,
        service.list_expenses,
        categories.add_category,
        categories.edit_category,
        categories.remove_category,
        categories.list_categories,
        recurring.add_recurring,
        recurring.edit_recurring,
        recurring.stop_recurring,
        recurring.get_recurring,
        recurring.list_recurring,
        recurring.run_recurring,
    ),
    events=EVENTS,
    jobs=(recurring.RECORD_DUE,),
    reactions={VehiclePurged: purge_expenses},
    records={service.SOURCE: record_finder(EXPENSES, service.READ, service.WRITE)},
)
