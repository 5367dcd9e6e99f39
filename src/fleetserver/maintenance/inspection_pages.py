"""Pages of inspections: what was found item by item, the retest of what failed, and its repair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.maintenance.checklists import get_checklist, list_checklists
from fleetcore.maintenance.inspection_model import (
    CheckedItem,
    CheckKind,
    Checklist,
    ChecklistItem,
    CheckResult,
    DeleteInspection,
    EditInspection,
    GetChecklist,
    GetInspection,
    Inspection,
    ListChecklists,
    ListInspections,
    Outcome,
    RecordInspection,
)
from fleetcore.maintenance.inspections import (
    delete_inspection,
    edit_inspection,
    get_inspection,
    list_inspections,
    record_inspection,
    schedule_repairs,
)
from fleetserver.pages.asking import ask_if_sure, is_sure
from fleetserver.pages.filing import files_of
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.records import Action, Desk, desk_of, said_version, vehicle_field
from fleetserver.pages.routing import Outcome as Answer
from fleetserver.pages.routing import PageRoute, Redirect, Undo, View
from fleetserver.pages.steps import Step
from fleetserver.pages.undoing import undo_of_edit
from fleetserver.pages.visits import Visit

from .pages import provider_field, reminder_field

__all__ = ["PAGES"]

ROWS = 50
Checked = ChecklistItem | CheckedItem


def _fields(desk: Desk, items: Sequence[Checked]) -> tuple[Field, ...]:
    """Return the fields of an inspection: one for each check, and what is said of the whole."""
    _ = desk.visit.language.text
    outcomes = tuple(
        Choice(each.value, said)
        for each, said in (
            (Outcome.PASS, _("Pass")),
            (Outcome.FAIL, _("Fail")),
            (Outcome.NOT_APPLICABLE, _("Not here")),
        )
    )
    found: list[Field] = [
        vehicle_field(desk),
        Field(name="done_on", label=_("Day"), kind=Kind.DAY, is_required=True, beside=True),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, beside=True),
    ]
    for each in items:
        hint = getattr(each, "hint", "")
        match each.kind:
            case CheckKind.MEASURE:
                limits = [_("at least {value}", value=each.minimum)] if each.minimum is not None else []
                limits += [_("at most {value}", value=each.maximum)] if each.maximum is not None else []
                hint = " ".join(filter(None, [hint, ", ".join(limits)]))
                name = f"value.{each.key}"
                found.append(Field(name=name, label=each.title, kind=Kind.DECIMAL, unit_said=each.unit, hint=hint))
            case CheckKind.NOTE:
                found.append(Field(name=f"note.{each.key}", label=each.title, hint=hint))
                continue
            case _:
                name = f"outcome.{each.key}"
                found.append(Field(name=name, label=each.title, kind=Kind.CHOICE, choices=outcomes, hint=hint))
        found.append(Field(name=f"note.{each.key}", label=_("Note on it"), beside=True))
    chosen = desk.record.reminder_ids if isinstance(desk.record, Inspection) else ()
    return (
        *found,
        *reminder_field(desk, chosen),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
        Field(name="accept_odometer_jump", label=_("The odometer is right, although it jumps"), kind=Kind.CHECK),
    )


def _form(desk: Desk, items: Sequence[Checked]) -> Form:
    display = desk.visit.display
    return Form(fields=_fields(desk, items), display=display, scale=display.scale(desk.vehicle))


def _typed(visit: Visit, desk: Desk, form: Form, items: Sequence[Checked]) -> dict[str, Any]:
    """Return what was typed, with a result for each check; each that is missing is told at its field."""
    form.take(visit.sent.form)
    values = form.values(visit.typed(desk.vehicle))
    results = []
    for each in items:
        outcome, value = values.pop(f"outcome.{each.key}", None), values.pop(f"value.{each.key}", None)
        note = values.pop(f"note.{each.key}", "")
        if each.kind is CheckKind.PASS_FAIL and outcome is None:
            form.errors.setdefault(f"outcome.{each.key}", []).append(visit.language.text("is needed"))
        if each.kind is CheckKind.MEASURE and value is None and not form.errors.get(f"value.{each.key}"):
            results.append(CheckResult(key=each.key, outcome=Outcome.NOT_APPLICABLE, note=note))
            continue
        results.append(CheckResult(key=each.key, outcome=Outcome(outcome) if outcome else None, value=value, note=note))
    return values | {"results": tuple(results)}


def _refuse(form: Form, rejected: Rejected, items: Sequence[Checked]) -> None:
    """Put problems of results, which the core names by their place, at the fields of their checks."""
    for problem in rejected.problems:
        parts = problem.field.split(".")
        if parts[0] == "results" and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(items):
            item = items[int(parts[1])]
            part = (
                "value" if item.kind is CheckKind.MEASURE else "outcome" if item.kind is CheckKind.PASS_FAIL else "note"
            )
            form.errors.setdefault(f"{part}.{item.key}", []).append(problem.message)
        else:
            form.refuse([problem])


def _today(visit: Visit) -> str:
    return f"{local_date(visit.core.clock.now(), visit.display.timezone)}"


def show_list(visit: Visit) -> Answer:
    """Show the inspections, the newest first, or those that failed and wait for a retest."""
    desk, query = desk_of(visit), visit.sent.query
    is_open = query.get("open") == "1"
    asked = ListInspections(
        vehicle_id=desk.vehicle.id if desk.vehicle else None,
        open_only=is_open,
        cursor=query.get("after") or None,
        limit=ROWS,
    )
    values = {
        "desk": desk,
        "page": visit.answer(list_inspections, asked),
        "named": {vehicle.id: vehicle for vehicle in desk.vehicles},
        "checklists": visit.answer(list_checklists, ListChecklists()),
        "is_open": is_open,
    }
    return View(template="maintenance/inspections.html", values=values)


def _checklist(visit: Visit) -> Checklist:
    said = str(visit.sent.form.get("checklist") or visit.sent.query.get("checklist") or "pre-trip")
    return visit.answer(get_checklist, GetChecklist(key=said[:200]))


def _view(form: Form, desk: Desk, status: int = 200, **values: Any) -> View:
    known: dict[str, Any] = {"form": form, "desk": desk, "record": None, "files": None, "checklist": "", "retest": None}
    return View(template="maintenance/inspection.html", values={**known, **values}, status=status)


def show_new(visit: Visit) -> Answer:
    """Ask for the result of every check of a list."""
    desk = desk_of(visit)
    if not desk.vehicles:
        return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
    checklist = _checklist(visit)
    form = _form(desk, checklist.items)
    form.texts |= {"done_on": _today(visit)}
    if desk.vehicle is not None:
        form.texts["vehicle_id"] = str(desk.vehicle.id)
    return _view(form, desk, checklist=checklist.key, title=checklist.name)


def make(visit: Visit) -> Answer:
    """Record what was found."""
    desk, checklist = desk_of(visit), _checklist(visit)
    form = _form(desk, checklist.items)
    values = _typed(visit, desk, form, checklist.items)
    if not form.has_errors:
        try:
            made = visit.run(record_inspection, RecordInspection(checklist=checklist.key, **values))
        except Rejected as rejected:
            _refuse(form, rejected, checklist.items)
        else:
            return _made(visit, made)
    return _view(form, desk, 422, checklist=checklist.key, title=checklist.name)


def _made(visit: Visit, made: Inspection) -> Redirect:
    _ = visit.language
    failed = len(made.failed)
    said = _.text("Passed.") if not failed else _.count("One check failed.", "{number} checks failed.", failed)
    undo = Undo(operation=delete_inspection.name, values={"id": str(made.id), "version": made.version})
    return Redirect(to=f"/inspections/{made.id}", message=said, undo=undo)


def _inspection(visit: Visit) -> Inspection:
    if (inspection_id := visit.id("id")) is None:
        raise NotFound("inspection", visit.sent.names["id"])
    return visit.answer(get_inspection, GetInspection(id=inspection_id))


def _shown(form: Form, inspection: Inspection) -> None:
    form.show(inspection)
    for each in inspection.items:
        form.texts[f"note.{each.key}"] = each.note
        if each.value is not None:
            form.texts[f"value.{each.key}"] = f"{each.value.normalize():f}"
        if each.kind is CheckKind.PASS_FAIL:
            form.texts[f"outcome.{each.key}"] = each.outcome.value


def _actions(visit: Visit, inspection: Inspection) -> list[Action]:
    _, at = visit.language.text, f"/inspections/{inspection.id}"
    found = []
    if inspection.failed and inspection.closed_by is None and visit.may("maintenance.work"):
        found.append(Action(to=f"{at}/retest", label=_("Retest what failed"), icon="shield-check", is_first=True))
    if inspection.failed and inspection.job_id is None and visit.may("maintenance.schedule"):
        found.append(Action(to=f"{at}/repairs", label=_("Plan the repair"), icon="wrench"))
    if inspection.job_id is not None:
        found.append(Action(to=f"/jobs/{inspection.job_id}", label=_("The repair"), icon="wrench"))
    if inspection.closed_by is not None:
        found.append(Action(to=f"/inspections/{inspection.closed_by}", label=_("The retest"), icon="shield-check"))
    if inspection.retest_of is not None:
        found.append(Action(to=f"/inspections/{inspection.retest_of}", label=_("What failed before"), icon="history"))
    return found


def _one(visit: Visit, form: Form, desk: Desk, inspection: Inspection, status: int = 200) -> View:
    back = f"/inspections/{inspection.id}"
    files = files_of(visit, "maintenance.inspection", inspection.id, back)
    actions = _actions(visit, inspection)
    return _view(form, desk, status, record=inspection, title=inspection.title, files=files, actions=actions)


def show_one(visit: Visit) -> Answer:
    """Show what was found, to be changed."""
    inspection = _inspection(visit)
    desk = desk_of(visit, inspection.vehicle_id, inspection)
    form = _form(desk, inspection.items)
    _shown(form, inspection)
    return _one(visit, form, desk, inspection)


def change(visit: Visit) -> Answer:
    """Replace what was found."""
    inspection = _inspection(visit)
    desk = desk_of(visit, inspection.vehicle_id, inspection)
    form = _form(desk, inspection.items)
    values = _typed(visit, desk, form, inspection.items)
    if form.has_errors:
        return _one(visit, form, desk, inspection, 422)
    kept: dict[str, Any] = {
        "inspector_id": inspection.inspector_id,
        "version": said_version(visit) or inspection.version,
    }
    try:
        after = visit.run(edit_inspection, EditInspection(id=inspection.id, **kept, **values))
    except Rejected as rejected:
        _refuse(form, rejected, inspection.items)
        return _one(visit, form, desk, inspection, 422)
    except Conflict:
        now = _inspection(visit)
        other = _form(desk, now.items)
        _shown(other, now)
        form.stored = {name: text for name, text in other.texts.items() if text != form.texts.get(name, "")}
        said = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
        form.general.append(said)
        return _one(visit, form, desk, now, 409)
    return Redirect(
        to=f"/inspections/{after.id}",
        message=visit.language.text("Saved."),
        undo=undo_of_edit(edit_inspection, inspection, after),
    )


def remove(visit: Visit) -> Answer:
    """Delete an inspection."""
    inspection = _inspection(visit)
    version = said_version(visit) or inspection.version
    if not is_sure(visit):
        return ask_if_sure(visit, inspection.title, f"/inspections/{inspection.id}", version)
    try:
        visit.run(delete_inspection, DeleteInspection(id=inspection.id, version=version))
    except (Conflict, Rejected) as refused:
        said = visit.language.text("Nothing was changed: {reason}", reason=str(refused))
        return Redirect(to=f"/inspections/{inspection.id}", message=said)
    to = f"/inspections?vehicle={inspection.vehicle_id}"
    return Redirect(to=to, message=visit.language.text("Deleted."))


def _failed(inspection: Inspection) -> tuple[CheckedItem, ...]:
    return inspection.failed


def show_retest(visit: Visit) -> Answer:
    """Ask again for what failed."""
    inspection = _inspection(visit)
    desk = desk_of(visit, inspection.vehicle_id, inspection)
    form = _form(desk, _failed(inspection))
    form.texts |= {"done_on": _today(visit), "vehicle_id": str(inspection.vehicle_id)}
    title = visit.language.text("Retest: {title}", title=inspection.title)
    return _view(form, desk, retest=inspection, title=title)


def retest(visit: Visit) -> Answer:
    """Record the retest of what failed; when all passes, the failed inspection is closed."""
    inspection = _inspection(visit)
    items = _failed(inspection)
    desk = desk_of(visit, inspection.vehicle_id, inspection)
    form = _form(desk, items)
    values = _typed(visit, desk, form, items)
    if not form.has_errors:
        try:
            made = visit.run(record_inspection, RecordInspection(retest_of=inspection.id, **values))
        except Rejected as rejected:
            _refuse(form, rejected, items)
        else:
            return _made(visit, made)
    title = visit.language.text("Retest: {title}", title=inspection.title)
    return _view(form, desk, 422, retest=inspection, title=title)


REPAIRS = Step(
    path="/inspections/{id}/repairs",
    name="Plan the repair",
    save="Plan it",
    intro="One job is made for everything that failed.",
    get=get_inspection,
    operation=schedule_repairs,
    fields=lambda desk: (
        Field(name="planned_on", label=desk.visit.language.text("Planned for"), kind=Kind.DAY),
        provider_field(desk.visit, beside=True),
        Field(name="estimated_cost", label=desk.visit.language.text("Costs about"), kind=Kind.MONEY),
    ),
    said="Planned.",
    lands=lambda _record, answer: f"/jobs/{answer.job_id}",
)


PAGES = (
    PageRoute(method="GET", path="/inspections", show=show_list),
    PageRoute(method="GET", path="/inspections/new", show=show_new),
    PageRoute(method="POST", path="/inspections/new", show=make, body_max=256 * 1024),
    PageRoute(method="GET", path="/inspections/{id}", show=show_one),
    PageRoute(method="POST", path="/inspections/{id}", show=change, body_max=256 * 1024),
    PageRoute(method="POST", path="/inspections/{id}/delete", show=remove),
    PageRoute(method="GET", path="/inspections/{id}/retest", show=show_retest),
    PageRoute(method="POST", path="/inspections/{id}/retest", show=retest, body_max=256 * 1024),
    *REPAIRS.routes(),
)
