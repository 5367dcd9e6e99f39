"""What the maintenance area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.access import record_finder
from fleetcore.vehicles.events import VehiclePurged

from . import checklists, fittings, inspections, jobs, plans, providers, service, templates, tyres
from .events import EVENTS
from .inspection_events import INSPECTION_EVENTS
from .plan_events import PLAN_EVENTS
from .ports import (
    CHECKLISTS,
    FITTINGS,
    INSPECTIONS,
    JOBS,
    MAINTENANCE_TIMELINE,
    PLANS,
    PROVIDERS,
    SERVICES,
    TEMPLATES,
    TREADS,
    TYRES,
)
from .storage import SqlServiceStore
from .storage_inspections import SqlChecklistStore, SqlInspectionStore
from .storage_jobs import SqlJobStore
from .storage_plans import SqlPlanStore, SqlTemplateStore
from .storage_providers import SqlProviderStore
from .storage_timeline import MAINTENANCE_TIMELINE_STORE
from .storage_tyres import SqlFittingStore, SqlTreadStore, SqlTyreStore
from .tyre_events import TYRE_EVENTS

__all__ = ["AREA"]


def purge_maintenance(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase what was done, planned, inspected and mounted on a purged vehicle; the ledger keeps the entries."""
    uow[TYRES].purge(event.vehicle_id)
    uow[INSPECTIONS].purge(event.vehicle_id)
    uow[PLANS].purge(event.vehicle_id)
    uow[JOBS].purge(event.vehicle_id)
    uow[SERVICES].purge(event.vehicle_id)


AREA = Area(
    name="maintenance",
    stores={
        MAINTENANCE_TIMELINE: MAINTENANCE_TIMELINE_STORE,
        SERVICES: SqlServiceStore,
        JOBS: SqlJobStore,
        PROVIDERS: SqlProviderStore,
        PLANS: SqlPlanStore,
        TEMPLATES: SqlTemplateStore,
        CHECKLISTS: SqlChecklistStore,
        INSPECTIONS: SqlInspectionStore,
        TYRES: SqlTyreStore,
        FITTINGS: SqlFittingStore,
        TREADS: SqlTreadStore,
    },
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
        plans.add_plan_item,
        plans.edit_plan_item,
        plans.remove_plan_item,
        plans.get_plan_item,
        plans.list_plan_items,
        templates.add_template,
        templates.edit_template,
        templates.remove_template,
        templates.apply_template,
        templates.get_template,
        templates.list_templates,
        templates.list_template_uses,
        checklists.add_checklist,
        checklists.edit_checklist,
        checklists.remove_checklist,
        checklists.get_checklist,
        checklists.list_checklists,
        inspections.record_inspection,
        inspections.edit_inspection,
        inspections.delete_inspection,
        inspections.schedule_repairs,
        inspections.get_inspection,
        inspections.list_inspections,
        tyres.add_tyre_set,
        tyres.edit_tyre_set,
        tyres.remove_tyre_set,
        tyres.rotate_tyres,
        tyres.get_tyre_set,
        tyres.list_tyre_sets,
        fittings.mount_tyres,
        fittings.unmount_tyres,
        fittings.remove_fitting,
        fittings.measure_tread,
        fittings.remove_tread_check,
        fittings.report_tyres,
    ),
    events=(*EVENTS, *PLAN_EVENTS, *INSPECTION_EVENTS, *TYRE_EVENTS),
    reactions={VehiclePurged: purge_maintenance},
    records={
        service.SOURCE: record_finder(SERVICES, service.READ, service.WORK),
        jobs.ENTITY: record_finder(JOBS, service.READ, service.WORK),
        providers.ENTITY: record_finder(PROVIDERS, service.READ, service.WORK),
        inspections.SOURCE: record_finder(INSPECTIONS, service.READ, service.WORK),
        tyres.SOURCE: record_finder(TYRES, service.READ, service.WORK),
        plans.PLAN_SOURCE: record_finder(PLANS, plans.READ, plans.SCHEDULE),
    },
)
