"""Routes of services, jobs, providers, plans, inspections and tyres."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, create, read, remove, replace, resource

__all__ = ["ROUTES"]

PLANS: tuple[Route, ...] = (
    read("/plans/templates", "maintenance.list_templates"),
    create("/plans/templates", "maintenance.add_template"),
    replace("/plans/templates/{id}", "maintenance.edit_template", getter=None),
    remove("/plans/templates/{id}", "maintenance.remove_template"),
    read("/plans/templates/by-key/{key}", "maintenance.get_template"),
    read("/plans/templates/by-key/{template}/uses", "maintenance.list_template_uses"),
    act("/plans/templates/by-key/{template}/apply", "maintenance.apply_template"),
    *resource(
        "/plans",
        add="maintenance.add_plan_item",
        get="maintenance.get_plan_item",
        list_="maintenance.list_plan_items",
        edit="maintenance.edit_plan_item",
        delete="maintenance.remove_plan_item",
    ),
)
INSPECTIONS: tuple[Route, ...] = (
    read("/inspections/checklists", "maintenance.list_checklists"),
    create("/inspections/checklists", "maintenance.add_checklist"),
    replace("/inspections/checklists/{id}", "maintenance.edit_checklist", getter=None),
    remove("/inspections/checklists/{id}", "maintenance.remove_checklist"),
    read("/inspections/checklists/by-key/{key}", "maintenance.get_checklist"),
    *resource(
        "/inspections",
        add="maintenance.record_inspection",
        get="maintenance.get_inspection",
        list_="maintenance.list_inspections",
        edit="maintenance.edit_inspection",
        delete="maintenance.delete_inspection",
    ),
    act("/inspections/{id}/schedule-repairs", "maintenance.schedule_repairs", getter="maintenance.get_inspection"),
)
TYRES: tuple[Route, ...] = (
    remove("/tyres/fittings/{id}", "maintenance.remove_fitting"),
    remove("/tyres/tread-checks/{id}", "maintenance.remove_tread_check"),
    *resource(
        "/tyres",
        add="maintenance.add_tyre_set",
        get="maintenance.get_tyre_set",
        list_="maintenance.list_tyre_sets",
        edit="maintenance.edit_tyre_set",
        delete="maintenance.remove_tyre_set",
    ),
    read("/tyres/{id}/report", "maintenance.report_tyres"),
    act("/tyres/{id}/rotate", "maintenance.rotate_tyres", getter="maintenance.get_tyre_set"),
    act("/tyres/{set_id}/mount", "maintenance.mount_tyres"),
    act("/tyres/{set_id}/unmount", "maintenance.unmount_tyres"),
    act("/tyres/{set_id}/tread-checks", "maintenance.measure_tread"),
)
ROUTES: tuple[Route, ...] = (
    *PLANS,
    *INSPECTIONS,
    *TYRES,
    *resource(
        "/maintenance/jobs",
        add="maintenance.schedule_job",
        get="maintenance.get_job",
        list_="maintenance.list_jobs",
        edit="maintenance.edit_job",
    ),
    act("/maintenance/jobs/{id}/start", "maintenance.start_job", getter="maintenance.get_job"),
    act("/maintenance/jobs/{id}/complete", "maintenance.complete_job", getter="maintenance.get_job"),
    act("/maintenance/jobs/{id}/cancel", "maintenance.cancel_job", getter="maintenance.get_job"),
    act("/maintenance/jobs/{id}/reopen", "maintenance.reopen_job", getter="maintenance.get_job"),
    *resource(
        "/maintenance/providers",
        add="maintenance.add_provider",
        get="maintenance.get_provider",
        list_="maintenance.list_providers",
        edit="maintenance.edit_provider",
        delete="maintenance.remove_provider",
    ),
    *resource(
        "/maintenance",
        add="maintenance.record_service",
        get="maintenance.get_service",
        list_="maintenance.list_services",
        edit="maintenance.edit_service",
        delete="maintenance.delete_service",
        restore="maintenance.restore_service",
    ),
)
