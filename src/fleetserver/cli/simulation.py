"""Vehicles of a demo fleet as they drive, fill up, fall due and are serviced: one small step after the other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from fleetcore import Core
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.paging import Page
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.reminders.model import AddReminder, FinishReminder, GetReminder, ListReminders, Reminder, Urgency
from fleetcore.reminders.service import add_reminder, finish_reminder, get_reminder, list_reminders
from fleetcore.trips.model import RecordTrip
from fleetcore.trips.service import record_trip
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer, record_reading
from fleetcore.vehicles.model import AddVehicle, ChangeState, ListVehicles, Vehicle, VehicleState
from fleetcore.vehicles.readings import GetOdometer, RecordReading
from fleetcore.vehicles.service import add_vehicle, change_state, list_vehicles

__all__ = ["TAG", "Simulation", "Step"]

TAG = "simulated"
TITLE = "Service (simulated)"
KM_PER_HOUR = (30, 110)
TRIP_KM = (8, 60)
SERVICE_EVERY_KM = 500
TANK_L, LITRES_PER_100KM = 50.0, 7.0
RESTS_AFTER_TRIP, RENTS_AFTER_TRIP = 0.2, 0.1
PLACES = ("Depot", "Airport", "Harbour", "Old town", "Hospital", "Fair ground", "Main station")


@frozen(kw_only=True)
class Step:
    """What a vehicle did: *what* is one of drove, trip, fill, state and reminder."""

    what: str
    vehicle: str
    detail: str


@define
class _Car:
    """A vehicle on its way; distances in metres."""

    vehicle: Vehicle
    odometer: int
    reminder_id: UUID
    level_l: float
    state: VehicleState = VehicleState.ACTIVE
    urgency: Urgency = Urgency.NOT_DUE
    place: str = PLACES[0]
    trip_from: int = 0
    trip_goal: int = 0
    trip_began_at: datetime | None = field(default=None)
    rests: int = 0


class Simulation:
    """Moves *vehicles* vehicles of the actor's fleet; those it needs it adds, and others it never touches.

    The same *seed* makes the same choices. Facts carry the present instant; only distances are those of a faster life.
    """

    def __init__(self, core: Core, actor: Actor, *, vehicles: int, seed: int) -> None:
        self.core, self.actor = core, actor
        self.chance = random.Random(seed)  # noqa: S311 - what happens, not a secret
        own = [each for each in self._ask(list_vehicles, ListVehicles(tag=TAG)) if self._can_move(each)]
        names = {each.name for each in own}
        fresh = (f"Simulated {number}" for number in range(1, len(own) + vehicles + 1))
        missing = [name for name in fresh if name not in names][: max(vehicles - len(own), 0)]
        found = [*own[:vehicles], *(self._add(name) for name in missing)]
        self.cars = [self._begin(each) for each in found]

    @staticmethod
    def _can_move(vehicle: Vehicle) -> bool:
        return vehicle.state is not VehicleState.DECOMMISSIONED and Carrier.PETROL in vehicle.carriers

    def _do(self, operation: Any, command: Any) -> Any:
        return self.core.run(self.actor, operation, command, correlation_id="simulation")

    def _ask(self, question: Any, command: Any) -> Any:
        return self.core.read(self.actor, question, command)

    def _add(self, name: str) -> Vehicle:
        command = AddVehicle(name=name, make="Demo", model="Van", carriers=(Carrier.PETROL,), tags=(TAG,))
        made: Vehicle = self._do(add_vehicle, command)
        return made

    def _begin(self, vehicle: Vehicle) -> _Car:
        known = self._ask(get_odometer, GetOdometer(vehicle_id=vehicle.id)).odometer
        odometer = known.metres if known is not None else self.chance.randrange(5_000, 90_000) * 1000
        if known is None:
            self._read(vehicle.id, odometer)
        reminder = self._reminder(vehicle.id)
        car = _Car(
            vehicle,
            odometer,
            reminder.id,
            self.chance.uniform(0.3, 1) * TANK_L,
            state=vehicle.state,
            urgency=reminder.urgency,
        )
        self._set_out(car)
        return car

    def _reminder(self, vehicle_id: UUID) -> Reminder:
        """Return the vehicle's own reminder of an earlier simulation, or a new one."""
        known: Page[Reminder] = self._ask(list_reminders, ListReminders(vehicle_id=vehicle_id))
        for reminder in known.items:
            if reminder.title == TITLE:
                return reminder
        command = AddReminder(
            vehicle_id=vehicle_id,
            title=TITLE,
            every=Distance(SERVICE_EVERY_KM * 1000),
            soon_distance=Distance(150_000),
            very_soon_distance=Distance(50_000),
        )
        made: Reminder = self._do(add_reminder, command)
        return made

    def _read(self, vehicle_id: UUID, odometer: int) -> None:
        now = self.core.clock.now()
        reading = RecordReading(vehicle_id=vehicle_id, at=now, odometer=Distance(odometer), accept_odometer_jump=True)
        self._do(record_reading, reading)

    def _set_out(self, car: _Car) -> None:
        car.trip_from, car.trip_began_at = car.odometer, self.core.clock.now()
        car.trip_goal = car.odometer + self.chance.randint(*TRIP_KM) * 1000

    def step(self, hours: float) -> Iterator[Step]:
        """Let one vehicle live for so many *hours*, and tell what it did."""
        car = self.chance.choice(self.cars)
        if car.rests > 0:
            car.rests -= 1
            if car.rests == 0:
                yield from self._back(car)
            return
        if car.state is not VehicleState.ACTIVE:
            yield from self._back(car)
            return
        yield from self._drive(car, hours)

    def _drive(self, car: _Car, hours: float) -> Iterator[Step]:
        metres = max(round(self.chance.uniform(*KM_PER_HOUR) * hours) * 1000, 1000)
        car.odometer += metres
        car.level_l -= metres / 100_000 * LITRES_PER_100KM
        self._read(car.vehicle.id, car.odometer)
        yield Step(what="drove", vehicle=car.vehicle.name, detail=f"{car.odometer // 1000:,} km")
        if car.level_l < TANK_L / 8:
            yield self._fill(car)
        if car.odometer >= car.trip_goal:
            yield self._arrive(car)
            yield from self._rest(car)
        yield from self._look(car)

    def _fill(self, car: _Car) -> Step:
        litres = TANK_L - max(car.level_l, 0)
        car.level_l = TANK_L
        command = RecordFill(
            vehicle_id=car.vehicle.id,
            at=self.core.clock.now(),
            odometer=Distance(car.odometer),
            volume=Volume.of(f"{litres:.2f}"),
            unit_price=UnitPrice.of(f"{self.chance.uniform(1.6, 1.9):.3f}", self._currency),
            accept_odometer_jump=True,
        )
        self._do(record_fill, command)
        return Step(what="fill", vehicle=car.vehicle.name, detail=f"{litres:.1f} l")

    @property
    def _currency(self) -> str:
        from fleetcore.people.commands import GetFleet
        from fleetcore.people.service import get_fleet

        return str(self._ask(get_fleet, GetFleet()).currency)

    def _arrive(self, car: _Car) -> Step:
        place = self.chance.choice([each for each in PLACES if each != car.place])
        command = RecordTrip(
            vehicle_id=car.vehicle.id,
            started_at=car.trip_began_at or self.core.clock.now(),
            ended_at=self.core.clock.now(),
            start_odometer=Distance(car.trip_from),
            end_odometer=Distance(car.odometer),
            start_place=car.place,
            end_place=place,
            accept_odometer_jump=True,
            accept_speed=True,
        )
        self._do(record_trip, command)
        told = Step(what="trip", vehicle=car.vehicle.name, detail=f"{car.place} to {place}")
        car.place = place
        self._set_out(car)
        return told

    def _rest(self, car: _Car) -> Iterator[Step]:
        drawn = self.chance.random()
        if car.urgency in {Urgency.DUE, Urgency.OVERDUE} or drawn < RESTS_AFTER_TRIP:
            yield self._turn(car, VehicleState.UNDER_MAINTENANCE)
        elif drawn < RESTS_AFTER_TRIP + RENTS_AFTER_TRIP:
            yield self._turn(car, VehicleState.RENTED)

    def _turn(self, car: _Car, state: VehicleState) -> Step:
        self._do(change_state, ChangeState(id=car.vehicle.id, state=state))
        car.state = state
        car.rests = self.chance.randint(1, 3) if state is not VehicleState.ACTIVE else 0
        return Step(what="state", vehicle=car.vehicle.name, detail=state.value)

    def _back(self, car: _Car) -> Iterator[Step]:
        was_serviced = car.state is VehicleState.UNDER_MAINTENANCE
        yield self._turn(car, VehicleState.ACTIVE)
        if was_serviced and car.urgency is not Urgency.NOT_DUE:
            self._do(finish_reminder, FinishReminder(id=car.reminder_id, odometer=Distance(car.odometer)))
            yield from self._look(car)
        self._set_out(car)

    def _look(self, car: _Car) -> Iterator[Step]:
        urgency = self._ask(get_reminder, GetReminder(id=car.reminder_id)).urgency
        if urgency is not car.urgency:
            car.urgency = urgency
            yield Step(what="reminder", vehicle=car.vehicle.name, detail=f"service {urgency.value.replace('_', ' ')}")
