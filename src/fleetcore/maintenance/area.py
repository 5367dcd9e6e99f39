"""What the maintenance area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.access import record_finder
from fleetcore.vehicles.events import VehiclePurged

from . import jobs, providers, service
from .events import EVENTS
from .ports import JOBS, PROVIDERS, SERVICES
from .storage import SqlServiceStore
from .storage_jobs import SqlJobStore
from .storage_providers import SqlProviderStore

__all__ = ["AREA"]


def purge_maintenance(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the jobs and service records of a purged vehicle; the ledger keeps their entries."""
    uow[JOBS].purge(event.vehicle_id)
    uow[SERVICES].purge(event.vehicle_id)


AREA = Area(
    name="maintenance",
    stores={SERVICES: SqlServiceStore, JOBS: SqlJobStore, PROVIDERS: SqlProviderStore},
    operations=(
        service.record_service,
        service.edit_service,
        service.delete_service,
        service.restore_service,
        service.get_service,
        service.list_services,
        jobs.schedule_job,
        jobs.edit_job,
        jobs.start_job,
        jobs.complete_job,
        jobs.cancel_job,
        jobs.reopen_job,
        jobs.get_job,
        jobs.list_jobs,
        providers.add_provider,
        providers.edit_provider,
        providers.remove_provider,
        providers.get_provider,
        providers.list_providers,
    ),
    events=EVENTS,
    reactions={VehiclePurged: purge_maintenance},
    records={
        service.SOURCE: record_finder(SERVICES, service.READ, service.WORK),
        jobs.ENTITY: record_finder(JOBS, service.READ, service.WORK),
        providers.ENTITY: record_finder(PROVIDERS, service.READ, service.WORK),
    },
)
