"""Close months of a logbook: what changes in them afterwards needs a reason and is marked."""

from __future__ import annotations

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import require_whole_fleet, vehicle_for

from .events import MonthClosed
from .model import ClosedMonth, CloseMonth, ListClosedMonths
from .ports import MONTHS
from .service import READ, WRITE

__all__ = ["close_month", "list_closed_months"]


@operation("trips.close_month", permission=WRITE)
def close_month(uow: UnitOfWork, command: CloseMonth) -> ClosedMonth:
    """Close a month of a vehicle's logbook for good; it must be over.

    Needs the whole fleet. Raises NotFound for the vehicle, Conflict when it is closed already, Rejected before its
    end.
    """
    require_whole_fleet(uow, WRITE)
    vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    month = command.month.replace(day=1)
    today = local_date(uow.now, fleet_of(uow).timezone)
    if month >= today.replace(day=1):
        raise Rejected.because("month", f"{month:%Y-%m} is not over yet")
    closed = ClosedMonth(vehicle_id=command.vehicle_id, month=month, closed_at=uow.now, closed_by=uow.actor.user_id)
    uow[MONTHS].add(closed)
    uow.record_change("trips.closed_month", command.vehicle_id, None, closed)
    uow.emit(MonthClosed(vehicle_id=closed.vehicle_id, month=month))
    return closed


@query("trips.list_closed_months", permission=READ)
def list_closed_months(uow: UnitOfWork, command: ListClosedMonths) -> tuple[ClosedMonth, ...]:
    """List the closed months of a vehicle's logbook, newest first. Raises NotFound."""
    vehicle_for(uow, command.vehicle_id, READ)
    return tuple(uow[MONTHS].of_vehicle(command.vehicle_id))
