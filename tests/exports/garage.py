"""A fleet with a record of every kind, the odd ones above all."""

from __future__ import annotations

import io
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from fleetcore import Core
from fleetcore.attachments.model import AddAttachment, DeleteAttachment
from fleetcore.attachments.service import add_attachment, delete_attachment
from fleetcore.calendars.model import MakeFeed
from fleetcore.calendars.service import make_feed
from fleetcore.expenses.categories import add_category
from fleetcore.expenses.model import (
    AddCategory,
    AddRecurring,
    DeleteExpense,
    EditExpense,
    RecordExpense,
    RunRecurring,
)
from fleetcore.expenses.recurring import add_recurring, run_recurring
from fleetcore.expenses.service import delete_expense, edit_expense, record_expense
from fleetcore.fuel.model import (
    AddStation,
    ChargeCurrent,
    ChargePlace,
    DeleteFill,
    EditFill,
    Fill,
    RecordFill,
    RestoreFill,
)
from fleetcore.fuel.service import delete_fill, edit_fill, record_fill, restore_fill
from fleetcore.fuel.stations import add_station
from fleetcore.imports.model import ImportLog, UndoImport
from fleetcore.imports.service import import_log, undo_import
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, Energy, EngineHours, Mass, Volume
from fleetcore.kernel.when import Period
from fleetcore.notifications.model import Digest, Kind, SetPreferences
from fleetcore.notifications.service import notify_address, set_preferences
from fleetcore.notifications.texts import Text
from fleetcore.people.commands import AddMember, DefineRole, RemoveMember
from fleetcore.people.members import add_member, define_role, remove_member
from fleetcore.people.model import Quotas, StaffKind, StaffProfile
from fleetcore.reminders.model import AddReminder, FinishReminder
from fleetcore.reminders.service import add_reminder, finish_reminder
from fleetcore.sharing.model import Invite, OfferedGrant
from fleetcore.sharing.service import invite
from fleetcore.trips.model import AddRate, CloseMonth, DeleteTrip, RateTier, RecordTrip, RestoreTrip
from fleetcore.trips.months import close_month
from fleetcore.trips.rates import add_rate
from fleetcore.trips.service import delete_trip, record_trip, restore_trip
from fleetcore.vehicles.assignments import AssignDriver, HandOver
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.drivers import assign_driver, hand_over
from fleetcore.vehicles.meters import record_reading, replace_meter, void_reading
from fleetcore.vehicles.model import AddVehicle, GrantScope, GrantVehicle, PurgeVehicles, RemoveVehicle, Vehicle
from fleetcore.vehicles.readings import RecordReading, ReplaceMeter, VoidReading
from fleetcore.vehicles.service import add_vehicle, grant_vehicle, purge_vehicles, remove_vehicle

START = datetime(2026, 1, 1, 8, 30, 15, 123456, tzinfo=UTC)
NAME = 'Käfer "Ünï", 甲虫; =1+1'
# A picture of two by two pixels: its thumbnail is the same wherever it is made.
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)
LOG = b"""vehicle,at,odometer_km,volume_l,total,currency,station,notes
%(name)s,2026-04-01 10:00,%(first)d,41.5,70.1,EUR,Tank & Rast,"line one
line two"
%(name)s,2026-04-08 10:00,%(second)d,39.25,66.6,EUR,Tank & Rast,
"""


def furnish(core: Core, owner: Actor) -> Actor:
    """Fill the fleet of *owner* with a record of every kind; returns a driver of it."""
    vehicles = _vehicles(core, owner)
    driver = _people(core, owner, vehicles[0])
    _readings(core, owner, vehicles[0])
    files = _papers(core, owner, vehicles[0], driver)
    _fuel(core, owner, vehicles, driver, files[:2])
    _expenses(core, owner, vehicles[0])
    _maintenance(core, owner, vehicles[0])
    _plans(core, owner, vehicles[0])
    _tyres(core, owner, vehicles[0])
    _trips(core, owner, vehicles[0], driver, files[2])
    _sharing(core, owner, vehicles[0], driver)
    _reminders(core, owner, vehicles[0])
    _notifications(core, owner)
    _imports(core, owner)
    _removals(core, owner, vehicles, driver)
    return driver


def _vehicles(core: Core, owner: Actor) -> list[Vehicle]:
    first = AddVehicle(
        name=NAME,
        make="VW",
        year=1969,
        plate="MÜ-X 1",
        carriers=(Carrier.PETROL, Carrier.ELECTRICITY, Carrier.CNG),
        tank_capacity=Volume.of(40),
        battery_capacity=Energy.of("12.5"),
        load_limit=Mass.of(320),
        purchased_on=date(2020, 2, 29),
        purchase_price=Money.of("4321.09", "EUR"),
        tags=("old", "loved"),
        custom_fields={"z": "last first", "a": "😀", "m": ""},
        notes="one\r\ntwo\ttabs\u2028three",
    )
    return [core.run(owner, add_vehicle, command) for command in (first, *(AddVehicle(name=n) for n in "BCD"))]


def _people(core: Core, owner: Actor, vehicle: Vehicle) -> Actor:
    core.run(owner, define_role, DefineRole(name="Zähler", permissions={"vehicles.read": Scope.ALL}))
    staff = StaffProfile(kind=StaffKind.DRIVER, daily_rate=Money.of(120, "CHF"))
    drivers = [
        core.run(owner, add_member, AddMember(name=name, email=email, roles=("driver",), staff=staff))
        for name, email in (("Bo", f"bo@{owner.fleet_id}.example"), ("Gone", f"gone@{owner.fleet_id}.example"))
    ]
    for member in drivers:
        core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=member.user_id))
    core.run(owner, remove_member, RemoveMember(user_id=drivers[1].user_id))
    return core.actor(user_id=drivers[0].user_id, fleet_id=owner.fleet_id)


def _readings(core: Core, owner: Actor, vehicle: Vehicle) -> None:
    def note(day: int, **values: Any) -> UUID:
        command = RecordReading(vehicle_id=vehicle.id, at=START + timedelta(days=day), **values)
        return core.run(owner, record_reading, command).id

    note(0, odometer=Distance.of(99_000), note="ünï")
    note(1, engine_hours=EngineHours.of("12.3"))
    wrong = note(2, odometer=Distance.of(99_900))
    core.run(owner, void_reading, VoidReading(id=wrong, note="misread"))
    exchange = ReplaceMeter(
        vehicle_id=vehicle.id,
        at=START + timedelta(days=3),
        old_odometer=Distance.of(99_200),
        new_odometer=Distance.of(0),
    )
    core.run(owner, replace_meter, exchange)


def _papers(core: Core, owner: Actor, vehicle: Vehicle, driver: Actor) -> tuple[UUID, ...]:
    on: dict[str, Any] = {"entity": "vehicles.vehicle", "entity_id": vehicle.id}
    files = [
        core.run(owner, add_attachment, AddAttachment(name=name, content=io.BytesIO(data), **on))
        for name, data in (
            ("Beule vörn.png", PICTURE),
            ("the same.png", PICTURE),
            ("Maut.txt", b"40 CHF"),
            ("gone.txt", b"gone"),
        )
    ]
    core.run(owner, delete_attachment, DeleteAttachment(id=files[3].id, version=1))
    paid = {"issuer": "Häfen", "amount": {"amount": "30.05", "currency": "EUR"}, "schedule": "monthly"}
    term = {"starts_on": "2026-01-31", "ends_on": "2026-12-31", "vehicle_id": str(vehicle.id)}
    policy = {"kind": "insurance", "cover": "liability", "excess": {"amount": "300", "currency": "EUR"}}
    old = core.perform(owner, "documents.add", {**paid, **term, **policy, "contact": "+49 1"}).document
    core.perform(owner, "documents.renew", {"id": str(old.id), "version": 1, "number": "Ü 2"})
    lease = {"allowed_distance_km": 15000.5, "excess_fee_per_km": {"amount": "0.0823", "currency": "EUR"}}
    gone = core.perform(owner, "documents.add", {"kind": "lease", **paid, **term, **lease}).document
    core.perform(owner, "documents.delete", {"id": str(gone.id), "version": 1})
    holder = {"kind": "licence", "person_id": str(driver.user_id), "classes": ["B", "BE"]}
    core.perform(owner, "documents.add", {**holder, "ends_on": "2033-01-18"})
    return tuple(each.id for each in files)


def _fuel(core: Core, owner: Actor, vehicles: list[Vehicle], driver: Actor, files: tuple[UUID, ...]) -> None:
    station = AddStation(name="Müller", brand="Aral", latitude=48.1, longitude=11.5, provider="osm", external_id="n/1")
    where = core.run(owner, add_station, station).id

    def fill(day: int, **values: Any) -> Fill:
        usual = {"vehicle_id": vehicles[0].id, "carrier": Carrier.PETROL, "total": Money.of("60.01", "EUR")}
        return core.run(owner, record_fill, RecordFill(at=START + timedelta(days=day), **usual | values))

    fill(10, odometer=Distance.of("100.7"), volume=Volume.of("33.333"), station_id=where, attachment_ids=files)
    fill(11, mass=Mass.of("4.2"), carrier=Carrier.CNG, driver_id=driver.user_id, tags=("a,b", "ü"))
    charge = {"charge_place": ChargePlace.WORK, "current": ChargeCurrent.DC, "start_soc_percent": 10}
    fill(12, energy=Energy.of("11.1"), carrier=Carrier.ELECTRICITY, end_soc_percent=80, **charge)
    changed = fill(13, odometer=Distance.of(300), volume=Volume.of(30), latitude=-0.1, longitude=1e-07)
    edit = EditFill(
        id=changed.id,
        version=1,
        vehicle_id=vehicles[0].id,
        carrier=Carrier.PETROL,
        at=changed.at,
        odometer=Distance.of(310),
        volume=Volume.of(31),
        total=Money.of(6000, "JPY"),
    )
    core.run(owner, edit_fill, edit)
    for back in (True, False):
        deleted = fill(14 + back, odometer=Distance.of(400 + 10 * back), volume=Volume.of(30))
        core.run(owner, delete_fill, DeleteFill(id=deleted.id, version=1))
        if back:
            core.run(owner, restore_fill, RestoreFill(id=deleted.id))
    fill(5, vehicle_id=vehicles[1].id, volume=Volume.of(20), odometer=Distance.of(5))
    fill(5, vehicle_id=vehicles[2].id, volume=Volume.of(20), odometer=Distance.of(5))


def _expenses(core: Core, owner: Actor, vehicle: Vehicle) -> None:
    own = core.run(owner, add_category, AddCategory(name="Fähre & Zug")).key
    core.run(owner, record_expense, RecordExpense(category="parking", amount=Money.of(-3, "EUR"), at=START))
    paid = RecordExpense(category=own, amount=Money.of("9.99", "EUR"), spent_on=START.date(), vehicle_id=vehicle.id)
    for number in range(3):
        made = core.run(owner, record_expense, paid)
        if number == 1:
            core.run(owner, delete_expense, DeleteExpense(id=made.id, version=1))
        if number == 2:
            edited = EditExpense(
                id=made.id, version=1, category="tax", amount=Money.of(8, "EUR"), spent_on=START.date()
            )
            core.run(owner, edit_expense, edited)
    loan = AddRecurring(
        category="loan", amount=Money.of(100, "EUR"), period=Period.MONTH, starts_on=date(2026, 1, 31), title="Bänk"
    )
    core.run(owner, add_recurring, loan)
    core.run(owner, run_recurring, RunRecurring())


def _maintenance(core: Core, owner: Actor, vehicle: Vehicle) -> None:
    garage = core.perform(owner, "maintenance.add_provider", {"name": "Kürzel & Söhne", "phone": "+49 1"})
    what = {"vehicle_id": str(vehicle.id), "provider_id": str(garage.id)}
    parts = [
        {"name": "Öl", "part_number": "5W-30", "quantity": 4.5, "unit_cost": {"amount": "8.99", "currency": "EUR"}}
    ]
    record = {**what, "title": "Ölwechsel", "done_on": "2026-03-01", "parts": parts}
    core.perform(owner, "maintenance.record_service", record)
    gone = core.perform(owner, "maintenance.record_service", {**what, "title": "Gone", "done_on": "2026-03-02"})
    core.perform(owner, "maintenance.delete_service", {"id": str(gone.id), "version": 1})
    job = core.perform(owner, "maintenance.schedule_job", {**what, "title": "Kupplung", "planned_on": "2026-07-01"})
    job = core.perform(owner, "maintenance.start_job", {"id": str(job.id), "version": job.version})
    core.perform(owner, "maintenance.complete_job", {"id": str(job.id), "version": job.version, "labour_hours": 1.25})


def _plans(core: Core, owner: Actor, vehicle: Vehicle) -> None:
    item = {"title": "Ölwechsel", "every_km": 15000, "expected_cost": {"amount": "89.9", "currency": "EUR"}}
    own = core.perform(owner, "maintenance.add_template", {"name": "Käfer", "make": "VW", "items": [item]})
    for template in (own.key, "trailer"):
        core.perform(owner, "maintenance.apply_template", {"vehicle_id": str(vehicle.id), "template": template})
    gone = core.perform(owner, "maintenance.list_plan_items", {}).items[0]
    core.perform(owner, "maintenance.remove_plan_item", {"id": str(gone.id), "version": 1})
    kept = core.perform(owner, "maintenance.list_plan_items", {}).items[0]
    answer = {"vehicle_id": str(vehicle.id), "title": "Done", "done_on": "2026-03-03"}
    core.perform(owner, "maintenance.record_service", {**answer, "reminder_ids": [str(kept.reminder_id)]})
    checks = [{"title": "Licht"}, {"title": "Profil", "kind": "measure", "unit": "mm", "minimum": 1.6}]
    checklist = core.perform(owner, "maintenance.add_checklist", {"name": "TÜV", "items": checks})
    results = [{"key": "licht", "outcome": "fail", "note": "trüb"}, {"key": "profil", "value": 1.7}]
    when = {"vehicle_id": str(vehicle.id), "done_on": "2026-03-04"}
    failed = core.perform(
        owner, "maintenance.record_inspection", {**when, "checklist": checklist.key, "results": results}
    )
    core.perform(owner, "maintenance.schedule_repairs", {"id": str(failed.id), "version": 1})
    again = {**when, "retest_of": str(failed.id), "results": [{"key": "licht", "outcome": "pass"}]}
    core.perform(owner, "maintenance.record_inspection", again)


def _tyres(core: Core, owner: Actor, vehicle: Vehicle) -> None:
    said = {"vehicle_id": str(vehicle.id), "name": "Wïnter", "kind": "winter", "dot": "3523"}
    cost = {"amount": "480", "currency": "EUR"}
    bought = core.perform(owner, "maintenance.add_tyre_set", {**said, "cost": cost, "purchased_on": "2026-01-05"})
    of_set = {"set_id": str(bought.id)}
    core.perform(owner, "maintenance.mount_tyres", {**of_set, "on": "2026-01-06", "until": "2026-03-05"})
    core.perform(owner, "maintenance.mount_tyres", {**of_set, "on": "2026-03-06"})
    depths = [{"number": 1, "depth_mm": 7.5}, {"number": 2, "depth_mm": 7}]
    core.perform(owner, "maintenance.measure_tread", {**of_set, "on": "2026-03-06", "depths": depths})


def _trips(core: Core, owner: Actor, vehicle: Vehicle, driver: Actor, receipt: UUID) -> None:
    tier = {"tier": RateTier.TRIP, "tier_distance": Distance.of(20), "per_km_beyond": UnitPrice.of("0.38", "EUR")}
    for day, more in ((1, {}), (2, tier)):
        rate = AddRate(purpose="business", valid_from=date(2026, 1, day), per_km=UnitPrice.of("0.3", "EUR"), **more)
        core.run(owner, add_rate, rate)
    driven = RecordTrip(
        vehicle_id=vehicle.id,
        driver_id=driver.user_id,
        started_at=START + timedelta(days=20),
        ended_at=START + timedelta(days=20, hours=1),
        start_odometer=Distance.of(500),
        distance=Distance.of("41.5"),
        end_place="Zürich",
        end_latitude=47.37,
        end_longitude=1e-07,
        fuel_used=Volume.of(3),
        tolls=Money.of(40, "CHF"),
        attachment_ids=(receipt,),
        tags=("a,b",),
    )
    made = core.run(owner, record_trip, driven)
    core.run(owner, delete_trip, DeleteTrip(id=made.id, version=1))
    core.run(owner, restore_trip, RestoreTrip(id=made.id))
    core.run(owner, close_month, CloseMonth(vehicle_id=vehicle.id, month=START.date()))


def _sharing(core: Core, owner: Actor, vehicle: Vehicle, driver: Actor) -> None:
    lent = OfferedGrant(vehicle_id=vehicle.id, scope=GrantScope.DRIVE, ends_at=START + timedelta(days=9999))
    sent = [
        core.run(owner, invite, Invite(grants=(lent,), email=f"{name}@{owner.fleet_id}.example", message="Hällo\n;=1"))
        for name in ("guest", "waiting")
    ]
    core.accept_invitation(str(sent[0].token), name="Güest")
    core.run(owner, assign_driver, AssignDriver(vehicle_id=vehicle.id, driver_id=driver.user_id, starts_at=START))
    core.run(owner, hand_over, HandOver(vehicle_id=vehicle.id, driver_name="Zoë", notes="keys\r\nin the box"))
    core.set_quotas(owner.fleet_id, Quotas(vehicles_max=99, storage_bytes_max=2**40))


def _reminders(core: Core, owner: Actor, vehicle: Vehicle) -> None:
    rule = AddReminder(vehicle_id=vehicle.id, title="Öl; =1", every=Distance.of(15_000), every_months=12)
    for reminder in (core.run(owner, add_reminder, rule), core.run(owner, add_reminder, rule)):
        core.run(owner, finish_reminder, FinishReminder(id=reminder.id, engine_hours=EngineHours(7)))
    core.run(owner, make_feed, MakeFeed(name="Téléphone"))


def _notifications(core: Core, owner: Actor) -> None:
    said = SetPreferences(
        channels={"due": ("email", "ntfy"), "jobs": ()},
        switched_off={"welcome": ("email",)},
        quiet_from="22:00",
        quiet_until="06:30",
        digest=Digest.WEEKLY,
        addresses={"ntfy": "https://ntfy.example/ünï"},
    )
    core.run(owner, set_preferences, said)

    def invite(uow: UnitOfWork) -> None:
        text = Text("Kömm", "a\nb")
        notify_address(uow, Kind.INVITATIONS, "eve@example.org", text, event_id=UUID(int=11), channel="email")

    core.work(owner.fleet_id, "invite", invite)


def _imports(core: Core, owner: Actor) -> None:
    for name, first in ((b"Imported", 1000), (b"Undone", 2000)):
        text = LOG % {b"name": name, b"first": first, b"second": first + 500}
        report = core.run(owner, import_log, ImportLog(source=text, file_name="log ü.csv"))
        assert report.import_id is not None
        if name == b"Undone":
            core.run(owner, undo_import, UndoImport(id=report.import_id))


def _removals(core: Core, owner: Actor, vehicles: list[Vehicle], driver: Actor) -> None:
    core.run(owner, remove_vehicle, RemoveVehicle(id=vehicles[1].id))
    core.run(owner, purge_vehicles, PurgeVehicles(after_days=0))
    core.run(owner, remove_vehicle, RemoveVehicle(id=vehicles[2].id))
