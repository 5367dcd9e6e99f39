"""The areas that ship with fleetcore, in rank order: they enter by the same door as a plugin's."""

from __future__ import annotations

from fleetcore.audit.area import AREA as AUDIT
from fleetcore.calendars.area import AREA as CALENDARS
from fleetcore.expenses.area import AREA as EXPENSES
from fleetcore.exports.area import AREA as EXPORTS
from fleetcore.fuel.area import AREA as FUEL
from fleetcore.imports.area import AREA as IMPORTS
from fleetcore.kernel.area import Area
from fleetcore.ledger.area import AREA as LEDGER
from fleetcore.maintenance.area import AREA as MAINTENANCE
from fleetcore.people.area import AREA as PEOPLE
from fleetcore.reminders.area import AREA as REMINDERS
from fleetcore.reports.area import AREA as REPORTS
from fleetcore.trips.area import AREA as TRIPS
from fleetcore.vehicles.area import AREA as VEHICLES

__all__ = ["BUILT_IN_AREAS"]

BUILT_IN_AREAS: tuple[Area, ...] = (
    *(AUDIT, PEOPLE, VEHICLES, LEDGER, REMINDERS, FUEL, EXPENSES, MAINTENANCE, TRIPS),
    *(CALENDARS, IMPORTS, EXPORTS, REPORTS),
)
