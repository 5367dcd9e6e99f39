"""What the exports area brings to a Core."""

from __future__ import annotations

from fleetcore.attachments.ports import ATTACHMENTS
from fleetcore.expenses.ports import EXPENSES
from fleetcore.fuel.ports import FILLS, STATIONS
from fleetcore.kernel.area import Area
from fleetcore.ledger.ports import ACCOUNTS, LEDGER_READS
from fleetcore.maintenance.ports import PROVIDERS, SERVICES
from fleetcore.people.ports import FLEETS, USERS
from fleetcore.vehicles.ports import READINGS, VEHICLES

from . import service
from .ports import TABLES
from .storage import SqlFleetTables

__all__ = ["AREA"]

AREA = Area(
    name="exports",
    stores={TABLES: SqlFleetTables},
    operations=(service.export_fleet, service.export_table),
    needs=(
        *(ACCOUNTS, ATTACHMENTS, EXPENSES, FILLS, FLEETS, LEDGER_READS, PROVIDERS, READINGS, SERVICES, STATIONS, USERS),
        VEHICLES,
    ),
)
