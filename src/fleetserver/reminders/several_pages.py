"""Several reminders answered at once: done, quiet for two weeks, or left out this time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.reminders.model import FinishReminder, Reminder, SkipReminder, SnoozeReminder
from fleetcore.reminders.service import finish_reminder, skip_reminder, snooze_reminder
from fleetserver.auth.sign_in_pages import place_after
from fleetserver.pages.faults import told_error
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo
from fleetserver.pages.undoing import TAKES_BACK, fits
from fleetserver.pages.visits import Visit

from .pages import SNOOZE_DAYS

__all__ = ["PAGES"]

TICK = "reminder."
SEVERAL_MAX = 200
REOPEN = "reminders.reopen"

Answer = Callable[[Visit, UUID, str], Reminder]


def _done(visit: Visit, reminder_id: UUID, part: str) -> Reminder:
    return visit.run(finish_reminder, FinishReminder(id=reminder_id), part=part)


def _skip(visit: Visit, reminder_id: UUID, part: str) -> Reminder:
    return visit.run(skip_reminder, SkipReminder(id=reminder_id), part=part)


def _snooze(visit: Visit, reminder_id: UUID, part: str) -> Reminder:
    until = local_date(visit.core.clock.now(), visit.display.timezone) + timedelta(days=SNOOZE_DAYS)
    return visit.run(snooze_reminder, SnoozeReminder(id=reminder_id, until=until), part=part)


ANSWERS: Mapping[str, Answer] = {"done": _done, "snooze": _snooze, "skip": _skip}


def _ticked(visit: Visit) -> list[UUID]:
    """Return the reminders that are ticked, in their order. Raises NotFound for what is no id."""
    said = [name.removeprefix(TICK) for name in visit.sent.form if name.startswith(TICK)]
    try:
        return [UUID(each) for each in said[:SEVERAL_MAX]]
    except ValueError:
        raise NotFound("reminder", said[0]) from None


def answer(visit: Visit) -> Outcome:
    """Answer what is ticked; what cannot be answered is told, and keeps none of the others back."""
    _ = visit.language.text
    chosen, kind = _ticked(visit), str(visit.sent.form.get("answer", ""))
    act = ANSWERS.get(kind)
    if not chosen or act is None:
        return Redirect(
            to=place_after(str(visit.sent.form.get("back", "/reminders"))),
            message=_("Nothing was changed: tick the reminders first."),
        )
    answered: list[Reminder] = []
    refused: list[str] = []
    for reminder_id in chosen:
        try:
            answered.append(act(visit, reminder_id, str(reminder_id)))
        except (Conflict, NotFound, Rejected) as error:
            refused.append(told_error(visit.language, error))
    said = [_told(visit, kind, len(answered))] if answered else []
    if refused:
        count, why = visit.language.count, refused[0]
        said.append(
            count("One stays as it is: {reason}", "{number} stay as they are: {reason}", len(refused), reason=why)
        )
    return Redirect(
        to=place_after(str(visit.sent.form.get("back", "/reminders"))),
        message=" ".join(said),
        undo=_undo(kind, answered),
    )


def _told(visit: Visit, kind: str, number: int) -> str:
    count = visit.language.count
    if kind == "done":
        return count("One reminder is done.", "{number} reminders are done.", number)
    if kind == "skip":
        return count("One reminder is left out this time.", "{number} reminders are left out this time.", number)
    return count("One reminder is quiet for two weeks.", "{number} reminders are quiet for two weeks.", number)


def _undo(kind: str, answered: list[Reminder]) -> Undo | None:
    """Return how all of them are taken back; None where they are too many for that, or there is no way back."""
    operation = snooze_reminder.name if kind == "snooze" else REOPEN
    values: list[dict[str, Any]] = [
        {"id": str(each.id), **({"until": None} if kind == "snooze" else {"version": each.version})}
        for each in answered
    ]
    return Undo(operation=operation, values=values) if operation in TAKES_BACK and values and fits(values) else None


PAGES = (PageRoute(method="POST", path="/reminders/several", show=answer),)
