"""Routes of background jobs and failed events."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, read, remove

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/jobs", "worker.list_jobs"),
    read("/jobs/{id}", "worker.get_job"),
    act("/jobs/{id}/retry", "worker.retry_job"),
    remove("/jobs/{id}", "worker.discard_job"),
    read("/dead-letters", "worker.list_dead_letters"),
    read("/dead-letters/{id}", "worker.get_dead_letter"),
    act("/dead-letters/{id}/replay", "worker.replay"),
    remove("/dead-letters/{id}", "worker.discard_dead_letter"),
)
