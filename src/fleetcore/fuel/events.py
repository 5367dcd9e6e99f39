"""What is told after a fill or a station changed; personal words (notes, place, driver) stay out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "EVENTS",
    "FillDeleted",
    "FillEdited",
    "FillRecorded",
    "FillRestored",
    "StationAdded",
    "StationDeleted",
    "StationEdited",
]


@frozen(kw_only=True)
class _FillTold(Event):
    """What both the first and every later version of a fill tell."""

    fill_id: UUID
    vehicle_id: UUID
    at: datetime
    odometer: Distance | None
    carrier: Carrier
    volume: Volume | None
    mass: Mass | None
    energy: Energy | None
    total: Money
    is_full: bool
    station_id: UUID | None
    fill_version: int


@event("fuel.fill_recorded", key="fill_id")
@frozen(kw_only=True)
class FillRecorded(_FillTold):
    """A fill was recorded."""


@event("fuel.fill_edited", key="fill_id")
@frozen(kw_only=True)
class FillEdited(_FillTold):
    """A fill was changed; the payload is how it is now."""


@event("fuel.fill_deleted", key="fill_id")
@frozen(kw_only=True)
class FillDeleted(Event):
    """A fill was deleted."""

    fill_id: UUID
    vehicle_id: UUID
    fill_version: int


@frozen(kw_only=True)
class _StationTold(Event):
    """What both the first and every later version of a station tell."""

    station_id: UUID
    station_name: str
    provider: str | None
    external_id: str | None
    station_version: int


@event("fuel.station_added", key="station_id")
@frozen(kw_only=True)
class StationAdded(_StationTold):
    """A station was added."""


@event("fuel.station_edited", key="station_id")
@frozen(kw_only=True)
class StationEdited(_StationTold):
    """A station was changed; the payload is how it is now."""


@event("fuel.station_deleted", key="station_id")
@frozen(kw_only=True)
class StationDeleted(Event):
    """A station was deleted."""

    station_id: UUID
    station_version: int


@event("fuel.fill_restored", key="fill_id")
@frozen(kw_only=True)
class FillRestored(_FillTold):
    """A deleted fill came back."""


EVENTS: tuple[type[Event], ...] = (
    FillRecorded,
    FillEdited,
    FillDeleted,
    FillRestored,
    StationAdded,
    StationEdited,
    StationDeleted,
)
