"""Routes of API keys; they are made at ``POST /auth/keys``, where their secret is told."""

from __future__ import annotations

from fleetserver.web.routing import Route, read, remove

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/auth/keys", "accounts.list_keys"),
    remove("/auth/keys/{id}", "accounts.revoke_key"),
)
