"""Trips, rates and closed months, and what one can ask to be done with them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.kernel.sorting import sort_field

__all__ = [
    "BUSINESS",
    "COMMUTE",
    "PRIVATE",
    "AddRate",
    "CloseMonth",
    "ClosedMonth",
    "DeleteTrip",
    "EditTrip",
    "FinishTrip",
    "GetTrip",
    "ListClosedMonths",
    "ListRates",
    "ListTrips",
    "Rate",
    "RateTier",
    "RecordTrip",
    "RemoveRate",
    "RestoreTrip",
    "StartTrip",
    "Trip",
    "TripFields",
    "purpose_key",
]

BUSINESS, PRIVATE, COMMUTE = "business", "private", "commute"


def purpose_key(name: str) -> str:
    """Return the stable word for a purpose: lower case, in any script, words joined by underscores."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return "_".join(kept.split())


@frozen(kw_only=True)
class TripFields:
    """What a person says about a trip; without *ended_at* it is running.

    Of the two odometers and the distance any two are enough, or the distance alone. *driver_id* is a member of the
    fleet, *driver_name* someone who is none; with neither it is whoever records. *passengers* counts who came along.
    *reason* says why a trip of a closed month is changed. *accept_odometer_jump* and *accept_speed* say that an
    odometer or a speed that cannot be is right.
    """

    vehicle_id: UUID
    driver_id: UUID | None = None
    driver_name: str = ""
    started_at: datetime
    ended_at: datetime | None = None
    start_odometer: Distance | None = None
    end_odometer: Distance | None = None
    distance: Distance | None = None
    start_place: str = ""
    start_latitude: float | None = None
    start_longitude: float | None = None
    end_place: str = ""
    end_latitude: float | None = None
    end_longitude: float | None = None
    purpose: str = PRIVATE
    client: str = ""
    passengers: int = 0
    fuel_used: Volume | None = None
    tolls: Money | None = None
    parking: Money | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    reason: str = ""
    accept_odometer_jump: bool = False
    accept_speed: bool = False


@frozen(kw_only=True)
class RecordTrip(TripFields):
    """Record a trip; *id* may come from the client, for offline use."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditTrip(TripFields):
    """Replace everything that was said about trip *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class StartTrip:
    """Begin a trip now, or at *started_at*; what is not known yet is said when it is finished."""

    id: UUID | None = None
    vehicle_id: UUID
    driver_id: UUID | None = None
    driver_name: str = ""
    started_at: datetime | None = None
    start_odometer: Distance | None = None
    start_place: str = ""
    start_latitude: float | None = None
    start_longitude: float | None = None
    purpose: str = PRIVATE
    client: str = ""
    notes: str = ""
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class FinishTrip:
    """End the running trip of a vehicle now, or at *ended_at*; what is None or empty stays as it was said."""

    vehicle_id: UUID
    ended_at: datetime | None = None
    end_odometer: Distance | None = None
    distance: Distance | None = None
    end_place: str = ""
    end_latitude: float | None = None
    end_longitude: float | None = None
    purpose: str | None = None
    client: str = ""
    passengers: int | None = None
    fuel_used: Volume | None = None
    tolls: Money | None = None
    parking: Money | None = None
    notes: str = ""
    reason: str = ""
    accept_odometer_jump: bool = False
    accept_speed: bool = False


@frozen(kw_only=True)
class DeleteTrip:
    """Delete trip *id*, as long as it still has *version*; it can be restored."""

    id: UUID
    version: int
    reason: str = ""


@frozen(kw_only=True)
class RestoreTrip:
    """Bring a deleted trip back."""

    id: UUID
    reason: str = ""


@frozen(kw_only=True)
class Trip:
    """A trip as accepted.

    *import_id* names the import that brought it, *start_reading_id* and *end_reading_id* the odometer readings
    that it owns. *finished_at* is when its end was first written down, *edits* counts the changes after that,
    *edited_at* is the last of them; *changed_after_closing* and *reason* tell of changes in a closed month.
    """

    id: UUID
    vehicle_id: UUID
    driver_id: UUID | None = None
    driver_name: str = ""
    started_at: datetime
    ended_at: datetime | None = None
    start_odometer: Distance | None = None
    end_odometer: Distance | None = None
    distance: Distance | None = None
    start_place: str = ""
    start_latitude: float | None = None
    start_longitude: float | None = None
    end_place: str = ""
    end_latitude: float | None = None
    end_longitude: float | None = None
    purpose: str = PRIVATE
    client: str = ""
    passengers: int = 0
    fuel_used: Volume | None = None
    tolls: Money | None = None
    parking: Money | None = None
    notes: str = ""
    tags: tuple[str, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()
    import_id: UUID | None = None
    start_reading_id: UUID | None = None
    end_reading_id: UUID | None = None
    finished_at: datetime | None = None
    edits: int = 0
    edited_at: datetime | None = None
    changed_after_closing: bool = False
    reason: str = ""
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1

    @property
    def is_running(self) -> bool:
        """Whether the trip has not ended yet."""
        return self.ended_at is None


@frozen(kw_only=True)
class GetTrip:
    """Ask for one trip."""

    id: UUID


@frozen(kw_only=True)
class ListTrips:
    """Ask for trips, newest first; *since* and *until* are both included, by the day on which a trip began.

    With *running*, ask for trips that have not ended; with *deleted*, for the deleted ones, which can be restored.
    """

    vehicle_id: UUID | None = None
    driver_id: UUID | None = None
    purpose: str | None = None
    since: date | None = None
    until: date | None = None
    running: bool = False
    deleted: bool = False
    text: str = ""
    sort: str = sort_field("-started_at", "started_at")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class CloseMonth:
    """Close a month of a vehicle's logbook; *month* is any day of it."""

    vehicle_id: UUID
    month: date


@frozen(kw_only=True)
class ListClosedMonths:
    """Ask for the closed months of a vehicle."""

    vehicle_id: UUID


@frozen(kw_only=True)
class ClosedMonth:
    """A closed month of a vehicle's logbook; *month* is its first day."""

    vehicle_id: UUID
    month: date
    closed_at: datetime
    closed_by: UUID


class RateTier(StrEnum):
    """Within what the distance of a first tier counts."""

    TRIP = "trip"
    YEAR = "year"


@frozen(kw_only=True)
class AddRate:
    """Say what a kilometre of a purpose is worth from *valid_from* on, until the next rate of that purpose.

    With *tier*, the first *tier_distance* of each trip, or of each driver's year, earns *per_km* and what lies
    beyond it *per_km_beyond*. The year of a tier begins on *year_starts*, a month and a day.
    """

    id: UUID | None = None
    purpose: str
    valid_from: date
    per_km: UnitPrice
    tier: RateTier | None = None
    tier_distance: Distance | None = None
    per_km_beyond: UnitPrice | None = None
    year_starts: str = "01-01"


@frozen(kw_only=True)
class RemoveRate:
    """Remove a rate."""

    id: UUID


@frozen(kw_only=True)
class ListRates:
    """Ask for the rates, by purpose and newest first; with *purpose* of that one alone."""

    purpose: str | None = None


@frozen(kw_only=True)
class Rate:
    """What a kilometre of a purpose is worth from a day on."""

    id: UUID
    purpose: str
    valid_from: date
    per_km: UnitPrice
    tier: RateTier | None = None
    tier_distance: Distance | None = None
    per_km_beyond: UnitPrice | None = None
    year_starts: str = "01-01"
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1
