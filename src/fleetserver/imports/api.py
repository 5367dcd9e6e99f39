"""Routes of imports."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, read

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/imports", "imports.list"),
    act("/imports/convert-services", "imports.convert_services"),
    act("/imports/{id}/undo", "imports.undo"),
)
