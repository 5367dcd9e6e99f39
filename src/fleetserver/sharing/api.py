"""Routes of invitations."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, create, read, remove

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/invitations", "sharing.list_invitations"),
    create("/invitations", "sharing.invite", record="invitation"),
    read("/invitations/{id}", "sharing.get_invitation"),
    act("/invitations/{id}/resend", "sharing.resend_invitation", record="invitation"),
    remove("/invitations/{id}", "sharing.revoke_invitation", getter="sharing.get_invitation"),
)
