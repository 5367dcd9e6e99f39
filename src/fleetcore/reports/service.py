"""The reports of the area in one place, and the summary of one vehicle made of them."""

from __future__ import annotations

from fleetcore.kernel.errors import reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import query

from .costs import cost_report, cost_summary
from .economy import READ, economy_report, economy_rows, seen_vehicles
from .model import CostReport, CostsBy, EconomyReport, VehicleReport, VehicleSummary
from .rules import check_range

__all__ = ["cost_report", "economy_report", "vehicle_summary"]


@query("reports.vehicle_summary", permission=READ, snapshot=True)
def vehicle_summary(uow: UnitOfWork, command: VehicleReport) -> VehicleSummary:
    """Return how far a vehicle went, how much it took, what it cost by category, and whether it takes more.

    Raises NotFound for a vehicle that is removed, unknown or out of reach, and Rejected with every problem.
    """
    reject_if_any(check_range(command))
    vehicles = seen_vehicles(uow, command.vehicle_id)
    vehicle_id, since, until = command.vehicle_id, command.since, command.until
    economy = EconomyReport(vehicle_id=vehicle_id, since=since, until=until, with_intervals=command.with_intervals)
    costs = CostReport(vehicle_id=vehicle_id, since=since, until=until, by=CostsBy.CATEGORY)
    return VehicleSummary(
        vehicle_id=vehicles[0].id,
        name=vehicles[0].name,
        economy=economy_rows(uow, economy, vehicles),
        costs=cost_summary(uow, costs, vehicles),
    )
