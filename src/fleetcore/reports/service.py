"""Economy, costs, and the summary of one vehicle."""

from __future__ import annotations

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import query

from .model import CostReport, CostSummary, EconomyReport, EconomyRow, VehicleReport, VehicleSummary

__all__ = ["cost_report", "economy_report", "vehicle_summary"]

READ = "reports.read"


@query("reports.economy", permission=READ, snapshot=True)
def economy_report(uow: UnitOfWork, command: EconomyReport) -> tuple[EconomyRow, ...]:
    """Return one row per vehicle and carrier, by name. Raises NotFound, Rejected."""
    raise NotImplementedError


@query("reports.costs", permission=READ, snapshot=True)
def cost_report(uow: UnitOfWork, command: CostReport) -> CostSummary:
    """Return costs by month, year, category or vehicle. Raises NotFound, Rejected."""
    raise NotImplementedError


@query("reports.vehicle_summary", permission=READ, snapshot=True)
def vehicle_summary(uow: UnitOfWork, command: VehicleReport) -> VehicleSummary:
    """Return consumption, costs and rates of one vehicle. Raises NotFound, Rejected."""
    raise NotImplementedError
