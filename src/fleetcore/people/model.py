"""Fleets, users, members and roles: the facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import DistanceUnit, VolumeUnit

__all__ = [
    "GUEST",
    "OWNER",
    "CustomRole",
    "Fleet",
    "FleetFields",
    "FleetRole",
    "ListedMember",
    "Member",
    "Membership",
    "Quotas",
    "StaffKind",
    "StaffProfile",
    "Units",
    "User",
]

OWNER = "owner"
GUEST = "guest"


class Units(StrEnum):
    """The system of units in which people read and type; inside everything is metric."""

    METRIC = "metric"
    IMPERIAL = "imperial"
    US = "us"

    @property
    def distance_unit(self) -> DistanceUnit:
        """The unit of odometers and trips."""
        return DistanceUnit.KM if self is Units.METRIC else DistanceUnit.MILE

    @property
    def volume_unit(self) -> VolumeUnit:
        """The unit in which liquid fuel is bought."""
        match self:
            case Units.METRIC:
                return VolumeUnit.LITRE
            case Units.IMPERIAL:
                return VolumeUnit.UK_GALLON
            case Units.US:
                return VolumeUnit.US_GALLON


class StaffKind(StrEnum):
    """What a member is hired as."""

    DRIVER = "driver"
    CONDUCTOR = "conductor"
    MECHANIC = "mechanic"
    ADMIN = "admin"
    SYSTEM = "system"


@frozen(kw_only=True)
class FleetFields:
    """What the owner says of a fleet."""

    name: str
    currency: str = "EUR"
    timezone: str = "UTC"
    units: Units = Units.METRIC
    country: str | None = None
    locale: str | None = None


@frozen(kw_only=True)
class Quotas:
    """How much a fleet may hold; None is no limit. The platform sets them, not the fleet."""

    vehicles_max: int | None = None
    storage_bytes_max: int | None = None


@frozen(kw_only=True)
class Fleet(FleetFields):
    """The owner of data: a household, a company, a workshop."""

    id: UUID
    vehicles_max: int | None = None
    storage_bytes_max: int | None = None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class User:
    """A person, known across fleets; their own *locale*, *timezone* and *units* go before the fleet's.

    *home_fleet_id* is the fleet that registered them and may switch the account off; None where they
    registered themselves. An e-mail that *is_email_unproven* was said by somebody who signs in with it and has not
    shown yet that mail to it reaches them: they may have said another's.
    """

    id: UUID
    email: str | None = field(default=None, metadata={"personal": True})
    name: str = field(metadata={"personal": True})
    is_active: bool = True
    locale: str | None = None
    timezone: str | None = None
    units: Units | None = None
    home_fleet_id: UUID | None = None
    is_email_unproven: bool = False
    created_at: datetime
    updated_at: datetime
    version: int = 1


@frozen(kw_only=True)
class StaffProfile:
    """What a member is hired as, and what a day of theirs costs."""

    kind: StaffKind
    daily_rate: Money | None = None


@frozen(kw_only=True)
class Member:
    """A user's place in a fleet; *roles* are names of built-in and custom roles."""

    user_id: UUID
    roles: tuple[str, ...]
    staff: StaffProfile | None = None
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1

    @property
    def is_owner(self) -> bool:
        """Whether the member owns the fleet."""
        return OWNER in self.roles


@frozen(kw_only=True)
class CustomRole:
    """A role of the fleet's own: permissions, each as far as its scope. Its *name* never changes."""

    id: UUID
    name: str
    permissions: Mapping[str, Scope]
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class ListedMember:
    """A member with the user's name, as lists show them."""

    user_id: UUID
    name: str
    email: str | None
    is_active: bool
    roles: tuple[str, ...]
    staff: StaffProfile | None
    created_at: datetime
    version: int


@frozen(kw_only=True)
class FleetRole:
    """A role that members can be given: built in (no *id*) or the fleet's own."""

    name: str
    title: str
    permissions: Mapping[str, Scope]
    id: UUID | None = None
    version: int | None = None


@frozen(kw_only=True)
class Membership:
    """A user's place in a fleet with both ends of it, as the directory finds them."""

    fleet: Fleet
    user: User
    member: Member
