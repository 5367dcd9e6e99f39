"""Where vehicles, readings and grants are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey

from .model import ListVehicles, Vehicle, VehicleGrant
from .odometer import Neighbours
from .readings import Meter, Reading

__all__ = ["GRANTS", "READINGS", "VEHICLES", "GrantStore", "ReadingStore", "VehicleStore"]


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

    def removed_before(self, instant: datetime) -> Sequence[Vehicle]:
        """Return the vehicles removed before *instant* and not yet purged."""
        ...


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

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[VehicleGrant]:
        """Return every grant of the vehicle, newest first."""
        ...

    def vehicles_of(self, user_id: UUID, at: datetime) -> frozenset[UUID]:
        """Return the vehicles that the user may use at *at*."""
        ...


VEHICLES: StoreKey[VehicleStore] = StoreKey("vehicles.vehicles")
READINGS: StoreKey[ReadingStore] = StoreKey("vehicles.readings")
GRANTS: StoreKey[GrantStore] = StoreKey("vehicles.grants")
