"""Fills, stations, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.kernel.sorting import sort_field
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "AddStation",
    "ChargeCurrent",
    "ChargePlace",
    "DeleteFill",
    "DeleteStation",
    "EditFill",
    "EditStation",
    "Fill",
    "FillFields",
    "GetFill",
    "GetStation",
    "ListFills",
    "ListStations",
    "RecordFill",
    "RestoreFill",
    "Station",
    "StationFields",
]


class ChargePlace(StrEnum):
    """Where a vehicle was charged."""

    HOME = "home"
    WORK = "work"
    PUBLIC = "public"


class ChargeCurrent(StrEnum):
    """With which current a vehicle was charged."""

    AC = "ac"
    DC = "dc"


@frozen(kw_only=True)
class FillFields:
    """What a person says about a fill.

    *carrier* None means the only energy carrier of the vehicle that is sold in the stated unit. Of
    quantity (exactly one of *volume*, *mass* and *energy*), *total* and *unit_price* any two are enough.
    *odometer* is the reading at the fill, *trip* the distance since the fill before; a fill may have
    either, both or none. *excluded_distance* was not driven on this carrier and leaves the economy
    (towed, for example). States of charge are whole percents.
    """

    vehicle_id: UUID
    at: datetime
    odometer: Distance | None = None
    trip: Distance | None = None
    carrier: Carrier | None = None
    volume: Volume | None = None
    mass: Mass | None = None
    energy: Energy | None = None
    total: Money | None = None
    unit_price: UnitPrice | None = None
    is_full: bool = True
    missed_previous: bool = False
    grade: str = ""
    station_id: UUID | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    start_soc_percent: int | None = None
    end_soc_percent: int | None = None
    charge_place: ChargePlace | None = None
    current: ChargeCurrent | None = None
    excluded_distance: Distance | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    driver_id: UUID | None = None
    accept_odometer_jump: bool = False

    @property
    def quantity(self) -> Quantity | None:
        """The stated quantity; None when it follows from total and unit price."""
        return self.volume or self.mass or self.energy


@frozen(kw_only=True)
class RecordFill(FillFields):
    """Record a fill; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditFill(FillFields):
    """Replace everything that was said about fill *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class DeleteFill:
    """Delete fill *id*, as long as it still has *version*; it can be restored."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RestoreFill:
    """Bring a deleted fill back."""

    id: UUID


@frozen(kw_only=True)
class Fill:
    """A fill as accepted: carrier, quantity, total and unit price are all known.

    Exactly one of *volume*, *mass* and *energy* is set. *total* may be zero: a free charge is a fill.
    *import_id* names the import that brought it, *reading_id* the odometer reading that it owns.
    """

    id: UUID
    vehicle_id: UUID
    at: datetime
    odometer: Distance | None = None
    trip: Distance | None = None
    carrier: Carrier
    volume: Volume | None = None
    mass: Mass | None = None
    energy: Energy | None = None
    total: Money
    unit_price: UnitPrice
    is_full: bool = True
    missed_previous: bool = False
    grade: str = ""
    station_id: UUID | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    start_soc_percent: int | None = None
    end_soc_percent: int | None = None
    charge_place: ChargePlace | None = None
    current: ChargeCurrent | None = None
    excluded_distance: Distance | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    driver_id: UUID | None = None
    import_id: UUID | None = None
    reading_id: UUID | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1

    @property
    def quantity(self) -> Quantity:
        """What was filled in, in the unit it was sold in."""
        quantity = self.volume or self.mass or self.energy
        if quantity is None:
            raise ValueError(f"fill {self.id} has no quantity")
        return quantity


@frozen(kw_only=True)
class ListFills:
    """Ask for fills, newest first, of one vehicle or of all; *since* is included, *until* is not."""

    vehicle_id: UUID | None = None
    carrier: Carrier | None = None
    since: datetime | None = None
    until: datetime | None = None
    station_id: UUID | None = None
    driver_id: UUID | None = None
    text: str = ""
    deleted: bool = False
    sort: str = sort_field("-at", "at", "total")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class GetFill:
    """Ask for one fill."""

    id: UUID


@frozen(kw_only=True)
class StationFields:
    """What is known about a station; *provider* and *external_id* name it in somebody's directory."""

    name: str
    brand: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    website: str = ""
    provider: str | None = None
    external_id: str | None = None


@frozen(kw_only=True)
class AddStation(StationFields):
    """Add a station; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditStation(StationFields):
    """Replace everything that is known about station *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class DeleteStation:
    """Delete station *id*, as long as it still has *version*; its fills keep their place as text."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Station(StationFields):
    """A place that sells fuel or electricity; provider and external id together are unique in a fleet."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetStation:
    """Ask for one station."""

    id: UUID


@frozen(kw_only=True)
class ListStations:
    """Ask for the stations by name; *name_contains* narrows the list, without regard to case."""

    name_contains: str = ""
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT
