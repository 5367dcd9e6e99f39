"""Five years of two cars of a German household, for ``fleet demo``: the same life on every machine, up to today.

A petrol car and an electric one are driven day by day: colder months take more, summers go further, prices follow
those of the last years. What falls due is done, most of it; the last weeks are left to look at.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

import fleetcore
from fleetcore import Core
from fleetcore.expenses.model import AddRecurring, RecordExpense, RunRecurring
from fleetcore.expenses.recurring import add_recurring, run_recurring
from fleetcore.expenses.service import record_expense
from fleetcore.fuel.model import ChargeCurrent, ChargePlace, RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, Volume
from fleetcore.kernel.when import Period, add_months, zone
from fleetcore.maintenance.model import RecordService, ServiceCategory
from fleetcore.maintenance.service import record_service
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import AddReminder, DueReminder, FinishReminder, ListDue, Tick, Urgency
from fleetcore.reminders.service import add_reminder, finish_reminder
from fleetcore.reminders.tick import tick
from fleetcore.trips.model import AddRate, RecordTrip
from fleetcore.trips.rates import add_rate
from fleetcore.trips.service import record_trip
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle, Vehicle
from fleetcore.vehicles.service import add_vehicle

__all__ = ["FLEET_NAME", "TIMEZONE", "LivedTime", "live", "moment"]

FLEET_NAME = "Demo garage"
TIMEZONE = "Europe/Berlin"
MONTHS = 60
LEFT_DAYS = 16  # what falls due in the last weeks is left to look at
# How far and how thirsty cars are in each month, in percent of the year's mean: January first.
DRIVEN = (82, 84, 95, 104, 104, 108, 135, 128, 102, 98, 88, 92)
THIRST = (109, 108, 104, 99, 96, 95, 96, 96, 97, 99, 104, 108)
COLD = (128, 124, 112, 100, 92, 89, 90, 90, 92, 99, 113, 124)  # an electric car heats from its battery
# German prices at the middle of each year back from today: cents per litre of E10, cents per kWh at home and DC.
PETROL = (169, 171, 174, 179, 189, 158)
AT_HOME = (29, 30, 32, 35, 33, 30)
ON_THE_ROAD = (56, 57, 59, 62, 52, 45)


class LivedTime:
    """A clock that shows the day that is being lived."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        """Return the instant that is being lived."""
        return self.at


@frozen(kw_only=True)
class _Work:
    """Work that is done when its reminder asks for it."""

    title: str
    cost: int
    category: ServiceCategory = ServiceCategory.ROUTINE
    rule: dict[str, Any]


@define
class _Car:
    """A car on its way."""

    vehicle: Vehicle
    odometer: int  # metres
    daily_km: int
    per_100km: float  # litres or kWh
    tank: float  # litres or kWh that fit
    level: float
    works: dict[UUID, _Work] = field(factory=dict)


def live(url: str, today: date) -> None:
    """Found the demo's fleet in the empty database at *url* and live its five years up to *today*."""
    first = add_months(today, -MONTHS)
    clock = LivedTime(moment(first, 8))
    with fleetcore.open(url, clock=clock, installed_plugins=False) as core:
        actor = core.create_fleet(FLEET_NAME, currency="EUR", timezone=TIMEZONE, owner_name="Alex", country="DE")
        _Life(core, actor, clock, today).run(first)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant of *day* where the household lives."""
    return datetime.combine(day, time(hour, minute), zone(TIMEZONE)).astimezone(UTC)


def _euro(cents: float) -> Money:
    return Money(round(cents), "EUR")


class _Life:
    """The life of the household, one day after the other."""

    def __init__(self, core: Core, actor: Actor, clock: LivedTime, today: date) -> None:
        self.core, self.actor, self.clock, self.today = core, actor, clock, today
        self.chance = random.Random(2019)  # noqa: S311 - the same life every time
        self.cars: list[_Car] = []

    def do(self, operation: Any, command: Any) -> Any:
        """Run an operation at the present moment of this life."""
        return self.core.run(self.actor, operation, command)

    def run(self, first: date) -> None:
        """Live every day from *first* to today."""
        self.golf, self.zoe = self._golf(first), self._zoe(first)
        self.cars = [self.golf, self.zoe]
        self._standing_costs(first)
        events = dict(self._events())
        day = first + timedelta(days=1)
        while day <= self.today:
            self.clock.at = moment(day, 7)
            if day in events:
                events[day](day)
            is_away = add_months(day, 14) > self.today and self._travel(day)
            for car in self.cars:
                if car is self.zoe or not is_away:
                    self._drive(car, day)
            if day.day in {3, 18} or day == self.today:
                self._look(day)
            day += timedelta(days=1)

    def _add(self, car: _Car, works: tuple[_Work, ...]) -> _Car:
        for work in works:
            rule = {"expected_cost": _euro(work.cost)} | work.rule
            command = AddReminder(vehicle_id=car.vehicle.id, title=work.title, **rule)
            car.works[self.do(add_reminder, command).id] = work
        return car

    def _golf(self, first: date) -> _Car:
        vehicle = self.do(
            add_vehicle,
            AddVehicle(
                name="Golf", make="VW", model="Golf", variant="1.5 TSI", year=first.year - 2, plate="B-FC 1500",
                colour="blue", carriers=(Carrier.PETROL,), tank_capacity=Volume.of(50), passenger_capacity=5,
                purchased_on=first, purchase_price=_euro(1_790_000), tags=("family",),
            ),
        )  # fmt: skip
        car = _Car(vehicle, 31_400_000, 41, 6.1, 50, 38)
        self.do(
            record_fill,
            RecordFill(
                vehicle_id=vehicle.id, at=moment(first, 8), odometer=Distance(car.odometer), volume=Volume.of("12.4"),
                unit_price=UnitPrice.of("1.559", "EUR"), place="Aral",
            ),
        )  # fmt: skip
        car.level = 50
        return self._add(
            car,
            (
                _Work(title="Oil service", cost=26_400, rule={"every": Distance.of(15_000), "every_months": 12}),
                _Work(
                    title="Main inspection (HU)",
                    cost=15_400,
                    category=ServiceCategory.INSPECTION,
                    rule=_grid(first, self.today + timedelta(days=19), 24),
                ),
                _Work(title="Brake fluid", cost=8_900, rule=_grid(first, self.today - timedelta(days=9), 24)),
                _Work(title="Winter tyres on", cost=4_900, rule=_grid(first, date(first.year, 10, 20), 12)),
                _Work(title="Summer tyres on", cost=4_900, rule=_grid(first, date(first.year, 4, 5), 12)),
                _Work(title="Spark plugs", cost=19_800, rule={"every": Distance.of(60_000)}),
            ),
        )

    def _zoe(self, first: date) -> _Car:
        bought = add_months(first, 1)
        vehicle = self.do(
            add_vehicle,
            AddVehicle(
                name="Zoe", make="Renault", model="Zoe", variant="R135", year=bought.year, plate="B-FC 52E",
                colour="white", carriers=(Carrier.ELECTRICITY,), battery_capacity=Energy.of(52), passenger_capacity=5,
                purchased_on=bought, purchase_price=_euro(2_390_000), tags=("family", "electric"),
            ),
        )  # fmt: skip
        car = _Car(vehicle, 15_000, 31, 16.4, 52, 41.6)
        return self._add(
            car,
            (
                _Work(title="Service", cost=17_900, rule={"every": Distance.of(30_000), "every_months": 12}),
                _Work(
                    title="Main inspection (HU)",
                    cost=13_900,
                    category=ServiceCategory.INSPECTION,
                    rule=_grid(first, add_months(bought, 36), 24),
                ),
                _Work(title="Cabin filter", cost=3_400, rule={"every": Distance.of(14_000)}),
                _Work(title="Winter tyres on", cost=4_900, rule=_grid(first, date(first.year, 10, 27), 12)),
                _Work(title="Summer tyres on", cost=4_900, rule=_grid(first, date(first.year, 4, 12), 12)),
            ),
        )

    def _standing_costs(self, first: date) -> None:
        for car, category, title, cents, every, offset in (
            (self.golf, "insurance", "Insurance", 64_380, 12, 0),
            (self.golf, "tax", "Vehicle tax", 12_200, 12, 1),
            (self.zoe, "insurance", "Insurance", 13_950, 3, 1),
            (None, "parking", "Garage rent", 7_500, 1, 0),
        ):
            self.do(
                add_recurring,
                AddRecurring(
                    vehicle_id=car.vehicle.id if car else None,
                    category=category,
                    title=title,
                    amount=_euro(cents),
                    period=Period.MONTH,
                    every=every,
                    starts_on=add_months(first.replace(day=1), 1 + offset),
                ),
            )
        rate = AddRate(purpose="business", valid_from=first, per_km=UnitPrice.of("0.30", "EUR"))
        self.do(add_rate, rate)

    def _events(self) -> Iterator[tuple[date, Callable[[date], object]]]:
        """Yield what happens once, by its day."""
        golf, zoe = self.golf, self.zoe

        def ago(months: int, days: int = 0) -> date:
            return add_months(self.today, -months) - timedelta(days=days)

        def repair(car: _Car, title: str, cents: int, **more: Any) -> Callable[[date], object]:
            return lambda _day: self._service(car, title, cents, ServiceCategory.REPAIR, **more)

        def spend(car: _Car, category: str, title: str, cents: int) -> Callable[[date], None]:
            return lambda day: self._spend(car, day, category, title, cents)

        yield ago(33, 4), repair(golf, "Front brake discs and pads", 48_930, place="Werkstatt Kranz")
        yield ago(22, 11), repair(golf, "Starter battery", 18_900, place="Werkstatt Kranz")
        yield ago(5, 6), repair(golf, "Water pump", 61_270, place="Werkstatt Kranz", notes="Lost coolant since May.")
        yield ago(27, 2), repair(zoe, "12 V battery", 16_500, place="Renault Süd")
        yield ago(38), spend(golf, "tyres", "Four all new summer tyres", 43_600)
        yield ago(14), spend(zoe, "tyres", "Four new winter tyres", 52_400)
        yield ago(40, 9), spend(golf, "fine", "21 km/h too fast", 6_000)
        for years, cents in ((1, 8_500), (2, 11_000), (3, 25_000), (4, 32_000)):
            yield ago(12 * years, 3), spend(zoe, "other", "Quota bonus for electric cars", -cents)
            yield ago(12 * years - 4, 5), spend(golf, "toll", "Austrian motorway, ten days", 1_150)
        for number in range(1, 19):
            yield ago(number * 3, 13), spend(self.cars[number % 2], "wash", "Car wash", 1_290)
            yield ago(number * 3, 20), spend(golf, "parking", "Parking in town", 450 + 50 * (number % 7))

    def _spend(self, car: _Car, day: date, category: str, title: str, cents: int) -> None:
        command = RecordExpense(
            vehicle_id=car.vehicle.id, category=category, title=title, amount=_euro(cents), spent_on=day
        )
        self.do(record_expense, command)

    def _service(self, car: _Car, title: str, cents: float, category: ServiceCategory, **more: Any) -> UUID:
        record = RecordService(
            vehicle_id=car.vehicle.id,
            title=title,
            at=self.clock.at,
            odometer=Distance(car.odometer),
            category=category,
            total=_euro(cents),
            **more,
        )
        made: UUID = self.do(record_service, record).id
        return made

    def _drive(self, car: _Car, day: date) -> None:
        """Drive for a day; fill up or charge in the evening when little is left."""
        month = day.month - 1
        weekend = 1.5 if day.weekday() == 5 else 0.9
        km = car.daily_km * weekend * DRIVEN[month] / 100 * self.chance.uniform(0.4, 1.6)
        is_electric = car is self.zoe
        thirst = (COLD if is_electric else THIRST)[month] / 100 * self.chance.uniform(0.95, 1.05)
        car.odometer += round(km) * 1000
        car.level -= km * car.per_100km / 100 * thirst
        if car.level < car.tank * (0.35 if is_electric else 0.14):
            (self._charge if is_electric else self._fill)(car, day)

    def _price(self, prices: tuple[int, ...], day: date) -> float:
        years = (self.today - day).days / 365.25
        place = min(int(years), len(prices) - 2)
        return prices[place] + (prices[place + 1] - prices[place]) * (years - place) + self.chance.uniform(-3, 3)

    def _fill(self, car: _Car, day: date, hour: int = 18) -> None:
        is_full = self.chance.random() > 0.08
        litres = car.tank - max(car.level, 0) if is_full else 20
        car.level = max(car.level, 0) + litres
        self.clock.at = moment(day, hour, self.chance.randrange(60))
        self.do(
            record_fill,
            RecordFill(
                vehicle_id=car.vehicle.id,
                at=self.clock.at,
                odometer=Distance(car.odometer),
                volume=Volume.of(f"{litres:.2f}"),
                unit_price=UnitPrice.of(f"{self._price(PETROL, day) / 100:.2f}9", "EUR"),
                is_full=is_full,
                place=self.chance.choice(("Aral", "Jet", "Shell", "Jet")),
            ),
        )

    def _charge(self, car: _Car, day: date) -> None:
        on_the_road = self.chance.random() < (0.35 if day.month in {7, 8} else 0.1)
        start = max(round(100 * car.level / car.tank), 3)
        added = car.tank * 0.8 - car.level
        drawn = added * (1.05 if on_the_road else 1.12)  # what the meter counts: charging loses some
        car.level = car.tank * 0.8
        self.clock.at = moment(day, 20, self.chance.randrange(60))
        cents = self._price(ON_THE_ROAD if on_the_road else AT_HOME, day)
        self.do(
            record_fill,
            RecordFill(
                vehicle_id=car.vehicle.id,
                at=self.clock.at,
                odometer=Distance(car.odometer),
                energy=Energy.of(f"{drawn:.2f}"),
                unit_price=UnitPrice.of(f"{cents / 100:.3f}", "EUR"),
                start_soc_percent=start,
                end_soc_percent=80,
                charge_place=ChargePlace.PUBLIC if on_the_road else ChargePlace.HOME,
                current=ChargeCurrent.DC if on_the_road else ChargeCurrent.AC,
            ),
        )

    def _look(self, day: date) -> None:
        """Look at what is due, as a household does twice a month, and have it done."""
        self.do(run_recurring, RunRecurring())
        self.do(tick, Tick())
        if (self.today - day).days < LEFT_DAYS:
            return
        due: tuple[DueReminder, ...] = self.core.read(self.actor, list_due, ListDue(within=14))
        for each in due:
            if each.urgency in {Urgency.DUE, Urgency.OVERDUE, Urgency.VERY_SOON}:
                car = self.golf if each.vehicle_id == self.golf.vehicle.id else self.zoe
                self._answer(car, each, day)

    def _answer(self, car: _Car, due: DueReminder, day: date) -> None:
        work = car.works[due.reminder_id]
        years = (self.today - day).days / 365.25
        cents = round(work.cost * (1 - 0.035 * years) / 100) * 100 - 10  # it was cheaper then
        self.clock.at += timedelta(hours=2)
        service_id = self._service(car, work.title, cents, work.category, place=self._place(car))
        self.do(finish_reminder, FinishReminder(id=due.reminder_id, done_on=day, record_id=service_id))

    def _place(self, car: _Car) -> str:
        return "Werkstatt Kranz" if car is self.golf else "Renault Süd"

    def _travel(self, day: date) -> bool:
        """Take the Golf on a trip and note it: for work on two days a month, now and then something private."""
        if day.day in {9, 23}:
            purpose, place, km = "business", "Customer in Leipzig", 374
        elif day.day == 15:
            purpose, place, km = "private", "Lake", 96
        else:
            return False
        if self.golf.level < 30:
            self._fill(self.golf, day, hour=6)
        start = moment(day, 7, 30)
        self.clock.at = start + timedelta(hours=10)
        self.do(
            record_trip,
            RecordTrip(
                vehicle_id=self.golf.vehicle.id,
                driver_id=self.actor.user_id,
                started_at=start,
                ended_at=start + timedelta(hours=9),
                distance=Distance.of(km),
                start_place="Berlin",
                end_place=place,
                purpose=purpose,
            ),
        )
        self.golf.odometer += km * 1000
        self.golf.level -= km * self.golf.per_100km / 100 * THIRST[day.month - 1] / 100
        return True


def _grid(first: date, on: date, months: int) -> dict[str, Any]:
    """Return a fixed rule every so many *months* that meets the day *on*, with its first day after *first*."""
    count = 0
    while add_months(on, -(count + 1) * months) > first:
        count += 1
    while add_months(on, -count * months) <= first:
        count -= 1
    return {"on": add_months(on, -count * months), "every_months": months, "is_fixed": True}
