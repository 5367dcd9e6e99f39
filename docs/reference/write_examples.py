"""Records the examples of the API's description: ``python docs/reference/write_examples.py``.

The demo's household lives its five years, then every request below is made of the core, and what it answered is
written down. Ids are numbered anew and the clock stands still, so the same code records the same examples.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

import fleetcore
from fleetcore import Core
from fleetcore.attachments.model import AddAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.paging import Page
from fleetcore.kernel.wire import structure, unstructure
from fleetcore.operations import Query
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles
from fleetserver.cli.demo_life import live
from fleetserver.cli.demo_time import LivedTime, moment

TODAY = date(2026, 10, 1)
FILE = Path(__file__).parents[2] / "src" / "fleetserver" / "web" / "examples.json"
ITEMS_MAX = 2
UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EUR = "EUR"


def eur(amount: str) -> dict[str, str]:
    """Return an amount."""
    return {"amount": amount, "currency": EUR}


# What is asked, in this order. "$name" is what an earlier answer left under that name, "$name.field" one of its fields.
ASKED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("vehicles.list", {}, "vehicles"),
    ("vehicles.get", {"id": "$vehicles.0.id"}, "vehicle"),
    ("vehicles.get_odometer", {"vehicle_id": "$vehicle.id"}, ""),
    ("vehicles.list_readings", {"vehicle_id": "$vehicle.id"}, "readings"),
    (
        "vehicles.add",
        {
            "name": "Van",
            "make": "VW",
            "model": "Transporter",
            "year": 2019,
            "plate": "B-FC 2019",
            "carriers": ["diesel"],
            "tank_capacity_l": 70,
            "purchased_on": "2024-04-01",
            "purchase_price": eur("24900.00"),
            "tags": ["work"],
        },
        "van",
    ),
    (
        "vehicles.edit",
        {
            "id": "$van.id",
            "version": "$van.version",
            "name": "Van",
            "make": "VW",
            "model": "Transporter T6",
            "carriers": ["diesel"],
        },
        "van",
    ),
    (
        "vehicles.record_reading",
        {"vehicle_id": "$van.id", "at": "2026-09-30T08:00:00Z", "odometer_km": 120400, "note": "at the inspection"},
        "reading",
    ),
    ("vehicles.void_reading", {"id": "$reading.id", "note": "read from the wrong car"}, ""),
    ("vehicles.record_reading", {"vehicle_id": "$van.id", "at": "2026-09-30T09:00:00Z", "odometer_km": 120400}, ""),
    (
        "vehicles.replace_meter",
        {
            "vehicle_id": "$van.id",
            "at": "2026-09-30T12:00:00Z",
            "old_odometer_km": 120400,
            "new_odometer_km": 0,
            "note": "new instrument cluster",
        },
        "",
    ),
    ("vehicles.change_state", {"id": "$van.id", "version": "$van.version", "state": "under_maintenance"}, "van"),
    ("vehicles.change_state", {"id": "$van.id", "version": "$van.version", "state": "active"}, "van"),
    ("people.get_fleet", {}, "fleet"),
    (
        "people.edit_fleet",
        {
            "version": "$fleet.version",
            "name": "Our cars",
            "currency": EUR,
            "timezone": "Europe/Berlin",
            "country": "DE",
        },
        "fleet",
    ),
    ("people.list_permissions", {}, ""),
    (
        "people.define_role",
        {"name": "bookkeeper", "permissions": {"ledger.read": "all", "vehicles.read": "all"}},
        "role",
    ),
    (
        "people.edit_role",
        {
            "id": "$role.id",
            "version": "$role.version",
            "permissions": {"ledger.read": "all", "vehicles.read": "all", "reports.read": "all"},
        },
        "",
    ),
    ("people.list_roles", {}, ""),
    ("people.add_member", {"name": "Kim", "email": "kim@example.org", "roles": ["family"]}, "member"),
    (
        "people.edit_member",
        {"user_id": "$member.user_id", "version": "$member.version", "roles": ["fleet_manager"]},
        "member",
    ),
    ("people.list_members", {}, ""),
    ("people.get_member", {"user_id": "$member.user_id"}, ""),
    ("people.get_user", {"user_id": "$actor"}, "me"),
    (
        "people.edit_user",
        {
            "user_id": "$actor",
            "version": "$me.version",
            "name": "Alex",
            "email": "alex@example.org",
            "timezone": "Europe/Berlin",
        },
        "",
    ),
    ("people.disable_user", {"user_id": "$member.user_id"}, ""),
    ("people.enable_user", {"user_id": "$member.user_id"}, ""),
    ("vehicles.grant", {"vehicle_id": "$van.id", "user_id": "$member.user_id", "scope": "drive"}, "grant"),
    ("vehicles.list_grants", {}, ""),
    (
        "vehicles.assign_driver",
        {"vehicle_id": "$van.id", "driver_id": "$member.user_id", "starts_at": "2026-09-01T06:00:00Z"},
        "assignment",
    ),
    (
        "vehicles.edit_assignment",
        {
            "id": "$assignment.id",
            "version": "$assignment.version",
            "starts_at": "2026-09-01T07:00:00Z",
            "is_primary": True,
            "notes": "for the season",
        },
        "",
    ),
    ("vehicles.hand_over", {"vehicle_id": "$van.id", "driver_name": "Robin", "at": "2026-09-20T16:00:00Z"}, ""),
    ("vehicles.list_assignments", {}, ""),
    ("vehicles.who_drove", {"vehicle_id": "$van.id", "since": "2026-09-10T09:30:00Z"}, ""),
    (
        "sharing.invite",
        {"roles": ["family"], "email": "sam@example.org", "message": "Have a look at our cars.", "valid_days": 7},
        "invited",
    ),
    ("sharing.resend_invitation", {"id": "$invited.invitation.id", "valid_days": 7}, ""),
    ("sharing.list_invitations", {}, ""),
    (
        "fuel.add_station",
        {
            "name": "Aral Seestraße",
            "brand": "Aral",
            "address": "Seestraße 5, Berlin",
            "latitude": 52.55,
            "longitude": 13.35,
        },
        "station",
    ),
    (
        "fuel.edit_station",
        {
            "id": "$station.id",
            "version": "$station.version",
            "name": "Aral Seestraße",
            "brand": "Aral",
            "phone": "+49 30 1234567",
        },
        "station",
    ),
    ("fuel.list_stations", {}, ""),
    (
        "fuel.record_fill",
        {
            "vehicle_id": "$van.id",
            "at": "2026-09-30T16:01:00Z",
            "odometer_km": 210,
            "carrier": "diesel",
            "volume_l": 41.2,
            "total": eur("67.09"),
            "station_id": "$station.id",
            "notes": "before the holiday",
            "tags": ["holiday"],
        },
        "fill",
    ),
    (
        "fuel.edit_fill",
        {
            "id": "$fill.id",
            "version": "$fill.version",
            "vehicle_id": "$van.id",
            "at": "2026-09-30T16:01:00Z",
            "odometer_km": 210,
            "carrier": "diesel",
            "volume_l": 42.1,
            "total": eur("67.09"),
        },
        "fill",
    ),
    ("fuel.get_fill", {"id": "$fill.id"}, ""),
    ("fuel.list_fills", {"vehicle_id": "$vehicle.id"}, ""),
    ("expenses.list_categories", {}, ""),
    ("expenses.add_category", {"name": "Car wash"}, "category"),
    (
        "expenses.record",
        {
            "vehicle_id": "$vehicle.id",
            "spent_on": "2026-09-28",
            "category": "parking",
            "amount": eur("12.50"),
            "title": "Airport, two days",
        },
        "expense",
    ),
    (
        "expenses.edit",
        {
            "id": "$expense.id",
            "version": "$expense.version",
            "vehicle_id": "$vehicle.id",
            "spent_on": "2026-09-28",
            "category": "parking",
            "amount": eur("14.00"),
        },
        "expense",
    ),
    ("expenses.get", {"id": "$expense.id"}, ""),
    ("expenses.list", {}, ""),
    ("expenses.list_recurring", {}, "recurring"),
    (
        "expenses.add_recurring",
        {
            "vehicle_id": "$vehicle.id",
            "category": "parking",
            "amount": eur("80.00"),
            "title": "Garage",
            "period": "month",
            "every": 1,
            "starts_on": "2026-10-01",
        },
        "rent",
    ),
    (
        "expenses.edit_recurring",
        {
            "id": "$rent.id",
            "version": "$rent.version",
            "vehicle_id": "$vehicle.id",
            "category": "parking",
            "amount": eur("85.00"),
            "title": "Garage",
            "period": "month",
            "every": 1,
            "starts_on": "2026-10-01",
        },
        "rent",
    ),
    ("expenses.get_recurring", {"id": "$rent.id"}, ""),
    ("expenses.run_recurring", {}, ""),
    ("expenses.stop_recurring", {"id": "$rent.id", "version": "$rent.version", "last_on": "2027-09-30"}, ""),
    (
        "reminders.add",
        {
            "vehicle_id": "$vehicle.id",
            "title": "Check the first-aid kit",
            "every_months": 12,
            "on": "2027-03-01",
            "expected_cost": eur("15.00"),
        },
        "reminder",
    ),
    (
        "reminders.edit",
        {
            "id": "$reminder.id",
            "version": "$reminder.version",
            "vehicle_id": "$vehicle.id",
            "title": "Check the first-aid kit",
            "every_months": 24,
            "on": "2027-03-01",
        },
        "reminder",
    ),
    ("reminders.get", {"id": "$reminder.id"}, ""),
    ("reminders.list", {}, ""),
    ("reminders.snooze", {"id": "$reminder.id", "until": "2027-03-15"}, ""),
    ("reminders.done", {"id": "$reminder.id", "done_on": "2026-09-30"}, ""),
    ("reminders.skip", {"id": "$reminder.id"}, ""),
    ("reminders.reopen", {"id": "$reminder.id"}, ""),
    ("reminders.due", {}, ""),
    ("reminders.tick", {"limit": 100}, ""),
    ("maintenance.list_templates", {}, ""),
    ("maintenance.get_template", {"key": "petrol"}, ""),
    ("maintenance.list_template_uses", {"template": "petrol"}, ""),
    (
        "maintenance.add_template",
        {
            "name": "Our van",
            "powertrain": "diesel",
            "items": [{"title": "Engine oil", "key": "engine-oil", "every_km": 20000, "every_months": 24}],
        },
        "template",
    ),
    (
        "maintenance.edit_template",
        {
            "id": "$template.id",
            "version": "$template.version",
            "name": "Our vans",
            "items": [{"title": "Engine oil", "key": "engine-oil", "every_km": 15000, "every_months": 12}],
        },
        "",
    ),
    (
        "maintenance.apply_template",
        {
            "template": "$template.key",
            "vehicle_id": "$van.id",
            "last_done": [{"key": "engine-oil", "on": "2026-03-01"}],
        },
        "",
    ),
    (
        "maintenance.add_plan_item",
        {
            "vehicle_id": "$van.id",
            "title": "Timing belt",
            "category": "repair",
            "every_km": 180000,
            "every_months": 120,
            "expected_cost": eur("640.00"),
        },
        "item",
    ),
    (
        "maintenance.edit_plan_item",
        {
            "id": "$item.id",
            "version": "$item.version",
            "vehicle_id": "$van.id",
            "title": "Timing belt and water pump",
            "every_km": 180000,
        },
        "",
    ),
    ("maintenance.get_plan_item", {"id": "$item.id"}, ""),
    ("maintenance.list_plan_items", {"vehicle_id": "$vehicle.id"}, ""),
    ("maintenance.list_checklists", {}, ""),
    (
        "maintenance.add_checklist",
        {
            "name": "Before a long trip",
            "items": [{"key": "tyres", "title": "Tyre pressure"}, {"key": "oil", "title": "Oil level"}],
        },
        "checklist",
    ),
    (
        "maintenance.edit_checklist",
        {
            "id": "$checklist.id",
            "version": "$checklist.version",
            "name": "Before a holiday",
            "items": [{"key": "tyres", "title": "Tyre pressure"}],
        },
        "",
    ),
    ("maintenance.get_checklist", {"key": "$checklist.key"}, ""),
    (
        "maintenance.record_inspection",
        {
            "vehicle_id": "$van.id",
            "done_on": "2026-09-30",
            "checklist": "$checklist.key",
            "results": [{"key": "tyres", "outcome": "fail", "note": "too low"}],
        },
        "inspection",
    ),
    (
        "maintenance.edit_inspection",
        {
            "id": "$inspection.id",
            "version": "$inspection.version",
            "vehicle_id": "$van.id",
            "done_on": "2026-09-30",
            "results": [{"key": "tyres", "outcome": "fail", "note": "1.6 bar"}],
        },
        "inspection",
    ),
    ("maintenance.get_inspection", {"id": "$inspection.id"}, ""),
    ("maintenance.list_inspections", {}, ""),
    (
        "maintenance.schedule_repairs",
        {"id": "$inspection.id", "version": "$inspection.version", "planned_on": "2026-10-10"},
        "",
    ),
    (
        "maintenance.add_provider",
        {"name": "Autohaus Berger", "phone": "+49 30 7654321", "email": "service@example.org"},
        "provider",
    ),
    (
        "maintenance.edit_provider",
        {
            "id": "$provider.id",
            "version": "$provider.version",
            "name": "Autohaus Berger",
            "address": "Hauptstraße 1, Berlin",
        },
        "",
    ),
    ("maintenance.get_provider", {"id": "$provider.id"}, ""),
    ("maintenance.list_providers", {}, ""),
    (
        "maintenance.schedule_job",
        {
            "vehicle_id": "$van.id",
            "title": "Brakes",
            "category": "repair",
            "planned_on": "2026-10-12",
            "provider_id": "$provider.id",
            "estimated_cost": eur("420.00"),
        },
        "job",
    ),
    (
        "maintenance.edit_job",
        {
            "id": "$job.id",
            "version": "$job.version",
            "vehicle_id": "$van.id",
            "title": "Brakes in front",
            "planned_on": "2026-10-13",
        },
        "job",
    ),
    ("maintenance.get_job", {"id": "$job.id"}, ""),
    ("maintenance.list_jobs", {}, ""),
    ("maintenance.start_job", {"id": "$job.id", "version": "$job.version"}, "job"),
    (
        "maintenance.complete_job",
        {
            "id": "$job.id",
            "version": "$job.version",
            "done_on": "2026-10-01",
            "title": "Brakes in front",
            "total": eur("398.00"),
            "labour_hours": 2.5,
        },
        "",
    ),
    ("maintenance.schedule_job", {"vehicle_id": "$van.id", "title": "Air conditioning"}, "job"),
    ("maintenance.cancel_job", {"id": "$job.id", "version": "$job.version", "reason": "it works again"}, "job"),
    ("maintenance.reopen_job", {"id": "$job.id", "version": "$job.version"}, ""),
    (
        "maintenance.record_service",
        {
            "vehicle_id": "$van.id",
            "done_on": "2026-09-15",
            "category": "routine",
            "title": "Oil and filter",
            "parts": [{"name": "Oil filter", "part_number": "03N115562", "quantity": 1, "unit_cost": eur("14.90")}],
            "total": eur("189.00"),
            "warranty_until": "2027-09-15",
        },
        "service",
    ),
    (
        "maintenance.edit_service",
        {
            "id": "$service.id",
            "version": "$service.version",
            "vehicle_id": "$van.id",
            "done_on": "2026-09-15",
            "title": "Oil and filter",
            "total": eur("195.00"),
        },
        "",
    ),
    ("maintenance.get_service", {"id": "$service.id"}, ""),
    ("maintenance.list_services", {}, ""),
    (
        "maintenance.add_tyre_set",
        {
            "vehicle_id": "$van.id",
            "name": "Van summer",
            "kind": "summer",
            "brand": "Continental",
            "size": "215/65 R16 C",
            "cost": eur("560.00"),
        },
        "tyres",
    ),
    (
        "maintenance.edit_tyre_set",
        {
            "id": "$tyres.id",
            "version": "$tyres.version",
            "vehicle_id": "$van.id",
            "name": "Van summer 2026",
            "kind": "summer",
            "size": "215/65 R16 C",
        },
        "tyres",
    ),
    ("maintenance.mount_tyres", {"set_id": "$tyres.id", "on": "2026-09-30"}, ""),
    (
        "maintenance.measure_tread",
        {"set_id": "$tyres.id", "on": "2026-09-30", "depths": [{"number": 1, "depth_mm": 7.5}]},
        "tread",
    ),
    ("maintenance.unmount_tyres", {"set_id": "$tyres.id", "on": "2026-10-01", "storage_place": "cellar"}, ""),
    ("maintenance.get_tyre_set", {"id": "$tyres.id"}, "tyres"),
    ("maintenance.list_tyre_sets", {"vehicle_id": "$vehicle.id"}, ""),
    ("maintenance.report_tyres", {"id": "$tyres.id"}, ""),
    ("trips.add_rate", {"purpose": "business", "valid_from": "2026-01-01", "per_km": eur("0.30")}, "rate"),
    ("trips.list_rates", {}, ""),
    (
        "trips.record",
        {
            "vehicle_id": "$vehicle.id",
            "started_at": "2026-10-01T05:00:00Z",
            "ended_at": "2026-10-01T05:40:00Z",
            "distance_km": 31.5,
            "start_place": "Berlin",
            "end_place": "Potsdam",
            "purpose": "business",
            "client": "Havel GmbH",
        },
        "trip",
    ),
    (
        "trips.edit",
        {
            "id": "$trip.id",
            "version": "$trip.version",
            "vehicle_id": "$vehicle.id",
            "started_at": "2026-10-01T05:00:00Z",
            "ended_at": "2026-10-01T05:45:00Z",
            "distance_km": 32,
            "purpose": "business",
            "reason": "the odometer said so",
        },
        "",
    ),
    ("trips.get", {"id": "$trip.id"}, ""),
    ("trips.list", {}, ""),
    (
        "trips.start",
        {
            "vehicle_id": "$vehicle.id",
            "started_at": "2026-10-01T08:00:00Z",
            "start_place": "Berlin",
            "purpose": "private",
        },
        "",
    ),
    (
        "trips.finish",
        {"vehicle_id": "$vehicle.id", "ended_at": "2026-10-01T08:30:00Z", "distance_km": 20, "end_place": "Spandau"},
        "",
    ),
    ("trips.logbook", {"vehicle_id": "$vehicle.id", "since": "2026-09-01", "until": "2026-09-30"}, ""),
    ("trips.close_month", {"vehicle_id": "$vehicle.id", "month": "2026-08-01"}, ""),
    ("trips.list_closed_months", {"vehicle_id": "$vehicle.id"}, ""),
    (
        "documents.add",
        {
            "kind": "insurance",
            "vehicle_id": "$van.id",
            "issuer": "HUK",
            "number": "123-456",
            "cover": "comprehensive",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "amount": eur("420.00"),
            "schedule": "yearly",
        },
        "document",
    ),
    (
        "documents.edit",
        {
            "id": "$document.document.id",
            "version": "$document.document.version",
            "kind": "insurance",
            "vehicle_id": "$van.id",
            "issuer": "HUK",
            "number": "123-457",
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
        },
        "document",
    ),
    ("documents.get", {"id": "$document.document.id"}, ""),
    ("documents.list", {}, ""),
    ("documents.payments", {"id": "$document.document.id"}, ""),
    (
        "documents.renew",
        {
            "id": "$document.document.id",
            "version": "$document.document.version",
            "starts_on": "2027-01-01",
            "ends_on": "2027-12-31",
            "amount": eur("435.00"),
        },
        "renewed",
    ),
    (
        "documents.cancel",
        {"id": "$renewed.document.id", "version": "$renewed.document.version", "on": "2027-06-30"},
        "",
    ),
    ("documents.run_premiums", {"limit": 100}, ""),
    ("attachments.list", {"vehicle_id": "$vehicle.id"}, ""),
    ("attachments.get", {"id": "$attached.id"}, ""),
    ("ledger.list_accounts", {}, ""),
    (
        "ledger.add_account",
        {"code": "expenses.vehicle.ferry", "name": "Expenses:Vehicle:Ferries", "type": "expense"},
        "",
    ),
    ("ledger.rename_account", {"code": "expenses.vehicle.ferry", "name": "Expenses:Vehicle:Ferries and tunnels"}, ""),
    ("ledger.list_entries", {}, "entries"),
    ("ledger.get_entry", {"id": "$entries.items.0.id"}, ""),
    ("ledger.trial_balance", {}, ""),
    ("ledger.check", {}, ""),
    ("calendars.make_feed", {"name": "Phone"}, "feed"),
    ("calendars.list_feeds", {}, ""),
    ("imports.list", {}, ""),
    ("imports.convert_services", {"dry_run": True}, ""),
    ("notifications.list", {}, ""),
    ("notifications.count_unread", {}, ""),
    ("notifications.read", {"all": True}, ""),
    ("notifications.archive", {"all_read": True}, ""),
    ("notifications.get_preferences", {}, "preferences"),
    (
        "notifications.set_preferences",
        {"version": "$preferences.version", "quiet_from": "22:00", "quiet_until": "07:00"},
        "",
    ),
    ("notifications.list_deliveries", {}, ""),
    ("reports.economy", {}, ""),
    ("reports.glances", {}, ""),
    ("reports.month_costs", {}, ""),
    ("reports.costs", {}, ""),
    ("reports.vehicle_summary", {"vehicle_id": "$vehicle.id"}, ""),
    ("reports.mileage", {}, ""),
    ("reports.due", {}, ""),
    ("reports.upcoming", {}, ""),
    ("reports.ownership", {"vehicle_id": "$vehicle.id"}, ""),
    ("reports.compare", {"vehicle_ids": ["$vehicle.id", "$van.id"]}, ""),
    ("reports.yearly", {"year": 2025}, ""),
    ("reports.trip_tax", {"since": "2026-01-01", "until": "2026-09-30"}, ""),
    ("history.timeline", {"vehicle_id": "$vehicle.id"}, ""),
    ("history.of_record", {"id": "$fill.id"}, ""),
    ("audit.list", {}, ""),
    ("vin.decode", {"vin": "WVWZZZ1KZAW000001"}, ""),
    ("vin.list_makes", {}, ""),
    ("vin.list_models", {"make": "VW"}, ""),
    ("worker.list_jobs", {}, "jobs"),
    ("worker.list_dead_letters", {}, ""),
    ("attachments.sweep", {}, ""),
    ("vehicles.purge", {"after_days": 30}, ""),
    ("trips.get", {"id": "$trip.id"}, "trip"),
    ("trips.delete", {"id": "$trip.id", "version": "$trip.version", "reason": "a test"}, ""),
    ("trips.restore", {"id": "$trip.id"}, ""),
    ("fuel.delete_fill", {"id": "$fill.id", "version": "$fill.version"}, ""),
    ("fuel.restore_fill", {"id": "$fill.id"}, ""),
    ("vehicles.get", {"id": "$van.id"}, "van"),
    ("vehicles.remove", {"id": "$van.id", "version": "$van.version"}, ""),
    ("vehicles.restore", {"id": "$van.id"}, ""),
)


class Recorder:
    """Asks the core and keeps what it says."""

    def __init__(self, core: Core, actor: Actor) -> None:
        self.core, self.actor = core, actor
        self.kept: dict[str, Any] = {"actor": str(actor.user_id)}
        self.recorded: dict[str, dict[str, Any]] = {}
        self.failed: list[str] = []

    def ask(self, name: str, body: Mapping[str, Any], keep: str) -> None:
        """Ask one thing; what fails is told at the end."""
        operation = self.core.operations[name]
        try:
            said = self._filled(body)
            command = structure(said, operation.command_type)
            asked = self.core.read if isinstance(operation, Query) else self.core.run
            result = asked(self.actor, operation, command)  # type: ignore[arg-type,operator]
        except Exception as error:  # every one of them is to be told
            self.failed.append(f"{name}: {type(error).__name__}: {error}")
            return
        plain = orjson.loads(orjson.dumps(unstructure(result)))
        if keep:
            self.kept[keep] = plain
        if isinstance(result, tuple | list):
            plain = {"items": plain, "next": None}
        if isinstance(result, tuple | list | Page):
            plain = {**plain, "next": None}
        plain = _cut(plain)
        self.recorded.setdefault(name, {"request": said, "response": plain})

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if isinstance(value, str) and value.startswith("$"):
            found: Any = self.kept
            for part in value[1:].split("."):
                found = found[int(part)] if part.isdigit() else found[part]
            return found
        return value


def _cut(value: Any) -> Any:
    """Return *value* with a few of each list only."""
    if isinstance(value, dict):
        return {name: _cut(inner) for name, inner in value.items()}
    return [_cut(inner) for inner in value[:ITEMS_MAX]] if isinstance(value, list) else value


def numbered(text: str) -> str:
    """Return *text* with its ids numbered in their order."""
    known: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"0198b4a6-5ad1-7000-8000-{len(known) + 1:012x}")

    return UUID_FORM.sub(name, text)


def record() -> tuple[bytes, list[str]]:
    """Return the file of examples, and what could not be recorded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'demo.db'}"
        live(url, TODAY, folder / "attachments")
        clock = LivedTime(moment(TODAY, 18))
        with fleetcore.open(url, clock=clock, installed_plugins=False, attachments=folder / "attachments") as core:
            recorder = Recorder(core, core.actor())
            given = AddAttachment(
                entity="vehicles.vehicle",
                entity_id=core.read(recorder.actor, list_vehicles, ListVehicles())[0].id,
                name="receipt.txt",
                content=BytesIO(b"Paid in cash.\n"),
            )
            recorder.kept["attached"] = orjson.loads(
                orjson.dumps(unstructure(core.run(recorder.actor, add_attachment, given)))
            )
            for operation, body, keep in ASKED:
                recorder.ask(operation, body, keep)
    lines = (orjson.dumps({name: each})[1:-1].decode() for name, each in sorted(recorder.recorded.items()))
    return numbered("{\n" + ",\n".join(lines) + "\n}\n").encode(), recorder.failed


if __name__ == "__main__":
    written, failures = record()
    FILE.write_bytes(written)
    raise SystemExit("\n".join(failures) or None)
