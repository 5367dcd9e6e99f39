"""Service records and providers, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.sorting import sort_field

__all__ = [
    "AddProvider",
    "DeleteService",
    "EditProvider",
    "EditService",
    "GetProvider",
    "GetService",
    "ListProviders",
    "ListServices",
    "Part",
    "Provider",
    "ProviderFields",
    "RecordService",
    "RemoveProvider",
    "RestoreService",
    "Service",
    "ServiceCategory",
    "ServiceFields",
    "WorkFields",
]


class ServiceCategory(StrEnum):
    """Why something was done to a vehicle."""

    ROUTINE = "routine"
    REPAIR = "repair"
    UPGRADE = "upgrade"
    INSPECTION = "inspection"
    RECALL = "recall"


@frozen(kw_only=True)
class Part:
    """A part that was used; *quantity* in pieces, litres or whatever it is sold by, in thousandths at the finest."""

    name: str
    part_number: str = ""
    quantity: Decimal = Decimal(1)
    unit_cost: Money | None = None


@frozen(kw_only=True)
class WorkFields:
    """What a person says about work that was done.

    *done_on* is a day of the fleet's calendar; *at* is the instant where it is known, and enough alone. Labour
    costs *labour_cost*, or *labour_hours* at *labour_rate* an hour. *total* is what was paid where the parts and
    the labour do not say it: what they leave of it is fees and taxes, or a discount. A negative total is money
    that came back. Without any category it is routine. *place* says where, if no provider is stored for it.
    *reminder_ids* name the reminders that this work answers, those of plan items among them: they go on from its
    day and its meters.
    """

    done_on: date | None = None
    at: datetime | None = None
    category: ServiceCategory | None = None
    title: str = ""
    odometer: Distance | None = None
    engine_hours: EngineHours | None = None
    parts: tuple[Part, ...] = ()
    labour_hours: Decimal | None = None
    labour_rate: Money | None = None
    labour_cost: Money | None = None
    total: Money | None = None
    provider_id: UUID | None = None
    place: str = ""
    warranty_until: date | None = None
    warranty_odometer: Distance | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    reminder_ids: tuple[UUID, ...] = ()
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class ServiceFields(WorkFields):
    """What a person says about a service record."""

    vehicle_id: UUID


@frozen(kw_only=True)
class RecordService(ServiceFields):
    """Record what was done to a vehicle; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditService(ServiceFields):
    """Replace everything that was said about service record *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class DeleteService:
    """Delete service record *id*, as long as it still has *version*; it can be restored."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RestoreService:
    """Bring a deleted service record back."""

    id: UUID


@frozen(kw_only=True)
class Service:
    """A service record as accepted; *total* is all that it cost, *parts_cost* and *labour_total* are within it.

    *reading_id* and *hours_reading_id* name the readings it owns, *import_id* the import that brought it.
    """

    id: UUID
    vehicle_id: UUID
    done_on: date
    at: datetime | None = None
    category: ServiceCategory
    title: str
    odometer: Distance | None = None
    engine_hours: EngineHours | None = None
    parts: tuple[Part, ...] = ()
    parts_cost: Money
    labour_hours: Decimal | None = None
    labour_rate: Money | None = None
    labour_cost: Money | None = None
    labour_total: Money
    total: Money
    provider_id: UUID | None = None
    place: str = ""
    warranty_until: date | None = None
    warranty_odometer: Distance | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    reminder_ids: tuple[UUID, ...] = ()
    import_id: UUID | None = None
    reading_id: UUID | None = None
    hours_reading_id: UUID | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetService:
    """Ask for one service record."""

    id: UUID


@frozen(kw_only=True)
class ListServices:
    """Ask for service records, newest first; *since* and *until* are both included.

    With *deleted*, ask for the deleted ones, which can be restored.
    """

    vehicle_id: UUID | None = None
    category: ServiceCategory | None = None
    provider_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    deleted: bool = False
    text: str = ""
    sort: str = sort_field("-done_on", "done_on", "total")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class ProviderFields:
    """What is known about who services vehicles: a workshop, a dealer, a mechanic."""

    name: str
    address: str = ""
    phone: str = field(default="", metadata={"personal": True})
    email: str = field(default="", metadata={"personal": True})
    website: str = ""
    notes: str = ""


@frozen(kw_only=True)
class AddProvider(ProviderFields):
    """Add a provider; *id* may come from the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditProvider(ProviderFields):
    """Replace what is known about provider *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RemoveProvider:
    """Take provider *id* off the list, as long as it still has *version*; its records keep naming it."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Provider(ProviderFields):
    """A provider as kept; *claimed_by* names the user who is this mechanic, once one has said so."""

    id: UUID
    claimed_by: UUID | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetProvider:
    """Ask for one provider; with *include_removed* for one that only records name any more, too."""

    id: UUID
    include_removed: bool = False


@frozen(kw_only=True)
class ListProviders:
    """Ask for the providers that are not removed, newest first."""

    name_contains: str = ""
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT
