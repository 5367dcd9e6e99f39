"""What reports bring to a Core: questions, and no table of their own."""

from __future__ import annotations

from fleetcore.fuel.ports import FILL_LOGS
from fleetcore.kernel.area import Area
from fleetcore.ledger.ports import ACCOUNTS, LEDGER_READS
from fleetcore.people.ports import FLEETS
from fleetcore.vehicles.ports import GRANTS, READING_LINES, READINGS, VEHICLES

from .service import cost_report, economy_report, vehicle_summary

__all__ = ["AREA"]

AREA = Area(
    name="reports",
    operations=(economy_report, cost_report, vehicle_summary),
    needs=(ACCOUNTS, FILL_LOGS, FLEETS, GRANTS, LEDGER_READS, READINGS, READING_LINES, VEHICLES),
)
