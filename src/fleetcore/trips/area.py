"""What the trips area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.ports import JOURNAL
from fleetcore.people.ports import FLEETS, MEMBERS
from fleetcore.vehicles.access import record_finder
from fleetcore.vehicles.events import VehiclePurged
from fleetcore.vehicles.ports import GRANTS, READING_LINES, READINGS, VEHICLES

from . import months, queries, rates, service
from .events import EVENTS
from .ports import MONTHS, RATES, TRIP_TIMELINE, TRIPS
from .storage import SqlTripStore
from .storage_rates import SqlMonthStore, SqlRateStore
from .storage_timeline import TRIP_TIMELINE_STORE

__all__ = ["AREA"]


def purge_trips(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the trips of a purged vehicle and its closed months; the ledger keeps their entries."""
    uow[TRIPS].purge(event.vehicle_id)
    uow[MONTHS].purge(event.vehicle_id)


AREA = Area(
    name="trips",
    stores={TRIP_TIMELINE: TRIP_TIMELINE_STORE, TRIPS: SqlTripStore, RATES: SqlRateStore, MONTHS: SqlMonthStore},
    operations=(
        service.record_trip,
        service.start_trip,
        service.finish_trip,
        service.edit_trip,
        service.delete_trip,
        service.restore_trip,
        queries.get_trip,
        queries.list_trips,
        queries.get_logbook,
        months.close_month,
        months.list_closed_months,
        rates.add_rate,
        rates.remove_rate,
        rates.list_rates,
    ),
    events=EVENTS,
    needs=(FLEETS, GRANTS, JOURNAL, MEMBERS, READINGS, READING_LINES, VEHICLES),
    reactions={VehiclePurged: purge_trips},
    records={service.SOURCE: record_finder(TRIPS, service.READ, service.WRITE)},
)
