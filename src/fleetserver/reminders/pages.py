"""Pages of reminders: all that is due across the fleet, answered on the spot; and the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import (
    DueReminder,
    FinishReminder,
    ListDue,
    Reminder,
    SkipReminder,
    SnoozeReminder,
    Urgency,
)
from fleetcore.reminders.service import (
    add_reminder,
    delete_reminder,
    edit_reminder,
    finish_reminder,
    get_reminder,
    list_reminders,
    reopen_reminder,
    restore_reminder,
    skip_reminder,
    snooze_reminder,
)
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Action, Column, Desk, Filter, Records, Words, desk_of, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.steps import Step
from fleetserver.pages.visits import Visit

__all__ = ["PAGES", "SNOOZE_DAYS"]

SNOOZE_DAYS = 14
AHEAD_DAYS = 30
GROUP_MAX = 50  # nobody reads more, and each is a row of forms


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
        Field(name="at_engine_hours", label=_("First due at"), kind=Kind.HOURS, group=more),
        Field(name="soon_days", label=_("Tell so many days before"), kind=Kind.WHOLE, group=more),
        Field(name="soon_distance", label=_("or so far before"), kind=Kind.DISTANCE, group=more, beside=True),
        Field(name="very_soon_days", label=_("Urgent so many days before"), kind=Kind.WHOLE, group=more),
        Field(name="very_soon_distance", label=_("or so far before"), kind=Kind.DISTANCE, group=more, beside=True),
        Field(name="expected_cost", label=_("Costs about"), kind=Kind.MONEY, group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
    )


def show(visit: Visit) -> Outcome:
    """Show what is due, the most urgent first, of all vehicles or of one."""
    desk = desk_of(visit)
    of_vehicle = desk.vehicle.id if desk.vehicle is not None and visit.id("vehicle") is not None else None
    due = visit.answer(list_due, ListDue(vehicle_id=of_vehicle))
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    horizon = today + timedelta(days=AHEAD_DAYS)

    def group_of(each: DueReminder) -> int:
        if each.urgency in {Urgency.OVERDUE, Urgency.DUE}:
            return 0
        day = each.expected_on
        return 1 if each.urgency is not Urgency.NOT_DUE or (day is not None and day <= horizon) else 2

    _ = visit.language.text
    groups = [[each for each in due if group_of(each) == number] for number in range(3)]
    hidden_count = sum(max(0, len(group) - GROUP_MAX) for group in groups)
    named = list(zip((_("Due now"), _("Soon"), _("Later")), (group[:GROUP_MAX] for group in groups), strict=True))
    back = "/reminders" + (f"?vehicle={of_vehicle}" if of_vehicle else "")
    values = {"groups": named, "any": bool(due), "desk": desk, "of_vehicle": of_vehicle, "back": back}
    return View(template="reminders/due.html", values={**values, "hidden_count": hidden_count})


def _reopened(reminder: Reminder) -> Undo:
    return Undo(operation=reopen_reminder.name, values={"id": str(reminder.id), "version": reminder.version})


def _woken(reminder: Reminder) -> Undo:
    return Undo(operation=snooze_reminder.name, values={"id": str(reminder.id), "until": None})


def _answered(visit: Visit, ask: Callable[[UUID], Reminder], said: str, undo: Callable[[Reminder], Undo]) -> Outcome:
    reminder_id = visit.id("id")
    if reminder_id is None:
        raise NotFound("reminder", visit.sent.names["id"])
    try:
        reminder = ask(reminder_id)
    except (Rejected, Conflict) as refused:
        message = visit.language.text("Nothing was changed: {reason}", reason=str(refused))
        return Redirect(to=_back(visit), message=message)
    return Redirect(to=_back(visit), message=visit.language.text(said, title=reminder.title), undo=undo(reminder))


def _back(visit: Visit) -> str:
    said = str(visit.sent.form.get("back", "/reminders"))
    return said if said.startswith("/") and not said.startswith(("//", "/\\")) else "/reminders"


def done(visit: Visit) -> Outcome:
    """Say that the work was done today."""
    return _answered(
        visit,
        lambda asked: visit.run(finish_reminder, FinishReminder(id=asked)),
        "{title}: done. It counts on from today.",
        _reopened,
    )


def skip(visit: Visit) -> Outcome:
    """Leave this time out."""
    return _answered(
        visit,
        lambda asked: visit.run(skip_reminder, SkipReminder(id=asked)),
        "{title}: this time is left out.",
        _reopened,
    )


def snooze(visit: Visit) -> Outcome:
    """Be quiet for two weeks."""
    until = local_date(visit.core.clock.now(), visit.display.timezone) + timedelta(days=SNOOZE_DAYS)
    return _answered(
        visit,
        lambda asked: visit.run(snooze_reminder, SnoozeReminder(id=asked, until=until)),
        "{title}: quiet for two weeks.",
        _woken,
    )


def _actions(visit: Visit, reminder: Reminder) -> Sequence[Action]:
    if reminder.is_finished or not visit.may("reminders.write"):
        return ()
    _, at = visit.language.text, f"/reminders/{reminder.id}"
    return (
        Action(to=f"{at}/finish", label=_("It was done"), icon="check", is_first=True),
        Action(to=f"{at}/later", label=_("Be quiet until a day"), icon="clock"),
        Action(to=f"{at}/skip", label=_("Leave this time out"), icon="x", is_post=True),
    )


FINISH = Step(
    path="/reminders/{id}/finish",
    name="It was done",
    save="Save",
    intro="It counts on from that day and that odometer.",
    back="/reminders/rules/{id}",
    get=get_reminder,
    operation=finish_reminder,
    fields=lambda desk: (
        Field(name="done_on", label=desk.visit.language.text("Day"), kind=Kind.DAY, is_required=True),
        Field(name="odometer", label=desk.visit.language.text("Odometer"), kind=Kind.DISTANCE, beside=True),
        Field(name="engine_hours", label=desk.visit.language.text("Engine hours"), kind=Kind.HOURS, beside=True),
    ),
    starts_with=lambda desk: {"done_on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"},
    lands=lambda _record, _answer: "/reminders",
    undo=lambda _record, answer: _reopened(answer),
)
LATER = Step(
    path="/reminders/{id}/later",
    name="Be quiet until a day",
    save="Be quiet",
    back="/reminders/rules/{id}",
    get=get_reminder,
    operation=snooze_reminder,
    fields=lambda desk: (
        Field(name="until", label=desk.visit.language.text("Until"), kind=Kind.DAY, is_required=True),
    ),
    lands=lambda _record, _answer: "/reminders",
    undo=lambda _record, answer: _woken(answer),
)
RECORDS = Records(
    path="/reminders/rules",
    entity="reminders.reminder",
    words=Words(
        one="Reminder",
        many="Rules of reminders",
        add="Add a reminder",
        save="Save reminder",
        empty="Every 15,000 km or 12 months, whichever comes first: say it once, and be told in time.",
    ),
    columns=(
        Column(title="What is due", text=lambda _visit, reminder, _vehicle: reminder.title),
        Column(title="Next", text=lambda visit, reminder, _vehicle: visit.day(reminder.expected_on)),
        Column(title="Since", text=lambda visit, reminder, _vehicle: visit.day(reminder.created_at)),
    ),
    fields=_fields,
    list=list_reminders,
    get=get_reminder,
    record=add_reminder,
    edit=edit_reminder,
    delete=delete_reminder,
    restore=restore_reminder,
    actions=_actions,
    starts_with=lambda _desk: {name: str(default) for name, default in (("soon_days", 30), ("very_soon_days", 7))},
    filters=(
        Filter(
            name="include_finished",
            label="Also",
            choices=lambda desk: (Choice("1", desk.visit.language.text("with those that are over")),),
            read=lambda said: said == "1",
        ),
    ),
)
PAGES = (
    PageRoute(method="GET", path="/reminders", show=show),
    *RECORDS.routes(),
    *FINISH.routes(),
    *LATER.routes(),
    PageRoute(method="POST", path="/reminders/{id}/done", show=done),
    PageRoute(method="POST", path="/reminders/{id}/skip", show=skip),
    PageRoute(method="POST", path="/reminders/{id}/snooze", show=snooze),
)
