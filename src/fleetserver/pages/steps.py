"""One step with a record that needs words of its own: a job is completed, a document renewed, a set of tyres mounted.

An area says which operation it is and what may be typed; keeping what was typed, faults at their fields and a stale
page are as with every form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.operations import Operation, Query

from .forms import Field, Form
from .lines import compact, gather, with_enums
from .records import Desk, desk_of, said_version
from .routing import Outcome, PageRoute, Redirect, Undo, View
from .visits import Visit

__all__ = ["Step"]


@frozen(kw_only=True)
class Step:
    """The page of *operation* on the record that *get* finds, at *path* with an ``{id}``.

    *name* and *save* are English; *lands* is where one goes on. *id_name* is what the command calls the
    record, "" where *finish* says which it is.
    """

    path: str
    name: str
    save: str
    get: Query[Any, Any]
    operation: Operation[Any, Any]
    fields: Callable[[Desk], tuple[Field, ...]]
    lands: Callable[[Any, Any], str]
    intro: str = ""
    back: str = ""  # where the record's page is, if not one step above
    said: str = "Saved."
    id_name: str = "id"
    starts_with: Callable[[Desk], Mapping[str, str]] = field(default=lambda _desk: {})
    finish: Callable[[Visit, Any, dict[str, Any]], dict[str, Any]] = field(default=lambda _v, _r, values: values)
    undo: Callable[[Any, Any], Undo | None] = field(default=lambda _record, _answer: None)
    lines: Mapping[str, type] = field(factory=dict)
    template: str = "records/step.html"

    def routes(self) -> tuple[PageRoute, ...]:
        """Return the addresses of this step."""
        return (
            PageRoute(method="GET", path=self.path, show=self.show),
            PageRoute(method="POST", path=self.path, show=self.take, body_max=256 * 1024),
        )

    def show(self, visit: Visit) -> Outcome:
        """Ask what the step needs to know."""
        desk = self._desk(visit)
        form = self._form(desk)
        form.texts.update(self.starts_with(desk))
        return self._view(form, desk)

    def take(self, visit: Visit) -> Outcome:
        """Take the step."""
        desk = self._desk(visit)
        form, kind = self._form(desk), self.operation.command_type
        form.take(visit.sent.form)
        for name in self.lines:
            compact(form, name)
        values = form.values(visit.typed(desk.vehicle))
        for name, made in self.lines.items():
            gather(values, name, made)
        values = self.finish(visit, desk.record, with_enums(values, kind))
        if self.id_name:
            values[self.id_name] = desk.record.id
        if any(each.name == "version" for each in attrs.fields(kind)):
            values["version"] = said_version(visit) or desk.record.version
        if not form.has_errors:
            try:
                answer = visit.run(self.operation, kind(**values))
            except Rejected as rejected:
                form.refuse(rejected.problems)
            except Conflict as conflict:
                form.general.append(str(conflict))
                return self._view(form, self._desk(visit), 409)
            else:
                undo = self.undo(desk.record, answer)
                said = visit.language.text(self.said)
                return Redirect(to=self.lands(desk.record, answer), message=said, undo=undo)
        return self._view(form, desk, 422)

    def _desk(self, visit: Visit) -> Desk:
        if (record_id := visit.id("id")) is None:
            raise NotFound("record", visit.sent.names["id"])
        record = visit.answer(self.get, self.get.command_type(id=record_id))
        return desk_of(visit, getattr(record, "vehicle_id", None), record)

    def _form(self, desk: Desk) -> Form:
        display = desk.visit.display
        return Form(fields=self.fields(desk), display=display, scale=display.scale(desk.vehicle))

    def _view(self, form: Form, desk: Desk, status: int = 200) -> View:
        record = desk.record
        title = str(getattr(record, "title", "") or getattr(record, "name", ""))
        back = (self.back or self.path.rpartition("/")[0]).replace("{id}", str(record.id))
        values = {"step": self, "form": form, "desk": desk, "record": record, "title": title, "back": back}
        return View(template=self.template, values=values, status=status)
