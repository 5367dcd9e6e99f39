"""The pages of one kind of record, made from its operations: a list, a form for new ones and for changes, deletion.

An area says what may be typed and what a list shows; everything else is alike for all kinds: what was typed is kept,
faults stand at their fields, a stale change is refused with what stands now, and every change can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import attrs
from attrs import field, frozen

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.operations import Operation, Query
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles

from .asking import ask_if_sure, is_sure
from .faults import told_error
from .filing import files_of
from .forms import Choice, Field, Form, Kind
from .lines import compact, gather, with_enums
from .listing import as_csv, page_of
from .routing import Outcome, PageRoute, Redirect, Undo, View
from .undoing import TAKES_BACK, undo_of_edit
from .visits import Visit

__all__ = ["Action", "Column", "Desk", "Filter", "Records", "Words", "desk_of", "said_version", "vehicle_field"]

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
    """What a form is made of: the visit, the vehicles to choose from, the one it is about, and what is changed."""

    visit: Visit
    vehicles: tuple[Vehicle, ...]
    vehicle: Vehicle | None
    record: Any = None


@frozen(kw_only=True)
class Action:
    """Something else that can be done with a record: a link, or a button where *is_post*."""

    to: str
    label: str
    icon: str = "chevron-right"
    is_post: bool = False
    is_first: bool = False


@frozen(kw_only=True)
class Filter:
    """What a list can be narrowed by: a field of the command that asks for it, and what there is to choose."""

    name: str
    label: str
    choices: Callable[[Desk], tuple[Choice, ...]]
    read: Callable[[str], Any] = str


def vehicle_field(desk: Desk, *, is_required: bool = True) -> Field:
    """Return the field that chooses the vehicle."""
    choices = tuple(Choice(str(each.id), each.name) for each in desk.vehicles)
    _ = desk.visit.language.text
    hint = "" if choices or not is_required else _("Add a vehicle first.")
    label = _("Vehicle")
    return Field(name="vehicle_id", label=label, kind=Kind.ID, is_required=is_required, choices=choices, hint=hint)


def _name_of(record: Any) -> str:
    return str(getattr(record, "title", "") or getattr(record, "name", ""))


@frozen(kw_only=True)
class Records:
    """The pages of one kind of record below *path*.

    *entity* is what files and the log call such a record. Of three fields that *follows* names together, one follows
    from the others: the first that a person left as it was gives way. *lines* are the fields that have many lines.
    """

    path: str
    words: Words
    columns: tuple[Column, ...]
    fields: Callable[[Desk], tuple[Field, ...]]
    list: Query[Any, Any]
    get: Query[Any, Any]
    record: Operation[Any, Any]
    edit: Operation[Any, Any]
    delete: Operation[Any, Any] | None = None
    restore: Operation[Any, Any] | None = None
    entity: str = ""
    title: Callable[[Visit, Any], str] = field(default=lambda _visit, record: _name_of(record))
    starts_with: Callable[[Desk], Mapping[str, str]] = field(default=lambda _desk: {})
    shows: Callable[[Form, Any], None] = field(default=lambda _form, _record: None)
    done: Callable[[Visit, Any], str] = field(default=lambda visit, _record: visit.language.text("Saved."))
    actions: Callable[[Visit, Any], Sequence[Action]] = field(default=lambda _visit, _record: ())
    more: Callable[[Visit, Any], Mapping[str, Any]] = field(default=lambda _visit, _record: {})
    filters: tuple[Filter, ...] = ()
    follows: tuple[tuple[str, ...], ...] = ()
    lines: Mapping[str, type] = field(factory=dict)
    lands: Literal["vehicle", "list", "record"] = "vehicle"
    needs_vehicle: bool = True
    usual: Callable[[Visit, tuple[Vehicle, ...]], Vehicle] | None = None  # of several, the one that a new record is of
    waits_offline: bool = False  # typed on the way, and sent when there is a connection again
    by_key: bool = False  # some of them ship with the program, and have a word instead of an id
    template: str = "records/form.html"
    list_template: str = "records/list.html"

    def routes(self) -> tuple[PageRoute, ...]:
        """Return the addresses of these pages."""
        one = f"{self.path}/{{id}}"
        found = [
            PageRoute(method="GET", path=self.path, show=self.show_list),
            PageRoute(method="GET", path=f"{self.path}/new", show=self.show_new),
            PageRoute(method="POST", path=f"{self.path}/new", show=self.make, body_max=256 * 1024),
            PageRoute(method="GET", path=one, show=self.show_one),
            PageRoute(method="POST", path=one, show=self.change, body_max=256 * 1024),
        ]
        if self.delete is not None:
            found.append(PageRoute(method="POST", path=f"{one}/delete", show=self.remove))
        if self.restore is not None:
            found.append(PageRoute(method="POST", path=f"{one}/restore", show=self.bring_back))
        return tuple(found)

    @property
    def can_search(self) -> bool:
        """Whether the list can be searched for text."""
        return "text" in self._asked

    @property
    def lead(self) -> int:
        """The column of the number that matters most, which stands beside the name on a phone; -1 for none."""
        return max([place for place, column in enumerate(self.columns) if column.is_number], default=-1)

    @property
    def is_of_vehicles(self) -> bool:
        """Whether the list can be narrowed to a vehicle."""
        return "vehicle_id" in self._asked

    @property
    def has_bin(self) -> bool:
        """Whether deleted records can be listed and brought back."""
        return self.restore is not None and "deleted" in self._asked

    @property
    def _asked(self) -> set[str]:
        return {each.name for each in attrs.fields(self.list.command_type)}

    def show_list(self, visit: Visit) -> Outcome:
        """Show the records, newest first, of one vehicle or of all."""
        desk, query = desk_of(visit), visit.sent.query
        is_bin = self.has_bin and query.get("deleted") == "1"
        asked: dict[str, Any] = {
            "limit": ROWS,
            "text": query.get("text", "")[:200],
            "cursor": query.get("after") or None,
        }
        asked["vehicle_id"] = None if desk.vehicle is None else desk.vehicle.id
        if is_bin:
            asked["deleted"] = True
        for each in self.filters:
            if (said := query.get(each.name, "")) in {choice.value for choice in each.choices(desk)} and said:
                asked[each.name] = each.read(said)
        known = {name: value for name, value in asked.items() if name in self._asked}
        if query.get("as") == "csv":
            return as_csv(self, visit, desk, known)
        page = page_of(visit.answer(self.list, self.list.command_type(**known)))
        named: dict[UUID | None, Vehicle] = {vehicle.id: vehicle for vehicle in desk.vehicles}
        rows = [
            (
                record,
                [column.text(visit, record, named.get(getattr(record, "vehicle_id", None))) for column in self.columns],
            )
            for record in page.items
        ]
        kept = {
            name: query[name] for name in ("vehicle", "text", *(one.name for one in self.filters)) if query.get(name)
        }
        values = {"records": self, "desk": desk, "rows": rows, "page": page, "named": named, "is_bin": is_bin}
        return View(
            template=self.list_template, values=values | {"kept": kept, "is_narrowed": bool(set(kept) - {"vehicle"})}
        )

    def show_new(self, visit: Visit) -> Outcome:
        """Ask for a new record."""
        desk = desk_of(visit)
        if desk.vehicle is None and desk.vehicles and self.usual is not None:
            desk = attrs.evolve(desk, vehicle=self.usual(visit, desk.vehicles))
        if self.needs_vehicle and not desk.vehicles:
            return Redirect(to="/vehicles/new", message=visit.language.text("Add a vehicle first."))
        form = self._form(desk)
        form.texts.update(self.starts_with(desk))
        if desk.vehicle is not None:
            form.texts.setdefault("vehicle_id", str(desk.vehicle.id))
        return self._view(form, desk, None)

    def make(self, visit: Visit) -> Outcome:
        """Record what was typed."""
        desk = desk_of(visit)
        form = self._form(desk)
        values = self._typed(form, desk, self.record.command_type)
        if not form.has_errors:
            try:
                answer = visit.run(self.record, self.record.command_type(**values))
            except Rejected as rejected:
                form.refuse(rejected.problems)
            except Conflict as conflict:
                form.general.append(told_error(visit.language, conflict))
            else:
                record = self._made(answer)
                return Redirect(to=self._after(record), message=self._told(visit, answer), undo=self._gone(record))
        return self._view(form, desk, None, 422)

    def show_one(self, visit: Visit) -> Outcome:
        """Show a record, to be changed."""
        desk = self._desk(visit)
        return self._view(self._shown(desk), desk, desk.record)

    def change(self, visit: Visit) -> Outcome:
        """Replace what is said by what was typed; what the form does not show stays."""
        desk = self._desk(visit)
        record, form, command_type = desk.record, self._form(desk), self.edit.command_type
        if record.id is None:
            raise NotFound(self.words.one, visit.sent.names["id"])
        values = self._typed(form, desk, command_type)
        before = self._shown(desk)
        for name in set(values) - set(self.lines):  # what was left alone keeps its last digit, however it is shown
            if form.texts.get(name, "") == before.texts.get(name, "") and getattr(record, name, None) is not None:
                values[name] = getattr(record, name)
        for name in self._given_way(form, before):
            values.pop(name, None)
        typed = {each.name.partition(".")[0] for each in form.fields} | set(self.lines)
        kept = {
            each.name: getattr(record, each.name)
            for each in attrs.fields(command_type)
            if each.name not in typed and each.name not in values and hasattr(record, each.name)
        }
        kept["version"] = said_version(visit) or record.version
        if not form.has_errors:
            try:
                answer = visit.run(self.edit, command_type(**{**kept, **values, "id": record.id}))
            except Rejected as rejected:
                form.refuse(rejected.problems)
            except Conflict:
                now = self._record(visit)
                form.compare(now, self.shows)
                said = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
                form.general.append(said)
                return self._view(form, desk, now, 409)
            else:
                after = self._made(answer)
                undo = undo_of_edit(self.edit, record, after) if self.edit.name in TAKES_BACK else None
                return Redirect(to=self._after(after), message=self._told(visit, answer), undo=undo)
        return self._view(form, desk, record, 422)

    def remove(self, visit: Visit) -> Outcome:
        """Delete a record; what is offered next takes it back. A stale page is told to look again."""
        record = self._record(visit)
        if self.delete is None or record.id is None:
            raise NotFound(self.words.one, visit.sent.names["id"])
        asked = {"id": record.id, "version": said_version(visit) or record.version}
        if self.restore is None and not is_sure(visit):
            title = self.title(visit, record) or visit.language.text(self.words.one)
            return ask_if_sure(visit, title, f"{self.path}/{record.id}", asked["version"])
        known = {each.name for each in attrs.fields(self.delete.command_type)}
        asked = {name: value for name, value in asked.items() if name in known}
        try:
            visit.run(self.delete, self.delete.command_type(**asked))
        except (Conflict, Rejected) as refused:
            desk = self._desk(visit)
            form = self._shown(desk)
            form.general.append(str(refused))
            return self._view(form, desk, desk.record, 409)
        undo = None if self.restore is None else Undo(operation=self.restore.name, values={"id": str(record.id)})
        to = self.path if self.lands == "record" else self._after(record)
        return Redirect(to=to, message=visit.language.text("Deleted."), undo=undo)

    def bring_back(self, visit: Visit) -> Outcome:
        """Bring a deleted record back from the bin."""
        if self.restore is None or (record_id := visit.id("id")) is None:
            raise NotFound(self.words.one, visit.sent.names["id"])
        record = self._made(visit.run(self.restore, self.restore.command_type(id=record_id)))
        return Redirect(to=self._after(record), message=visit.language.text("It is back."), undo=self._gone(record))

    def _gone(self, record: Any) -> Undo | None:
        """Return how a record that has just come is taken away; None where nobody may do that without being asked."""
        if self.delete is None or self.delete.name not in TAKES_BACK:
            return None
        return Undo(operation=self.delete.name, values={"id": str(record.id), "version": record.version})

    def _made(self, answer: Any) -> Any:
        """Return the record in an operation's answer, which may hold warnings beside it."""
        return getattr(answer, "document", answer)

    def _told(self, visit: Visit, answer: Any) -> str:
        """Return what is said after saving, with what one may want to look at again."""
        warnings = [warning.message for warning in getattr(answer, "warnings", ())]
        return " ".join([self.done(visit, self._made(answer)), *warnings])

    def _given_way(self, form: Form, before: Form) -> Sequence[str]:
        """Return the fields that were left as they stood, while others that they follow from were changed."""
        found: tuple[str, ...] = ()
        for names in self.follows:
            is_old = {name: form.texts.get(name, "") == before.texts.get(name, "") for name in names}
            if all(form.texts.get(name) for name in names) and not all(is_old.values()):
                found += tuple(name for name in names if is_old[name])[:1]
        return found

    def _after(self, record: Any) -> str:
        vehicle_id = getattr(record, "vehicle_id", None)
        if self.lands == "record":
            return f"{self.path}/{record.id}"
        return self.path if vehicle_id is None or self.lands == "list" else f"/vehicles/{vehicle_id}"

    def _record(self, visit: Visit) -> Any:
        if self.by_key:
            return visit.answer(self.get, self.get.command_type(key=visit.sent.names["id"][:200]))
        if (record_id := visit.id("id")) is None:
            raise NotFound(self.words.one.lower(), visit.sent.names["id"])
        return visit.answer(self.get, self.get.command_type(id=record_id))

    def _desk(self, visit: Visit) -> Desk:
        record = self._record(visit)
        return desk_of(visit, getattr(record, "vehicle_id", None), record)

    def _form(self, desk: Desk) -> Form:
        display = desk.visit.display
        return Form(fields=self.fields(desk), display=display, scale=display.scale(desk.vehicle))

    def _shown(self, desk: Desk) -> Form:
        """Return the form as the record stands."""
        form = self._form(desk)
        form.show(desk.record)
        self.shows(form, desk.record)
        return form

    def _typed(self, form: Form, desk: Desk, command_type: Any) -> dict[str, Any]:
        form.take(desk.visit.sent.form)
        for name in self.lines:
            compact(form, name)
        values = form.values(desk.visit.typed(desk.vehicle))
        for name, made in self.lines.items():
            gather(values, name, made)
        return with_enums(values, command_type)

    def _view(self, form: Form, desk: Desk, record: Any, status: int = 200) -> View:
        visit = desk.visit
        values: dict[str, Any] = {"records": self, "form": form, "desk": desk, "record": record}
        values |= {"files": None, "actions": (), "title": ""}
        if record is not None:
            back = f"{self.path}/{record.id}"
            values["files"] = files_of(visit, self.entity, record.id, back) if self.entity and record.id else None
            values["actions"] = self.actions(visit, record)
            values["title"] = self.title(visit, record)
            values |= self.more(visit, record)
        return View(template=self.template, values=values, status=status)


def desk_of(visit: Visit, vehicle_id: UUID | None = None, record: Any = None) -> Desk:
    """Return what a form is made of; of a single vehicle it is about that one."""
    vehicles = visit.answer(list_vehicles, ListVehicles())
    named = vehicle_id or visit.id("vehicle_id") or visit.id("vehicle")
    vehicle = next((each for each in vehicles if each.id == named), None)
    if vehicle is None and len(vehicles) == 1 and record is None:
        vehicle = vehicles[0]
    return Desk(visit=visit, vehicles=vehicles, vehicle=vehicle, record=record)


def said_version(visit: Visit) -> int | None:
    """Return the version of the record that the page showed."""
    said = str(visit.sent.form.get("_version", ""))
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else None
