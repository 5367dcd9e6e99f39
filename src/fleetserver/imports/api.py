"""Routes of imports."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, read, upload

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/imports", "imports.list"),
    read("/imports/{id}", "imports.get"),
    upload("/imports/preview", "imports.preview", file_field="source"),
    upload("/imports", "imports.import_log", file_field="source"),
    act("/imports/convert-services", "imports.convert_services"),
    act("/imports/{id}/undo", "imports.undo"),
)
