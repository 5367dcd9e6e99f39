"""What is told after a trip, a rate or a month changed; places and other personal words stay out."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.quantities import Distance

__all__ = [
    "EVENTS",
    "MonthClosed",
    "RateAdded",
    "RateRemoved",
    "TripDeleted",
    "TripEdited",
    "TripFinished",
    "TripRecorded",
    "TripRestored",
    "TripStarted",
]


@frozen(kw_only=True)
class _TripTold(Event):
    """What every version of a trip tells."""

    trip_id: UUID
    vehicle_id: UUID
    driver_id: UUID | None
    started_at: datetime
    ended_at: datetime | None
    distance: Distance | None
    purpose: str
    trip_version: int


@event("trips.trip_recorded", key="trip_id")
@frozen(kw_only=True)
class TripRecorded(_TripTold):
    """A trip was recorded."""


@event("trips.trip_started", key="trip_id")
@frozen(kw_only=True)
class TripStarted(_TripTold):
    """A trip began."""


@event("trips.trip_finished", key="trip_id")
@frozen(kw_only=True)
class TripFinished(_TripTold):
    """A running trip ended."""


@event("trips.trip_edited", key="trip_id")
@frozen(kw_only=True)
class TripEdited(_TripTold):
    """A trip was changed; the payload is how it is now."""


@event("trips.trip_deleted", key="trip_id")
@frozen(kw_only=True)
class TripDeleted(Event):
    """A trip was deleted."""

    trip_id: UUID
    vehicle_id: UUID
    trip_version: int


@event("trips.trip_restored", key="trip_id")
@frozen(kw_only=True)
class TripRestored(_TripTold):
    """A deleted trip came back."""


@event("trips.month_closed", key="vehicle_id")
@frozen(kw_only=True)
class MonthClosed(Event):
    """A month of a vehicle's logbook was closed."""

    vehicle_id: UUID
    month: date


@frozen(kw_only=True)
class _RateTold(Event):
    """What a rate tells."""

    rate_id: UUID
    purpose: str
    valid_from: date


@event("trips.rate_added", key="rate_id")
@frozen(kw_only=True)
class RateAdded(_RateTold):
    """A rate was set."""


@event("trips.rate_removed", key="rate_id")
@frozen(kw_only=True)
class RateRemoved(_RateTold):
    """A rate was removed."""


EVENTS: tuple[type[Event], ...] = (
    TripRecorded,
    TripStarted,
    TripFinished,
    TripEdited,
    TripDeleted,
    TripRestored,
    MonthClosed,
    RateAdded,
    RateRemoved,
)
