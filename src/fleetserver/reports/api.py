"""Routes of reports."""

from __future__ import annotations

from fleetserver.web.routing import Route, read

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/reports/economy", "reports.economy"),
    read("/reports/costs", "reports.costs"),
    read("/reports/glances", "reports.glances"),
    read("/reports/month-costs", "reports.month_costs"),
    read("/reports/vehicle", "reports.vehicle_summary"),
    read("/reports/mileage", "reports.mileage"),
    read("/reports/due", "reports.due"),
    read("/reports/upcoming", "reports.upcoming"),
    read("/reports/ownership", "reports.ownership"),
    read("/reports/compare", "reports.compare"),
    read("/reports/yearly", "reports.yearly"),
    read("/reports/trip-tax", "reports.trip_tax"),
    read("/reports/odometer", "reports.odometer"),
)
