"""Vehicles: the facts, and the commands and questions about them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import DistanceUnit, Energy, Mass, Volume, VolumeUnit
from fleetcore.kernel.sorting import sort_field

from .carriers import Carrier

__all__ = [
    "AddVehicle",
    "ChangeState",
    "EditVehicle",
    "GetGrant",
    "GetVehicle",
    "GrantScope",
    "GrantVehicle",
    "ListGrants",
    "ListVehicles",
    "PageVehicles",
    "PurgeVehicles",
    "RemoveVehicle",
    "RestoreVehicle",
    "RevokeGrant",
    "Vehicle",
    "VehicleFields",
    "VehicleGrant",
    "VehicleState",
]


class VehicleState(StrEnum):
    """What a vehicle is doing; transitions are in ``rules.TRANSITIONS``."""

    ACTIVE = "active"
    RENTED = "rented"
    UNDER_MAINTENANCE = "under_maintenance"
    DECOMMISSIONED = "decommissioned"


@frozen(kw_only=True)
class VehicleFields:
    """What the owner says of a vehicle. An empty *name* becomes make and model."""

    name: str = ""
    make: str = ""
    model: str = ""
    variant: str = ""
    year: int | None = None
    vin: str | None = None
    plate: str | None = None
    colour: str = ""
    carriers: tuple[Carrier, ...] = ()
    tank_capacity: Volume | None = None
    battery_capacity: Energy | None = None
    passenger_capacity: int | None = None
    load_limit: Mass | None = None
    purchased_on: date | None = None
    purchase_price: Money | None = None
    sold_on: date | None = None
    sale_price: Money | None = None
    distance_unit: DistanceUnit | None = None
    volume_unit: VolumeUnit | None = None
    tags: tuple[str, ...] = ()
    custom_fields: dict[str, str] = field(factory=dict)
    notes: str = ""


@frozen(kw_only=True)
class AddVehicle(VehicleFields):
    """Add a vehicle to the fleet; *id* may be chosen by the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditVehicle(VehicleFields):
    """Replace what is said of a vehicle; *version* is the one that was read."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Vehicle(VehicleFields):
    """A vehicle of the fleet."""

    id: UUID
    state: VehicleState = VehicleState.ACTIVE
    deleted_at: datetime | None = None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class ChangeState:
    """Move a vehicle to another state."""

    id: UUID
    state: VehicleState
    version: int | None = None


@frozen(kw_only=True)
class RemoveVehicle:
    """Put a vehicle and its records out of sight; it can be restored until it is purged."""

    id: UUID
    version: int | None = None


@frozen(kw_only=True)
class RestoreVehicle:
    """Bring a removed vehicle and its records back."""

    id: UUID


@frozen(kw_only=True)
class PurgeVehicles:
    """Erase for good the vehicles that were removed at least *after_days* ago."""

    after_days: int = 30


@frozen(kw_only=True)
class GetVehicle:
    """Ask for one vehicle."""

    id: UUID


@frozen(kw_only=True)
class ListVehicles:
    """Ask for the fleet's vehicles by name; removed ones only with *removed*."""

    state: VehicleState | None = None
    tag: str | None = None
    removed: bool = False


@frozen(kw_only=True)
class PageVehicles:
    """Ask for a page of the fleet's vehicles, by name; *text* is looked for in what they are called and made of.

    *carrier* is one that they take; removed ones come only with *removed*.
    """

    state: VehicleState | None = None
    carrier: Carrier | None = None
    tag: str | None = None
    text: str = ""
    removed: bool = False
    sort: str = sort_field("name", "name", "created_at")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


class GrantScope(StrEnum):
    """What a grant opens of a vehicle; which permissions that are is in ``scopes``."""

    READ = "read"
    DRIVE = "drive"
    SERVICE = "service"


@frozen(kw_only=True)
class GrantVehicle:
    """Let a member whose role reaches only granted vehicles use this one, for a time or until revoked.

    Without a *scope* the grant opens all that the member's role allows.
    """

    vehicle_id: UUID
    user_id: UUID
    scope: GrantScope | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@frozen(kw_only=True)
class RevokeGrant:
    """End a grant now; whose own it is gives the vehicle back."""

    id: UUID


@frozen(kw_only=True)
class GetGrant:
    """Ask for one grant."""

    id: UUID


@frozen(kw_only=True)
class ListGrants:
    """Ask for the grants of one vehicle, of one member, or of both; with neither, for all."""

    vehicle_id: UUID | None = None
    user_id: UUID | None = None


@frozen(kw_only=True)
class VehicleGrant:
    """A member may use a vehicle, from *starts_at* up to but not including *ends_at*, as far as *scope*."""

    id: UUID
    vehicle_id: UUID
    user_id: UUID
    scope: GrantScope | None = None
    starts_at: datetime
    ends_at: datetime | None = None
    created_at: datetime
    created_by: UUID
