"""What the log of changes calls records and what was done to them, in the words of people."""

from __future__ import annotations

from collections.abc import Mapping

from fleetcore.history.model import ChangeKind
from fleetcore.kernel.languages import Language

__all__ = ["DONE", "RECORDS", "done_name", "field_name", "record_name"]

RECORDS: Mapping[str, str] = {
    "accounts.key": "API key",
    "attachments.attachment": "File",
    "calendars.feed": "Calendar feed",
    "documents.document": "Document",
    "expenses.category": "Expense category",
    "expenses.expense": "Expense",
    "expenses.recurring": "Recurring expense",
    "fuel.fill": "Fill-up",
    "fuel.station": "Station",
    "imports.import": "Import",
    "ledger.account": "Account",
    "maintenance.checklist": "Checklist",
    "maintenance.inspection": "Inspection",
    "maintenance.job": "Job",
    "maintenance.plan_item": "Item of a plan",
    "maintenance.provider": "Workshop",
    "maintenance.service": "Service",
    "maintenance.template": "Plan template",
    "maintenance.tread_check": "Measured tread",
    "maintenance.tyre_fitting": "Tyres on a vehicle",
    "maintenance.tyre_set": "Tyre set",
    "notifications.preferences": "Notification settings",
    "people.fleet": "Fleet",
    "people.member": "Member",
    "people.role": "Role",
    "people.user": "Person",
    "reminders.reminder": "Reminder",
    "sharing.invitation": "Invitation",
    "trips.closed_month": "Month of the logbook",
    "trips.rate": "Mileage rate",
    "trips.trip": "Trip",
    "vehicles.assignment": "Driver of a vehicle",
    "vehicles.grant": "Grant on a vehicle",
    "vehicles.reading": "Odometer reading",
    "vehicles.vehicle": "Vehicle",
}
DONE: Mapping[ChangeKind, str] = {
    ChangeKind.CREATED: "added",
    ChangeKind.CHANGED: "changed",
    ChangeKind.DELETED: "deleted",
    ChangeKind.RESTORED: "brought back",
    ChangeKind.ERASED: "erased for good",
}


def record_name(language: Language, entity: str) -> str:
    """Return what people call a record of *entity*; for what has no word here, its code without the area."""
    return language.text(RECORDS.get(entity) or entity.rpartition(".")[2].replace("_", " ").capitalize())


def done_name(language: Language, kind: ChangeKind) -> str:
    """Return what was done."""
    return language.text(DONE[kind])


def field_name(language: Language, field: str) -> str:
    """Return what a field is called, without what only programs need of its name."""
    return language.text(field.removesuffix("_id").replace("_", " "))
