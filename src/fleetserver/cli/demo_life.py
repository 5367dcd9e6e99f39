"""Five years of two cars of a German household, for ``fleet demo``: the same life on every machine, up to today.

A petrol car and an electric one are driven day by day: colder months take more, summers go further, prices follow
those of the last years. What falls due is done, most of it; the last weeks are left to look at.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import fleetcore
from fleetcore import Core
from fleetcore.documents.commands import RunPremiums
from fleetcore.documents.model import Cover, DocumentKind, PaymentSchedule
from fleetcore.documents.payments import run_premiums
from fleetcore.expenses.model import AddRecurring, RecordExpense, RunRecurring
from fleetcore.expenses.recurring import add_recurring, run_recurring
from fleetcore.expenses.service import record_expense
from fleetcore.fuel.model import ChargeCurrent, ChargePlace, RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, Volume
from fleetcore.kernel.when import Period, add_months
from fleetcore.maintenance.model import RecordService, ServiceCategory
from fleetcore.maintenance.plan_model import LastDone
from fleetcore.maintenance.service import record_service
from fleetcore.maintenance.tyre_model import TyreKind
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import AddReminder, DueReminder, ListDue, Tick, Urgency
from fleetcore.reminders.service import add_reminder
from fleetcore.reminders.tick import tick
from fleetcore.trips.model import AddRate, CloseMonth
from fleetcore.trips.months import close_month
from fleetcore.trips.rates import add_rate
from fleetcore.vehicles.assignments import AssignDriver, HandOver
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.drivers import assign_driver, hand_over
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

from .demo_garage import Car, Work, buy_tyres, change_tyres, check_car, file_papers, note_trip, plan, receipt, renew
from .demo_time import TIMEZONE, LivedTime, euro, first_met, grid, moment

__all__ = ["FLEET_NAME", "live"]

FLEET_NAME = "Demo garage"
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


def live(url: str, today: date, attachments: Path | None = None) -> None:
    """Found the demo's fleet in the empty database at *url* and live its five years up to *today*.

    Its receipt is kept in the folder *attachments*, or beside the SQLite file.
    """
    first = add_months(today, -MONTHS)
    clock = LivedTime(moment(first, 8))
    with fleetcore.open(url, clock=clock, installed_plugins=False, attachments=attachments) as core:
        actor = core.create_fleet(FLEET_NAME, currency="EUR", timezone=TIMEZONE, owner_name="Alex", country="DE")
        _Life(core, actor, clock, today).run(first)


class _Life:
    """The life of the household, one day after the other."""

    def __init__(self, core: Core, actor: Actor, clock: LivedTime, today: date) -> None:
        self.core, self.actor, self.clock, self.today = core, actor, clock, today
        self.logged = (add_months(today.replace(day=1), -1), today.replace(day=1))  # the month in the logbook
        self.chance = random.Random(2019)  # noqa: S311 - the same life every time
        self.cars: list[Car] = []
        self.events: dict[date, Callable[[date], object]] = {}

    def do(self, operation: Any, command: Any) -> Any:
        """Run an operation at the present moment of this life."""
        return self.core.run(self.actor, operation, command)

    def look(self, question: Any, command: Any) -> Any:
        """Ask at the present moment of this life."""
        return self.core.read(self.actor, question, command)

    def run(self, first: date) -> None:
        """Live every day from *first* to today."""
        self.golf, self.zoe = self._golf(first), self._zoe(first)
        self.cars = [self.golf, self.zoe]
        self._standing_costs(first)
        self._drivers(first)
        self.events = dict(self._events())
        day = first + timedelta(days=1)
        while day <= self.today:
            self.clock.at = moment(day, 7)
            if day in self.events:
                self.events[day](day)
            is_away = add_months(day, 14) > self.today and self._travel(day)
            for car in self.cars:
                if car is self.zoe or not is_away:
                    self._drive(car, day)
            if day.day in {3, 18} or day == self.today:
                self._look(day)
            day += timedelta(days=1)
        self.do(close_month, CloseMonth(vehicle_id=self.golf.vehicle.id, month=self.logged[0]))

    def _add(self, car: Car, work: Work) -> None:
        rule = {"expected_cost": euro(work.cost)} | work.rule
        command = AddReminder(vehicle_id=car.vehicle.id, title=work.title, **rule)
        car.works[self.do(add_reminder, command).id] = work

    def _drivers(self, first: date) -> None:
        self.sam: UUID = self.do(add_member, AddMember(name="Sam", roles=("driver",))).user_id
        for car in self.cars:
            command = AssignDriver(vehicle_id=car.vehicle.id, driver_id=self.actor.user_id, starts_at=moment(first, 8))
            self.do(assign_driver, command)

    def _golf(self, first: date) -> Car:
        vehicle = self.do(
            add_vehicle,
            AddVehicle(
                name="Golf", make="VW", model="Golf", variant="1.5 TSI", year=first.year - 2, plate="B-FC 1500",
                colour="blue", carriers=(Carrier.PETROL,), tank_capacity=Volume.of(50), passenger_capacity=5,
                purchased_on=first, purchase_price=euro(1_790_000), tags=("family",),
            ),
        )  # fmt: skip
        car = Car(vehicle, 31_400_000, 41, 6.1, 50, 38)
        self.do(
            record_fill,
            RecordFill(
                vehicle_id=vehicle.id, at=moment(first, 8), odometer=Distance(car.odometer), volume=Volume.of("12.4"),
                unit_price=UnitPrice.of("1.559", "EUR"), place="Aral",
            ),
        )  # fmt: skip
        car.level = 50
        fluid = add_months(first_met(first, self.today - timedelta(days=9), 24), -24)
        costs = {"engine-oil": 26_400, "brake-fluid": 8_900, "spark-plugs": 19_800, "cabin-filter": 4_900}
        plan(self, car, "petrol", costs, (LastDone(key="brake-fluid", on=fluid),))
        file_papers(
            self, car, first, insurer="HUK", premium=58_200, schedule=PaymentSchedule.YEARLY, cover=Cover.COMPREHENSIVE,
            insured_until=first_met(first, self.today + timedelta(days=40), 12),
            tested_until=first_met(first, self.today + timedelta(days=19), 24),
        )  # fmt: skip
        self._tyres(car, first, "205/55 R16", (date(first.year, 4, 5), date(first.year, 10, 20)))
        return car

    def _zoe(self, first: date) -> Car:
        bought = add_months(first, 1)
        vehicle = self.do(
            add_vehicle,
            AddVehicle(
                name="Zoe", make="Renault", model="Zoe", variant="R135", year=bought.year, plate="B-FC 52E",
                colour="white", carriers=(Carrier.ELECTRICITY,), battery_capacity=Energy.of(52), passenger_capacity=5,
                purchased_on=bought, purchase_price=euro(2_390_000), tags=("family", "electric"),
            ),
        )  # fmt: skip
        car = Car(vehicle, 15_000, 31, 16.4, 52, 41.6)
        costs = {"brakes": 11_900, "cabin-filter": 3_400, "brake-fluid": 9_400, "high-voltage-check": 6_900}
        plan(self, car, "electric", costs)
        file_papers(
            self, car, first, insurer="VHV", premium=13_950, schedule=PaymentSchedule.QUARTERLY, cover=Cover.PARTIAL,
            insured_until=first_met(first, self.today + timedelta(days=71), 12), tested_until=add_months(bought, 36),
        )  # fmt: skip
        self._tyres(car, first, "195/55 R16", (date(first.year, 4, 12), date(first.year, 10, 27)))
        return car

    def _tyres(self, car: Car, first: date, size: str, days: tuple[date, date]) -> None:
        """Let *car* come with two sets, one of them mounted, and change them twice a year."""
        for kind in (TyreKind.SUMMER, TyreKind.WINTER):
            name = f"{car.vehicle.name} {kind.value}"
            buy_tyres(self, car, kind, name, size=size, brand="Michelin")
        change_tyres(self, car, TyreKind.SUMMER if 4 <= first.month <= 9 else TyreKind.WINTER, first)
        for kind, day in zip((TyreKind.SUMMER, TyreKind.WINTER), days, strict=True):
            title = f"{kind.value.capitalize()} tyres on"
            self._add(car, Work(title=title, cost=4_900, mounts=kind, rule=grid(first, day, 12)))

    def _standing_costs(self, first: date) -> None:
        for car, category, title, cents, every, offset in (
            (self.golf, "tax", "Vehicle tax", 12_200, 12, 1),
            (None, "parking", "Garage rent", 7_500, 1, 0),
        ):
            self.do(
                add_recurring,
                AddRecurring(
                    vehicle_id=car.vehicle.id if car else None,
                    category=category,
                    title=title,
                    amount=euro(cents),
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

        def repair(car: Car, title: str, cents: int, **more: Any) -> Callable[[date], object]:
            return lambda _day: self._service(car, title, cents, ServiceCategory.REPAIR, **more)

        def spend(car: Car, category: str, title: str, cents: int) -> Callable[[date], None]:
            return lambda day: self._spend(car, day, category, title, cents)

        yield ago(33, 4), repair(golf, "Front brake discs and pads", 48_930, place="Werkstatt Kranz")
        yield ago(22, 11), repair(golf, "Starter battery", 18_900, place="Werkstatt Kranz")
        yield ago(5, 6), self._water_pump
        yield ago(20), lambda _day: self.do(hand_over, HandOver(vehicle_id=zoe.vehicle.id, driver_id=self.sam))
        yield ago(27, 2), repair(zoe, "12 V battery", 16_500, place="Renault Süd")
        yield ago(38), lambda day: self._new_tyres(golf, TyreKind.SUMMER, day, 43_600, brand="Goodyear")
        yield ago(14), lambda day: self._new_tyres(zoe, TyreKind.WINTER, day, 52_400, brand="Nokian")
        yield ago(40, 9), spend(golf, "fine", "21 km/h too fast", 6_000)
        for years, cents in ((1, 8_500), (2, 11_000), (3, 25_000), (4, 32_000)):
            yield ago(12 * years, 3), spend(zoe, "other", "Quota bonus for electric cars", -cents)
            yield ago(12 * years - 4, 5), spend(golf, "toll", "Austrian motorway, ten days", 1_150)
        for number in range(1, 19):
            yield ago(number * 3, 13), spend(self.cars[number % 2], "wash", "Car wash", 1_290)
            yield ago(number * 3, 20), spend(golf, "parking", "Parking in town", 450 + 50 * (number % 7))

    def _new_tyres(self, car: Car, kind: TyreKind, day: date, cents: int, **said: Any) -> None:
        is_on = car.mounted is not None and car.mounted[0] is kind
        if is_on:
            change_tyres(self, car, kind, day)
            car.mounted = None
        name = f"{car.vehicle.name} {kind.value} {day.year}"
        buy_tyres(self, car, kind, name, cost=euro(cents), purchased_on=day, size=car.sets[kind].size, **said)
        if is_on:
            change_tyres(self, car, kind, day)

    def _water_pump(self, day: date) -> None:
        """Have the Golf repaired, and keep the bill."""
        place, notes = "Werkstatt Kranz", "Lost coolant since May."
        made = self._service(self.golf, "Water pump", 61_270, ServiceCategory.REPAIR, place=place, notes=notes)
        lines = (place, f"{day}", "VW Golf, B-FC 1500", "", "Water pump, coolant, labour", "Total 612.70 EUR, paid")
        receipt(self, made, "bill-water-pump.pdf", lines)

    def _spend(self, car: Car, day: date, category: str, title: str, cents: int) -> None:
        command = RecordExpense(
            vehicle_id=car.vehicle.id, category=category, title=title, amount=euro(cents), spent_on=day
        )
        self.do(record_expense, command)

    def _service(self, car: Car, title: str, cents: float, category: ServiceCategory, **more: Any) -> UUID:
        record = RecordService(
            vehicle_id=car.vehicle.id,
            title=title,
            at=self.clock.at,
            odometer=Distance(car.odometer),
            category=category,
            total=euro(cents),
            **more,
        )
        made: UUID = self.do(record_service, record).id
        return made

    def _drive(self, car: Car, day: date) -> None:
        """Drive for a day; fill up or charge in the evening when little is left."""
        month = day.month - 1
        weekend = 1.5 if day.weekday() == 5 else 0.9
        km = car.daily_km * weekend * DRIVEN[month] / 100 * self.chance.uniform(0.4, 1.6)
        is_electric = car is self.zoe
        thirst = (COLD if is_electric else THIRST)[month] / 100 * self.chance.uniform(0.95, 1.05)
        car.odometer += round(km) * 1000
        if car is self.golf and self.logged[0] <= day < self.logged[1]:
            self._log(day, round(km))
        car.level -= km * car.per_100km / 100 * thirst
        if car.level < car.tank * (0.35 if is_electric else 0.14):
            (self._charge if is_electric else self._fill)(car, day)

    def _price(self, prices: tuple[int, ...], day: date) -> float:
        years = (self.today - day).days / 365.25
        place = min(int(years), len(prices) - 2)
        return prices[place] + (prices[place + 1] - prices[place]) * (years - place) + self.chance.uniform(-3, 3)

    def _fill(self, car: Car, day: date, hour: int = 18) -> None:
        is_full = self.chance.random() > 0.08
        litres = car.tank - max(car.level, 0) if is_full else 20
        car.level = max(car.level, 0) + litres
        self.clock.at = moment(day, hour, self.chance.randrange(60))
        self.do(
            record_fill,
            RecordFill(
                vehicle_id=car.vehicle.id, at=self.clock.at, odometer=Distance(car.odometer), is_full=is_full,
                volume=Volume.of(f"{litres:.2f}"), place=self.chance.choice(("Aral", "Jet", "Shell", "Jet")),
                unit_price=UnitPrice.of(f"{self._price(PETROL, day) / 100:.2f}9", "EUR"),
            ),
        )  # fmt: skip

    def _charge(self, car: Car, day: date) -> None:
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
                vehicle_id=car.vehicle.id, at=self.clock.at, odometer=Distance(car.odometer),
                energy=Energy.of(f"{drawn:.2f}"), unit_price=UnitPrice.of(f"{cents / 100:.3f}", "EUR"),
                start_soc_percent=start, end_soc_percent=80,
                charge_place=ChargePlace.PUBLIC if on_the_road else ChargePlace.HOME,
                current=ChargeCurrent.DC if on_the_road else ChargeCurrent.AC,
            ),
        )  # fmt: skip

    def _look(self, day: date) -> None:
        """Look at what is due, as a household does twice a month, and have it done."""
        self.do(run_recurring, RunRecurring())
        self.do(run_premiums, RunPremiums())
        self.do(tick, Tick())
        if (self.today - day).days < LEFT_DAYS:
            return
        for car in self.cars:
            self._papers(car, day)
        works = {reminder_id: car for car in self.cars for reminder_id in car.works}
        pressing = {Urgency.DUE, Urgency.OVERDUE, Urgency.VERY_SOON}
        due: tuple[DueReminder, ...] = self.look(list_due, ListDue(within=14))
        for each in due:
            if each.reminder_id in works and each.urgency in pressing:
                self._answer(works[each.reminder_id], each, day)

    def _papers(self, car: Car, day: date) -> None:
        """Renew what ends within two weeks; one main inspection is passed only at the second try."""
        for kind in (DocumentKind.INSURANCE, DocumentKind.INSPECTION):
            ends_on = car.papers[kind].ends_on
            if ends_on is None or (ends_on - day).days > 14:
                continue
            if kind is DocumentKind.INSURANCE:
                renew(self, car, kind, day)
            elif car is self.golf and (self.today - day).days < 900:
                self._fail(car, day)
            else:
                check_car(self, car, day, {})
                renew(self, car, kind, day, amount=euro(14_900))

    def _fail(self, car: Car, day: date) -> None:
        """Fail the main inspection by its headlights, have them aimed, and pass the retest nine days later."""
        failed = check_car(self, car, day, {"headlights": "left one aims too high"})

        def retest(on: date) -> None:
            check_car(self, car, on, {"headlights": "aimed"}, retest_of=failed)
            renew(self, car, DocumentKind.INSPECTION, on, amount=euro(17_400))

        self.events[day + timedelta(days=9)] = retest

    def _answer(self, car: Car, due: DueReminder, day: date) -> None:
        work = car.works[due.reminder_id]
        years = (self.today - day).days / 365.25
        cents = round(work.cost * (1 - 0.035 * years) / 100) * 100 - 10  # it was cheaper then
        self.clock.at += timedelta(hours=2)
        if work.mounts is not None:
            change_tyres(self, car, work.mounts, day)
        place = "Werkstatt Kranz" if car is self.golf else "Renault Süd"
        self._service(car, work.title, cents, work.category, place=place, reminder_ids=(due.reminder_id,))

    def _note(self, day: date, purpose: str, place: str, **driven: Distance) -> None:
        said: dict[str, Any] = {"purpose": purpose, "end_place": place, **driven}
        note_trip(self, self.golf, self.actor.user_id, day, **said)

    def _log(self, day: date, km: int) -> None:
        """Note a day of the Golf in the logbook, from odometer to odometer."""
        purpose, place = ("private", "Lake and back") if day.weekday() > 4 else ("commute", "Office and back")
        start = Distance(self.golf.odometer - km * 1000)
        self._note(day, purpose, place, start_odometer=start, end_odometer=Distance(self.golf.odometer))

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
        start, end = Distance(self.golf.odometer), Distance(self.golf.odometer + km * 1000)
        is_logged = self.logged[0] <= day < self.logged[1]
        driven = {"start_odometer": start, "end_odometer": end} if is_logged else {"distance": Distance.of(km)}
        self._note(day, purpose, place, **driven)
        self.golf.odometer += km * 1000
        self.golf.level -= km * self.golf.per_100km / 100 * THIRST[day.month - 1] / 100
        return True
