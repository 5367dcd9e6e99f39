"""Where vehicles, readings and grants are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore
from fleetcore.kernel.when import ALWAYS, Span

from .assignments import Assignment, ListAssignments
from .model import GrantScope, ListGrants, ListVehicles, PageVehicles, Vehicle, VehicleGrant
from .odometer import Neighbours
from .readings import Meter, Reading

__all__ = [
    "ASSIGNMENTS",
    "ASSIGNMENT_TIMELINE",
    "GRANTS",
    "READINGS",
    "READING_LINES",
    "READING_TIMELINE",
    "RECENT",
    "VEHICLES",
    "AssignmentStore",
    "GrantStore",
    "OdometerRow",
    "OdometerSpan",
    "Opening",
    "ReadingLines",
    "ReadingStore",
    "RecentReadings",
    "VehicleStore",
]

RECENT = 400  # how many of the newest readings of a meter are looked at


class VehicleStore(Protocol):
    """The vehicles of one fleet, removed ones among them."""

    def add(self, vehicle: Vehicle) -> None:
        """Store *vehicle*; a taken id, VIN or plate (among living vehicles) raises Conflict."""
        ...

    def get(self, vehicle_id: UUID, *, lock: bool = False) -> Vehicle:
        """Return the vehicle, removed or not; raises NotFound. *lock* keeps other writers out until commit."""
        ...

    def replace(self, vehicle: Vehicle, *, old_version: int) -> None:
        """Write *vehicle* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def list(self, question: ListVehicles) -> Sequence[Vehicle]:
        """Return the vehicles that match, by name and id."""
        ...

    def page(
        self, question: PageVehicles, vehicle_ids: frozenset[UUID] | None, after: Position | None, limit: int
    ) -> Sequence[Vehicle]:
        """Return up to *limit* vehicles in the order asked for; None as *vehicle_ids* means every vehicle."""
        ...

    def count(self) -> int:
        """Return how many vehicles the fleet has, without removed ones."""
        ...

    def removed_before(self, instant: datetime) -> Sequence[Vehicle]:
        """Return the vehicles removed before *instant* and not yet purged."""
        ...


@frozen(kw_only=True)
class RecentReadings:
    """The newest live readings of a vehicle, as (at, value) by time, and every replacement of its odometer.

    A replacement is (at, what totals gain by it over the values shown from then on).
    """

    odometer: Sequence[tuple[datetime, int]]
    engine_hours: Sequence[tuple[datetime, int]]
    replacements: Sequence[tuple[datetime, int]]


class ReadingStore(Protocol):
    """The append-only readings of one fleet."""

    def add(self, readings: Iterable[Reading]) -> None:
        """Append *readings*; none is ever changed afterwards."""
        ...

    def get(self, reading_id: UUID) -> Reading:
        """Return the reading, voided or not; raises NotFound."""
        ...

    def is_voided(self, reading_id: UUID) -> bool:
        """Say whether a void names the reading."""
        ...

    def neighbours(self, vehicle_id: UUID, meter: Meter, at: datetime) -> Neighbours:
        """Return the live readings next to *at* in time; one at exactly *at* is neither."""
        ...

    def neighbours_of_both(self, vehicle_id: UUID, at: datetime) -> dict[Meter, Neighbours]:
        """Return the live readings of each meter next to *at* in time."""
        ...

    def live(self, vehicle_id: UUID, meter: Meter) -> Sequence[Reading]:
        """Return every live reading, oldest first, equal instants by value."""
        ...

    def replacements(self, vehicle_ids: Iterable[UUID] | None = None) -> Sequence[Reading]:
        """Return the live replacements of the vehicles (None: of all), oldest first."""
        ...

    def page(
        self, vehicle_id: UUID, meter: Meter, after: Position | None, limit: int, *, with_voided: bool
    ) -> Sequence[Reading]:
        """Return up to *limit* readings, newest first."""
        ...

    def newest(self, vehicle_id: UUID) -> dict[Meter, Reading]:
        """Return the newest live reading of each meter."""
        ...

    def recent(self, vehicle_id: UUID, until: datetime | None = None) -> RecentReadings:
        """Return the newest few hundred live readings of each meter, at most those before *until*."""
        ...


@frozen
class OdometerSpan:
    """What the live odometer readings of a vehicle show within a span of time, in metres as shown.

    *began_at* is the first of all time; the others are None where the span has none. *is_plain* says that no
    meter was replaced and no jump ever accepted, so that values rise with time.
    """

    began_at: datetime
    first_at: datetime | None
    last_at: datetime | None
    lowest_m: int | None
    highest_m: int | None
    is_plain: bool


OdometerRow = tuple[datetime, int, int | None]


class ReadingLines(Protocol):
    """The odometer readings of one fleet as reports need them: of many vehicles at once."""

    def spans(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, OdometerSpan]:
        """Return what the live readings show of each vehicle that ever had any."""
        ...

    def newest(self, vehicle_ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, int]]:
        """Return when the newest live reading of each vehicle's odometer was taken, and what it shows."""
        ...

    def lines(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, list[OdometerRow]]:
        """Return (at, value, the replaced meter's last value) of the live readings within *span*, by time."""
        ...


@frozen
class Opening:
    """A vehicle that is open to a user: by a grant of *scope*, or because they are its driver."""

    vehicle_id: UUID
    scope: GrantScope | None
    is_assignment: bool


class GrantStore(Protocol):
    """Who may use which vehicle."""

    def add(self, grant: VehicleGrant) -> None:
        """Store *grant*; raises Conflict for an unknown vehicle or user."""
        ...

    def get(self, grant_id: UUID) -> VehicleGrant:
        """Return the grant; raises NotFound."""
        ...

    def end(self, grant_id: UUID, ends_at: datetime) -> None:
        """Set the end of a grant."""
        ...

    def find(self, question: ListGrants) -> Sequence[VehicleGrant]:
        """Return the grants of the vehicle and the user that are asked for, newest first."""
        ...

    def openings(self, user_id: UUID, at: datetime) -> Sequence[Opening]:
        """Return what opens a vehicle to the user at *at*: grants and assignments."""
        ...


class AssignmentStore(Protocol):
    """Who had which vehicle when."""

    def add(self, assignment: Assignment) -> None:
        """Store *assignment*; raises Conflict for a taken id, an unknown vehicle or user."""
        ...

    def get(self, assignment_id: UUID) -> Assignment:
        """Return the assignment; raises NotFound."""
        ...

    def replace(self, assignment: Assignment, *, old_version: int) -> None:
        """Write *assignment* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, assignment_id: UUID) -> None:
        """Delete the assignment; raises NotFound."""
        ...

    def remove_of(self, vehicle_id: UUID) -> None:
        """Delete the assignments of a vehicle that is erased."""
        ...

    def primary(self, vehicle_id: UUID, since: datetime) -> Sequence[Assignment]:
        """Return the primary assignments of the vehicle that last beyond *since*, by their start."""
        ...

    def within(self, vehicle_id: UUID, since: datetime, until: datetime) -> Sequence[Assignment]:
        """Return the assignments of the vehicle that touch the stretch, primary ones first, by their start."""
        ...

    def open_for(self, driver_id: UUID, at: datetime) -> Sequence[Assignment]:
        """Return the assignments of the driver that last beyond *at*."""
        ...

    def page(
        self, question: ListAssignments, own: UUID | None, after: Position | None, limit: int
    ) -> Sequence[Assignment]:
        """Return up to *limit* assignments, newest first; only those of the driver *own* unless that is None."""
        ...


VEHICLES: StoreKey[VehicleStore] = StoreKey("vehicles.vehicles")
READINGS: StoreKey[ReadingStore] = StoreKey("vehicles.readings")
READING_LINES: StoreKey[ReadingLines] = StoreKey("vehicles.reading_lines")
GRANTS: StoreKey[GrantStore] = StoreKey("vehicles.grants")
ASSIGNMENTS: StoreKey[AssignmentStore] = StoreKey("vehicles.assignments")
READING_TIMELINE: StoreKey[TimelineStore] = StoreKey("vehicles.timeline")
ASSIGNMENT_TIMELINE: StoreKey[TimelineStore] = StoreKey("vehicles.assignment_timeline")
