"""One row for each operation: what a request says of an estate, and which part of the permission matrix decides it.

The test of the routes fails for an operation without a row, so whoever adds one describes it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from fleetserver.web.routing import Route

from .estates import Estate, money

__all__ = ["FILES", "NOWHERE", "ROWS", "Nature", "Row", "absent", "row_of"]

NOWHERE = str(UUID(int=0x01A1FEAB_0000_7000_8000_000000000000))
Says = Callable[[Estate], Mapping[str, Any]]


class Nature(Enum):
    """What a permission is asked for."""

    ANYONE = "a member"
    """Every member may, whatever their role."""
    SOME = "some"
    """Whoever has the permission, however far it reaches: the answer holds what they may see."""
    ALL = "everything"
    """The fleet as a whole: the permission must reach all of it."""
    WHOLE = "a record of the fleet"
    """A record that belongs to the whole fleet: the permission must reach all of it."""
    SHARED = "a shared record"
    """A record of no vehicle that everyone with the permission sees; who holds it for their own changes their own."""
    VEHICLE = "a vehicle"
    """The permission must reach the vehicle."""
    RECORD = "a record of a vehicle"
    """The permission must reach the vehicle, and the record, where it is held for one's own."""
    FILE = "a file on a record"
    """The permission that *sees* the record decides whether the file is there, *asks* whether it may be changed."""
    PERSON = "a member of the fleet"
    """Oneself, or with the permission for the whole fleet anyone; others are hidden."""
    USER = "the account of a member"
    """Oneself, without a permission; anyone, with the permission for the whole fleet."""
    MINE = "one's own alone"
    """Nobody reaches another's, not even of the same fleet."""
    ABSENT = "nothing"
    """What there is not, for whoever may ask for such."""


@frozen
class Row:
    """What a request says, and what decides.

    *sees* is the permission by which the record is seen. *asks* is the permission that the operation asks for itself,
    where its declaration names none. *also* is one that must reach the vehicle besides. What is *complete* is made of
    all the records of a vehicle, and refused to who sees only their own. *place* is where the record is for everyone
    of the fleet, where no estate of their own makes a difference.
    """

    nature: Nature
    says: Says
    sees: str | None = None
    asks: str | None = None
    also: str | None = None
    complete: bool = False
    place: str | None = None


def nothing(_estate: Estate) -> Mapping[str, Any]:
    """Say nothing."""
    return {}


def named(name: str, key: str = "id", /, **more: Any) -> Says:
    """Name the record called *name* by the field *key*, in its present version."""

    def says(estate: Estate) -> Mapping[str, Any]:
        versions = {"version": estate.versions[name]} if name in estate.versions else {}
        return {key: estate.ids[name], **versions, **more}

    return says


def here(**more: Any) -> Says:
    """Name the vehicle."""
    return lambda estate: {"vehicle_id": estate.vehicle, **more}


def both(name: str, /, **more: Any) -> Says:
    """Name a record and its vehicle."""
    return lambda estate: {**named(name, **more)(estate), "vehicle_id": estate.vehicle}


def absent(**more: Any) -> Says:
    """Name a record that there is not."""
    return lambda _estate: {"id": NOWHERE, **more}


def on_fill(estate: Estate) -> Mapping[str, Any]:
    """Name the fill as the record that a file hangs on."""
    return {"entity": "fuel.fill", "entity_id": estate.ids["fill"]}


def say(**said: Any) -> Says:
    """Say the same of every estate."""
    return lambda _estate: said


def _vehicle(**more: Any) -> Says:
    return lambda estate: {"id": estate.vehicle, "version": estate.versions["vehicle"], **more}


ANYONE, SOME, ALL, WHOLE, SHARED, VEHICLE, RECORD, FILE, PERSON, USER, MINE, ABSENT = Nature
FILL = {"at": "2026-02-01T08:00:00Z", "volume_l": 40, "total": money("60")}
PAID = {"category": "parking", "amount": money("3"), "spent_on": "2026-02-01"}
LOAN = {"category": "loan", "period": "month", "starts_on": "2026-09-30", "amount": money("100")}
DONE = {"title": "Oil", "done_on": "2026-03-01"}
RULE = {"title": "Oil", "every_km": 15000}
DRIVEN = {"started_at": "2026-02-25T08:00:00Z", "ended_at": "2026-02-25T09:00:00Z", "distance_km": 41}
PER_KM = {"amount": "0.3", "currency": "EUR"}
SET = {"name": "Winter", "kind": "winter"}
POLICY = {"kind": "insurance", "issuer": "Huk"}
LIGHT = {"vehicles.read": "all"}
LOOKED_AT = ("winter-tyres", "washer", "wipers", "lights", "seals", "scraper", "chains", "tread", "battery", "coolant")
WINTER = [{"key": key, "outcome": "not_applicable"} for key in LOOKED_AT]
CHECKED = {"results": [{"key": "light", "outcome": "pass"}, {"key": "profile", "value": 4}]}
JOB = {"title": "Clutch", "planned_on": "2026-08-01"}

FILES: Mapping[str, bytes] = {
    "attachments.add": b"paid in full\n",
    "imports.preview": b"vehicle,date,odometer,liters,total cost,full\nNew,2026-01-01,1000,40,60.00,1\n",
    "imports.import_log": b"vehicle,date,odometer,liters,total cost,full\nNew,2026-01-01,1000,40,60.00,1\n",
}

ROWS: Mapping[str, Row] = {
    # --- people, accounts, the platform --------------------------------------------------------------------------
    "accounts.list_keys": Row(ALL, nothing),
    "accounts.revoke_key": Row(WHOLE, named("key")),
    "audit.list": Row(SOME, nothing),
    "people.get_fleet": Row(ANYONE, nothing),
    "people.edit_fleet": Row(ALL, lambda e: {"name": "Home", "version": e.versions["fleet"]}),
    "people.set_quotas": Row(ALL, lambda e: {"vehicles_max": 900, "version": e.versions["fleet"]}),
    "people.get_user": Row(USER, lambda e: {"user_id": e.ids["person"]}, asks="people.read"),
    "people.edit_user": Row(
        USER,
        lambda e: {"user_id": e.ids["person"], "name": "Kim", "version": e.versions["person"]},
        asks="people.write",
    ),
    "people.disable_user": Row(WHOLE, named("friend", "user_id")),
    "people.enable_user": Row(WHOLE, named("friend", "user_id")),
    "people.list_members": Row(SOME, nothing),
    "people.get_member": Row(PERSON, lambda e: {"user_id": e.ids["person"]}),
    "people.add_member": Row(ALL, say(name="Kim", email="kim@example.org", roles=["guest"])),
    "people.edit_member": Row(WHOLE, named("friend", "user_id", roles=["family"]), place="same fleet"),
    "people.remove_member": Row(WHOLE, named("friend", "user_id"), asks="people.write"),
    "people.transfer_ownership": Row(WHOLE, named("friend", "user_id")),
    "people.list_roles": Row(ANYONE, nothing),
    "people.define_role": Row(ALL, say(name="Looks only", permissions={"people.write": "own"})),
    "people.edit_role": Row(WHOLE, named("role", permissions=LIGHT)),
    "people.delete_role": Row(WHOLE, named("role")),
    "people.list_permissions": Row(ANYONE, nothing),
    "sharing.list_invitations": Row(ALL, nothing),
    "sharing.get_invitation": Row(WHOLE, named("invitation")),
    "sharing.invite": Row(ALL, say(roles=["guest"], email="kim@example.org")),
    "sharing.resend_invitation": Row(WHOLE, named("invitation")),
    "sharing.revoke_invitation": Row(WHOLE, named("invitation")),
    "worker.list_jobs": Row(ALL, nothing),
    "worker.get_job": Row(WHOLE, named("work")),
    "worker.retry_job": Row(WHOLE, named("work")),
    "worker.discard_job": Row(WHOLE, named("work")),
    "worker.list_dead_letters": Row(ALL, nothing),
    "worker.get_dead_letter": Row(ABSENT, absent()),
    "worker.discard_dead_letter": Row(ABSENT, absent()),
    "worker.replay": Row(ABSENT, absent()),
    # --- vehicles -------------------------------------------------------------------------------------------------
    "vehicles.purge": Row(ALL, say(after_days=30)),
    "vehicles.page": Row(SOME, nothing),
    "vehicles.add": Row(ALL, say(name="Polo")),
    "vehicles.get": Row(VEHICLE, _vehicle()),
    "vehicles.edit": Row(VEHICLE, _vehicle(name="Polo")),
    "vehicles.remove": Row(VEHICLE, _vehicle()),
    "vehicles.restore": Row(VEHICLE, named("removed vehicle"), place="same fleet"),
    "vehicles.change_state": Row(VEHICLE, _vehicle(state="active")),
    "vehicles.get_odometer": Row(VEHICLE, here()),
    "vehicles.record_reading": Row(VEHICLE, here(at="2026-05-01T08:00:00Z", odometer_km=9000)),
    "vehicles.replace_meter": Row(VEHICLE, here(at="2026-05-01T08:00:00Z", old_odometer_km=9000, new_odometer_km=0)),
    "vehicles.list_readings": Row(VEHICLE, here()),
    "vehicles.get_reading": Row(VEHICLE, both("reading")),
    "vehicles.void_reading": Row(RECORD, named("reading"), sees="vehicles.read"),
    "vehicles.list_grants": Row(SOME, nothing),
    "vehicles.get_grant": Row(VEHICLE, named("grant"), sees="vehicles.write"),
    "vehicles.grant": Row(VEHICLE, lambda e: {"vehicle_id": e.vehicle, "user_id": e.ids["friend of all"]}),
    "vehicles.revoke_grant": Row(VEHICLE, named("grant"), asks="vehicles.write"),
    "vehicles.list_assignments": Row(SOME, nothing),
    "vehicles.assign_driver": Row(VEHICLE, here(driver_name="Kim")),
    "vehicles.edit_assignment": Row(VEHICLE, named("assignment", starts_at="2026-04-01T00:00:00Z")),
    "vehicles.delete_assignment": Row(VEHICLE, named("assignment")),
    "vehicles.hand_over": Row(VEHICLE, here(driver_name="Kim")),
    "vehicles.who_drove": Row(VEHICLE, here(since="2026-01-01T00:00:00Z")),
    "vin.decode": Row(SOME, say(vin="WVWZZZ1JZXW000001"), sees="vehicles.read"),
    "vin.list_makes": Row(ANYONE, nothing),
    "vin.list_models": Row(ANYONE, say(make="VW")),
    # --- money ----------------------------------------------------------------------------------------------------
    "ledger.list_accounts": Row(ALL, nothing),
    "ledger.add_account": Row(ALL, say(code="expenses.odd", name="Expenses:Odd", type="expense")),
    "ledger.get_account": Row(WHOLE, named("account", "code")),
    "ledger.rename_account": Row(WHOLE, named("account", "code", name="Expenses:Odder")),
    "ledger.close_account": Row(WHOLE, named("account", "code")),
    "ledger.list_entries": Row(ALL, nothing),
    "ledger.get_entry": Row(WHOLE, named("entry")),
    "ledger.trial_balance": Row(ALL, nothing),
    "ledger.check": Row(ALL, nothing),
    "ledger.export": Row(ALL, nothing),
    "fuel.list_fills": Row(SOME, nothing),
    "fuel.record_fill": Row(VEHICLE, here(**FILL)),
    "fuel.get_fill": Row(RECORD, named("fill")),
    "fuel.edit_fill": Row(RECORD, both("fill", **FILL)),
    "fuel.delete_fill": Row(RECORD, named("fill")),
    "fuel.restore_fill": Row(RECORD, named("deleted fill")),
    "fuel.list_stations": Row(SOME, nothing),
    "fuel.get_station": Row(SHARED, named("station")),
    "fuel.add_station": Row(SOME, say(name="Corner")),
    "fuel.edit_station": Row(SHARED, named("station", name="Corner")),
    "fuel.delete_station": Row(SHARED, named("station")),
    "expenses.list_categories": Row(SOME, nothing),
    "expenses.add_category": Row(ALL, say(name="Fines")),
    "expenses.edit_category": Row(WHOLE, named("category", "key", name="Fines")),
    "expenses.remove_category": Row(WHOLE, named("category", "key")),
    "expenses.list_recurring": Row(SOME, nothing),
    "expenses.add_recurring": Row(VEHICLE, here(**LOAN)),
    "expenses.get_recurring": Row(RECORD, named("recurring")),
    "expenses.edit_recurring": Row(RECORD, both("recurring", **LOAN)),
    "expenses.run_recurring": Row(SOME, nothing),
    "expenses.stop_recurring": Row(RECORD, named("recurring")),
    "expenses.list": Row(SOME, nothing),
    "expenses.record": Row(VEHICLE, here(**PAID)),
    "expenses.get": Row(RECORD, named("expense")),
    "expenses.edit": Row(RECORD, both("expense", **PAID)),
    "expenses.delete": Row(RECORD, named("expense")),
    "expenses.restore": Row(RECORD, named("deleted expense")),
    # --- maintenance ----------------------------------------------------------------------------------------------
    "maintenance.list_templates": Row(SOME, nothing),
    "maintenance.get_template": Row(SHARED, named("template key", "key")),
    "maintenance.add_template": Row(ALL, say(name="Plan", items=[RULE])),
    "maintenance.edit_template": Row(WHOLE, named("template", name="Plan", items=[RULE])),
    "maintenance.remove_template": Row(WHOLE, named("template")),
    "maintenance.list_template_uses": Row(SHARED, named("template key", "template")),
    "maintenance.apply_template": Row(VEHICLE, here(template="trailer")),
    "maintenance.list_plan_items": Row(SOME, nothing),
    "maintenance.add_plan_item": Row(VEHICLE, here(**RULE)),
    "maintenance.get_plan_item": Row(RECORD, named("plan")),
    "maintenance.edit_plan_item": Row(RECORD, both("plan", **RULE)),
    "maintenance.remove_plan_item": Row(RECORD, named("plan")),
    "maintenance.list_checklists": Row(SOME, nothing),
    "maintenance.get_checklist": Row(SHARED, named("checklist key", "key")),
    "maintenance.add_checklist": Row(ALL, say(name="Weekly", items=[{"title": "Light"}])),
    "maintenance.edit_checklist": Row(WHOLE, named("checklist", name="Weekly", items=[{"title": "Light"}])),
    "maintenance.remove_checklist": Row(WHOLE, named("checklist")),
    "maintenance.list_inspections": Row(SOME, nothing),
    "maintenance.record_inspection": Row(VEHICLE, here(done_on="2026-04-04", checklist="winter", results=WINTER)),
    "maintenance.get_inspection": Row(RECORD, named("inspection")),
    "maintenance.edit_inspection": Row(RECORD, both("inspection", done_on="2026-04-04", **CHECKED)),
    "maintenance.delete_inspection": Row(RECORD, named("inspection")),
    "maintenance.schedule_repairs": Row(RECORD, named("inspection")),
    "maintenance.remove_fitting": Row(RECORD, named("fitting")),
    "maintenance.remove_tread_check": Row(RECORD, named("tread check")),
    "maintenance.list_tyre_sets": Row(SOME, nothing),
    "maintenance.add_tyre_set": Row(VEHICLE, here(**SET)),
    "maintenance.get_tyre_set": Row(RECORD, named("tyres")),
    "maintenance.edit_tyre_set": Row(RECORD, both("tyres", **SET)),
    "maintenance.remove_tyre_set": Row(RECORD, named("tyres")),
    "maintenance.report_tyres": Row(RECORD, named("tyres")),
    "maintenance.rotate_tyres": Row(
        RECORD,
        named("mounted tyres", moves=[{"number": 1, "position": "rear_left"}, {"number": 3, "position": "front_left"}]),
    ),
    "maintenance.mount_tyres": Row(RECORD, named("tyres", "set_id", on="2026-04-06")),
    "maintenance.unmount_tyres": Row(RECORD, named("mounted tyres", "set_id", on="2026-04-06")),
    "maintenance.measure_tread": Row(
        RECORD, named("tyres", "set_id", on="2026-04-06", depths=[{"number": 1, "depth_mm": 7}])
    ),
    "maintenance.list_jobs": Row(SOME, nothing),
    "maintenance.schedule_job": Row(VEHICLE, here(**JOB)),
    "maintenance.get_job": Row(RECORD, named("job")),
    "maintenance.edit_job": Row(RECORD, both("job", **JOB)),
    "maintenance.start_job": Row(RECORD, named("job")),
    "maintenance.complete_job": Row(RECORD, named("started job")),
    "maintenance.cancel_job": Row(RECORD, named("job")),
    "maintenance.reopen_job": Row(RECORD, named("finished job")),
    "maintenance.list_providers": Row(SOME, nothing),
    "maintenance.add_provider": Row(SOME, say(name="Garage")),
    "maintenance.get_provider": Row(SHARED, named("provider")),
    "maintenance.edit_provider": Row(SHARED, named("provider", name="Garage")),
    "maintenance.remove_provider": Row(SHARED, named("provider")),
    "maintenance.list_services": Row(SOME, nothing),
    "maintenance.record_service": Row(VEHICLE, here(**DONE)),
    "maintenance.get_service": Row(RECORD, named("service")),
    "maintenance.edit_service": Row(RECORD, both("service", **DONE)),
    "maintenance.delete_service": Row(RECORD, named("service")),
    "maintenance.restore_service": Row(RECORD, named("deleted service")),
    # --- reminders, calendars, papers, files ----------------------------------------------------------------------
    "reminders.due": Row(SOME, nothing),
    "reminders.tick": Row(ALL, nothing),
    "reminders.list": Row(SOME, nothing),
    "reminders.add": Row(VEHICLE, here(**RULE)),
    "reminders.get": Row(RECORD, named("reminder")),
    "reminders.edit": Row(RECORD, both("reminder", **RULE)),
    "reminders.delete": Row(RECORD, named("reminder")),
    "reminders.restore": Row(RECORD, named("deleted reminder")),
    "reminders.done": Row(RECORD, named("reminder")),
    "reminders.skip": Row(RECORD, named("reminder")),
    "reminders.reopen": Row(RECORD, named("answered reminder")),
    "reminders.snooze": Row(RECORD, named("reminder")),
    "calendars.list_feeds": Row(SOME, nothing),
    "calendars.make_feed": Row(SOME, nothing),
    "calendars.revoke_feed": Row(MINE, named("feed")),
    "calendars.read": Row(SOME, nothing),
    "documents.list": Row(SOME, nothing),
    "documents.add": Row(VEHICLE, here(**POLICY)),
    "documents.get": Row(RECORD, named("document")),
    "documents.edit": Row(RECORD, both("document", **POLICY)),
    "documents.delete": Row(RECORD, named("document")),
    "documents.restore": Row(RECORD, named("deleted document")),
    "documents.renew": Row(RECORD, named("document")),
    "documents.cancel": Row(RECORD, named("document")),
    "documents.payments": Row(RECORD, named("document")),
    "documents.lease_forecast": Row(RECORD, named("lease")),
    "documents.run_premiums": Row(ALL, nothing),
    "attachments.sweep": Row(ALL, nothing),
    "attachments.add": Row(FILE, lambda e: {**on_fill(e), "name": "a.txt"}, sees="fuel.read", asks="fuel.write"),
    "attachments.list": Row(FILE, on_fill, sees="fuel.read", asks="fuel.read"),
    "attachments.get": Row(FILE, named("attachment"), sees="fuel.read", asks="fuel.read"),
    "attachments.delete": Row(FILE, named("attachment"), sees="fuel.read", asks="fuel.write"),
    "attachments.restore": Row(FILE, named("deleted attachment"), sees="fuel.read", asks="fuel.write"),
    "attachments.open": Row(FILE, named("attachment"), sees="fuel.read", asks="fuel.read"),
    # --- trips ----------------------------------------------------------------------------------------------------
    "trips.list_rates": Row(SOME, nothing),
    "trips.add_rate": Row(ALL, say(purpose="business", valid_from="2026-02-01", per_km=PER_KM)),
    "trips.remove_rate": Row(WHOLE, named("rate")),
    "trips.logbook": Row(VEHICLE, here(), complete=True),
    "trips.list_closed_months": Row(VEHICLE, here()),
    "trips.close_month": Row(WHOLE, here(month="2026-04-01")),
    "trips.start": Row(VEHICLE, here()),
    "trips.finish": Row(VEHICLE, here()),
    "trips.list": Row(SOME, nothing),
    "trips.record": Row(VEHICLE, here(**DRIVEN)),
    "trips.get": Row(RECORD, named("trip")),
    "trips.edit": Row(RECORD, both("trip", **DRIVEN)),
    "trips.delete": Row(RECORD, named("trip")),
    "trips.restore": Row(RECORD, named("deleted trip")),
    # --- files in and out, notifications, reports -----------------------------------------------------------------
    "imports.list": Row(SOME, nothing),
    "imports.get": Row(WHOLE, named("import")),
    "imports.preview": Row(ALL, say(file_name="log.csv")),
    "imports.import_log": Row(ALL, say(file_name="log.csv")),
    "imports.convert_services": Row(ALL, nothing),
    "imports.undo": Row(WHOLE, named("import")),
    "exports.export_fleet": Row(ALL, nothing),
    "exports.export_table": Row(ALL, say(name="vehicles")),
    "notifications.list": Row(ANYONE, nothing),
    "notifications.get": Row(MINE, named("notification")),
    "notifications.count_unread": Row(ANYONE, nothing),
    "notifications.read": Row(ANYONE, say(all=True)),
    "notifications.archive": Row(ANYONE, say(all_read=True)),
    "notifications.get_preferences": Row(ANYONE, nothing),
    "notifications.set_preferences": Row(ANYONE, say(channels={}, version=0)),
    "notifications.unsubscribe": Row(ABSENT, say(token="x.y")),
    "notifications.send_test": Row(ANYONE, say(channel="email")),
    "notifications.list_deliveries": Row(ANYONE, nothing),
    "reports.economy": Row(SOME, nothing),
    "reports.glances": Row(SOME, nothing),
    "reports.month_costs": Row(SOME, nothing),
    "reports.costs": Row(SOME, nothing),
    "reports.vehicle_summary": Row(VEHICLE, here()),
    "reports.odometer": Row(VEHICLE, here()),
    "reports.mileage": Row(SOME, nothing),
    "reports.due": Row(SOME, nothing),
    "reports.upcoming": Row(SOME, nothing),
    "reports.ownership": Row(SOME, nothing),
    "reports.compare": Row(VEHICLE, lambda e: {"vehicle_ids": [e.vehicle]}),
    "reports.yearly": Row(SOME, say(year=2026)),
    "reports.trip_tax": Row(SOME, nothing, also="trips.read", complete=True),
    "history.timeline": Row(VEHICLE, here()),
    "history.of_record": Row(SOME, lambda e: {"id": e.ids["fill"]}),
    "history.passport": Row(VEHICLE, here(), also="vehicles.read", complete=True),
}


def row_of(route: Route) -> Row:
    """Return the row of what *route* asks; an address of registrations alone names one of them."""
    row = ROWS[route.operation]
    if route.fixed.get("kind") != "registration" or "id" not in route.path_fields:
        return row
    return attrs.evolve(row, says=lambda estate: {**row.says(estate), **named("registration")(estate)})
