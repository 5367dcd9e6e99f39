"""Pages of checklists: those that ship, and the fleet's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fleetcore.maintenance.checklists import (
    add_checklist,
    edit_checklist,
    get_checklist,
    list_checklists,
    remove_checklist,
)
from fleetcore.maintenance.inspection_model import CheckKind, Checklist, ChecklistItem
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.lines import line_fields
from fleetserver.pages.records import Action, Column, Desk, Records, Words
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]


def _checklist_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    kinds = {CheckKind.PASS_FAIL: _("Pass or fail"), CheckKind.MEASURE: _("Measured"), CheckKind.NOTE: _("A note")}
    of_one = (
        Field(name="title", label=_("Check")),
        Field(
            name="kind", label=_("How"), kind=Kind.CHOICE, choices=tuple(Choice(k.value, v) for k, v in kinds.items())
        ),
        Field(name="unit", label=_("Unit"), length_max=20),
        Field(name="minimum", label=_("Least"), kind=Kind.DECIMAL),
        Field(name="maximum", label=_("Most"), kind=Kind.DECIMAL),
        Field(name="key", label=_("Its word")),
    )
    return (
        Field(name="name", label=_("Name"), is_required=True),
        *line_fields("items", of_one, desk.visit.sent.form, desk.record, group=_("Checks"), empty=3),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
    )


def _checklist_actions(visit: Visit, checklist: Checklist) -> Sequence[Action]:
    if not visit.may("maintenance.work"):
        return ()
    to = f"/inspections/new?checklist={checklist.key}"
    return (Action(to=to, label=visit.language.text("Inspect by it"), icon="shield-check", is_first=True),)


def _shipped(visit: Visit, checklist: Checklist, _vehicle: Any) -> str:
    return visit.language.text("yours") if checklist.id else visit.language.text("ships with the program")


CHECKLISTS = Records(
    path="/checklists",
    words=Words(
        one="Checklist",
        many="Checklists",
        add="Make a checklist",
        save="Save checklist",
        empty="What is looked at, in which order, and which limits hold.",
    ),
    columns=(
        Column(title="Name", text=lambda _visit, checklist, _vehicle: checklist.name),
        Column(title="Checks", text=lambda _visit, checklist, _vehicle: len(checklist.items), is_number=True),
        Column(title="Whose", text=_shipped),
    ),
    fields=_checklist_fields,
    list=list_checklists,
    get=get_checklist,
    record=add_checklist,
    edit=edit_checklist,
    delete=remove_checklist,
    actions=_checklist_actions,
    lines={"items": ChecklistItem},
    by_key=True,
    needs_vehicle=False,
    lands="list",
)
PAGES = CHECKLISTS.routes()
