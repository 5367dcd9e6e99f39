"""Pages of tyre sets: bought, mounted, taken off, rotated, their tread measured, and what all that tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.maintenance.fittings import (
    measure_tread,
    mount_tyres,
    remove_fitting,
    remove_tread_check,
    report_tyres,
    unmount_tyres,
)
from fleetcore.maintenance.tyre_model import (
    RemoveFitting,
    RemoveTreadCheck,
    ReportTyres,
    TreadDepth,
    Tyre,
    TyreKind,
    TyreMove,
    TyrePosition,
    TyreSet,
)
from fleetcore.maintenance.tyres import (
    add_tyre_set,
    edit_tyre_set,
    get_tyre_set,
    list_tyre_sets,
    remove_tyre_set,
    rotate_tyres,
)
from fleetserver.pages.asking import ask_if_sure, is_sure
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Action, Column, Desk, Filter, Records, Words, vehicle_field
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo
from fleetserver.pages.steps import Step
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]


def _word(visit: Visit, value: Any) -> str:
    return visit.language.text(str(value).replace("_", " ").capitalize())


def _fields(desk: Desk) -> tuple[Field, ...]:
    visit, _ = desk.visit, desk.visit.language.text
    more = _("Purchase, store, limits and more")
    kinds = tuple(Choice(each.value, _word(visit, each)) for each in TyreKind)
    return (
        vehicle_field(desk),
        Field(name="name", label=_("Name"), is_required=True, hint=_("What you call the set: winter, alloy.")),
        Field(name="kind", label=_("Season"), kind=Kind.CHOICE, choices=kinds, is_required=True, beside=True),
        Field(name="brand", label=_("Brand")),
        Field(name="model", label=_("Model"), beside=True),
        Field(name="size", label=_("Size"), hint="205/55 R16 91V", beside=True),
        Field(name="dot", label=_("Made in week and year"), hint=_("The last four digits of DOT: 3523.")),
        Field(name="storage_place", label=_("Where it is stored"), beside=True),
        Field(name="purchased_on", label=_("Bought on"), kind=Kind.DAY, group=more),
        Field(name="cost", label=_("Costs"), kind=Kind.MONEY, group=more, beside=True),
        Field(name="limit_mm", label=_("Worn out at"), kind=Kind.DECIMAL, unit_said="mm", group=more, beside=True),
        Field(name="retired_on", label=_("Thrown away on"), kind=Kind.DAY, group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
    )


def _mounted(visit: Visit, tyre_set: TyreSet, vehicle: Any) -> str:
    _ = visit.language.text
    if tyre_set.mounted_on is not None:
        return _("on the vehicle") if vehicle is not None and tyre_set.mounted_on == vehicle.id else _("on another one")
    return tyre_set.storage_place or _("in store")


def _actions(visit: Visit, tyre_set: TyreSet) -> Sequence[Action]:
    if not visit.may("maintenance.work"):
        return ()
    _, at = visit.language.text, f"/tyres/{tyre_set.id}"
    mount = Action(to=f"{at}/mount", label=_("Mount"), icon="check", is_first=True)
    if tyre_set.mounted_on is not None:
        mount = Action(to=f"{at}/unmount", label=_("Take off"), icon="archive", is_first=True)
    return (
        mount,
        Action(to=f"{at}/tread", label=_("Measure the tread"), icon="gauge"),
        Action(to=f"{at}/rotate", label=_("Rotate"), icon="undo-2"),
    )


SETS = Records(
    path="/tyres",
    entity="maintenance.tyre_set",
    words=Words(
        one="Set of tyres",
        many="Tyres",
        add="Add a set",
        save="Save set",
        empty="Summer and winter sets: how far each went, how deep its tread is, and when it will be worn.",
    ),
    columns=(
        Column(title="Name", text=lambda _visit, tyre_set, _vehicle: tyre_set.name),
        Column(title="Season", text=lambda visit, tyre_set, _vehicle: _word(visit, tyre_set.kind)),
        Column(
            title="Tyre",
            text=lambda _visit, one, _vehicle: " ".join(filter(None, [one.brand, one.model, one.size])),
        ),
        Column(title="Where", text=_mounted),
    ),
    fields=_fields,
    list=list_tyre_sets,
    get=get_tyre_set,
    record=add_tyre_set,
    edit=edit_tyre_set,
    delete=remove_tyre_set,
    starts_with=lambda _desk: {"limit_mm": "1.6"},
    actions=_actions,
    more=lambda visit, tyre_set: {
        "report": visit.answer(report_tyres, ReportTyres(id=tyre_set.id)),
        "word": lambda value: _word(visit, value),
    },
    lands="record",
    template="maintenance/tyres.html",
    filters=(
        Filter(
            name="retired",
            label="Also",
            choices=lambda desk: (Choice("1", desk.visit.language.text("with those thrown away")),),
            read=lambda said: said == "1",
        ),
    ),
)


def _today(desk: Desk) -> Mapping[str, str]:
    return {"on": f"{local_date(desk.visit.core.clock.now(), desk.visit.display.timezone)}"}


def _day_and_meter(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    return (
        Field(name="on", label=_("Day"), kind=Kind.DAY, is_required=True),
        Field(name="odometer", label=_("Odometer"), kind=Kind.DISTANCE, beside=True),
    )


def _jump(desk: Desk) -> Field:
    label = desk.visit.language.text("The odometer is right, although it jumps")
    return Field(name="accept_odometer_jump", label=label, kind=Kind.CHECK)


def _mount_fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    past = _("It came off again: a stretch of the past")
    vehicles = tuple(Choice(str(each.id), each.name) for each in desk.vehicles)
    return (
        Field(name="vehicle_id", label=_("On"), kind=Kind.ID, choices=vehicles, is_required=True),
        *_day_and_meter(desk),
        Field(name="until", label=_("Until"), kind=Kind.DAY, group=past),
        Field(name="until_odometer", label=_("Odometer then"), kind=Kind.DISTANCE, group=past, beside=True),
        _jump(desk),
    )


def _place(record: Any, _answer: Any) -> str:
    return f"/tyres/{record.id}"


MOUNT = Step(
    path="/tyres/{id}/mount",
    name="Mount the set",
    save="Mount it",
    intro="What is on the vehicle comes off at the same odometer.",
    get=get_tyre_set,
    operation=mount_tyres,
    id_name="set_id",
    fields=_mount_fields,
    starts_with=lambda desk: {**_today(desk), "vehicle_id": str(desk.record.vehicle_id)},
    said="Mounted.",
    lands=_place,
    undo=lambda _record, answer: Undo(operation=remove_fitting.name, values={"id": str(answer.id)}),
)
UNMOUNT = Step(
    path="/tyres/{id}/unmount",
    name="Take the set off",
    save="Take it off",
    get=get_tyre_set,
    operation=unmount_tyres,
    id_name="set_id",
    fields=lambda desk: (
        *_day_and_meter(desk),
        Field(name="storage_place", label=desk.visit.language.text("Where it is stored")),
        _jump(desk),
    ),
    starts_with=lambda desk: {**_today(desk), "storage_place": desk.record.storage_place},
    said="Taken off.",
    lands=_place,
)


def _tread_fields(desk: Desk) -> tuple[Field, ...]:
    visit, _ = desk.visit, desk.visit.language.text
    depths = [
        Field(
            name=f"depth.{tyre.number}",
            label=_word(visit, tyre.position),
            kind=Kind.DECIMAL,
            unit_said="mm",
            beside=place % 2 == 1,
        )
        for place, tyre in enumerate(desk.record.tyres)
    ]
    news = tuple(Choice(str(tyre.number), _word(visit, tyre.position)) for tyre in desk.record.tyres)
    return (
        Field(name="on", label=_("Day"), kind=Kind.DAY, is_required=True),
        *depths,
        Field(name="new_tyres", label=_("New since the last time"), kind=Kind.TICKS, choices=news),
        Field(name="accept_growth", label=_("The numbers are right, although tread has grown"), kind=Kind.CHECK),
    )


def _depths(_visit: Visit, tyre_set: TyreSet, values: dict[str, Any]) -> dict[str, Any]:
    found = []
    for tyre in tyre_set.tyres:
        if (depth := values.pop(f"depth.{tyre.number}", None)) is not None:
            found.append(TreadDepth(number=tyre.number, depth_mm=depth))
    new_tyres = tuple(int(number) for number in values.get("new_tyres", ()))
    return {**values, "depths": tuple(found), "new_tyres": new_tyres}


TREAD = Step(
    path="/tyres/{id}/tread",
    name="Measure the tread",
    save="Save the tread",
    get=get_tyre_set,
    operation=measure_tread,
    id_name="set_id",
    fields=_tread_fields,
    starts_with=_today,
    finish=_depths,
    lands=_place,
    undo=lambda _record, answer: Undo(operation=remove_tread_check.name, values={"id": str(answer.id)}),
)


def _position_fields(desk: Desk) -> tuple[Field, ...]:
    visit = desk.visit
    positions = tuple(Choice(each.value, _word(visit, each)) for each in TyrePosition)
    return tuple(
        Field(
            name=f"position.{tyre.number}",
            label=visit.language.text("From {place} to", place=_word(visit, tyre.position)),
            kind=Kind.CHOICE,
            choices=positions,
            is_required=True,
        )
        for tyre in desk.record.tyres
    )


def _moves(_visit: Visit, tyre_set: TyreSet, values: dict[str, Any]) -> dict[str, Any]:
    moves = []
    for tyre in tyre_set.tyres:
        said = values.pop(f"position.{tyre.number}", None)
        if said is not None and TyrePosition(said) is not tyre.position:
            moves.append(TyreMove(number=tyre.number, position=TyrePosition(said)))
    return {**values, "moves": tuple(moves)}


def _positions(tyres: Sequence[Tyre]) -> dict[str, str]:
    return {f"position.{tyre.number}": tyre.position.value for tyre in tyres}


ROTATE = Step(
    path="/tyres/{id}/rotate",
    name="Rotate the tyres",
    save="Save the places",
    get=get_tyre_set,
    operation=rotate_tyres,
    fields=_position_fields,
    starts_with=lambda desk: _positions(desk.record.tyres),
    finish=_moves,
    lands=_place,
)


@frozen
class _Taken:
    """Something of a set that was entered by mistake: how it is called, and what takes it back."""

    name: str
    operation: Any
    command_type: Any

    def __call__(self, visit: Visit) -> Outcome:
        """Take it back after asking."""
        found, back = visit.id("id"), str(visit.sent.form.get("back", "/tyres"))
        back = back if back.startswith("/tyres") else "/tyres"
        if found is None:
            raise NotFound(self.name, visit.sent.names["id"])
        if not is_sure(visit):
            return ask_if_sure(visit, visit.language.text(self.name.capitalize()), back)
        return self._take(visit, found)

    def _take(self, visit: Visit, found: UUID) -> Outcome:
        try:
            answer = visit.run(self.operation, self.command_type(id=found))
        except (Rejected, Conflict) as refused:
            said = visit.language.text("Nothing was changed: {reason}", reason=str(refused))
            return Redirect(to="/tyres", message=said)
        return Redirect(to=f"/tyres/{answer.set_id}", message=visit.language.text("Deleted."))


PAGES = (
    *SETS.routes(),
    *MOUNT.routes(),
    *UNMOUNT.routes(),
    *TREAD.routes(),
    *ROTATE.routes(),
    PageRoute(method="POST", path="/tyre-fittings/{id}/delete", show=_Taken("stretch", remove_fitting, RemoveFitting)),
    PageRoute(
        method="POST",
        path="/tread-checks/{id}/delete",
        show=_Taken("measurement", remove_tread_check, RemoveTreadCheck),
    ),
)
