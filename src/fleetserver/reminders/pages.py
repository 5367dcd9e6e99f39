"""Pages of reminders: all that is due across the fleet, answered on the spot; and the rules themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, FinishReminder, ListDue, SkipReminder, SnoozeReminder, Urgency
from fleetcore.reminders.service import (
    add_reminder,
    delete_reminder,
    edit_reminder,
    finish_reminder,
    get_reminder,
    list_reminders,
    restore_reminder,
    skip_reminder,
    snooze_reminder,
)
from fleetserver.pages.forms import Field, Kind
from fleetserver.pages.records import Column, Desk, Records, Words, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

SNOOZE_DAYS = 14
AHEAD_DAYS = 30


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more = _("Fixed dates, early warning and more")
    return (
        vehicle_field(desk),
        Field(name="title", label=_("What is due"), is_required=True, hint=_("Oil change, inspection, insurance.")),
        Field(name="every", label=_("Every"), kind=Kind.DISTANCE),
        Field(name="every_months", label=_("or every so many months"), kind=Kind.WHOLE, beside=True),
        Field(name="on", label=_("First due on"), kind=Kind.DAY),
        Field(name="at_odometer", label=_("or at"), kind=Kind.DISTANCE, beside=True),
        Field(name="every_days", label=_("Every so many days"), kind=Kind.WHOLE, group=more),
        Field(name="every_engine_hours", label=_("Every"), kind=Kind.HOURS, group=more, beside=True),
        Field(name="is_fixed", label=_("Keep the dates, whenever it is done"), kind=Kind.CHECK, group=more),
        Field(name="expected_cost", label=_("Costs about"), kind=Kind.MONEY, group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
    )


RECORDS = Records(
    path="/reminders/rules",
    words=Words(
        one="Reminder",
        many="Rules of reminders",
        add="Add a reminder",
        save="Save reminder",
        empty="Every 15,000 km or 12 months, whichever comes first: say it once, and be told in time.",
    ),
    columns=(
        Column(title="What is due", text=lambda _visit, reminder, _vehicle: reminder.title),
        Column(title="Since", text=lambda visit, reminder, _vehicle: visit.day(reminder.created_at)),
    ),
    fields=_fields,
    list=list_reminders,
    get=get_reminder,
    record=add_reminder,
    edit=edit_reminder,
    delete=delete_reminder,
    restore=restore_reminder,
)


def show(visit: Visit) -> Outcome:
    """Show what is due, the most urgent first."""
    due = visit.answer(list_due, ListDue())
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    horizon = today + timedelta(days=AHEAD_DAYS)

    def group_of(each: DueReminder) -> int:
        if each.urgency in {Urgency.OVERDUE, Urgency.DUE}:
            return 0
        day = each.due_on or each.projected_on
        return 1 if each.urgency is not Urgency.NOT_DUE or (day is not None and day <= horizon) else 2

    _ = visit.language.text
    groups = [[each for each in due if group_of(each) == number] for number in range(3)]
    named = list(zip((_("Due now"), _("Soon"), _("Later")), groups, strict=True))
    return View(template="reminders/due.html", values={"groups": named, "any": bool(due)})


def _answered(visit: Visit, ask: Callable[[UUID], Any], said: str) -> Outcome:
    reminder_id = visit.id("id")
    if reminder_id is None:
        raise NotFound("reminder", visit.sent.names["id"])
    reminder = ask(reminder_id)
    return Redirect(to="/reminders", message=visit.language.text(said, title=reminder.title))


def done(visit: Visit) -> Outcome:
    """Say that the work was done today."""
    return _answered(
        visit,
        lambda asked: visit.run(finish_reminder, FinishReminder(id=asked)),
        "{title}: done. It counts on from today.",
    )


def skip(visit: Visit) -> Outcome:
    """Leave this time out."""
    return _answered(
        visit, lambda asked: visit.run(skip_reminder, SkipReminder(id=asked)), "{title}: this time is left out."
    )


def snooze(visit: Visit) -> Outcome:
    """Be quiet for two weeks."""
    until = local_date(visit.core.clock.now(), visit.display.timezone) + timedelta(days=SNOOZE_DAYS)
    return _answered(
        visit,
        lambda asked: visit.run(snooze_reminder, SnoozeReminder(id=asked, until=until)),
        "{title}: quiet for two weeks.",
    )


PAGES = (
    PageRoute(method="GET", path="/reminders", show=show),
    *RECORDS.routes(),
    PageRoute(method="POST", path="/reminders/{id}/done", show=done),
    PageRoute(method="POST", path="/reminders/{id}/skip", show=skip),
    PageRoute(method="POST", path="/reminders/{id}/snooze", show=snooze),
)
