"""The pages of one kind of record, made from its operations: a list, a form for new ones and for changes, deletion.

An area says what may be typed and what a list shows; everything else is alike for all kinds: what was typed is kept,
faults stand at their fields, a stale change is refused with what stands now, and a deletion can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

import attrs
from attrs import field, frozen

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.paging import Page
from fleetcore.kernel.wire import bare_type
from fleetcore.operations import Operation, Query
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles

from .forms import Choice, Field, Form, Kind
from .routing import Outcome, PageRoute, Redirect, Undo, View
from .visits import Visit

__all__ = ["Column", "Records", "Words", "vehicle_field"]

ROWS = 50


@frozen(kw_only=True)
class Words:
    """What people read, in English: the names of the record, and what the empty list teaches."""

    one: str
    many: str
    add: str
    save: str
    empty: str


@frozen(kw_only=True)
class Column:
    """A column of the list: its title, and what it says of a record of a vehicle."""

    title: str
    text: Callable[[Visit, Any, Vehicle | None], object]
    is_number: bool = False


@frozen(kw_only=True)
class Desk:
    """What a form is made of: the visit, the vehicles to choose from, and the one it is about."""

    visit: Visit
    vehicles: tuple[Vehicle, ...]
    vehicle: Vehicle | None


def vehicle_field(desk: Desk, *, is_required: bool = True) -> Field:
    """Return the field that chooses the vehicle."""
    choices = tuple(Choice(str(each.id), each.name) for each in desk.vehicles)
    label = desk.visit.language.text("Vehicle")
    return Field(name="vehicle_id", label=label, kind=Kind.ID, is_required=is_required, choices=choices)


@frozen(kw_only=True)
class Records:
    """The pages of one kind of record below *path*."""

    path: str
    words: Words
    columns: tuple[Column, ...]
    fields: Callable[[Desk], tuple[Field, ...]]
    list: Query[Any, Page[Any]]
    get: Query[Any, Any]
    record: Operation[Any, Any]
    edit: Operation[Any, Any]
    delete: Operation[Any, Any]
    restore: Operation[Any, Any] | None = None
    starts_with: Callable[[Desk], Mapping[str, str]] = field(default=lambda _desk: {})
    done: Callable[[Visit, Any], str] = field(default=lambda visit, _record: visit.language.text("Saved."))
    template: str = "records/form.html"

    def routes(self) -> tuple[PageRoute, ...]:
        """Return the addresses of these pages."""
        one = f"{self.path}/{{id}}"
        return (
            PageRoute(method="GET", path=self.path, show=self.show_list),
            PageRoute(method="GET", path=f"{self.path}/new", show=self.show_new),
            PageRoute(method="POST", path=f"{self.path}/new", show=self.make),
            PageRoute(method="GET", path=one, show=self.show_one),
            PageRoute(method="POST", path=one, show=self.change),
            PageRoute(method="POST", path=f"{one}/delete", show=self.remove),
        )

    def show_list(self, visit: Visit) -> Outcome:
        """Show the records, newest first, of one vehicle or of all."""
        desk = _desk(visit)
        asked: dict[str, Any] = {"limit": ROWS}
        if desk.vehicle is not None:
            asked["vehicle_id"] = desk.vehicle.id
        if cursor := visit.sent.query.get("after"):
            asked["cursor"] = cursor
        page = visit.answer(self.list, self.list.command_type(**asked))
        named = {vehicle.id: vehicle for vehicle in desk.vehicles}
        rows = [
            (record, [column.text(visit, record, named.get(record.vehicle_id)) for column in self.columns])
            for record in page.items
        ]
        values = {"records": self, "desk": desk, "rows": rows, "page": page, "named": named}
        return View(template="records/list.html", values=values)

    def show_new(self, visit: Visit) -> Outcome:
        """Ask for a new record."""
        desk = _desk(visit)
        if not desk.vehicles:
            return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
        form = self._form(desk)
        form.texts.update(self.starts_with(desk))
        if desk.vehicle is not None:
            form.texts.setdefault("vehicle_id", str(desk.vehicle.id))
        return self._view(form, desk, None)

    def make(self, visit: Visit) -> Outcome:
        """Record what was typed."""
        desk = _desk(visit)
        form = self._form(desk)
        values = self._typed(form, desk, self.record.command_type)
        if not form.has_errors:
            try:
                record = visit.run(self.record, self.record.command_type(**values))
            except Rejected as rejected:
                form.refuse(rejected.problems)
            else:
                undo = Undo(operation=self.delete.name, values={"id": str(record.id), "version": record.version})
                return Redirect(to=self._after(record), message=self.done(visit, record), undo=undo)
        return self._view(form, desk, None, 422)

    def show_one(self, visit: Visit) -> Outcome:
        """Show a record, to be changed."""
        record = self._record(visit)
        desk = _desk(visit, getattr(record, "vehicle_id", None))
        form = self._form(desk)
        form.show(record)
        return self._view(form, desk, record)

    def change(self, visit: Visit) -> Outcome:
        """Replace what is said by what was typed; what the form does not show stays."""
        record = self._record(visit)
        desk = _desk(visit, getattr(record, "vehicle_id", None))
        form = self._form(desk)
        command_type = self.edit.command_type
        values = self._typed(form, desk, command_type)
        typed = {each.name for each in form.fields}
        kept = {
            each.name: getattr(record, each.name)
            for each in attrs.fields(command_type)
            if each.name not in typed and each.name not in values and hasattr(record, each.name)
        }
        kept["version"] = _version(visit) or record.version
        if not form.has_errors:
            try:
                after = visit.run(self.edit, command_type(**{**kept, **values, "id": record.id}))
            except Rejected as rejected:
                form.refuse(rejected.problems)
            except Conflict:
                now = self._record(visit)
                said = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
                form.general.append(said)
                return self._view(form, desk, now, 409)
            else:
                return Redirect(to=self._after(after), message=self.done(visit, after))
        return self._view(form, desk, record, 422)

    def remove(self, visit: Visit) -> Outcome:
        """Delete a record; what is offered next takes it back."""
        record = self._record(visit)
        asked = {"id": record.id, "version": _version(visit) or record.version}
        visit.run(self.delete, self.delete.command_type(**asked))
        undo = None if self.restore is None else Undo(operation=self.restore.name, values={"id": str(record.id)})
        return Redirect(to=self._after(record), message=visit.language.text("Deleted."), undo=undo)

    def _after(self, record: Any) -> str:
        vehicle_id = getattr(record, "vehicle_id", None)
        return self.path if vehicle_id is None else f"/vehicles/{vehicle_id}"

    def _record(self, visit: Visit) -> Any:
        if (record_id := visit.id("id")) is None:
            raise NotFound(self.words.one, visit.sent.names["id"])
        return visit.answer(self.get, self.get.command_type(id=record_id))

    def _form(self, desk: Desk) -> Form:
        display = desk.visit.display
        return Form(fields=self.fields(desk), display=display, scale=display.scale(desk.vehicle))

    def _typed(self, form: Form, desk: Desk, command_type: Any) -> dict[str, Any]:
        form.take(desk.visit.sent.form)
        values = form.values(desk.visit.typed(desk.vehicle))
        attrs.resolve_types(command_type)
        for each in attrs.fields(command_type):
            kind = bare_type(each.type)
            if isinstance(kind, type) and issubclass(kind, Enum) and isinstance(values.get(each.name), str):
                values[each.name] = kind(values[each.name])
        return values

    def _view(self, form: Form, desk: Desk, record: Any, status: int = 200) -> View:
        values = {"records": self, "form": form, "desk": desk, "record": record}
        return View(template=self.template, values=values, status=status)


def _desk(visit: Visit, vehicle_id: UUID | None = None) -> Desk:
    vehicles = visit.answer(list_vehicles, ListVehicles())
    named = vehicle_id or visit.id("vehicle_id") or visit.id("vehicle")
    vehicle = next((each for each in vehicles if each.id == named), None)
    if vehicle is None and len(vehicles) == 1:
        vehicle = vehicles[0]
    return Desk(visit=visit, vehicles=vehicles, vehicle=vehicle)


def _version(visit: Visit) -> int | None:
    said = str(visit.sent.form.get("_version", ""))
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else None
