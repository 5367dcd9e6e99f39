"""What is typed about the plan items and the reminders that work answers, as the ids of reminders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fleetcore.kernel.errors import NotFound
from fleetcore.maintenance.plan_model import GetPlanItem, ListPlanItems, PlanItem
from fleetcore.maintenance.plans import get_plan_item, list_plan_items
from fleetcore.reminders.model import GetReminder, ListReminders, Reminder
from fleetcore.reminders.service import get_reminder, list_reminders
from fleetserver.cli.failures import BadInput
from fleetserver.cli.picking import everything, pick, short_id
from fleetserver.cli.session import Session

__all__ = ["answered", "find_item"]


def answered(session: Session, vehicle_id: UUID | None, options: Mapping[str, Any]) -> tuple[UUID, ...] | None:
    """Return the reminders that ``--done`` and ``--reminder`` name; None where neither is given."""
    if not options["dones"] and not options["answers"]:
        return None
    found = []
    for text in options["dones"]:
        item = find_item(session, text, vehicle_id)
        if item.reminder_id is None or not item.is_active:
            raise BadInput.because("--done", f"{item.title!r} is paused: fleet plans edit {short_id(item.id)} --resume")
        found.append(item.reminder_id)
    found += [_find_reminder(session, text, vehicle_id).id for text in options["answers"]]
    return tuple(found)


def find_item(session: Session, text: str, vehicle_id: UUID | None = None) -> PlanItem:
    """Return the plan item called *text*, by its key or title, or whose id ends so."""

    def candidates() -> list[PlanItem]:
        return list(
            everything(
                lambda cursor, most: session.read(
                    list_plan_items, ListPlanItems(vehicle_id=vehicle_id, cursor=cursor, limit=most)
                )
            )
        )

    wanted = text.strip().casefold()
    named = [item for item in candidates() if wanted in {item.key, item.title.casefold()}]
    if len(named) == 1:
        return named[0]
    if named:
        choices = ", ".join(short_id(item.id) for item in named)
        raise BadInput.because("", f"{len(named)} plan items are called {text!r}: use the id, one of {choices}")
    try:
        return pick(text, "plan item", lambda key: session.read(get_plan_item, GetPlanItem(id=key)), candidates)
    except (BadInput, NotFound):
        raise BadInput.because("", f"there is no plan item {text!r} here: fleet plans list shows all") from None


def _find_reminder(session: Session, text: str, vehicle_id: UUID | None) -> Reminder:
    def candidates() -> list[Reminder]:
        return list(
            everything(
                lambda cursor, most: session.read(
                    list_reminders, ListReminders(vehicle_id=vehicle_id, cursor=cursor, limit=most)
                )
            )
        )

    named = [each for each in candidates() if each.title.casefold() == text.strip().casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        choices = ", ".join(short_id(each.id) for each in named)
        raise BadInput.because("", f"{len(named)} reminders are called {text!r}: use the id, one of {choices}")
    return pick(text, "reminder", lambda key: session.read(get_reminder, GetReminder(id=key)), candidates)
