"""What joins people and vehicles: who leaves gives everything back, users are members, vehicles fit the quota."""

from __future__ import annotations

from uuid import UUID

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.events import MemberRemoved
from fleetcore.people.ports import FLEETS, MEMBERS
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.drivers import end_assignments
from fleetcore.vehicles.events import DriverAssigned, VehicleAdded, VehicleGranted, VehicleRestored
from fleetcore.vehicles.ports import VEHICLES
from fleetcore.vehicles.service import end_grants

__all__ = ["check_driver", "check_grantee", "check_quota", "end_use"]


def end_use(uow: UnitOfWork, event: MemberRemoved) -> None:
    """End the grants and assignments of a member who left: coming back, they start with nothing."""
    end_grants(uow, event.user_id)
    end_assignments(uow, event.user_id)


def check_grantee(uow: UnitOfWork, event: VehicleGranted) -> None:
    """Refuse a grant to someone who is no member; others are invited first."""
    _require_member(uow, "user_id", event.user_id)


def check_driver(uow: UnitOfWork, event: DriverAssigned) -> None:
    """Refuse an assignment by id of someone who is no member."""
    if event.driver_id is not None:
        _require_member(uow, "driver_id", event.driver_id)


def _require_member(uow: UnitOfWork, field: str, user_id: UUID) -> None:
    uow[FLEETS].get(lock=True)  # who is leaving at this moment either is gone afterwards, or sees what they must end
    if uow[MEMBERS].find(user_id) is None:
        raise Rejected.because(field, "is no member of this fleet: invite them first, as a guest", "member.unknown")


def check_quota(uow: UnitOfWork, event: VehicleAdded | VehicleRestored) -> None:  # noqa: ARG001 - counts them all
    """Refuse a vehicle beyond what the fleet may hold; holding the fleet's row, two racing ones see each other."""
    if fleet_of(uow).vehicles_max is None:
        return
    limit = uow[FLEETS].get(lock=True).vehicles_max
    held = uow[VEHICLES].count() - 1  # the new one is stored already
    if limit is not None and held >= limit:
        raise Rejected.because(
            "",
            f"the fleet may hold {limit} vehicles and holds {held}: remove one, or ask who runs the platform for more",
            "quota.vehicles",
        )
