"""Routes of the audit log."""

from __future__ import annotations

from fleetserver.web.routing import Route, read

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (read("/audit", "audit.list"),)
