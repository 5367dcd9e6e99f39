"""The garage: what needs attention first, and each vehicle at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue, Urgency
from fleetcore.reports.costs import cost_report
from fleetcore.reports.economy import economy_report
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport, EconomyRow
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles

from .routing import Outcome, PageRoute, Redirect, View
from .visits import Visit

__all__ = ["PAGES"]

AHEAD_DAYS = 30
ATTENTION_MAX = 8


@frozen(kw_only=True)
class Glance:
    """One vehicle at a glance."""

    vehicle: Vehicle
    next_due: DueReminder | None
    economy: tuple[EconomyRow, ...]
    month: tuple[Money, ...]


def glances(visit: Visit, due: Sequence[DueReminder]) -> list[Glance]:
    """Return every vehicle with what is due next, its economy and the costs of this month."""
    vehicles = visit.answer(list_vehicles, ListVehicles())
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    economies: dict[UUID, list[EconomyRow]] = {}
    if visit.may("reports.read"):
        for row in visit.answer(economy_report, EconomyReport()):
            economies.setdefault(row.vehicle_id, []).append(row)
    months: Mapping[UUID | None, tuple[Money, ...]] = {}
    if visit.may("reports.read"):
        spent = visit.answer(cost_report, CostReport(by=CostsBy.VEHICLE, since=today.replace(day=1), until=today))
        months = {row.vehicle_id: row.costs for row in spent.rows}
    first: dict[UUID | None, DueReminder] = {}
    for each in due:
        first.setdefault(each.vehicle_id, each)
    return [
        Glance(
            vehicle=vehicle,
            next_due=first.get(vehicle.id),
            economy=tuple(economies.get(vehicle.id, ())),
            month=months.get(vehicle.id, ()),
        )
        for vehicle in vehicles
    ]


def show(visit: Visit) -> Outcome:
    """Show the garage."""
    due = visit.answer(list_due, ListDue()) if visit.may("reminders.read") else ()
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    horizon = today + timedelta(days=AHEAD_DAYS)
    urgent = [each for each in due if each.urgency is not Urgency.NOT_DUE or _day_of(each) <= horizon]
    return View(
        template="garage/index.html",
        values={
            "glances": glances(visit, due),
            "urgent": urgent[:ATTENTION_MAX],
            "more": max(0, len(urgent) - ATTENTION_MAX),
        },
    )


def _day_of(due: DueReminder) -> date:
    return due.due_on or due.projected_on or date.max


def undo(visit: Visit) -> Outcome:
    """Take back what was just done: an operation that restores, with the values the page before gave."""
    form = visit.sent.form
    name = str(form.get("operation", ""))
    if not name.endswith(UNDOING):
        raise NotFound("operation", name)
    values = {key.removeprefix("value."): said for key, said in form.items() if key.startswith("value.")}
    visit.close()
    visit.core.perform(
        visit.caller.actor,
        name,
        values,
        correlation_id=visit.sent.correlation_id,
        address=visit.sent.address,
    )
    back = str(form.get("back", "/"))
    return Redirect(
        to=back if back.startswith("/") and not back.startswith("//") else "/",
        message=visit.language.text("Taken back."),
    )


UNDOING = (".restore", ".restore_fill", ".restore_service", ".delete_fill", "imports.undo")
PAGES = (
    PageRoute(method="GET", path="/", show=show),
    PageRoute(method="POST", path="/undo", show=undo),
)
