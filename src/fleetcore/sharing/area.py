"""What the sharing area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.people.events import MemberRemoved
from fleetcore.people.ports import FLEETS, MEMBERS, ROLES, USERS
from fleetcore.vehicles.events import DriverAssigned, VehicleAdded, VehicleGranted, VehicleRestored
from fleetcore.vehicles.ports import ASSIGNMENTS, GRANTS, VEHICLES

from . import reactions, service
from .events import EVENTS
from .ports import INVITATIONS
from .storage import SqlInvitationStore

__all__ = ["AREA"]

AREA = Area(
    name="sharing",
    stores={INVITATIONS: SqlInvitationStore},
    operations=(
        service.invite,
        service.resend_invitation,
        service.revoke_invitation,
        service.get_invitation,
        service.list_invitations,
    ),
    events=EVENTS,
    needs=(FLEETS, USERS, MEMBERS, ROLES, VEHICLES, GRANTS, ASSIGNMENTS),
    reactions={
        MemberRemoved: reactions.end_use,
        VehicleGranted: reactions.check_grantee,
        DriverAssigned: reactions.check_driver,
        VehicleAdded: reactions.check_quota,
        VehicleRestored: reactions.check_quota,
    },
)
