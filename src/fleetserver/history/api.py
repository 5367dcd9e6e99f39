"""Routes of timelines, of who changed what, and of the service passport."""

from __future__ import annotations

from fleetserver.web.routing import Route, content, read

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/history", "history.timeline"),
    read("/history/records/{id}", "history.of_record"),
    content("/vehicles/{vehicle_id}/passport", "history.passport", field="html", media_type="text/html"),
)
