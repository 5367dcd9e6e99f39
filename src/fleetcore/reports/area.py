"""What reports bring to a Core: questions, and no table of their own."""

from __future__ import annotations

from fleetcore.expenses.ports import RECURRING
from fleetcore.fuel.ports import FILL_LOGS
from fleetcore.kernel.area import Area
from fleetcore.ledger.ports import ACCOUNTS, LEDGER_READS
from fleetcore.maintenance.ports import SERVICES
from fleetcore.people.ports import FLEETS, MEMBERS
from fleetcore.reminders.ports import REMINDERS
from fleetcore.trips.ports import RATES, TRIPS
from fleetcore.vehicles.ports import GRANTS, READING_LINES, READINGS, VEHICLES

from .glance import list_glances, list_month_costs
from .odometer import odometer_report
from .ownership import compare_vehicles, ownership_report
from .service import cost_report, economy_report, vehicle_summary
from .trips import mileage_report, trip_tax_report
from .upcoming import due_report, upcoming_report
from .yearly import yearly_report

__all__ = ["AREA"]

AREA = Area(
    name="reports",
    operations=(
        economy_report,
        cost_report,
        vehicle_summary,
        list_glances,
        list_month_costs,
        mileage_report,
        trip_tax_report,
        due_report,
        upcoming_report,
        ownership_report,
        compare_vehicles,
        yearly_report,
        odometer_report,
    ),
    needs=(
        *(ACCOUNTS, FILL_LOGS, FLEETS, GRANTS, LEDGER_READS, MEMBERS, RATES, READINGS, READING_LINES, RECURRING),
        *(REMINDERS, SERVICES, TRIPS, VEHICLES),
    ),
)
