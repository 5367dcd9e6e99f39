"""Routes of services, jobs and providers."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
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
