"""Taking back what was just done: which operations a page may offer for that, and with which values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import orjson

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.wire import to_json, unstructure
from fleetcore.operations import Operation

from .faults import told_error
from .routing import Outcome, Redirect, Undo
from .visits import Visit

__all__ = ["TAKES_BACK", "fits", "in_turn", "undo", "undo_of_edit"]

AREAS = {
    "attachments": ("delete", "restore"),
    "documents": ("cancel", "delete", "edit", "restore"),
    "expenses": ("add_category", "delete", "edit", "edit_category", "edit_recurring", "remove_category", "restore"),
    "fuel": ("delete_fill", "delete_station", "edit_fill", "edit_station", "restore_fill"),
    "imports": ("undo",),
    "maintenance": (
        *("cancel_job", "delete_inspection", "delete_service", "edit_checklist", "edit_inspection", "edit_job"),
        *("edit_plan_item", "edit_provider", "edit_service", "edit_template", "edit_tyre_set", "remove_checklist"),
        *("remove_fitting", "remove_plan_item", "remove_provider", "remove_template", "remove_tread_check"),
        *("remove_tyre_set", "reopen_job", "restore_service"),
    ),
    "notifications": ("set_preferences",),
    "people": ("define_role", "delete_role", "edit_fleet", "edit_member", "edit_role", "edit_user"),
    "reminders": ("delete", "edit", "reopen", "restore", "snooze"),
    "trips": ("add_rate", "delete", "edit", "remove_rate", "restore"),
    "vehicles": (
        *("assign_driver", "change_state", "delete_assignment", "edit", "edit_assignment", "grant", "record_reading"),
        *("remove", "replace_meter", "restore", "revoke_grant", "void_reading"),
    ),
}
TAKES_BACK = frozenset(f"{area}.{name}" for area, names in AREAS.items() for name in names)
GONE = {"vehicles.remove": "/"}  # the page that one stands on goes with what is taken back
STEP = "_operation"  # beside the values of one of several steps: which operation it is, if not that of all
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


def in_turn(*steps: Undo | None) -> Undo | None:
    """Return what takes several things back, one after the other; None where one cannot be, or all are too long."""
    values: list[Mapping[str, Any]] = []
    for step in steps:
        if step is None:
            return None
        every = [step.values] if isinstance(step.values, Mapping) else step.values
        values += [{**each, STEP: step.operation} for each in every]
    first = steps[0] if steps else None
    return Undo(operation=first.operation, values=values) if first is not None and fits(values) else None


def undo(visit: Visit) -> Outcome:
    """Take back what was just done, by the operation and the values that the page before gave."""
    form = visit.sent.form
    name, back = str(form.get("operation", "")), str(form.get("back", "/"))
    to = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    steps = _steps(name, str(form.get("values", "{}")))
    done, refused = 0, None
    visit.close()
    for number, (operation, values) in enumerate(steps):
        try:
            _take_back(visit, operation, values, f"{form['_key']}-{number}" if form.get("_key") else None)
            done += 1
        except (Conflict, Rejected) as error:
            refused = refused or error
            if len({each for each, _values in steps}) > 1:  # what comes next counts on this
                break
    to = to if refused else GONE.get(name, to)
    return Redirect(to=to, message=_told(visit, done, refused))


def _steps(name: str, said: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the operations that were asked for, with their values. Raises NotFound for one that takes nothing back."""
    try:
        values = orjson.loads(said)
    except ValueError:
        raise NotFound("operation", name) from None
    found: list[tuple[str, Mapping[str, Any]]] = []
    for each in values if isinstance(values, list) else [values]:
        if not isinstance(each, Mapping):
            raise NotFound("operation", name)
        operation = str(each.get(STEP, name))
        if operation not in TAKES_BACK:
            raise NotFound("operation", operation)
        found.append((operation, {key: value for key, value in each.items() if key != STEP}))
    return found


def _take_back(visit: Visit, name: str, values: Mapping[str, Any], key: str | None) -> None:
    caller, sent = visit.caller, visit.sent
    permission = visit.core.operations[name].permission
    if permission is not None:
        visit.accounts.require_fresh_factor(caller, permission)
    said = {"correlation_id": sent.correlation_id, "address": sent.address}
    visit.core.perform(caller.actor, name, values, idempotency_key=key, **said)


def _told(visit: Visit, done: int, refused: Conflict | Rejected | None) -> str:
    _ = visit.language.text
    if refused is None:
        return _("Taken back.")
    if done:
        return _("Taken back in part: what was changed again since stays as it is.")
    if isinstance(refused, Conflict):
        return _("It was changed again since, so it stays as it is. Nothing was taken back.")
    return _("Nothing was changed: {reason}", reason=told_error(visit.language, refused))
