"""Routes of fills, charges and stations."""

from __future__ import annotations

from fleetserver.web.routing import Route, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    *resource(
        "/fuel",
        add="fuel.record_fill",
        get="fuel.get_fill",
        list_="fuel.list_fills",
        edit="fuel.edit_fill",
        delete="fuel.delete_fill",
        restore="fuel.restore_fill",
    ),
    *resource(
        "/stations",
        add="fuel.add_station",
        get="fuel.get_station",
        list_="fuel.list_stations",
        edit="fuel.edit_station",
        delete="fuel.delete_station",
    ),
)
