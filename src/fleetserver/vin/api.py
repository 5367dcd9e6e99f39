"""Routes of what VINs tell, and of makes and models for pickers."""

from __future__ import annotations

from fleetserver.web.routing import Route, read

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/vins/{vin}", "vin.decode"),
    read("/makes", "vin.list_makes"),
    read("/makes/{make}/models", "vin.list_models"),
)
