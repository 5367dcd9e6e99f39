"""A plugin: an area with an operation, an event and a reaction of its own.

A car pool pays its drivers per kilometre: ``carpool.settle`` notes the odometer and records the money as an
expense, in one transaction. A reaction refuses fills above a limit, whoever records them. A hook hears of what was
committed. Installed plugins are found by the entry point ``fleetcore.plugins``; here it is passed to ``open``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from attrs import frozen

import fleetcore
from fleetcore.expenses.model import Expense, RecordExpense
from fleetcore.expenses.service import record_expense
from fleetcore.fuel.events import FillRecorded
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.area import Area
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.events import CommittedEvent, Event, event
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.operations import operation
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

CENTS_PER_KM = 30
FILL_LIMIT = Money.of("200", "EUR")


@frozen(kw_only=True)
class SettleTrip:
    """Pay a driver for *distance*; *odometer* is what the meter shows now."""

    vehicle_id: UUID
    at: datetime
    distance: Distance
    odometer: Distance


@event("carpool.trip_settled", key="vehicle_id")
@frozen(kw_only=True)
class TripSettled(Event):
    """A trip was paid for."""

    vehicle_id: UUID
    distance: Distance
    amount: Money


@operation("carpool.settle", permission="expenses.write")
def settle_trip(uow: UnitOfWork, command: SettleTrip) -> Expense:
    """Pay for a trip: note the odometer, record the expense with its journal entry, tell the event."""
    if command.distance.metres <= 0:
        raise Rejected.because("distance_km", "must be more than 0")
    amount = Money(command.distance.metres * CENTS_PER_KM // 1000, "EUR")
    expense = record_expense(
        uow,
        RecordExpense(
            vehicle_id=command.vehicle_id,
            at=command.at,
            category="other",
            amount=amount,
            title=f"trip of {command.distance.km} km",
            odometer=command.odometer,
        ),
    )
    uow.emit(TripSettled(vehicle_id=command.vehicle_id, distance=command.distance, amount=amount))
    return expense


def limit_fills(_uow: UnitOfWork, told: FillRecorded) -> None:
    """Refuse a fill above the limit: this runs within its transaction, so nothing of it is kept."""
    if told.total.currency == FILL_LIMIT.currency and told.total.minor > FILL_LIMIT.minor:
        raise Rejected.because("total", f"is above {FILL_LIMIT}, more than the pool pays for one fill", "carpool.limit")


class CarPool:
    """The plugin: what it brings, and what it hears."""

    @fleetcore.hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring the area."""
        return [
            Area(
                name="carpool",
                operations=(settle_trip,),
                events=(TripSettled,),
                reactions={FillRecorded: limit_fills},
            )
        ]

    @fleetcore.hookimpl
    def fleetcore_event_committed(self, committed: CommittedEvent) -> None:
        """Hear of what is durable; a failure here is logged and harms nobody."""
        if isinstance(committed.event, TripSettled):
            print(f"heard: {committed.event.name}, {committed.event.amount}")


def main() -> None:
    """Run the example."""
    with fleetcore.open(plugins=[CarPool()]) as core:
        ada = core.create_fleet("Pool", currency="EUR")
        van = core.run(ada, add_vehicle, AddVehicle(name="Van", carriers=(Carrier.DIESEL,)))
        at = datetime(2025, 3, 1, 12, tzinfo=UTC)
        trip = SettleTrip(vehicle_id=van.id, at=at, distance=Distance.of(42), odometer=Distance.of(80_042))
        print(f"paid: {core.run(ada, settle_trip, trip).amount}")
        print(f"called by name: {core.operations['carpool.settle'].summary}")
        try:
            dear = Money.of("250", "EUR")
            fill = RecordFill(vehicle_id=van.id, at=at, volume=Volume.of(150), total=dear)
            core.run(ada, record_fill, fill)
        except Rejected as rejected:
            print(f"refused: {rejected}")


if __name__ == "__main__":
    main()
