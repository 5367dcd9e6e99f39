"""Taking back what was just done: which operations a page may offer for that, and with which values."""

from __future__ import annotations

from typing import Any

import attrs
import orjson

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.wire import to_json, unstructure
from fleetcore.operations import Operation

from .routing import Outcome, Redirect, Undo
from .visits import Visit

__all__ = ["TAKES_BACK", "fits", "undo", "undo_of_edit"]

AREAS = {
    "attachments": ("delete", "restore"),
    "documents": ("cancel", "delete", "edit", "restore"),
    "expenses": ("delete", "edit", "edit_category", "edit_recurring", "remove_category", "restore"),
    "fuel": ("delete_fill", "delete_station", "edit_fill", "edit_station", "restore_fill"),
    "imports": ("undo",),
    "maintenance": (
        *("cancel_job", "delete_inspection", "delete_service", "edit_checklist", "edit_inspection", "edit_job"),
        *("edit_plan_item", "edit_provider", "edit_service", "edit_template", "edit_tyre_set", "remove_checklist"),
        *("remove_fitting", "remove_plan_item", "remove_provider", "remove_template", "remove_tread_check"),
        *("remove_tyre_set", "reopen_job", "restore_service"),
    ),
    "reminders": ("delete", "edit", "reopen", "restore", "snooze"),
    "trips": ("add_rate", "delete", "edit", "remove_rate", "restore"),
    "vehicles": ("change_state", "edit", "edit_assignment", "remove", "restore", "void_reading"),
}
TAKES_BACK = frozenset(f"{area}.{name}" for area, names in AREAS.items() for name in names)
GONE = {"vehicles.remove": "/"}  # the page that one stands on goes with what is taken back
BYTES_MAX = 2_400  # it travels in a cookie, of which browsers keep four kilobytes


def undo_of_edit(operation: Operation[Any, Any], before: Any, after: Any) -> Undo | None:
    """Return how a change is taken back: by saying again what was said *before*; None where that is too long."""
    said = {
        each.name: getattr(before, each.name)
        for each in attrs.fields(operation.command_type)
        if each.name != "version" and hasattr(before, each.name)
    }
    try:
        values = unstructure(operation.command_type(**said, version=after.version))
    except TypeError:  # not all that the command needs is told by the record
        return None
    return Undo(operation=operation.name, values=values) if fits(values) else None


def fits(values: Any) -> bool:
    """Say whether *values* are few enough to travel in a cookie."""
    return len(to_json(values)) <= BYTES_MAX


def undo(visit: Visit) -> Outcome:
    """Take back what was just done, by the operation and the values that the page before gave."""
    form = visit.sent.form
    name, back = str(form.get("operation", "")), str(form.get("back", "/"))
    to = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    if name not in TAKES_BACK:
        raise NotFound("operation", name)
    try:
        values = orjson.loads(str(form.get("values", "{}")))
    except ValueError:
        raise NotFound("operation", name) from None
    visit.close()
    try:
        for each in values if isinstance(values, list) else [values]:
            visit.core.perform(
                visit.caller.actor,
                name,
                each,
                correlation_id=visit.sent.correlation_id,
                address=visit.sent.address,
            )
    except Conflict:
        said = visit.language.text("It was changed again since, so it stays as it is. Nothing was taken back.")
        return Redirect(to=to, message=said)
    return Redirect(to=GONE.get(name, to), message=visit.language.text("Taken back."))
