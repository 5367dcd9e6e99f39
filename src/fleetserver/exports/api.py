"""Routes of exports."""

from __future__ import annotations

from fleetserver.web.routing import Route, content, download

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    download("/exports/fleet", "exports.export_fleet", file_field="target", file_name="fleet.zip"),
    content("/exports/tables/{name}", "exports.export_table", field="text", media_type="text/csv"),
)
