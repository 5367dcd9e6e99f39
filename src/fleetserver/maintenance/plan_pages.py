"""Pages of plans: what a vehicle needs and how often, and templates that bring it in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fleetcore.kernel.errors import Rejected
from fleetcore.maintenance.model import Part
from fleetcore.maintenance.plan_model import (
    ApplyTemplate,
    GetTemplate,
    ItemFields,
    ListPlanItems,
    ListTemplateUses,
    PlanItem,
    Powertrain,
    Template,
    TemplateItem,
)
from fleetcore.maintenance.plans import add_plan_item, edit_plan_item, get_plan_item, list_plan_items, remove_plan_item
from fleetcore.maintenance.templates import (
    add_template,
    apply_template,
    edit_template,
    get_template,
    list_template_uses,
    list_templates,
    remove_template,
)
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.lines import line_fields
from fleetserver.pages.records import Action, Column, Desk, Records, Words, desk_of, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.undoing import in_turn, undo_of_edit
from fleetserver.pages.visits import Visit

from .pages import part_fields, service_categories

__all__ = ["PAGES"]


def _rhythm(visit: Visit, item: ItemFields, vehicle: Any = None) -> str:
    """Say how often something is due."""
    _ = visit.language
    said = [
        visit.display.distance(item.every, vehicle),
        _.count("one month", "{number} months", item.every_months) if item.every_months else "",
        visit.display.hours(item.every_engine_hours),
    ]
    return f" {_.text('or')} ".join(filter(None, said))


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    more, last = _("Parts, costs, notes and more"), _("When it was last done")
    return (
        vehicle_field(desk),
        Field(name="title", label=_("What is to be done"), is_required=True),
        Field(name="every", label=_("Every"), kind=Kind.DISTANCE),
        Field(name="every_months", label=_("or every so many months"), kind=Kind.WHOLE, beside=True),
        Field(name="every_engine_hours", label=_("or every"), kind=Kind.HOURS, beside=True),
        Field(name="is_active", label=_("Remind of it"), kind=Kind.CHECK),
        Field(name="last_done_on", label=_("On"), kind=Kind.DAY, group=last),
        Field(name="last_done_odometer", label=_("at"), kind=Kind.DISTANCE, group=last, beside=True),
        Field(name="last_done_engine_hours", label=_("at hours"), kind=Kind.HOURS, group=last, beside=True),
        Field(
            name="category",
            label=_("Kind"),
            kind=Kind.CHOICE,
            choices=service_categories(desk.visit),
            is_required=True,
            group=more,
        ),
        Field(name="expected_cost", label=_("Costs about"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="is_fixed", label=_("Keep the dates, whenever it is done"), kind=Kind.CHECK, group=more),
        *part_fields(desk, more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
    )


def _item_actions(visit: Visit, item: PlanItem) -> Sequence[Action]:
    if item.reminder_id is None or not visit.may("reminders.read"):
        return ()
    label = visit.language.text("Its reminder")
    return (Action(to=f"/reminders/rules/{item.reminder_id}", label=label, icon="bell"),)


ITEMS = Records(
    path="/plans",
    entity="maintenance.plan_item",
    words=Words(
        one="Plan item",
        many="Plan",
        add="Add to the plan",
        save="Save plan item",
        empty="What a vehicle needs and how often. A template brings the usual items in one go.",
    ),
    columns=(
        Column(title="What is to be done", text=lambda _visit, item, _vehicle: item.title),
        Column(title="Every", text=_rhythm),
        Column(title="Last done", text=lambda visit, item, _vehicle: visit.day(item.last_done_on)),
        Column(title="Costs about", text=lambda visit, item, _vehicle: visit.money(item.expected_cost), is_number=True),
    ),
    fields=_fields,
    list=list_plan_items,
    get=get_plan_item,
    record=add_plan_item,
    edit=edit_plan_item,
    delete=remove_plan_item,
    starts_with=lambda _desk: {"category": "routine", "is_active": "on"},
    actions=_item_actions,
    lines={"parts": Part},
    lands="list",
    list_template="maintenance/plans.html",
)


def _template_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    powertrains = tuple(Choice(each.value, _(each.value.capitalize())) for each in Powertrain)
    of_one = (
        Field(name="title", label=_("What")),
        Field(name="every", label=_("Every"), kind=Kind.DISTANCE),
        Field(name="every_months", label=_("or months"), kind=Kind.WHOLE),
        Field(name="expected_cost", label=_("Costs about"), kind=Kind.MONEY),
        Field(name="key", label=_("Its word")),
    )
    return (
        Field(name="name", label=_("Name"), is_required=True),
        Field(name="make", label=_("For the make"), hint=_("Left empty: any.")),
        Field(name="model", label=_("and model"), beside=True),
        Field(name="powertrain", label=_("that is"), kind=Kind.CHOICE, choices=powertrains, beside=True),
        *line_fields("items", of_one, desk.visit.sent.form, desk.record, group=_("Items"), empty=3),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
    )


def _template_actions(visit: Visit, template: Template) -> Sequence[Action]:
    if not visit.may("maintenance.schedule"):
        return ()
    label = visit.language.text("Give it to a vehicle")
    return (Action(to=f"/templates/{template.key}/apply", label=label, icon="check", is_first=True),)


def _uses(visit: Visit, template: Template) -> Mapping[str, Any]:
    return {"uses": visit.answer(list_template_uses, ListTemplateUses(template=template.key))}


TEMPLATES = Records(
    path="/templates",
    entity="",
    words=Words(
        one="Template",
        many="Templates of plans",
        add="Make a template",
        save="Save template",
        empty="A template brings the items of a plan to any vehicle that it fits.",
    ),
    columns=(
        Column(title="Name", text=lambda _visit, template, _vehicle: template.name),
        Column(title="Items", text=lambda _visit, template, _vehicle: len(template.items), is_number=True),
        Column(
            title="For",
            text=lambda _visit, template, _vehicle: " ".join(
                filter(None, [template.make, template.model, template.powertrain])
            ),
        ),
    ),
    fields=_template_fields,
    list=list_templates,
    get=get_template,
    record=add_template,
    edit=edit_template,
    delete=remove_template,
    lines={"items": TemplateItem},
    actions=_template_actions,
    more=_uses,
    by_key=True,
    needs_vehicle=False,
    template="maintenance/template.html",
    lands="list",
)


def _apply_view(visit: Visit, template: Template, form: Form, told: Any = None, status: int = 200) -> View:
    values = {"template": template, "form": form, "told": told, "rhythm": lambda item: _rhythm(visit, item)}
    return View(template="maintenance/apply.html", values=values, status=status)


def _apply_form(visit: Visit) -> Form:
    _, desk = visit.language.text, desk_of(visit)
    update = _("Change the items that the vehicle has already, too")
    fields = (vehicle_field(desk), Field(name="update", label=update, kind=Kind.CHECK))
    form = Form(fields=fields, display=visit.display, scale=visit.display.scale())
    if desk.vehicle is not None:
        form.texts["vehicle_id"] = str(desk.vehicle.id)
    return form


def _template(visit: Visit) -> Template:
    return visit.answer(get_template, GetTemplate(key=visit.sent.names["id"][:200]))


def show_apply(visit: Visit) -> Outcome:
    """Ask which vehicle gets the items of a template."""
    return _apply_view(visit, _template(visit), _apply_form(visit))


def apply(visit: Visit) -> Outcome:
    """Show what a template would add to a vehicle, and add it when that was seen."""
    template, form = _template(visit), _apply_form(visit)
    form.take(visit.sent.form)
    values = form.values(visit.typed())
    is_preview = "preview" in visit.sent.form
    if form.has_errors:
        return _apply_view(visit, template, form, status=422)
    before = {} if is_preview else _plan_of(visit, values["vehicle_id"])
    try:
        asked = ApplyTemplate(template=template.key, dry_run=is_preview, **values)
        told = visit.run(apply_template, asked, part="-preview" if is_preview else "")
    except Rejected as rejected:
        form.refuse(rejected.problems)
        return _apply_view(visit, template, form, status=422)
    if is_preview:
        return _apply_view(visit, template, form, told)
    said = visit.language.count("One item is in the plan now.", "{number} items are in the plan now.", len(told.added))
    undo = _plan_as_it_was(before, _plan_of(visit, told.vehicle_id))
    return Redirect(to=f"/plans?vehicle={told.vehicle_id}", message=said, undo=undo)


def _plan_of(visit: Visit, vehicle_id: UUID) -> Mapping[UUID, PlanItem]:
    found = visit.answer(list_plan_items, ListPlanItems(vehicle_id=vehicle_id, limit=200)).items
    return {each.id: each for each in found}


def _plan_as_it_was(before: Mapping[UUID, PlanItem], after: Mapping[UUID, PlanItem]) -> Undo | None:
    """Return how what was added to a plan goes, and what was changed is as it was; None where that is too much."""
    return in_turn(
        *(
            undo_of_edit(edit_plan_item, before[each.id], each)
            if each.id in before
            else Undo(operation=remove_plan_item.name, values={"id": str(each.id), "version": each.version})
            for each in after.values()
            if each.id not in before or each.version != before[each.id].version
        )
    )


PAGES = (
    *ITEMS.routes(),
    *TEMPLATES.routes(),
    PageRoute(method="GET", path="/templates/{id}/apply", show=show_apply),
    PageRoute(method="POST", path="/templates/{id}/apply", show=apply),
)
